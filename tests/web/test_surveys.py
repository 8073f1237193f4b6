"""/admin/surveys: building by plain forms, publishing, versions, rules, when queues ask, who is never asked."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from cxcall.bus import CommandRefused
from cxcall.settings import Data, Prompts, Settings, Site
from cxcall.store import prompts, survey_askings, survey_opt_outs, surveys
from cxcall.store.prompt_files import make_and_keep
from cxcall.store.surveys import Survey
from cxcall.surveys.closing import AddTag, MakeTask
from cxcall.surveys.problems import ERRORS, WARNINGS
from cxcall.surveys.script import Question, Say, Script, Thank
from cxcall.surveys.template import PROMPTS, default_script
from cxcall.web.access import Role
from cxcall.web.keys import SETTINGS
from cxcall.web.words import catalogue
from tests.support import speech
from tests.support.sounds import tone, wav
from tests.support.webapp import Browser, World, start_world

PATH = "/admin/surveys"


@pytest.fixture
async def world(tmp_path: Path, template: Path) -> AsyncIterator[World]:
    settings = Settings(
        site=Site(timezone="Asia/Tehran"), data=Data(dir=str(tmp_path)), prompts=Prompts(espeak=speech.espeak())
    )
    world = await start_world(tmp_path, template, settings=settings)
    yield world
    await world.close()


async def stored(world: World, path: str) -> Survey:
    async with world.engine.connect() as conn:
        survey = await surveys.get(conn, path.rpartition("/")[2])
    assert survey is not None
    return survey


async def made(browser: Browser, name: str = "After a call", begin: str = "empty") -> str:
    answer = await browser.post(PATH, {"name": name, "begin": begin})
    assert answer.status == 303, answer.text
    return answer.headers["Location"].partition("?")[0]


async def act(world: World, browser: Browser, path: str, do: str, part: str = "", **fields: str) -> int:
    """Send a card's form as it stands now, with `fields` changed."""
    survey = await stored(world, path)
    form = {"do": do, "part": part, "version": str(survey.version), **fields}
    return (await browser.post(f"{path}/draft", form)).status


QUESTION = {"kind": "scale", "measure": "csat", "seconds": "6", "pause": "2.5", "retries": "2"}


async def prompt(world: World, *languages: str, name: str = "Thanks") -> str:
    async with world.engine.begin() as conn:
        one = await prompts.create(conn, name=name, texts={"fa": "سپاس", "en": "Thank you"})
    for language in languages:
        sound = await make_and_keep(world.app[SETTINGS], wav(tone(300, 1.0)))
        async with world.engine.begin() as conn:
            await prompts.set_variant(conn, one.id, language, sound, source="upload", by="leila")
    return one.id


async def test_an_empty_list_offers_the_first_survey(admin: Browser) -> None:
    page = await admin.get(PATH)
    assert "No surveys yet." in page.text


async def test_only_administrators_open_the_builder(world: World, admin: Browser, supervisor: Browser) -> None:
    path = await made(admin)
    for address in (PATH, path, f"{path}/rules", f"{PATH}/asking", f"{PATH}/opt-outs", f"{path}/publish"):
        assert (await supervisor.get(address)).status == 403
    assert (await supervisor.post(f"{path}/draft", {"do": "insert:say"})).status == 403
    assert (await stored(world, path)).draft.parts == ()


async def test_the_ready_survey_plays_prompts_of_its_names_and_has_those_made_that_are_missing(
    world: World, admin: Browser
) -> None:
    mine = await prompt(world, "fa", "en", name="survey.csat")
    path = await made(admin, begin="template")
    script = (await stored(world, path)).draft
    assert [part.id for part in script.parts] == [part.id for part in default_script().parts]
    assert mine in script.prompts()
    async with world.engine.connect() as conn:
        heard = {one.name: one for one in await prompts.everything(conn)}
    assert set(heard) == set(PROMPTS)
    assert [name for name, one in heard.items() if one.missing()] == []
    assert "No problems" in (await admin.get(path)).text
    assert "Satisfaction with the call" in (await admin.get(path)).text


