"""Which channel is transferred, which signs prove a transfer, how a spy is asked for, and what members' acts become."""

from __future__ import annotations

from typing import Any, cast

import pytest

from cxcall.asterisk import acts
from cxcall.asterisk.acts import attended, spies
from cxcall.asterisk.acts.attended import Signs
from cxcall.asterisk.ami.client import Client
from cxcall.asterisk.ami.errors import Refused
from cxcall.bus import CommandRefused
from cxcall.bus.acts import AddMember, AttendedTransfer, CancelTransfer, LoggedOff, LogOff, MoveMember, TakeOver
from cxcall.calls.graph import Bridge, Channel, enter
from cxcall.calls.stage import near

ADD = AddMember(interface="PJSIP/1001", queue="sales", penalty=3)


class Switch:
    """Takes actions as a client does; `seats` are what QueueStatus lists, `refusals` what an action is refused with."""

    def __init__(self, *seats: dict[str, str], exists: str = "1", **refusals: str) -> None:
        self.seats = [{"Event": "QueueMember", "Location": "PJSIP/1001", "Name": "Sara", **seat} for seat in seats]
        self.exists = exists
        self.refusals = refusals
        self.done: list[tuple[str, dict[str, Any]]] = []
        self.then: Any = None

    async def action(self, name: str, fields: dict[str, Any], *, limit: float) -> dict[str, str]:
        return {"Response": "Success", "Value": self.exists}

    async def act(self, name: str, fields: dict[str, Any], *, limit: float) -> dict[str, str]:
        self.done.append((name, fields))
        if name in self.refusals:
            raise Refused(self.refusals[name])
        if self.then is not None:
            self.then()
        return {"Response": "Success"}

    async def listing(self, name: str, fields: dict[str, Any], *, limit: float) -> list[dict[str, str]]:
        return list(self.seats)

    async def do(self, act: Any, **how: Any) -> Any:
        return await acts.do(cast("Client", self), act, **how)

    @property
    def names(self) -> list[str]:
        return [name for name, _ in self.done]


def _channel(uid: str, name: str, bridge: Bridge) -> Channel:
    channel = Channel(uid, name, "local" if name.startswith("Local/") else "party", None)
    enter(channel, bridge, None)
    return channel


def test_behind_local_channels_the_half_beside_the_caller_is_transferred() -> None:
    near_caller, between, far = Bridge("a", None, None), Bridge("b", None, None), Bridge("c", None, None)
    caller = _channel("1", "PJSIP/trunk-1", near_caller)
    one, two = _channel("2", "Local/1@x-1;1", near_caller), _channel("3", "Local/1@x-1;2", between)
    three, four = _channel("4", "Local/2@y-2;1", between), _channel("5", "Local/2@y-2;2", far)
    one.half, two.half, three.half, four.half = two, one, four, three
    agent = _channel("6", "PJSIP/1001-2", far)
    assert near(agent) == "Local/1@x-1;1"
    assert near(caller) == "Local/2@y-2;2"
    direct = _channel("7", "PJSIP/1002-3", near_caller)
    assert near(direct) == "PJSIP/1002-3"
    assert near(_channel("8", "PJSIP/1003-4", Bridge("d", None, None))) == "PJSIP/1003-4"


