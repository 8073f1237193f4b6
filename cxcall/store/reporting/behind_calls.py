"""Calls in which something may have been counted, newest first, each question answered from an index."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, FromClause, Select, false, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.store.reporting import menus
from cxcall.store.reporting.ranges import Range
from cxcall.store.tables import call_records, call_visits, calls, customers

FAMILIES = frozenset(("visits", "parts", "calls"))
"""Families of figures that have calls behind them."""

KEYS: dict[str, tuple[str, ...]] = {
    "visits": ("server", "queue"),
    "parts": ("server", "agent", "queue"),
    "calls": ("server", "did", "direction", "outcome"),
}
"""What the keys of their rollups tell after the slot, as kinds of rows."""

CHOSEN = "menu"
"""A kind of row that is no key of a rollup: calls are narrowed to it when they are sought."""

FIRST, LAST = -1, 1_000_000
"""Before the first and beyond the last row of any call."""

_LONGEST = timedelta(days=2)
"""What is counted in a period belongs to calls that began no longer before it."""

_ENDS: dict[str, str] = {
    "abandoned": "abandoned", "short_abandoned": "abandoned", "timed_out": "timeout", "full": "full",
    "closed": "closed", "left": "left",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is looked for: sums of a family (without those of `less`) in these ranges of time, the newest first; `only`
    by kind of row."""

    family: str
    sums: tuple[str, ...]
    less: str
    ranges: tuple[Range, ...]
    only: Mapping[str, frozenset[str]] = field(default_factory=dict)


def candidates(conn: AsyncConnection, wanted: Wanted, after: Any, limit: int, *, back: bool = False) -> Select[Any]:
    """The next calls; `after`: where the list goes on, which may be in the middle of a call's rows. `back`: towards the
    newer ones, those nearest to `after` first."""
    through_visits = _by_visits(wanted)
    table, id_ = (call_visits, call_visits.c.call_id) if through_visits else (calls, calls.c.id)
    started_at = table.c.started_at
    where: list[ColumnElement[bool]] = [
        *through_visits,
        started_at >= wanted.ranges[-1][0] - _LONGEST,
        started_at < wanted.ranges[0][1],
        calls.c.ended_at.is_not(None),
        *_narrowed(conn, wanted),
    ]
    if after is not None:
        where += _beyond(started_at, id_, after, back)
    source: FromClause = calls.join(call_records, call_records.c.call_id == calls.c.id)
    if through_visits:
        source = source.join(call_visits, call_visits.c.call_id == calls.c.id)
    return (
        select(*_COLUMNS, customers.c.name.label("customer"))
        .select_from(source.outerjoin(customers, customers.c.id == calls.c.customer_id))
        .where(*where)
        .order_by(*((started_at, id_) if back else (started_at.desc(), id_.desc())))
        .limit(limit)
    )


def _beyond(started_at: Any, id_: Any, after: Any, back: bool) -> list[ColumnElement[bool]]:
    """What comes after a place, or before it; its own call too where some of its rows may."""
    if back:
        here = id_ > after.call_id if after.n <= FIRST else id_ >= after.call_id
        return [started_at >= after.started_at, or_(started_at > after.started_at, here)]
    here = id_ < after.call_id if after.n >= LAST else id_ <= after.call_id
    # The first is what an index can begin at.
    return [started_at <= after.started_at, or_(started_at < after.started_at, here)]


_COLUMNS = (
    calls.c.id, calls.c.server, calls.c.started_at, calls.c.queue, calls.c.agent, calls.c.party_number,
    calls.c.caller_number, calls.c.caller_name, calls.c.customer_id, calls.c.outcome, calls.c.wait, calls.c.talk,
    call_records.c.record,
)  # fmt: skip


def _by_visits(wanted: Wanted) -> list[ColumnElement[bool]]:
    """What visits the calls are found by, none: by all calls. A call may be found by several visits."""
    its, lost = call_visits.c, sorted({_ENDS[name] for name in wanted.sums if name in _ENDS})
    queues = sorted(wanted.only.get("queue", ()))
    if wanted.family == "visits" and len(lost) == 1:
        # Not answered: an index of its own, as few are.
        return [its.result == lost[0], its.result != "answered", *([its.queue.in_(queues)] if queues else [])]
    if len(queues) == 1 and queues[0]:
        return [its.list_queue == queues[0]]
    return []


def _narrowed(conn: AsyncConnection, wanted: Wanted) -> list[ColumnElement[bool]]:
    of_calls = (name for name in ("server", "direction", "outcome") if name in wanted.only)
    found: list[ColumnElement[bool]] = [calls.c[name].in_(sorted(wanted.only[name])) for name in of_calls]
    if wanted.family == "parts" and "agent" in wanted.only:
        found.append(or_(false(), *(_mentions(conn, name) for name in sorted(wanted.only["agent"]))))
    if wanted.family == "visits":
        found.append(calls.c.visits > 0)
    if CHOSEN in wanted.only:
        found.append(menus.is_choice(wanted.only[CHOSEN]))
    return found


def _mentions(conn: AsyncConnection, name: str) -> ColumnElement[bool]:
    """Whether the record has this name somewhere, written as JSON has it."""
    inside = msgspec.json.encode(name).decode()[1:-1]
    seek = func.strpos if conn.dialect.name == "postgresql" else func.instr
    return seek(call_records.c.record, inside) > 0
