"""Days that are kept say what their rows say, and are forgotten when one of those changes."""

from __future__ import annotations

import asyncio
import random
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from unittest import mock
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Executable, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from cxcall.reports.definition import Narrowing, Row
from cxcall.reports.period import span_of
from cxcall.store import calls as call_store
from cxcall.store import speech_seed
from cxcall.store.category_tables import category_calls
from cxcall.store.reporting import kept, kept_families
from cxcall.store.reporting.ask import Ask
from cxcall.store.reporting.kept_reading import BRIEF, parts_of
from cxcall.store.reporting.kept_tables import kept_slots
from cxcall.store.reporting.reading import FAMILIES
from cxcall.store.reporting.slots import DAY as DAYS
from cxcall.store.reporting.slots import SIXTEEN
from cxcall.store.speech_seed import PastTalk
from cxcall.store.speech_tables import transcripts
from cxcall.store.survey_tables import survey_answers, survey_responses
from cxcall.store.tables import calls, customers
from cxcall.store.turns import NewTurn
from tests.store.make import MORNING, queue_call, write
from tests.store.speech_make import hit, talk, turn
from tests.store.survey_make import answered, published
from tests.store.test_heard_reports import some_answers, some_talks

TEHRAN = ZoneInfo("Asia/Tehran")
FIRST = MORNING.date()
SPAN = span_of(FIRST - timedelta(days=2), FIRST + timedelta(days=30), TEHRAN)
SOON, LATER = MORNING + timedelta(days=6), MORNING + timedelta(days=42)
BYS: dict[str, tuple[tuple[Row, ...], ...]] = {
    "answers": ((), ("queue",), ("agent",), ("survey",), ("day",), ("weekday",), ("interval",), ("queue", "month")),
    "speech": ((), ("queue",), ("agent",), ("category",), ("day",), ("week",), ("hour_of_day",), ("category", "queue")),
    "resolution": ((), ("queue",), ("agent",), ("day",), ("month",), ("interval",), ("queue", "week"), ("segment",)),
    "customers": (
        (),
        ("queue",),
        ("day",),
        ("week",),
        ("month",),
        ("queue", "month"),
        ("day", "queue"),
        ("weekday",),
        ("agent",),
        ("segment",),
    ),
}


def ask(*by: Row, zone: ZoneInfo = TEHRAN, **only: Any) -> Ask:
    span = SPAN
    if "interval" in by:
        span = span_of(FIRST, FIRST + timedelta(days=3), zone)
    return Ask(span=span, by=by, narrowing=Narrowing(**only), zone=zone, calendar="jalali")


async def told(conn: AsyncConnection, family: str) -> dict[Any, dict[str, float]]:
    """Everything a family tells, however it is asked."""
    found: dict[Any, dict[str, float]] = {}
    narrowed: list[tuple[tuple[Row, ...], dict[str, Any]]] = [
        (("queue",), {"queues": ("queue 1",)}), (("agent",), {"weekdays": (0, 2)}), (("queue",), {"hours": (9, 10)}),
    ]  # fmt: skip
    for by, only in [*((by, {}) for by in BYS[family]), *narrowed]:
        for keys, tally in (await FAMILIES[family](conn, ask(*by, **only))).items():
            sums = {name: amount for name, amount in tally.sums.items() if abs(amount) > 1e-9}
            if sums:
                found[by, str(only), tuple(key.value for key in keys)] = sums
    return found


def equal(one: dict[Any, dict[str, float]], other: dict[Any, dict[str, float]]) -> None:
    assert one.keys() == other.keys()
    for key, sums in one.items():
        assert sums == pytest.approx(other[key]), key


async def filled(engine: AsyncEngine) -> None:
    async with engine.begin() as conn:
        await some_answers(conn, (await published(conn)).id)
        await some_talks(conn)
        await some_contacts(conn)


async def some_contacts(conn: AsyncConnection) -> None:
    """A month of ten customers, some of whom come back on the same day, some at the same moment, some in weeks."""
    chance = random.Random(5)
    said = [NewTurn(turn=turn(1, "hello"))]
    for n in range(500, 580):
        at = chance.choice((chance.randrange(30) * 86_400, chance.randrange(30 * 86_400)))
        record = queue_call(n, at=float(at), number=f"0912000000{chance.choice('0001123456789')}")
        await call_store.apply(conn, [write(record)], region="IR")
        its = {"queue": chance.choice(("queue 1", "queue 2")), "agent": chance.choice(("Sara", "Neda"))}
        its["outcome"] = chance.choice(("answered", "answered", "abandoned"))
        await conn.execute(update(calls).where(calls.c.id == record.id).values(its))
        if n % 3 == 0:
            about = talk(n, state="done", subject=record.id, call_id=record.id)
            hits = [hit(chance.choice(("refund", "delivery")), 1, "hello")]
            await speech_seed.write(conn, [PastTalk(new=about, turns=said, hits=hits)])


