"""What load to expect on a day, from the same weekdays before it, and how wrong that was in the weeks just past.

Each interval takes the weighted mean of the last same weekdays (the newest weighs most), holidays apart, times a trend
that is used only where it made the past weeks' errors smaller. The same rule is tried on each day of the last weeks,
with only what was known a week before it: from those misses come the error that is shown and the range around a
forecast.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

WEEKS = 8
"""Same weekdays a forecast is made of, at most."""
LEAST_WEEKS = 2
TRIED_WEEKS = 4
FADING = 0.85
"""How much less each older week weighs."""
RANGE = 1.2816
"""80 of 100 intervals fall within so many standard deviations."""
STEADY = 20.0
"""Calls of the whole day that an interval's handle time is mixed with: few calls alone say little."""
MOST_TREND = 0.10
"""Growth or loss a week that is believed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What happened in an interval: calls offered, calls handled and the seconds of agents they took. `spans`: 2 where
    the clock went through it twice."""

    offered: float
    handled: float = 0.0
    seconds: float = 0.0
    spans: int = 1


Day = Mapping[int, Seen]
"""Intervals of a day by the minute of its clock at which they begin; one without calls may be left out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """What is known. `days`: every day that was watched, also those without a call. `holidays`: past and to come."""

    days: Mapping[date, Day]
    holidays: frozenset[date] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """An interval to come: calls with the range that holds 80 of 100, and seconds a call keeps an agent busy."""

    calls: float
    low: float
    high: float
    handle: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Miss:
    """How far forecasts were off. `share`: Σ|seen − said| / Σ seen over intervals (WAPE), `day_share` over whole days,
    `mean_share`: mean of |seen − said| / seen over intervals with calls (MAPE), `lean`: Σ(said − seen) / Σ seen,
    `handle_share`: as `share`, of handle times weighed by calls. `inside`: how many of the `n` intervals fell in their
    range."""

    share: float
    day_share: float
    mean_share: float
    lean: float
    handle_share: float | None
    inside: int
    n: int
    days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """A day to come. `weeks`: how many past days it was made of; `trend`: growth a week in it, 0 none was used;
    `holiday`: it is one, and was made of past holidays (`weeks` of them)."""

    day: date
    intervals: Mapping[int, Expected] = field(default_factory=dict)
    weeks: int = 0
    trend: float = 0.0
    holiday: bool = False

    @property
    def calls(self) -> float:
        return sum(one.calls for one in self.intervals.values())

    @property
    def known(self) -> bool:
        """Whether there was enough to go by."""
        return self.weeks >= LEAST_WEEKS


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What forecasts are made by: found by trying on the past. `noise`: variance of an interval over its mean."""

    trend: float = 0.0
    noise: float = 1.0
    miss: Miss | None = None


def learn(past: Past, last: date) -> Rule:
    """How to forecast what follows `last`: with or without the trend, whichever was nearer; and how near that was."""
    tried = [last - timedelta(days=n) for n in range(TRIED_WEEKS * 7)]
    plain = _try(past, tried, trended=False)
    trended = _try(past, tried, trended=True)
    best, use_trend = (trended, True) if _wrong(trended) < _wrong(plain) * 0.98 else (plain, False)
    if not best:
        return Rule()
    noise = max(_noise(best), 1.0)
    return Rule(trend=trend_of(past, last) if use_trend else 0.0, noise=noise, miss=_miss(best, noise))


def forecast(past: Past, day: date, rule: Rule) -> Forecast:
    """What to expect on a day, from the days before it."""
    holiday = day in past.holidays
    made_of = _like(past, day, before=day)
    if holiday and len(made_of) < LEAST_WEEKS:
        return Forecast(day=day, weeks=len(made_of), holiday=True)
    if len(made_of) < LEAST_WEEKS:
        return Forecast(day=day, weeks=len(made_of))
    trend = 0.0 if holiday else rule.trend
    intervals = {}
    for minute, (calls, handle) in _means(past, made_of, day, trend).items():
        spread = RANGE * math.sqrt(rule.noise * calls)
        intervals[minute] = Expected(calls=calls, low=max(calls - spread, 0.0), high=calls + spread, handle=handle)
    return Forecast(day=day, intervals=intervals, weeks=len(made_of), trend=trend, holiday=holiday)


