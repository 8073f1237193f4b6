"""The wallboard while calls go on: right from the first second, told by patches, at most twice a second."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import msgspec
import pytest
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncEngine

from cxcall.asterisk.edge import AsteriskEdge
from cxcall.asterisk.floor import picture
from cxcall.asterisk.floor.agents import AgentKeeper
from cxcall.asterisk.floor.keeper import FloorKeeper
from cxcall.asterisk.watching import Watcher, Watchers
from cxcall.bus import Bus, Commands, Message
from cxcall.bus.board import BOARD, OPEN, SNAPSHOT
from cxcall.bus.queues import QUEUES
from cxcall.calls.board_shapes import BoardSnapshot, Shut
from cxcall.calls.record import CallId, CallRecord, QueueVisit, Talk
from cxcall.queues.definition import Destination, QueueDefinition, QueueLook
from cxcall.queues.hours import Closure
from cxcall.settings import Ami, Settings, Site
from cxcall.store import calls, closures, queues
from cxcall.store.calls import CallWrite
from cxcall.store.engine import open_engine
from tests.support.fake_ami import FakeAmi, message
from tests.support.schema import new_database
from tests.unit.asterisk.test_listener import PATIENT

NOON = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
NOW = NOON.timestamp()
WAITER = "lab-1795251500.7"
"""Who waits before and after the restart; Uniqueids begin with the second they were made in."""


def at(seconds: float) -> datetime:
    return datetime.fromtimestamp(NOW + seconds, UTC)


def past(id_: str, joined: float, left: float | None, result: Any, *, ended: bool = True) -> CallRecord:
    visit = QueueVisit(
        queue="support", joined_at=at(joined), left_at=None if left is None else at(left), result=result,
        wait=None if left is None else left - joined, agent="Sara" if result == "answered" else None,
    )  # fmt: skip
    return CallRecord(
        id=CallId(id_), server="lab", direction="inbound", started_at=at(joined - 1),
        ended_at=at((left or joined) + 60) if ended else None, queue_visits=(visit,), linked_ids=(id_[4:],),
        outcome="in_progress" if not ended else "answered" if result == "answered" else "abandoned",
    )  # fmt: skip


STORED = (
    past("lab-a1", -7200, -7190, "answered"),
    past("lab-a2", -3600, -3500, "answered"),
    past("lab-a3", -1800, -1700, "abandoned"),
    past("lab-a4", -90000, -89990, "answered"),  # yesterday
    past(f"lab-{WAITER}", -100, None, None, ended=False),
    past("lab-lab-1795251400.1", -200, None, None, ended=False),  # it ended while nobody listened
)


@dataclass(slots=True, kw_only=True)
class Floor:
    engine: AsyncEngine
    bus: Bus
    commands: Commands
    keeper: FloorKeeper
    ami: FakeAmi
    clock: list[float]
    settings: Settings
    folder: Path

    def followed_by(self, *watchers: Watcher) -> AsteriskEdge:
        """What listens to Asterisk, with those who watch."""
        return AsteriskEdge(
            settings=self.settings, engine=self.engine, bus=self.bus, commands=self.commands, data_dir=self.folder,
            limits=PATIENT, watchers=Watchers(*watchers),
        )  # fmt: skip

    async def shown(self) -> BoardSnapshot:
        snapshot: BoardSnapshot = await self.commands.ask(SNAPSHOT, None, timeout=30)
        return snapshot

    async def until(self, condition: Callable[[BoardSnapshot], bool]) -> BoardSnapshot:
        async with asyncio.timeout(30):
            while not condition(snapshot := await self.shown()):
                await asyncio.sleep(0.02)
        return snapshot


@pytest.fixture
async def floor(tmp_path: Path) -> AsyncIterator[Floor]:
    """A keeper over a database of a day, with an Asterisk that is not yet connected to."""
    engine = open_engine(new_database(tmp_path / "cxcall.sqlite"))
    async with engine.begin() as conn:
        await calls.apply(conn, [CallWrite(record=record, revision=1) for record in STORED], region="IR")
        await queues.observe(conn, "lab", ["support", "night", "secret"], now=NOON)
        for name, look in {
            "support": QueueLook(title={"en": "Support"}, colour="d2"),
            "secret": QueueLook(hidden=True),
        }.items():
            await queues.save_look(conn, "lab", name, look, version=1, by="leila", now=NOON)
        await closures.close(conn, "lab", Closure(queue="night", until=NOW + 3600, why="Inventory"), now=NOON)
    async with FakeAmi() as ami:
        settings = Settings(
            ami=(Ami(name="lab", port=ami.port, secret="right"),), site=Site(country="IR", timezone="Asia/Tehran")
        )
        bus, commands, clock = Bus(0), Commands(), [NOW]
        keeper = FloorKeeper(settings=settings, engine=engine, bus=bus, commands=commands, clock=lambda: clock[0])
        floor = Floor(
            engine=engine, bus=bus, commands=commands, keeper=keeper, ami=ami, clock=clock, settings=settings,
            folder=tmp_path,
        )  # fmt: skip
        running = asyncio.create_task(keeper.run())
        yield floor
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
    await engine.dispose()


@contextlib.asynccontextmanager
async def connected(floor: Floor, *beside: Watcher, members: Sequence[bytes] = ()) -> AsyncIterator[None]:
    """Asterisk is followed: one caller waits, as it tells."""
    now = f"{NOW:.6f}"
    channel = {"Channel": "PJSIP/trunk-00000007", "Uniqueid": WAITER, "Linkedid": WAITER}
    floor.ami.lists["CoreShowChannels"] = [
        message(
            Event="CoreShowChannel", **channel, ChannelState="6", Context="from-trunk", Exten="870",
            Application="Queue", Duration="00:01:41", Timestamp=now,
        )
    ]  # fmt: skip
    floor.ami.lists["QueueStatus"] = [
        *members,
        message(Event="QueueEntry", Queue="support", Position="1", Wait="100", **channel, Timestamp=now),
    ]
    running = asyncio.create_task(floor.followed_by(*beside, floor.keeper).run())
    try:
        yield
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def test_the_day_is_right_before_asterisk_is_heard_and_nobody_counts_twice_after(floor: Floor) -> None:
    before = await floor.until(lambda board: board.complete and "lab:support" in board.queues)
    tile = before.queues["lab:support"]
    assert (tile.offered, tile.answered, tile.abandoned, tile.waiting) == (5, 2, 1, 2)
    assert (tile.in_time, tile.decided, tile.longest) == (1, 5, NOW - 200)
    assert (tile.title, tile.colour, tile.state) == ({"en": "Support"}, "d2", "act")
    assert before.day == "2026-11-21"
    assert "lab:secret" not in before.queues
    closed = before.queues["lab:night"].closed
    assert closed is not None
    assert (before.queues["lab:night"].state, closed.title, closed.opens) == ("closed", "Inventory", NOW + 3600)
    async with connected(floor):
        after = await floor.until(lambda board: bool(board.servers) and board.queues["lab:support"].waiting == 1)
        tile = after.queues["lab:support"]
        assert after.servers["lab"].live
        assert (tile.answered, tile.waiting, tile.since) == (2, 1, (NOW - 100,))
        # the caller who is gone comes back from the database as what became of them, and is not waiting again
        floor.bus.publish("calls", {"id": "lab-unheard", "ended_at": "2026"})
        told = await floor.until(lambda board: board.queues["lab:support"].offered == 5)
        assert told.queues["lab:support"].waiting == 1


async def test_a_reader_of_the_patches_has_what_the_snapshot_tells(floor: Floor) -> None:
    await floor.until(lambda board: board.complete and "lab:support" in board.queues)
    told: list[tuple[float, Any]] = []
    seen: list[Any] = []
    loop = asyncio.get_running_loop()

    def hear(news: Message) -> None:
        told.append((loop.time(), news.data))

    floor.bus.subscribe(BOARD, hear)
    floor.bus.subscribe(OPEN, lambda news: seen.append(news.data))
    mine = msgspec.to_builtins(await floor.shown())
    agent = {
        "key": "lab:u1", "server": "lab", "name": "Sara Karimi", "state": "on_call", "since": NOW,
        "queues": ["support"], "call": WAITER, "caller": "09121234567", "device": "PJSIP/1001",
    }  # fmt: skip
    async with connected(floor):
        await floor.until(lambda board: board.queues["lab:support"].waiting == 1)
        for step in range(30):
            floor.bus.publish("agents", {"agents": [{**agent, "since": NOW + step}], "gone": []})
            floor.clock[0] += 0.1
            await asyncio.sleep(0.05)
        await floor.until(lambda board: board.agents["lab:u1"].since == NOW + 29)
        floor.bus.publish("agents", {"agents": [], "gone": ["lab:u1"]})
        last = msgspec.to_builtins(await floor.until(lambda board: not board.agents))
    for _, patch in told:
        for name, value in patch.items():
            if name in ("queues", "agents", "figures"):
                mine[name] = {key: item for key, item in {**mine[name], **value}.items() if item is not None}
            else:
                mine[name] = value
    assert {**mine, "at": 0} == {**last, "at": 0}
    times = [moment for moment, _ in told]
    assert len(times) > 3
    assert min(later - sooner for sooner, later in pairwise(times)) > 0.45
    agents = [patch["agents"]["lab:u1"] for patch in seen if patch.get("agents", {}).get("lab:u1")]
    assert agents
    assert all(agent["caller"] == agent["call"] == "" for agent in agents)
    assert not any("calls" in patch for patch in seen)


async def test_agents_come_with_their_queues_and_the_call_they_are_in(floor: Floor) -> None:
    members = [
        message(
            Event="QueueMember", Queue="support", Name=f"Agent {number}", Location=f"PJSIP/{number}",
            StateInterface=f"PJSIP/{number}", Membership="dynamic", Penalty="0", CallsTaken="0", LastCall="0",
            InCall="0", Status=status, Paused=paused, PausedReason="lunch" if paused == "1" else "",
            Timestamp=f"{NOW:.6f}",
        )
        for number, status, paused in (("1001", "1", "0"), ("1002", "1", "1"), ("1003", "5", "0"))
    ]  # fmt: skip
    agents = AgentKeeper(
        settings=floor.settings, engine=floor.engine, bus=floor.bus, commands=floor.commands,
        now=lambda: floor.clock[0],
    )  # fmt: skip
    running = asyncio.create_task(agents.run())
    try:
        async with connected(floor, agents, members=members):
            shown = await floor.until(lambda board: len(board.agents) == 3 and board.queues["lab:support"].of == 2)
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
    assert sorted((seat.device, seat.state, seat.reason) for seat in shown.agents.values()) == [
        ("PJSIP/1001", "ready", ""), ("PJSIP/1002", "paused", "lunch"), ("PJSIP/1003", "offline", ""),
    ]  # fmt: skip
    tile, figure = shown.queues["lab:support"], shown.figures.agents
    assert (tile.free, tile.of, tile.seats.paused, tile.seats.offline) == (1, 2, 1, 1)
    assert (figure.free, figure.of, figure.paused, figure.offline) == (1, 2, 1, 1)


async def test_a_mood_that_falls_asks_for_somebody_until_nobody_listens(floor: Floor) -> None:
    talk = replace(
        past("lab-lab-1795251500.8", -300, -290, "answered", ended=False),
        caller=replace(STORED[0].caller, name="Kaveh", number="0912"),
    )
    floor.keeper.board.call(talk)
    floor.bus.publish("speech", {"call": talk.id, "mood": -0.7, "trend": "worsening", "topics": []})
    assert not (await floor.until(lambda board: board.complete)).calls  # nobody talks yet
    talks = (Talk(channels=("A", "B"), numbers=(None, None), from_=at(-290)),)
    floor.keeper.board.call(replace(talk, talks=talks))
    shown = await floor.until(lambda board: bool(board.calls))
    (call,) = shown.calls
    assert (call.why, call.mood, call.name, call.queue, call.since) == ("mood", -0.7, "Kaveh", "support", NOW)
    floor.bus.publish("speech", {"call": talk.id, "over": True})
    await floor.until(lambda board: not board.calls)


async def test_a_call_that_ended_unheard_is_read_from_the_database_and_midnight_begins_anew(floor: Floor) -> None:
    await floor.until(lambda board: board.complete and "lab:support" in board.queues)
    async with floor.engine.begin() as conn:
        late = past("lab-b1", -50, -45, "answered")
        await calls.apply(conn, [CallWrite(record=late, revision=1)], region="IR")
    floor.bus.publish("calls", {"id": "lab-b1", "outcome": "answered", "started_at": None, "ended_at": "2026"})
    await floor.until(lambda board: board.queues["lab:support"].answered == 3)
    floor.clock[0] = datetime(2026, 11, 21, 20, 30, 1, tzinfo=UTC).timestamp()
    new = await floor.until(lambda board: board.day == "2026-11-22")
    tile = new.queues["lab:support"]
    assert (tile.offered, tile.answered, tile.waiting) == (0, 0, 2)


async def test_who_waited_when_asterisk_was_restarted_waits_no_more(floor: Floor) -> None:
    async with connected(floor):
        await floor.until(lambda board: bool(board.servers) and board.queues["lab:support"].since == (NOW - 100,))
        floor.ami.lists["CoreShowChannels"], floor.ami.lists["QueueStatus"] = [], []
        floor.ami.cut()
        shown = await floor.until(lambda board: not board.queues["lab:support"].waiting)
        assert (shown.queues["lab:support"].since, shown.figures.longest.since, shown.calls) == ((), None, ())
        assert shown.queues["lab:support"].answered == 2, "the day is still known"
        await floor.until(lambda board: board.servers["lab"].live)
        # what the database still thinks of that caller does not bring them back
        floor.bus.publish("calls", {"id": "lab-unheard", "ended_at": "2026"})
        await asyncio.sleep(1.5)
        assert (await floor.shown()).queues["lab:support"].waiting == 0


async def test_a_database_that_stops_stops_nothing_and_what_passed_is_read_when_it_is_back(
    floor: Floor, monkeypatch: pytest.MonkeyPatch
) -> None:
    await floor.until(lambda board: board.complete and "lab:support" in board.queues)
    visits, tries = picture.visits, []

    async def away(*_: object) -> Any:
        tries.append(1)
        raise OperationalError("SELECT", None, ConnectionError("the database is away"))

    monkeypatch.setattr(picture, "visits", away)
    floor.bus.publish("calls", {"id": "lab-b1", "ended_at": "2026"})
    floor.keeper.board.call(past("lab-b2", -30, None, None, ended=False))
    async with asyncio.timeout(30):
        while not tries:
            await asyncio.sleep(0.02)
    shown = await floor.until(lambda board: board.queues["lab:support"].waiting == 3)
    assert shown.queues["lab:support"].answered == 2
    async with floor.engine.begin() as conn:
        record = past("lab-b1", -50, -45, "answered")
        await calls.apply(conn, [CallWrite(record=record, revision=1)], region="IR")
    monkeypatch.setattr(picture, "visits", visits)
    back = await floor.until(lambda board: board.queues["lab:support"].answered == 3)
    assert back.queues["lab:support"].waiting == 3


async def test_queues_are_renamed_hidden_and_closed_while_the_board_is_open(floor: Floor) -> None:
    floor.ami.answers["MailboxCount"] = lambda asked: message(
        Response="Success", ActionID=asked["ActionID"], Message="Mailbox Message Count", Mailbox=asked["Mailbox"],
        UrgMessages="0", NewMessages="3" if asked["Mailbox"] == "support" else "0", OldMessages="9",
    ).decode()  # fmt: skip
    await floor.until(lambda board: board.complete and "lab:support" in board.queues)
    async with connected(floor), floor.engine.connect() as conn:
        support = QueueDefinition(name="support", title={"en": "Help"}, when_closed=Destination(kind="voicemail"))
        await queues.applied(conn, "lab", [support], by="leila", now=NOON)
        await closures.close(conn, "lab", Closure(queue="support", until=NOW + 3600), now=NOON)
        await queues.save_look(conn, "lab", "night", QueueLook(hidden=True), version=1, by="leila", now=NOON)
        await conn.commit()
        floor.bus.publish(QUEUES, {"server": "lab", "version": None, "outcome": "closure", "by": "leila"})
        shown = await floor.until(lambda board: board.queues["lab:support"].title == {"en": "Help"})
        tile = shown.queues["lab:support"]
        assert ("lab:night" in shown.queues, tile.state) == (False, "watch"), "somebody still waits in it"
        wanted = Shut(why="closure", opens=NOW + 3600, then="voicemail", messages=3)
        await floor.until(lambda board: board.queues["lab:support"].closed == wanted)
