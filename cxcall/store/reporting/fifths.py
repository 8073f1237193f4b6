"""All customers of the site by their group of recency, frequency and value, as of last night whatever the period."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.reports.answer import Key
from cxcall.reports.definition import Narrowing
from cxcall.reports.tally import Tally
from cxcall.store import rfm
from cxcall.store.reporting.ask import Ask, CannotSplit
from cxcall.store.reporting.summing import NARROWED_BY, Found


async def read(conn: AsyncConnection, ask: Ask) -> Found:
    """The family `fifths`. Raises `CannotSplit` for other rows, and where it is narrowed."""
    narrowed = [row for value, row in NARROWED_BY if value(ask.narrowing)]
    if ask.narrowing != Narrowing() and not narrowed:
        narrowed = ["weekday" if ask.narrowing.weekdays else "hour_of_day"]
    for row in (*ask.by, *narrowed):
        if row != "rfm":
            raise CannotSplit(row, "fifths")
    found: Found = {}
    for group, number in (await rfm.counted(conn)).items():
        keys = (Key(row="rfm", value=group, title=group),) if ask.by else ()
        found.setdefault(keys, Tally()).add(Tally(sums={"fifths": float(number)}))
    return found
