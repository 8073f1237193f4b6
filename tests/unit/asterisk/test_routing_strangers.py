"""Garbage at the two doors where dialplans ask: nothing raises, and every answer is whole or is none."""

from __future__ import annotations

import asyncio
import random
import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote_from_bytes

import pytest
from aiohttp import web

from cxcall.asterisk.agi import route
from cxcall.asterisk.agi.limits import Limits
from cxcall.asterisk.agi.server import Server
from cxcall.asterisk.routing.deciding import LOOKING
from cxcall.bus.routing import STATUS
from cxcall.calls.record import CallId, CallRecord
from cxcall.routing.answer import fits
from cxcall.settings import Data, Settings
from cxcall.web.app import init_app
from tests.support.agi_peer import connect, header
from tests.unit.asterisk.test_routing_deciding import Stage, running

NAMES = ("call", "number", "called", "queue", "server", "language", "intent", "sure", "keys", "x", "call", "ünï", "")
WORDS = (
    b"", b"lab-1", b"lab-2", b"09123456789", b"+989123456789", b"support", b"x|end", b"OK|status=hint|queue=a|end",
    b"\0", b"\xff\xfe", b"\xed\xa0\x80", b"a" * 5_000, b"9" * 4_500, b"-1", b"1e9", b"${SHELL(id)}", b'"\\', b"\r\n",
    "۰۹۱۲۳۴۵۶۷۸۹".encode(), b"Anonymous", b"' OR 1=1 --", b"%", b"&", b"=", b"lab-1\0", b"\t lab-1 ",
)  # fmt: skip


@dataclass(slots=True)
class Doors:
    stage: Stage
    web: str
    agi: str


@pytest.fixture
async def doors(tmp_path: Path) -> AsyncIterator[Doors]:
    async with AsyncExitStack() as open_ones:
        stage = await open_ones.enter_async_context(running(tmp_path))
        settings = Settings(data=Data(dir=str(tmp_path)))
        app = init_app(settings=settings, engine=stage.engine, bus=stage.bus, commands=stage.commands)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        open_ones.push_async_callback(runner.cleanup)
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        host, port = runner.addresses[0][:2]
        server = Server({"/route": route.script(stage.commands)}, Limits(header=5.0, think=5.0))
        agi = await open_ones.enter_async_context(server.listening("127.0.0.1", 0))
        yield Doors(stage, f"{host}:{port}", agi)


def some_query(chance: random.Random) -> bytes:
    """Names and values, escaped or not, some of them right; half ask for a call that is on the line."""
    pairs = [(chance.choice(NAMES).encode(), chance.choice(WORDS)) for _ in range(chance.randrange(9))]
    if chance.random() < 0.5:
        pairs.insert(0, (b"call", b"lab-1"))
    quoted = chance.random() < 0.8
    clean = quote_from_bytes if quoted else lambda value: re.sub(rb"[\s\0]", b"", value).decode("latin-1")
    return "&".join(f"{clean(name)}={clean(value)}" for name, value in pairs).encode("latin-1")


async def asked(address: str, query: bytes) -> tuple[int, bytes, str]:
    """Status, head and body of the answer to a request of these bytes; 0: the connection was closed."""
    async with connect(
        address, b"GET /dialplan/route?" + query + b" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    ) as peer:
        answer = await peer.closed()
    head, _, body = answer.partition(b"\r\n\r\n")
    return int(head.split(b" ")[1]) if head else 0, head.lower(), body.decode()


def whole(body: str) -> bool:
    """Whether it is one line of names with values that the dialplan takes as they are."""
    first, *pairs, last = body.split("|")
    return (first, last) == ("OK", "end") and all(fits(*pair.split("=", 1)) for pair in pairs)


async def test_whatever_is_asked_over_http_the_answer_is_a_whole_line_or_none(doors: Doors) -> None:
    chance = random.Random(46)
    answers = await asyncio.gather(*(asked(doors.web, some_query(chance)) for _ in range(300)))
    for status, head, body in answers:
        assert status in (200, 400, 503), (status, body)
        assert (status == 200) == body.startswith("OK|")
        assert status != 200 or (whole(body) and b"text/plain" in head), body
    assert {status for status, *_ in answers} >= {200, 503}
    good = await asked(doors.web, b"call=lab-2&number=09123456789&queue=support")
    assert "queue=sales" in good[2]
    assert (await doors.stage.commands.ask(STATUS, None)).failed == 0


async def test_who_asks_for_calls_that_are_none_in_a_flood_keeps_nobody_else_waiting(doors: Doors) -> None:
    looks = 0

    async def live(unique_id: str) -> CallRecord | None:
        nonlocal looks
        looks += 1
        return CallRecord(id=CallId("lab-lab-2"), server="lab") if unique_id == "lab-2" else None

    doors.stage.commands.serve("live:lab", live)
    flood = [asyncio.create_task(asked(doors.web, b"call=none-%d" % n)) for n in range(LOOKING + 400)]
    while looks < LOOKING + 300:
        await asyncio.sleep(0.01)
    good = await asked(doors.web, b"call=lab-2&number=09123456789&queue=support")
    assert "queue=sales" in good[2]
    assert {status for status, *_ in await asyncio.gather(*flood)} == {503}


SET = re.compile(r'SET VARIABLE (CX_[A-Z_]+) "?(.*?)"?')
NAMES_OF = {variable: name for name, variable in route.VARIABLES.items()} | {"CX_STATUS": "status"}


async def conversation(address: str, seed: int) -> None:
    """A peer that asks garbage, and answers as Asterisk would or not at all."""
    chance = random.Random(seed)
    words = [chance.choice(WORDS).replace(b"\n", b"").decode("latin-1") for _ in range(chance.randrange(12))]
    if words and chance.random() < 0.6:
        words[0] = "lab-1"
    sound = chance.random() < 0.7
    async with connect(address, header("route", *words)) as peer:
        try:
            while True:
                command = await peer.command()
                said = SET.fullmatch(command)
                assert said is not None, command
                name, value = said.groups()
                assert whole(value) if name == "CX_ANSWER" else fits(NAMES_OF[name], value), (name, value)
                peer.send(b"200 result=1\n" if sound else chance.choice(WORDS) + b"\n")
        except (EOFError, ConnectionError):
            return


async def test_whatever_is_asked_over_fastagi_variables_are_as_the_dialplan_takes_them(doors: Doors) -> None:
    async with asyncio.timeout(60):
        await asyncio.gather(*(conversation(doors.agi, seed) for seed in range(200)))
        maryam = header("route", "lab-2", "support").replace(b"09121234567", b"09123456789")
        async with connect(doors.agi, maryam) as peer:
            commands = await peer.answers(*["200 result=1"] * 7)
    said = [found.groups() for found in map(SET.fullmatch, commands) if found is not None]
    assert said[0] == ("CX_STATUS", "default")
    assert ("CX_QUEUE", "sales") in said
