"""Hours as the pages show them: open or closed now, the next changes, a week as bars."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from babel.dates import format_date

from cxcall.queues.hours import Calendar, Closure
from cxcall.queues.opening import DAY_MINUTES, Change, Closed, changes, state_at
from cxcall.queues.week import regular_hours
from cxcall.web.dates import date_text, time_text
from cxcall.web.presentation import current
from cxcall.web.words import gettext as _

_MONDAY = date(2024, 1, 1)
COUNT = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """`kind`: good or bad, as chips are; `text`: open or closed, why and until when."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NextChange:
    day: str
    time: str
    opens: bool
    why: str


def state(calendar: Calendar | None, closures: Sequence[Closure], now: float) -> State:
    """Whether it is open now, in words."""
    found = state_at(calendar, closures, now)
    if not isinstance(found, Closed):
        until = found.until
        return State(kind="good", text=_("Open") if until is None else _("Open until %(when)s") % {"when": when(until)})
    why = found.title or (found.closure.why if found.closure else "")
    text = _("Closed") if found.opens is None else _("Closed until %(when)s") % {"when": when(found.opens)}
    return State(kind="bad" if found.closure else "", text=f"{text} · {why}" if why else text)


def next_changes(calendar: Calendar, now: float) -> Sequence[NextChange]:
    """What comes, as far as the calendar says; on the clock of its zone it is the same moment as on the site's."""
    return [_change(one) for one in changes(calendar, (), now, COUNT)]


def when(at: float) -> str:
    """A moment as a time of today, or with its day."""
    moment = datetime.fromtimestamp(at, UTC)
    shown = current()
    day, today = shown.local(moment).date(), shown.local(shown.now).date()
    return time_text(moment) if day == today else f"{date_text(day, year=False, weekday=True)} {time_text(moment)}"


def _change(one: Change) -> NextChange:
    moment = datetime.fromtimestamp(one.at, UTC)
    day = date_text(current().local(moment).date(), year=False, weekday=True)
    why = one.title if one.title else _("Holiday") if one.why == "holiday" else ""
    return NextChange(day=day, time=time_text(moment), opens=one.open, why=why)


def day_order() -> tuple[int, ...]:
    """Weekdays (Monday 0) as the reader's week has them: from Saturday in the Jalali calendar."""
    return (5, 6, 0, 1, 2, 3, 4) if current().calendar == "jalali" else (0, 1, 2, 3, 4, 5, 6)


def day_name(weekday: int) -> str:
    """The weekday's name."""
    return str(format_date(_MONDAY + timedelta(days=weekday), "EEEE", locale=current().language))


def bars(calendar: Calendar, weekday: int) -> Sequence[tuple[int, int]]:
    """The hours of a weekday as (start, length) in minutes; a night before that goes on is in it."""
    return [(since, min(to, DAY_MINUTES) - since) for since, to in regular_hours(calendar, weekday)]
