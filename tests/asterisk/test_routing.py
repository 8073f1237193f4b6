"""Where calls go on the real Asterisk: overtaking without starving, the last agent, overflow, what is tried before."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Literal

import pytest

from cxcall.asterisk.agi.route import VARIABLES
from cxcall.bus.routing import STATUS, TRY, TryRoute
from cxcall.customers.profile import Profile
from cxcall.demo.phone import Call, Policy
from cxcall.routing.rule import Condition, Overflow, Preferred, Rule, Then
from cxcall.store import customers, routing_facts
from tests.asterisk.routing_site import OVER_AGI, ROUTED, STRAIGHT, WRAP_UP, RoutingSite
from tests.support.manager import Manager

VIP, OLD, NEW, KNOWN, TRIED = (f"0912100000{n}" for n in range(1, 6))


def when(fact: str, value: str) -> tuple[Condition, ...]:
    return (Condition(fact=fact, op="is", value=(value,)),)


@pytest.fixture
def site(routes: RoutingSite) -> RoutingSite:
    return routes


async def know(site: RoutingSite, name: str, number: str, *, tier: Literal["gold"] | None = None) -> None:
    """A customer of this number, who speaks Persian."""
    async with site.engine.begin() as conn:
        await customers.create(conn, Profile(name=name, numbers=(number,), tier=tier, language="fa"))


async def line(site: RoutingSite, fits: Callable[[list[int]], bool]) -> None:
    """Until the priorities of those who wait are as wanted."""
    until = time.monotonic() + 60
    while not fits(found := await site.waiting()):
        assert time.monotonic() < until, found
        await asyncio.sleep(0.1)


async def test_a_known_vip_overtakes_but_not_who_has_waited_longer_than_that_is_worth(site: RoutingSite) -> None:
    await know(site, "Mina", "+989121000001", tier="gold")
    vip = Rule(id="vip", name="VIP", when=when("customer.tier", "gold"), then=Then(priority=3))
    await site.publish(vip, every=1)
    await site.pause()
    async with Manager.connect(site.switch.ami_port, site.switch.username, site.switch.secret) as manager:
        for number in (OLD, NEW, VIP):
            since = len(manager.seen)
            site.dial(number)
            joined = await manager.event("QueueCallerJoin", since=since)
            assert str(joined["CallerIDNum"]) == number
            if number == OLD:
                await line(site, lambda found: max(found, default=0) >= 5)
    await line(site, lambda found: len(found) == 3 and found[0] > found[1] > found[2] and found[1] >= 3)
    assert (await site.decided("+989121000001")).decision.result.priority == 3
    await site.switch.cli("queue unpause member PJSIP/1001")
    served = []
    for _ in range(3):
        ring = await site.phones.first_ringing("1001")
        served.append(ring.number)
        await ring.answer()
        await asyncio.sleep(0.2)
        await ring.hang_up()
    assert served == [OLD, VIP, NEW]
    assert (await site.commands.ask(STATUS, None)).lifted >= 3


async def test_the_last_agent_is_rung_first_with_the_queues_wrap_up_and_then_the_queue_in_the_callers_language(
    site: RoutingSite,
) -> None:
    await know(site, "Ali", "+989121000004")
    await site.publish(
        Rule(id="last", name="Last", then=Then(agent=Preferred(who="last", wait=2))),
        Rule(id="own", name="Own", when=when("customer.language", "fa"), then=Then(language="customer")),
    )
    site.phones["1001"].policy = Policy.BUSY
    await talk(site, site.dial(KNOWN, STRAIGHT), "1002")
    async with asyncio.timeout(60):
        while await last_agent(site, "+989121000004") != site.people["1002"]:
            await asyncio.sleep(0.1)
    by_queue = await site.record(KNOWN)
    site.phones["1001"].policy = Policy.RING

    await ready(site, "1002")
    call = site.dial(KNOWN)
    await talk(site, call, "1002")
    wrap = await site.floor(lambda floor: floor.agents[site.people["1002"]].state == "wrap_up")
    assert wrap.agents[site.people["1002"]].interface == "PJSIP/1002"
    direct = await site.record(KNOWN, but=frozenset({by_queue.id}))
    (visit,), (usual,) = direct.queue_visits, by_queue.queue_visits
    assert (visit.queue, visit.result, visit.agent, visit.interface) == (
        usual.queue, usual.result, usual.agent, usual.interface,
    )  # fmt: skip
    assert visit.position is None, "the queue itself did not have them"
    assert direct.outcome == "answered"
    assert direct.legs[1].role == "agent"

    await ready(site, "1002")
    async with Manager.connect(site.switch.ami_port, site.switch.username, site.switch.secret) as manager:
        site.dial(KNOWN)
        first = await site.phones.first_ringing()
        assert first.phone.number == "1002"
        joined = await manager.event("QueueCallerJoin")
        assert joined["Language"] == "fa"
        second = await site.phones.first_ringing("1001")
    assert second.invited_at - first.invited_at > 1.5
    assert (await site.decided("+989121000004")).decision.result.agent_user == site.people["1002"]
    await second.answer()
    await asyncio.sleep(0.2)
    await second.hang_up()
    both = await site.record(KNOWN, but=frozenset({by_queue.id, direct.id}))
    (visit,) = both.queue_visits
    assert [(offer.agent, offer.result) for offer in visit.attempts] == [
        ("Reza Karimi", "no_answer"), ("Sara Ahmadi", "answered"),
    ]  # fmt: skip
    assert visit.wait is not None
    assert visit.wait > 1.5, "from the first ringing on"


async def talk(site: RoutingSite, call: Call, phone: str) -> None:
    """A call that this phone takes, for a moment."""
    ring = await site.phones.first_ringing(phone)
    await ring.answer()
    await call.answered()
    await asyncio.sleep(0.3)
    await call.hang_up()
    await ring.ended()


async def ready(site: RoutingSite, phone: str) -> None:
    """Until the agent's wrap-up of `WRAP_UP` seconds is over."""
    assert WRAP_UP < 60
    await site.phones.forget_rings()
    await site.floor(lambda floor: floor.agents[site.people[phone]].state == "ready")


