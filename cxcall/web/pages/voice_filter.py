"""Which answers a page of surveys speaks of: read from its address, written back into its links.

`when` (a quick period) or `from` and `to` (days of either calendar, both included), `queue`, `agent` (an interface,
PJSIP/1001), `survey` (an id). Without any, this month of the reader's calendar.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Literal, cast, get_args
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from cxcall.web.digits import typed
from cxcall.web.pages.calls_filter import LONGEST, midnight, month_start, read_date

Quick = Literal["today", "week", "month", "last_month", "quarter"]
USUAL: Quick = "month"
WEEKS = 12
"""Weeks the trend shows at least, and MOST_WEEKS at most."""
MOST_WEEKS = 53
LONGEST_DAYS = 3660
_ADDRESS = {"since": "from", "until": "to"}
_NAMES = ("when", "since", "until", "queue", "agent", "survey")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The filters as given; `problems` are days that could not be read: field → what was written."""

    when: Quick | Literal[""] = ""
    since: date | None = None
    until: date | None = None
    queue: str = ""
    agent: str = ""
    survey: str = ""
    problems: tuple[tuple[str, str], ...] = ()

    @property
    def quick(self) -> Quick | Literal[""]:
        """The quick period in use, "" when days are given."""
        return "" if self.since or self.until else self.when or USUAL

    def but(self, **changes: Any) -> Asked:
        """The same question with something changed; a quick period takes the days out, and days the quick period."""
        if "when" in changes:
            changes = {"since": None, "until": None, **changes}
        return dataclasses.replace(self, **changes)

    def address(self, path: str, **more: str | None) -> str:
        """`path` with the filters and `more` as its query; what is usual is not written."""
        pairs = {_ADDRESS.get(name, name): _written(getattr(self, name)) for name in _NAMES}
        if pairs["when"] == USUAL:
            pairs["when"] = ""
        pairs |= {name: value or "" for name, value in more.items()}
        query = urlencode({name: value for name, value in pairs.items() if value})
        return f"{path}?{query}" if query else path


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Whole days, `last` included, as the moments [since, until) in UTC."""

    first: date
    last: date
    since: datetime
    until: datetime

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1


def read(query: Mapping[str, str]) -> Asked:
    """The filters of an address; days that mean nothing are left out and named in `problems`."""
    given = {name: typed(query.get(_ADDRESS.get(name, name), ""))[:LONGEST] for name in _NAMES}
    days = {name: read_date(given[name]) for name in ("since", "until")}
    problems = tuple((name, given[name]) for name, day in days.items() if given[name] and day is None)
    when = given["when"] if given["when"] in get_args(Quick) and not any(days.values()) else ""
    return Asked(
        when=cast("Quick", when),
        since=days["since"],
        until=days["until"],
        queue=given["queue"],
        agent=given["agent"],
        survey=given["survey"],
        problems=problems,
    )


def span(asked: Asked, now: datetime, zone: ZoneInfo, *, jalali: bool) -> Span:
    """The days asked for; open ends reach to today, or to the last day given."""
    today = now.astimezone(zone).date()
    if asked.quick:
        return _whole(*_quick(asked.quick, today, jalali=jalali), zone)
    last = asked.until or max(today, asked.since or today)
    first = asked.since or month_start(last, jalali=jalali)
    first, last = min(first, last), max(first, last)
    return _whole(max(first, last - timedelta(days=LONGEST_DAYS)), last, zone)


def before(period: Span, zone: ZoneInfo) -> Span:
    """As many days right before `period`: what it is compared with."""
    last = period.first - timedelta(days=1)
    return _whole(last - timedelta(days=period.days - 1), last, zone)


def weeks(period: Span, zone: ZoneInfo, *, jalali: bool) -> list[Span]:
    """The weeks up to the end of `period`, oldest first: all of it, at least WEEKS. The last one may not be whole.

    A week begins on Saturday in the Jalali calendar, else on Monday.
    """
    begin = _week_start(period.last, jalali=jalali)
    count = (begin - _week_start(period.first, jalali=jalali)).days // 7 + 1
    starts = [begin - timedelta(weeks=n) for n in range(min(max(count, WEEKS), MOST_WEEKS))]
    return [_whole(start, min(start + timedelta(days=6), period.last), zone) for start in reversed(starts)]


def _quick(when: Quick, today: date, *, jalali: bool) -> tuple[date, date]:
    if when == "last_month":
        last = month_start(today, jalali=jalali) - timedelta(days=1)
        return month_start(last, jalali=jalali), last
    first = {
        "today": today,
        "week": today - timedelta(days=6),
        "month": month_start(today, jalali=jalali),
        "quarter": today - timedelta(days=89),
    }[when]
    return first, today


def _week_start(day: date, *, jalali: bool) -> date:
    return day - timedelta(days=(day.weekday() + 2) % 7 if jalali else day.weekday())


def _whole(first: date, last: date, zone: ZoneInfo) -> Span:
    return Span(first=first, last=last, since=midnight(first, zone), until=midnight(last + timedelta(days=1), zone))


def _written(value: Any) -> str:
    return value.isoformat() if isinstance(value, date) else str(value or "")
