"""A day put together: calls to expect, agents they need, agents on the roster, and what if things go otherwise."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, tzinfo
from functools import lru_cache

from cxcall.staffing import erlang
from cxcall.staffing.erlang import Goal, Load, Outcome
from cxcall.staffing.forecast import Expected, Forecast
from cxcall.staffing.shift import Shift, flat

STEP = timedelta(minutes=15)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What to plan for. `shrinkage`: share of rostered time in which people are not there although no break is on the
    roster; `patience`: seconds; `volume`, `handle`: what calls and handle times are multiplied by; `agents`: so many
    are there all day, None as the roster says."""

    goal: Goal = field(default_factory=Goal)
    shrinkage: float = 0.0
    patience: float = 120.0
    volume: float = 1.0
    handle: float = 1.0
    agents: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """A quarter of an hour. `erlang_c`, `erlang_a`: agents needed at the phones; `to_roster`: with shrinkage, by A;
    `rostered`: on average, None where there is no roster at all; `with_them`: what to expect of those who are there."""

    at: datetime
    expected: Expected
    erlang_c: int
    erlang_a: int
    to_roster: int
    rostered: float | None
    with_them: Outcome | None

    @property
    def difference(self) -> float | None:
        return None if self.rostered is None else self.rostered - self.to_roster


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A day. `service`, `abandoned`: of all calls with those who are there (or the agents wished), None without any."""

    forecast: Forecast
    intervals: tuple[Interval, ...]
    service: float | None
    abandoned: float | None

    @property
    def calls(self) -> float:
        return sum(one.expected.calls for one in self.intervals)

    @property
    def low(self) -> float:
        """The range of the day: intervals miss independently, so ranges are added as squares."""
        return max(self.calls - _together(one.expected.calls - one.expected.low for one in self.intervals), 0.0)

    @property
    def high(self) -> float:
        return self.calls + _together(one.expected.high - one.expected.calls for one in self.intervals)

    @property
    def handle(self) -> float:
        """Seconds, over all calls."""
        return sum(one.expected.calls * one.expected.handle for one in self.intervals) / self.calls if self.calls else 0

    @property
    def peak(self) -> Interval | None:
        return max(self.intervals, key=lambda one: one.to_roster, default=None)

    @property
    def hours(self) -> float:
        """Agent hours to roster."""
        return sum(one.to_roster for one in self.intervals) * STEP.total_seconds() / 3600

    @property
    def rostered_hours(self) -> float | None:
        found = [one.rostered for one in self.intervals if one.rostered is not None]
        return sum(found) * STEP.total_seconds() / 3600 if found else None


def plan_day(
    forecast: Forecast, wish: Wish, *, since: datetime, until: datetime, zone: tzinfo, shifts: Sequence[Shift] | None
) -> Plan:
    """The quarters of a day in which calls are expected or somebody is rostered. `shifts` None: there is no roster."""
    starts = list(quarters(since, until))
    there = coverage(shifts, starts) if shifts is not None else None
    intervals = []
    for place, at in enumerate(starts):
        local = at.astimezone(zone)
        found = forecast.intervals.get(local.hour * 60 + local.minute)
        rostered = there[place] if there is not None else None
        if found is not None or rostered:
            intervals.append(_interval(at, found or _QUIET, wish, rostered))
    service, abandoned = _whole(intervals)
    return Plan(forecast=forecast, intervals=tuple(intervals), service=service, abandoned=abandoned)


def quarters(since: datetime, until: datetime) -> Iterable[datetime]:
    while since < until:
        yield since
        since += STEP


def coverage(shifts: Iterable[Shift], starts: Sequence[datetime]) -> list[float]:
    """How many people are at work in each quarter, on average; breaks, training and absences are not work."""
    found = [0.0] * len(starts)
    if not starts:
        return found
    by_agent: dict[str, list[Shift]] = {}
    for shift in shifts:
        by_agent.setdefault(shift.agent, []).append(shift)
    for theirs in by_agent.values():
        for one in flat(theirs):
            if one.activity != "work" or one.until <= starts[0]:
                continue
            place = max(int((one.since - starts[0]) // STEP), 0)
            while place < len(starts) and starts[place] < one.until:
                inside = min(one.until, starts[place] + STEP) - max(one.since, starts[place])
                found[place] += inside / STEP
                place += 1
    return [round(n, 6) for n in found]


def by_day(shifts: Iterable[Shift], zone: tzinfo) -> Mapping[date, list[Shift]]:
    """Entries by the day of the site's clock on which they begin."""
    found: dict[date, list[Shift]] = {}
    for shift in shifts:
        found.setdefault(shift.since.astimezone(zone).date(), []).append(shift)
    return found


_QUIET = Expected(calls=0.0, low=0.0, high=0.0, handle=0.0)


def _interval(at: datetime, found: Expected, wish: Wish, rostered: float | None) -> Interval:
    expected = Expected(
        calls=found.calls * wish.volume, low=found.low * wish.volume, high=found.high * wish.volume,
        handle=found.handle * wish.handle,
    )  # fmt: skip
    calls, handle = round(expected.calls, 2), round(expected.handle, 1)
    erlang_a = _needed(calls, handle, wish.goal, wish.patience)
    there = wish.agents
    if there is None and rostered is not None:
        there = int(rostered * (1.0 - wish.shrinkage) + 1e-9)
    return Interval(
        at=at, expected=expected, erlang_c=_needed(calls, handle, wish.goal, None), erlang_a=erlang_a,
        to_roster=erlang.scheduled(erlang_a, wish.shrinkage), rostered=rostered,
        with_them=None if there is None else _outcome(calls, handle, there, wish.goal.within, wish.patience),
    )  # fmt: skip


@lru_cache(maxsize=20_000)
def _needed(calls: float, handle: float, goal: Goal, patience: float | None) -> int:
    load = Load(calls=calls, handle=handle, seconds=STEP.total_seconds())
    return erlang.agents_needed(load, goal, patience)


@lru_cache(maxsize=20_000)
def _outcome(calls: float, handle: float, agents: int, within: float, patience: float) -> Outcome:
    return erlang.outcome(Load(calls=calls, handle=handle, seconds=STEP.total_seconds()), agents, within, patience)


def _whole(intervals: Sequence[Interval]) -> tuple[float | None, float | None]:
    """Weighed by calls, never a mean of means."""
    known = [(one.expected.calls, one.with_them) for one in intervals if one.with_them is not None]
    calls = sum(n for n, _ in known)
    if not calls:
        return None, None
    service = sum(n * found.service for n, found in known) / calls
    return service, sum(n * found.abandoned for n, found in known) / calls


def _together(spreads: Iterable[float]) -> float:
    return math.sqrt(sum(spread * spread for spread in spreads))
