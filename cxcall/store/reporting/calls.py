"""Whole calls by what was dialled, which way they went and how they ended, booked where they began."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.reports.tally import Tally
from cxcall.store.reporting import menus
from cxcall.store.reporting.ask import Ask
from cxcall.store.reporting.summing import MICROSECONDS, Found, Source, read_source
from cxcall.store.reporting.tables import rollup_calls


def _calls(row: Mapping[str, Any]) -> Tally:
    calls = float(row["calls"])
    return Tally(
        sums={
            "calls": calls,
            "calls_answered": calls if row["outcome"] == "answered" else 0.0,
            "calls_talk": float(row["talk"]) * MICROSECONDS,
            "calls_wait": float(row["wait"]) * MICROSECONDS,
        }
    )


CALLS = Source(
    family="calls",
    table=rollup_calls,
    rows={"server": "server", "did": "did", "direction": "direction", "outcome": "outcome"},
    apart=("outcome",),
    summed=("calls", "talk", "wait"),
    make=_calls,
)


async def read(conn: AsyncConnection, ask: Ask) -> Found:
    """The family `calls`. Rollups do not know what callers chose: that is told from what they said."""
    if "menu" not in ask.by:
        return await read_source(conn, ask, CALLS)
    whole = await read_source(conn, replace(ask, by=tuple(row for row in ask.by if row != "menu")), CALLS)
    return await menus.read(conn, ask, whole)
