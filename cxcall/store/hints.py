"""Hints that agents were shown, and what became of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, Row, case, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.store.category_tables import hints
from cxcall.store.ids import new_id
from cxcall.store.merged_calls import survivors
from cxcall.store.survey_figures import Period
from cxcall.store.upsert import insert_into

Kind = Literal["category", "required", "feeling", "article", "intent"]
"""Something was said; something was not said yet; the customer's feeling falls; an article answers it; somebody else
does what the customer wants (`category_id` is the name of the intent)."""

Outcome = Literal["shown", "used", "dismissed", "expired"]


@dataclass(frozen=True, slots=True, kw_only=True)
class NewHint:
    """A hint about to be shown. `at`: seconds of the transcript; `quote` hidden as it is shown; `shown_to`: the agent's
    interface; `id`: the caller's own, or "" for a new one."""

    transcript_id: str
    call_id: str | None
    kind: Kind
    at: float
    title: str
    reason: str = ""
    quote: str = ""
    category_id: str = ""
    article_id: str = ""
    shown_to: str = ""
    queue: str = ""
    id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hint:
    """A hint and its outcome; `by` is a login name."""

    id: str
    transcript_id: str
    call_id: str | None
    kind: Kind
    category_id: str
    article_id: str
    at: float
    title: str
    reason: str
    quote: str
    shown_to: str
    queue: str
    shown_at: datetime
    outcome: Outcome
    by: str
    decided_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class HintUse:
    """What became of the hints of one kind about one category or article; `shown` counts all of them."""

    kind: Kind
    category_id: str
    article_id: str
    shown: int
    used: int
    dismissed: int
    expired: int


async def show(conn: AsyncConnection, new: NewHint, *, now: datetime) -> Hint:
    """Keep that a hint is shown; one whose id is known stays as it is."""
    row = row_of(new, now)
    await conn.execute(insert_into(conn, hints).values(row).on_conflict_do_nothing(index_elements=["id"]))
    found = await get(conn, row["id"])
    assert found is not None  # noqa: S101 - just written
    return found


async def get(conn: AsyncConnection, hint_id: str) -> Hint | None:
    """A hint by id."""
    row = (await conn.execute(select(hints).where(hints.c.id == hint_id))).first()
    return _of_row(row) if row else None


async def decide(conn: AsyncConnection, hint_id: str, outcome: Outcome, *, now: datetime, by: str = "") -> Hint | None:
    """What became of a hint; only the first word counts. None for no such hint."""
    open_ = (hints.c.id == hint_id, hints.c.outcome == "shown")
    await conn.execute(update(hints).where(*open_).values(outcome=outcome, by=by, decided_at=now))
    return await get(conn, hint_id)


async def expire(conn: AsyncConnection, transcript_id: str, *, now: datetime) -> int:
    """The call is over: hints nobody decided on expired; how many."""
    open_ = (hints.c.transcript_id == transcript_id, hints.c.outcome == "shown")
    return (await conn.execute(update(hints).where(*open_).values(outcome="expired", decided_at=now))).rowcount


async def of_transcript(conn: AsyncConnection, transcript_id: str) -> list[Hint]:
    """Hints of a transcript, in the order they were shown."""
    return await _listed(conn, hints.c.transcript_id == transcript_id)


async def of_call(conn: AsyncConnection, call_id: str) -> list[Hint]:
    """Hints of a call, also by the id of one that became part of it, in the order they were shown."""
    stays = (await survivors(conn, [call_id])).get(call_id, call_id)
    return await _listed(conn, hints.c.call_id == stays)


async def uses(
    conn: AsyncConnection, period: Period, *, queue: str | None = None, agents: Sequence[str] = ()
) -> list[HintUse]:
    """What became of the hints shown in a period, those shown most first; `agents` are interfaces."""
    table = hints.c
    about = (table.kind, table.category_id, table.article_id)
    sums = [func.count(case((table.outcome == outcome, 1))) for outcome in ("used", "dismissed", "expired")]
    where: list[ColumnElement[bool]] = [table.shown_at >= period.since, table.shown_at < period.until]
    where += [table.queue == queue] if queue is not None else []
    where += [table.shown_to.in_(agents)] if agents else []
    query = select(*about, func.count(), *sums).where(*where).group_by(*about).order_by(func.count().desc(), *about)
    return [
        HintUse(
            kind=kind, category_id=category, article_id=article, shown=n, used=used, dismissed=dismissed,
            expired=expired,
        )
        for kind, category, article, n, used, dismissed, expired in await conn.execute(query)
    ]  # fmt: skip


def row_of(new: NewHint, now: datetime) -> dict[str, Any]:
    """The row of a hint nobody decided on yet."""
    given = {name: getattr(new, name) for name in new.__slots__}
    return {**given, "id": new.id or new_id(), "shown_at": now, "outcome": "shown", "by": "", "decided_at": None}


async def _listed(conn: AsyncConnection, where: ColumnElement[bool]) -> list[Hint]:
    query = select(hints).where(where).order_by(hints.c.shown_at, hints.c.id)
    return [_of_row(row) for row in await conn.execute(query)]


def _of_row(row: Row[Any]) -> Hint:
    return Hint(**row._mapping)
