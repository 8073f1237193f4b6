"""The calls behind a figure: the very ones that were counted, found newest first a page at a time.

An index finds calls in which something like it happened; whether and how often it was counted, and in which row, is
asked of the function that counted them. How many there are is read from the rollups, so that pages stay quick.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.calls.record import CallRecord, QueueVisit
from cxcall.reports.answer import Key
from cxcall.reports.definition import Narrowing, Short
from cxcall.reports.facts import Counting
from cxcall.reports.measures import find
from cxcall.reports.period import CalendarName, Span
from cxcall.store.call_rows import record_from
from cxcall.store.paging import BadCursor, Cursor, Slice, cut
from cxcall.store.reporting import agent_teams, behind_calls, reading, records
from cxcall.store.reporting.behind_calls import Wanted
from cxcall.store.reporting.counted import counted
from cxcall.store.reporting.ranges import Range, ranges
from cxcall.store.reporting.slots import SECONDS, TIMES
from cxcall.store.reporting.summing import NARROWED_BY
from cxcall.store.schema import from_micros, to_micros

AT_ONCE = 200
"""Calls that are looked into between two questions to the database."""

_TOGETHER: dict[str, tuple[str, ...]] = {
    "in_time": ("answered_in_time", "abandoned_in_time"),
    "transferred": ("transferred_blind", "transferred_attended", "transferred_semi_attended", "transferred_redirect"),
}
"""What a figure opens that is several sums."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BehindRow:
    """One thing counted: a visit (`n` its place in the call), a part of an agent or a whole call. Times in seconds."""

    call_id: str
    server: str
    n: int
    started_at: datetime
    joined_at: datetime | None
    queue: str
    agent: str
    number: str
    customer_id: str | None
    customer: str
    result: str
    wait: float | None
    talk: float | None


async def calls_behind(
    conn: AsyncConnection,
    *,
    measure: str,
    span: Span,
    narrowing: Narrowing,
    keys: tuple[Key, ...],
    short: Short,
    zone: tzinfo,
    calendar: CalendarName,
    limit: int,
    after: str | None = None,
) -> Slice[BehindRow]:
    """A page of what is counted in a figure, by when the calls began; nothing where a figure has no calls to show.

    `keys`: of the row, () for the total; `after`: `next` or `previous` of another page. Raises `BadCursor`.
    """
    wanted = await _wanted(conn, measure, span, narrowing, keys, short, zone, calendar)
    cursor = None if after is None else Cursor.decode(after)
    begin = None if cursor is None else _Place.of(cursor)
    if wanted is None or not wanted.ranges:
        return Slice(rows=[], next=None, previous=None)
    back = cursor is not None and cursor.back
    place = begin
    rows: list[tuple[_Place, BehindRow]] = []
    while len(rows) <= limit:
        found = (await conn.execute(behind_calls.candidates(conn, wanted, place, AT_ONCE, back=back))).all()
        known = await records.targets_of(conn, {call.id for call in found})
        for call in {call.id: call for call in found}.values():
            counting = Counting(zone=zone, targets=known.get(call.id, {}))
            spots = [(_Place(call.started_at, call.id, n), row) for n, row in enumerate(_rows(call, wanted, counting))]
            rows += [one for one in (reversed(spots) if back else spots) if begin is None or one[0].lies(begin, back)]
        if len(found) < AT_ONCE:
            break
        place = _Place(found[-1].started_at, found[-1].id, behind_calls.FIRST if back else behind_calls.LAST)
    return _cut(rows, limit, cursor)


def _cut(rows: list[tuple[_Place, BehindRow]], limit: int, cursor: Cursor | None) -> Slice[BehindRow]:
    """A page of what was found in the direction of the cursor."""
    found = cut(rows, limit, cursor, lambda one: one[0].key)
    return Slice(rows=[row for _, row in found.rows], next=found.next, previous=found.previous)


async def count_behind(
    conn: AsyncConnection,
    *,
    measure: str,
    span: Span,
    narrowing: Narrowing,
    keys: tuple[Key, ...],
    short: Short,
    zone: tzinfo,
    calendar: CalendarName,
) -> int:
    """How many `calls_behind` lists in all."""
    known = find(measure)
    if known is None or known.behind is None:
        return 0
    found = await reading.tallies(
        conn, span=span, by=tuple(key.row for key in keys), narrowing=narrowing,
        families=known.families & behind_calls.FAMILIES, zone=zone, calendar=calendar, waits=False,
    )  # fmt: skip
    asked = [_name(key) for key in keys]
    tally = next((tally for row, tally in found.items() if [_name(key) for key in row] == asked), None)
    if tally is None:
        return 0
    without = tally["short_abandoned"] if _leaves_out_short(measure, short) else 0
    return round(sum(tally[name] for name in _TOGETHER.get(known.behind, (known.behind,))) - without)


def _name(key: Key) -> tuple[str, str, str]:
    """What makes two keys the same; titles change."""
    return key.row, key.value, key.server


def _leaves_out_short(measure: str, short: Short) -> bool:
    return measure == "abandon_rate" and short == "out"


