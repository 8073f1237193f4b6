"""From the socket to the committed row: against a double of the manager interface and a real SQLite file."""

from __future__ import annotations

import asyncio
import errno
import math
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncEngine

from cxcall.asterisk.ami.inbox import Piece
from cxcall.asterisk.edge import AsteriskEdge
from cxcall.asterisk.limits import Limits
from cxcall.bus import Bus, CommandRefused, Commands, Message
from cxcall.bus.acts import BlindTransfer, Hangup, Mute, PauseMember
from cxcall.calls.record import CallRecord
from cxcall.settings import Ami, Settings, Site
from cxcall.store import calls
from cxcall.store.engine import open_engine
from cxcall.store.journal import Journal
from tests.support.fake_ami import FakeAmi, message
from tests.support.schema import new_database

STREAMS = Path(__file__).parents[2] / "replay" / "streams"
ANSWERED = (STREAMS / "queue_answered_agent_hangs_up.ami").read_bytes()
PATIENT = Limits(
    connect=20, login=20, action=20, listing=20, idle=20, pong=20, fresh=20, booted=20, stalled=20, retry=(0.02, 0.1)
)
"""No limit of these is ever met, however busy the machine is; only connecting again is quick."""


class House:
    """An edge over doubles, its database, and what the bus said."""

    def __init__(self, folder: Path, engine: AsyncEngine, servers: dict[str, FakeAmi]) -> None:
        self.engine = engine
        self.bus = Bus(0)
        self.commands = Commands()
        self.heard: list[Message] = []
        self.settings = Settings(
            ami=tuple(Ami(name=name, port=ami.port, secret="right") for name, ami in servers.items()),
            site=Site(country="DE"),
        )
        self.edge = AsteriskEdge(
            settings=self.settings, engine=engine, bus=self.bus, commands=self.commands, data_dir=folder, limits=PATIENT
        )
        for channel in ("calls", "asterisk", "desk:PJSIP/1001", "desk:PJSIP/1002"):
            self.bus.subscribe(channel, self.heard.append)

    def status(self, server: int = 0) -> Any:
        return self.edge.status()[server]

    async def calls(self) -> list[CallRecord]:
        async with self.engine.connect() as conn:
            ids = (await conn.execute(text("SELECT id FROM calls ORDER BY started_at"))).scalars().all()
            found = [await calls.get(conn, id_) for id_ in ids]
        return [record for record in found if record is not None]

    async def until(self, condition: Callable[[], bool], limit: float = 30.0) -> None:
        async with asyncio.timeout(limit):
            while not condition():
                await asyncio.sleep(0.01)

    async def up(self) -> None:
        await self.until(lambda: all(status.resynced_at is not None for status in self.edge.status()))

    async def hear(self, ami: FakeAmi, raw: bytes, server: int = 0) -> None:
        """Send `raw` and wait until it is in the journal."""
        end = self.status(server).journal_end + len(raw)
        ami.send(raw)
        await self.until(lambda: self.status(server).journal_end >= end)

    async def written(self, server: int = 0) -> None:
        """All that is in the journal is committed."""
        await self.until(
            lambda: (now := self.status(server)).journal_committed == now.journal_end and not now.calls_waiting
        )

    def told(self, channel: str) -> list[Any]:
        return [message.data for message in self.heard if message.channel == channel]


@pytest.fixture
async def engine(tmp_path: Path) -> AsyncIterator[AsyncEngine]:
    engine = open_engine(new_database(tmp_path / "cxcall.sqlite"))
    yield engine
    await engine.dispose()


@pytest.fixture
async def ami() -> AsyncIterator[FakeAmi]:
    async with FakeAmi() as double:
        yield double


@asynccontextmanager
async def house(folder: Path, engine: AsyncEngine, **servers: FakeAmi) -> AsyncIterator[House]:
    made = House(folder, engine, servers)
    running = asyncio.create_task(made.edge.run())
    try:
        await made.up()
        yield made
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


