"""From where the journal has to be replayed so that every call still open is known again from its beginning."""

from __future__ import annotations

from collections import deque

from cxcall.calls.record import CallId

_SPACING = 0.5
_MARGIN = 1.0


class SafePoint:
    """Remembers at which position of the journal each open call began.

    A call is often known some events after its first one, so its place is looked up by its start time in a
    sparse index (epoch seconds of event → position), with a margin for clocks. A place inside a snapshot becomes the
    snapshot's beginning: half a snapshot would be taken for strange calls.
    """

    def __init__(self, longest: int = 100_000) -> None:
        self._index: deque[tuple[float, int]] = deque(maxlen=longest)
        self._began: dict[CallId, int] = {}
        self._snapshot: int | None = None

    def piece(self, position: int, at: float | None) -> None:
        """A piece of the stream starts at `position`; `at` is the time of its first event."""
        position = position if self._snapshot is None else self._snapshot
        if at is not None and (not self._index or at - self._index[-1][0] >= _SPACING):
            self._index.append((at, position))
        if not self._began and len(self._index) > 120:
            while len(self._index) > 60:
                self._index.popleft()

    def snapshot(self, position: int | None) -> None:
        """A snapshot starts at `position`, or (None) has ended."""
        self._snapshot = position

    def started(self, call: CallId, position: int, at: float | None) -> None:
        """`call` was first told of in the piece at `position`; it began at `at`."""
        self._began[call] = min(position if self._snapshot is None else self._snapshot, self._before(position, at))

    def merged(self, call: CallId, into: CallId) -> None:
        position = self._began.pop(call, None)
        if position is not None and into in self._began:
            self._began[into] = min(position, self._began[into])

    def ended(self, call: CallId) -> None:
        self._began.pop(call, None)

    def position(self, end: int) -> int:
        """The safe position when everything before `end` has been worked through."""
        first = min(self._began.values(), default=end)
        return min(first, end if self._snapshot is None else self._snapshot)

    def _before(self, position: int, at: float | None) -> int:
        if at is not None:
            for then, where in reversed(self._index):
                if then <= at - _MARGIN:
                    return where
            if self._index:
                return self._index[0][1]
        return position
