"""A site whose calls go where its rules say: two private Asterisks, agents, and cxcall's edges in this process.

`lab` is as cxcall installs it, and may be written to; `pbx` has the contexts and queues that FreePBX writes, with the
lines of docs/integration.md in its custom file.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from aiohttp import web
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from cxcall import service
from cxcall.asterisk.agi import route
from cxcall.asterisk.agi.server import Server
from cxcall.asterisk.callbacks.keeper import CallBackKeeper
from cxcall.asterisk.edge import AsteriskEdge
from cxcall.asterisk.floor.agents import AgentKeeper
from cxcall.asterisk.floor.keeper import FloorKeeper
from cxcall.asterisk.provision.edge import QueueEdge
from cxcall.asterisk.routing.edge import RoutingEdge
from cxcall.asterisk.watching import Watchers
from cxcall.bus import Bus, Commands
from cxcall.bus.routing import CHANGED, FLOOR, STATUS, Floor
from cxcall.calls.record import CallRecord
from cxcall.demo.phone import Call, Policy
from cxcall.demo.switch import Site, Switch, Tree
from cxcall.demo.switch.ports import free_port
from cxcall.queues.definition import QueueLook
from cxcall.routing.rule import Rule, RuleSet
from cxcall.settings import Agi, Ami, Data, Settings, Web
from cxcall.settings import Site as SiteSettings
from cxcall.store import calls, queues, routing_lists, rule_sets, users
from cxcall.store.routing_decisions import KeptDecision
from cxcall.web.app import init_app
from tests.asterisk.conftest import Phones, connect_phones
from tests.asterisk.queue_stage import MAY_WRITE

ROUTED, STRAIGHT, OVER_AGI, SKILLED = "0219800", "0219801", "0219802", "0219803"
PBX, PBX_SURVEYED, PBX_OFFERED = "0219850", "0219851", "0219852"
AGENTS = ("1001", "1002")
WRAP_UP = 3
"""Seconds after a call of the queue `first`."""

QUEUES = """
[first](common)
strategy = linear
timeout = 30
member => PJSIP/1001,0,Sara Ahmadi,PJSIP/1001
member => PJSIP/1002,4,Reza Karimi,PJSIP/1002
[second](common)
strategy = linear
timeout = 30
member => PJSIP/1004,0,Omid Sharifi,PJSIP/1004
"""

DIALPLAN = """
[from-trunk]
exten => 0219800,1,Gosub(cxcall-route,s,1(first))
 same => n,Goto(cxcall-queue,${CX_QUEUE},1)
exten => 0219801,1,Goto(cxcall-queue,first,1)
exten => 0219802,1,AGI(${CXCALL_AGI}/route,${UNIQUEID},first)
 same => n,Goto(cxcall-queue,${IF($["${CX_STATUS}" = "hint"]?${CX_QUEUE}:first)},1)
exten => 0219803,1,Gosub(cxcall-route,s,1(skilled))
 same => n,Goto(cxcall-queue,${CX_QUEUE},1)
"""

PBX_QUEUES = """
[500](common)
strategy = linear
timeout = 30
member => Local/1001@from-queue/n,0,Sara Ahmadi,hint:1001@ext-local
member => Local/1002@from-queue/n,0,Reza Karimi,hint:1002@ext-local
[501](common)
strategy = linear
timeout = 30
member => Local/1004@from-queue/n,0,Omid Sharifi,hint:1004@ext-local
"""
PBX_DIALPLAN = """
[globals](+)
CXCALL_QUEUES = ext-queues
CXCALL_INSIDE = from-internal
[from-internal]
include => from-internal-custom
include => from-internal-additional
[from-internal-custom]
exten => 600,1,Goto(cxcall-numbers,600,1)
[from-internal-additional]
include => ext-local
include => ext-queues
[ext-local]
exten => _100[1-5],hint,PJSIP/${EXTEN}
exten => _100[1-5],1,Dial(PJSIP/${EXTEN},15,t)
 same => n,GotoIf($["${NODEST}" != ""]?nodest)
 same => n,Answer()
 same => n,Wait(60)
 same => n(nodest),Hangup()
[from-queue]
exten => _X.,1,Set(QAGENT=${EXTEN})
 same => n,Goto(from-internal,${EXTEN},1)