def numbered(number: int) -> bytes:
    """The recorded call as one of many: each number makes another call of it."""
    return ANSWERED.replace(b"lab-17952", f"lab-{number}7952".encode())


def cut(stream: bytes, before: bytes) -> tuple[bytes, bytes]:
    """The stream before and from the first event that contains `before`."""
    at = stream.rindex(b"\r\n\r\n", 0, stream.index(before)) + 4
    return stream[:at], stream[at:]


async def test_a_recorded_call_becomes_one_committed_row_and_is_told_after(
    tmp_path: Path, engine: AsyncEngine, ami: FakeAmi
) -> None:
    async with house(tmp_path, engine, lab=ami) as home:
        ami.send(ANSWERED)
        await home.until(lambda: any(told["ended_at"] for told in home.told("calls")))
        (record,) = await home.calls()
        assert record.outcome == "answered"
        assert record.ended_at is not None
        assert record.gaps == ()
        states = [told["state"] for told in home.told("desk:PJSIP/1001") if "state" in told]
        assert states[-1] == "ended"
        status = home.status()
        assert status.state == "connected"
        assert status.open_calls == 0
        assert status.unreadable == 0


async def test_the_journal_holds_the_raw_bytes_and_can_be_replayed(
    tmp_path: Path, engine: AsyncEngine, ami: FakeAmi
) -> None:
    async with house(tmp_path, engine, lab=ami) as home:
        ami.send(ANSWERED)
        await home.until(lambda: any(told["ended_at"] for told in home.told("calls")))
    journal = Journal(tmp_path / "journal" / "lab")
    kept = b"".join(chunk for _, chunk in journal.read(0))
    journal.close()
    assert ANSWERED in kept
    assert kept.count(b"Event: Cxcall") == 4


async def test_a_call_that_was_up_keeps_its_history_over_a_restart_of_ours(
    tmp_path: Path, engine: AsyncEngine, ami: FakeAmi
) -> None:
    before, after = cut(ANSWERED, b"Event: HangupRequest")
    async with house(tmp_path, engine, lab=ami) as home:
        await home.hear(ami, before)
        await home.written()
        (record,) = await home.calls()
        assert record.answered_at is not None
        assert record.ended_at is None
    ami.lists["CoreShowChannels"] = still_up(before)
    async with house(tmp_path, engine, lab=ami) as home:
        ami.send(after)
        await home.until(lambda: any(told["ended_at"] for told in home.told("calls")))
        (again,) = await home.calls()
    assert again.id == record.id
    assert again.answered_at == record.answered_at
    assert again.queue_visits[0].queue == record.queue_visits[0].queue
    assert again.outcome == "answered"
    assert len(again.gaps) == 1


async def test_a_call_is_told_again_as_it_was_after_a_crash_without_a_last_word(
    tmp_path: Path, engine: AsyncEngine, ami: FakeAmi
) -> None:
    """kill -9: no marker of the end in the journal, and the last half second not committed."""
    before, after = cut(ANSWERED, b"Event: HangupRequest")
    folder = tmp_path / "journal" / "lab"
    journal = Journal(folder)
    journal.append(b"Event: CxcallConnected\r\nTimestamp: 1.0\r\n\r\n" + before)
    journal.close()
    ami.lists["CoreShowChannels"] = still_up(before)
    async with house(tmp_path, engine, lab=ami) as home:
        ami.send(after)
        await home.until(lambda: any(told["ended_at"] for told in home.told("calls")))
        (record,) = await home.calls()
    assert record.outcome == "answered"
    assert record.answered_at is not None
    assert len(record.gaps) == 1


async def test_a_call_that_ended_while_we_were_away_is_ended_with_a_gap(
    tmp_path: Path, engine: AsyncEngine, ami: FakeAmi
) -> None:
    before, _ = cut(ANSWERED, b"Event: HangupRequest")
    async with house(tmp_path, engine, lab=ami) as home:
        await home.hear(ami, before)
        await home.written()
        ami.cut()
        await home.until(lambda: any(told["ended_at"] for told in home.told("calls")))
        (record,) = await home.calls()
        assert len(record.gaps) == 1
        assert home.status().gaps == 1
        assert home.status().reconnects == 1


