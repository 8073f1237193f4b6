"""/quality/plans: made in a form, drawing what the page says, paused, deleted and back with what it drew."""

from __future__ import annotations

import re

import pytest
from aiohttp import FormData

from cxcall.store.quality import plans, queue, scorecards
from cxcall.store.quality.plans import Drawn, Plan
from tests.support.call_centre import OMID, SARA, CallCentre, past
from tests.support.quality_stage import publish_card
from tests.support.webapp import Browser as Person
from tests.support.webapp import World
from tests.web.reading import Browser

PATH = "/quality/plans"
SCRIPT = {"X-Fragment": "1"}


async def a_card(world: World) -> str:
    async with world.engine.begin() as conn:
        return await publish_card(conn, world.clock())


async def a_plan(world: World) -> Plan:
    card = await a_card(world)
    async with world.engine.begin() as conn:
        return await plans.create(conn, Drawn(name="Weekly", scorecard_id=card), by="omid", now=world.clock())


async def the_one(world: World) -> Plan:
    async with world.engine.connect() as conn:
        (one,) = await plans.everything(conn)
    return one


def form(card: str, **other: str) -> dict[str, str]:
    return {
        "name": "Weekly", "scorecard": card, "queues": "sales", "needs": "recording", "random": "۳", "worst_mood": "2",
        "longest": "1", "long_from": "7٫5", "low_csat": "4", "csat_to": "3", "double": "10%", **other,
    }  # fmt: skip


async def test_a_plan_is_kept_as_typed(world: World, supervisor: Person) -> None:
    assert "Plans need a published scorecard." in (await supervisor.get(PATH)).text
    card = await a_card(world)
    assert "Two calls of each agent a week" in (await supervisor.get(PATH)).text
    page = await supervisor.post(PATH + "/new", form(card), follow=True)
    for words in ("The plan is saved.", "No call of the past four weeks could be drawn from.", 'value="7.5"'):
        assert words in page.text, words
    assert (await the_one(world)).drawn == Drawn(
        name="Weekly", scorecard_id=card, queues=("sales",), needs="recording", random=3, worst_mood=2, longest=1,
        long_from=450, low_csat=4, csat_to=3, double=0.1,
    )  # fmt: skip
    assert "Weekly" in (await supervisor.get(PATH)).text


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("name", " ", "Give it a name."),
        ("scorecard", "made-up", "Choose a published scorecard."),
        ("random", "-1", "Write a whole number from 0 to 1000."),
        ("random", "1001", "Write a whole number from 0 to 1000."),
        ("long_from", "nan", "Write minutes from 0 to 1440."),
        ("csat_to", "6", "Write a number from 1 to 5."),
        ("double", "101", "Write per cent from 0 to 100."),
        ("category", "gone", "This category is gone."),
    ],
)
async def test_what_is_wrong_is_told_at_its_place_and_what_was_typed_stays(
    world: World, supervisor: Person, field: str, value: str, said: str
) -> None:
    page = await supervisor.post(PATH + "/new", form(await a_card(world), **{field: value}))
    assert page.status == 422
    assert said in page.text
    assert f'id="{field}" aria-invalid="true" aria-describedby="{field}-err" autofocus' in page.text
    assert 'name="queues" value="sales" checked' in page.text
    async with world.engine.connect() as conn:
        assert await plans.everything(conn) == []


async def test_a_plan_that_would_draw_nothing_is_refused(world: World, supervisor: Person) -> None:
    none = form(await a_card(world), random="0", worst_mood="", longest="0", low_csat="0")
    page = await supervisor.post(PATH + "/new", none)
    assert (page.status, "the plan draws no calls" in page.text) == (422, True)


async def test_of_two_who_save_the_second_is_told_and_keeps_what_was_typed(world: World, supervisor: Person) -> None:
    plan = await a_plan(world)
    one, card = f"{PATH}/{plan.id}", plan.drawn.scorecard_id
    assert (await supervisor.post(one, form(card, version="1"))).status == 303
    late = await supervisor.post(one, form(card, name="Mine", version="1"))
    assert late.status == 409
    assert "<bdi>omid</bdi> saved this while you were at it" in late.text
    assert 'value="Mine"' in late.text
    assert (await supervisor.post(one, form(card, name="Mine", version="2"))).status == 303
    assert (await the_one(world)).drawn.name == "Mine"


async def test_a_plan_is_paused_deleted_and_back_as_it_was(world: World, supervisor: Person) -> None:
    plan = await a_plan(world)
    one = f"{PATH}/{plan.id}"
    assert "The plan is paused." in (await supervisor.post(one + "/pause", {"version": "1"}, follow=True)).text
    assert "Nothing was drawn" in (await supervisor.post(one + "/draw", {"version": "2"}, follow=True)).text
    assert "The plan draws again." in (await supervisor.post(one + "/resume", {"version": "2"}, follow=True)).text
    before = await the_one(world)
    gone = await supervisor.post(one + "/remove", {"version": "3"}, follow=True)
    assert f'action="{one}/restore"' in gone.text
    assert (await supervisor.get(one)).status == 404
    assert "The plan is back." in (await supervisor.post(one + "/restore", follow=True)).text
    assert await the_one(world) == before
    assert "The plan is back." in (await supervisor.post(one + "/restore", follow=True)).text


async def test_a_retired_scorecard_is_told_and_the_plan_keeps_it(world: World, supervisor: Person) -> None:
    plan = await a_plan(world)
    async with world.engine.begin() as conn:
        kept = await scorecards.get(conn, plan.drawn.scorecard_id)
        assert kept is not None
        await scorecards.retire(conn, kept.id, version=kept.version, by="leila", now=world.clock())
    assert "its scorecard is not published" in (await supervisor.get(PATH)).text
    saved = await supervisor.post(f"{PATH}/{plan.id}", form(kept.id, version="1"))
    assert saved.status == 303


