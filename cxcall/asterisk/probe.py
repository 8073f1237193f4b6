"""A short conversation with one Asterisk's manager interface: asks one thing after the other, then goes.

For checks, and for what takes long answers that are no part of the record (configuration files). Unlike the listener's
session it never comes back by itself and keeps nothing. Every wait ends.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

from cxcall.asterisk.ami.framing import LIMIT, Splitter
from cxcall.asterisk.ami.message import BANNER, Headers, parse, text
from cxcall.settings import Ami

_CONNECT_S = 5.0
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

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, longest: int = LIMIT, patience: float = 5.0
    ) -> None:
        """Not for use from outside: see `connect`."""
        self._reader = reader
        self._writer = writer
        self._splitter = Splitter(longest)
        self._patience = patience
        self._asked = 0
        self._read: deque[Headers] = deque()
        self.version = ""
        self.events: list[Headers] = []

    @classmethod
    @asynccontextmanager
    async def connect(cls, server: Ami, *, longest: int = LIMIT, patience: float = 5.0) -> AsyncIterator[Probe]:
        """Raises OSError or TimeoutError when nothing answers, NotAsterisk when something else does.

        `longest`: bytes an answer may have; `patience`: seconds each answer may take.
        """
        async with asyncio.timeout(_CONNECT_S):
            reader, writer = await asyncio.open_connection(server.host, server.port)
        probe = cls(reader, writer, longest=longest, patience=patience)
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
        return (await self.ask_all((action, fields)))[0]

    async def ask_all(self, *actions: tuple[str, Mapping[str, str]]) -> list[Reply]:
        """The answers to several actions, which are sent in one piece: Asterisk has them all or none.

        Raises as `ask`.
        """
        asked = [self._message(action, fields) for action, fields in actions]
        self._writer.write("".join(message for _, message in asked).encode())
        return [await self._answer(mine, action) for (mine, _), (action, _) in zip(asked, actions, strict=True)]

    def _message(self, action: str, fields: Mapping[str, str]) -> tuple[str, str]:
        """An action's id and text."""
        self._asked += 1
        mine = f"cxcall-{self._asked}"
        lines = [f"Action: {action}", f"ActionID: {mine}", *(f"{key}: {value}" for key, value in fields.items())]
        if any(end in line for line in lines for end in "\r\n"):
            raise ProbeFailed("A name in the configuration holds a line end.")
        return mine, "\r\n".join(lines) + "\r\n\r\n"

    async def _answer(self, mine: str, action: str) -> Reply:
        try:
            async with asyncio.timeout(self._patience):
                return await self._reply(mine)
        except TimeoutError:
            raise ProbeFailed(f"Asterisk did not answer {action} within {self._patience:g} s.") from None

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
            while self._read:
                message = self._read.popleft()
                if text(message, "ActionID") != mine:
                    self._keep(message)
                    continue
                if "Response" in message:
                    answer = message
                else:
                    items.append(message)
                if answer is not None and text(answer, "EventList").lower() != "start":
                    return Reply(answer=answer)
                if answer is not None and items and text(items[-1], "EventList") == "Complete":
                    return Reply(answer=answer, items=tuple(items[:-1]))
            self._read.extend(await self._messages())

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
