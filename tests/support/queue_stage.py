"""An Asterisk for the pages of queues, played: it takes what is applied, keeps versions, and can be away or changed.

`asterisk/provision` against a real Asterisk is tested in tests/asterisk; here its answers are what matters.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from cxcall.bus import CommandRefused, NoAnswer
from cxcall.bus.queues import (
    AcceptQueues,
    Applied,
    ApplyQueues,
    LiveMember,
    LiveQueue,
    QueuesAsk,
    RollBackQueues,
    ServerQueues,
    SwitchFacts,
    TrialCall,
)
from cxcall.queues import conf
from cxcall.queues.definition import MemberChoice, QueueDefinition
from cxcall.queues.differences import Diff, SectionDiff
from cxcall.queues.line import Files, Line
from cxcall.queues.membership import resolve
from cxcall.settings import Ami, Data, Settings, Site
from cxcall.store import queue_people, queue_servers, queue_versions, queues, skills, teams, users
from cxcall.store.queues import KeptQueue
from cxcall.web.access import Role
from tests.support.webapp import HASH, Browser, World

SERVER = "lab"
PATH = "/admin/queues"
BILLING = f"{PATH}/{SERVER}/billing"
PEOPLE = (("omidr", "Omid Rahimi", "211", 4), ("hoda", "Hoda Zand", "215", 3), ("babak", "Babak Safavi", "221", 2))
SALES = (Line("strategy", "ringall"), Line("timeout", "15"), Line("member", "PJSIP/1001,0,Sara"))


def settings(folder: Path) -> Settings:
    return Settings(site=Site(timezone="Asia/Tehran"), data=Data(dir=str(folder)), ami=(Ami(name=SERVER),))


@dataclass(slots=True)
class Switch:
    """What Asterisk has, and how it answers next. `foreign`: somebody else changed the file."""

    world: World
    away: bool = False
    foreign: bool = False
    refuses: str = ""
    applied: dict[str, QueueDefinition] = field(default_factory=dict)
    asked: list[Any] = field(default_factory=list)
    calls: list[TrialCall] = field(default_factory=list)

    def serve(self) -> None:
        for name, handler in (
            ("queues:read", self._read), ("queues:facts", self._facts), ("queues:apply", self._apply),
            ("queues:rollback", self._roll_back),
            ("queues:accept", self._accept), ("queues:test_call", self._call), ("agents:all", self._agents),
        ):  # fmt: skip
            self.world.commands.serve(name, handler)

    async def _read(self, _: QueuesAsk) -> ServerQueues:
        if self.away:
            return ServerQueues(server=SERVER, mode="managed", connected=False, problem="Nothing listens on here:5038.")
        async with self.world.engine.begin() as conn:
            await queues.observe(conn, SERVER, ["sales"], now=self.world.clock())
        member = LiveMember(
            interface="PJSIP/1001", name="Sara", penalty=0, paused=False, reason="", status=1, membership="static",
            state_interface="PJSIP/1001", ring_busy=False, calls=0, last_call=0,
        )  # fmt: skip
        return ServerQueues(
            server=SERVER, mode="managed", connected=True, file="queues_cxcall.conf", writable=True, included=True,
            queues=(_live("sales", "queues.conf", (member,)), *(_live(name) for name in self.applied)),
        )  # fmt: skip

    async def _facts(self, _: QueuesAsk) -> SwitchFacts:
        if self.away:
            raise NoAnswer("away")
        return SwitchFacts(phones=frozenset({"PJSIP/1001", "PJSIP/211", "PJSIP/215", "PJSIP/221"}),
                           music=frozenset({"default"}), foreign=frozenset({"sales"}))  # fmt: skip

    async def _apply(self, act: ApplyQueues) -> Applied:
        self.asked.append(act)
        if self.away or self.refuses:
            raise CommandRefused(self.refuses or "There is no connection to Asterisk now. Nothing was done.")
        if self.foreign:
            lines = (Diff("-", "timeout = 15"), Diff("+", "timeout = 45"))
            return Applied(outcome="conflict", problem="Somebody else changed queues_cxcall.conf.",
                           diff=(SectionDiff("billing", "changed", lines),))  # fmt: skip
        wanted = {**self.applied, **{one.name: one for one in act.definitions}}
        for name in act.remove:
            wanted.pop(name, None)
        return await self._write(wanted, act.by)

    async def _accept(self, _: AcceptQueues) -> Applied:
        self.foreign = False
        changed = {name: msgspec.structs.replace(one, ring=45) for name, one in self.applied.items()}
        return await self._write(changed, "leila")

    async def _roll_back(self, act: RollBackQueues) -> Applied:
        self.asked.append(act)
        async with self.world.engine.connect() as conn:
            version = await queue_versions.get(conn, SERVER, act.version)
        assert version is not None
        return await self._write({one.name: one for one in version.definitions}, act.by, restores=act.version)

    async def _write(self, wanted: dict[str, QueueDefinition], by: str, restores: int | None = None) -> Applied:
        now = self.world.clock()
        async with self.world.engine.begin() as conn:
            server = await queue_servers.get(conn, SERVER)
            people = await queue_people.people(conn, SERVER)
            planned = [conf.Planned(definition=one, members=resolve(one.members, people)) for one in wanted.values()]
            text = Files(conf.queue_file(planned), conf.rules_file(wanted.values())).kept
            version = await queue_versions.begin(
                conn, SERVER, text=text, definitions=tuple(wanted.values()), by=by, now=now,
                base=server.applied_version if server else None, restores=restores,
            )  # fmt: skip
            await queue_versions.end(conn, version.id, state="applied", seconds=0.4)
            await queues.applied(conn, SERVER, wanted.values(), by=by, now=now)
        self.applied = wanted
        return Applied(outcome="applied", version=version.n, seconds=0.4)

    async def _call(self, act: TrialCall) -> None:
        if self.away:
            raise CommandRefused("There is no connection to Asterisk now. Nothing was done.")
        self.calls.append(act)

    async def _agents(self, _: None) -> list[dict[str, Any]]:
        sara = self.world.people[Role.AGENT].id
        return [{"server": SERVER, "user_id": sara, "device": "PJSIP/1001", "interfaces": ["PJSIP/1001"],
                 "state": "on_call", "reason": ""}]  # fmt: skip


async def staged(world: World) -> Switch:
    """People with phones, a skill, a team; the server managed; a drafted queue `billing` whose members answer."""
    switch = Switch(world)
    switch.serve()
    sara = world.people[Role.AGENT].id
    async with world.engine.begin() as conn:
        made = [
            (await users.create(conn, name=name, role="agent", password_hash=HASH, display_name=shown,
                                extensions=(f"PJSIP/{phone}",))).id
            for name, shown, phone, _level in PEOPLE
        ]  # fmt: skip
        skill = await skills.create(conn, "Billing")
        for user_id, level in zip((sara, *made), (5, *(one[3] for one in PEOPLE)), strict=True):
            await skills.set_of_user(conn, user_id, {skill.id: level})
        await teams.create(conn, name="Evening", members=made[:2])
        await queue_servers.save(conn, SERVER, mode="managed", by="leila", now=world.clock())
        definition = QueueDefinition(
            name="billing", title={"en": "Billing", "fa": "صورت‌حساب"}, numbers=("4000",), longest_wait=300,
            members=(MemberChoice(kind="agent", value=sara), MemberChoice(kind="interface", value="PJSIP/221",
                                                                          name="Night phone", penalty=1)),
        )  # fmt: skip
        await queues.create(conn, SERVER, definition, by="leila", now=world.clock())
    return switch


async def kept(world: World, name: str = "billing") -> KeptQueue:
    async with world.engine.connect() as conn:
        queue = await queues.get(conn, SERVER, name)
    assert queue is not None
    return queue


async def form_of(browser: Browser, path: str = BILLING) -> list[tuple[str, str]]:
    """The fields of the editor's form as a browser would send them untouched."""
    page = await browser.get(path)
    assert page.status == 200, page.text[:400]
    form = page.text[page.text.index('<form class="col g4" id="queue"') : page.text.index("<aside")]
    return fields(form)