async def keep(engine: AsyncEngine, now: datetime = SOON, zone: ZoneInfo = TEHRAN, only: str = "") -> int:
    """Keep what is over, of one family where only that is looked at."""
    families = [family for family in kept_families.FAMILIES if only in ("", family.name)]
    with mock.patch.object(kept, "FAMILIES", families):
        return await kept.keep(engine, zone, now=now, settle_s=0, pause_s=0)


@pytest.mark.parametrize("family", list(BYS))
async def test_kept_days_say_what_their_rows_say(engine: AsyncEngine, family: str) -> None:
    await filled(engine)
    async with engine.connect() as conn:
        rows = await told(conn, family)
        assert rows
        assert not (await parts_of(conn, family, ask("queue"))).kept
    assert await keep(engine, LATER, only=family)
    async with engine.connect() as conn:
        parts = await parts_of(conn, family, ask("queue"))
        assert {run.grain % BRIEF for run in parts.kept} == {DAYS, SIXTEEN}
        by_agent = await parts_of(conn, family, ask("agent"))
        assert {run.grain for run in by_agent.kept} == {DAYS, SIXTEEN}
        assert (by_agent.kept == parts.kept) == (family == "customers"), "fewer rows are read where no agent is asked"
        assert len(parts.rest) == 1, "only the days before the first of them are read from rows"
        assert not (await parts_of(conn, family, ask("interval"))).kept, "quarters are not kept"
        equal(await told(conn, family), rows)
    assert await keep(engine, LATER, only=family) == 0, "all of them are kept by now"


async def test_today_is_never_kept(engine: AsyncEngine) -> None:
    await filled(engine)
    now = MORNING + timedelta(days=1)
    await keep(engine, now)
    async with engine.connect() as conn:
        days = (await conn.scalars(select(kept_slots.c.slot).where(kept_slots.c.grain == DAYS))).all()
    assert max(days) == now.astimezone(TEHRAN).toordinal() - 1


CHANGES: dict[str, Any] = {
    "an answer is corrected": update(survey_answers).values(value=1),
    "an answer is deleted": delete(survey_answers).where(survey_answers.c.n == 0),
    "a response is deleted": delete(survey_responses).where(survey_responses.c.queue == "queue 1"),
    "a response is given to another agent": update(survey_responses).values(agent_name="Neda"),
    "a talk is deleted": delete(transcripts).where(transcripts.c.queue == "queue 1"),
    "a mood is corrected": update(transcripts).values(sentiment=0.5),
    "a category is removed": delete(category_calls),
    "a talk began at another time": update(transcripts).values(began_at=MORNING + timedelta(days=9)),
}
OF_CONTACTS: dict[str, Any] = {
    "another customer": update(calls).where(calls.c.agent == "Sara").values(
        customer_id=select(func.min(customers.c.id)).scalar_subquery()
    ),
    "no customer any more": update(calls).where(calls.c.queue == "queue 1").values(customer_id=None),
    "deleted": delete(calls).where(calls.c.queue == "queue 2"),
    "another queue": update(calls).where(calls.c.agent == "Neda").values(queue="queue 3"),
    "another outcome": update(calls).where(calls.c.queue == "queue 1").values(outcome="answered"),
    "another direction": update(calls).where(calls.c.agent == "Sara").values(direction="outbound"),
    "another time": update(calls).where(calls.c.queue == "queue 2").values(started_at=MORNING + timedelta(days=11)),
}  # fmt: skip
ABOUT: dict[str, Any] = {
    "a topic is removed": delete(category_calls),
    "a topic is another": update(category_calls).values(category_id="refund"),
    "what was said is deleted": delete(transcripts),
}
"""Only whether customers came back hangs on what calls were about."""


@pytest.mark.parametrize("change", list(CHANGES))
async def test_whatever_changes_is_in_the_next_figure(engine: AsyncEngine, change: str) -> None:
    family = "speech" if "talk" in change or "mood" in change or "category" in change else "answers"
    await filled(engine)
    await changed(engine, family, CHANGES[change], SOON)


@pytest.mark.parametrize("family", ["resolution", "customers"])
@pytest.mark.parametrize("change", list(OF_CONTACTS))
async def test_whatever_changes_of_a_contact_is_in_the_next_figure(
    engine: AsyncEngine, family: str, change: str
) -> None:
    if (family, change) == ("customers", "another outcome"):
        return  # counts no customer more or less
    await filled(engine)
    await changed(engine, family, OF_CONTACTS[change], LATER)


@pytest.mark.parametrize("change", list(ABOUT))
async def test_whatever_changes_of_what_a_contact_was_about_is_in_the_next_figure(
    engine: AsyncEngine, change: str
) -> None:
    await filled(engine)
    await changed(engine, "resolution", ABOUT[change], LATER)