def trend_of(past: Past, last: date) -> float:
    """Growth a week, of the whole weeks up to `last`: the median of the slopes between any two (Theil and Sen)."""
    totals = []
    for n in range(WEEKS):
        days = [last - timedelta(days=7 * n + back) for back in range(7)]
        if not all(day in past.days for day in days):
            break
        ordinary = [_total(past.days[day]) for day in days if day not in past.holidays]
        if len(ordinary) >= 5:
            totals.append((-n, sum(ordinary) / len(ordinary)))
    slopes = sorted(
        (math.log(one) - math.log(other)) / (at - before)
        for place, (at, one) in enumerate(totals)
        for before, other in totals[place + 1 :]
        if one > 0 and other > 0
    )
    if len(totals) < 4 or not slopes:
        return 0.0
    return min(max(math.expm1(slopes[len(slopes) // 2]), -MOST_TREND), MOST_TREND)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pair:
    """Seen and said, of an interval."""

    day: date
    seen: Seen
    calls: float
    handle: float


def _try(past: Past, days: Iterable[date], *, trended: bool) -> list[_Pair]:
    """Forecasts of days that are over, from what was known a week before each."""
    pairs = []
    for day in days:
        if day not in past.days or day in past.holidays:
            continue
        known = day - timedelta(days=6)
        made_of = _like(past, day, before=known)
        if len(made_of) < LEAST_WEEKS:
            continue
        trend = trend_of(past, known - timedelta(days=1)) if trended else 0.0
        said = _means(past, made_of, day, trend)
        for minute in said.keys() | past.days[day].keys():
            seen = past.days[day].get(minute, Seen(offered=0.0))
            calls, handle = said.get(minute, (0.0, 0.0))
            pairs.append(_Pair(day=day, seen=seen, calls=calls, handle=handle))
    return pairs


def _wrong(pairs: Iterable[_Pair]) -> float:
    return sum(abs(_offered(pair.seen) - pair.calls) for pair in pairs)


def _noise(pairs: list[_Pair]) -> float:
    """Variance of what was seen around what was said, for each call said."""
    said = sum(pair.calls for pair in pairs)
    return sum((_offered(pair.seen) - pair.calls) ** 2 for pair in pairs) / said if said else 1.0


def _miss(pairs: list[_Pair], noise: float) -> Miss | None:
    seen = sum(_offered(pair.seen) for pair in pairs)
    if not seen:
        return None
    by_day: dict[date, float] = {}
    for pair in pairs:
        by_day[pair.day] = by_day.get(pair.day, 0.0) + pair.calls - _offered(pair.seen)
    busy = [pair for pair in pairs if pair.seen.offered]
    talked = sum(pair.seen.seconds for pair in pairs if pair.handle)
    off = sum(abs(pair.seen.seconds - pair.handle * pair.seen.handled) for pair in pairs if pair.handle)
    inside = sum(abs(_offered(pair.seen) - pair.calls) <= RANGE * math.sqrt(noise * pair.calls) for pair in pairs)
    return Miss(
        share=_wrong(pairs) / seen,
        day_share=sum(map(abs, by_day.values())) / seen,
        mean_share=sum(abs(_offered(pair.seen) - pair.calls) / _offered(pair.seen) for pair in busy) / len(busy),
        lean=sum(by_day.values()) / seen,
        handle_share=off / talked if talked else None,
        inside=inside,
        n=len(pairs),
        days=len(by_day),
    )


def _like(past: Past, day: date, before: date) -> list[date]:
    """The days a forecast of `day` is made of, newest first: same weekdays, or holidays for a holiday."""
    if day in past.holidays:
        found = [other for other in past.days if other < before and other in past.holidays]
    else:
        weeks = (day - timedelta(weeks=n) for n in range(1, WEEKS * 2))
        found = [other for other in weeks if other < before and other in past.days and other not in past.holidays]
    return sorted(found, reverse=True)[:WEEKS]


def _means(past: Past, made_of: list[date], day: date, trend: float) -> dict[int, tuple[float, float]]:
    """Calls and handle time by minute: `trend` is applied from each past day to `day`, at most over 12 weeks."""
    calls: dict[int, float] = {}
    handled: dict[int, float] = {}
    seconds: dict[int, float] = {}
    weight, weights = 1.0, 0.0
    for other in made_of:
        grown = (1.0 + trend) ** min((day - other).days / 7, 12.0)
        weights += weight
        for minute, seen in past.days[other].items():
            calls[minute] = calls.get(minute, 0.0) + weight * grown * _offered(seen)
            handled[minute] = handled.get(minute, 0.0) + weight * seen.handled
            seconds[minute] = seconds.get(minute, 0.0) + weight * seen.seconds
        weight *= FADING
    talks = sum(handled.values())
    usual = sum(seconds.values()) / talks if talks else 0.0
    return {
        minute: (
            calls[minute] / weights,
            (seconds[minute] + STEADY * usual) / (handled[minute] + STEADY),
        )
        for minute in sorted(calls)
        if calls[minute] > 0
    }


def _offered(seen: Seen) -> float:
    return seen.offered / seen.spans


def _total(day: Day) -> float:
    return sum(seen.offered for seen in day.values())
