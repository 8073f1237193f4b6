"""A site whose queue calls back: a private Asterisk, two agents, callers, and cxcall's edges in this process."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncEngine

from cxcall import service
from cxcall.asterisk.callbacks.keeper import CallBackKeeper
from cxcall.asterisk.edge import AsteriskEdge
from cxcall.asterisk.watching import Watchers
from cxcall.bus import Bus, Commands
from cxcall.calls.record import CallRecord
from cxcall.demo.phone import Call, Policy, State
from cxcall.demo.switch import Site, Switch, Tree
from cxcall.demo.switch.ports import free_port
from cxcall.routing.call_back import CallBack
from cxcall.routing.call_back_plan import CallBackPlan
from cxcall.settings import Ami, Data, Settings, Web
from cxcall.settings import Site as SiteSettings
from cxcall.store import call_back_plans, call_backs, calls
from cxcall.web.app import init_app
from tests.asterisk.conftest import Phones, connect_phones

QUEUE = "back"
NUMBER = "0219700"
AGENTS = ("1001", "1002")
PLAN = CallBackPlan(tries=2, pause_minutes=0, ring_seconds=10)

QUEUES = """
[back](common)
strategy = linear
context = cxcall-key-1
autofill = yes
member => PJSIP/1001,0,Sara Ahmadi,PJSIP/1001
member => PJSIP/1002,0,Reza Karimi,PJSIP/1002
"""

DIALPLAN = f"""
[from-trunk]
exten => {NUMBER},1,Goto(cxcall-queue,{QUEUE},1)
"""


@dataclass(kw_only=True)
class CallBackSite:
    """What a test works with."""

    settings: Settings
    switch: Switch
    phones: Phones
    engine: AsyncEngine
    commands: Commands
    bus: Bus
    following: asyncio.Task[None] | None = None

    def dial(self, number: str) -> Call:
        """Somebody with this number calls the queue."""
        return self.phones.outside.call(NUMBER, from_number=number)

    async def plan(self, plan: CallBackPlan) -> None:
        """How the queue calls back from now on."""
        async with self.engine.begin() as conn:
            found = await call_back_plans.of(conn, "lab", QUEUE)
            version = found.version if found is not None else 0
            await call_back_plans.save(conn, "lab", QUEUE, plan, version=version, by="t", now=datetime.now(UTC))
        self.bus.publish("call_back_plans", {})

    async def newest(self, which: Callable[[CallBack], bool], timeout: float = 30.0) -> CallBack:
        """The newest call-back, as soon as `which` says yes to it."""
        until, seen = time.monotonic() + timeout, None
        while time.monotonic() < until:
            async with self.engine.connect() as conn:
                seen = next(iter((await call_backs.page(conn, limit=1)).rows), None)
            if seen is not None and which(seen):
                return seen
            await asyncio.sleep(0.1)
        raise AssertionError(f"no such call-back: {seen}")

    async def open_ones(self) -> list[CallBack]:
        """The promises that are not over."""
        async with self.engine.connect() as conn:
            return await call_backs.open_ones(conn, "lab")

    async def states(self, *wanted: str, timeout: float = 30.0) -> list[CallBack]:
        """The newest call-backs, oldest first, as soon as their states are these."""
        until, seen = time.monotonic() + timeout, list[CallBack]()
        while time.monotonic() < until:
            async with self.engine.connect() as conn:
                seen = [*(await call_backs.page(conn, limit=len(wanted))).rows][::-1]
            if [one.state for one in seen] == list(wanted):
                return seen
            await asyncio.sleep(0.1)
        raise AssertionError(f"not {wanted}: {seen}")

    async def record(self, call_id: str, timeout: float = 30.0) -> CallRecord:
        """A call once it is over and written."""
        until = time.monotonic() + timeout
        while time.monotonic() < until:
            async with self.engine.connect() as conn:
                found = await calls.get(conn, call_id)
            if found is not None and found.ended_at is not None:
                return found
            await asyncio.sleep(0.1)
        raise AssertionError(f"{call_id} is not over")

    async def callers(self) -> tuple[list[str], str]:
        """Who waits in the queue, in order, and all that Asterisk shows of it."""
        seen = await self.switch.cli(f"queue show {QUEUE}")
        return [line.strip() for line in seen.partition("Callers:")[2].splitlines() if line.strip()], seen

    async def waiting(self, *expected: str, timeout: float = 30.0) -> None:
        """Until these wait in the queue, in this order: numbers, as AMI shows them."""
        until, seen = time.monotonic() + timeout, ""
        while time.monotonic() < until:
            callers, seen = await self.callers()
            if len(callers) == len(expected) and all(
                want in line for want, line in zip(expected, callers, strict=True)
            ):
                return
            await asyncio.sleep(0.1)
        raise AssertionError(f"not {expected}: {seen}")

    async def joined(self, call: Call, before: Sequence[str]) -> None:
        """Until somebody from outside waits who did not `before` (channels), or the call is over."""
        async with asyncio.timeout(30):
            while call.state is not State.ENDED:
                if set(await self.outside()) - set(before):
                    return
                await asyncio.sleep(0.1)

    async def outside(self) -> list[str]:
        """The channels of callers from outside who wait."""
        callers, _ = await self.callers()
        return [line.split()[1] for line in callers if "PJSIP/trunk" in line]

    async def talk(self) -> None:
        """Agent and customer talk for a second, with nothing of ours between them any more: nobody hangs up sooner."""
        async with asyncio.timeout(30):
            while f"{QUEUE}@cxcall-callback" in await self.switch.cli("core show channels concise"):
                await asyncio.sleep(0.1)
        await asyncio.sleep(1.0)

    async def follow(self) -> None:
        """Start cxcall's listener and what keeps the promises."""
        keeper = CallBackKeeper(settings=self.settings, engine=self.engine, bus=self.bus, commands=self.commands)
        edge = AsteriskEdge(
            settings=self.settings, engine=self.engine, bus=self.bus, commands=self.commands,
            watchers=Watchers(keeper),
        )  # fmt: skip

        async def both() -> None:
            async with asyncio.TaskGroup() as group:
                group.create_task(edge.run())
                group.create_task(keeper.run())

        self.following = asyncio.create_task(both())
        async with asyncio.timeout(30):
            while not all(status.ready for status in edge.status()):
                await asyncio.sleep(0.1)

    async def unfollow(self) -> None:
        """cxcall goes away."""
        if self.following is not None:
            self.following.cancel()
            await asyncio.gather(self.following, return_exceptions=True)
            self.following = None


