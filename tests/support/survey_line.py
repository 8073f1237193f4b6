"""Surveys without Asterisk: the true edge on a FastAGI port, and callers who answer its commands as a test says."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from sqlalchemy.ext.asyncio import AsyncEngine

from cxcall.asterisk.agi.server import Server
from cxcall.asterisk.surveys.edge import SurveyEdge
from cxcall.bus import Bus, Commands
from cxcall.calls.record import CallRecord
from cxcall.settings import Ami, Data, Settings, Site
from cxcall.store import survey_answers, survey_askings
from cxcall.store.survey_answers import ResponseRow
from cxcall.surveys.asking import Asking
from cxcall.surveys.script import Script
from tests.store.make import queue_call
from tests.store.survey_make import published
from tests.support.agi_peer import Peer, connect, header

Happening = Callable[[str], Awaitable[None]]


@dataclass(kw_only=True)
class Heard:
    """One call: commands it got, the longest silence between an answer and the next command, variables at its end."""

    commands: list[str] = field(default_factory=list)
    silence: float = 0.0
    variables: dict[str, str] = field(default_factory=dict)

    @property
    def how(self) -> str:
        """What the dialplan was told; "" when it was told nothing."""
        return self.variables.get("CX_SURVEY", "")


@dataclass(kw_only=True)
class Desk:
    """A process that asks. `records`: calls on the line by unique id."""

    settings: Settings
    engine: AsyncEngine
    bus: Bus
    commands: Commands
    edge: SurveyEdge
    address: str
    survey_id: str
    records: dict[str, CallRecord] = field(default_factory=dict)

    def ring(self, n: int, number: str = "09123456789") -> str:
        """A call whose agent has just hung up; its unique id."""
        record = queue_call(n, number=number)
        self.records[record.linked_ids[0]] = replace(record, ended_at=None)
        return record.linked_ids[0]

    async def take(
        self, unique_id: str, keys: Sequence[str] = (), *, happening: Happening | None = None, arguments: Any = None
    ) -> Heard:
        """A caller who presses `keys`, one for each time somebody listens, "" for none, "bye" to hang up.

        `happening` is awaited with each command before it is answered.
        """
        said = (unique_id, "support", "PJSIP/1001", "lab", "") if arguments is None else arguments
        async with connect(self.address, header("survey", *said)) as peer:
            return await _listened(peer, list(keys), happening)

    async def row(self, unique_id: str) -> ResponseRow | None:
        """What is kept of a call."""
        call_id = queue_call(0).server + f"-{unique_id}"
        async with self.engine.connect() as conn:
            return next(iter(await survey_answers.of_call(conn, call_id)), None)

    async def until(self, unique_id: str, which: Callable[[ResponseRow], bool], timeout: float = 30.0) -> ResponseRow:
        """What is kept of a call, once `which` says yes to it."""
        async with asyncio.timeout(timeout):
            while True:
                row = await self.row(unique_id)
                if row is not None and which(row):
                    return row
                await asyncio.sleep(0.02)

    async def ended(self, unique_id: str) -> ResponseRow:
        return await self.until(unique_id, lambda row: bool(row.response.end))


async def _listened(peer: Peer, keys: list[str], happening: Happening | None) -> Heard:
    heard, since = Heard(), time.monotonic()
    while True:
        try:
            command = await peer.command()
        except (EOFError, ConnectionError):
            return heard
        heard.silence = max(heard.silence, time.monotonic() - since)
        heard.commands.append(command)
        if happening is not None:
            await happening(command)
        answer = "200 result=0"
        if command.startswith("STREAM FILE"):
            answer += " endpos=8000"
        elif command.startswith("WAIT FOR DIGIT"):
            key = keys.pop(0) if keys else ""
            if key == "bye":
                return heard
            answer = f"200 result={ord(key) if key else 0}"
        elif command.startswith("RECORD FILE"):
            answer = "200 result=0 (timeout) endpos=16000"
        elif command.startswith("SET VARIABLE"):
            name, value = command.removeprefix("SET VARIABLE ").split(" ", 1)
            heard.variables[name.strip('"')] = value.strip('"')
            answer = "200 result=1"
        elif command.startswith("CHANNEL STATUS"):
            answer = "200 result=6"
        since = time.monotonic()
        peer.send(f"{answer}\n".encode())


async def prepare(engine: AsyncEngine, script: Script) -> str:
    """A published survey that the queue `support` asks everybody; its id."""
    async with engine.begin() as conn:
        survey = await published(conn, script=script)
        await survey_askings.save(conn, "", "support", Asking(survey_id=survey.id, min_talk=0.0, quiet_days=0))
    return survey.id


@asynccontextmanager
async def desk(engine: AsyncEngine, folder: Path, survey_id: str) -> AsyncIterator[Desk]:
    """A process that asks, until the end of the context: then it stops as `cxcall serve` does."""
    settings = Settings(
        data=Data(dir=str(folder)), site=Site(country="IR", timezone="Asia/Tehran"), ami=(Ami(name="lab"),)
    )
    bus, commands = Bus(epoch=1), Commands()
    edge = SurveyEdge(settings=settings, engine=engine, bus=bus, commands=commands)
    running = asyncio.create_task(edge.run())
    try:
        async with Server(edge.scripts).listening("127.0.0.1", 0) as address:
            made = Desk(
                settings=settings, engine=engine, bus=bus, commands=commands, edge=edge, address=address,
                survey_id=survey_id,
            )  # fmt: skip

            async def live(unique_id: str) -> CallRecord | None:
                found = made.records.get(unique_id)
                return replace(found, talks=()) if found is not None else None

            commands.serve("live:lab", live)
            yield made
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
