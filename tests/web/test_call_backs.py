"""/routing/call-backs and its plans: who sees what, what forms and the API do, and what the agent's desk says."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec

from cxcall.bus import CommandRefused
from cxcall.bus.call_backs import CANCEL, NOW, PLACES, CancelCallBack, TryCallBack
from cxcall.calls.record import Caller, CallId, CallRecord, Leg
from cxcall.customers.profile import Profile
from cxcall.routing.call_back import CallBack
from cxcall.routing.call_back_plan import CallBackPlan
from cxcall.store import call_back_plans, call_backs, tasks
from cxcall.store.tasks import NewTask
from cxcall.web.access import Role
from tests.support import queue_stage
from tests.support.call_centre import SARA, call_centre, past
from tests.support.webapp import Browser, World, start_world
from tests.web.reading import browsing

PLAN = {"server": "lab", "queue": "billing", "version": "0", "enabled": "1", "first": "customer", "key": "*",
        "tries": "۲", "pause": "20", "ring": "25", "numbers": "own", "calendar": "", "caller_id": "021 9100",
        "most": "9"}  # fmt: skip


async def promise(world: World, n: int = 1, **more: Any) -> CallBack:
    now = world.clock()
    one = CallBack(
        id=f"{n:026x}", server="lab", queue="billing", number=f"+98912123456{n}", joined_at=now - timedelta(minutes=n),
        made_at=now, next_at=now, first_call="lab-1", name=f"Mina {n}",
    )  # fmt: skip
    one = msgspec.structs.replace(one, **more)
    async with world.engine.begin() as conn:
        assert await call_backs.add(conn, one)
    return one


def serve(world: World, places: dict[str, int]) -> list[object]:
    """Somebody keeps the promises; gives what they were asked."""
    asked: list[object] = []

    async def tell(_: object) -> dict[str, int]:
        return places

    async def take(act: object) -> None:
        asked.append(act)
        if isinstance(act, TryCallBack) and act.id.endswith("9"):
            raise CommandRefused("They talk now.")

    for name, handler in ((PLACES, tell), (CANCEL, take), (NOW, take)):
        world.commands.serve(name, handler)
    return asked


async def test_the_list_shows_places_tries_and_what_came_of_each(world: World, supervisor: Browser) -> None:
    empty = await supervisor.get("/routing/call-backs")
    assert "Nobody waits for a call." in empty.text
    assert "Nobody listens to Asterisk now." in empty.text
    first = await promise(world)
    later = world.clock() + timedelta(minutes=10)
    await promise(world, 2, tries=1, reason="busy", next_at=later)
    await promise(world, 3, state="task", reason="no_answer", tries=3, ended_at=world.clock(), task_id="ab")
    who = world.people[Role.SUPERVISOR]
    await promise(world, 4, state="cancelled", reason="supervisor", ended_at=world.clock(), ended_by=who.name)
    serve(world, {first.id: 4})
    page = await supervisor.get("/routing/call-backs")
    for words in (
        "Mina 1",
        'Place <bdi class="num" dir="ltr">4',
        "the line was busy",
        "next try",
        "Try now",
        "Call off",
    ):
        assert words in page.text, words
    assert "Mina 3" not in page.text
    past = await supervisor.get("/routing/call-backs/list?tab=ended")
    for words in ("Mina 3", "Not reached", "nobody answered", "/followups/ab", f"<bdi>{who.display_name}</bdi>"):
        assert words in past.text, words
    assert "Mina 1" not in past.text
    assert "Mina" not in (await supervisor.get("/routing/call-backs/list?queue=sales")).text


async def test_a_supervisor_calls_off_and_tries_now_and_is_told_when_that_can_not_be(
    world: World, supervisor: Browser
) -> None:
    one, other = await promise(world), await promise(world, 9)
    assert "Nobody listens" in (await supervisor.post(f"/routing/call-backs/{one.id}/cancel")).text
    asked = serve(world, {})
    done = await supervisor.post(f"/routing/call-backs/{one.id}/cancel", follow=True)
    assert "The call-back was called off." in done.text
    assert asked == [CancelCallBack(id=one.id, why="supervisor", by=world.people[Role.SUPERVISOR].name)]
    assert (await supervisor.post(f"/routing/call-backs/{one.id}/now")).status == 303
    refused = await supervisor.post(f"/routing/call-backs/{other.id}/now")
    assert (refused.status, "They talk now." in refused.text) == (409, True)
    assert (await supervisor.post(f"/routing/call-backs/{'f' * 26}/now")).status == 404


async def test_an_agent_calls_off_only_what_rings_for_them(world: World, agent: Browser) -> None:
    asked, (phone, *_) = serve(world, {}), world.people[Role.AGENT].extensions
    mine = await promise(world, state="calling", agent=phone)
    other = await promise(world, 2, state="calling", agent="PJSIP/9")
    assert (await agent.get("/routing/call-backs")).status == 403
    assert (await agent.post(f"/routing/call-backs/{other.id}/cancel")).status == 403
    done = await agent.post(f"/routing/call-backs/{mine.id}/cancel", {"here": "/desk"})
    assert (done.status, done.headers["Location"]) == (303, "/desk")
    assert asked == [CancelCallBack(id=mine.id, why="agent", by=world.people[Role.AGENT].name)]


async def test_the_desk_says_who_is_called_back_and_the_calls_know_each_other(tmp_path: Path) -> None:
    async with call_centre(tmp_path) as centre, browsing(centre) as browser:
        mina = await centre.customer(Profile(name="Mina Rezaei", numbers=("+989121234567",), tier="gold"))
        asked = past("09121234567", centre.ago(minutes=9), talk=1)
        one = CallBack(
            id="a" * 26, server="lab", queue="billing", number="+989121234567", customer_id=mina, tries=1,
            joined_at=centre.ago(minutes=8), made_at=centre.ago(minutes=7), next_at=centre.now, state="calling",
            first_call=asked.id, last_call="lab-cxcb-a-2", line="cxcb-a-2", agent=SARA,
        )  # fmt: skip
        async with centre.engine.begin() as conn:
            await call_backs.add(conn, one)
        mine = Leg(channel=f"{SARA}-6", unique_id="lab-6", role="caller", number="1001", agent="Sara Karimi",
                   rang_at=centre.ago(seconds=4))  # fmt: skip
        made = CallRecord(
            id=CallId("lab-cxcb-a-2"), server="lab", linked_ids=("cxcb-a-2",), direction="internal", legs=(mine,),
            caller=Caller(number="1001", channel=mine.channel), started_at=centre.ago(minutes=1),
        )  # fmt: skip
        await centre.tell(asked, made)
        page = await browser.text("sara", "/desk")
        for words in ("Promised call-back", "Mina Rezaei", "0912 123 4567", "Gold", "kept their place",
                      "Rung in vain 1 time before", "Answer on your phone"):  # fmt: skip
            assert words in page, words
        theirs = Leg(channel="PJSIP/trunk-7", unique_id="lab-7", role="callee", rang_at=centre.now)
        taken = replace(mine, answered_at=centre.now)
        await centre.tell(replace(made, direction="outbound", called="09121234567", legs=(taken, theirs)))
        page = await browser.text("sara", "/desk")
        for words in ("Promised call-back", "Rings there", "Not any more: call it off"):
            assert words in page, words
        assert "They asked to be called back" in await browser.text("leila", f"/calls/{asked.id}")
        assert "This call was promised to them" in await browser.text("leila", f"/calls/{made.id}")


async def test_a_queue_is_given_a_plan_changed_and_taken_out(world: World, admin: Browser, supervisor: Browser) -> None:
    path = "/admin/routing/call-backs"
    assert (await supervisor.get(path)).status == 403
    assert "No queue calls back yet." in (await admin.get(path)).text
    wrong = await admin.post(path, {**PLAN, "tries": "0", "queue": ""})
    assert wrong.status == 422
    for words in ("Write a number from 1 to 10.", "Choose a queue."):
        assert words in wrong.text, words
    saved = await admin.post(path, PLAN, follow=True)
    for words in ("Saved.", "context = cxcall-key-star"):
        assert words in saved.text, words
    async with world.engine.connect() as conn:
        kept = await call_back_plans.of(conn, "lab", "billing")
    assert kept is not None
    assert kept.plan == CallBackPlan(
        key="*",
        first="customer",
        tries=2,
        pause_minutes=20,
        ring_seconds=25,
        numbers="own",
        caller_id="0219100",
        most=9,
    )
    assert (await admin.post(path, PLAN)).status == 409
    assert (await admin.post(path, {**PLAN, "version": "1", "enabled": ""})).status == 303
    assert "calls nobody back" in (await admin.post(path, {**PLAN, "do": "remove"}, follow=True)).text


async def test_a_queue_that_cxcall_writes_is_drafted_to_let_the_key_out_and_written_when_told(
    tmp_path: Path, template: Path
) -> None:
    world = await start_world(tmp_path, template, settings=queue_stage.settings(tmp_path))
    try:
        switch, admin = await queue_stage.staged(world), await world.browser(Role.ADMIN)
        path, plan = "/admin/routing/call-backs", {**PLAN, "key": "1"}
        page = (await admin.post(path, plan, follow=True)).text
        for words in ("Asterisk has to be given these lines.", "<ins>+context = cxcall-key-1</ins>", "Write into"):
            assert words in page, words
        switch.refuses = "Asterisk refuses."
        refused = await admin.post(path, {**PLAN, "do": "apply"})
        assert (refused.status, "Asterisk refuses." in refused.text) == (409, True)
        switch.refuses = ""
        page = (await admin.post(path, {**PLAN, "do": "apply"}, follow=True)).text
        assert "Applied. Asterisk has read it" in page
        assert "has to be given these lines" not in page
        assert switch.applied["billing"].exit_context == "cxcall-key-1"
        page = (await admin.post(path, {**plan, "version": "1", "enabled": ""}, follow=True)).text
        assert "<del>-context = cxcall-key-1</del>" in page
        gone = await admin.post(path, {**PLAN, "do": "remove"}, follow=True)
        assert "apply it under Queues" in gone.text
        draft = (await queue_stage.kept(world)).draft
        assert draft is not None
        assert draft.exit_context == ""
        theirs = (await admin.post(path, {**plan, "queue": "sales"}, follow=True)).text
        assert "below [sales], it needs this line" in theirs
        assert "context = cxcall-key-1" in theirs
    finally:
        await world.close()


async def test_what_could_not_be_reached_says_why_on_the_list_of_follow_ups(world: World, supervisor: Browser) -> None:
    new = NewTask(kind="call_back", title="Mina", due_at=world.clock(), made_by="call_back",
                  reason={"call_back": "busy", "tries": 3})  # fmt: skip
    async with world.engine.begin() as conn:
        await tasks.create(conn, new, now=world.clock())
    page = await supervisor.get("/followups?whose=all")
    assert "A promised call-back did not reach them: the line was busy." in page.text
