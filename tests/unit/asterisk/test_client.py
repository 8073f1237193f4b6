"""The session with an Asterisk, against a double on the loopback; each bug of panoramisk 1.4 (LAB) has its test here.

The FastAGI bug (1) is not in this edge, and what a callback raises (3) or a stream is saved to (10) does not exist
here: nothing is called back while reading and the journal takes bytes. The tests show the behaviour.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest

from cxcall.asterisk.ami.client import Client
from cxcall.asterisk.ami.errors import ConnectionLost, NoAnswerInTime, NotConnected, Refused
from cxcall.asterisk.ami.inbox import Inbox
from cxcall.asterisk.ami.message import Wanted, event_name, parse
from cxcall.asterisk.limits import Limits
from cxcall.asterisk.resync import resync
from cxcall.asterisk.status import Meter
from cxcall.settings import Ami
from tests.support.fake_ami import FakeAmi, message

PATIENT = Limits(
    connect=20, login=20, action=20, listing=20, idle=20, pong=20, fresh=20, booted=20, stalled=20,
    retry=(0.02, 0.1), refused=(0.1, 0.4),
)  # fmt: skip
"""No limit of these is ever met, however busy the machine is; a test of a limit makes that one short."""

WANTED = Wanted(
    {"Newchannel", "Hangup", "OriginateResponse", "FullyBooted", "CoreShowChannel", "VarSet", "CxcallConnected",
     "CxcallDisconnected", "CxcallSnapshotStart", "CxcallSnapshotEnd"}
)  # fmt: skip


class Rig:
    """A client of a double, and what it read."""

    def __init__(self, ami: FakeAmi, secret: str, limits: Limits, inbox: Inbox) -> None:
        self.ami = ami
        self.inbox = inbox
        self.meter = Meter()
        self.resyncs = 0
        server = Ami(name="lab", port=ami.port, secret=secret)
        self.client = Client(server, wanted=WANTED, inbox=inbox, meter=self.meter, resync=self._resync, limits=limits)
        self.read: list[bytes] = []
        self.raw = b""

    async def _resync(self, client: Client) -> None:
        await resync(client)
        self.resyncs += 1

    def look(self) -> list[str]:
        """Names of all wanted events so far."""
        for piece in self.inbox.take_now(1 << 30):
            self.read += piece.wanted
            self.raw += piece.raw
        return [event_name(raw).decode() for raw in self.read]

    async def ready(self, times: int = 1) -> None:
        await self.ami.until(lambda: self.resyncs >= times and self.client.connected)


@asynccontextmanager
async def connected(
    ami: FakeAmi, *, secret: str = "right", limits: Limits = PATIENT, inbox: Inbox | None = None, wait: bool = True
) -> AsyncIterator[Rig]:
    rig = Rig(ami, secret, limits, inbox or Inbox())
    running = asyncio.create_task(rig.client.run())
    try:
        if wait:
            await rig.ready()
        yield rig
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


@pytest.fixture
async def ami() -> AsyncIterator[FakeAmi]:
    async with FakeAmi() as double:
        yield double


async def test_a_session_logs_in_sets_its_filter_and_brackets_a_snapshot_with_markers(ami: FakeAmi) -> None:
    ami.lists["CoreShowChannels"] = [message(Event="CoreShowChannel", Uniqueid="lab-1.1")]
    async with connected(ami) as rig:
        assert rig.look() == [
            "CxcallConnected", "FullyBooted", "CxcallSnapshotStart", "CoreShowChannel", "CxcallSnapshotEnd",
        ]  # fmt: skip
        assert rig.meter.state == "connected"
        assert rig.meter.ami_version == "11.0.0"
        assert rig.meter.asterisk_version == "22.10.1"
        assert rig.meter.filtered
        asked = ami.actions("Filter")
        assert {"action(include),name(Newchannel)", "action(include),name(Hangup)"} <= {
            entry["MatchCriteria"] for entry in asked
        }
        assert [entry["Filter"] for entry in asked if "Filter" in entry] == ["QUEUESTATUS"]
        assert not any("Cxcall" in entry["MatchCriteria"] for entry in asked)


async def test_the_journal_bytes_are_a_raw_stream_that_can_be_read_again(ami: FakeAmi) -> None:
    async with connected(ami) as rig:
        ami.send(message(Event="Newchannel", Uniqueid="lab-1.1") + message(Event="RTCPSent", SSRC="1"))
        await ami.until(lambda: "Newchannel" in rig.look())
    rig.look()
    names = [event_name(raw).decode() for raw in rig.raw.split(b"\r\n\r\n") if raw.startswith(b"Event: ")]
    assert names[0] == "CxcallConnected"
    assert names[-1] == "CxcallDisconnected"
    assert "RTCPSent" in names
    assert b"right" not in rig.raw  # the secret


async def test_a_wrong_password_is_an_error_people_see_and_is_tried_again_slowly(ami: FakeAmi) -> None:
    """panoramisk 1.4, bug 6: no exception, a silent reconnect every 3 seconds for ever."""
    async with connected(ami, secret="wrong", wait=False) as rig:
        await ami.until(lambda: len(ami.actions("Login")) >= 2)
        assert rig.meter.state == "refused"
        assert rig.meter.error == "Asterisk refused the login of “cxcall”: Authentication failed."
        assert rig.meter.remedy is not None
        assert "manager.conf" in rig.meter.remedy
        assert rig.look() == []
        ami.secret = "wrong"
        await rig.ready()
        assert str(rig.meter.state) == "connected"


async def test_a_refused_login_waits_much_longer_than_a_lost_connection() -> None:
    limits = Limits()
    assert limits.refused[0] > 10 * limits.retry[0]


async def test_an_action_that_adds_a_queue_member_gets_its_answer(ami: FakeAmi) -> None:
    """panoramisk 1.4, bug 2: its message was taken for a list, and the future never resolved."""
    ami.answers["QueueAdd"] = lambda fields: (
        f"Response: Success\r\nActionID: {fields['ActionID']}\r\nMessage: Added interface to queue\r\n\r\n"
    )
    async with connected(ami) as rig:
        answer = await rig.client.action("QueueAdd", {"Queue": "support", "Interface": "PJSIP/1001"})
        assert answer["Message"] == "Added interface to queue"


async def test_events_that_trip_over_something_do_not_cost_the_connection(ami: FakeAmi) -> None:
    """panoramisk 1.4, bug 3: an exception while working on one event tore the connection down."""
    async with connected(ami) as rig:
        ami.send(
            b"\xff\xfe\r\n\r\n: \r\n\r\nEvent: \r\n\r\nEvent: Newchannel\r\n\r\nEvent: Hangup\r\nCause: 16\r\n\r\n"
        )
        await ami.until(lambda: "Hangup" in rig.look())
        assert rig.client.connected
        assert rig.meter.unreadable == 2


async def test_a_name_cut_in_two_by_the_network_keeps_its_letters(ami: FakeAmi) -> None:
    """panoramisk 1.4, bug 4: a UTF-8 sequence split over two segments lost the character."""
    raw = message(Event="Newchannel", CallerIDName="José Müller")
    at = raw.index("ü".encode()) + 1
    async with connected(ami) as rig:
        ami.send(raw[:at])
        await asyncio.sleep(0.05)
        ami.send(raw[at:])
        await ami.until(lambda: "Newchannel" in rig.look())
        assert parse(rig.read[-1])["CallerIDName"] == "José Müller"


async def test_a_peer_that_falls_silent_is_pinged_and_then_dropped(ami: FakeAmi) -> None:
    """panoramisk 1.4, bug 5: Asterisk frozen for 12 s went unnoticed, six pings pending."""
    async with connected(ami, limits=replace(PATIENT, idle=0.1, pong=0.5)) as rig:
        ami.silent = True
        await ami.until(lambda: not rig.client.connected)
        assert ami.actions("Ping")
        assert rig.meter.error is not None
        assert "silent" in rig.meter.error
        ami.silent = False
        await rig.ready(2)
        assert "CxcallDisconnected" in rig.look()


async def test_a_quiet_peer_that_answers_pings_is_kept(ami: FakeAmi) -> None:
    async with connected(ami, limits=replace(PATIENT, idle=0.05)) as rig:
        await ami.until(lambda: len(ami.actions("Ping")) >= 3)
        assert rig.client.connected
        assert ami.logins == 1


async def test_an_event_with_our_action_id_still_reaches_the_stream(ami: FakeAmi) -> None:
    """panoramisk 1.4, bug 7: OriginateResponse went to the action and never to the event callbacks."""
    ami.answers["Originate"] = lambda fields: (
        f"Response: Success\r\nActionID: {fields['ActionID']}\r\nMessage: Originate successfully queued\r\n\r\n"
        f"Event: OriginateResponse\r\nActionID: {fields['ActionID']}\r\nResponse: Success\r\nUniqueid: lab-1.7\r\n\r\n"
    )
    async with connected(ami) as rig:
        await rig.client.action("Originate", {"Channel": "PJSIP/1001"})
        assert rig.look()[-1] == "OriginateResponse"


async def test_actions_without_a_connection_fail_at_once_and_are_never_sent_later(ami: FakeAmi) -> None:
    """panoramisk 1.4, bug 8: a click-to-call made while disconnected rang minutes later."""
    async with connected(ami) as rig:
        await ami.stop()
        await ami.until(lambda: not rig.client.connected)
        asked = asyncio.create_task(rig.client.action("Originate", {"Channel": "PJSIP/1001"}))
        await asyncio.sleep(0)
        assert asked.done(), "it waited for something"
        with pytest.raises(NotConnected):
            await asked
        await ami.start()
        await rig.ready(2)
        await asyncio.sleep(0.1)
        assert ami.actions("Originate") == []


async def test_an_action_that_was_under_way_when_the_connection_broke_fails_and_is_not_repeated(ami: FakeAmi) -> None:
    """panoramisk 1.4, bug 8, second half: unanswered actions were put back and sent again."""
    ami.answers["Originate"] = lambda _: ""
    async with connected(ami) as rig:
        asked = asyncio.create_task(rig.client.action("Originate", {"Channel": "PJSIP/1001"}))
        await ami.until(lambda: bool(ami.actions("Originate")))
        ami.cut()
        with pytest.raises(ConnectionLost):
            await asked
        await rig.ready(2)
        await asyncio.sleep(0.1)
        assert len(ami.actions("Originate")) == 1


async def test_after_a_reconnect_what_is_going_on_is_asked_for(ami: FakeAmi) -> None:
    """panoramisk 1.4, bug 9: the manager interface replays nothing, and nothing asked."""
    async with connected(ami) as rig:
        ami.lists["CoreShowChannels"] = [message(Event="CoreShowChannel", Uniqueid="lab-1.9")]
        ami.cut()
        await rig.ready(2)
        names = rig.look()
        lost = names.index("CxcallDisconnected")
        assert names[lost + 1 :] == [
            "CxcallConnected", "FullyBooted", "CxcallSnapshotStart", "CoreShowChannel", "CxcallSnapshotEnd",
        ]  # fmt: skip


async def test_an_unanswered_action_fails_after_its_limit_and_a_late_answer_is_ignored(ami: FakeAmi) -> None:
    late: list[str] = []

    def keep_silent(fields: dict[str, str]) -> str:
        late.append(fields["ActionID"])
        return ""

    ami.answers["Hangup"] = keep_silent
    async with connected(ami) as rig:
        with pytest.raises(NoAnswerInTime, match=r"Hangup within 0\.1 s"):
            await rig.client.action("Hangup", {"Channel": "PJSIP/1001-1"}, limit=0.1)
        await ami.until(lambda: bool(late))
        ami.send(message(Response="Success", ActionID=late[0]))
        assert (await rig.client.action("Ping"))["Response"] == "Success"


async def test_an_error_answer_is_a_refusal_with_asterisks_own_words(ami: FakeAmi) -> None:
    ami.answers["Hangup"] = lambda fields: (
        f"Response: Error\r\nActionID: {fields['ActionID']}\r\nMessage: No such channel\r\n\r\n"
    )
    async with connected(ami) as rig:
        with pytest.raises(Refused, match="No such channel"):
            await rig.client.action("Hangup", {"Channel": "PJSIP/1001-1"})


async def test_a_list_ends_with_its_complete_event_and_an_endless_one_with_its_limit(ami: FakeAmi) -> None:
    ami.lists["QueueStatus"] = [message(Event="QueueParams", Queue=f"q{number}") for number in range(3)]
    ami.answers["Endless"] = lambda fields: (
        f"Response: Success\r\nActionID: {fields['ActionID']}\r\nEventList: start\r\n\r\n"
        f"Event: Item\r\nActionID: {fields['ActionID']}\r\n\r\n"
    )
    async with connected(ami) as rig:
        items = await rig.client.listing("QueueStatus")
        assert [item["Queue"] for item in items] == ["q0", "q1", "q2"]
        with pytest.raises(NoAnswerInTime):
            await rig.client.listing("Endless", limit=0.1)


async def test_a_line_end_in_a_value_can_not_smuggle_in_another_action(ami: FakeAmi) -> None:
    async with connected(ami) as rig:
        with pytest.raises(ValueError, match="line end"):
            await rig.client.action("QueuePause", {"Reason": "lunch\r\n\r\nAction: Originate"})


async def test_an_act_is_not_sent_to_a_peer_that_stands_still(ami: FakeAmi) -> None:
    async with connected(ami, limits=replace(PATIENT, action=1, fresh=0.05)) as rig:
        ami.silent = True
        await asyncio.sleep(0.1)  # longer than fresh
        with pytest.raises(NoAnswerInTime, match="Ping"):
            await rig.client.act("Hangup", {"Channel": "PJSIP/1001-1"})
        assert ami.actions("Hangup") == []


async def test_a_user_without_the_right_to_filter_is_served_all_and_the_rest_is_dropped_here() -> None:
    async with FakeAmi(filters=False) as ami, connected(ami) as rig:
        assert not rig.meter.filtered
        ami.send(message(Event="VarSet", Variable="X") + message(Event="Hangup", Cause="16"))
        await ami.until(lambda: "Hangup" in rig.look())
        assert "VarSet" not in rig.look()


async def test_a_user_that_may_not_list_calls_is_told_what_right_is_missing(ami: FakeAmi) -> None:
    ami.answers["CoreShowChannels"] = lambda fields: (
        f"Response: Error\r\nActionID: {fields['ActionID']}\r\nMessage: Permission denied\r\n\r\n"
    )
    async with connected(ami, wait=False) as rig:
        await ami.until(lambda: rig.meter.error is not None)
        assert rig.meter.error == "Asterisk does not tell which calls are up: Permission denied."
        assert "manager_cxcall.conf" in str(rig.meter.remedy)
        assert "CxcallSnapshotEnd" not in rig.look()


async def test_a_snapshot_that_is_not_finished_in_time_starts_the_session_again(ami: FakeAmi) -> None:
    ami.answers["BridgeList"] = lambda _: ""
    async with connected(ami, limits=replace(PATIENT, listing=0.5), wait=False) as rig:
        await ami.until(lambda: "did not answer BridgeList" in str(rig.meter.error))
        del ami.answers["BridgeList"]
        await rig.ready()
        assert rig.look()[-1] == "CxcallSnapshotEnd"


async def test_half_a_filter_is_undone_by_a_new_session_without_one(ami: FakeAmi) -> None:
    done: list[Any] = []

    def answer(fields: dict[str, str]) -> str:
        done.append(fields)
        word = "Success" if len(done) < 3 else "Error"
        return f"Response: {word}\r\nActionID: {fields['ActionID']}\r\nMessage: x\r\n\r\n"

    ami.answers["Filter"] = answer
    async with connected(ami) as rig:
        assert ami.logins == 2
        assert not rig.meter.filtered


async def test_without_the_right_to_see_fullybooted_the_snapshot_comes_all_the_same(ami: FakeAmi) -> None:
    ami.booted = False
    async with connected(ami, limits=replace(PATIENT, booted=0.1)) as rig:
        assert rig.look() == ["CxcallConnected", "CxcallSnapshotStart", "CxcallSnapshotEnd"]


async def test_something_else_on_the_port_is_called_by_its_name() -> None:
    async with FakeAmi() as ami:
        ami.greeting = b"SSH-2.0-OpenSSH_9.2\r\n"
        async with connected(ami, wait=False) as rig:
            await ami.until(lambda: rig.meter.error is not None)
            assert "not Asterisk's manager interface" in str(rig.meter.error)
            assert "manager.conf" in str(rig.meter.remedy)


async def test_nothing_on_the_port_is_said_with_its_remedy(ami: FakeAmi) -> None:
    await ami.stop()
    async with connected(ami, wait=False) as rig:
        await ami.until(lambda: rig.meter.error is not None)
        assert rig.meter.error == f"Nothing listens on 127.0.0.1:{ami.port}."
        assert "enabled=yes" in str(rig.meter.remedy)
        assert rig.meter.state == "reconnecting"


async def test_half_a_message_at_the_end_of_a_connection_is_counted_and_left_out(ami: FakeAmi) -> None:
    async with connected(ami) as rig:
        ami.send(message(Event="Newchannel", Uniqueid="lab-1.1") + b"Event: Hangup\r\nUniqu")
        await ami.until(lambda: "Newchannel" in rig.look())
        ami.cut()
        await rig.ready(2)
        assert rig.meter.torn == 1
        assert "Hangup" not in rig.look()
        assert b"Uniqu\r\n" not in rig.raw


async def test_a_huge_message_is_skipped_and_counted(ami: FakeAmi) -> None:
    async with connected(ami) as rig:
        ami.send(b"Event: Newchannel\r\nX: " + b"x" * (2 << 20) + b"\r\n\r\n" + message(Event="Hangup", Cause="16"))
        await ami.until(lambda: "Hangup" in rig.look())
        assert rig.meter.unreadable == 1
        assert "Newchannel" not in rig.look()


async def test_a_full_inbox_stops_reading_and_goes_on_when_there_is_room(ami: FakeAmi) -> None:
    async with connected(ami, inbox=Inbox(limit=50_000)) as rig:
        rig.look()
        flood = b"".join(message(Event="Newchannel", Uniqueid=f"lab-1.{number}") for number in range(20_000))
        ami.send(flood)
        await ami.until(lambda: rig.meter.stalls > 0)
        await ami.until(lambda: rig.look().count("Newchannel") == 20_000)
        assert rig.client.connected
        assert rig.meter.overflows == 0


async def test_an_inbox_that_stays_full_is_counted_as_loss_and_ends_in_a_resync(ami: FakeAmi) -> None:
    async with connected(ami, limits=replace(PATIENT, stalled=0.3), inbox=Inbox(limit=50_000)) as rig:
        rig.look()
        ami.send(b"".join(message(Event="Newchannel", Uniqueid=f"lab-1.{number}") for number in range(20_000)))
        await ami.until(lambda: rig.meter.overflows == 1)
        await ami.until(lambda: "inbox stayed full" in str(rig.meter.error))
        await ami.until(lambda: bool(rig.look()) and rig.resyncs >= 2)
        names = rig.look()
        assert names.index("CxcallDisconnected") < names.index("CxcallSnapshotStart", 5)
        assert names.count("Newchannel") < 20_000


async def test_reconnecting_waits_longer_each_time_and_never_in_step_with_others() -> None:
    from cxcall.backoff import Backoff

    backoff = Backoff(0.5, 30)
    waits = [backoff.next() for _ in range(12)]
    for tries, wait in enumerate(waits):
        most = min(30, 0.5 * 2**tries)
        assert most / 2 <= wait <= most
    assert len(set(waits)) == len(waits)
    backoff.reset()
    assert backoff.next() <= 0.5
