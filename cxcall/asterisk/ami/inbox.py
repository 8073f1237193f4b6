"""Between the reader and the work: what was read, in order, bounded in bytes."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """Whole messages as they were read at once.

    `raw` goes to the journal as it is; `wanted` are those of its messages worth parsing, `events` how many
    events it holds in all; `arrived` is the epoch time of reading.
    """

    raw: bytes
    wanted: list[bytes]
    events: int
    arrived: float


class Inbox:
    """One bounded queue: the reader puts and never waits, one worker takes all that waits.

    Over `limit` bytes `on_full` is called, once the worker has halved it `on_room`; the reader stops reading
    from the socket in between. Markers and what was already read are always taken in, so the bound is passed by
    one reading at most.
    """

    def __init__(self, limit: int = 8 << 20) -> None:
        self._limit = limit
        self._pieces: deque[Piece] = deque()
        self._arrived = asyncio.Event()
        self._full = False
        self.waiting = 0
        """Bytes that wait now."""
        self.on_full: Callable[[], None] = _nothing
        self.on_room: Callable[[], None] = _nothing

    @property
    def fill(self) -> float:
        """How full it is, 0 to 1 (a little over when full)."""
        return self.waiting / self._limit

    @property
    def full(self) -> bool:
        return self._full

    def put(self, piece: Piece) -> None:
        self._pieces.append(piece)
        self.waiting += len(piece.raw)
        self._arrived.set()
        if not self._full and self.waiting >= self._limit:
            self._full = True
            self.on_full()

    async def take(self, most: int = 1 << 20) -> list[Piece]:
        """All that waits, at least one piece, at most about `most` bytes so that a turn stays short."""
        while not self._pieces:
            self._arrived.clear()
            await self._arrived.wait()
        return self.take_now(most)

    def take_now(self, most: int = 1 << 20) -> list[Piece]:
        """As `take`, without waiting: empty when nothing waits."""
        taken: list[Piece] = []
        size = 0
        while self._pieces and (not taken or size + len(self._pieces[0].raw) <= most):
            piece = self._pieces.popleft()
            size += len(piece.raw)
            taken.append(piece)
        self.waiting -= size
        if self._full and self.waiting <= self._limit // 2:
            self._full = False
            self.on_room()
        return taken


def _nothing() -> None:
    """Until a connection listens."""