[ext-queues]
exten => _50[01],1,Answer()
 same => n,Set(__NODEST=${EXTEN})
 same => n,Queue(${EXTEN},t,,,300)
 same => n,Hangup()
[from-trunk]
exten => 0219850,1,Goto(cxcall-support,s,1)
exten => 0219851,1,Goto(cxcall-queue,500,1)
exten => 0219852,1,Gosub(cxcall-route,s,1(500))
 same => n,ExecIf($["${CX_OFFER}" = "yes"]?Gosub(cxcall-callback-offer,s,1(${CX_QUEUE})))
 same => n,Goto(ext-queues,${CX_QUEUE},1)
"""
"""As FreePBX has it: its custom contexts are looked at before its own; who rings an extension other than for a queue
(NODEST) ends in its mailbox, which answers."""


@dataclass(kw_only=True)
class RoutingSite:
    """What a test works with; `people` are user ids by phone."""

    settings: Settings
    switch: Switch
    phones: Phones
    pbx: Switch
    pbx_phones: Phones
    engine: AsyncEngine
    commands: Commands
    bus: Bus
    people: dict[str, str]
    version: int = 0

    def dial(self, number: str, to: str = ROUTED) -> Call:
        """Somebody with this number calls."""
        phones = self.pbx_phones if to in (PBX, PBX_SURVEYED, PBX_OFFERED) else self.phones
        return phones.outside.call(to, from_number=number)

    async def publish(self, *made: Rule, every: int = 60) -> None:
        """These rules hold from now on."""
        async with self.engine.begin() as conn:
            base = await rule_sets.standing_n(conn)
            rules = RuleSet(rules=made, age_every=every)
            await rule_sets.publish(conn, rules, base=base, by="tests", now=datetime.now(UTC))
        self.version = base + 1
        self.bus.publish(CHANGED, {"version": base + 1})
        await self.until(STATUS, None, lambda status: status.version == base + 1)

    async def floor(self, fits: Callable[[Floor], bool]) -> Floor:
        """The floor as soon as `fits` says yes to it."""
        found: Floor = await self.until(FLOOR, "lab", fits)
        return found

    async def until(self, command: str, asked: Any, fits: Callable[[Any], bool], timeout: float = 60.0) -> Any:
        """What a command gives, as soon as it is as wanted."""
        until = time.monotonic() + timeout
        while not fits(given := await self.commands.ask(command, asked)):
            assert time.monotonic() < until, given
            await asyncio.sleep(0.1)
        return given

    async def decided(self, number: str) -> KeptDecision:
        """The newest decision on a caller, once it is kept: by the rules that hold."""
        until = time.monotonic() + 60
        while time.monotonic() < until:
            async with self.engine.connect() as conn:
                page = await routing_lists.page(conn, limit=1)
            if page.rows and (page.rows[0].number, page.rows[0].version) == (number, self.version):
                return page.rows[0]
            await asyncio.sleep(0.1)
        raise AssertionError(f"nothing was decided for {number}")

    async def record(self, number: str, *, but: frozenset[str] = frozenset()) -> CallRecord:
        """The newest call from a number, once it is over and written."""
        newest = text("SELECT id FROM calls WHERE ended_at IS NOT NULL ORDER BY started_at DESC LIMIT 5")
        async with asyncio.timeout(60):
            while True:
                async with self.engine.connect() as conn:
                    for found in (await conn.execute(newest)).scalars().all():
                        record = await calls.get(conn, found)
                        if record is not None and record.caller.number == number and found not in but:
                            return record
                await asyncio.sleep(0.1)

    async def waiting(self, queue: str = "first") -> list[int]:
        """The priorities of those who wait in a queue, in their order."""
        seen = await self.switch.cli(f"queue show {queue}")
        lines = [line.strip() for line in seen.partition("Callers:")[2].splitlines() if "prio:" in line]
        return [int(line.rpartition("prio: ")[2].rstrip(")")) for line in lines]

    async def pause(self) -> None:
        """Both agents of the first queue."""
        for phone in AGENTS:
            await self.switch.cli(f"queue pause member PJSIP/{phone}")
        await self.floor(lambda floor: floor.queues["first"].free == 0)


def written_for_freepbx() -> str:
    """The dialplan that docs/integration.md has for the custom file of FreePBX and Issabel."""
    guide = (Path(__file__).parents[2] / "docs/integration.md").read_text()
    (block,) = re.findall(r"```\n(\[cxcall-support\]\n.*?)```", guide, re.DOTALL)
    return str(block)


@asynccontextmanager
async def routing_site(folder: Path, tree: Tree) -> AsyncIterator[RoutingSite]:
    """A site under `folder` with rules, until the end of the context."""
    port = free_port()
    async with AsyncExitStack() as running:
        commands = Commands()
        agi = await running.enter_async_context(Server({"/route": route.script(commands)}).listening("127.0.0.1", 0))
        added = {
            "lab": {"queues.conf": QUEUES, "extensions.conf": DIALPLAN, "manager.conf": MAY_WRITE},
            "pbx": {"queues.conf": PBX_QUEUES, "extensions.conf": PBX_DIALPLAN + written_for_freepbx()},
        }
        lab, pbx = [
            await running.enter_async_context(
                Switch.start(folder / name, tree, Site(name=name, web=f"127.0.0.1:{port}", agi=agi, additions=more))
            )
            for name, more in added.items()
        ]
        phones, pbx_phones = await connect_phones(lab, running), await connect_phones(pbx, running)
        settings = Settings(
            data=Data(dir=str(folder / "data")), web=Web(port=port), agi=Agi(),
            site=SiteSettings(country="IR", timezone="Asia/Tehran"),
            ami=tuple(
                Ami(name=name, port=switch.ami_port, username=switch.username, secret=switch.secret)
                for name, switch in (("lab", lab), ("pbx", pbx))
            ),
        )  # fmt: skip
        engine = await running.enter_async_context(service.database(settings))
        bus = Bus(epoch=time.time_ns() // 1_000_000)
        people = {}
        async with engine.begin() as conn:
            for phone in (*AGENTS, "1004"):
                user = await users.create(
                    conn, name=f"a{phone}", role="agent", password_hash="x", extensions=(f"PJSIP/{phone}",)
                )
                people[phone] = user.id
            await queues.observe(conn, "lab", ["first", "second"], now=datetime.now(UTC))
            await queues.observe(conn, "pbx", ["500", "501"], now=datetime.now(UTC))
            look = QueueLook(wrap_up=WRAP_UP)
            await queues.save_look(conn, "lab", "first", look, version=1, by="tests", now=datetime.now(UTC))
        app = web.AppRunner(init_app(settings=settings, engine=engine, bus=bus, commands=commands), access_log=None)
        await app.setup()
        running.push_async_callback(app.cleanup)
        await web.TCPSite(app, "127.0.0.1", port).start()
        site = RoutingSite(
            settings=settings, switch=lab, phones=phones, pbx=pbx, pbx_phones=pbx_phones, engine=engine,
            commands=commands, bus=bus, people=people,
        )  # fmt: skip
        await running.enter_async_context(_followed(site))
        for world in (phones.outside, pbx_phones.outside):
            world.policy, world.listen = Policy.RING, True
        yield site
        await asyncio.gather(lab.kill(), pbx.kill())


@asynccontextmanager
async def _followed(site: RoutingSite) -> AsyncIterator[None]:
    """cxcall's listener, its floor, what writes queues, and what decides."""
    parts: dict[str, Any] = {
        "settings": site.settings, "engine": site.engine, "bus": site.bus, "commands": site.commands,
    }  # fmt: skip
    agents, floor, promises = AgentKeeper(**parts), FloorKeeper(**parts), CallBackKeeper(**parts)
    routing = RoutingEdge(**parts, picture=floor.snapshot)
    edge = AsteriskEdge(**parts, watchers=Watchers(agents, floor, routing, promises))

    async def all_of_it() -> None:
        async with asyncio.TaskGroup() as group:
            for part in (edge, agents, floor, routing, promises, QueueEdge(**parts)):
                group.create_task(part.run())

    following = asyncio.create_task(all_of_it())
    try:
        async with asyncio.timeout(60):
            while not all(status.ready for status in edge.status()):
                await asyncio.sleep(0.1)
        yield
    finally:
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)
