"""Asterisk's side of a FastAGI conversation, by hand: send a header, read commands, answer what a test wants."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

PATIENCE = 20.0
"""Seconds a test waits for what must come; only a failure takes that long."""


def header(script: str = "test", *arguments: str) -> bytes:
    """What Asterisk sends first, of a call that is up."""
    lines = [
        "agi_network: yes", f"agi_network_script: {script}", "agi_channel: PJSIP/trunk-00000001", "agi_language: en",
        "agi_uniqueid: lab-1795314584.0", "agi_callerid: 09121234567", "agi_calleridname: unknown",
        *(f"agi_arg_{number}: {value}" for number, value in enumerate(arguments, 1)),
    ]  # fmt: skip
    return "".join(f"{line}\n" for line in lines).encode() + b"\n"


class Peer:
    """One connection to a FastAGI port."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    def send(self, data: bytes) -> None:
        self.writer.write(data)

    async def command(self) -> str:
        """The next command; raises EOFError when the conversation was ended instead."""
        async with asyncio.timeout(PATIENCE):
            line = await self.reader.readline()
        if not line:
            raise EOFError
        return line.decode().rstrip("\n")

    async def answers(self, *answers: str) -> list[str]:
        """Answer the coming commands, one after the other; return them."""
        commands = []
        for answer in answers:
            commands.append(await self.command())
            self.send(f"{answer}\n".encode())
        return commands

    async def closed(self) -> bytes:
        """Wait until the other side closes; return what it still said."""
        async with asyncio.timeout(PATIENCE):
            try:
                return await self.reader.read()
            except ConnectionError:
                return b""


@asynccontextmanager
async def connect(address: str, first: bytes = b"") -> AsyncIterator[Peer]:
    """A connection that has sent `first`, closed at the end."""
    host, _, port = address.rpartition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(first)
    try:
        yield Peer(reader, writer)
    finally:
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()
