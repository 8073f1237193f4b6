"""One TCP connection of Asterisk: bytes to events by the codec, and a time limit on whoever has to speak.

Until a header is whole there is nothing here but this object and one timer: no task, no more bytes than a header has.
So a stranger costs next to nothing, and is gone at its first wrong byte or when its time is over.

The one timer runs while it is our turn: `header` seconds for the header, then `think` seconds for each next command.
While Asterisk works on a command that command's own limit holds. Once nobody waits for us any more (the caller hung up,
the connection is gone or we let go of it) it runs a last time, `farewell` seconds, for what the handler still writes.
"""

from __future__ import annotations

import asyncio
from typing import Protocol

from cxcall.asterisk.agi.codec import Codec, State
from cxcall.asterisk.agi.counters import End
from cxcall.asterisk.agi.errors import ConnectionClosed, NoAnswerInTime, PeerError, SessionOver, TooMuch
from cxcall.asterisk.agi.events import Answer, Event, HungUp, Request
from cxcall.asterisk.agi.limits import Limits


class Owner(Protocol):
    """Who is told what happens to a connection: the server."""

    def arrived(self, connection: Connection) -> None:
        """It was accepted."""

    def asked(self, connection: Connection, request: Request) -> bool:
        """Its header is whole; the answer says whether a conversation begins. If not, the connection was dropped."""

    def overslept(self, connection: Connection) -> None:
        """The conversation's handler kept the call waiting, or was still not done after its farewell."""

    def left(self, connection: Connection) -> None:
        """It is gone."""


class Connection(asyncio.Protocol):
    """From accept to loss. Commands go by `ask`."""

    def __init__(self, owner: Owner, limits: Limits) -> None:
        self._owner = owner
        self._limits = limits
        self._loop = asyncio.get_running_loop()
        self._codec = Codec()
        self._transport: asyncio.Transport | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._answer: asyncio.Future[Answer] | None = None
        self._spoke = False
        self._parting = False
        self.peer = ""
        self.served = False
        """Whether it became a conversation."""
        self.hung_up = False
        """The caller is gone, as far as we were told."""
        self.over: SessionOver | None = None
        """Why nothing can be sent any more; None while it can."""
        self.end: End | None = None
        """How it ended, where the connection itself knows; the first reason counts."""

    async def ask(self, command: str, limit: float) -> Answer:
        """The answer to a command, within `limit` seconds.

        Raises CommandError, ConnectionClosed, NoAnswerInTime or PeerError. After the last two the connection is closed,
        and also when whoever waits is cancelled: an answer that comes for nobody would be taken for the next one's.
        """
        if self.over is not None or self._transport is None:
            raise ConnectionClosed(str(self.over or "There is no connection yet."))
        data = self._codec.send(command)
        self._rest()
        answer: asyncio.Future[Answer] = self._loop.create_future()
        self._answer = answer
        self._transport.write(data)
        try:
            async with asyncio.timeout(limit):
                return await answer
        except TimeoutError:
            why = NoAnswerInTime(f"Asterisk did not answer within {limit:g} s: {command[:60]}")
            self.drop(why, End.NO_ANSWER)
            raise why from None
        finally:
            self._answer = None
            if answer.cancelled():
                self.drop(ConnectionClosed("A command was given up before its answer."))

    def caller_gone(self) -> None:
        """The caller has hung up: nobody waits for us."""
        self.hung_up = True
        self._say_farewell()

    def let_go(self) -> None:
        """Close in peace: what was written still goes out. The call goes on in the dialplan."""
        self._finish(ConnectionClosed("We have let go of the call."))
        if self._transport is not None and not self._transport.is_closing():
            self._transport.close()
            if self._transport.get_write_buffer_size():
                self._loop.call_later(self._limits.closing, self._transport.abort)

    def drop(self, why: SessionOver, how: End | None = None) -> None:
        """Close at once, whatever was still to be sent."""
        self._finish(why, how)
        if self._transport is not None:
            self._transport.abort()

    def handler_done(self) -> None:
        """Nobody works for this connection any more."""
        self._parting = True
        self._rest(for_good=True)

    # What asyncio calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - for the type checker
        self._transport = transport
        self.peer = str((transport.get_extra_info("peername") or ("",))[0])
        self._timer = self._loop.call_later(self._limits.header, self._header_late)
        self._owner.arrived(self)

    def data_received(self, data: bytes) -> None:
        self._spoke = True
        self._codec.receive(data)
        try:
            while self.over is None and (event := self._codec.next_event()) is not None:
                self._take(event)
        except PeerError as error:
            wrong = End.WRONG_ANSWER if self.served else End.GARBAGE
            self.drop(error, End.TOO_MUCH if isinstance(error, TooMuch) else wrong)

    def connection_lost(self, exc: Exception | None) -> None:
        how = End.LOST
        if self._codec.state is State.HEADER:
            how = End.CUT_OFF if self._spoke else End.NOTHING_SAID
        self._finish(ConnectionClosed("Asterisk closed the connection."), how)
        self._owner.left(self)

    # Inside

    def _take(self, event: Event) -> None:
        match event:
            case Request():
                self._rest()
                self.served = self._owner.asked(self, event)
                self._our_turn()
            case HungUp():
                self.hung_up = True
                if self._answer is None:
                    self._say_farewell()
            case Answer():
                self.hung_up = self.hung_up or event.dead
                self._our_turn()
                if self._answer is not None and not self._answer.done():
                    self._answer.set_result(event)

    def _our_turn(self) -> None:
        if self.hung_up:
            self._say_farewell()
        elif self.served and self.over is None and not self._parting:
            self._rest()
            self._timer = self._loop.call_later(self._limits.think, self._owner.overslept, self)

    def _say_farewell(self) -> None:
        if self.served and not self._parting:
            self._rest()
            self._parting = True
            self._timer = self._loop.call_later(self._limits.farewell, self._owner.overslept, self)

    def _rest(self, *, for_good: bool = False) -> None:
        """Stop the timer; that of the farewell only when the handler is done."""
        if self._timer is not None and (for_good or not self._parting):
            self._timer.cancel()
            self._timer = None

    def _header_late(self) -> None:
        self.drop(PeerError("The header did not end in time."), End.LATE)

    def _finish(self, why: SessionOver, how: End | None = None) -> None:
        if self.over is not None:
            return
        self.over, self.end = why, how
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(why)
        if self.served:
            self._say_farewell()
        else:
            self._rest(for_good=True)
