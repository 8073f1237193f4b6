"""A double of Asterisk's manager interface on the loopback: speaks its wire format, follows no calls.

For what a real Asterisk can't be made to do on demand: fall silent, refuse, cut a message in half, flood. What the
real one does is tested in tests/asterisk.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable

Fields = dict[str, str]
Answer = Callable[[Fields], str]


def message(**headers: str) -> bytes:
    """One message; `_` in a name stands for nothing, names are the headers."""
    return "".join(f"{name}: {value}\r\n" for name, value in headers.items()).encode() + b"\r\n"


class FakeAmi:
    """A server with one user. `answers` decides per action; `sent` keeps every action that came in."""

    def __init__(self, *, secret: str = "right", version: str = "11.0.0", filters: bool = True) -> None:
        self.secret = secret
        self.version = version
        self.filters = filters
        self.silent = False
        self.sent: list[Fields] = []
        self.logins = 0
        self.greeting = f"Asterisk Call Manager/{version}\r\n".encode()
        self.answers: dict[str, Answer] = {}
        self.lists: dict[str, list[bytes]] = {"CoreShowChannels": [], "BridgeList": [], "QueueStatus": []}
        self.booted = True
        self.came = asyncio.Event()
        self._writers: list[asyncio.StreamWriter] = []
        self._deaf: set[asyncio.StreamWriter] = set()
        self._server: asyncio.Server | None = None
        self.port = 0

    async def __aenter__(self) -> FakeAmi:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Close the port and every session."""
        if self._server is not None:
            self._server.close()
        self.cut()
        await asyncio.sleep(0)

    def cut(self) -> None:
        """Break every session without a word."""
        for writer in self._writers:
            writer.transport.abort()
        self._writers.clear()

    def send(self, raw: bytes) -> None:
        """Send bytes as they are to every session, but those that asked for no events."""
        for writer in self._hearing():
            with contextlib.suppress(ConnectionError):
                writer.write(raw)

    async def drain(self) -> None:
        """Wait until sessions have taken what was sent."""
        for writer in self._hearing():
            await writer.drain()

    def _hearing(self) -> list[asyncio.StreamWriter]:
        return [writer for writer in self._writers if writer not in self._deaf]

    def actions(self, name: str) -> list[Fields]:
        return [fields for fields in self.sent if fields["Action"].lower() == name.lower()]

    async def until(self, condition: Callable[[], bool], limit: float = 30.0) -> None:
        """Wait for something to become true, looking often."""
        async with asyncio.timeout(limit):
            while not condition():
                await asyncio.sleep(0.005)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.append(writer)
        writer.write(self.greeting)
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                raw = await reader.readuntil(b"\r\n\r\n")
                fields = dict(line.split(": ", 1) for line in raw.decode().strip().split("\r\n"))
                self.sent.append(fields)
                self.came.set()
                if fields.get("Events") == "off":
                    self._deaf.add(writer)
                if not self.silent:
                    writer.write(self._answer(fields))
        writer.close()
        self._deaf.discard(writer)
        with contextlib.suppress(ValueError):  # it was cut
            self._writers.remove(writer)

    def _answer(self, fields: Fields) -> bytes:
        name, id_ = fields["Action"], fields.get("ActionID", "")
        if name in self.answers:
            return self.answers[name](fields).encode()
        if name == "Login":
            return self._login(fields)
        if name == "Filter" and not self.filters:
            return message(Response="Error", ActionID=id_, Message="Permission denied")
        if name == "CoreSettings":
            return message(Response="Success", ActionID=id_, AMIversion=self.version, AsteriskVersion="22.10.1")
        if name in self.lists:
            items = b"".join(
                item.replace(b"\r\n\r\n", f"\r\nActionID: {id_}\r\n\r\n".encode()) for item in self.lists[name]
            )
            start = message(Response="Success", ActionID=id_, EventList="start", Message="will follow")
            return start + items + message(Event=f"{name}Complete", ActionID=id_, EventList="Complete", ListItems="0")
        return message(Response="Success", ActionID=id_, Message="Done")

    def _login(self, fields: Fields) -> bytes:
        id_ = fields.get("ActionID", "")
        if fields.get("Secret") != self.secret:
            return message(Response="Error", ActionID=id_, Message="Authentication failed")
        self.logins += 1
        accepted = message(Response="Success", ActionID=id_, Message="Authentication accepted")
        return accepted + (
            message(Event="FullyBooted", Privilege="system,all", Uptime="86400", Status="Fully Booted")
            if self.booted
            else b""
        )