async def test_a_transfer_is_believed_when_the_caller_is_held_and_the_other_is_asked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(attended, "SIGNS", 0.05)
    switch, signs = Switch(), Signs()
    act = AttendedTransfer(channel="PJSIP/1001-1", exten="1005")

    def told() -> None:
        if switch.names[-1] == "Atxfer":
            signs.told("Hold", {"Channel": "Local/1@x-1;1"})
            signs.told("Newchannel", {"Channel": "Local/1005@cxcall-transfer-00000001;1"})

    switch.then = told
    await switch.do(act, near=lambda _: "Local/1@x-1;1", signs=signs)
    assert switch.done[0][1]["Exten"] == "1005#"
    await switch.do(CancelTransfer(channel="PJSIP/1001-1"), near=lambda _: "Local/1005@x-2;2", signs=signs)
    assert switch.done[-1] == ("CancelAtxfer", {"Channel": "Local/1@x-1;1"}), (
        "where it was begun, wherever they are now"
    )
    signs.told("Hangup", {"Channel": "PJSIP/1001-1"})
    assert signs.begun == {}
    switch.then = None
    with pytest.raises(CommandRefused, match="option t"):
        await switch.do(act, signs=signs)
    assert switch.names[-1] == "Atxfer", "nothing began, so nothing is broken off"
    switch.then = lambda: signs.told("Hold", {"Channel": "PJSIP/1001-1"})
    with pytest.raises(CommandRefused, match="option t"):
        await switch.do(act, signs=signs)
    assert switch.names[-2:] == ["Atxfer", "CancelAtxfer"], "the caller does not stay on hold"


async def test_members_are_moved_or_stay_where_they_are() -> None:
    switch = Switch({"Queue": "sales", "Membership": "dynamic", "Penalty": "2", "Paused": "1", "PausedReason": "lunch"})
    await switch.do(MoveMember(interface="PJSIP/1001", queue="sales", to="support"))
    assert switch.names == ["QueueAdd", "QueueRemove"]
    added = switch.done[0][1]
    assert (added["MemberName"], added["Penalty"], added["Paused"], added["Reason"]) == ("Sara", "2", "true", "lunch")
    broken = Switch({"Queue": "sales", "Membership": "dynamic"}, QueueRemove="Member not dynamic")
    with pytest.raises(CommandRefused, match="configuration"):
        await broken.do(MoveMember(interface="PJSIP/1001", queue="sales", to="support"))
    assert broken.done[-1] == ("QueueRemove", {"Queue": "support", "Interface": "PJSIP/1001"}), "out again"
    fixed = Switch({"Queue": "sales", "Membership": "static"}, {"Queue": "spare", "Membership": "dynamic"})
    assert await fixed.do(LogOff(interface="pjsip/1001")) == LoggedOff(left=("spare",), paused=("sales",))
    assert fixed.done[0][1]["Reason"] == "logged off"
    with pytest.raises(CommandRefused, match="not in this queue"):
        await fixed.do(MoveMember(interface="PJSIP/1001", queue="support", to="sales"))
    there = Switch(QueueAdd="Unable to add interface: Already there")
    await there.do(ADD)
    assert there.done[-1] == ("QueuePenalty", {"Interface": "PJSIP/1001", "Penalty": "3", "Queue": "sales"})


async def test_a_call_is_not_taken_over_where_it_could_not_come_back() -> None:
    act = TakeOver(channel="PJSIP/1001-1", caller="PJSIP/trunk-1", phone="PJSIP/1005")
    with pytest.raises(CommandRefused, match="cxcall-take"):
        await (switch := Switch(exists="0")).do(act)
    assert switch.done == []
    for phone in ("PJSIP/1005&PJSIP/1006", "PJSIP/1005,30,g", "${X}", "1005"):
        with pytest.raises(CommandRefused, match="phone"):
            await Switch().do(TakeOver(channel="a", caller="b", phone=phone))


def test_a_spy_is_asked_for_by_unique_id_and_may_switch_by_keys_only_with_every_right() -> None:
    def data(**how: Any) -> str:
        fields = spies.listening("lab-1.2", phone="PJSIP/5", name='S"a<r>a', channel_id="cxsup-1", **how)
        assert fields["CallerID"] == '"S a r a" <cxcall>'
        assert fields["Variable"] == "CDR_PROP(disable)=1"
        return str(fields["Data"])

    assert data(mode="listen", keys=False) == "lab-1.2,quES"
    assert data(mode="whisper", keys=True) == "lab-1.2,quESwd"
    assert data(mode="join", keys=False) == "lab-1.2,quESB"
    assert spies.switches(frozenset({"listen", "whisper", "join"}))
    assert not spies.switches(frozenset({"listen", "join"}))
    assert spies.mark("a") != spies.mark("b")
    assert spies.mark("a").startswith("cxsup-")
