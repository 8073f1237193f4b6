"""The calls behind a figure of speech, newest first: each figure's list holds exactly the calls it counts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, Select, and_, func, literal, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.speech.sentiment import CLEAR
from cxcall.store.category_figures import Cut
from cxcall.store.category_tables import category_calls, category_hits, required_checks
from cxcall.store.paging import MOST_ROWS, BadCursor, Cursor, Slice, cut
from cxcall.store.schema import UtcDateTime, from_micros, to_micros
from cxcall.store.speech_figures import heard_in, number
from cxcall.store.speech_tables import transcripts
from cxcall.store.tables import BYTES

Feeling = Literal["negative", "neutral", "positive", "known"]
Marked = Literal["silence", "interruption", "measured"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Talks:
    """What the calls of a list have in common. `category_id`: found in them; `feeling`: of the customer; `marked`:
    with a silence, an interruption, or any figures at all; `required_id` had to be said, and was or was not `said`
    (None: either)."""

    cut: Cut
    category_id: str | None = None
    feeling: Feeling | None = None
    marked: Marked | None = None
    required_id: str | None = None
    said: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Talk:
    """A call of the list; with a category, where it was found first (`start` seconds) and the words that were said."""

    transcript_id: str
    call_id: str | None
    began_at: datetime
    queue: str
    agent: str
    agent_name: str
    customer_id: str | None
    number: str
    sentiment: float | None
    trend: float | None
    start: float | None
    quote: str | None


async def page(conn: AsyncConnection, wanted: Talks, *, limit: int = 50, after: str | None = None) -> Slice[Talk]:
    """One page of the list. Raises `BadCursor`."""
    limit = max(1, min(limit, MOST_ROWS))
    cursor = Cursor.decode(after) if after else None
    its = transcripts.c
    places = category_hits.c if wanted.category_id is not None else None
    query: Select[Any] = select(
        its.id.label("transcript_id"), its.call_id, its.began_at, its.queue, its.agent, its.agent_name, its.customer_id,
        its.number, its.sentiment, its.trend, places.start if places else literal(None).label("start"),
        places.quote if places else literal(None).label("quote"),
    )  # fmt: skip
    query = _narrowed(conn, query, wanted)
    if places is not None:
        first = and_(places.transcript_id == its.id, places.category_id == wanted.category_id, places.place == 0)
        query = query.outerjoin(category_hits, first)
    back = cursor is not None and cursor.back
    if cursor is not None:
        spot = tuple_(its.began_at, its.id)
        seen = tuple_(literal(_moment(cursor), UtcDateTime), literal(cursor.id, BYTES))
        query = query.where(spot > seen if back else spot < seen)
    order = (its.began_at.asc(), its.id.asc()) if back else (its.began_at.desc(), its.id.desc())
    rows = [Talk(**row._mapping) for row in await conn.execute(query.order_by(*order).limit(limit + 1))]
    return cut(rows, limit, cursor, lambda row: (str(to_micros(row.began_at)), row.transcript_id))


async def count(conn: AsyncConnection, wanted: Talks) -> int:
    """How many calls the list holds."""
    return await conn.scalar(_narrowed(conn, select(func.count(transcripts.c.id)), wanted)) or 0


def _narrowed(conn: AsyncConnection, query: Select[Any], wanted: Talks) -> Select[Any]:
    its = transcripts.c
    query = query.select_from(transcripts)
    if wanted.category_id is not None:
        mine = category_calls.c
        query = query.join(category_calls, and_(mine.transcript_id == its.id, mine.category_id == wanted.category_id))
    if wanted.required_id is not None:
        checked = required_checks.c
        on = [checked.transcript_id == its.id, checked.category_id == wanted.required_id]
        on += [checked.said.is_(wanted.said)] if wanted.said is not None else []
        query = query.join(required_checks, and_(*on))
    return query.where(*heard_in(wanted.cut), *_felt(wanted.feeling), *_marked(conn, wanted.marked))


def _felt(feeling: Feeling | None) -> list[ColumnElement[bool]]:
    value = transcripts.c.sentiment
    if feeling is None:
        return []
    conditions: dict[Feeling, list[ColumnElement[bool]]] = {
        "negative": [value <= -CLEAR],
        "neutral": [value > -CLEAR, value < CLEAR],
        "positive": [value >= CLEAR],
        "known": [value.is_not(None)],
    }
    return conditions[feeling]


def _marked(conn: AsyncConnection, marked: Marked | None) -> list[ColumnElement[bool]]:
    if marked == "silence":
        return [number(conn, "silence", "count") > 0]
    if marked == "interruption":
        return [number(conn, "agent", "interruptions") + number(conn, "customer", "interruptions") > 0]
    return [transcripts.c.figures.is_not(None)] if marked == "measured" else []


def _moment(cursor: Cursor) -> datetime:
    try:
        return from_micros(int(cursor.key))
    except (ValueError, OverflowError):
        raise BadCursor(BadCursor.__doc__) from None
