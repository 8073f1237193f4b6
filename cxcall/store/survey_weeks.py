"""How many were asked and finished in each of several spans, in one pass over the index of those that were asked."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise

from sqlalchemy import ColumnElement, and_, case, func, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.store.survey_figures import Cut
from cxcall.store.survey_tables import survey_responses


async def asked_by_edges(conn: AsyncConnection, edges: Sequence[datetime], cut: Cut) -> list[tuple[int, int]]:
    """(asked, finished) of each span [edge, next edge); the period of `cut` does not matter."""
    table = survey_responses.c
    sums = []
    for since, until in pairwise(edges):
        within = and_(table.offered_at >= since, table.offered_at < until)
        sums += [func.count(case((within, 1))), func.count(case((and_(within, table.state == "finished"), 1)))]
    which = text("survey_responses.state <> 'not_asked'")  # in the words of the indexes that hold only these rows
    conditions: list[ColumnElement[bool]] = [
        table.kind != "test",
        table.offered_at >= edges[0],
        table.offered_at < edges[-1],
    ]
    conditions += [table.queue == cut.queue] if cut.queue else []
    conditions += [table.agent.in_(cut.agents)] if cut.agents else []
    conditions += [table.survey_id == cut.survey_id] if cut.survey_id else []
    counts = (await conn.execute(select(*sums).where(which, *conditions))).one()
    return list(zip(counts[::2], counts[1::2], strict=True))
