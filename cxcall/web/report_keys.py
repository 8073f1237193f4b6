"""What the rows of a report are called by who reads it: weekdays, hours, titles of queues, words of the record."""

from __future__ import annotations

from datetime import date

from babel.dates import format_date

from cxcall.reports.answer import Key
from cxcall.reports.period import Slot
from cxcall.store.reporting.menus import NOT_ASKED, NOT_UNDERSTOOD
from cxcall.web.dates import date_text, time_text
from cxcall.web.digits import digits
from cxcall.web.pages.labels import DIRECTIONS, OUTCOMES
from cxcall.web.presentation import current
from cxcall.web.queue_titles import titled
from cxcall.web.words import N_
from cxcall.web.words import gettext as _

_MONDAY = date(2026, 1, 5)

KINDS: dict[str, str] = {
    "blind": N_("Blind"),
    "attended": N_("Attended"),
    "semi_attended": N_("Semi-attended"),
    "redirect": N_("Redirected"),
    "park": N_("Parked"),
}
"""Of transfers."""

SEGMENTS: dict[str, str] = {
    "new": N_("New customers"),
    "regular": N_("Regular customers"),
    "loyal": N_("Loyal customers"),
    "at_risk": N_("Customers at risk"),
    "lapsed": N_("Lapsed customers"),
}
"""Of customers (`customers.segments`)."""

GROUPS: dict[str, str] = {
    "best": N_("Best customers"),
    "frequent": N_("Frequent customers"),
    "valuable": N_("Valuable customers"),
    "recent": N_("Recent customers"),
    "between": N_("In between"),
    "slipping": N_("Slipping away"),
    "missed": N_("Valuable and missed"),
    "asleep": N_("Asleep"),
    "": N_("Not worked out yet"),
}
"""Of customers by recency, frequency and value (`customers.rfm`)."""

CHOICES: dict[str, str] = {NOT_ASKED: N_("Not asked"), NOT_UNDERSTOOD: N_("Not understood")}
"""Where a caller made no choice in a menu."""


def key_text(key: Key, slot: Slot | None = None) -> str:
    """What a row is called; `slot` its time, where it is one."""
    if slot is not None:
        return _time(key, slot)
    if key.row == "weekday":
        day = date.fromordinal(_MONDAY.toordinal() + int(key.value))
        return format_date(day, "EEEE", locale=current().language)
    if key.row == "hour_of_day":
        return digits(f"{int(key.value):02}:00")
    if key.row == "queue":
        return titled(key.title or key.value) or _("Not through a queue")
    return word(key) or key.title or key.value or _("Unknown")


def word(key: Key) -> str:
    """The word for a value of the record; "" for what people named themselves."""
    if key.row == "direction" and key.value in DIRECTIONS:
        return _(DIRECTIONS[key.value].text)
    if key.row == "outcome" and key.value in OUTCOMES:
        return _(OUTCOMES[key.value].text)
    if key.row == "menu" and key.value in CHOICES:
        return _(CHOICES[key.value])
    if key.row == "segment" and key.value in SEGMENTS:
        return _(SEGMENTS[key.value])
    if key.row == "rfm" and key.value in GROUPS:
        return _(GROUPS[key.value])
    return _(KINDS[key.value]) if key.row == "transfer_kind" and key.value in KINDS else ""


def _time(key: Key, slot: Slot) -> str:
    if key.row in ("interval", "hour"):
        return f"{date_text(slot.first, year=False)} {time_text(slot.since)}"
    if key.row == "day":
        return date_text(slot.first, weekday=True)
    if key.row == "week":
        return _("Week from %(day)s") % {"day": date_text(slot.first)}
    return date_text(slot.first).split(" ", 1)[1]
