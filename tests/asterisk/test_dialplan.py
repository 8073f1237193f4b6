"""What asterisk-conf/extensions_cxcall.conf does with calls when cxcall answers, fails, hangs or is not there."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest
import pytest_asyncio

from cxcall.demo.phone import Policy
from cxcall.demo.switch import Site, Switch, Tree
from tests.asterisk.conftest import Phones, connect_phones, heard_thanks, hears_thanks, no_calls
from tests.support.dialplan_server import Answers, serve
from tests.support.manager import Manager

SUPPORT_NUMBER = "02191000500"
SUPPORT = ("1001", "1002", "1003")
SALES = ("1003", "1004", "1005")


class Scene:
    """An Asterisk that asks `server`, with its phones."""

    def __init__(self, switch: Switch, phones: Phones, server: Answers) -> None:
        self.switch, self.phones, self.server = switch, phones, server


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def asking(tree: Tree, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[tuple[Switch, Answers]]:
    """An Asterisk that asks a server."""
    async with serve(None) as server:
        site = Site(web=f"127.0.0.1:{server.port}")
        async with Switch.start(tmp_path_factory.mktemp("switch"), tree, site) as switch:
            yield switch, server
            await switch.kill()


@pytest_asyncio.fixture(loop_scope="session")
async def scene(request: pytest.FixtureRequest, asking: tuple[Switch, Answers]) -> AsyncIterator[Scene]:
    """With fresh phones, no call left of the test before, and a server that answers as the test wants it to."""
    switch, server = asking
    await no_calls(switch)
    server.body, server.status = request.param
    server.asked.clear()
    async with AsyncExitStack() as stack:
        yield Scene(switch, await connect_phones(switch, stack), server)


SILENT = (None, 200)


async def test_with_nothing_listening_a_call_is_in_its_queue_at_once(phones: Phones) -> None:
    took = []
    for _ in range(5):  # the quickest counts: others work on this machine too
        began = time.time()
        call = phones.outside.call(SUPPORT_NUMBER, from_number="09121234567")
        ring = await phones.first_ringing(*SUPPORT)
        took.append(ring.invited_at - began)
        if took[-1] < 0.5:
            break
        await call.hang_up()
        await ring.ended()
        await phones.forget_rings()
    assert min(took) < 0.5, took


async def test_a_jitter_buffer_is_there_only_where_the_site_wants_one(switch: Switch, phones: Phones) -> None:
    async with Manager.connect(switch.ami_port, switch.username, switch.secret) as manager:
        try:
            for wanted, put in (("", "0"), ("adaptive", "1")):
                await switch.cli(f'dialplan set global CXCALL_JITTER "{wanted}"')
                since = len(manager.seen)
                call = phones.outside.call(SUPPORT_NUMBER, from_number="09121234567")
                await phones.first_ringing(*SUPPORT)
                step = await manager.until(lambda event: "JITTERBUFFER" in event.get("AppData", ""), since=since)
                assert step["AppData"] == f"{put}?Set(JITTERBUFFER({wanted})=default)"
                await call.hang_up()
                await phones.forget_rings()
        finally:
            await switch.cli('dialplan set global CXCALL_JITTER ""')


async def test_with_nothing_listening_the_caller_hears_thanks_and_the_call_ends(phones: Phones) -> None:
    phones.outside.listen = True
    call = phones.outside.call(SUPPORT_NUMBER, from_number="09121234567")
    ring = await phones.first_ringing(*SUPPORT)
    await ring.answer()
    await call.answered()
    await ring.hang_up()
    await hears_thanks(call)
    await call.ended()


@pytest.mark.parametrize("scene", [SILENT], indirect=True)
async def test_a_server_that_never_answers_costs_a_caller_less_than_two_seconds(scene: Scene) -> None:
    waits, ends = [], []
    for _ in range(3):  # the quickest counts: others work on this machine too
        began = time.time()
        call = scene.phones.outside.call(SUPPORT_NUMBER, from_number="09121234567")
        ring = await scene.phones.first_ringing(*SUPPORT)
        waits.append(ring.invited_at - began)
        assert waits[-1] > 1.0
        await ring.answer()
        await call.answered()
        hung_up = time.time()
        await ring.hang_up()
        await call.ended()  # asked for a survey meanwhile, then thanked
        ends.append(time.time() - hung_up)
        if min(waits) < 2.0 and min(ends) < 4.0:
            break
        await scene.phones.forget_rings()
    assert min(waits) < 2.0, waits
    assert min(ends) < 4.0, ends


@pytest.mark.parametrize(
    "scene", [("<h1>OK|ask|</h1>", 200), ('OK "|" ask', 200), ("Internal Server Error", 500)], indirect=True
)
async def test_an_answer_about_the_survey_that_is_none_gets_the_caller_thanks(scene: Scene) -> None:
    scene.phones.outside.listen = True
    call = scene.phones.outside.call(SUPPORT_NUMBER, from_number="09121234567")
    ring = await scene.phones.first_ringing(*SUPPORT)
    await ring.answer()
    await call.answered()
    await ring.hang_up()
    await hears_thanks(call)


@pytest.mark.parametrize("scene", [("OK|no|share", 200)], indirect=True)
async def test_a_caller_who_is_not_to_be_asked_hears_nothing_more(scene: Scene) -> None:
    scene.phones.outside.listen = True
    call = scene.phones.outside.call("02191000502", from_number="09121234567")  # its queue is not routed
    ring = await scene.phones.first_ringing()
    await ring.answer()
    await call.answered()
    await ring.hang_up()
    await call.ended()
    assert not heard_thanks(call)


@pytest.mark.parametrize("scene", [("OK|ask|", 200)], indirect=True)
async def test_a_caller_who_is_to_be_asked_by_a_script_that_is_not_there_hears_thanks(scene: Scene) -> None:
    scene.phones.outside.listen = True
    call = scene.phones.outside.call(SUPPORT_NUMBER, from_number="09121234567")
    ring = await scene.phones.first_ringing(*SUPPORT)
    await ring.answer()
    await call.answered()
    await ring.hang_up()
    await hears_thanks(call)


@pytest.mark.parametrize("scene", [("<h1>OK|</h1>", 200), ("Internal Server Error", 500), ("", 200)], indirect=True)
async def test_an_answer_that_is_none_leaves_the_default_queue(scene: Scene) -> None:
    scene.phones.outside.call(SUPPORT_NUMBER, from_number="09121234567")
    await scene.phones.first_ringing(*SUPPORT)


@pytest.mark.parametrize("scene", [("OK|rule 7|sales|5||fa|", 200)], indirect=True)
async def test_an_answer_sends_the_call_where_it_says(scene: Scene) -> None:
    async with Manager.connect(scene.switch.ami_port, scene.switch.username, scene.switch.secret) as manager:
        scene.phones.outside.call(SUPPORT_NUMBER, from_number="+989121234567")
        await scene.phones.first_ringing(*SALES)
        joined = await manager.event("QueueCallerJoin")
        await manager.event("VarSet", Variable="CX_STATUS", Value="rule 7")
        await manager.event("VarSet", Variable="QUEUE_PRIO", Value="5")
    assert (joined["Queue"], joined["Language"]) == ("sales", "fa")
    path, query = scene.server.asked[0]
    assert path == "/dialplan/route"
    assert query["number"] == ["+989121234567"]
    assert query["queue"] == ["support"]
    assert query["call"][0].startswith("demo-")


@pytest.mark.parametrize("scene", [SILENT], indirect=True)
async def test_a_survey_is_asked_for_with_queue_and_agent_once_the_agent_has_hung_up(scene: Scene) -> None:
    call = scene.phones.outside.call("02191000502", from_number="09121234567")  # its queue is not routed
    ring = await scene.phones.first_ringing()
    await ring.answer()
    await call.answered()
    assert scene.server.asked == []
    await ring.hang_up()
    await call.ended()
    ((path, query),) = scene.server.asked
    assert path == "/dialplan/survey"
    assert query["queue"] == ["reception"]
    assert query["agent"] == ["Local/1001@cxcall-demo-agents/n"]
    assert query["server"] == ["demo"]


async def _talk_and_transfer(switch: Switch, phones: Phones, to: str) -> tuple[str, str]:
    """Have a caller of the queue talk to an agent, and the agent's desk transfer them; return agent and target."""
    async with Manager.connect(switch.ami_port, switch.username, switch.secret) as manager:
        call = phones.outside.call(SUPPORT_NUMBER, from_number="09121234567")
        ring = await phones.first_ringing("1001", "1002")
        await ring.answer()
        await call.answered()
        connected = await manager.event("AgentConnect")
        await manager.event("BridgeEnter", BridgeNumChannels="2")  # before that: "Transfer invalid"
        target = {"Channel": str(connected["DestChannel"]), "Exten": to, "Context": "cxcall-transfer"}
        assert (await manager.ask("BlindTransfer", target))["Response"] == "Success"
        await ring.ended()
        return ring.phone.number, to