async def test_a_call_the_database_thinks_is_up_is_ended_when_nobody_knows_it_any_more(
    tmp_path: Path, engine: AsyncEngine, ami: FakeAmi
) -> None:
    """The journal was lost with its disk, and the call ended meanwhile."""
    before, _ = cut(ANSWERED, b"Event: HangupRequest")
    async with house(tmp_path, engine, lab=ami) as home:
        await home.hear(ami, before)
        await home.written()
    async with house(tmp_path / "elsewhere", engine, lab=ami) as home:
        await home.until(lambda: any(told["ended_at"] for told in home.told("calls")))
        (record,) = await home.calls()
        assert record.ended_at is not None
        assert record.gaps


async def test_two_servers_at_once_keep_their_calls_apart(tmp_path: Path, engine: AsyncEngine, ami: FakeAmi) -> None:
    async with FakeAmi() as other, house(tmp_path, engine, here=ami, there=other) as home:
        ami.send(ANSWERED)
        other.send(ANSWERED)
        await home.until(lambda: sum(bool(told["ended_at"]) for told in home.told("calls")) == 2)
        first, second = await home.calls()
        assert {first.server, second.server} == {"here", "there"}
        assert first.id.removeprefix(first.server) == second.id.removeprefix(second.server)
        assert (tmp_path / "journal" / "here").is_dir()
        assert (tmp_path / "journal" / "there").is_dir()


async def test_a_server_that_is_not_set_up_is_shown_and_the_others_run(
    tmp_path: Path, engine: AsyncEngine, ami: FakeAmi
) -> None:
    home = House(tmp_path, engine, {"lab": ami})
    settings = Settings(ami=(Ami(name="new"), Ami(name="lab", port=ami.port, secret="right")), site=Site(country="DE"))
    edge = AsteriskEdge(
        settings=settings, engine=engine, bus=home.bus, commands=home.commands, data_dir=tmp_path, limits=PATIENT
    )
    running = asyncio.create_task(edge.run())
    await home.until(lambda: edge.status()[1].state == "connected")
    listed = await home.commands.ask("asterisk:status", None)
    assert [status.state for status in listed] == ["disabled", "connected"]
    assert "secret" in str(listed[0].remedy)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


