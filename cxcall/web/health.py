"""Is the process there, and can it do its work: `/healthz` and `/readyz`, for service managers and balancers.

No login, no secrets: states and names of servers only. `/readyz` answers 200 when every part is ready, else 503,
each part with its state, so a person sees at once which one it is.
"""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
import structlog
from aiohttp import web
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from cxcall.bus import CommandRefused, Commands, NoAnswer
from cxcall.bus.speech import NoSpeech, SpeechStatus
from cxcall.store.engine import at_head
from cxcall.web import keys
from cxcall.web.access import public

DEADLINE = 3.0
"""Seconds a part has to say how it is; a balancer asks again in a few seconds anyway."""

_NO_SPEECH: dict[NoSpeech, str] = {
    "no_models": "no model",
    "no_language": "no model for this site's language",
    "failed": "its models can't be used",
}

log = structlog.get_logger(__name__)


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """`state` in a word or three; `ready` whether work can be done."""

    ready: bool
    state: str


class Asterisk(msgspec.Struct, frozen=True, kw_only=True):
    ready: bool
    state: str
    servers: dict[str, Part] = {}


class Readiness(msgspec.Struct, frozen=True, kw_only=True):
    """Answer of `/readyz`."""

    ready: bool
    database: Part
    ami: Asterisk
    speech: Part


def routes() -> list[web.RouteDef]:
    return [web.get("/healthz", healthz), web.get("/readyz", readyz)]


@public
async def healthz(request: web.Request) -> web.Response:
    """The process runs and its event loop turns."""
    return _json({"status": "ok"}, 200)


@public
async def readyz(request: web.Request) -> web.Response:
    """The parts this process needs are there."""
    found = await readiness(request.app)
    return _json(found, 200 if found.ready else 503)


async def readiness(app: web.Application) -> Readiness:
    """State of each part, asked at the same time, each within DEADLINE."""
    servers = [server.name for server in app[keys.SETTINGS].ami]
    database, ami, speech = await asyncio.gather(
        _database(app), _asterisk(app[keys.COMMANDS], servers), _speech(app[keys.COMMANDS])
    )
    return Readiness(ready=database.ready and ami.ready and speech.ready, database=database, ami=ami, speech=speech)


async def _database(app: web.Application) -> Part:
    engine = app[keys.ENGINE]
    try:
        async with asyncio.timeout(DEADLINE):
            async with engine.connect() as conn:
                await conn.execute(text("SELECT 1"))
            head = await at_head(engine)
    except TimeoutError:
        return Part(ready=False, state="no answer")
    except (SQLAlchemyError, OSError) as error:
        log.warning("database not reachable", error=str(error))  # the address in it is for the log, not for the world
        return Part(ready=False, state="not reachable")
    return Part(ready=head, state="ready" if head else "needs `cxcall db upgrade`")


async def _asterisk(commands: Commands, names: list[str]) -> Asterisk:
    if not names:
        return Asterisk(ready=True, state="not set up")
    states = await server_states(commands)
    servers = {name: _server(states.get(name)) for name in names}
    away = [name for name, part in servers.items() if not part.ready]
    return Asterisk(ready=not away, state=f"{len(names) - len(away)} of {len(names)} ready", servers=servers)


def _server(status: Any) -> Part:
    """`status` is what the listener says of a server, None when it says nothing. A server switched off is no fault."""
    state = str(getattr(status, "state", "unknown"))
    ready = bool(getattr(status, "ready", False)) or state == "disabled"
    return Part(ready=ready, state=state if ready or state != "connected" else "connected, but calls are not written")


async def server_states(commands: Commands) -> dict[str, Any]:
    """What the listener says of each server by name; empty when no listener answers."""
    try:
        listed = await commands.ask("asterisk:status", None, timeout=DEADLINE)
    except (NoAnswer, CommandRefused):
        return {}
    return {status.server: status for status in listed}


async def _speech(commands: Commands) -> Part:
    """A machine without models does all its other work; one whose models can't be used is in trouble."""
    try:
        status: SpeechStatus = await commands.ask("speech:status", None, timeout=DEADLINE)
    except (NoAnswer, CommandRefused):
        return Part(ready=True, state="not set up")
    if status.problem is not None:
        return Part(ready=status.problem != "failed", state=_NO_SPEECH[status.problem])
    return Part(ready=True, state="ready" if status.level != "later" else "behind: some calls are read after their end")


def _json(value: Any, status: int) -> web.Response:
    body = msgspec.json.encode(value)
    return web.Response(
        body=body,
        status=status,
        content_type="application/json",
    )
