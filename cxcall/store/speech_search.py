"""Full-text search over all that was said: the newest talks first, each with the turns that were meant.

All words must be said in one talk, "words in quotes" next to each other in one turn, `begin*` is the beginning of a
word. Facts about the talk (queue, agent, category …) are words of the same index, so that a frequent word in a rare
queue is found as quickly as a rare word.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.speech.transcript import Speaker
from cxcall.store import understood
from cxcall.store.paging import MOST_ROWS, BadCursor, Cursor, Slice, cut
from cxcall.store.search_tables import speech_texts
from cxcall.store.speech_match import SearchFilter, query
from cxcall.store.speech_tables import transcripts, turns
from cxcall.store.speech_words import Term, asked, joined, spans, spans_of
from cxcall.store.transcripts import Transcript, of_row

__all__ = ["FoundTalk", "FoundTurn", "SearchFilter", "count", "marks", "page"]

_FEW = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundTurn:
    """A turn that was meant; `spans` are the pieces of `shown` to be marked. Opens at `start` seconds."""

    n: int
    speaker: Speaker
    agent: str
    start: float
    end: float
    shown: str
    spans: tuple[tuple[int, int], ...]
    sentiment: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundTalk:
    """A talk: the best of its turns in order of time (the first ones when no words were asked for), how many `more`
    have some of the words, and the ids of the categories found in it."""

    transcript: Transcript
    turns: tuple[FoundTurn, ...]
    more: int
    categories: tuple[str, ...]


async def page(
    conn: AsyncConnection, wanted: SearchFilter, *, limit: int = 20, after: str | None = None, shown: int = 3
) -> Slice[FoundTalk]:
    """One page of talks, each with up to `shown` turns. Raises `BadCursor`."""
    limit = max(1, min(limit, MOST_ROWS))
    cursor = Cursor.decode(after) if after else None
    terms = asked(wanted.text)
    if wanted.text.strip() and not terms:
        return Slice(rows=[], next=None, previous=None)
    rows = await _found(conn, wanted, terms, limit, cursor)
    found = cut(rows, limit, cursor, lambda row: (str(row.id), ""))
    talks = await _talks(conn, [row.transcript_id for row in found.rows], wanted, terms, shown)
    return Slice(rows=talks, next=found.next, previous=found.previous)


async def count(conn: AsyncConnection, wanted: SearchFilter, *, at_most: int = 1000) -> int:
    """How many talks; `at_most` + 1 stands for "more than that"."""
    terms = asked(wanted.text)
    if wanted.text.strip() and not terms:
        return 0
    some = query(wanted, terms, conn.dialect.name).limit(at_most + 1).subquery()
    return await conn.scalar(select(func.count()).select_from(some)) or 0


def marks(text: str, words: str) -> list[tuple[int, int]]:
    """The pieces of a text that were asked for: to find in one transcript by the same rules."""
    return spans(text, asked(words))


async def _found(
    conn: AsyncConnection, wanted: SearchFilter, terms: Sequence[Term], limit: int, cursor: Cursor | None
) -> list[Row[Any]]:
    """Rows of one page and one more."""
    found = query(wanted, terms, conn.dialect.name)
    id_ = found.selected_columns["id"]
    back = cursor is not None and cursor.back
    if cursor is not None:
        found = found.where(id_ > _place(cursor) if back else id_ < _place(cursor))

    def page(rows: Select[Any], key: ColumnElement[Any]) -> Select[Any]:
        return rows.order_by(key.asc() if back else key.desc()).limit(limit + 1)

    if conn.dialect.name != "postgresql" or not any(len(form) > 1 for term in terms for form in term.forms):
        return list((await conn.execute(page(found, id_))).all())
    # PostgreSQL takes words next to each other for more frequent than they are and would read all talks, newest
    # first. A phrase that is frequent is in the next few; the others are looked up by their words.
    edge = await conn.scalar(_edge(cursor, back=back))
    few = found if edge is None else found.where(id_ < edge if back else id_ > edge)
    rows = list((await conn.execute(page(few, id_))).all())
    if len(rows) > limit or edge is None:
        return rows
    return list((await conn.execute(page(found, id_ + 0))).all())


def _edge(cursor: Cursor | None, *, back: bool) -> Select[Any]:
    """The id that lies `_FEW` talks away; none when there are not so many."""
    id_ = speech_texts.c.id
    near = select(id_)
    if cursor is not None:
        near = near.where(id_ > _place(cursor) if back else id_ < _place(cursor))
    return near.order_by(id_.asc() if back else id_.desc()).offset(_FEW).limit(1)


async def _talks(
    conn: AsyncConnection, ids: Sequence[str], wanted: SearchFilter, terms: Sequence[Term], shown: int
) -> list[FoundTalk]:
    if not ids:
        return []
    known = {row.id: of_row(row) for row in await conn.execute(select(transcripts).where(transcripts.c.id.in_(ids)))}
    said: dict[str, list[_Meant]] = {}
    of_these = turns.c.transcript_id.in_(ids)
    columns = ("transcript_id", "n", "speaker", "agent", "start", "end", "shown", "sentiment", "felt")
    for row in await conn.execute(select(*(turns.c[name] for name in columns)).where(of_these)):
        if wanted.speaker in (None, row.speaker):
            found = [each for each in spans_of(row.shown, terms) if each]
            if found or not terms:
                said.setdefault(row.transcript_id, []).append(_Meant(row, found))
    categories = await understood.found_in(conn, ids)
    return [_talk(known[id_], said.get(id_, []), shown, tuple(categories.get(id_, ()))) for id_ in ids if id_ in known]


@dataclass(frozen=True, slots=True)
class _Meant:
    """A row of `turns` and where each of the terms it has stands in it."""

    row: Row[Any]
    found: list[list[tuple[int, int]]]


def _talk(transcript: Transcript, meant: Sequence[_Meant], shown: int, categories: tuple[str, ...]) -> FoundTalk:
    in_order = sorted(meant, key=lambda each: (each.row.start, each.row.n))
    # Those with most of the words, of equals the first.
    best = sorted(range(len(in_order)), key=lambda place: -len(in_order[place].found))[:shown]
    words = any(each.found for each in in_order)
    return FoundTalk(
        transcript=transcript,
        turns=tuple(_turn(in_order[place]) for place in sorted(best)),
        more=len(in_order) - len(best) if words else 0,
        categories=categories,
    )


def _turn(meant: _Meant) -> FoundTurn:
    row = meant.row
    return FoundTurn(
        n=row.n, speaker=row.speaker, agent=row.agent, start=row.start, end=row.end, shown=row.shown,
        spans=tuple(joined(span for each in meant.found for span in each)),
        sentiment=row.sentiment if row.felt is None else row.felt,
    )  # fmt: skip


def _place(cursor: Cursor) -> int:
    try:
        place = int(cursor.key)
    except ValueError:
        raise BadCursor(BadCursor.__doc__) from None
    if not 0 <= place < 1 << 63:
        raise BadCursor(BadCursor.__doc__)
    return place
