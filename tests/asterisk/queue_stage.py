"""A private Asterisk whose queues are written by the edge under test, phones, and a wire between the two to cut."""

from __future__ import annotations

import asyncio
import contextlib
import math
import struct
import wave
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy.ext.asyncio import AsyncEngine

from cxcall.asterisk.provision.edge import QueueEdge
from cxcall.bus import Bus, Commands
from cxcall.bus.queues import LONG, Applied, ApplyQueues, QueuesAsk, ServerQueues
from cxcall.demo.phone import Call, Policy, strength
from cxcall.demo.switch import Site, Switch, Tree
from cxcall.queues.definition import MemberChoice, QueueDefinition
from cxcall.settings import Ami, Data, Settings
from cxcall.store import queue_servers
from cxcall.store.engine import open_engine
from tests.asterisk.conftest import Phones, connect_phones
from tests.support.manager import Manager
from tests.support.schema import new_database

SERVER = "lab"
MAY_WRITE = "[cxcall](+)\nwrite = system,call,agent,originate,config\n"


class Wire:
    """Carries a manager session to `port`; `cut_before`, `cut_after`: breaks at this UpdateConfig, counted from 1;
    `hold_before`: goes no further there, and `held` is set."""

    def __init__(self, port: int) -> None:
        self._to = port
        self._tasks: set[asyncio.Task[None]] = set()
        self.port = 0
        self.updates = 0
        self.cut_before = self.cut_after = self.hold_before = 0
        self.held = asyncio.Event()

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Wire]:
        async with await asyncio.start_server(self._carry, "127.0.0.1", 0) as server:
            self.port = server.sockets[0].getsockname()[1]
            yield self

    def whole(self) -> None:
        """Break nothing any more."""
        self.updates = self.cut_before = self.cut_after = self.hold_before = 0
        self.held.clear()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        back, forth = await asyncio.open_connection("127.0.0.1", self._to, limit=1 << 24)
        answers = asyncio.create_task(_pump(back, writer))
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                message = await reader.readuntil(b"\r\n\r\n")
                update = b"Action: UpdateConfig\r\n" in message and b"nowhere" not in message  # asks for the right only
                self.updates += update
                if update and self.updates == self.cut_before:
                    break
                if update and self.updates == self.hold_before:
                    self.held.set()
                    await reader.read()  # until who asked is gone
                    break
                if update and self.updates == self.cut_after:
                    answers.cancel()
                    await asyncio.wait([answers])
                    forth.write(message)
                    await asyncio.wait_for(back.readuntil(b"\r\n\r\n"), 20)  # done, and nobody is told
                    break
                forth.write(message)
        answers.cancel()
        writer.transport.abort()
        forth.close()


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(ConnectionError):
        while data := await reader.read(1 << 16):
            writer.write(data)
    writer.close()


@dataclass(slots=True)
class Stage:
    switch: Switch
    phones: Phones
    engine: AsyncEngine
    edge: QueueEdge
    bus: Bus
    commands: Commands
    wire: Wire
    told: list[Any] = field(default_factory=list)

    @property
    def ami(self) -> Ami:
        """How to reach Asterisk past the wire."""
        return Ami(name=SERVER, port=self.switch.ami_port, username=self.switch.username, secret=self.switch.secret)

    @property
    def etc(self) -> Path:
        return self.switch.folder / "etc"

    def files(self) -> dict[str, bytes]:
        """All queue files as they are on the disk, but for those that only prepare others."""
        found = [*self.etc.glob("queue*.conf")]
        return {file.name: file.read_bytes() for file in found if "staging" not in file.name}

    async def ask(self, name: str, act: Any) -> Any:
        return await self.commands.ask(name, act, timeout=LONG)

    async def apply(
        self, *definitions: QueueDefinition, remove: Sequence[str] = (), base: int | None = None
    ) -> Applied:
        ask = ApplyQueues(server=SERVER, by="leila", definitions=definitions, remove=tuple(remove), base=base)
        applied: Applied = await self.ask("queues:apply", ask)
        return applied

    async def read(self) -> ServerQueues:
        found: ServerQueues = await self.ask("queues:read", QueuesAsk(server=SERVER))
        return found

    def call(self, number: str) -> Call:
        return self.phones.outside.call(number, from_number="09121234567")

    async def quiet(self) -> None:
        """No call anywhere, phones that only ring."""
        for phone in (*self.phones.inside.values(), self.phones.outside):
            for call in phone.calls:
                await call.hang_up()
        for phone in self.phones.inside.values():
            phone.policy = Policy.RING
        async with asyncio.timeout(30):
            while "0 active channels" not in await self.switch.cli("core show channels count"):
                await asyncio.sleep(0.05)
        await self.phones.forget_rings()

    @asynccontextmanager
    async def manager(self) -> AsyncIterator[Manager]:
        """Another tool at Asterisk."""
        async with Manager.connect(self.switch.ami_port, self.switch.username, self.switch.secret) as session:
            yield session


