"""First-contact resolution: answered calls after which the customer did not call again (METRICS.md `fcr`).

Told by the queue and agent that lists of calls name. Days whose seven days are over are read as they are kept (`kept`).
Days that are open are kept as they stood an hour or two ago: who came back since is looked for among the calls since.
All others are read from the calls.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Select, case, func, literal, select
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.reports.checking import REPEAT_WINDOW
from cxcall.reports.definition import Row
from cxcall.reports.tally import Tally
from cxcall.store import rfm
from cxcall.store.reporting import segments
from cxcall.store.reporting.answers_rows import GRAIN, QUARTERS, quarter, unindexed
from cxcall.store.reporting.ask import Ask
from cxcall.store.reporting.contacts import came_back, is_contact
from cxcall.store.reporting.kept_reading import OpenDay, Parts, parts_of
from cxcall.store.reporting.kept_tables import RESOLVED, rollup_resolution
from cxcall.store.reporting.ranges import Range, inside
from cxcall.store.reporting.slots import DAY, QUARTER, SIXTEEN, Run
from cxcall.store.reporting.summing import Found, Source, plain, read_source
from cxcall.store.tables import calls

_ROWS: dict[Row, str] = {"server": "server", "queue": "queue", "agent": "agent"}


async def read(conn: AsyncConnection, ask: Ask, now: datetime | None = None) -> Found:
    """The family `resolution`. `now`: until when it is known who came back; None: the clock's."""
    if {"segment", "rfm"}.intersection(ask.by):
        rows = resolved(conn, ((ask.span.since, ask.span.until),), now).subquery("rows")
        if "segment" in ask.by:
            rows = segments.told(conn, ask, rows)
        if "rfm" in ask.by:
            rows = await rfm.told(conn, rows)
        return await read_source(conn, ask, _source(rows, QUARTERS, segment="segment", rfm="rfm"))
    parts = await parts_of(conn, "resolution", ask)
    found = await _of_parts(conn, ask, parts, now)
    if parts.open and (await parts_of(conn, "resolution", ask)).open != parts.open:
        # Forgotten or counted anew meanwhile: what was read of them does not fit together.
        return await _of_parts(conn, ask, await parts_of(conn, "resolution", ask, opened=False), now)
    return found


async def _of_parts(conn: AsyncConnection, ask: Ask, parts: Parts, now: datetime | None) -> Found:
    found: Found = {}
    several: list[tuple[Source, Sequence[Run] | None]] = [(_KEPT, parts.kept)] if parts.kept else []
    if parts.open:
        runs = [Run(one.grain, one.day, one.day) for one in parts.open]
        several.append((_source(_stood(parts.open, _open_since(now)), frozenset((QUARTER, DAY, SIXTEEN))), runs))
        several += [(_source(rows.subquery("its"), QUARTERS), None) for rows in _since(conn, parts.open, now)]
    if parts.rest:
        several.append((_source(resolved(conn, parts.rest, now).subquery("its"), QUARTERS), None))
    for source, its in several:
        for keys, tally in (await read_source(conn, ask, source, its)).items():
            found.setdefault(keys, Tally()).add(tally)
    return found


def _stood(days: Sequence[OpenDay], open_since: datetime) -> FromClause:
    """Open days as they stood; those that were open as a whole still are, of the one that is not now see `_since`."""
    its, whole = rollup_resolution.c, [one.day for one in days if one.since > open_since]
    still = case((its.slot.in_(whole), its.fcr_n), else_=0.0).label("fcr_open")
    return select(*(column for column in its if column.name != "fcr_open"), still).subquery("its")


def _since(conn: AsyncConnection, days: Sequence[OpenDay], now: datetime | None) -> Iterator[Select[tuple[Any, ...]]]:
    """What has to be added to open days as they stood: who came back since, and which of a day are open still."""
    stood: dict[datetime, list[Range]] = {}
    for one in days:
        if one.until > (begin := max(one.since, one.as_of - REPEAT_WINDOW)):
            stood.setdefault(one.as_of, []).append((begin, one.until))
    for as_of, times in stood.items():
        whole = min(since for since, _ in times), max(until for _, until in times)
        again, its = calls.alias("lately"), calls.c
        lately = (
            select(again.c.customer_id)
            .distinct()
            .where(is_contact(again), again.c.started_at >= as_of, again.c.started_at <= whole[1] + REPEAT_WINDOW)
        )
        # Along the customers who called: answered contacts of a week are many more.
        who = lately.cte("who").prefix_with("MATERIALIZED")
        query = _rows(conn, literal(0), literal(-1), literal(0), outcome=unindexed(its.outcome))
        yield query.where(
            its.customer_id.in_(select(who.c.customer_id).scalar_subquery()),
            inside(its.started_at, tuple(_joined(times))),
            came_back(conn, since=as_of),
            ~came_back(conn, until=as_of),
        )
    open_since = _open_since(now)
    for one in days:
        if one.since <= open_since < one.until:
            after = (open_since + timedelta(microseconds=1), one.until)
            yield _rows(conn, literal(0), literal(0), literal(1)).where(inside(calls.c.started_at, (after,)))


def _joined(times: Iterable[Range]) -> Iterator[Range]:
    """The same with those that follow each other as one: an index is looked into once."""
    held: Range | None = None
    for since, until in sorted(times):
        if held is not None and held[1] != since:
            yield held
            held = None
        held = (since if held is None else held[0], until)
    if held is not None:
        yield held


def _open_since(now: datetime | None) -> datetime:
    return (now or datetime.now(UTC)) - REPEAT_WINDOW


def resolved(
    conn: AsyncConnection, times: Sequence[Range], now: datetime | None = None, *, as_of: datetime | None = None
) -> Select[tuple[Any, ...]]:
    """The answered contacts of some times: whether the customer came back (before `as_of`, None: until today), and
    whether they still may."""
    its = calls.c
    return _rows(
        conn,
        literal(1),
        case((came_back(conn, until=as_of), 0), else_=1),
        case((its.started_at > _open_since(now), 1), else_=0),
    ).where(inside(its.started_at, times))


def _rows(
    conn: AsyncConnection, *sums: ColumnElement[Any], outcome: ColumnElement[Any] = calls.c.outcome
) -> Select[tuple[Any, ...]]:
    """Answered contacts, each with what it adds to `RESOLVED`. `outcome`: theirs, as it is looked for."""
    its = calls.c
    return select(
        GRAIN,
        quarter(conn, its.started_at).label("slot"),
        its.server,
        func.coalesce(its.queue, "").label("queue"),
        func.coalesce(its.agent, "").label("agent"),
        its.customer_id,
        *(amount.label(name) for amount, name in zip(sums, RESOLVED, strict=True)),
    ).where(is_contact(calls), outcome == "answered")


def _source(table: FromClause, grains: frozenset[int], **more: str) -> Source:
    return Source(
        family="resolution",
        table=table,
        rows=_ROWS | more,  # type: ignore[arg-type] # a row of segments is one too
        summed=RESOLVED,
        make=plain(counts={name: name for name in RESOLVED}, times={}),
        grains=grains,
        on_server=frozenset(("queue",)),
    )


_KEPT = _source(rollup_resolution, frozenset((QUARTER, DAY, SIXTEEN)))
