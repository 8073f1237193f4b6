"""Names of the days of the week, Monday first."""

from __future__ import annotations

from datetime import date

from babel.dates import format_date

from cxcall.web.presentation import current

_MONDAY = date(2026, 1, 5)


def name(day: int) -> str:
    """What a day (0 is Monday) is called."""
    return format_date(date.fromordinal(_MONDAY.toordinal() + day), "EEEE", locale=current().language)


def in_order() -> list[tuple[int, str]]:
    """Number (0 is Monday) and name, as the reader's week begins."""
    first = 5 if current().calendar == "jalali" else 0
    return [((first + n) % 7, name((first + n) % 7)) for n in range(7)]
