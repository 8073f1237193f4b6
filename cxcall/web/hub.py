"""The open WebSockets of this process: who holds them, so that signing out closes them at once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from aiohttp import WSCloseCode, web

SIGNED_OUT = 4401
FULL = 4429
MOST_PER_USER = 64
_CLOSE_S = 2.0


@dataclass(eq=False, slots=True)
class Holder:
    """One socket: `session` and `user` are whose it is."""

    socket: web.WebSocketResponse
    session: str | None
    user: str


@dataclass(slots=True)
class Hub:
    """Registry of sockets. Closing runs beside the caller and takes at most two seconds a socket."""

    _holders: set[Holder] = field(default_factory=set)
    _closing: set[asyncio.Task[None]] = field(default_factory=set)

    def __len__(self) -> int:
        return len(self._holders)

    def of_user(self, user: str) -> int:
        """How many sockets a person holds."""
        return sum(holder.user == user for holder in self._holders)

    def add(self, holder: Holder) -> None:
        self._holders.add(holder)

    def remove(self, holder: Holder) -> None:
        self._holders.discard(holder)

    def end_session(self, session: str | None) -> None:
        """Close the sockets of a session that was ended."""
        self._close(lambda holder: holder.session == session, SIGNED_OUT)

    def end_user(self, user: str, *, keep: str | None = None) -> None:
        """Close a person's sockets but those of the session `keep`."""
        self._close(lambda holder: holder.user == user and (keep is None or holder.session != keep), SIGNED_OUT)

    async def close_all(self) -> None:
        """At shutdown; browsers come back by themselves."""
        self._close(lambda _: True, WSCloseCode.GOING_AWAY)
        if self._closing:
            await asyncio.wait(self._closing, timeout=_CLOSE_S + 1)

    def _close(self, which: Callable[[Holder], bool], code: int) -> None:
        for holder in [holder for holder in self._holders if which(holder)]:
            self._holders.discard(holder)
            task = asyncio.ensure_future(close(holder.socket, code))
            self._closing.add(task)
            task.add_done_callback(self._closing.discard)


async def close(socket: web.WebSocketResponse, code: int) -> None:
    """Say goodbye, but do not wait for long for the answer."""
    try:
        async with asyncio.timeout(_CLOSE_S):
            await socket.close(code=code)
    except (TimeoutError, ConnectionError):
        return
