"""Reads what was counted in a period, split and narrowed as a report asks: the one way to figures of rollups.

Each family of figures is a module with `read(conn, ask)`; what families tell of the same row is put together.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import tzinfo

from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.reports.answer import Key
from cxcall.reports.definition import Narrowing, Row
from cxcall.reports.period import CalendarName, Span
from cxcall.reports.tally import Tally
from cxcall.store.reporting import (
    answers,
    callers,
    calls,
    due,
    fifths,
    parts,
    resolution,
    speech,
    states,
    transfers,
    visits,
)
from cxcall.store.reporting.ask import Ask, CannotSplit

__all__ = ["FAMILIES", "Ask", "CannotSplit", "Read", "tallies"]

Read = Callable[[AsyncConnection, Ask], Awaitable[dict[tuple[Key, ...], Tally]]]

FAMILIES: dict[str, Read] = {
    "visits": visits.read,
    "parts": parts.read,
    "states": states.read,
    "calls": calls.read,
    "transfers": transfers.read,
    "answers": answers.read,
    "speech": speech.read,
    "resolution": resolution.read,
    "customers": callers.read,
    "fifths": fifths.read,
}
"""By the names measures have of them."""
_OF_ENDED_CALLS = frozenset(("visits", "parts", "calls", "transfers"))
"""Families read from rollups that ended calls add to."""


async def tallies(
    conn: AsyncConnection,
    *,
    span: Span,
    by: tuple[Row, ...],
    narrowing: Narrowing,
    families: frozenset[str],
    zone: tzinfo,
    calendar: CalendarName,
    waits: bool = True,
    language: str = "en",
) -> dict[tuple[Key, ...], Tally]:
    """What was counted in a period, by row; rows in which nothing was are not there. By no kind of row: the whole.

    `zone`: the one rollups are kept for. `waits`: whether percentiles of waits are wanted (they cost most of all).
    `language`: of what people named in several.
    Raises `CannotSplit` where a family does not know a kind of row or what it is narrowed to.
    """
    ask = Ask(span=span, by=by, narrowing=narrowing, zone=zone, calendar=calendar, waits=waits, language=language)
    if not _OF_ENDED_CALLS.isdisjoint(families):
        await due.settle(conn, zone)
    found: dict[tuple[Key, ...], Tally] = {}
    for family in sorted(families):
        for keys, tally in (await FAMILIES[family](conn, ask)).items():
            found.setdefault(keys, Tally()).add(tally)
    return found