async def last_agent(site: RoutingSite, number: str) -> str | None:
    """Who talked with a caller last, as the database knows it."""
    owners = {("lab", f"PJSIP/{phone}"): user for phone, user in site.people.items()}
    async with site.engine.connect() as conn:
        return (await routing_facts.of_number(conn, number, now=datetime.now(UTC), owners=owners)).past.last_agent


@pytest.mark.parametrize(
    ("over", "to"),
    [
        (Overflow(figure="waiting", limit=0, to="second"), ROUTED),
        (Overflow(figure="per_agent", limit=0.4, to="second"), OVER_AGI),
        (Overflow(figure="expected_wait", limit=0.05, to="second"), ROUTED),
    ],
)
async def test_a_queue_with_too_much_to_do_hands_on_who_comes_over_http_and_fastagi_alike(
    site: RoutingSite, over: Overflow, to: str
) -> None:
    await site.publish(Rule(id="over", name="Over", then=Then(overflow=(over,))))
    if over.figure == "waiting":
        await site.pause()
    else:
        for number in (KNOWN, VIP):
            site.dial(number, STRAIGHT)
            await (await site.phones.first_ringing("1001", "1002")).answer()
    site.dial(OLD, STRAIGHT)
    seen = await site.floor(lambda floor: floor.queues["first"].waiting == 1)
    if over.figure == "expected_wait":
        seen = await site.floor(lambda floor: bool(floor.queues["first"].expected_wait))
    site.dial(NEW, to)
    ring = await site.phones.first_ringing("1004")
    assert ring.number == NEW, seen
    kept = await site.decided("+989121000003")
    assert (kept.asked, kept.decision.result.queue, kept.call_id) == ("first", "second", f"lab-{kept.unique_id}")
    assert f"queue.{over.figure}:first" in str(kept.decision.reasons)


async def test_what_is_tried_is_what_a_call_gets_a_moment_later(site: RoutingSite) -> None:
    await know(site, "Zahra", "+989121000005", tier="gold")
    await site.publish(
        Rule(id="vip", name="VIP", when=when("customer.tier", "gold"), then=Then(priority=5, survey=False)),
        Rule(id="last", name="Sara", then=Then(agent=Preferred(who="user", user=site.people["1001"], wait=7))),
        Rule(id="over", name="Over", then=Then(overflow=(Overflow(figure="waiting", limit=0, to="second"),))),
        Rule(id="gone", name="Gone", then=Then(queue="nowhere")),
    )  # fmt: skip
    tried = await site.commands.ask(TRY, TryRoute(number=TRIED, called=ROUTED, queue="first", server="lab"))
    assert (tried.answer["priority"], tried.answer["agent"]) == ("5", "PJSIP/1001")
    async with Manager.connect(site.switch.ami_port, site.switch.username, site.switch.secret) as manager:
        site.dial(TRIED)
        await site.phones.first_ringing("1001")
        await manager.event("VarSet", Variable="CX_STATUS", Value="hint")
        sets = [seen.event for seen in manager.seen if seen.event["Event"] == "VarSet"]
    got = {str(one["Variable"]): one["Value"] for one in sets if one["Value"]}
    wanted = {VARIABLES[name]: value for name, value in tried.answer.items() if name in VARIABLES}
    assert wanted.items() <= got.items()
    kept = await site.decided("+989121000005")
    assert kept.decision.result == tried.decision.result
    assert kept.decision.reasons == tried.decision.reasons
    assert (kept.decision.matched, kept.decision.version) == (tried.decision.matched, tried.decision.version)
    assert dict(kept.decision.facts) == dict(tried.decision.facts)


async def test_twenty_calls_at_once_are_all_told_where_to_go_in_time(site: RoutingSite) -> None:
    await site.publish(Rule(id="all", name="All", then=Then(priority=3)))
    await site.pause()
    async with Manager.connect(site.switch.ami_port, site.switch.username, site.switch.secret) as manager:
        for n in range(20):
            site.dial(f"09122000{n:03}")
        until = time.monotonic() + 60
        while len(joined := [one for one in manager.seen if one.event["Event"] == "QueueCallerJoin"]) < 20:
            assert time.monotonic() < until
            await asyncio.sleep(0.1)
        came = {one.event["Uniqueid"]: one.at for one in reversed(manager.seen) if one.event["Event"] == "Newchannel"}
        hints = [
            one for one in manager.seen if (one.event.get("Variable"), one.event.get("Value")) == ("CX_STATUS", "hint")
        ]
    took = sorted(one.at - came[one.event["Uniqueid"]] for one in joined)
    print("20 calls at once:", {"median": round(took[10], 3), "longest": round(took[-1], 3)})
    assert len(hints) == 20
    assert took[-1] < 2.5