@pytest.fixture
def two_agents(phones: Phones) -> Phones:
    phones["1003"].policy = Policy.BUSY
    return phones


async def test_a_transfer_from_the_desk_reaches_the_phone_it_is_for(switch: Switch, two_agents: Phones) -> None:
    await _talk_and_transfer(switch, two_agents, "1005")
    ring = await two_agents["1005"].next_call()
    assert ring.number == "09121234567"


async def test_a_transfer_to_a_busy_phone_comes_back_to_who_transferred(switch: Switch, two_agents: Phones) -> None:
    two_agents["1005"].policy = Policy.BUSY
    agent, _ = await _talk_and_transfer(switch, two_agents, "1005")
    ring = await two_agents[agent].next_call()
    assert ring.number == "09121234567"


async def test_a_transfer_nobody_takes_goes_back_to_its_queue(switch: Switch, two_agents: Phones) -> None:
    two_agents["1005"].policy = Policy.BUSY
    call = two_agents.outside.call(SUPPORT_NUMBER, from_number="09121234567")
    async with Manager.connect(switch.ami_port, switch.username, switch.secret) as manager:
        ring = await two_agents.first_ringing("1001", "1002")
        await ring.answer()
        await call.answered()
        ring.phone.policy = Policy.BUSY
        connected = await manager.event("AgentConnect")
        await manager.event("BridgeEnter", BridgeNumChannels="2")  # before that: "Transfer invalid"
        before = len(manager.seen)
        target = {"Channel": str(connected["DestChannel"]), "Exten": "1005", "Context": "cxcall-transfer"}
        await manager.ask("BlindTransfer", target)
        again = await manager.event("QueueCallerJoin", since=before)
    assert again["Queue"] == "support"


async def test_a_transfer_to_a_queue_queues_the_caller(switch: Switch, two_agents: Phones) -> None:
    await _talk_and_transfer(switch, two_agents, "sales")
    await two_agents.first_ringing("1004", "1005")


async def test_a_call_back_waits_in_the_queue_and_then_rings_the_customer(switch: Switch, phones: Phones) -> None:
    phones.outside.policy = Policy.RING
    async with Manager.connect(switch.ami_port, switch.username, switch.secret) as manager:
        originate = {
            "Channel": "Local/sales@cxcall-callback",
            "Context": "cxcall-callback-dial",
            "Exten": "09121234567",
            "Priority": "1",
            "Async": "true",
            "CallerID": '"Zahra" <09121234567>',
            "Variable": "__CXCALL_POSITION=1",
        }
        assert (await manager.ask("Originate", originate))["Response"] == "Success"
        ring = await phones.first_ringing("1004", "1005")
        assert ring.number == "09121234567"
        await ring.answer()
        customer = await phones.outside.next_call()
        assert "09121234567" in customer.invite.uri
        await customer.answer()
        await asyncio.sleep(0.2)
        await customer.hang_up()
        await ring.ended()