class Outage:
    """Makes the database refuse every write for as long as it lasts."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.on = False
        self.tries = 0
        apply = calls.apply

        async def away(*args: Any, **kwargs: Any) -> Any:
            if self.on:
                self.tries += 1
                raise OperationalError("INSERT", {}, Exception("the database is away"))
            return await apply(*args, **kwargs)

        monkeypatch.setattr(calls, "apply", away)


async def test_while_the_database_is_away_calls_are_followed_and_written_when_it_is_back(
    tmp_path: Path, engine: AsyncEngine, ami: FakeAmi, monkeypatch: pytest.MonkeyPatch
) -> None:
    outage = Outage(monkeypatch)
    async with house(tmp_path, engine, lab=ami) as home:
        await home.written()
        outage.on = True
        committed = home.status().journal_committed
        for number in range(5):
            await home.hear(ami, numbered(number))
        await home.until(lambda: outage.tries > 1 and home.status().calls_waiting == 5)
        status = home.status()
        assert status.journal_committed == committed
        assert "the database is away" in str(status.database_error)
        assert not status.ready
        assert home.told("calls") == []
        outage.on = False
        await home.written()
        records = await home.calls()
        assert [record.outcome for record in records] == ["answered"] * 5
        assert home.status().database_error is None


async def test_more_calls_than_can_be_held_are_written_from_the_journal_later(
    tmp_path: Path, engine: AsyncEngine, ami: FakeAmi, monkeypatch: pytest.MonkeyPatch
) -> None:
    outage = Outage(monkeypatch)
    async with house(tmp_path, engine, lab=ami) as home:
        await home.written()
        home.edge.writer._most = 3
        outage.on = True
        for number in range(8):
            await home.hear(ami, numbered(number))
        await home.until(lambda: home.edge.writer.behind == {"lab"} and home.status().calls_waiting >= 3)
        outage.on = False
        await home.until(lambda: not home.edge.writer.behind)
        await home.hear(ami, message(Event="FullyBooted"))
        await home.written()
        assert len(await home.calls()) == 8


async def test_a_record_the_database_will_not_take_does_not_hold_up_the_others(
    tmp_path: Path, engine: AsyncEngine, ami: FakeAmi, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sqlalchemy.exc import DataError

    apply = calls.apply

    async def picky(conn: Any, batch: Any, **kwargs: Any) -> Any:
        if any("-27952" in write.record.id for write in batch):
            raise DataError("INSERT", {}, Exception("value too long"))
        return await apply(conn, batch, **kwargs)

    monkeypatch.setattr(calls, "apply", picky)
    async with house(tmp_path, engine, lab=ami) as home:
        for number in (1, 2, 3):
            await home.hear(ami, numbered(number))
        await home.written()
        assert len(await home.calls()) == 2
        assert home.edge.writer.refused > 0


async def test_a_full_disk_is_shown_and_calls_are_followed_all_the_same(
    tmp_path: Path, engine: AsyncEngine, ami: FakeAmi, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with house(tmp_path, engine, lab=ami) as home:

        def full(*_: Any) -> int:
            raise OSError(errno.ENOSPC, "No space left on device")

        with monkeypatch.context() as patch:
            patch.setattr(Journal, "append", full)
            ami.send(ANSWERED)
            await home.until(lambda: any(told["ended_at"] for told in home.told("calls")))
            assert "disk of the event journal is full" in str(home.status().journal_error)
        ami.send(message(Event="Newchannel"))
        await home.until(lambda: home.status().journal_error is None)
        (record,) = await home.calls()
        assert record.outcome == "answered"


@pytest.fixture
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """A stop takes the time it needs."""
    monkeypatch.setattr("cxcall.asterisk.listener.LAST_LOOK", 60.0)
    monkeypatch.setattr("cxcall.asterisk.edge.LAST_WRITE", 60.0)


async def held_up(home: House, ami: FakeAmi, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stop while eight calls are worked on: the first event of the batch is held up until the stop has begun."""
    listener = home.edge.listeners[0]
    begun = asyncio.Event()
    piece = listener._piece

    async def slowly(*args: Any) -> None:
        begun.set()
        while listener._last_look == math.inf:
            await asyncio.sleep(0)
        await piece(*args)

    monkeypatch.setattr(listener, "_piece", slowly)
    ami.send(numbered(0))
    await begun.wait()
    for number in range(1, 8):
        raw = numbered(number)
        listener._inbox.put(Piece(raw=raw, wanted=raw.split(b"\r\n\r\n")[:-1], events=1, arrived=time.time()))


@pytest.mark.usefixtures("unhurried")
async def test_what_was_read_before_a_stop_is_written_before_it_ends(
    tmp_path: Path, engine: AsyncEngine, ami: FakeAmi
) -> None:
    async with house(tmp_path, engine, lab=ami) as home:
        ami.send(ANSWERED)
        await home.until(lambda: home.status().events > 100)
    (record,) = await home.calls()
    assert record.outcome in ("answered", "in_progress")
    assert home.edge.writer.waiting == 0


