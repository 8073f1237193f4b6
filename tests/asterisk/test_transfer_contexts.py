"""What asterisk-conf/extensions_cxcall.conf does with callers whom the desk sends on, and with call-backs."""

from __future__ import annotations

import asyncio

import pytest_asyncio

from cxcall.demo.phone import Policy
from cxcall.demo.switch import Switch
from tests.asterisk.conftest import Phones, no_calls
from tests.support.manager import Manager

SUPPORT_NUMBER = "02191000500"


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


@pytest_asyncio.fixture(loop_scope="session")
async def two_agents(switch: Switch, phones: Phones) -> Phones:
    """With no caller of the test before, who would be the first to be rung for."""
    await switch.cli("channel request hangup all")
    await no_calls(switch)
    await phones.forget_rings()
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
