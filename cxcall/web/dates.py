"""Dates in both calendars, as people say them. Storage stays UTC; only what is shown passes through here."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from babel.dates import format_date
from persiantools.jdatetime import JalaliDate

from cxcall.web.digits import digits
from cxcall.web.presentation import Presentation, current
from cxcall.web.words import gettext as _

_JALALI_MONTHS = {
    "fa": ("فروردین", "اردیبهشت", "خرداد", "تیر", "مرداد", "شهریور", "مهر", "آبان", "آذر", "دی", "بهمن", "اسفند"),
    "en": ("Farvardin", "Ordibehesht", "Khordad", "Tir", "Mordad", "Shahrivar", "Mehr", "Aban", "Azar", "Dey",
           "Bahman", "Esfand"),
}  # fmt: skip


def date_text(day: date, *, year: bool = True, weekday: bool = False) -> str:
    """`day` as 21 Nov 2026 or ۳۰ آبان ۱۴۰۵, with the weekday before it when asked.

    Put together here, because locale data orders weekday, day and year wrongly for the Persian calendar.
    """
    shown = current()
    if shown.calendar == "jalali":
        jalali = _jalali(day)
        words = [str(jalali.day), _JALALI_MONTHS[shown.language][jalali.month - 1], str(jalali.year)]
    else:
        month = format_date(day, "MMMM" if shown.rtl else "MMM", locale=shown.language)
        words = [str(day.day), month, str(day.year)]
    if not year:
        words.pop()
    if weekday:
        words.insert(0, format_date(day, "EEEE" if shown.rtl else "EEE", locale=shown.language))
    return digits(" ".join(words))


def time_text(moment: datetime, *, seconds: bool = False) -> str:
    """The site's clock time as 10:42."""
    return digits(current().local(moment).strftime("%H:%M:%S" if seconds else "%H:%M"))


def when_text(moment: datetime) -> str:
    """Today 10:42, Yesterday 17:48, 15 Nov 09:10, and with its year when that is another."""
    shown = current()
    day, today = shown.local(moment).date(), shown.local(shown.now).date()
    if day == today:
        name = _("Today")
    elif day == today - timedelta(days=1):
        name = _("Yesterday")
    else:
        name = date_text(day, year=not _same_year(day, today, shown))
    return f"{name} {time_text(moment)}"


def day_text(moment: datetime) -> str:
    """The site's date of `moment`."""
    return date_text(current().local(moment).date())


def jalali_text(day: date) -> str:
    """`day` as 1405/08/30: for tables that programs read."""
    jalali = _jalali(day)
    return f"{jalali.year:04}/{jalali.month:02}/{jalali.day:02}"


def _same_year(one: date, other: date, presentation: Presentation) -> bool:
    if presentation.calendar == "gregorian":
        return one.year == other.year
    years = {_jalali(day).year for day in (one, other)}
    return len(years) == 1


def _jalali(day: date) -> JalaliDate:
    jalali: JalaliDate = JalaliDate.to_jalali(day.year, day.month, day.day)  # type: ignore[no-untyped-call]  # no stub
    return jalali
