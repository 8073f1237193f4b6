"""A supervisor steps into calls of a real Asterisk: who hears whom, by the tone each phone hums; members."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from sqlalchemy import text

from cxcall.bus import CommandRefused
from cxcall.bus.acts import (
    AddMember,
    BlindTransfer,
    LoggedOff,
    LogOff,
    MoveMember,
    RemoveMember,
    SetPenalty,
)
from cxcall.bus.monitoring import Mode, monitor_channel, told_channel
from cxcall.demo.phone import strength
from tests.asterisk.floor_stage import (
    HINTS,
    RECEPTION,
    Place,
    answer_monitor,
    talk,
    until,
)
from tests.asterisk.hearing import LOUD, SILENT, TONES, hear_exactly
from tests.asterisk.site import SUPPORT


@pytest.mark.parametrize(
    ("to", "ring"), [(SUPPORT, ()), (RECEPTION, ("1001",)), (HINTS, ("1004",))], ids=["phone", "local", "hint"]
)
async def test_listening_whispering_and_joining_are_heard_by_the_right_ears_only(
    at: Place, to: str, ring: tuple[str, ...]
) -> None:
    call, taken, stage = await talk(at, f"0912113000{len(ring)}", to, *ring)
    agent = taken.phone.number
    begun = await at.start(stage.call_id, "listen")
    assert (begun.state, begun.agent) == ("ringing", f"PJSIP/{agent}")
    supervisor = await answer_monitor(at)
    assert supervisor.name == begun.agent_name
    await hear_exactly(
        supervisor=(supervisor, (agent, "outside")), agent=(taken, ("outside",)), caller=(call, (agent,))
    )
    assert (await at.start(stage.call_id, "whisper")).mode == "whisper", "without ringing again"
    await hear_exactly(agent=(taken, ("outside", "1005")), caller=(call, (agent,)))
    await at.start(stage.call_id, "join")
    await hear_exactly(
        supervisor=(supervisor, (agent, "outside")),
        agent=(taken, ("outside", "1005")),
        caller=(call, (agent, "1005")),
    )
    supervisor.press("4")
    await hear_exactly(agent=(taken, ("outside",)), caller=(call, (agent,)))
    monitor = await at.monitor()
    assert monitor is not None
    assert (monitor.mode, monitor.state) == ("listen", "on"), "keys of the phone are followed"
    await call.hang_up()
    await supervisor.ended()
    await until(lambda: not at.monitors._by_user)


async def test_nothing_of_it_is_in_records_talks_or_cdr(at: Place) -> None:
    call, taken, stage = await talk(at, "09121130010")
    await at.start(stage.call_id, "join")
    supervisor = await answer_monitor(at)
    await hear_exactly(caller=(call, (taken.phone.number, "1005")))
    later = await at.stage()
    assert {party.channel.rpartition("-")[0] for party in later.parties} == {
        "PJSIP/trunk",
        f"PJSIP/{taken.phone.number}",
    }
    await at.stop()
    await supervisor.ended()
    await taken.hang_up()
    await call.ended()
    record = await at.record("09121130010")
    assert "PJSIP/1005" not in {leg.channel.rpartition("-")[0] for leg in record.legs}
    assert len(record.talks) == 1
    async with at.engine.connect() as conn:
        assert not [each for each in (await conn.execute(text("SELECT id FROM calls"))).scalars() if "cxsup" in each]
    rows = at.switch.folder / "log/cdr-csv/Master.csv"
    await until(lambda: rows.exists() and "09121130010" in rows.read_text())
    assert "cxsup" not in rows.read_text()
    assert "ChanSpy" not in rows.read_text()


async def test_with_fewer_rights_the_phone_rings_anew_and_what_a_crash_leaves_is_ended(at: Place) -> None:
    call, taken, stage = await talk(at, "09121130011")
    may: frozenset[Mode] = frozenset({"listen", "whisper"})
    with pytest.raises(CommandRefused, match="right"):
        await at.start(stage.call_id, "join", may=may)
    await at.start(stage.call_id, "listen", may=may)
    supervisor = await answer_monitor(at)
    agent = taken.phone.number
    await hear_exactly(supervisor=(supervisor, (agent, "outside")))
    supervisor.press("6")
    await asyncio.sleep(0.5)
    await hear_exactly(agent=(taken, ("outside",)), caller=(call, (agent,)))
    await at.start(stage.call_id, "whisper", may=may)
    again = await answer_monitor(at)
    await supervisor.ended()
    await hear_exactly(agent=(taken, ("outside", "1005")), caller=(call, (agent,)))
    at.monitors._by_user.clear()
    at.monitors._by_channel.clear()
    at.monitors.listed("lab")
    await again.ended()


async def test_an_agent_is_told_by_a_tone_only_they_hear_and_a_phone_that_is_not_answered_is_said(at: Place) -> None:
    call, taken, stage = await talk(at, "09121130012")
    news: list[Any] = []
    told: list[Any] = []
    at.bus.subscribe(monitor_channel("u1"), lambda message: news.append(message.data))
    at.bus.subscribe(told_channel(f"PJSIP/{taken.phone.number}"), lambda message: told.append(message.data["mode"]))
    await at.start(stage.call_id, "listen", announce="tone")
    ring = await at.phones["1005"].next_call(30)
    loudest = 0.0
    async with asyncio.timeout(20):
        while loudest < LOUD:
            await asyncio.sleep(0.05)
            loudest = strength(taken.heard.last(0.2), TONES["told"])
            assert strength(call.heard.last(0.2), TONES["told"]) < SILENT
    await ring.refuse()
    await until(lambda: not at.monitors._by_user)
    assert news[-1] == {"call": stage.call_id, "state": "over", "mode": "listen", "why": "Your phone did not answer."}
    assert told == ["listen", None]
    assert await at.commands.ask("monitor:why", "u1") == (stage.call_id, "Your phone did not answer.")
    await call.hang_up()
    with pytest.raises(CommandRefused, match="ended"):
        await at.start("lab-nothing", "listen")


async def test_members_are_added_moved_and_logged_off(at: Place) -> None:
    async def where() -> dict[str, dict[str, Any]]:
        members = await at.commands.ask("members:lab", None)
        return {member["interface"]: member for member in members}

    async def queues(interface: str, wanted: tuple[str, ...]) -> None:
        async with asyncio.timeout(30):
            while (await where()).get(interface, {"queues": []})["queues"] != list(wanted):
                await asyncio.sleep(0.05)

    add = AddMember(interface="PJSIP/1004", queue="spare", name="Omid", penalty=2, state_interface="PJSIP/1004")
    await at.act(add)
    await at.act(add)
    await queues("PJSIP/1004", ("sales", "spare"))
    await at.act(SetPenalty(interface="PJSIP/1004", penalty=5, queue="spare"))
    await at.act(MoveMember(interface="PJSIP/1004", queue="spare", to="support"))
    await queues("PJSIP/1004", ("sales", "support"))
    shown = await at.switch.cli("queue show support")
    assert "penalty 5" in shown
    assert "Omid" in shown
    with pytest.raises(CommandRefused, match="configuration"):
        await at.act(MoveMember(interface="PJSIP/1004", queue="sales", to="spare"))
    with pytest.raises(CommandRefused, match="configuration"):
        await at.act(RemoveMember(interface="PJSIP/1004", queue="sales"))
    with pytest.raises(CommandRefused, match="no such queue"):
        await at.act(AddMember(interface="PJSIP/1004", queue="nowhere"))
    off = await at.act(LogOff(interface="PJSIP/1004"))
    assert off == LoggedOff(left=("support",), paused=("sales",))
    await queues("PJSIP/1004", ("sales",))
    async with asyncio.timeout(30):
        while (await where())["PJSIP/1004"]["reason"] != "logged off":
            await asyncio.sleep(0.05)
    with pytest.raises(CommandRefused, match="in no queue"):
        await at.act(LogOff(interface="PJSIP/9999"))


async def test_who_listens_to_an_agent_that_hands_the_call_on_is_out_and_may_follow_it(at: Place) -> None:
    call, taken, stage = await talk(at, "09121130014")
    await at.start(stage.call_id, "listen")
    supervisor = await answer_monitor(at)
    await hear_exactly(supervisor=(supervisor, (taken.phone.number, "outside")))
    channel = next(party.channel for party in stage.parties if not party.customer)
    await at.act(BlindTransfer(channel=channel, exten="1004"))
    asked = await at.phones["1004"].next_call(30)
    await supervisor.ended()
    await until(lambda: not at.monitors._by_user)
    await asked.answer()
    later = await at.stage()
    again = await at.start(later.call_id, "listen")
    assert again.agent == "PJSIP/1004"
    supervisor = await answer_monitor(at)
    await hear_exactly(supervisor=(supervisor, ("1004", "outside")), caller=(call, ("1004",)))
