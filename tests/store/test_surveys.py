"""Surveys as they are worked on and published, and which queue asks which."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from cxcall.store import survey_askings, surveys
from cxcall.store.errors import Conflict
from cxcall.store.surveys import NoSuchSurvey, SurveyNameTaken
from cxcall.surveys.asking import Asking, Hours, Later
from cxcall.surveys.closing import MakeTask, Rule, When
from cxcall.surveys.script import Say, Script
from tests.store.make import MORNING, after
from tests.store.survey_make import NPS, SCRIPT, published

RULES = (Rule(id="r1", name="Bad", when=(When(of="score", measure="nps", at_most=6),), then=(MakeTask(),)),)


async def test_a_survey_is_kept_as_it_was_made(engine: AsyncEngine) -> None:
    async with engine.begin() as conn:
        made = await surveys.create(
            conn, name="پس از تماس", draft=SCRIPT, by="admin", now=MORNING, rules=RULES, goal_nps=40
        )
        assert await surveys.get(conn, made.id) == made
        assert (made.version, made.published, made.state) == (1, None, "active")
        assert await surveys.live(conn, made.id) is None
        assert await surveys.get(conn, "no such") is None


async def test_a_change_over_an_older_version_is_refused(engine: AsyncEngine) -> None:
    async with engine.begin() as conn:
        made = await surveys.create(conn, name="One", draft=Script(), by="admin", now=MORNING)
        saved = await surveys.save_draft(conn, made.id, SCRIPT, version=1, by="sara", now=after(5))
        assert saved == replace(made, version=2, draft=SCRIPT, updated_at=after(5), updated_by="sara")
        with pytest.raises(Conflict):
            await surveys.save_rules(conn, made.id, RULES, version=1, by="omid", now=after(6))
        with pytest.raises(NoSuchSurvey):
            await surveys.save_rules(conn, "no such", RULES, version=1, by="omid", now=after(6))
        assert (await surveys.change(conn, made.id, version=2, by="x", now=after(7), goal_nps=30)).goal_nps == 30
        assert (await surveys.change(conn, made.id, version=3, by="x", now=after(7), rules=RULES)).goal_nps == 30
        assert (await surveys.change(conn, made.id, version=4, by="x", now=after(7), goal_nps=None)).goal_nps is None


async def test_no_two_surveys_have_one_name(engine: AsyncEngine) -> None:
    async with engine.begin() as conn:
        first = await surveys.create(conn, name="One", draft=SCRIPT, by="admin", now=MORNING)
        with pytest.raises(SurveyNameTaken):
            await surveys.create(conn, name="one", draft=SCRIPT, by="admin", now=MORNING)
        second = await surveys.duplicate(conn, first.id, name="Two", by="admin", now=MORNING)
        with pytest.raises(SurveyNameTaken):
            await surveys.change(conn, second.id, version=1, by="admin", now=MORNING, name="ONE")
        assert [survey.name for survey in await surveys.everything(conn)] == ["One", "Two"]


async def test_a_published_version_never_changes(engine: AsyncEngine) -> None:
    async with engine.begin() as conn:
        survey = await published(conn)
        again = await surveys.publish(conn, survey.id, version=survey.version, by="admin", now=after(1))
        assert again == survey
        shorter = Script(parts=(NPS,))
        saved = await surveys.save_draft(conn, survey.id, shorter, version=survey.version, by="admin", now=after(2))
        assert await surveys.live(conn, survey.id) == (1, SCRIPT)
        with pytest.raises(Conflict):
            await surveys.publish(conn, survey.id, version=survey.version, by="admin", now=after(3))
        await surveys.publish(conn, survey.id, version=saved.version, by="sara", now=after(3))
        assert await surveys.live(conn, survey.id) == (2, shorter)
        assert await surveys.script_of(conn, survey.id, 1) == SCRIPT
        assert await surveys.script_of(conn, survey.id, 3) is None
        assert [(v.n, v.by, v.published_at) for v in await surveys.versions(conn, survey.id)] == [
            (2, "sara", after(3)),
            (1, "admin", MORNING),
        ]


async def test_an_archived_survey_is_not_asked_until_it_is_taken_up_again(engine: AsyncEngine) -> None:
    async with engine.begin() as conn:
        survey = await published(conn)
        gone = await surveys.archive(conn, survey.id, version=survey.version, by="admin", now=after(1))
        assert await surveys.live(conn, survey.id) is None
        assert await surveys.everything(conn) == []
        assert await surveys.everything(conn, state=None) == [gone]
        await surveys.restore(conn, survey.id, version=gone.version, by="admin", now=after(2))
        assert await surveys.live(conn, survey.id) == (1, SCRIPT)


async def test_a_prompt_is_in_use_by_what_is_worked_on_and_by_what_is_heard(engine: AsyncEngine) -> None:
    async with engine.begin() as conn:
        survey = await published(conn)
        await surveys.save_draft(
            conn, survey.id, Script(parts=(Say(id="a", prompt="prompt_new"),)), version=survey.version, by="x",
            now=after(1),
        )  # fmt: skip
        assert await surveys.used_by(conn, "prompt-nps") == ["After the call"]
        assert await surveys.used_by(conn, "prompt_new") == ["After the call"]
        assert await surveys.used_by(conn, "prompt-new") == []


async def test_a_queue_asks_as_its_server_says_else_as_every_server(engine: AsyncEngine) -> None:
    everywhere = Asking(survey_id="s1", share=50.0, hours=(Hours(days=(5, 6), since=480),), later=Later(tries=3))
    here = msgspec.structs.replace(everywhere, survey_id="s2")
    async with engine.begin() as conn:
        saved = await survey_askings.save(conn, "", "support", everywhere)
        assert await survey_askings.of(conn, "lab", "support") == saved
        own = await survey_askings.save(conn, "lab", "support", here)
        assert await survey_askings.of(conn, "lab", "support") == own
        assert await survey_askings.of(conn, "other", "support") == saved
        assert await survey_askings.of(conn, "lab", "sales") is None
        assert await survey_askings.everything(conn) == [saved, own]
        assert await survey_askings.of_survey(conn, "s2") == [own]
        assert await survey_askings.remove(conn, "lab", "support")
        assert not await survey_askings.remove(conn, "lab", "support")


async def test_rules_of_a_queue_are_not_overwritten_unseen(engine: AsyncEngine) -> None:
    async with engine.begin() as conn:
        first = await survey_askings.save(conn, "", "support", Asking())
        with pytest.raises(Conflict):
            await survey_askings.save(conn, "", "support", Asking(share=1))
        second = await survey_askings.save(conn, "", "support", Asking(share=1), version=first.version)
        with pytest.raises(Conflict):
            await survey_askings.save(conn, "", "support", Asking(share=2), version=first.version)
        assert second.version == 2