async def test_a_name_that_is_taken_or_empty_is_said_and_kept_as_typed(admin: Browser) -> None:
    await made(admin, "Billing")
    taken = await admin.post(PATH, {"name": "billing", "begin": "template"})
    assert (taken.status, 'value="billing"' in taken.text) == (409, True)
    assert (await admin.post(PATH, {"name": " ", "begin": "empty"})).status == 422


async def test_cards_are_added_changed_moved_copied_and_deleted_by_plain_forms(world: World, admin: Browser) -> None:
    path = await made(admin)
    assert await act(world, admin, path, "insert:say") == 303
    assert await act(world, admin, path, "insert:scale", after="say") == 303
    assert await act(world, admin, path, "insert:thank") == 303
    card = {**QUESTION, "title.en": "How was it?", "keys.0.key": "۱", "keys.0.value": "1", "keys.0.label.fa": "بد"}
    assert await act(world, admin, path, "save", "scale", **card) == 303
    question = (await stored(world, path)).draft.part("scale")
    assert isinstance(question, Question)
    assert (question.title, question.keys[0].key, question.keys[0].label) == ({"en": "How was it?"}, "1", {"fa": "بد"})
    assert await act(world, admin, path, "add-key", "scale", **card) == 303
    assert await act(world, admin, path, "up", "scale", **card) == 303
    assert await act(world, admin, path, "duplicate", "say") == 303
    assert [part.id for part in (await stored(world, path)).draft.parts] == ["scale", "say", "say_2", "thank"]
    assert await act(world, admin, path, "remove", "say_2") == 303
    undone = await admin.post(f"{path}/undo", {}, follow=True)
    assert "Taken back." in undone.text
    assert [part.id for part in (await stored(world, path)).draft.parts] == ["scale", "say", "say_2", "thank"]
    await admin.post(f"{path}/undo", {})
    assert (await stored(world, path)).draft.part("say_2") is None


async def test_what_can_not_be_read_is_said_beside_its_field_and_stays_as_typed(world: World, admin: Browser) -> None:
    path = await made(admin)
    await act(world, admin, path, "insert:scale")
    before = await stored(world, path)
    form = {
        "do": "save",
        "part": "scale",
        "version": str(before.version),
        **QUESTION,
        "seconds": "soon",
        "title.en": "Hi",
    }
    answer = await admin.post(f"{path}/draft", form)
    assert answer.status == 422
    assert 'value="soon"' in answer.text
    assert 'value="Hi"' in answer.text
    assert "Write a number." in answer.text
    assert await stored(world, path) == before


async def test_a_draft_that_somebody_else_changed_is_not_overwritten_unseen(world: World, admin: Browser) -> None:
    path = await made(admin)
    await act(world, admin, path, "insert:scale")
    mine = (await stored(world, path)).version
    await act(world, admin, path, "insert:thank")
    form = {"do": "save", "part": "scale", "version": str(mine), **QUESTION, "title.en": "My words"}
    answer = await admin.post(f"{path}/draft", form)
    assert answer.status == 409
    assert "Somebody else changed this survey meanwhile." in answer.text
    assert 'value="My words"' in answer.text
    question = (await stored(world, path)).draft.part("scale")
    assert isinstance(question, Question)
    assert question.title == {}
    now = str((await stored(world, path)).version)
    assert (await admin.post(f"{path}/draft", {**form, "version": now})).status == 303


async def test_scripts_get_the_flow_alone_and_an_autosave_makes_no_entry_in_the_audit(admin: Browser) -> None:
    path = await made(admin)
    form = {"do": "insert:say", "version": "1"}
    part = await admin.post(f"{path}/draft", form, x_fragment="1", x_autosave="1")
    assert part.status == 200
    assert "<html" not in part.text
    assert 'id="part-say"' in part.text


