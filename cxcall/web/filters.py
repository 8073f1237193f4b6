"""What templates write values with: `{{ x|number }}`, `{{ t|when }}`, `{{ n|phone }}`; each isolates what it inserts,
so that numbers keep their order inside Persian text (ui rules: isolate every inserted value)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from markupsafe import Markup

from cxcall.web import dates, phones
from cxcall.web.browsers import browser
from cxcall.web.digits import clock_text, digits, number_text
from cxcall.web.presentation import current
from cxcall.web.queue_titles import titled

_NUMBER = Markup('<bdi class="num" dir="ltr">{}</bdi>')
_TIME = Markup('<time datetime="{}">{}</time>')
_ALM = "\u061c"  # after an Arabic letter the per cent sign jumps to the number's other side; this mark keeps it


def number(value: float, decimals: int = 0) -> Markup:
    """12,345.6 in the reader's digits."""
    return _NUMBER.format(number_text(value, decimals))


def percent(share: float, decimals: int = 0) -> Markup:
    """A share (0.81) as 81%."""
    text = number_text(share * 100, decimals)
    if current().persian_digits:
        return Markup('<bdi class="num" dir="rtl">{}{}٪</bdi>').format(_ALM, text)
    return _NUMBER.format(text + "%")


def clock(seconds: float | None) -> Markup | str:
    """Seconds as 4:06; nothing for None."""
    return "" if seconds is None else _NUMBER.format(clock_text(seconds))


def phone(text: str | None) -> Markup | str:
    """A telephone number grouped as people write it; copying it gives ASCII digits (data-copy, see copy.ts).
    Nothing for a number that was withheld."""
    if text is None or phones.withheld(text):
        return ""
    shown = digits(phones.grouped(text, current().country))
    return Markup('<bdi class="num" dir="ltr" data-copy="{}">{}</bdi>').format(text, shown)


def code(text: object) -> Markup:
    """An extension, channel or id, as it is."""
    return Markup('<bdi dir="ltr">{}</bdi>').format(text)


def when(moment: datetime | None) -> Markup | str:
    """Today 10:42, Yesterday 17:48, 15 Nov 09:10; nothing for None."""
    return "" if moment is None else _time(moment, dates.when_text(moment))


def date(moment: datetime | None) -> Markup | str:
    """21 Nov 2026 or ۳۰ آبان ۱۴۰۵; nothing for None."""
    return "" if moment is None else _time(moment, dates.day_text(moment))


def time(moment: datetime | None) -> Markup | str:
    """10:42:07; nothing for None."""
    return "" if moment is None else _time(moment, dates.time_text(moment, seconds=True))


def _time(moment: datetime, text: str) -> Markup:
    return _TIME.format(moment.isoformat(timespec="seconds"), text)


FILTERS: dict[str, Callable[..., Any]] = {
    "number": number,
    "percent": percent,
    "clock": clock,
    "phone": phone,
    "withheld": phones.withheld,
    "code": code,
    "queue": titled,
    "when": when,
    "date": date,
    "time": time,
    "digits": digits,
    "browser": browser,
    "when_text": dates.when_text,
    "date_text": dates.day_text,
    "day": dates.date_text,
    "time_text": dates.time_text,
    "number_text": number_text,
    "clock_text": clock_text,
}
