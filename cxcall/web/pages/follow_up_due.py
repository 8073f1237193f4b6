"""When a follow-up is due: chosen as people say it, or typed as a day of either calendar and a time."""

from __future__ import annotations

import re
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from cxcall.web.digits import typed
from cxcall.web.pages.calls_filter import read_date
from cxcall.web.words import N_

CHOICES: dict[str, str] = {
    "30m": N_("In half an hour"),
    "1h": N_("In an hour"),
    "4h": N_("In four hours"),
    "evening": N_("Today by 17:00"),
    "tomorrow": N_("Tomorrow by 10:00"),
    "3d": N_("In three days"),
    "7d": N_("In a week"),
    "at": N_("On a day and time"),
}
NO_TIME = N_("Write a day like 1405/09/02 or 2026-11-23 and a time like 14:30.")
PAST = N_("This time is over already. Choose one to come.")

_SPANS = {
    "30m": timedelta(minutes=30),
    "1h": timedelta(hours=1),
    "4h": timedelta(hours=4),
    "3d": timedelta(days=3),
    "7d": timedelta(days=7),
}
_CLOCK = re.compile(r"(\d{1,2})[:.](\d{2})")


class NoSuchTime(ValueError):
    """The text is a catalogue key that says what to write instead."""


def read_due(choice: str, day: str, clock: str, *, now: datetime, zone: ZoneInfo) -> datetime:
    """The moment (UTC) of a choice; with `at` of the `day` and `clock` typed. Raises NoSuchTime."""
    local = now.astimezone(zone)
    if choice in _SPANS:
        return now + _SPANS[choice]
    if choice in ("evening", "tomorrow"):
        hour = 17 if choice == "evening" else 10
        when = datetime.combine(local.date() + timedelta(days=choice == "tomorrow"), time(hour), zone)
    else:
        found, hands = read_date(day), _CLOCK.fullmatch(typed(clock))
        if found is None or hands is None or int(hands[1]) > 23 or int(hands[2]) > 59:
            raise NoSuchTime(NO_TIME)
        when = datetime.combine(found, time(int(hands[1]), int(hands[2])), zone)
    if when <= now:
        raise NoSuchTime(PAST)
    return when.astimezone(UTC)