@dataclass(frozen=True, slots=True)
class _Place:
    """Where in the list: the call's beginning and id, and which of its rows."""

    started_at: datetime
    call_id: str
    n: int

    @classmethod
    def of(cls, cursor: Cursor) -> _Place:
        """Raises `BadCursor`."""
        moment, _, n = cursor.key.partition(" ")
        try:
            return cls(from_micros(int(moment)), cursor.id, int(n))
        except (ValueError, OverflowError):
            raise BadCursor(BadCursor.__doc__) from None

    @property
    def key(self) -> tuple[str, str]:
        """What a cursor holds."""
        return f"{to_micros(self.started_at)} {self.n}", self.call_id

    def lies(self, other: _Place, back: bool) -> bool:
        """Whether it comes after the other in the list, or (`back`) before it."""
        mine, theirs = (self.started_at, self.call_id), (other.started_at, other.call_id)
        if mine == theirs:
            return self.n < other.n if back else self.n > other.n
        return mine > theirs if back else mine < theirs


async def _wanted(
    conn: AsyncConnection, measure: str, span: Span, narrowing: Narrowing, keys: tuple[Key, ...], short: Short,
    zone: tzinfo, calendar: CalendarName,
) -> Wanted | None:  # fmt: skip
    known = find(measure)
    family = None if known is None else next(iter(known.families & behind_calls.FAMILIES), None)
    if known is None or known.behind is None or family is None:
        return None
    sums = _TOGETHER.get(known.behind, (known.behind,))
    only = {row: set(value(narrowing)) for value, row in NARROWED_BY if value(narrowing)}
    servers: set[str] = set()
    for key in keys:
        values = set(await agent_teams.agents_of(conn, [key.value])) if key.row == "team" else {key.value}
        row = "agent" if key.row == "team" else key.row
        if row not in TIMES:
            only[row] = only[row] & values if row in only else values
        if key.server:
            servers.add(key.server)
    if servers:
        only["server"] = only["server"] & servers if "server" in only else servers
    return Wanted(
        family=family,
        sums=sums,
        less="short_abandoned" if _leaves_out_short(measure, short) else "",
        ranges=tuple(ranges(span, narrowing, keys, zone, calendar)),
        only={row: frozenset(values) for row, values in only.items()},
    )


def _rows(call: Any, wanted: Wanted, counting: Counting) -> Iterator[BehindRow]:
    """What of a call was counted, as often as it was."""
    record = record_from(call.record, None)
    for n, visit, found in _counted(record, wanted.family, counting):
        for key, sums in sorted(found.items()):
            if _within(key[0], wanted.ranges) and _fits(wanted, key):
                times = sum(sums.get(name, 0) for name in wanted.sums) - sums.get(wanted.less, 0)
                for _ in range(round(times)):
                    yield _row(call, n, visit, wanted.family, key)


def _counted(
    record: CallRecord, family: str, counting: Counting
) -> Iterable[tuple[int, QueueVisit | None, dict[tuple[Any, ...], dict[str, float]]]]:
    """Rows of the rollups that a call adds to; visits one by one."""
    if family == "visits":
        for n, visit in enumerate(record.queue_visits):
            alone = dataclasses.replace(record, queue_visits=(visit,))
            yield n, visit, counted(alone, counting).queues
    else:
        found = counted(record, counting)
        yield 0, None, found.agents if family == "parts" else _as_counted(found.calls)


def _as_counted(rows: dict[tuple[Any, ...], dict[str, float]]) -> dict[tuple[Any, ...], dict[str, float]]:
    """Whole calls, with those that were answered."""
    return {
        key: {"calls": sums.get("calls", 0), "calls_answered": sums.get("calls", 0) if key[-1] == "answered" else 0}
        for key, sums in rows.items()
    }


def _within(slot: int, several: tuple[Range, ...]) -> bool:
    at = datetime.fromtimestamp(slot * SECONDS, UTC)
    return any(since < at + timedelta(seconds=SECONDS) and at < until for since, until in several)


def _fits(wanted: Wanted, key: tuple[Any, ...]) -> bool:
    names = behind_calls.KEYS[wanted.family]
    told = dict(zip(names, key[1:], strict=False))
    return all(told.get(row) in values for row, values in wanted.only.items() if row != behind_calls.CHOSEN)


def _row(call: Any, n: int, visit: QueueVisit | None, family: str, key: tuple[Any, ...]) -> BehindRow:
    told = dict(zip(behind_calls.KEYS[family], key[1:], strict=False))
    return BehindRow(
        call_id=call.id,
        server=call.server,
        n=n,
        started_at=call.started_at,
        joined_at=visit.joined_at if visit else None,
        queue=visit.queue if visit else told.get("queue", call.queue or ""),
        agent=(visit.agent or "") if visit else told.get("agent", call.agent or ""),
        number=call.party_number or call.caller_number or "",
        customer_id=call.customer_id,
        customer=call.customer or call.caller_name or "",
        result=(visit.result or "") if visit else call.outcome,
        wait=visit.wait if visit else call.wait,
        talk=visit.talk if visit else call.talk,
    )


__all__ = ["BehindRow", "calls_behind", "count_behind"]
