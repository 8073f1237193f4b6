"""Asterisk's IFTIME(), as far as cxcall writes it: whether a spec holds at a moment of the wall clock."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
CLOCK = tuple(f"{n // 60:02}:{n % 60:02}" for n in range(1440))
DAYS = tuple(str(day) for day in range(1, 32))
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


def decided(rules: Sequence[str], moment: float) -> str:
    """What the first rule that holds says; closed when none does."""
    return next((rule.partition("|")[0] for rule in rules if holds(rule.partition("|")[2], moment)), "closed")


def holds(spec: str, moment: float) -> bool:
    """Both ends of each range are in it; ranges of days may go over the week's end."""
    times, weekdays, days, months, zone = spec.split(",")
    local = datetime.fromtimestamp(moment, ZoneInfo(zone))
    return (
        _within(times, local.strftime("%H:%M"), CLOCK)
        and _within(weekdays, WEEKDAYS[local.weekday()], WEEKDAYS)
        and _within(days, str(local.day), DAYS)
        and _within(months, MONTHS[local.month - 1], MONTHS)
    )


def _within(spec: str, value: str, names: Sequence[str]) -> bool:
    if spec == "*":
        return True
    since, _, to = spec.partition("-")
    first, last, at = names.index(since), names.index(to or since), names.index(value)
    return first <= at <= last if first <= last else at >= first or at <= last
