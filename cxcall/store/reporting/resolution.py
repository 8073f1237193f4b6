"""First-contact resolution: answered calls after which the customer did not call again (METRICS.md `fcr`).

Told by the queue and agent that lists of calls name. Days whose seven days are over are read as they are kept (`kept`),
all others from the calls.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import FromClause, Select, case, func, literal, select
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.reports.checking import REPEAT_WINDOW
from cxcall.reports.definition import Row
from cxcall.reports.tally import Tally
from cxcall.store import rfm
from cxcall.store.reporting import segments
from cxcall.store.reporting.answers_rows import GRAIN, QUARTERS, quarter
from cxcall.store.reporting.ask import Ask
from cxcall.store.reporting.contacts import came_back, is_contact
from cxcall.store.reporting.kept_reading import parts_of
from cxcall.store.reporting.kept_tables import RESOLVED, rollup_resolution
from cxcall.store.reporting.ranges import Range, inside
from cxcall.store.reporting.slots import DAY, QUARTER, SIXTEEN
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
    found: Found = {}
    parts = await parts_of(conn, "resolution", ask)
    if parts.kept:
        found = await read_source(conn, ask, _KEPT, parts.kept)
    if parts.rest:
        rows = resolved(conn, parts.rest, now).subquery("its")
        for keys, tally in (await read_source(conn, ask, _source(rows, QUARTERS))).items():
            found.setdefault(keys, Tally()).add(tally)
    return found


def resolved(
    conn: AsyncConnection, times: Sequence[Range], now: datetime | None = None
) -> Select[tuple[Any, ...]]:  # fmt: skip
    """The answered contacts of some times: whether the customer came back, and whether they still may."""
    its = calls.c
    open_since = (now or datetime.now(UTC)) - REPEAT_WINDOW
    return select(
        GRAIN,
        quarter(conn, its.started_at).label("slot"),
        its.server,
        func.coalesce(its.queue, "").label("queue"),
        func.coalesce(its.agent, "").label("agent"),
        its.customer_id,
        literal(1).label("fcr_n"),
        case((came_back(conn), 0), else_=1).label("fcr_resolved"),
        case((its.started_at > open_since, 1), else_=0).label("fcr_open"),
    ).where(is_contact(calls), its.outcome == "answered", inside(its.started_at, times))


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
