"""The protocol class under panoramisk's Manager: reads without ever blocking, answers actions, ends once.

panoramisk 1.4 opens the connection and words the actions; everything between the socket and the callbacks is
here, because its own protocol class decodes before it splits, dies of callback errors, takes answers for lists
by their wording and keeps actions for later (docs/decisions/0030).

In `data_received` nothing is awaited, written to a file or called back that could raise: messages are cut,
looked at in their first bytes, and put into the inbox with the bytes they came in.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from panoramisk.actions import Action

from cxcall.asterisk.ami.errors import ConnectionLost, NotConnected
from cxcall.asterisk.ami.framing import Splitter
from cxcall.asterisk.ami.inbox import Inbox, Piece
from cxcall.asterisk.ami.message import (
    ACTION_ID,
    BANNER,
    BOOTED,
    EVENT,
    LAST_OF_LIST,
    NEXT_EVENT,
    RESPONSE,
    Headers,
    Wanted,
    header,
    parse,
    text,
)
from cxcall.asterisk.status import Meter


@dataclass(slots=True)
class _Pending:
    """An action whose answer has not come; `items` gathers the events of a list."""

    answer: asyncio.Future[list[Headers]]
    listing: bool
    items: list[Headers] = field(default_factory=list)


class Link(asyncio.Protocol):
    """One TCP connection to one Asterisk, from connect to loss; never used again after."""

    def __init__(self, *, wanted: Wanted, inbox: Inbox, meter: Meter, stalled: float = 5.0) -> None:
        self._loop = asyncio.get_running_loop()
        self._wanted = wanted
        self._inbox = inbox
        self._meter = meter
        self._stalled = stalled
        self._splitter = Splitter()
        self._pending: dict[bytes, _Pending] = {}
        self._transport: asyncio.Transport | None = None
        self._overflow: asyncio.TimerHandle | None = None
        self._greeting = b""
        self._listening = False
        self.lost: asyncio.Future[str] = self._loop.create_future()
        """Resolved once, with the reason in words, when the connection is gone."""
        self.remedy: str | None = None
        """What to do about it, where that is known."""
        self.banner: asyncio.Future[str] = self._loop.create_future()
        """The AMI version of the first line."""
        self.last_heard = self._loop.time()
        self.heard_at = time.time()
        self.on_login: Callable[[], None] = _nothing
        """Called at the first answer that is a success, before what came with it is handed on."""
        self.on_booted: Callable[[], None] = _nothing

    # What panoramisk's Manager calls

    def send(self, data: Any, as_list: bool = False) -> asyncio.Future[list[Headers]]:
        """Write one action now, or raise NotConnected now; nothing is kept to be sent later.

        The future holds the answer, or with `as_list` the answer and all events of the list. Raises ValueError for
        a line end in a value: it would smuggle in another action.
        """
        if self._transport is None or self.lost.done() or self._transport.is_closing():
            raise NotConnected("There is no connection to Asterisk now.")
        for key, value in data.items():
            if any(end in str(part) for part in (key, value) for end in "\r\n"):
                raise ValueError(f"a line end in {key!r}")
        action = Action(dict(data))
        pending = _Pending(self._loop.create_future(), as_list)
        self._pending[str(action["ActionID"]).encode()] = pending
        self._transport.write(str(action).encode())
        return pending.answer

    def close(self) -> None:
        self.drop("We closed the connection.")

    # What asyncio calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - for the type checker
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self.last_heard = self._loop.time()
        self.heard_at = arrived = time.time()
        self._meter.bytes += len(data)
        if not self.banner.done() and not self._greeted(data):
            return
        before = self._splitter.too_long
        whole, messages = self._splitter.feed(data)
        self._meter.unreadable += self._splitter.too_long - before
        if not messages:
            return
        wanted, events = self._sort(whole, messages)
        self._meter.events += events
        if self._listening:
            self._inbox.put(Piece(raw=whole, wanted=wanted, events=events, arrived=arrived))

    def connection_lost(self, exc: Exception | None) -> None:
        self.drop(f"The connection broke: {exc}." if exc else "Asterisk closed the connection.")

    # What the session calls

    def listen(self, first: bytes) -> None:
        """From now on what is read goes to the inbox, after the marker `first`."""
        self.mark(first)
        self._listening = True
        self._inbox.on_full = self._pause
        self._inbox.on_room = self._resume
        if self._inbox.full:
            self._pause()

    def mark(self, marker: bytes) -> None:
        """Put a marker of ours into the stream, between messages."""
        wanted = [marker.removesuffix(b"\r\n\r\n")]
        self._inbox.put(Piece(raw=marker, wanted=wanted, events=0, arrived=time.time()))

    def forget(self, answer: asyncio.Future[list[Headers]]) -> None:
        """Nobody waits for this answer any more; if it comes it is an event like others."""
        for key, pending in self._pending.items():
            if pending.answer is answer:
                del self._pending[key]
                return

    def drop(self, reason: str, *, remedy: str | None = None) -> None:
        """End the connection at once, unsent bytes included, and fail what waits. Only the first reason counts."""
        if self.lost.done():
            return
        self.remedy = remedy
        self.lost.set_result(reason)
        self._listening = False
        if self._overflow is not None:
            self._overflow.cancel()
        self._meter.torn += bool(self._splitter.unfinished)
        if not self.banner.done():
            self.banner.cancel()
        for pending in self._pending.values():
            if not pending.answer.done():
                pending.answer.set_exception(ConnectionLost(reason))
                pending.answer.exception()  # seen: nobody may wait for it
        self._pending.clear()
        if self._transport is not None:
            self._transport.abort()

    # Reading

    def _greeted(self, data: bytes) -> bool:
        """Whether the first line says Asterisk; drops anything else that listens on this port."""
        self._greeting += data[:256]
        if self._greeting.startswith(BANNER):
            line, end, _ = self._greeting.partition(b"\r\n")
            if end:
                self.banner.set_result(line.removeprefix(BANNER).decode("ascii", "replace"))
        elif not BANNER.startswith(self._greeting[: len(BANNER)]):
            self.drop("What listens there is not Asterisk's manager interface.")
            return False
        return True

    def _sort(self, whole: bytes, messages: list[bytes]) -> tuple[list[bytes], int]:
        """Hand answers to those who wait for them; the events worth parsing, and how many events there were."""
        events = whole.count(NEXT_EVENT) + whole.startswith(EVENT)
        chosen = self._wanted.among(messages)
        if events != len(messages) or self._pending:
            self._answer_those_who_wait(messages)
        if BOOTED in whole:
            self.on_booted()
        return chosen, events

    def _answer_those_who_wait(self, messages: list[bytes]) -> None:
        for raw in messages:
            if raw.startswith(EVENT):
                if ACTION_ID in raw:
                    self._gather(raw)
            elif raw.startswith(RESPONSE):
                self._answer(raw)
            elif raw.startswith(BANNER):
                self._answer(raw.partition(b"\r\n")[2])
            elif raw:
                self._meter.unreadable += 1

    def _answer(self, raw: bytes) -> None:
        key = header(raw, ACTION_ID)
        pending = self._pending.get(key)
        if pending is None:
            return
        message = parse(raw)
        pending.items.append(message)
        if not self._listening and text(message, "Response") == "Success":
            self.on_login()
        if not pending.listing or text(message, "Response") != "Success":
            self._done(key, pending)

    def _gather(self, raw: bytes) -> None:
        key = header(raw, ACTION_ID)
        pending = self._pending.get(key)
        if pending is None or not pending.listing:
            return
        pending.items.append(parse(raw))
        if LAST_OF_LIST in raw:
            self._done(key, pending)

    def _done(self, key: bytes, pending: _Pending) -> None:
        del self._pending[key]
        if not pending.answer.done():
            pending.answer.set_result(pending.items)

    # A full inbox

    def _pause(self) -> None:
        if self.lost.done():
            return
        self._meter.stalls += 1
        self._overflow = self._loop.call_later(self._stalled, self._overflowed)
        with contextlib.suppress(RuntimeError):
            if self._transport is not None:
                self._transport.pause_reading()

    def _resume(self) -> None:
        if self._overflow is not None:
            self._overflow.cancel()
            self._overflow = None
        self.last_heard = self._loop.time()
        with contextlib.suppress(RuntimeError):
            if self._transport is not None:
                self._transport.resume_reading()

    def _overflowed(self) -> None:
        self._meter.overflows += 1
        self.drop("More events came than could be worked through, and the inbox stayed full.")


def _nothing() -> None:
    """Until a session listens."""
