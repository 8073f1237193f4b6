"""Lists of transcripts, newest first, and what the lists of calls and reports show of them."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Column, ColumnElement, exists, func, literal, literal_column, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.store import recordings, understood
from cxcall.store.category_tables import category_calls
from cxcall.store.paging import MOST_ROWS, BadCursor, Cursor, Slice, cut
from cxcall.store.schema import UtcDateTime, from_micros, to_micros
from cxcall.store.speech_tables import transcripts
from cxcall.store.tables import BYTES
from cxcall.store.transcripts import Kind, State, Transcript, of_row


@dataclass(frozen=True, slots=True, kw_only=True)
class TranscriptFilter:
    """What is None or empty does not matter. `since` ≤ began < `until`; `agents`: interfaces."""

    since: datetime | None = None
    until: datetime | None = None
    queue: str | None = None
    agents: tuple[str, ...] = ()
    server: str | None = None
    customer_id: str | None = None
    kind: Kind | None = None
    state: State | None = None
    language: str | None = None
    category_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CallSpeech:
    """A call in lists: its feeling, who talked how much (`talk_share`: the agents' part, 0…1), the silence in it
    (`silence_share` of the talk, 0…1), ids of what was found, and whether there is sound to hear."""

    call_id: str
    transcript_id: str
    state: State
    language: str
    sentiment: float | None
    trend: float | None
    words: int
    talk_share: float | None
    silence_share: float | None
    categories: tuple[str, ...]
    sound: bool


async def page(
    conn: AsyncConnection, wanted: TranscriptFilter, *, limit: int = 50, after: str | None = None
) -> Slice[Transcript]:
    """One page of transcripts. Raises `BadCursor`."""
    limit = max(1, min(limit, MOST_ROWS))
    cursor = Cursor.decode(after) if after else None
    table = transcripts.c
    query = select(transcripts).where(*_conditions(wanted))
    back = cursor is not None and cursor.back
    if cursor is not None:
        spot = tuple_(table.began_at, table.id)
        seen = tuple_(literal(_moment(cursor), UtcDateTime), literal(cursor.id, BYTES))
        query = query.where(spot > seen if back else spot < seen)
    order = (table.began_at.asc(), table.id.asc()) if back else (table.began_at.desc(), table.id.desc())
    rows = [of_row(row) for row in await conn.execute(query.order_by(*order).limit(limit + 1))]
    return cut(rows, limit, cursor, lambda found: (str(to_micros(found.began_at)), found.id))


async def count(conn: AsyncConnection, wanted: TranscriptFilter, *, at_most: int = 100_000) -> int:
    """How many transcripts; `at_most` + 1 stands for "more than that"."""
    some = select(literal(1)).select_from(transcripts).where(*_conditions(wanted)).limit(at_most + 1).subquery()
    return await conn.scalar(select(func.count()).select_from(some)) or 0


async def of_calls(conn: AsyncConnection, call_ids: Iterable[str]) -> dict[str, CallSpeech]:
    """What was heard of each of these calls, by id; without those of which nothing was."""
    asked = sorted(set(call_ids))
    if not asked:
        return {}
    table = transcripts.c
    columns = (table.id, table.subject, table.state, table.language, table.sentiment, table.trend, table.words,
               table.figures)  # fmt: skip
    rows = (await conn.execute(select(*columns).where(table.kind == "call", table.subject.in_(asked)))).all()
    found = await understood.found_in(conn, [row.id for row in rows])
    sound = await recordings.of_calls(conn, asked)
    return {row.subject: _of_call(row, tuple(found.get(row.id, ())), row.subject in sound) for row in rows}


def _of_call(row: Any, categories: tuple[str, ...], sound: bool) -> CallSpeech:
    figures: dict[str, Any] = msgspec.json.decode(row.figures) if row.figures else {}
    return CallSpeech(
        call_id=row.subject, transcript_id=row.id, state=row.state, language=row.language, sentiment=row.sentiment,
        trend=row.trend, words=row.words, talk_share=figures.get("talk_share"),
        silence_share=(figures.get("silence") or {}).get("share"), categories=categories, sound=sound,
    )  # fmt: skip


def _conditions(wanted: TranscriptFilter) -> list[ColumnElement[bool]]:
    table = transcripts.c
    given: list[tuple[Callable[[Any, Any], ColumnElement[bool]], Column[Any], Any]] = [
        (operator.ge, table.began_at, wanted.since),
        (operator.lt, table.began_at, wanted.until),
        (operator.eq, table.queue, wanted.queue),
        (operator.eq, table.server, wanted.server),
        (operator.eq, table.customer_id, wanted.customer_id),
        (operator.eq, table.kind, wanted.kind),
        (operator.eq, table.state, wanted.state),
        (operator.eq, table.language, wanted.language),
    ]
    conditions = [compare(column, value) for compare, column, value in given if value is not None]
    if wanted.state not in (None, "done"):
        conditions.append(table.state != literal_column("'done'"))  # spelled as in the index
    if wanted.agents:
        mine = wanted.agents
        conditions.append(table.agent == mine[0] if len(mine) == 1 else table.agent.in_(mine))
    if wanted.category_id is not None:
        found = (category_calls.c.transcript_id == table.id, category_calls.c.category_id == wanted.category_id)
        conditions.append(exists().where(*found))
    return conditions


def _moment(cursor: Cursor) -> datetime:
    try:
        return from_micros(int(cursor.key))
    except (ValueError, OverflowError):
        raise BadCursor(BadCursor.__doc__) from None