async def test_the_survey_itself_has_a_name_a_goal_and_languages(world: World, admin: Browser) -> None:
    path = await made(admin)
    form = {"do": "save", "version": "1", "name": "Short one", "goal_nps": "۴۰", "languages.en": "1", "first": "en",
            "opt_out_key": "8", "opt_out_prompt": ""}  # fmt: skip
    assert (await admin.post(f"{path}/survey", form)).status == 303
    survey = await stored(world, path)
    assert (survey.name, survey.goal_nps, survey.draft.languages, survey.draft.opt_out_key) == (
        "Short one", 40.0, ("en",), "8",
    )  # fmt: skip
    wrong = await admin.post(f"{path}/survey", {**form, "version": "2", "goal_nps": "400", "name": "Kept"})
    assert (wrong.status, 'value="Kept"' in wrong.text) == (422, True)


async def test_problems_stand_in_their_cards_and_lead_to_the_prompt_that_lacks_a_language(
    world: World, admin: Browser
) -> None:
    path, only_fa = await made(admin), await prompt(world, "fa")
    await act(world, admin, path, "insert:thank")
    await act(world, admin, path, "save", "thank", prompt=only_fa)
    page = (await admin.get(path)).text
    assert "This prompt has no recording in English: callers would hear silence." in page
    assert f'href="/admin/prompts/{only_fa}"' in page
    assert "Nothing is asked in this survey." in page


def test_every_problem_of_a_script_is_translated() -> None:
    words = catalogue("fa")
    assert [text for text in (*ERRORS.values(), *WARNINGS.values()) if (None, text) not in words] == []


async def test_a_prompt_is_made_in_its_card_from_text(world: World, admin: Browser) -> None:
    path = await made(admin)
    await act(world, admin, path, "insert:thank")
    texts = {"make.fa": "سپاسگزاریم.", "make.en": "Thank you."}
    assert await act(world, admin, path, "make:prompt", "thank", **texts) == 303
    part = (await stored(world, path)).draft.part("thank")
    assert isinstance(part, Thank)
    async with world.engine.connect() as conn:
        spoken = await prompts.get(conn, part.prompt)
    assert spoken is not None
    assert (spoken.missing(), spoken.texts["en"]) == ((), "Thank you.")
    empty = await act(world, admin, path, "make:prompt", "thank", prompt=part.prompt)
    assert empty == 422


async def test_a_survey_with_an_error_is_not_published_and_a_good_one_says_what_changes(
    world: World, admin: Browser
) -> None:
    path, heard = await made(admin), await prompt(world, "fa", "en")
    await act(world, admin, path, "insert:yes_no")
    page = await admin.get(f"{path}/publish")
    assert "It can’t be published yet" in page.text
    assert (await admin.post(f"{path}/publish", {"version": "2"})).status == 422
    keys = {"keys.0.key": "1", "keys.1.key": "2"}
    await act(
        world, admin, path, "save", "yes_no", **{**QUESTION, "kind": "yes_no", "measure": ""}, **keys, prompt=heard
    )
    await act(world, admin, path, "insert:thank")
    await act(world, admin, path, "save", "thank", prompt=heard)
    version = str((await stored(world, path)).version)
    assert (await admin.post(f"{path}/publish", {"version": "1"})).status == 409
    done = await admin.post(f"{path}/publish", {"version": version}, follow=True)
    assert "Published, version 1" in done.text
    await act(world, admin, path, "insert:say")
    page = await admin.get(f"{path}/publish")
    assert "What changes for callers" in page.text
    assert "Added" in page.text
    listed = (await admin.get(PATH)).text
    assert "Changes not published" in listed
    assert "Version 1" in (await admin.get(f"{path}/versions")).text
    assert "Yes or no" in (await admin.get(f"{path}/versions/1")).text
    assert (await admin.get(f"{path}/versions/9")).status == 404
    await admin.post(f"{path}/versions/1/restore", {})
    assert [part.id for part in (await stored(world, path)).draft.parts] == ["yes_no", "thank"]


async def test_the_archive_takes_a_survey_and_gives_it_back_and_a_copy_has_its_own_name(
    world: World, admin: Browser
) -> None:
    path = await made(admin)
    away = await admin.post(f"{path}/archive", {}, follow=True)
    assert "The survey was archived." in away.text
    assert "After a call" in (await admin.get(f"{PATH}?archived=1")).text
    await admin.post(f"{path}/restore", {})
    assert (await stored(world, path)).state == "active"
    copy = (await admin.post(f"{path}/duplicate", {})).headers["Location"].partition("?")[0]
    assert (await stored(world, copy)).name == "After a call 2"


