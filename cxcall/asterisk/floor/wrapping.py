"""Wrap-up held by a pause with its own timer: begun when the call is over, ended by the agent or by the timer.

Asterisk's own wrap-up time can neither be seen nor ended early. A pause can, and every tool sees it. Who is paused by
then ("pause after this call") stays so. cxcall away in the middle: the next start finds the pause and ends it when it
is due.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from cxcall.queues.presence import WRAP_UP, AgentState, Line, Seat, Wrap

AGAIN = 2.0
"""Seconds until an act that Asterisk did not do is tried again."""
UNKNOWN = 60
"""Seconds a wrap-up found after a restart may last where the agent's queues say nothing of it (any more)."""


def has_ended(before: Line | None, now: Line | None) -> str:
    """The queue whose call was talked on until now and is over at this phone; "" for none."""
    if before is None or before.state == "ringing" or not before.queue:
        return ""
    return before.queue if now is None else ""


def holds(seats: Sequence[Seat]) -> bool:
    """Whether Asterisk holds an agent in wrap-up."""
    return any(reason == WRAP_UP for seat in seats for reason in seat.pauses.values())


class Wraps:
    """The wrap-ups that last, by agent's key. All times are epoch seconds and come in."""

    def __init__(self) -> None:
        self._wraps: dict[str, Wrap] = {}
        self._next: dict[str, float] = {}
        self._held: set[str] = set()

    def begin(self, key: str, seats: Sequence[Seat], seconds: int, now: float) -> bool:
        """Whether a wrap-up of `seconds` begins now: not where the agent is paused already or in no queue.

        One that lasts, and a call came into it, begins anew.
        """
        asked = [queue for seat in seats for queue in seat.logged_in if seat.pauses.get(queue, WRAP_UP) == WRAP_UP]
        if seconds <= 0 or not asked:
            return False
        self.forget(key)
        if holds(seats):
            self._held.add(key)
        self._wraps[key] = Wrap(since=now, until=now + seconds)
        return True

    def of(self, key: str, seats: Sequence[Seat], *, since: float, seconds: int, now: float) -> Wrap | None:
        """The wrap-up of an agent; one that is found (after a restart) began at `since` and lasts `seconds`."""
        held = holds(seats)
        wrap = self._wraps.get(key)
        if wrap is None and held:
            begun = min(since, now)
            wrap = self._wraps[key] = Wrap(since=begun, until=begun + (seconds or UNKNOWN))
            self._held.add(key)
        elif wrap is not None and not held and key in self._held:
            self.forget(key)  # ended by the agent, a phone or another tool
            return None
        return wrap

    def told(self, key: str, seats: Sequence[Seat]) -> None:
        """A member of an agent changed: from the moment Asterisk holds the pause, its end ends the wrap-up."""
        if key in self._wraps and holds(seats):
            self._held.add(key)

    def forget(self, key: str) -> None:
        self._wraps.pop(key, None)
        self._next.pop(key, None)
        self._held.discard(key)

    def due(self, states: Mapping[str, AgentState], now: float) -> Iterator[str]:
        """Keys whose wrap-up is over and still held; each comes again after AGAIN until it is ended."""
        for key, wrap in list(self._wraps.items()):
            if wrap.since > now:  # the clock was set back: it lasts no longer for that
                wrap = self._wraps[key] = Wrap(since=now, until=now + wrap.until - wrap.since)
                self._next.pop(key, None)
            if key not in states:
                self.forget(key)
            elif wrap.until <= now and self._next.get(key, 0.0) <= now:
                self._next[key] = now + AGAIN
                yield key

    def soonest(self) -> float | None:
        """When the next one is due."""
        return min((max(wrap.until, self._next.get(key, 0.0)) for key, wrap in self._wraps.items()), default=None)
