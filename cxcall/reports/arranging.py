"""The rows of a report: times in which nothing was are there too, in order, each beside what it is compared with."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, tzinfo

from cxcall.reports.answer import Key
from cxcall.reports.checking import MOST_LINES, TIMES, too_many
from cxcall.reports.definition import Definition, Narrowing, Row
from cxcall.reports.measures import find
from cxcall.reports.period import CalendarName, Grouping, Slot, Span, slots
from cxcall.reports.tally import Tally, total

Keys = tuple[Key, ...]
Found = Mapping[Keys, Tally]
Slots = Mapping[str, Sequence[Slot]]
"""By the kind of row."""

_ALIKE = ("weekday", "hour_of_day")
"""Rows of times that are gathered: they are the same in every period."""
_GROUPED: dict[Row, Grouping] = {
    "interval": "interval", "hour": "hour", "day": "day", "week": "week", "month": "month",
}  # fmt: skip


def slots_of(by: Sequence[Row], span: Span, zone: tzinfo, calendar: CalendarName) -> Slots:
    """The times that rows stand for, none for weekdays and hours of the day. Raises `BadReport` when there are too
    many of them."""
    found: dict[str, Sequence[Slot]] = {
        row: slots(span, _GROUPED[row], zone, calendar) for row in by if row in _GROUPED
    }
    for row in found.values():
        if len(row) > MOST_LINES:
            raise too_many(len(row))
    return found


def filled(found: Found, definition: Definition, times: Slots, zone: tzinfo, now: datetime) -> dict[Keys, Tally]:
    """All rows. Told by times alone, what has begun by now is there though nothing was in it."""
    if len(definition.by) != 1 or definition.by[0] not in TIMES:
        return dict(found)
    row = definition.by[0]
    if row in times:
        begun = (slot for slot in times[row] if slot.since <= now and _counts(slot, row, definition.narrowing, zone))
        values = [slot.value for slot in begun]
    else:
        there = [int(keys[0].value) for keys in found]
        values = [str(one) for one in range(min(there), max(there) + 1)] if row == "hour_of_day" and there else []
    empty: dict[Keys, Tally] = {(Key(row=row, value=value),): Tally() for value in values}
    return {**empty, **found}


def in_order(found: Found, definition: Definition, times: Slots, calendar: CalendarName) -> list[tuple[Keys, Tally]]:
    """Times as they pass, other rows by the first measure, the largest first; rows of one thing stay together."""
    groups: dict[Key, list[Tally]] = {}
    for keys, tally in found.items():
        if keys:
            groups.setdefault(keys[0], []).append(tally)
    whole = {key: tallies[0] if len(tallies) == 1 else total(tallies) for key, tallies in groups.items()}
    places = {row: {slot.value: n for n, slot in enumerate(several)} for row, several in times.items()}

    def spot(key: Key, tally: Tally) -> tuple[float, str, str]:
        if key.row in places:
            return places[key.row].get(key.value, len(places[key.row])), "", ""
        if key.row == "weekday":
            return (int(key.value) - (5 if calendar == "jalali" else 0)) % 7, "", ""
        if key.row == "hour_of_day":
            return int(key.value), "", ""
        return -_first(tally, definition), (key.title or key.value).casefold(), key.server

    def rank(entry: tuple[Keys, Tally]) -> list[tuple[float, str, str]]:
        keys, tally = entry
        return [spot(key, whole[key] if n == 0 else tally) for n, key in enumerate(keys)]

    return sorted(found.items(), key=rank)


def partner(by: Sequence[Row], now: Slots, then: Slots) -> Callable[[Keys], Keys]:
    """Which row of the period before a row is compared with: the n-th day with the n-th day."""
    moved: dict[str, dict[str, str]] = {
        row: {one.value: other.value for one, other in zip(now[row], then.get(row, ()), strict=False)} for row in now
    }

    def of(keys: Keys) -> Keys:
        return tuple(
            Key(row=key.row, value=moved[key.row].get(key.value, "")) if key.row in moved else key for key in keys
        )

    return of


def opened(times: Slots, until: datetime) -> frozenset[Key]:
    """The times of a report that go on after a moment."""
    return frozenset(
        Key(row=slot_row, value=slot.value)  # type: ignore[arg-type]  # kinds of rows are the keys of `times`
        for slot_row, several in times.items()
        for slot in several
        if slot.until > until
    )


def _first(tally: Tally, definition: Definition) -> float:
    measure = find(definition.measures[0])
    value = measure.value(tally, definition.short) if measure else None
    return float("-inf") if value is None else value


def _counts(slot: Slot, row: Row, only: Narrowing, zone: tzinfo) -> bool:
    """Whether anything of a time counts that a report is narrowed to."""
    if row in ("week", "month"):
        return True
    begins = slot.since.astimezone(zone)
    weekday = slot.first.weekday() if row == "day" else begins.weekday()
    return (not only.weekdays or weekday in only.weekdays) and (
        row == "day" or not only.hours or begins.hour in only.hours
    )
