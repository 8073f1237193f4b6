"""Servers as the dialplan may meet them where cxcall should be: answering, failing, or taking calls in silence."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import parse_qs, urlsplit

Way = Literal["whole", "cut", "drip", "hold"]


@dataclass(slots=True, kw_only=True)
class Answers:
    """`body` for every request, None for no answer at all; `asked` are the paths and queries that came.

    `way`: `cut` breaks off in the middle of the body, as a server does that is killed, `drip` sends a letter of it
    every fifth of a second, `hold` all of it and then nothing more. `bodies`: others, by a word of the query.
    """

    body: str | None
    status: int = 200
    way: Way = "whole"
    bodies: dict[str, str] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, list[str]]]] = field(default_factory=list)
    port: int = 0


@asynccontextmanager
async def serve(body: str | None, *, status: int = 200) -> AsyncIterator[Answers]:
    """Answer HTTP on a free port of the loopback."""
    answers = Answers(body=body, status=status)
    writers: list[asyncio.StreamWriter] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers.append(writer)
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            head = await reader.readuntil(b"\r\n\r\n")
            asked = urlsplit(head.split(b" ")[1].decode())
            answers.asked.append((asked.path, parse_qs(asked.query)))
            if answers.body is None:
                return
            body = next((other for word, other in answers.bodies.items() if word in asked.query), answers.body)
            data = body.encode()
            line = f"HTTP/1.1 {answers.status} Whatever\r\nContent-Length: {len(data)}\r\nConnection: close\r\n\r\n"
            writer.write(line.encode() + (data if answers.way == "whole" else data[:25]))
            for letter in data[25:] if answers.way == "drip" else ():
                await writer.drain()
                await asyncio.sleep(0.2)
                writer.write(bytes((letter,)))
            await writer.drain()
            writer.close()

    async with _listening(answer, answers, writers):
        yield answers


@asynccontextmanager
async def serve_agi(body: str | None = None) -> AsyncIterator[Answers]:
    """Take FastAGI connections on a free port of the loopback, and send `body` once the header has come."""
    answers = Answers(body=body)
    writers: list[asyncio.StreamWriter] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers.append(writer)
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            head = await reader.readuntil(b"\n\n")
            answers.asked.append(("agi", dict(parse_qs(head.replace(b": ", b"=").replace(b"\n", b"&").decode()))))
            if answers.body is None:
                return
            data = answers.body.encode()
            data = data[: len(data) // 2] if answers.way == "cut" else data
            for at in range(0, len(data), step := 1 if answers.way == "drip" else 65_536):
                writer.write(data[at : at + step])
                await writer.drain()
                await asyncio.sleep(0.2 if answers.way == "drip" else 0)
            if answers.way != "hold":
                writer.close()

    async with _listening(answer, answers, writers):
        yield answers


@asynccontextmanager
async def _listening(
    answer: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]],
    answers: Answers,
    writers: list[asyncio.StreamWriter],
) -> AsyncIterator[None]:
    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    answers.port = server.sockets[0].getsockname()[1]
    try:
        yield
    finally:
        server.close()
        for writer in writers:
            writer.close()
