"""The keeper of agents' states with a bus, a database and nobody's Asterisk."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pytest

from cxcall.asterisk.floor.agents import AgentKeeper
from cxcall.asterisk.members import Member
from cxcall.asterisk.publishing import Publisher
from cxcall.bus import Bus, CommandRefused, Commands, Message
from cxcall.bus.acts import PauseMember
from cxcall.bus.floor import AgentAsked, AgentPause
from cxcall.calls.changes import Change
from cxcall.calls.record import CallId, CallRecord, Leg, QueueVisit
from cxcall.queues.definition import QueueLook
from cxcall.settings import Ami, Settings
from cxcall.store import agent_states, pause_reasons, queues, users
from cxcall.store.engine import open_engine
from tests.support.schema import new_database

SARA = "PJSIP/1001"
AT = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)


class Clock:
    def __init__(self) -> None:
        self.now = AT.timestamp()

    def __call__(self) -> float:
        return self.now


class Told:
    """A change of a call, as the tracker says it."""

    def __init__(self, record: CallRecord) -> None:
        self.call_id = record.id
        self._record = record

    def record(self) -> CallRecord:
        return self._record


class Place:
    """A keeper that runs, and what stands around it."""

    def __init__(self, folder: Path) -> None:
        self.engine = open_engine(new_database(folder / "cxcall.sqlite"))
        self.bus, self.commands, self.clock = Bus(0), Commands(), Clock()
        self.publisher = Publisher(self.bus)
        self.acts: list[Any] = []
        self.refuse = False
        self.heard: list[Message] = []
        self.user = ""
        settings = Settings(ami=(Ami(name="lab", secret="x"),))
        self.keeper = AgentKeeper(
            settings=settings, engine=self.engine, bus=self.bus, commands=self.commands, now=self.clock
        )
        self.keeper.attach(settings.ami[0], cast("Any", None), cast("Any", None))
        self.bus.subscribe("agents", self.heard.append)
        self.commands.serve("ami:lab", self._act)

    async def _act(self, act: Any) -> None:
        if self.refuse:
            raise CommandRefused("There is no connection to Asterisk now. Nothing was done.")
        self.acts.append(act)

    async def prepare(self) -> None:
        async with self.engine.begin() as conn:
            await pause_reasons.seed(conn)
            made = await users.create(
                conn, name="sara", role="agent", password_hash="!", display_name="Sara", extensions=(SARA,)
            )
            await queues.observe(conn, "lab", ["sales"], now=AT)
            await queues.save_look(conn, "lab", "sales", QueueLook(wrap_up=30), version=1, by="admin", now=AT)
        self.user = made.id

    def member(self, *, reason: str = "", **changes: Any) -> None:
        """Asterisk tells of Sara's phone."""
        pauses = (("sales", reason),) if reason else ()
        fields = {"interface": SARA, "device": SARA, "name": "1001", "status": "free", "since": self.clock.now,
                  "queues": ("sales",), "paused": bool(reason), "reason": reason, "pauses": pauses}  # fmt: skip
        self.publisher.members("lab", [Member(**{**fields, **changes})])

    def call(self, *, ended: bool = False) -> None:
        """A call of the queue is talked on at Sara's phone, or over."""
        end = datetime.fromtimestamp(self.clock.now, UTC) if ended else None
        leg = Leg(channel=f"{SARA}-00000001", unique_id="1.2", role="agent", rang_at=AT, answered_at=AT, ended_at=end)
        visit = QueueVisit(queue="sales", joined_at=AT - timedelta(seconds=10), result="answered")
        record = CallRecord(id=CallId("lab-1.1"), server="lab", started_at=AT, ended_at=end, legs=(leg,),
                            queue_visits=(visit,))  # fmt: skip
        self.keeper.heard("lab", [cast("Change", Told(record))])

    async def state(self, wanted: str) -> dict[str, Any]:
        async with asyncio.timeout(20):
            while True:
                told = await self.commands.ask("agents:state", AgentAsked(user=self.user))
                if told and told[0]["state"] == wanted:
                    found: dict[str, Any] = told[0]
                    return found
                await asyncio.sleep(0.01)

    async def history(self, count: int) -> list[tuple[str, str]]:
        """What is written of states, once there are `count`."""
        async with asyncio.timeout(20):
            while True:
                async with self.engine.connect() as conn:
                    spells = await agent_states.history(
                        conn, since=AT - timedelta(hours=1), until=AT + timedelta(hours=1)
                    )
                if len(spells) >= count:
                    return [(spell.state, spell.reason) for spell in spells]
                await asyncio.sleep(0.02)

    async def until_acts(self, count: int) -> None:
        async with asyncio.timeout(20):
            while len(self.acts) < count:
                await asyncio.sleep(0.01)


