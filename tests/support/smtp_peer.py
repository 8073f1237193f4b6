"""A mail server on a real port that takes mail, refuses, is silent, or answers a letter at a time."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default


@dataclass(slots=True)
class SmtpPeer:
    """`refused`: answers to RCPT by address. `answers`: lines said in place of the usual, by command. `silent`: takes
    the connection and says nothing; `drips`: says a letter every so many seconds."""

    port: int = 0
    refused: dict[str, str] = field(default_factory=dict)
    answers: dict[str, str] = field(default_factory=dict)
    silent: bool = False
    drips: float = 0.0
    login: tuple[str, str] | None = None
    took: list[tuple[str, EmailMessage]] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)
    connections: int = 0

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
                if self.silent:
                    await reader.read()
                else:
                    await self._session(reader, writer)
            writer.close()
            with contextlib.suppress(ConnectionError, TimeoutError, ssl.SSLError):
                async with asyncio.timeout(1):
                    await writer.wait_closed()
        finally:
            writer.transport.abort()

    async def _session(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        to = ""
        await self._say(writer, "220 peer")
        while line := (await reader.readline()).decode().strip():
            verb = line.partition(" ")[0].upper()
            self.commands.append(verb)
            if verb == "RCPT":
                to = line.partition("<")[2].partition(">")[0]
                await self._say(writer, self.refused.get(to, "250 ok"))
            elif verb == "EHLO":
                await self._say(writer, "250-peer\r\n250 AUTH PLAIN" if self.login else "250 peer")
            elif verb == "DATA" and verb not in self.answers:
                await self._say(writer, "354 go on")
                body = await reader.readuntil(b"\r\n.\r\n")
                mail = message_from_bytes(body[:-3], policy=default)
                self.took.append((to, mail))
                await self._say(writer, "250 taken")
            else:
                await self._say(writer, self.answers.get(verb, "221 bye" if verb == "QUIT" else "250 ok"))
                if verb == "QUIT":
                    return

    async def _say(self, writer: asyncio.StreamWriter, text: str) -> None:
        for letter in (text + "\r\n") if self.drips else ():
            writer.write(letter.encode())
            await writer.drain()
            await asyncio.sleep(self.drips)
        if not self.drips:
            writer.write(f"{text}\r\n".encode())
            await writer.drain()


@asynccontextmanager
async def smtp_peer(peer: SmtpPeer | None = None, tls: ssl.SSLContext | None = None) -> AsyncIterator[SmtpPeer]:
    """A peer on a free port of this machine."""
    peer = peer or SmtpPeer()
    tasks: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        task.add_done_callback(tasks.discard)
        await peer.talk(reader, writer)

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls)
    peer.port = server.sockets[0].getsockname()[1]
    try:
        yield peer
    finally:
        server.close()
        for task in list(tasks):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.sleep(0.01)  # an aborted transport closes its socket in the loop's next round
