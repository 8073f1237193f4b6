"""The demo's rosters: of the past weeks, of this one and the next two, as its supervisor uploaded them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.demo.rota import Duty, duties
from cxcall.demo.staff import AGENTS, TIMEZONE
from cxcall.staffing.shift import Shift
from cxcall.store import rosters

WEEKS_BACK, WEEKS_AHEAD = 8, 2
"""Of rosters, beside the week `until` is in."""
_SATURDAY = 5
_BY = "laleh"
_ZONE = ZoneInfo(TIMEZONE)


async def write(conn: AsyncConnection, people: Mapping[str, str], *, until: datetime) -> None:
    """Two files, of what is over and of what is to come. `people`: user ids by login."""
    today = until.astimezone(_ZONE).date()
    week = today - timedelta(days=(today.weekday() - _SATURDAY) % 7)
    ends = week + timedelta(weeks=1 + WEEKS_AHEAD)
    for first, last in ((week - timedelta(weeks=WEEKS_BACK), week), (week, ends)):
        shifts = [shift for day in _days(first, last) for shift in of_day(day, people)]
        uploaded = min(datetime.combine(first, time(7, 20), _ZONE) - timedelta(days=4), until)
        await rosters.replace(
            conn, shifts, since=_at(first, 0), until=_at(last, 0), by=_BY, now=uploaded, file=f"roster-{first}.csv"
        )


def of_day(day: date, people: Mapping[str, str]) -> Iterator[Shift]:
    """Everybody's entries of a day."""
    planned = duties(day)
    for worker in AGENTS:
        duty = planned.get(worker.phone)
        if duty is not None:
            yield from _entries(day, people[worker.login], duty)


def _entries(day: date, agent: str, duty: Duty) -> Iterator[Shift]:
    activity = "absent" if duty.absent else "work"
    yield Shift(agent=agent, since=_at(day, duty.begins), until=_at(day, duty.ends), activity=activity)  # type: ignore[arg-type]
    for one in duty.rests:
        yield Shift(agent=agent, since=_at(day, one.begins), until=_at(day, one.ends), activity=one.activity)


def _days(first: date, last: date) -> Iterator[date]:
    return (first + timedelta(days=n) for n in range((last - first).days))


def _at(day: date, hour: float) -> datetime:
    return datetime.combine(day, time(), _ZONE).astimezone(UTC) + timedelta(hours=hour)
