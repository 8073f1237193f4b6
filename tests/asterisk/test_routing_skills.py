"""Skills that widen while a caller waits: publishing rules writes the queue rule that Asterisk goes by."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime

import pytest

from cxcall.bus.queues import ApplyQueues
from cxcall.bus.routing import SWITCH_RULES
from cxcall.demo.phone import Policy
from cxcall.queues.definition import MemberChoice, QueueDefinition
from cxcall.routing.rule import Rule, SkillStep, Then
from cxcall.routing.widening import rule_name
from cxcall.store import queue_servers, skills
from tests.asterisk.routing_site import SKILLED, RoutingSite

CALLER = "09124000001"
BEST = SkillStep(skill="english", level=5)


def widening(*, after: int, level: int = 2) -> tuple[SkillStep, ...]:
    return BEST, SkillStep(skill="english", level=level, after=after)


def english(steps: tuple[SkillStep, ...], queue: str | None = None) -> Rule:
    return Rule(id="english", name="English", then=Then(queue=queue, skills=steps))


@pytest.fixture
def site(routes: RoutingSite) -> RoutingSite:
    return routes


async def written(site: RoutingSite) -> str:
    """The file of queue rules as it is on Asterisk's disk."""
    file = site.switch.folder / "etc/queuerules_cxcall.conf"
    return await asyncio.to_thread(file.read_text)


async def rings_after(site: RoutingSite, phone: str) -> float:
    """Seconds until this phone rings for a caller."""
    began = time.monotonic()
    call = site.dial(CALLER, SKILLED)
    ring = await site.phones.first_ringing(phone)
    took = time.monotonic() - began
    await call.hang_up()
    await ring.ended()
    await site.phones.forget_rings()
    return took


async def test_a_server_that_is_only_watched_asks_everybody_and_the_decision_says_so(site: RoutingSite) -> None:
    await site.publish(english(widening(after=3)))
    before = await written(site)
    call = site.dial(CALLER)
    ring = await site.phones.first_ringing()
    assert ring.phone.number == "1001"
    await call.hang_up()
    kept = await site.decided("+989124000001")
    assert (kept.decision.result.queue, kept.decision.result.rule) == ("first", "")
    assert any("by skill" in one.sentence for one in kept.decision.reasons), kept.decision.reasons
    assert await written(site) == before


async def test_skills_widen_by_a_queue_rule_that_publishing_writes_and_changes(site: RoutingSite) -> None:
    now = datetime.now(UTC)
    async with site.engine.begin() as conn:
        skill = await skills.create(conn, "English")
        for phone, level in (("1001", 5), ("1002", 2)):
            await skills.set_of_user(conn, site.people[phone], {skill.id: level})
        await queue_servers.save(conn, "lab", mode="managed", by="tests", now=now)
    members = (MemberChoice(kind="skill", value=skill.id, by_level=True),)
    queue = QueueDefinition(name="skilled", strategy="linear", ring=20, retry=1, members=members)
    asked = ApplyQueues(server="lab", by="tests", definitions=(queue,), remove=(), base=None)
    applied = await site.commands.ask("queues:apply", asked, timeout=60)
    assert applied.outcome == "applied", applied

    first, second = widening(after=4), widening(after=1)
    await site.publish(english(first, "skilled"))
    await site.until(SWITCH_RULES, "lab", lambda found: found == {rule_name("skilled", first): 0})
    assert "penaltychange=4,3," in (await written(site)).replace(" ", "").replace("=>", "=")
    site.phones["1001"].policy = Policy.RING
    assert await rings_after(site, "1001") < 3.5
    site.phones["1001"].policy = Policy.BUSY
    slow = await rings_after(site, "1002")
    assert slow > 3.5, "who knows less English is rung only once it widens"
    assert (await site.decided("+989124000001")).decision.result.rule == rule_name("skilled", first)

    await site.publish(english(second, "skilled"))
    await site.until(SWITCH_RULES, "lab", lambda found: found == {rule_name("skilled", second): 0})
    text = await written(site)
    assert rule_name("skilled", first) not in text, "what no rule asks for any more is gone"
    assert await rings_after(site, "1002") < slow
    await site.publish()
    async with asyncio.timeout(60):
        while "skills" in await written(site):
            await asyncio.sleep(0.1)
