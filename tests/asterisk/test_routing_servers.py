"""Two Asterisks that ask one cxcall, the second as FreePBX has it with the lines of our guide in its custom file."""

from __future__ import annotations

import asyncio
import time

import pytest

from cxcall.bus.routing import FLOOR
from cxcall.demo.phone import Policy
from cxcall.demo.switch.sounds import DIGIT_HERTZ
from cxcall.routing.call_back_plan import CallBackPlan
from cxcall.routing.rule import Condition, Overflow, Preferred, Rule, Then
from cxcall.store import call_back_plans
from tests.asterisk.queue_stage import hears
from tests.asterisk.routing_site import PBX, PBX_OFFERED, PBX_SURVEYED, ROUTED, STRAIGHT, RoutingSite
from tests.store.make import MORNING
from tests.support.manager import Manager

HERE, THERE, RUNG = "09125000001", "09125000002", "09125000003"
OVER = Rule(id="over", name="Over", then=Then(overflow=(Overflow(figure="waiting", limit=0, to="second"),)))


@pytest.fixture
def site(routes: RoutingSite) -> RoutingSite:
    return routes


async def test_each_asterisk_is_told_of_its_own_queues_and_agents(site: RoutingSite) -> None:
    only_here = Rule(id="here", name="Here", then=Then(queue="second"))
    of_there = Rule(
        id="there", name="There", when=(Condition(fact="call.server", op="is", value=("pbx",)),), then=Then(queue="501")
    )
    await site.publish(only_here, of_there)
    site.dial(HERE)
    assert (await site.phones.first_ringing()).phone.number == "1004"
    assert (await site.decided("+989125000001")).server == "lab"
    site.dial(THERE, PBX)
    ring = await site.pbx_phones.first_ringing()
    assert (ring.phone.number, ring.number) == ("1004", THERE)
    kept = await site.decided("+989125000002")
    assert (kept.server, kept.asked, kept.decision.result.queue, kept.decision.matched) == (
        "pbx", "500", "501", ("here", "there"),
    )  # fmt: skip


async def test_who_waits_at_one_asterisk_is_no_reason_to_hand_on_at_the_other(site: RoutingSite) -> None:
    over = Overflow(figure="waiting", limit=0, to="501")
    await site.publish(OVER, Rule(id="pbx", name="There", then=Then(overflow=(over,))))
    await site.pause()
    site.dial(HERE, STRAIGHT)
    await site.floor(lambda floor: floor.queues["first"].waiting == 1)
    site.dial(THERE, PBX)
    ring = await site.pbx_phones.first_ringing()
    assert ring.phone.number == "1001", "the first of its queue 500, in which nobody waits"
    site.dial(HERE, ROUTED)
    assert (await site.phones.first_ringing()).phone.number == "1004"


async def test_freepbx_rings_the_agents_own_phone_first_and_never_their_mailbox(site: RoutingSite) -> None:
    prefers = Preferred(who="user", user=site.people["1002"], wait=2)
    await site.publish(Rule(id="sara", name="Sara", then=Then(agent=prefers, language="fa", priority=4)))
    agent = site.people["1002"]
    await site.until(FLOOR, "pbx", lambda floor: agent in floor.agents and floor.agents[agent].state == "ready")
    async with Manager.connect(site.pbx.ami_port, site.pbx.username, site.pbx.secret) as manager:
        call = site.dial(RUNG, PBX)
        first = await site.pbx_phones.first_ringing()
        assert first.phone.number == "1002"
        joined = await manager.event("QueueCallerJoin")
        second = await site.pbx_phones.first_ringing("1001")
        await manager.event("VarSet", Variable="QUEUE_PRIO", Value="4")
        assert await manager.event("VarSet", Variable="CX_TELLS", Value="rings|500|PJSIP/1002")
    assert (joined["Queue"], joined["Language"]) == ("500", "fa")
    assert second.invited_at - first.invited_at > 1.5
    await second.answer()
    await call.answered()
    await asyncio.sleep(0.5)
    await call.hang_up()
    record = await site.record(RUNG)
    (visit,) = record.queue_visits
    assert [offer.result for offer in visit.attempts] == ["no_answer", "answered"], record


async def test_freepbx_callers_go_on_to_the_survey_and_back_to_their_queue_from_an_offer(site: RoutingSite) -> None:
    await site.publish(Rule(id="offer", name="Offer", then=Then(call_back=True)))
    await site.pbx.cli("dialplan set global CXCALL_CALLBACK_OFFER digits/3")
    async with site.engine.begin() as conn:
        await call_back_plans.save(conn, "pbx", "500", CallBackPlan(), version=0, by="tests", now=MORNING)
    site.bus.publish("call_back_plans", {})
    async with Manager.connect(site.pbx.ami_port, site.pbx.username, site.pbx.secret) as manager:
        call = site.dial(THERE, PBX_OFFERED)
        await hears(call, DIGIT_HERTZ[3])
        call.press("1")
        await manager.event("Newexten", Application="SayDigits")
        async with asyncio.timeout(60):
            while not (joined := [one.event for one in manager.seen if one.event["Event"] == "QueueCallerJoin"]):
                call.press("5")  # neither this number nor another one: they would rather wait
                await asyncio.sleep(0.5)
        ring = await site.pbx_phones.first_ringing()
        assert (joined[0]["Queue"], ring.phone.number) == ("500", "1001")
        await call.hang_up()
        await ring.ended()
        await site.pbx_phones.forget_rings()

        since = len(manager.seen)
        call = site.dial(THERE, PBX_SURVEYED)
        ring = await site.pbx_phones.first_ringing()
        await ring.answer()
        await manager.event("AgentConnect", since=since)
        await ring.hang_up()
        await manager.event("Newexten", Context="cxcall-survey", Extension="s", Priority="1", since=since)
        said = [one.event["AppData"] for one in manager.seen[since:] if one.event.get("Application") == "Gosub"]
        assert "cxcall-survey,s,1(500,Local/1001@from-queue/n)" in said
        await call.ended()


async def test_freepbx_without_cxcall_has_its_callers_in_their_queue_in_time(site: RoutingSite) -> None:
    site.pbx_phones["1002"].policy = Policy.BUSY
    took = {}
    for why, url, number in (("refused", "http://127.0.0.1:1", HERE), ("nobody", "", THERE)):
        await site.pbx.cli(f'dialplan set global CXCALL_URL "{url}"')
        began = time.time()
        call = site.dial(number, PBX)
        while (ring := await site.pbx_phones.first_ringing()).number != number:
            pass
        took[why] = round(ring.invited_at - began, 2)
        assert ring.phone.number == "1001"
        await call.hang_up()
        await ring.ended()
        await site.pbx_phones.forget_rings()
    await site.pbx.cli(f'dialplan set global CXCALL_URL "http://127.0.0.1:{site.settings.web.port}"')
    print("FreePBX without cxcall", took)
    assert max(took.values()) < 2.5, took