async def test_the_phone_follows_the_true_dialogue_key_by_key(world: World, admin: Browser) -> None:
    heard = {name: await prompt(world, "fa", "en", name=name) for name in PROMPTS}
    path = await made(admin, begin="template")
    begun = (await admin.get(f"{path}/phone?said=&key=&language=en")).text
    assert "/prompts/" in begun
    asked = (await admin.get(f"{path}/phone?said=t&key=&language=en")).text
    assert "Satisfaction with the call" in asked
    worse = (await admin.get(f"{path}/phone?said=t&key=1&language=en")).text
    assert "Very dissatisfied" in worse
    typing = (await admin.get(f"{path}/phone?said=t11&key=&language=fa")).text
    assert ">1</p>" in typing
    over = (await admin.get(f"{path}?said=t110r1&language=en")).text
    assert "The caller is sent on: a call-back that somebody owes them." in over
    assert "The caller hung up." in (await admin.get(f"{path}/phone?said=t&key=h")).text
    assert "never asked again" in (await admin.get(f"{path}/phone?said=t&key=9")).text
    assert heard


async def test_a_phone_with_nonsense_in_its_address_is_still_a_phone(admin: Browser) -> None:
    path = await made(admin)
    for query in ("said=%00zz&key=%E2%82%AC", "said=" + "1" * 5000, "said=&language=xx&queue=" + "q" * 999):
        assert (await admin.get(f"{path}/phone?{query}")).status == 200


async def test_a_test_call_rings_the_own_phone_and_says_in_words_why_it_does_not(world: World, admin: Browser) -> None:
    path = await made(admin)
    none = await admin.post(f"{path}/call", {"extension": "1001"})
    assert (none.status, "Test calls do not run here" in none.text) == (503, True)
    assert (await admin.post(f"{path}/call", {"extension": ""})).status == 422
    asked: list[Any] = []

    async def ring(said: Any) -> Any:
        asked.append(said)
        return {"token": "abc"}

    async def state(said: Any) -> Any:
        if said["token"] != "abc":
            raise CommandRefused("This call is over for a while.")
        return {"state": "ringing", "part": "", "given": [], "end": "", "error": ""}

    world.commands.serve("survey:test", ring)
    world.commands.serve("survey:test-state", state)
    page = await admin.post(f"{path}/call", {"extension": "۱۰۰۱", "language": "fa"}, follow=True)
    assert "Your phone rings." in page.text
    assert (asked[0]["extension"], asked[0]["script"], asked[0]["language"]) == ("1001", Script(), "fa")
    gone = await admin.get(f"{path}/call?token=other")
    assert (gone.status, "This call is over for a while." in gone.text) == (404, True)


async def test_rules_are_written_as_a_form_and_say_what_they_lack(world: World, admin: Browser) -> None:
    path = await made(admin, begin="template")
    version = str((await stored(world, path)).version)
    added = await admin.post(f"{path}/rules", {"do": "add", "version": version})
    assert 'name="rules.0.when.0.of"' in added.text
    rule = {
        "rules.0.id": "r1", "rules.0.name": "Bad", "rules.0.enabled": "1", "rules.0.when.0.of": "score:nps",
        "rules.0.when.0.at_most": "۶", "rules.0.then.0.do": "call_back", "rules.0.then.0.owner": "supervisor",
        "rules.0.then.0.due_minutes": "30", "rules.0.then.1.do": "tag", "rules.0.then.1.text": "unhappy",
    }  # fmt: skip
    more = await admin.post(f"{path}/rules", {**rule, "do": "add-when:0", "version": version})
    assert 'name="rules.0.when.1.of"' in more.text
    lacking = await admin.post(f"{path}/rules", {**rule, "rules.0.then.1.text": "", "do": "save", "version": version})
    assert (lacking.status, "Write the tag." in lacking.text, 'value="Bad"' in lacking.text) == (422, True, True)
    assert (await admin.post(f"{path}/rules", {**rule, "do": "save", "version": version})).status == 303
    kept = (await stored(world, path)).rules[0]
    assert kept.then == (MakeTask(due_minutes=30), AddTag(tag="unhappy"))
    assert kept.when[0].at_most == 6.0
    assert (await admin.post(f"{path}/rules", {**rule, "do": "save", "version": version})).status == 409
    shown = (await admin.get(f"{path}/rules")).text
    assert 'value="unhappy"' in shown


