"""Public holidays that a calendar rule tells: Iran's of the solar year.

Known: the ten days that fall on the same date of every Jalali year. Not known: those of the lunar year, which move by
ten or eleven days a year and whose day is announced after the moon was seen; days that a government adds; other
countries. A site enters those in its calendars of hours, which reports name too (`store.site_holidays`). Source:
Iran's official calendar of the Jalali year.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from persiantools.jdatetime import JalaliDate

from cxcall.reports.period import Span

_JALALI: Any = JalaliDate  # has no annotations

IRAN: dict[tuple[int, int], str] = {
    (1, 1): "Nowruz", (1, 2): "Nowruz", (1, 3): "Nowruz", (1, 4): "Nowruz",
    (1, 12): "Islamic Republic Day", (1, 13): "Nature Day",
    (3, 14): "Demise of Ayatollah Khomeini", (3, 15): "Uprising of 15 Khordad",
    (11, 22): "Victory of the Revolution", (12, 29): "Nationalisation of the oil industry",
}  # fmt: skip
"""Month and day of the Jalali calendar."""

_MOST_DAYS = 4000


def of_span(span: Span, country: str) -> Iterator[tuple[date, str]]:
    """Days of a period and what they are, in order: Iran's (`IR`)."""
    for n in range(min(span.days, _MOST_DAYS) if country.upper() == "IR" else 0):
        day = span.first + timedelta(days=n)
        if title := _of_iran(day):
            yield day, title


def _of_iran(day: date) -> str | None:
    jalali = _JALALI.to_jalali(day)
    return IRAN.get((jalali.month, jalali.day))
