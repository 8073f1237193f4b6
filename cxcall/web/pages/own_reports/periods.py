"""Periods that are kept with a report: by a quick name, or two days that stay."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, tzinfo

from cxcall.reports import period
from cxcall.reports.period import CalendarName, Span
from cxcall.web.dates import date_text
from cxcall.web.report_reading import day_of as read_date
from cxcall.web.words import N_
from cxcall.web.words import gettext as _

QUICK: dict[str, str] = {
    "today": N_("Today"),
    "yesterday": N_("Yesterday"),
    "week": N_("This week"),
    "last_week": N_("Last week"),
    "month": N_("This month"),
    "last_month": N_("Last month"),
    "quarter": N_("This quarter"),
    "year": N_("This year"),
    "last_year": N_("Last year"),
}
USUAL = "month"
_BETWEEN = ".."


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A period as a form has it: `when` a quick name or "" for the days, which stay as they were typed."""

    when: str = USUAL
    since: str = ""
    until: str = ""

    @property
    def kept(self) -> str:
        """As it is kept with a report; "" when it can't be read."""
        if self.when in QUICK:
            return self.when
        first, last = read_date(self.since), read_date(self.until)
        return f"{min(first, last)}{_BETWEEN}{max(first, last)}" if first and last else ""


def asked(kept: str) -> Asked:
    """A kept period, for the form."""
    if kept in QUICK:
        return Asked(when=kept)
    first, _between, last = kept.partition(_BETWEEN)
    return Asked(when="", since=first, until=last)


def is_kept(text: str) -> bool:
    """Whether it is a quick name or two days."""
    return bool(asked(text).kept)


def span_of(kept: str, at: datetime, zone: tzinfo, calendar: CalendarName) -> Span:
    """The days a kept period means at a moment. One that means none is the usual."""
    given = asked(kept)
    first, last = read_date(given.since), read_date(given.until)
    if given.when or first is None or last is None:
        first, last = period.quick(given.when or USUAL, at.astimezone(zone).date(), calendar)  # type: ignore[arg-type]  # words as kept
    return period.span_of(first, last, zone)


def text(kept: str) -> str:
    """What a period is called."""
    if kept in QUICK:
        return _(QUICK[kept])
    first, _between, last = kept.partition(_BETWEEN)
    days = [date_text(date.fromisoformat(day)) for day in (first, last) if read_date(day)]
    return " – ".join(dict.fromkeys(days))