async def changed(engine: AsyncEngine, family: str, change: Executable, now: datetime) -> None:
    """What is told after a change is what rows say, before its days are kept again and after."""
    await keep(engine, now, only=family)
    async with engine.connect() as conn:
        assert (await parts_of(conn, family, ask("queue"))).kept
        before = await told(conn, family)
    async with engine.begin() as conn:
        await conn.execute(change)
    async with engine.connect() as conn:
        after = await told(conn, family)
    assert after != before, "the change is one that shows"
    async with engine.begin() as conn:
        await conn.execute(delete(kept_slots))
        from_rows = await told(conn, family)
    equal(after, from_rows)
    await keep(engine, now, only=family)
    async with engine.connect() as conn:
        equal(await told(conn, family), from_rows)


async def test_a_call_that_comes_late_changes_the_days_it_tells_of(engine: AsyncEngine) -> None:
    """A recovered call is the one before a later one of its customer, and the reason why an earlier one was none."""
    await filled(engine)
    async with engine.begin() as conn:
        await call_store.apply(conn, [write(queue_call(700, number="09127777777"))], region="IR")
        await call_store.apply(conn, [write(queue_call(701, at=29 * 86_400.0, number="09127777777"))], region="IR")
    await keep(engine, LATER)
    async with engine.connect() as conn:
        before = {family: await told(conn, family) for family in ("resolution", "customers")}
    async with engine.begin() as conn:
        await call_store.apply(conn, [write(queue_call(702, at=5 * 86_400.0, number="09127777777"))], region="IR")
    async with engine.connect() as conn:
        left = (await conn.scalars(select(kept_slots.c.slot).where(kept_slots.c.grain == DAYS))).all()
        after = {family: await told(conn, family) for family in before}
    assert all(after[family] != before[family] for family in before)
    assert len(left) > 30, "few days are counted again"
    async with engine.begin() as conn:
        await conn.execute(delete(kept_slots))
        for family, found in after.items():
            equal(found, await told(conn, family))


async def test_a_call_that_has_just_ended_forgets_no_day(engine: AsyncEngine) -> None:
    await filled(engine)
    now = MORNING + timedelta(days=20)
    await keep(engine, now)
    async with engine.connect() as conn:
        before = (await conn.execute(select(kept_slots))).all()
    assert {row.family for row in before} == {"answers", "speech", "resolution", "customers"}
    async with engine.begin() as conn:
        late = queue_call(710, at=20 * 86_400.0, number="09120000000")
        await call_store.apply(conn, [write(late)], region="IR")
        assert (await conn.execute(select(kept_slots))).all() == before


async def test_answers_that_come_late_are_in_too(engine: AsyncEngine) -> None:
    await filled(engine)
    await keep(engine)
    async with engine.begin() as conn:
        survey = await published(conn, "Another")
        before = (await FAMILIES["answers"](conn, ask()))[()].sums["nps_promoters"]
        await answered(conn, 777, nps=10, at=3 * 86400, survey_id=survey.id)
        assert (await FAMILIES["answers"](conn, ask()))[()].sums["nps_promoters"] == before + 1


async def test_days_of_another_zone_are_not_taken_for_those_of_this_one(engine: AsyncEngine) -> None:
    await filled(engine)
    await keep(engine)
    berlin = ZoneInfo("Europe/Berlin")
    span = span_of(FIRST, FIRST + timedelta(days=1), berlin)
    async with engine.connect() as conn:
        wanted = replace(ask("day", zone=berlin), span=span)
        assert not (await parts_of(conn, "answers", wanted)).kept
        rows = await FAMILIES["answers"](conn, wanted)
    await keep(engine, zone=berlin)
    async with engine.connect() as conn:
        assert (await parts_of(conn, "answers", wanted)).kept
        again = await FAMILIES["answers"](conn, wanted)
    assert {keys: tally.sums for keys, tally in again.items()} == {keys: tally.sums for keys, tally in rows.items()}


async def test_what_is_written_while_a_day_is_counted_is_not_lost(engine: AsyncEngine) -> None:
    """The day is named, then somebody writes, then it is counted: its name is gone, and it is not said to be done."""
    await filled(engine)
    counting = asyncio.create_task(kept.keep(engine, TEHRAN, now=SOON, settle_s=1.0, pause_s=0))
    async with asyncio.timeout(20):
        while True:
            async with engine.connect() as conn:
                if (await conn.scalars(select(kept_slots.c.slot).where(kept_slots.c.family == "answers"))).first():
                    break
            await asyncio.sleep(0.02)
    async with engine.begin() as conn:
        await conn.execute(update(survey_answers).values(value=1))
    async with asyncio.timeout(60):
        await counting
    async with engine.connect() as conn:
        found = await told(conn, "answers")
    async with engine.begin() as conn:
        await conn.execute(delete(kept_slots))
        equal(found, await told(conn, "answers"))


async def test_two_who_keep_at_once_do_not_count_a_day_twice(engine: AsyncEngine) -> None:
    await filled(engine)
    async with engine.connect() as conn:
        rows = await told(conn, "answers")
    async with asyncio.timeout(60):
        await asyncio.gather(keep(engine), keep(engine))
    async with engine.connect() as conn:
        equal(await told(conn, "answers"), rows)
