"""What callers hear and may press where a rule says so: an announcement in their language, a call-back, a refusal."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
import pytest_asyncio

from cxcall.bus.call_backs import CANCEL, PLACES, CancelCallBack
from cxcall.demo.phone.call import CallFailed
from cxcall.demo.switch.sounds import DIGIT_HERTZ
from cxcall.routing.call_back_plan import CallBackPlan
from cxcall.routing.rule import Condition, Rule, Then
from cxcall.store import call_back_plans, prompt_files, prompts
from tests.asterisk.queue_stage import heard, hears, write_tone
from tests.asterisk.routing_site import RoutingSite
from tests.store.make import MORNING
from tests.support.manager import Manager

ENGLISH_HZ, PERSIAN_HZ = 1_300, 900
STRANGER, PERSIAN, NUISANCE = "09123000001", "09123000002", "09123000003"
WELCOME = "Welcome"


@pytest.fixture
def site(routes: RoutingSite) -> RoutingSite:
    return routes


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def spoken(routed: RoutingSite, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A prompt that is another tone in each language."""
    file: Path = tmp_path_factory.mktemp("spoken") / "tone.wav"
    made = {}
    for language, hertz in (("en", ENGLISH_HZ), ("fa", PERSIAN_HZ)):
        write_tone(file, hertz)
        made[language] = await prompt_files.make_and_keep(routed.settings, file.read_bytes())
    async with routed.engine.begin() as conn:
        prompt = await prompts.create(conn, name=WELCOME)
        for language, one in made.items():
            await prompts.set_variant(conn, prompt.id, language, one, source="upload", by="tests")
    return WELCOME


def by(number: str) -> tuple[Condition, ...]:
    return (Condition(fact="call.number", op="is", value=(number,)),)


async def test_an_announcement_is_heard_in_the_language_that_a_rule_gives(site: RoutingSite, spoken: str) -> None:
    await site.publish(
        Rule(id="fa", name="Persian", when=by("+989123000002"), then=Then(language="fa")),
        Rule(id="say", name="Say", then=Then(announcement=spoken)),
    )
    for number, language, tone, other in (
        (STRANGER, "en", ENGLISH_HZ, PERSIAN_HZ),
        (PERSIAN, "fa", PERSIAN_HZ, ENGLISH_HZ),
    ):
        async with Manager.connect(site.switch.ami_port, site.switch.username, site.switch.secret) as manager:
            call = site.dial(number)
            await hears(call, tone)
            joined = await manager.event("QueueCallerJoin")
        assert joined["Language"] == language
        assert not heard(call, other)
        await call.hang_up()


async def test_a_nuisance_caller_is_refused_or_told_so_and_the_call_is_kept_as_blocked(
    site: RoutingSite, spoken: str
) -> None:
    await site.publish(Rule(id="no", name="No", when=by("+989123000003"), then=Then(treat="block")))
    call = site.dial(NUISANCE)
    with pytest.raises(CallFailed):
        await call.answered()
    assert call.status == 403
    refused = await site.record(NUISANCE)
    assert (refused.outcome, refused.ended_by, refused.queue_visits) == ("blocked", "system", ())

    await site.publish(
        Rule(id="no", name="No", when=by("+989123000003"), then=Then(treat="block", announcement=spoken))
    )
    call = site.dial(NUISANCE)
    await hears(call, ENGLISH_HZ)
    await call.ended()
    told = await site.record(NUISANCE, but=frozenset({refused.id}))
    assert (told.outcome, told.answered_at) == ("blocked", None)


async def test_who_is_offered_a_call_back_by_a_rule_may_take_it_or_wait(site: RoutingSite) -> None:
    async with site.engine.begin() as conn:
        await call_back_plans.save(conn, "lab", "first", CallBackPlan(), version=0, by="tests", now=MORNING)
    site.bus.publish("call_back_plans", {})
    await site.publish(Rule(id="offer", name="Offer", then=Then(call_back=True)))
    await site.pause()
    await site.switch.cli("dialplan set global CXCALL_CALLBACK_OFFER digits/3")
    try:
        waits = site.dial(STRANGER)
        await hears(waits, DIGIT_HERTZ[3])
        waits.press("4")
        await site.floor(lambda floor: floor.queues["first"].waiting == 1)
        takes = site.dial(PERSIAN)
        await hears(takes, DIGIT_HERTZ[3])
        takes.press("1")
        async with asyncio.timeout(60):
            while takes.state == "talking":  # once the number was said
                takes.press("1")
                await asyncio.sleep(0.5)
        (place,) = await site.commands.ask(PLACES, None)
        await site.commands.ask(CANCEL, CancelCallBack(id=place, why="supervisor", by="tests"))
    finally:
        await site.switch.cli('dialplan set global CXCALL_CALLBACK_OFFER ""')
