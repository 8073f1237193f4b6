"""Nobody waits for good: who waits longer is lifted, one step of priority for each so many seconds.

*Theory of operation.* A priority of n is worth n steps of waiting: with a step each 60 s, a caller with priority 5 is
served before those who came up to five minutes earlier, and behind those who have waited longer. All reach the same
highest step (`most`), which lies above what rules give, and whoever is there stays ahead of everybody who comes later.
Asterisk keeps callers by number, those with equal numbers as they came to it; a caller who is lifted goes behind those
who have the number already. So lifts are sent in the order in which they fell due.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from cxcall.routing.rule import MOST_PRIORITY, RuleSet


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A caller in a queue: when they joined (epoch seconds), with which priority, and the number Asterisk has now."""

    call: str
    queue: str
    joined: float
    given: int = 0
    now: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Lift:
    """A priority to give a caller (QueueChangePriorityCaller with Immediate)."""

    call: str
    queue: str
    priority: int


def due(waiting: Waiting, at: float, *, every: int, most: int) -> int:
    """The priority a caller should have: what was given and the steps waited; never less than given."""
    if every <= 0:
        return waiting.given
    steps = int(max(at - waiting.joined, 0.0) // every)
    return max(waiting.given, min(waiting.given + steps, most))


def lifts(waiting: Iterable[Waiting], at: float, *, every: int, most: int, gives: int) -> tuple[Lift, ...]:
    """Who is to be lifted now, in the order to send them. `gives`: the highest priority that rules give.

    Where no rule gives any and all in the queue came with the same, they are in their order already: nothing to do.
    """
    by_queue: dict[str, list[Waiting]] = {}
    for one in waiting:
        by_queue.setdefault(one.queue, []).append(one)
    found: list[tuple[float, float, Lift]] = []
    for queue, callers in by_queue.items():
        if gives <= 0 and len({one.given for one in callers} | {one.now for one in callers}) == 1:
            continue
        for one in callers:
            priority = due(one, at, every=every, most=most)
            if priority > one.now:
                reached = one.joined + (priority - one.given) * every
                found.append((reached, one.joined, Lift(call=one.call, queue=queue, priority=priority)))
    return tuple(lift for *_, lift in sorted(found, key=lambda each: (each[2].priority * -1, each[0], each[1])))


def most_given(rules: RuleSet) -> int:
    """The highest priority any rule may give."""
    given = (rule.then.priority or 0 for rule in rules.rules if rule.enabled)
    return min(max(given, default=0), MOST_PRIORITY)
