"""Transcripts of the past, many at once: what a history is made of that nobody waits through."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import msgspec
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.speech.category import Hit
from cxcall.store import hints, speech_texts, turns, understood
from cxcall.store.bulk import BulkWrite, Row
from cxcall.store.category_tables import hints as hints_table
from cxcall.store.hints import NewHint
from cxcall.store.hints import Outcome as HintOutcome
from cxcall.store.search_tables import speech_texts as texts_table
from cxcall.store.speech_tables import transcripts
from cxcall.store.speech_tables import turns as turns_table
from cxcall.store.speech_words import places
from cxcall.store.transcripts import NewTranscript, Transcript, new_row
from cxcall.store.turns import NewTurn
from cxcall.store.upsert import insert_into

_MOST_VALUES = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class PastTalk:
    """A finished talk with all that was understood of it (as `understood.Outcome`) and the hints that were shown:
    each with its outcome and by whom; their transcript is filled in."""

    new: NewTranscript
    turns: Sequence[NewTurn]
    hits: Sequence[Hit] = ()
    said: Mapping[str, bool] = field(default_factory=dict)
    sentiment: float | None = None
    trend: float | None = None
    figures: Mapping[str, Any] | None = None
    hints: Sequence[tuple[NewHint, HintOutcome, str]] = ()


async def write(conn: AsyncConnection, past: Sequence[PastTalk]) -> list[Transcript]:
    """Write them as the functions of every day would have, step by step; their subjects must be new."""
    rows = [_row(talk) for talk in past]
    written = [Transcript(**{**row, "figures": talk.figures, "gaps": ()}) for row, talk in zip(rows, past, strict=True)]
    pairs = list(zip(written, past, strict=True))
    await _write_transcripts(conn, rows)
    await _write_turns(conn, [turns.row_of(made.id, turn) for made, talk in pairs for turn in talk.turns])
    await understood.write_hits(conn, [row for made, talk in pairs for row in understood.hit_rows(made.id, talk.hits)])
    await understood.write_calls(
        conn, [row for made, talk in pairs for row in understood.call_rows(made, talk.hits, talk.sentiment)]
    )
    await understood.write_required(
        conn, [row for made, talk in pairs for row in understood.required_rows(made, talk.said)]
    )
    await _write_hints(conn, [row for made, talk in pairs for row in _hints(made, talk)])
    await _index(conn, pairs)
    return written


def _row(talk: PastTalk) -> Row:
    new = talk.new
    texts = [turn.shown or turn.turn.text for turn in talk.turns]
    sure = [turn.turn.confidence for turn in talk.turns if turn.turn.confidence is not None]
    row = new_row(new, new.ended_at or new.began_at)
    if new.kind == "call":
        row["call_id"] = new.subject
    return row | {
        "progress": 1.0, "confidence": sum(sure) / len(sure) if sure else None,
        "words": sum(len(places(text)) for text in texts), "sentiment": talk.sentiment, "trend": talk.trend,
        "figures": None if talk.figures is None else msgspec.json.encode(talk.figures).decode(), "version": 2,
    }  # fmt: skip


def _hints(made: Transcript, talk: PastTalk) -> list[Row]:
    rows = []
    for new, outcome, by in talk.hints:
        shown_at = made.began_at + timedelta(seconds=new.at)
        row = hints.row_of(replace(new, transcript_id=made.id, call_id=made.call_id), shown_at)
        decided = None if outcome == "shown" else shown_at + timedelta(seconds=5)
        rows.append(row | {"outcome": outcome, "by": by, "decided_at": decided})
    return rows


async def _index(conn: AsyncConnection, pairs: Sequence[tuple[Transcript, PastTalk]]) -> None:
    rows: dict[int, Row] = {}
    for made, talk in pairs:
        agents = {made.agent, *(turn.turn.agent for turn in talk.turns)} - {""}
        categories = dict.fromkeys(hit.category for hit in talk.hits)
        about = speech_texts.facts(
            made.kind, made.server, made.queue, made.language, talk.sentiment, agents, categories
        )
        texts = [(turn.turn.speaker, turn.shown or turn.turn.text) for turn in talk.turns]
        id_ = speech_texts.first_id(made.began_at)
        while id_ in rows:
            id_ += 1
        rows[id_] = speech_texts.row(conn, id_, made.id, texts, about)
    # Rows of earlier talks that began at the very same moment.
    while taken := await _taken(conn, list(rows)):
        for id_ in sorted(taken):
            row = rows.pop(id_)
            while id_ in rows or id_ in taken:
                id_ += 1
            rows[id_] = row | {"id": id_}
    await speech_texts.write_rows(conn, list(rows.values()))


async def _taken(conn: AsyncConnection, ids: Sequence[int]) -> set[int]:
    taken: set[int] = set()
    for begin in range(0, len(ids), _MOST_VALUES):
        some = ids[begin : begin + _MOST_VALUES]
        taken |= set(await conn.scalars(select(texts_table.c.id).where(texts_table.c.id.in_(some))))
    return taken


_write_transcripts = BulkWrite(lambda conn: insert_into(conn, transcripts))
_write_turns = BulkWrite(lambda conn: insert_into(conn, turns_table))
_write_hints = BulkWrite(lambda conn: insert_into(conn, hints_table))
