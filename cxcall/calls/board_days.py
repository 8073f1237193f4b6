"""Days as a site counts them: from midnight to midnight in its zone, 23 or 25 hours when summer time comes or goes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """`date` as ISO 8601; `began` ≤ a moment of the day < `ends`, in epoch seconds."""

    date: str
    began: float
    ends: float

    def holds(self, at: float) -> bool:
        return self.began <= at < self.ends


def day_of(at: float, zone: tzinfo) -> Day:
    """The day that the moment `at` is in.

    A midnight that summer time skips is the moment of the change; of one that comes twice it is the first.
    """
    date = datetime.fromtimestamp(at, zone).date()
    midnights = (datetime(day.year, day.month, day.day, tzinfo=zone) for day in (date, date + timedelta(days=1)))
    began, ends = (midnight.astimezone(UTC).timestamp() for midnight in midnights)
    return Day(date=date.isoformat(), began=began, ends=ends)
