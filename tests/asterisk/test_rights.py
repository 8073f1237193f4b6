"""The manager user of asterisk-conf/manager_cxcall.conf: it may do what cxcall does, and needs each of its rights."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from cxcall.demo.phone import Policy
from cxcall.demo.switch import Site, Switch
from tests.asterisk.conftest import Phones, StartSwitch, no_calls
from tests.support.manager import Manager


@pytest_asyncio.fixture(loop_scope="session")
async def manager(switch: Switch) -> AsyncIterator[Manager]:
    async with Manager.connect(switch.ami_port, switch.username, switch.secret) as session:
        yield session


async def test_a_wrong_secret_is_refused(switch: Switch) -> None:
    with pytest.raises(PermissionError, match="Authentication failed"):
        async with Manager.connect(switch.ami_port, switch.username, "guess"):
            pass


async def test_it_sets_its_own_event_filters_and_gets_only_what_they_let_through(
    switch: Switch, manager: Manager, phones: Phones
) -> None:
    wanted = ("Newchannel", "Hangup")
    for name in wanted:
        answer = await manager.ask("Filter", {"Operation": "Add", "MatchCriteria": f"action(include),name({name})"})
        assert answer["Response"] == "Success", answer
    call = phones["1001"].call("850")
    await call.answered()
    await call.hang_up()
    await manager.event("Hangup")
    assert {seen.event["Event"] for seen in manager.seen} - {"FullyBooted"} == set(wanted)


async def test_it_takes_a_snapshot_of_what_is_going_on(switch: Switch, manager: Manager, phones: Phones) -> None:
    await no_calls(switch)
    phones["1002"].policy = Policy.ANSWER
    call = phones["1001"].call("1002")
    await call.answered()
    bridges = await manager.listed("BridgeList", "BridgeListComplete")
    async with asyncio.timeout(30):
        while [bridge["BridgeNumChannels"] for bridge in bridges] != ["2"]:  # the phones are answered a moment earlier
            await asyncio.sleep(0.05)
            bridges = await manager.listed("BridgeList", "BridgeListComplete")
    channels = await manager.listed("CoreShowChannels", "CoreShowChannelsComplete")
    queues = await manager.listed("QueueStatus", "QueueStatusComplete")
    assert {str(channel["Channel"])[:10] for channel in channels} == {"PJSIP/1001", "PJSIP/1002"}
    assert {queue["Queue"] for queue in queues if queue["Event"] == "QueueParams"} >= {"support", "sales"}
    await call.hang_up()


async def test_it_sees_queue_events_with_microseconds_and_queuestatus(manager: Manager, phones: Phones) -> None:
    call = phones.outside.call("02191000500", from_number="09121234567")
    ring = await phones.first_ringing("1001", "1002", "1003")
    await ring.answer()
    await call.answered()
    await manager.event("BridgeEnter", BridgeNumChannels="2")  # who hangs up before that never talked
    await ring.hang_up()
    await call.ended()
    joined = await manager.event("QueueCallerJoin")
    assert "." in joined["Timestamp"]
    await manager.event("AgentComplete", Reason="agent")
    await manager.event("VarSet", Variable="QUEUESTATUS", Value="CONTINUE")


@pytest.mark.parametrize(
    ("action", "headers"),
    [
        ("MuteAudio", {"Channel": "@", "Direction": "in", "State": "on"}),
        ("BlindTransfer", {"Channel": "@", "Exten": "1003", "Context": "cxcall-transfer"}),
        ("Hangup", {"Channel": "@"}),
    ],
)
async def test_it_acts_on_a_call(manager: Manager, phones: Phones, action: str, headers: dict[str, str]) -> None:
    phones["1001"].policy = phones["1003"].policy = Policy.ANSWER
    call = phones.outside.call("02191001001", from_number="09121234567")
    await call.answered()
    agent = await manager.until(lambda event: str(event.get("Channel", "")).startswith("PJSIP/1001-"))
    await manager.event("BridgeEnter", Channel=str(agent["Channel"]))
    await manager.event("BridgeEnter", BridgeNumChannels="2")
    answer = await manager.ask(
        action, {key: value.replace("@", str(agent["Channel"])) for key, value in headers.items()}
    )
    assert answer["Response"] == "Success", answer
    await call.hang_up()
    await call.ended()


async def test_it_pauses_adds_and_removes_queue_members(manager: Manager) -> None:
    member = {"Queue": "sales", "Interface": "PJSIP/1001"}
    for action, headers in (
        ("QueueAdd", {"MemberName": "Sara Ahmadi", "StateInterface": "PJSIP/1001"}),
        ("QueuePause", {"Paused": "true", "Reason": "lunch"}),
        ("QueuePenalty", {"Penalty": "2"}),
        ("QueueRemove", {}),
    ):
        answer = await manager.ask(action, {**member, **headers})
        assert answer["Response"] == "Success", (action, answer)


async def test_it_originates_a_call_from_a_phone(manager: Manager, phones: Phones) -> None:
    answer = await manager.ask(
        "Originate",
        {"Channel": "PJSIP/1001", "Context": "internal", "Exten": "850", "Priority": "1", "Async": "true"},
    )
    assert answer["Response"] == "Success", answer
    ring = await phones["1001"].next_call()
    await ring.answer()
    response = await manager.event("OriginateResponse")
    assert response["Response"] == "Success"
    await ring.hang_up()


RIGHTS = ("system", "call", "agent", "originate")
NEEDED_FOR: dict[str, tuple[str, dict[str, str]]] = {
    "system": ("Filter", {"Operation": "Add", "MatchCriteria": "action(include),name(Hangup)"}),
    "call": ("BlindTransfer", {"Channel": "PJSIP/none", "Context": "internal", "Exten": "850"}),
    "agent": ("QueuePause", {"Interface": "PJSIP/none", "Paused": "true"}),
    "originate": ("Originate", {"Channel": "PJSIP/1001", "Application": "Wait", "Data": "1"}),
}


async def test_every_right_to_write_is_needed(start_switch: StartSwitch) -> None:
    users = ""
    for right in RIGHTS:
        others = ",".join(one for one in RIGHTS if one != right)
        users += f"[less-{right}]\nsecret = less\nread = call\nwrite = {others}\n"
    switch = await start_switch(Site(additions={"manager.conf": users}))
    for right in RIGHTS:
        action, headers = NEEDED_FOR[right]
        async with Manager.connect(switch.ami_port, f"less-{right}", "less") as session:
            answer = await session.ask(action, headers)
        assert answer["Message"] == "Permission denied", right


@pytest.mark.parametrize(
    ("action", "headers"),
    [
        ("Command", {"Command": "core show version"}),
        ("UpdateConfig", {"SrcFilename": "extensions.conf", "DstFilename": "extensions.conf"}),
        ("GetConfig", {"Filename": "/etc/passwd"}),
    ],
)
async def test_it_may_not_use_the_console_nor_touch_configuration(
    manager: Manager, action: str, headers: dict[str, str]
) -> None:
    answer = await manager.ask(action, headers)
    assert answer["Response"] == "Error", answer
