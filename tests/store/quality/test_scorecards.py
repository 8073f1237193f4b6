"""Scorecards in both databases: drafts, versions, retiring."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from cxcall.quality.scorecard import Item, Scorecard, Section
from cxcall.store.errors import Conflict
from cxcall.store.quality import scorecards
from cxcall.store.quality.scorecards import NoSuchScorecard, NotReady

NOW = datetime(2026, 11, 23, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)


def card(title: str) -> Scorecard:
    item = Item(id="greeted", title={"en": "Greeted", "fa": "سلام"})
    return Scorecard(title={"en": title}, sections=(Section(id="s", title={"en": "S"}, items=(item,)),))


async def test_a_published_version_stays_as_it_was_when_the_draft_goes_on(engine):
    async with engine.begin() as conn:
        made = await scorecards.create(conn, card("one"), by="a", now=NOW)
        first = await scorecards.publish(conn, made.id, version=1, by="a", now=NOW)
        saved = await scorecards.save(conn, made.id, card("two"), version=2, by="b", now=LATER)
        second = await scorecards.publish(conn, made.id, version=3, by="b", now=LATER)
    assert (made.published, first.published, saved.published, second.published) == (None, 1, 1, 2)
    async with engine.connect() as conn:
        assert await scorecards.get(conn, made.id) == second
        assert await scorecards.published(conn, made.id, 1) == card("one")
        assert await scorecards.published(conn, made.id, 2) == card("two")
        assert await scorecards.published(conn, made.id, 3) is None


async def test_what_somebody_else_changed_is_not_written_over(engine):
    async with engine.begin() as conn:
        made = await scorecards.create(conn, card("one"), by="a", now=NOW)
        newer = await scorecards.save(conn, made.id, card("two"), version=1, by="b", now=NOW)
        with pytest.raises(Conflict) as refused:
            await scorecards.save(conn, made.id, card("three"), version=1, by="a", now=NOW)
        with pytest.raises(NoSuchScorecard):
            await scorecards.save(conn, "none", card("three"), version=1, by="a", now=NOW)
    assert refused.value.args == (newer,)


async def test_an_unfinished_scorecard_is_not_published(engine):
    async with engine.begin() as conn:
        made = await scorecards.create(conn, Scorecard(title={"en": "empty"}), by="a", now=NOW)
    with pytest.raises(NotReady) as refused:
        async with engine.begin() as conn:
            await scorecards.publish(conn, made.id, version=1, by="a", now=NOW)
    assert [one.misfit for one in refused.value.problems] == ["no_items"]
    async with engine.connect() as conn:
        assert await scorecards.get(conn, made.id) == made


async def test_a_scorecard_is_retired_restored_and_copied(engine):
    async with engine.begin() as conn:
        made = await scorecards.create(conn, card("one"), by="a", now=NOW)
        retired = await scorecards.retire(conn, made.id, version=1, by="a", now=LATER)
        restored = await scorecards.restore(conn, made.id, version=2, by="a", now=LATER)
        copied = await scorecards.copy(conn, made.id, by="b", now=LATER + timedelta(hours=1))
        assert [one.id for one in await scorecards.everything(conn)] == [copied.id, made.id]
    assert (retired.retired_at, restored.retired_at) == (LATER, None)
    assert (copied.draft, copied.published, copied.updated_by) == (card("one"), None, "b")