def fields(form: str) -> list[tuple[str, str]]:
    """What a form's HTML sends."""
    found: list[tuple[str, str]] = []
    for tag in re.findall(r"<input [^>]*>", form):
        name, value, kind = _said(tag, "name"), _said(tag, "value"), _said(tag, "type")
        if name and name != "csrf" and (kind not in ("checkbox", "radio") or " checked" in tag):
            found.append((name, value))
    for name, inside in re.findall(r'<select [^>]*name="([^"]+)"[^>]*>(.*?)</select>', form, re.DOTALL):
        options = re.findall(r'<option value="([^"]*)"( selected)?', inside)
        found.append((name, next((value for value, chosen in options if chosen), options[0][0] if options else "")))
    return found


def _said(tag: str, name: str) -> str:
    match = re.search(rf'\b{name}="([^"]*)"', tag)
    return match[1] if match else ""


def _live(name: str, file: str = "queues_cxcall.conf", members: tuple[LiveMember, ...] = ()) -> LiveQueue:
    return LiveQueue(
        name=name, file=file, managed=file == "queues_cxcall.conf", lines=SALES, own_lines=SALES, inherits=(),
        strategy="ringall", waiting=2, completed=10, abandoned=1, weight=0, most=0, members=members,
    )  # fmt: skip


def parsed(name: str) -> QueueDefinition:
    return conf.parse(name, SALES).definition
