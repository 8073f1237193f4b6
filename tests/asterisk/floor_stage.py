"""An Asterisk whose phones hum, and a cxcall that follows it: what supervisors and the desk do in calls."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import text

from cxcall.asterisk.acts.monitoring import Monitors
from cxcall.asterisk.edge import AsteriskEdge
from cxcall.asterisk.limits import Limits
from cxcall.asterisk.watching import Watchers
from cxcall.bus import Bus, Commands
from cxcall.bus.monitoring import Mode, Monitor, MonitorAsk
from cxcall.calls.record import CallRecord
from cxcall.calls.stage import Stage
from cxcall.demo.phone import Call, tone
from cxcall.demo.switch import Site, Switch, Tree
from cxcall.settings import Ami, Settings
from cxcall.store import calls
from cxcall.store.engine import open_engine
from tests.asterisk.conftest import Phones, connect_phones
from tests.asterisk.hearing import TONES
from tests.asterisk.site import SUPPORT
from tests.support.schema import new_database

RECEPTION, HINTS, NO_T, NOBODY = "02191000502", "02191000503", "02191000504", "02191000505"
"""Queues of Local members, of a member whose state is a hint, without the option t, and of nobody."""
QUEUES = """
[hints](common)
strategy = linear
member => Local/1004@cxcall-demo-agents/n,0,Omid Sharifi,hint:1004@internal
[spare](common)
strategy = linear
"""
NUMBERS = f"""
[from-trunk](+)
exten => {HINTS},1,Goto(cxcall-queue,hints,1)
exten => {NO_T},1,Answer()
 same => n,Queue(support,c,,,60)
 same => n,Hangup()
"""
Found = TypeVar("Found")


@dataclass(slots=True)
class Place:
    switch: Switch
    phones: Phones
    bus: Bus
    commands: Commands
    monitors: Monitors
    engine: Any

    async def act(self, act: Any) -> Any:
        return await self.commands.ask("ami:lab", act, timeout=20)

    async def stage(self, parties: int = 2) -> Stage:
        """The one call there is, once so many are on the line."""
        follower = self.monitors._lines["lab"].follower

        def look() -> Stage | None:
            for call in follower.open_calls():
                stage = follower.stage_of(call)
                if stage is not None and len(stage.parties) >= parties and stage.talks:
                    return stage
            return None

        return await until(look)

    async def start(self, call_id: str, mode: Mode, **how: Any) -> Monitor:
        ask = MonitorAsk(user="u1", by="Neda", call_id=call_id, mode=mode, phone="PJSIP/1005", **how)
        monitor: Monitor = await self.commands.ask("monitor:start", ask, timeout=20)
        return monitor

    async def monitor(self) -> Monitor | None:
        found: Monitor | None = await self.commands.ask("monitor:of", "u1")
        return found

    async def stop(self) -> None:
        await self.commands.ask("monitor:stop", "u1", timeout=20)

    async def record(self, number: str) -> CallRecord:
        """The record of the call from `number`, once it is over."""
        async with asyncio.timeout(60):
            while True:
                async with self.engine.connect() as conn:
                    for found in (await conn.execute(text("SELECT id FROM calls"))).scalars().all():
                        record = await calls.get(conn, found)
                        if record is not None and record.caller.number == number and record.ended_at is not None:
                            return record
                await asyncio.sleep(0.1)


async def until(look: Callable[[], Found | None], limit: float = 40.0) -> Found:
    async with asyncio.timeout(limit):
        while not (found := look()):
            await asyncio.sleep(0.02)
    return found


@asynccontextmanager
async def floor_place(folder: Path, tree: Tree) -> AsyncIterator[Place]:
    """A switch that writes CDRs, phones that hum, and a cxcall that follows it."""
    site = Site(
        name="lab",
        additions={
            "modules.conf": "load = cdr_csv.so\n",
            "cdr.conf": "[general](+)\nenable = yes\nunanswered = yes\n[csv]\nusegmtime = yes\n",
            "queues.conf": QUEUES,
            "extensions.conf": NUMBERS,
        },
    )
    async with AsyncExitStack() as running:
        (folder / "switch/log/cdr-csv").mkdir(parents=True)
        switch = await running.enter_async_context(Switch.start(folder / "switch", tree, site))
        running.push_async_callback(switch.kill)
        phones = await connect_phones(switch, running)
        for phone in (*phones.inside.values(), phones.outside):
            phone.sound = tone(TONES[phone.number], 0.1, amplitude=6_000)
            phone.listen = True
        engine = open_engine(new_database(folder / "cxcall.sqlite"))
        running.push_async_callback(engine.dispose)
        bus, commands = Bus(0), Commands()
        ami = Ami(name="lab", port=switch.ami_port, username=switch.username, secret=switch.secret)
        monitors = Monitors(bus=bus, commands=commands, site="test")
        edge = AsteriskEdge(
            settings=Settings(ami=(ami,)), engine=engine, bus=bus, commands=commands, data_dir=folder,
            limits=Limits(retry=(0.1, 1.0)), watchers=Watchers(monitors),
        )  # fmt: skip
        task = asyncio.create_task(edge.run())
        async with monitors.serving():
            await until(lambda: edge.listeners and edge.listeners[0].status().resynced_at)
            yield Place(switch=switch, phones=phones, bus=bus, commands=commands, monitors=monitors, engine=engine)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def talk(at: Place, number: str, to: str = SUPPORT, *ring: str) -> tuple[Call, Call, Stage]:
    """Caller and agent in conversation."""
    call = at.phones.outside.call(to, from_number=number)
    taken = await at.phones.first_ringing(*(ring or ("1001", "1002", "1003")))
    await taken.answer()
    await call.answered()
    return call, taken, await at.stage()


async def answer_monitor(at: Place) -> Call:
    ring = await at.phones["1005"].next_call(30)
    await ring.answer()
    return ring