@asynccontextmanager
async def call_back_site(folder: Path, tree: Tree) -> AsyncIterator[CallBackSite]:
    """A site under `folder` that calls back, until the end of the context."""
    port = free_port()
    async with AsyncExitStack() as running:
        additions = {"queues.conf": QUEUES, "extensions.conf": DIALPLAN}
        asked = Site(name="lab", web=f"127.0.0.1:{port}", additions=additions)
        switch = await running.enter_async_context(Switch.start(folder / "switch", tree, asked))
        phones = await connect_phones(switch, running)
        settings = Settings(
            data=Data(dir=str(folder / "data")), web=Web(port=port),
            site=SiteSettings(country="IR", timezone="Asia/Tehran"),
            ami=(Ami(name="lab", port=switch.ami_port, username=switch.username, secret=switch.secret),),
        )  # fmt: skip
        engine = await running.enter_async_context(service.database(settings))
        bus, commands = Bus(epoch=time.time_ns() // 1_000_000), Commands()
        site = CallBackSite(settings=settings, switch=switch, phones=phones, engine=engine, commands=commands, bus=bus)
        app = web.AppRunner(init_app(settings=settings, engine=engine, bus=bus, commands=commands), access_log=None)
        await app.setup()
        running.push_async_callback(app.cleanup)
        await web.TCPSite(app, "127.0.0.1", port).start()
        running.push_async_callback(site.unfollow)
        await site.plan(PLAN)
        await site.follow()
        phones.outside.policy = Policy.RING
        yield site
