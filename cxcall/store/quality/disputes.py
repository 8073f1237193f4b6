"""Disputes: an agent does not agree with an evaluation; a supervisor answers. Only a correction changes the score."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import Row, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.store.errors import Conflict
from cxcall.store.ids import new_id
from cxcall.store.quality import evaluations
from cxcall.store.quality.evaluations import NoSuchEvaluation
from cxcall.store.quality.tables import evaluation_disputes
from cxcall.store.upsert import insert_into

State = Literal["open", "upheld", "rejected", "withdrawn"]
WITHIN = timedelta(days=14)
"""After an evaluation was submitted it can be disputed for so long."""
LONGEST = 4000

_its = evaluation_disputes.c


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispute:
    """`by`: the agent's user id; `answered_by`: a login name, "" while it is open."""

    id: str
    evaluation_id: str
    by: str
    said: str
    at: datetime
    state: State
    answer: str
    answered_by: str
    answered_at: datetime | None


class NoSuchDispute(Exception):
    """There is no such open dispute (any more)."""


class TooLate(Exception):
    """An evaluation can be disputed for 14 days after it was submitted."""


class AlreadyDisputed(Exception):
    """This evaluation is disputed already, and not answered yet."""


async def open_(conn: AsyncConnection, evaluation_id: str, said: str, *, by: str, now: datetime) -> Dispute:
    """Disagree with one's own evaluation; `by` is the agent's user id.

    Raises `NoSuchEvaluation` (also of somebody else's), `TooLate`, `AlreadyDisputed`.
    """
    found = await evaluations.get(conn, evaluation_id)
    if found is None or found.agent_user_id != by or found.submitted_at is None:
        raise NoSuchEvaluation(NoSuchEvaluation.__doc__)
    if now - found.submitted_at > WITHIN:
        raise TooLate(TooLate.__doc__)
    row = {
        "id": new_id(), "evaluation_id": evaluation_id, "by": by, "said": said[:LONGEST], "at": now, "state": "open",
        "answer": "", "answered_by": "", "answered_at": None,
    }  # fmt: skip
    insert = insert_into(conn, evaluation_disputes).values(row).on_conflict_do_nothing().returning(*_its)
    made = (await conn.execute(insert)).first()
    if made is None:
        raise AlreadyDisputed(AlreadyDisputed.__doc__)
    return _of_row(made)


async def answer(conn: AsyncConnection, dispute_id: str, *, upheld: bool, said: str, by: str, now: datetime) -> Dispute:
    """Settle an open dispute. Raises `NoSuchDispute`, `Conflict` (with the dispute as it was settled already)."""
    state = "upheld" if upheld else "rejected"
    values = {"state": state, "answer": said[:LONGEST], "answered_by": by, "answered_at": now}
    return await _settle(conn, dispute_id, values)


async def withdraw(conn: AsyncConnection, dispute_id: str, *, by: str, now: datetime) -> Dispute:
    """Take one's own dispute back. Raises `NoSuchDispute` (also of somebody else's), `Conflict`."""
    found = await get(conn, dispute_id)
    if found is None or found.by != by:
        raise NoSuchDispute(NoSuchDispute.__doc__)
    return await _settle(conn, dispute_id, {"state": "withdrawn", "answered_at": now})


async def get(conn: AsyncConnection, dispute_id: str) -> Dispute | None:
    """A dispute by id."""
    row = (await conn.execute(select(evaluation_disputes).where(_its.id == dispute_id))).first()
    return _of_row(row) if row else None


async def of_evaluation(conn: AsyncConnection, evaluation_id: str) -> list[Dispute]:
    """The disputes of an evaluation, the first first."""
    query = select(evaluation_disputes).where(_its.evaluation_id == evaluation_id).order_by(_its.at, _its.id)
    return [_of_row(row) for row in await conn.execute(query)]


async def listed(
    conn: AsyncConnection, *, open_only: bool = True, by: str | None = None, limit: int = 100
) -> list[Dispute]:
    """Disputes (`by` an agent's user id: theirs): open ones by age, the eldest first; else all, the newest first."""
    query = select(evaluation_disputes)
    if by is not None:
        query = query.where(_its.by == by)
    if open_only:
        query = query.where(_its.state == "open").order_by(_its.at, _its.id)
    else:
        query = query.order_by(_its.at.desc(), _its.id)
    return [_of_row(row) for row in await conn.execute(query.limit(limit))]


async def _settle(conn: AsyncConnection, dispute_id: str, values: dict[str, Any]) -> Dispute:
    query = update(evaluation_disputes).where(_its.id == dispute_id, _its.state == "open").values(values)
    row = (await conn.execute(query.returning(*_its))).first()
    if row is not None:
        return _of_row(row)
    current = await get(conn, dispute_id)
    raise NoSuchDispute(NoSuchDispute.__doc__) if current is None else Conflict(current)


def _of_row(row: Row[Any]) -> Dispute:
    return Dispute(**row._mapping)