async def test_the_page_says_what_could_be_drawn_and_draws_it_once(centre: CallCentre, browser: Browser) -> None:
    some = [past(f"0912000{n:04}", centre.ago(minutes=30 + n), at=SARA if n % 3 else OMID, talk=60) for n in range(9)]
    await centre.tell(*some)
    async with centre.engine.begin() as conn:
        card = await publish_card(conn, centre.now)
        plan = await plans.create(conn, Drawn(name="Weekly", scorecard_id=card, random=2), by="leila", now=centre.now)
    one = f"{PATH}/{plan.id}"
    text = await browser.text("leila", one)
    assert re.search(r"About \W*4\W* calls a week of \W*2\W* agents would be drawn, of about \W*9\W* that", text), text
    drawn = await (await browser.send("leila", one + "/draw", version="1", follow=True)).text()
    assert "4 calls were drawn." in drawn
    assert "Nothing new to draw" in await (await browser.send("leila", one + "/draw", version="1", follow=True)).text()
    async with centre.engine.connect() as conn:
        waiting = await queue.waiting(conn, reviewer=centre.ids["leila"])
    assert len(waiting.rows) == 4


async def test_what_a_plan_would_draw_is_told_as_it_is_typed_without_saving_it(
    centre: CallCentre, browser: Browser
) -> None:
    await centre.tell(*(past(f"0912000{n:04}", centre.ago(minutes=30 + n), at=OMID, talk=60) for n in range(5)))
    async with centre.engine.begin() as conn:
        card = await publish_card(conn, centre.now)
        plan = await plans.create(conn, Drawn(name="Weekly", scorecard_id=card), by="leila", now=centre.now)
    typed = {
        "name": "",
        "needs": "any",
        "random": "۳",
        "long_from": "10",
        "csat_to": "2",
        "double": "0",
        "version": "1",
    }
    for path in (f"{PATH}/{plan.id}", PATH + "/new"):
        part = await (await browser.send("leila", path, SCRIPT, form=FormData(typed))).text()
        assert "<html" not in part
        text = " ".join(re.sub("<[^>]+>", "", part).split())
        assert "About 3 calls a week of 1 agent would be drawn, of about 5 that could be." in text, text
        whole = await browser.send(
            "leila", path, form=FormData({**typed, "name": "Other", "scorecard": card, "do": "look"})
        )
        assert (whole.status, "would be drawn" in await whole.text()) == (200, True)
        wrong = await (await browser.send("leila", path, SCRIPT, form=FormData({**typed, "random": "many"}))).text()
        assert "is told once every number is right" in wrong
    async with centre.engine.connect() as conn:
        assert await plans.everything(conn) == [plan]


@pytest.mark.parametrize("act", ["pause", "remove", "draw", "resume"])
async def test_of_two_who_act_at_once_the_second_is_told_and_nothing_is_done(
    world: World, supervisor: Person, act: str
) -> None:
    plan = await a_plan(world)
    one = f"{PATH}/{plan.id}"
    assert (await supervisor.post(one, form(plan.drawn.scorecard_id, version="1"))).status == 303
    before = await the_one(world)
    late = await supervisor.post(f"{one}/{act}", {"version": "1"})
    assert late.status == 409
    assert re.search("Nothing was done: <bdi>omid</bdi> changed “<bdi>Weekly</bdi>” meanwhile .<time", late.text)
    assert await the_one(world) == before
    assert (await supervisor.post(f"{one}/{act}")).status == 409, "without a version nothing is done either"
    assert (await supervisor.post(one + "/remove", {"version": "2"})).status == 303
    gone = await supervisor.post(f"{one}/{act}", {"version": "2"})
    assert (gone.status, "somebody deleted it meanwhile" in gone.text) == (404, True)


async def test_what_was_typed_into_a_plan_somebody_deleted_stays_and_makes_a_new_one(
    world: World, supervisor: Person
) -> None:
    plan = await a_plan(world)
    one, card = f"{PATH}/{plan.id}", plan.drawn.scorecard_id
    await supervisor.post(one + "/remove", {"version": "1"})
    late = await supervisor.post(one, form(card, name="Mine", version="1"))
    assert late.status == 404
    for words in ("Somebody deleted this plan meanwhile.", 'value="Mine"', f'action="{PATH}/new"'):
        assert words in late.text, words
    assert (await supervisor.post(PATH + "/new", form(card, name="Mine", version="1"))).status == 303
    assert (await the_one(world)).drawn.name == "Mine"


async def test_a_category_that_is_gone_stays_chosen_until_another_is(world: World, supervisor: Person) -> None:
    card = await a_card(world)
    async with world.engine.begin() as conn:
        drawn = Drawn(name="Weekly", scorecard_id=card, category="gone")
        plan = await plans.create(conn, drawn, by="omid", now=world.clock())
    assert '<option value="gone" selected>' in (await supervisor.get(f"{PATH}/{plan.id}")).text


async def test_agents_may_not_and_what_is_not_there_is_said(agent: Person, supervisor: Person, world: World) -> None:
    plan = await a_plan(world)
    for path in (PATH, PATH + "/new", f"{PATH}/{plan.id}"):
        assert (await agent.get(path)).status == 403, path
    for act in ("", "/pause", "/resume", "/draw", "/remove", "/restore"):
        assert (await agent.post(f"{PATH}/{plan.id}{act}", form("x"))).status == 403, act
        assert (await supervisor.post(f"{PATH}/{'0' * 32}{act}", form("x"))).status == 404, act