@pytest.mark.usefixtures("unhurried")
async def test_a_stop_in_the_middle_of_a_batch_works_it_through_before_what_came_later(
    tmp_path: Path, engine: AsyncEngine, ami: FakeAmi, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with house(tmp_path, engine, lab=ami) as home:
        await held_up(home, ami, monkeypatch)
    assert [record.outcome for record in await home.calls()] == ["answered"] * 8


async def test_what_a_stop_has_no_time_to_follow_is_followed_by_the_next_start(
    tmp_path: Path, engine: AsyncEngine, ami: FakeAmi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cxcall.asterisk.listener.LAST_LOOK", 0.0)
    async with house(tmp_path, engine, lab=ami) as home:
        await held_up(home, ami, monkeypatch)
    assert len(await home.calls()) < 8
    async with house(tmp_path, engine, lab=ami) as again:
        await again.written()
        assert [record.outcome for record in await again.calls()] == ["answered"] * 8


async def test_queue_members_are_told_to_their_phones_and_listed(
    tmp_path: Path, engine: AsyncEngine, ami: FakeAmi
) -> None:
    ami.lists["QueueStatus"] = [
        message(Event="QueueMember", Queue="support", Name="Alice", Location="Local/1001@agents/n",
                StateInterface="PJSIP/1001", Status="1", Paused="0"),
        message(Event="QueueMember", Queue="sales", Name="Alice", Location="Local/1001@agents/n",
                StateInterface="PJSIP/1001", Status="1", Paused="0"),
    ]  # fmt: skip
    async with house(tmp_path, engine, lab=ami) as home:
        (alice,) = await home.commands.ask("members:lab", None)
        assert alice["queues"] == ["sales", "support"]
        assert alice["status"] == "free"
        ami.send(
            message(Event="QueueMemberPause", Timestamp="1795294661.5", Queue="sales", MemberName="Alice",
                    Interface="Local/1001@agents/n", StateInterface="PJSIP/1001", Status="5", Paused="1",
                    PausedReason="lunch")
        )  # fmt: skip
        await home.until(lambda: len(home.told("desk:PJSIP/1001")) == 2)
        member = home.told("desk:PJSIP/1001")[-1]["member"]
        assert (member["status"], member["paused"], member["reason"]) == ("unavailable", True, "lunch")
        assert member["paused_in"] == ["sales"]
        assert member["since"] == 1795294661.5


async def test_a_member_whose_state_is_a_hint_is_told_to_the_phone_behind_it(
    tmp_path: Path, engine: AsyncEngine, ami: FakeAmi
) -> None:
    """The way of FreePBX and Issabel; peers look for the member at `hint:…` and never find it."""
    ami.lists["QueueStatus"] = [
        message(Event="QueueMember", Queue="support", Name="Alice", Location="Local/1001@from-queue/n",
                StateInterface="hint:1001@ext-local", Status="1", Paused="0"),
    ]  # fmt: skip
    ami.answers["ExtensionState"] = lambda fields: (
        f"Response: Success\r\nActionID: {fields['ActionID']}\r\nMessage: Extension Status\r\nExten: 1001\r\n"
        "Context: ext-local\r\nHint: PJSIP/1001&Custom:DND1001,CustomPresence:1001\r\nStatus: 0\r\n\r\n"
    )
    async with house(tmp_path, engine, lab=ami) as home:
        await home.until(lambda: bool(home.told("desk:PJSIP/1001")))
        (alice,) = await home.commands.ask("members:lab", None)
        assert (alice["interface"], alice["device"]) == ("Local/1001@from-queue/n", "PJSIP/1001")
        assert ami.actions("ExtensionState")[0]["Context"] == "ext-local"
        ami.send(
            message(Event="QueueMemberStatus", Queue="support", MemberName="Alice", Status="6", Paused="0",
                    Interface="Local/1001@from-queue/n", StateInterface="hint:1001@ext-local")
        )  # fmt: skip
        await home.until(lambda: len(home.told("desk:PJSIP/1001")) == 2)
        assert home.told("desk:PJSIP/1001")[-1]["member"]["status"] == "ringing"
        assert len(ami.actions("ExtensionState")) == 1


async def test_acts_are_done_by_asterisk_and_refusals_are_sentences(
    tmp_path: Path, engine: AsyncEngine, ami: FakeAmi
) -> None:
    async with house(tmp_path, engine, lab=ami) as home:
        ask = home.commands.ask
        await ask("ami:lab", Hangup(channel="PJSIP/1001-1"))
        await ask("ami:lab", Mute(channel="PJSIP/1001-1", on=True))
        await ask("ami:lab", PauseMember(interface="PJSIP/1001", paused=True, reason="lunch"))
        assert ami.actions("Hangup")[0]["Channel"] == "PJSIP/1001-1"
        assert ami.actions("MuteAudio")[0]["State"] == "on"
        pause = ami.actions("QueuePause")[0]
        assert (pause["Paused"], pause["Reason"], "Queue" in pause) == ("true", "lunch", False)
        known = {
            "DIALPLAN_EXISTS(cxcall-transfer,1002,1)": "1", "DEVICE_STATE(PJSIP/1002)": "UNAVAILABLE",
            "DIALPLAN_EXISTS(cxcall-transfer,7777,1)": "1", "DEVICE_STATE(PJSIP/7777)": "INVALID", "CXCALL_DIAL": "",
        }  # fmt: skip

        def exists(fields: dict[str, str]) -> str:
            value = known.get(fields["Variable"], "0")
            return f"Response: Success\r\nActionID: {fields['ActionID']}\r\nValue: {value}\r\n\r\n"

        ami.answers["Getvar"] = exists
        await ask("ami:lab", BlindTransfer(channel="PJSIP/1001-1", exten="1002"))
        assert ami.actions("BlindTransfer")[0]["Exten"] == "1002"
        for nobodys in ("9999", "7777"):
            with pytest.raises(CommandRefused, match=f"no number {nobodys}"):
                await ask("ami:lab", BlindTransfer(channel="PJSIP/1001-1", exten=nobodys))
        with pytest.raises(CommandRefused, match="a number"):
            await ask("ami:lab", BlindTransfer(channel="PJSIP/1001-1", exten="1,1)"))
        assert len(ami.actions("BlindTransfer")) == 1
        ami.answers["Hangup"] = lambda fields: (
            f"Response: Error\r\nActionID: {fields['ActionID']}\r\nMessage: No such channel\r\n\r\n"
        )
        with pytest.raises(CommandRefused, match="already ended"):
            await ask("ami:lab", Hangup(channel="PJSIP/1001-1"))
        with pytest.raises(CommandRefused, match="one line"):
            await ask("ami:lab", PauseMember(interface="PJSIP/1001", paused=True, reason="a\r\nAction: X"))
        await ami.stop()
        await home.until(lambda: home.status().state == "reconnecting")
        with pytest.raises(CommandRefused, match="no connection"):
            await ask("ami:lab", Hangup(channel="PJSIP/1001-1"))


async def test_a_second_listener_on_the_same_journal_waits_for_its_turn(
    tmp_path: Path, engine: AsyncEngine, ami: FakeAmi
) -> None:
    async with house(tmp_path, engine, lab=ami) as home:
        second = House(tmp_path, engine, {"lab": ami})
        running = asyncio.create_task(second.edge.run())
        await home.until(lambda: second.status().state == "waiting")
        assert "Another cxcall" in str(second.status().last_error)
        assert ami.logins == 1
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


def still_up(stream: bytes) -> list[bytes]:
    """CoreShowChannel events for the channels that are up at the end of `stream`."""
    up: dict[str, dict[str, str]] = {}
    for raw in stream.decode().split("\r\n\r\n"):
        fields = dict(line.split(": ", 1) for line in raw.split("\r\n") if ": " in line)
        if fields.get("Event") in ("Newchannel", "Newstate", "BridgeEnter"):
            up.setdefault(fields["Uniqueid"], {}).update(fields)
            if fields["Event"] == "BridgeEnter":
                up[fields["Uniqueid"]]["BridgeId"] = fields["BridgeUniqueid"]
        elif fields.get("Event") == "Hangup":
            del up[fields["Uniqueid"]]
    names = (
        "Channel", "ChannelState", "ChannelStateDesc", "CallerIDNum", "CallerIDName", "Context", "Exten", "Uniqueid",
        "Linkedid", "BridgeId",
    )  # fmt: skip
    return [
        message(
            Event="CoreShowChannel", **{name: fields[name] for name in names if name in fields}, Duration="00:00:05"
        )
        for fields in up.values()
    ]