async def test_a_queue_asks_by_its_own_rules_until_it_is_taken_out(world: World, admin: Browser) -> None:
    path = await made(admin)
    survey_id = path.rpartition("/")[2]
    form = {
        "do": "save", "version": "0", "server": "", "queue": "billing", "survey_id": survey_id, "enabled": "1",
        "share": "۵۰", "min_talk": "20", "quiet_days": "30", "speak_agent": "name", "limited": "1", "hours.day5": "1",
        "hours.since": "9:00", "hours.until": "17:30", "later": "1", "later.to": "both", "later.after_minutes": "60",
        "later.tries": "3", "later.hours.day0": "1", "later.hours.since": "10", "later.hours.until": "20:00",
    }  # fmt: skip
    assert (await admin.post(f"{PATH}/asking", form)).status == 303
    async with world.engine.connect() as conn:
        kept = await survey_askings.of(conn, "", "billing")
    assert kept is not None
    asking = kept.asking
    assert (asking.share, asking.speak_agent, asking.hours[0].days, asking.hours[0].until) == (50.0, "name", (5,), 1050)
    assert asking.later is not None
    assert (asking.later.tries, asking.later.hours[0].since) == (3, 600)
    listed = (await admin.get(PATH)).text
    assert "billing" in listed
    wrong = await admin.post(f"{PATH}/asking", {**form, "version": "1", "share": "200", "hours.since": "late"})
    assert (wrong.status, 'value="200"' in wrong.text, 'value="late"' in wrong.text) == (422, True, True)
    assert "Write a number from 0 to 100." in wrong.text
    assert (await admin.post(f"{PATH}/asking", form)).status == 409
    await admin.post(f"{PATH}/asking", {"do": "remove", "queue": "billing", "server": ""})
    async with world.engine.connect() as conn:
        assert await survey_askings.everything(conn) == []


async def test_a_number_is_never_asked_until_it_is_let_go(world: World, admin: Browser) -> None:
    wrong = await admin.post(f"{PATH}/opt-outs", {"add": "nobody"})
    assert (wrong.status, 'value="nobody"' in wrong.text) == (422, True)
    assert (await admin.post(f"{PATH}/opt-outs", {"add": "۰۹۱۲ ۳۴۵ ۶۷۸۹"})).status == 303
    assert "By leila" in (await admin.get(f"{PATH}/opt-outs")).text
    async with world.engine.connect() as conn:
        assert await survey_opt_outs.holds(conn, "+989123456789")
    await admin.post(f"{PATH}/opt-outs", {"remove": "+989123456789"})
    async with world.engine.connect() as conn:
        assert not await survey_opt_outs.holds(conn, "+989123456789")


async def test_an_unknown_survey_and_an_unknown_act_do_no_harm(world: World, admin: Browser) -> None:
    assert (await admin.get(f"{PATH}/0123abcd")).status == 404
    path = await made(admin)
    await act(world, admin, path, "insert:say")
    before = (await stored(world, path)).draft
    assert await act(world, admin, path, "explode", "say") == 303
    assert await act(world, admin, path, "drop-key:99", "unknown") == 303
    assert (await stored(world, path)).draft == before == Script(parts=(Say(id="say"),))


async def test_pages_speak_persian(world: World, admin: Browser) -> None:
    path = await made(admin, begin="template")
    await world.prefer(Role.ADMIN, language="fa")
    for address in (PATH, path, f"{path}/rules", f"{path}/publish", f"{PATH}/asking", f"{PATH}/opt-outs"):
        assert 'lang="fa"' in (await admin.get(address)).text