@asynccontextmanager
async def running(folder: Path) -> AsyncIterator[Place]:
    place = Place(folder)
    await place.prepare()
    task = asyncio.create_task(place.keeper.run())
    try:
        async with asyncio.timeout(20):
            while True:
                try:
                    await place.commands.ask("agents:all", None)
                    break
                except Exception:
                    await asyncio.sleep(0.01)
        yield place
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await place.engine.dispose()


async def test_what_asterisk_tells_is_a_state_for_pages_and_the_history(tmp_path: Path) -> None:
    async with running(tmp_path) as place:
        place.member()
        ready = await place.state("ready")
        assert (ready["name"], ready["queues"], ready["key"]) == ("Sara", ["sales"], f"lab:{place.user}")
        place.clock.now += 60
        place.member(reason="ناهار")
        lunch = await place.state("paused")
        assert (lunch["reason"], lunch["limit"]) == ("lunch", 2700.0)
        assert [agent["state"] for message in place.heard for agent in message.data["agents"]] == ["ready", "paused"]
        place.clock.now += 60
        place.member(queues=())
        await asyncio.sleep(0)
        assert await place.commands.ask("agents:all", None) == []
        assert place.heard[-1].data["gone"] == [f"lab:{place.user}"]
        assert await place.history(3) == [("ready", ""), ("paused", "lunch"), ("offline", "")]


async def test_a_wrap_up_is_asked_of_asterisk_and_ended_when_its_time_is_up(tmp_path: Path) -> None:
    async with running(tmp_path) as place:
        place.member()
        await place.state("ready")
        place.call()
        assert (await place.state("on_call"))["queue"] == "sales"
        place.clock.now += 40
        place.call(ended=True)
        wrap = await place.state("wrap_up")
        assert wrap["until"] == place.clock.now + 30
        await place.until_acts(1)
        assert place.acts == [PauseMember(interface=SARA, paused=True, reason="wrap-up")]
        place.member(reason="wrap-up")
        place.clock.now += 31
        place.keeper.listed("lab")
        await place.until_acts(2)
        assert place.acts[1] == PauseMember(interface=SARA, paused=False)


async def test_a_wrap_up_that_asterisk_refuses_leaves_the_agent_ready(tmp_path: Path) -> None:
    async with running(tmp_path) as place:
        place.member()
        place.call()
        await place.state("on_call")
        place.refuse = True
        place.call(ended=True)
        await place.state("ready")


async def test_who_misses_call_after_call_of_an_observed_queue_is_paused_like_asterisk_would(tmp_path: Path) -> None:
    async with running(tmp_path) as place:
        async with place.engine.begin() as conn:
            await queues.save_look(conn, "lab", "sales", QueueLook(missed=2), version=2, by="admin", now=AT)
        await place.commands.ask("agents:reload", None)
        place.member()
        await place.state("ready")
        legs: tuple[Leg, ...] = ()
        for n in (1, 2):
            legs += (Leg(channel=f"{SARA}-{n}", unique_id=f"1.{n}", role="agent", rang_at=AT, ended_at=AT,
                         result="no_answer"),)  # fmt: skip
            record = CallRecord(id=CallId("lab-1.1"), server="lab", started_at=AT, legs=legs,
                                queue_visits=(QueueVisit(queue="sales", joined_at=AT),))  # fmt: skip
            place.keeper.heard("lab", [cast("Change", Told(record))])
            await place.commands.ask("agents:all", None)
            await asyncio.sleep(0.02)
            assert len(place.acts) == n - 1
        assert place.acts == [PauseMember(interface=SARA, paused=True, reason="Auto-Pause")]
        place.member(reason="Auto-Pause")
        assert (await place.state("paused"))["auto"] is True
        await place.commands.ask("agents:pause", AgentPause(server="lab", device=SARA, paused=False))
        assert place.acts[-1] == PauseMember(interface=SARA, paused=False)


async def test_a_strange_call_costs_the_others_nothing(tmp_path: Path) -> None:
    class Broken(Told):
        def record(self) -> CallRecord:
            raise ValueError("strange")

    async with running(tmp_path) as place:
        place.member()
        place.keeper.heard("lab", [cast("Change", Broken(CallRecord(id=CallId("lab-9"), server="lab")))])
        place.call()
        await place.state("on_call")


async def test_a_phone_in_no_queue_can_not_be_paused_nor_one_of_no_server(tmp_path: Path) -> None:
    async with running(tmp_path) as place:
        for server in ("lab", "nowhere"):
            with pytest.raises(CommandRefused):
                await place.commands.ask("agents:pause", AgentPause(server=server, device="PJSIP/9", paused=True))
