"""A short conversation with one Asterisk's manager interface, for checks: asks one thing after the other, then goes.

Unlike the listener's session it never comes back by itself, keeps nothing and changes nothing. Every wait ends.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from cxcall.asterisk.ami.framing import Splitter
from cxcall.asterisk.ami.message import BANNER, Headers, parse, text
from cxcall.settings import Ami

_CONNECT_S = 5.0
_ANSWER_S = 5.0
_READ = 65_536
_MOST_EVENTS = 2_000


class ProbeFailed(Exception):
    """The conversation can't go on; the text says why."""


class NotAsterisk(ProbeFailed):
    """Something else answers on this port."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """The answer to an action; `items` are the events of a list, without the closing one."""

    answer: Headers
    items: tuple[Headers, ...] = ()

    @property
    def done(self) -> bool:
        return text(self.answer, "Response") in ("Success", "Goodbye")

    @property
    def message(self) -> str:
        return text(self.answer, "Message")

    @property
    def forbidden(self) -> bool:
        """Whether the user has no right for this action."""
        return "permission denied" in self.message.lower()


class Probe:
    """An open conversation; `version` is the interface's. Unasked events are kept in `events`."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Not for use from outside: see `connect`."""
        self._reader = reader
        self._writer = writer
        self._splitter = Splitter()
        self._asked = 0
        self.version = ""
        self.events: list[Headers] = []

    @classmethod
    @asynccontextmanager
    async def connect(cls, server: Ami) -> AsyncIterator[Probe]:
        """Raises OSError or TimeoutError when nothing answers, NotAsterisk when something else does."""
        async with asyncio.timeout(_CONNECT_S):
            reader, writer = await asyncio.open_connection(server.host, server.port)
        probe = cls(reader, writer)
        try:
            await probe._greet()
            yield probe
        finally:
            writer.close()
            with contextlib.suppress(OSError, TimeoutError):
                async with asyncio.timeout(1.0):
                    await writer.wait_closed()

    async def ask(self, action: str, **fields: str) -> Reply:
        """The answer to an action. Raises ProbeFailed when none comes in time or Asterisk hangs up."""
        self._asked += 1
        mine = f"doctor-{self._asked}"
        lines = [f"Action: {action}", f"ActionID: {mine}", *(f"{key}: {value}" for key, value in fields.items())]
        if any(end in line for line in lines for end in "\r\n"):
            raise ProbeFailed("A name in the configuration holds a line end.")
        self._writer.write(("\r\n".join(lines) + "\r\n\r\n").encode())
        try:
            async with asyncio.timeout(_ANSWER_S):
                return await self._reply(mine)
        except TimeoutError:
            raise ProbeFailed(f"Asterisk did not answer {action} within {_ANSWER_S:g} s.") from None

    async def listen(self, seconds: float) -> None:
        """Gather events for so long. Raises ProbeFailed when Asterisk hangs up."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while True:
                    for message in await self._messages():
                        self._keep(message)

    async def _greet(self) -> None:
        try:
            async with asyncio.timeout(_CONNECT_S):
                line = await self._reader.readuntil(b"\r\n")
        except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, TimeoutError):
            line = b""
        if not line.startswith(BANNER):
            raise NotAsterisk("What answers there is not Asterisk's manager interface.")
        self.version = line.removeprefix(BANNER).decode("ascii", "replace").strip()

    async def _reply(self, mine: str) -> Reply:
        answer: Headers | None = None
        items: list[Headers] = []
        while True:
            for message in await self._messages():
                if text(message, "ActionID") != mine:
                    self._keep(message)
                elif "Response" in message:
                    answer = message
                else:
                    items.append(message)
            if answer is not None and text(answer, "EventList").lower() != "start":
                return Reply(answer=answer)
            if answer is not None and items and text(items[-1], "EventList") == "Complete":
                return Reply(answer=answer, items=tuple(items[:-1]))

    async def _messages(self) -> list[Headers]:
        try:
            data = await self._reader.read(_READ)
        except OSError as error:
            raise ProbeFailed(f"The connection broke: {error}.") from error
        if not data:
            raise ProbeFailed("Asterisk closed the connection.")
        return [parse(raw) for raw in self._splitter.feed(data)[1]]

    def _keep(self, message: Headers) -> None:
        if "Event" in message and len(self.events) < _MOST_EVENTS:
            self.events.append(message)
