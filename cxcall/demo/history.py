"""Some months of a call centre that never was: who called when, how long they waited, whom they reached.

A small simulation rather than dice for every column: agents have shifts and do one call at a time, so waits, missed
calls and busy hours come out of each other as they do in life. Where there is a router, its rules decide where they go,
as they would have. The same seed gives the same calls.
"""

from __future__ import annotations

import heapq
import itertools
import math
import random
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from cxcall.calls.record import CallRecord
from cxcall.demo.other_calls import direct_call, internal_call, outbound_call
from cxcall.demo.past_routing import PastRouter
from cxcall.demo.people import Person
from cxcall.demo.queue_calls import queue_call, tries_again
from cxcall.demo.records import Numbers
from cxcall.demo.staff import AGENTS, TIMEZONE, Worker
from cxcall.demo.workday import Public, Workday

_CALLS_A_DAY = 165
_GROWS, _FEWEST = 28.0, 0.05
"""The company grows: going back, every so many days there are 1/e of the calls, and never less than that share."""
_BY_WEEKDAY = (1.0, 0.95, 0.95, 0.45, 0.1, 1.2, 1.05)
"""Monday to Sunday: the week begins on Saturday, Thursday is half a day, Friday is off."""

_BY_HOUR = {
    7: 0.1, 8: 0.6, 9: 1.0, 10: 1.35, 11: 1.3, 12: 0.95, 13: 0.7, 14: 0.95, 15: 1.1, 16: 1.0, 17: 0.65,
    18: 0.25, 20: 0.05,
}  # fmt: skip

_Kind = Callable[[Workday, datetime], CallRecord | None]
_KINDS: tuple[tuple[_Kind, int], ...] = ((queue_call, 77), (direct_call, 5), (outbound_call, 13), (internal_call, 5))


def history(
    *,
    until: datetime,
    days: int,
    seed: int,
    people: Sequence[Person],
    strangers: Sequence[str],
    router: PastRouter | None = None,
    workers: Sequence[Worker] = AGENTS,
    worked: Callable[[Workday], None] = lambda _: None,
) -> Iterator[CallRecord]:
    """Calls of the `days` days before `until` (aware), oldest first; all have ended by then. `worked` is told of each
    day when it is over."""
    chance = random.Random(f"history-{seed}")
    numbers = Numbers()
    public = Public(people=people, strangers=strangers, weights=[person.loyalty for person in people])
    today = until.astimezone(ZoneInfo(TIMEZONE)).date()
    for back in range(days, -1, -1):
        day = Workday(today - timedelta(days=back), chance, numbers, public, router, workers)
        for call in _calls(day, max(_FEWEST, math.exp(-back / _GROWS))):
            if call.ended_at is not None and call.ended_at <= until:
                if router is not None:
                    router.ended(call)
                yield call
        day.rest(day.at(24))
        worked(day)


def _calls(day: Workday, share: float) -> Iterator[CallRecord]:
    kinds, weights = zip(*_KINDS, strict=True)
    numbers = itertools.count()
    coming: list[tuple[datetime, int, _Kind]] = [
        (at, next(numbers), day.chance.choices(kinds, weights)[0]) for at in _arrivals(day, share)
    ]
    while coming:
        at, _, kind = heapq.heappop(coming)
        day.rest(at)
        call = kind(day, at)
        if call is None:
            continue
        yield call
        again = tries_again(day, call)
        if again is not None:
            at, who, queue = again
            once_more: _Kind = partial(queue_call, who=who, queue=queue)
            heapq.heappush(coming, (at, next(numbers), once_more))


def _arrivals(day: Workday, share: float) -> list[datetime]:
    expected = _CALLS_A_DAY * share * _BY_WEEKDAY[day.day.weekday()] / sum(_BY_HOUR.values())
    arrivals: list[datetime] = []
    for hour, weight in _BY_HOUR.items():
        mean = expected * weight
        count = math.floor(max(0.0, day.chance.gauss(mean, min(1.0, mean))) + day.chance.random())
        arrivals += [day.at(hour + day.chance.random()) for _ in range(count)]
    return sorted(arrivals)
