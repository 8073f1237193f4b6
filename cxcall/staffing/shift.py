"""What somebody is to do from when until when: one entry of a roster."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from itertools import pairwise
from typing import Literal

Activity = Literal["work", "break", "lunch", "training", "absent"]
ACTIVITIES: tuple[Activity, ...] = ("work", "break", "lunch", "training", "absent")

LONGEST = timedelta(hours=24)

_COUNTS_FIRST: dict[Activity, int] = {"absent": 0, "training": 1, "lunch": 2, "break": 3, "work": 4}
"""What lies over what: a break within a shift is a break."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """An entry: `agent` is the id of a person, moments are aware, in UTC."""

    agent: str
    since: datetime
    until: datetime
    activity: Activity = "work"

    @property
    def seconds(self) -> float:
        return (self.until - self.since).total_seconds()


def moments(day: date, begins: time, ends: time, zone: tzinfo) -> tuple[datetime, datetime]:
    """From a time of a day of the site's clock until the next such end: one not after the begin is of the next day,
    midnight is the end of the day. A time that summer time skips is as much later; of a time that comes twice the
    first counts."""
    over = ends <= begins
    since = datetime.combine(day, begins, zone).astimezone(UTC)
    until = datetime.combine(day + timedelta(days=over), ends, zone).astimezone(UTC)
    return since, until


def clash(one: Shift, other: Shift) -> bool:
    """Whether a person can't have both: two shifts of work over each other, or two things that are laid over work."""
    alike = (one.activity == "work") == (other.activity == "work")
    return one.agent == other.agent and alike and one.since < other.until and other.since < one.until


def flat(shifts: Iterable[Shift]) -> list[Shift]:
    """The entries of one person as one thing at a time: breaks cut out of the work they lie over."""
    entries = sorted(shifts, key=lambda one: (one.since, one.until))
    edges = sorted({edge for one in entries for edge in (one.since, one.until)})
    found: list[Shift] = []
    lasting: list[Shift] = []
    place = 0
    for since, until in pairwise(edges):
        while place < len(entries) and entries[place].since <= since:
            lasting.append(entries[place])
            place += 1
        lasting = [one for one in lasting if one.until > since]
        if not lasting:
            continue
        top = min(lasting, key=lambda one: _COUNTS_FIRST[one.activity])
        last = found[-1] if found else None
        if last is not None and last.until == since and last.activity == top.activity:
            found[-1] = Shift(agent=top.agent, since=last.since, until=until, activity=top.activity)
        else:
            found.append(Shift(agent=top.agent, since=since, until=until, activity=top.activity))
    return found
