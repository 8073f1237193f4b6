"""Words about a caller's calls, taken out of evaluations and what came of them; what was scored stays counted."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import ColumnElement, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.quality.scoring import Answer
from cxcall.store import customers
from cxcall.store.identities import identities
from cxcall.store.quality.tables import (
    coaching_tasks,
    evaluation_corrections,
    evaluation_disputes,
    evaluations,
    quality_reviews,
)
from cxcall.store.tables import calls

GONE = "—"
"""What a coaching task says instead: it stays in its list."""

_answers = msgspec.json.Decoder(dict[str, Answer])


async def forget_caller(conn: AsyncConnection, number: str) -> int:
    """Comments, reasons, disputes and coaching of the calls of this E.164 number, and of all numbers of the customer it
    is of, go; how many evaluations. An evaluation's version goes up: a page that is still open can't bring words back.
    """
    theirs = select(calls.c.id).where(await _of(conn, number))
    found = (await conn.execute(select(evaluations).where(evaluations.c.call_id.in_(theirs)))).all()
    for row in found:
        values = {"comment": "", "answers": _bare(row.answers), "version": row.version + 1}
        await conn.execute(update(evaluations).where(evaluations.c.id == row.id).values(values))
    ids = [row.id for row in found]
    await _forget_corrections(conn, ids)
    said = evaluation_disputes
    await conn.execute(update(said).where(said.c.evaluation_id.in_(ids)).values(said="", answer=""))
    tasks = update(coaching_tasks).where(coaching_tasks.c.evaluation_id.in_(ids))
    await conn.execute(tasks.values(text=GONE, done_note="", version=coaching_tasks.c.version + 1))
    skipped = (quality_reviews.c.call_id.in_(theirs), quality_reviews.c.skipped_why.is_not(None))
    await conn.execute(update(quality_reviews).where(*skipped).values(skipped_why=""))
    return len(ids)


async def _of(conn: AsyncConnection, number: str) -> ColumnElement[bool]:
    customer = await customers.by_number(conn, number)
    numbers = {number, *(customer.profile.numbers if customer else ())}
    theirs: ColumnElement[bool] = calls.c.party_number.in_(sorted(numbers))
    return theirs if customer is None else or_(theirs, calls.c.customer_id.in_(await identities(conn, customer.id)))


async def _forget_corrections(conn: AsyncConnection, ids: list[str]) -> None:
    its = evaluation_corrections.c
    rows: Any = await conn.execute(select(evaluation_corrections).where(its.evaluation_id.in_(ids)))
    for row in rows.all():
        values = {"comment": "", "why": "", "answers": _bare(row.answers)}
        mine = (its.evaluation_id == row.evaluation_id, its.n == row.n)
        await conn.execute(update(evaluation_corrections).where(*mine).values(values))


def _bare(answers: str) -> str:
    bare = {id_: msgspec.structs.replace(one, comment="") for id_, one in _answers.decode(answers).items()}
    return msgspec.json.encode(bare).decode()
