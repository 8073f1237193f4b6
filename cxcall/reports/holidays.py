"""Public holidays that a calendar rule tells: Iran's of the solar year.

Those of the lunar year move, and which day they fall on is announced: a site enters them in its calendars of hours,
which reports name too. Source: Iran's official calendar of the Jalali year.
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
    """Days of a period and what they are; nothing for other countries than Iran (`IR`)."""
    if country.upper() != "IR":
        return
    for n in range(min(span.days, _MOST_DAYS)):
        day = span.first + timedelta(days=n)
        jalali = _JALALI.to_jalali(day)
        title = IRAN.get((jalali.month, jalali.day))
        if title:
            yield day, title
