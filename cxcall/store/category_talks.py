"""The talks behind a category: those it was found in, newest first, and those it would be tried on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, literal, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.speech.transcript import Turn
from cxcall.store.category_figures import Cut
from cxcall.store.category_tables import category_calls, category_hits
from cxcall.store.paging import MOST_ROWS, BadCursor, Cursor, Slice, cut
from cxcall.store.schema import UtcDateTime, from_micros, to_micros
from cxcall.store.speech_tables import transcripts, turns
from cxcall.store.tables import BYTES

_MOST_VALUES = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryCall:
    """A talk a category was found in: how often, and where first (`start` seconds) with the words that were said."""

    transcript_id: str
    call_id: str | None
    began_at: datetime
    queue: str
    agent: str
    agent_name: str
    customer_id: str | None
    hits: int
    start: float
    quote: str
    sentiment: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleTalk:
    """A talk to try categories on; the turns have no words of their own."""

    transcript_id: str
    call_id: str | None
    began_at: datetime
    queue: str
    language: str
    turns: tuple[Turn, ...]


async def page(
    conn: AsyncConnection, category_id: str, wanted: Cut, *, limit: int = 50, after: str | None = None
) -> Slice[CategoryCall]:
    """Talks a category was found in. Raises `BadCursor`."""
    limit = max(1, min(limit, MOST_ROWS))
    cursor = Cursor.decode(after) if after else None
    table, its = category_calls.c, transcripts.c
    first = and_(
        category_hits.c.transcript_id == table.transcript_id,
        category_hits.c.category_id == table.category_id,
        category_hits.c.place == 0,
    )
    query = (
        select(
            table.transcript_id, its.call_id, table.began_at, table.queue, table.agent, its.agent_name,
            its.customer_id, table.hits, table.start, category_hits.c.quote, table.sentiment,
        )
        .join(transcripts, its.id == table.transcript_id)
        .join(category_hits, first)
        .where(table.category_id == category_id, *_conditions(wanted))
    )  # fmt: skip
    back = cursor is not None and cursor.back
    if cursor is not None:
        spot = tuple_(table.began_at, table.transcript_id)
        seen = tuple_(literal(_moment(cursor), UtcDateTime), literal(cursor.id, BYTES))
        query = query.where(spot > seen if back else spot < seen)
    columns = (table.began_at, table.transcript_id)
    query = query.order_by(*(each.asc() if back else each.desc() for each in columns)).limit(limit + 1)
    rows = [CategoryCall(**row._mapping) for row in await conn.execute(query)]
    return cut(rows, limit, cursor, lambda row: (str(to_micros(row.began_at)), row.transcript_id))


async def sample(
    conn: AsyncConnection, *, most: int = 500, language: str | None = None, queues: Sequence[str] = ()
) -> list[SampleTalk]:
    """The newest calls that were heard, newest first: what is shown of their turns, by beginning."""
    its = transcripts.c
    where = [its.kind == "call", its.state == "done"]
    where += [its.language == language] if language is not None else []
    where += [its.queue.in_(queues)] if queues else []
    columns = (its.id, its.call_id, its.began_at, its.queue, its.language)
    newest = select(*columns).where(*where).order_by(its.began_at.desc(), its.id.desc()).limit(most)
    talks = (await conn.execute(newest)).all()
    said: dict[str, list[Turn]] = {talk.id: [] for talk in talks}
    ids = list(said)
    # Texts only: decoding each word's time would take ten times as long.
    names = ("transcript_id", "n", "speaker", "start", "end", "shown", "sentiment", "felt")
    for begin in range(0, len(ids), _MOST_VALUES):
        these = turns.c.transcript_id.in_(ids[begin : begin + _MOST_VALUES])
        for id_, n, speaker, start, end, text, heard, felt in await conn.execute(
            select(*(turns.c[name] for name in names)).where(these)
        ):
            mood = heard if felt is None else felt
            said[id_].append(Turn(n=n, speaker=speaker, start=start, end=end, text=text, sentiment=mood))
    return [
        SampleTalk(
            transcript_id=talk.id, call_id=talk.call_id, began_at=talk.began_at, queue=talk.queue,
            language=talk.language, turns=tuple(sorted(said[talk.id], key=lambda turn: (turn.start, turn.n))),
        )
        for talk in talks
    ]  # fmt: skip


def _conditions(wanted: Cut) -> list[ColumnElement[bool]]:
    table = category_calls.c
    conditions = [table.kind == "call", table.began_at >= wanted.period.since, table.began_at < wanted.period.until]
    conditions += [table.queue == wanted.queue] if wanted.queue is not None else []
    conditions += [or_(*(table.agent == agent for agent in wanted.agents))] if wanted.agents else []
    return conditions


def _moment(cursor: Cursor) -> datetime:
    try:
        return from_micros(int(cursor.key))
    except (ValueError, OverflowError):
        raise BadCursor(BadCursor.__doc__) from None
