"""Servers as the dialplan may meet them where cxcall should be: answering, failing, or taking calls in silence."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit


@dataclass(slots=True, kw_only=True)
class Answers:
    """`body` for every request, None for no answer at all; `asked` are the paths and queries that came."""

    body: str | None
    status: int = 200
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
            data = answers.body.encode()
            line = f"HTTP/1.1 {answers.status} Whatever\r\nContent-Length: {len(data)}\r\nConnection: close\r\n\r\n"
            writer.write(line.encode() + data)
            await writer.drain()
            writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    answers.port = server.sockets[0].getsockname()[1]
    try:
        yield answers
    finally:
        server.close()
        for writer in writers:
            writer.close()
