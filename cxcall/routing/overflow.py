"""Where a call goes on when its queue has too much to do, without going round in circles.

A queue it would go on to may be over a limit of its own: then on from there, each queue looked at once. When every
way ends in a queue that is over, the call stays where it was to go, as moving it would help nobody.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from cxcall.routing.facts import QueueNow
from cxcall.routing.names import queue_named
from cxcall.routing.rule import Overflow

MOST_QUEUES = 12
"""How many queues are looked at for one call."""

Entries = Callable[[str], Sequence[Overflow]]
"""The overflow that counts for a call in a queue, by the queue's name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Over:
    """A limit that is passed in `queue`; `to`: where the call goes on, "" nowhere."""

    queue: str
    entry: Overflow
    found: float
    to: str = ""


def settle(queue: str, entries: Entries, queues: Mapping[str, QueueNow]) -> tuple[str, tuple[Over, ...]]:
    """The queue the call ends in, and the limits passed on the way there (or the first one when it stays)."""
    way = _way(queue, entries, queues, {queue.lower()})
    if way is not None:
        return (way[-1].to if way else queue), way
    first = _passed(queue, entries(queue), queues)
    return queue, first[:1]


def _way(queue: str, entries: Entries, queues: Mapping[str, QueueNow], seen: set[str]) -> tuple[Over, ...] | None:
    """The steps to a queue that has room, none when this one has; None: there is no such way."""
    passed = _passed(queue, entries(queue), queues)
    if not passed:
        return ()
    for over in passed:
        target = queue_named(queues, over.entry.to)
        if target is None or not target.open or target.name.lower() in seen or len(seen) >= MOST_QUEUES:
            continue
        seen.add(target.name.lower())
        rest = _way(target.name, entries, queues, seen)
        if rest is not None:
            return Over(queue=over.queue, entry=over.entry, found=over.found, to=target.name), *rest
    return None


def _passed(queue: str, entries: Sequence[Overflow], queues: Mapping[str, QueueNow]) -> tuple[Over, ...]:
    """The limits a queue is over now, in their order; a figure that can't be told is over none."""
    now = queue_named(queues, queue)
    if now is None:
        return ()
    found = ((entry, figure(now, entry.figure)) for entry in entries)
    return tuple(
        Over(queue=now.name, entry=entry, found=value)
        for entry, value in found
        if value is not None and value > entry.limit
    )


def figure(queue: QueueNow, name: str) -> float | None:
    """A figure of a queue by the name that overflow has for it."""
    figures: Mapping[str, float | None] = {
        "expected_wait": queue.expected_wait,
        "per_agent": queue.per_agent,
        "waiting": queue.waiting,
        "longest": queue.longest,
    }
    return figures.get(name)