BEEP_HZ = 1_000
SOUNDS = {
    "queue-youarenext": 1_300, "queue-thereare": 1_400, "queue-callswaiting": 1_500, "queue-holdtime": 1_600,
    "queue-reporthold": 1_700, "digits/2": 2_000, "digits/20": 2_000, "digits/30": 2_000, "queue-seconds": 2_000,
    "vm-theperson": 1_800, "vm-isunavail": 1_800, "vm-intro": 1_900,
}  # fmt: skip
"""Asterisk's prompts as tones in hertz: what callers hear can be told apart."""

MORE = {
    "modules.conf": "load = app_voicemail.so\n",
    "voicemail.conf": "[general]\nformat = wav\nminsecs = 1\n[default]\n1001 => 1234,Sara\nmailbox => 1234,Queue\n",
    "extensions.conf": "[keys]\nexten => 5,1,Goto(internal,1005,1)\n",
}
"""What the managed queues' Asterisk has beyond the demo's: mailboxes, and a key that leaves a queue."""


@asynccontextmanager
async def managed_stage(folder: Path, tree: Tree) -> AsyncIterator[Stage]:
    """One whose queues cxcall writes, with prompts that are tones."""
    async with stage(folder, tree, MORE) as site:
        for name, hertz in SOUNDS.items():
            (site.switch.folder / f"data/sounds/en/{name}").parent.mkdir(exist_ok=True)
            write_tone(site.switch.folder / f"data/sounds/en/{name}.wav", hertz)
        yield site


def write_tone(path: Path, hertz: int) -> None:
    """A third of a second, as loud as Asterisk's prompts are here."""
    with wave.open(str(path), "wb") as out:
        out.setparams((1, 2, 8_000, 0, "NONE", ""))
        samples = (int(8_000 * math.sin(math.tau * hertz * at / 8_000)) for at in range(2_800))
        out.writeframes(b"".join(struct.pack("<h", sample) for sample in samples))


def heard(call: Call, hertz: float, *, loud: float = 4_000) -> bool:
    """Whether the last seconds had this tone."""
    sound, window = call.heard.last(3), 800
    return any(strength(sound[at : at + window], hertz) >= loud for at in range(0, len(sound) - window, window // 2))


async def hears(call: Call, *hertz: float) -> None:
    """Wait until the call has heard all of these tones."""
    missing = set(hertz)
    try:
        async with asyncio.timeout(30):
            while missing:
                missing -= {tone for tone in missing if heard(call, tone)}
                await asyncio.sleep(0.1)
    except TimeoutError:
        raise AssertionError(f"not heard: {sorted(missing)} Hz") from None


def queue(name: str, number: str, *phones: str, **settings: object) -> QueueDefinition:
    """A queue of phones in their order, with one number."""
    usual: dict[str, object] = {"ring": 15, "retry": 1, "strategy": "linear", "members": members(*phones)}
    return QueueDefinition(name=name, numbers=(number,), **{**usual, **settings})  # type: ignore[arg-type]  # by name


async def first(site: Stage, *numbers: str) -> str:
    """Which phone rings next."""
    ring = await site.phones.first_ringing(*numbers)
    return ring.phone.number


def members(*phones: str, penalty: int = 0) -> tuple[MemberChoice, ...]:
    return tuple(MemberChoice(kind="interface", value=f"PJSIP/{phone}", penalty=penalty) for phone in phones)


@asynccontextmanager
async def stage(folder: Path, tree: Tree, additions: dict[str, str], *, mode: str = "managed") -> AsyncIterator[Stage]:
    """All of it, until the end of the context."""
    async with AsyncExitStack() as stack:
        files = {"manager.conf": MAY_WRITE, **additions}
        switch = await stack.enter_async_context(
            Switch.start(folder / "switch", tree, Site(name=SERVER, additions=files))
        )
        stack.push_async_callback(switch.kill)
        wire = await stack.enter_async_context(Wire(switch.ami_port).open())
        ami = Ami(name=SERVER, port=wire.port, username=switch.username, secret=switch.secret)
        settings = Settings(ami=(ami,), data=Data(dir=str(folder)))
        engine = open_engine(new_database(folder / "cxcall.sqlite"))
        stack.push_async_callback(engine.dispose)
        async with engine.begin() as conn:
            if mode == "managed":
                await queue_servers.save(conn, SERVER, mode="managed", by="leila", now=datetime.now(UTC))
        bus, commands = Bus(epoch=1), Commands()
        edge = QueueEdge(settings=settings, engine=engine, bus=bus, commands=commands)
        running = asyncio.create_task(edge.run())
        stack.callback(running.cancel)
        phones = await connect_phones(switch, stack)
        phones.outside.listen = True
        found = Stage(switch=switch, phones=phones, engine=engine, edge=edge, bus=bus, commands=commands, wire=wire)
        bus.subscribe("queues", lambda message: found.told.append(message.data))
        await asyncio.sleep(0)
        yield found
