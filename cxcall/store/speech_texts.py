"""What search reads of a transcript, made anew whenever it is finished or corrected: only what is shown is in it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.store.bulk import BulkWrite, Row
from cxcall.store.category_tables import category_calls
from cxcall.store.schema import to_micros
from cxcall.store.search_tables import COLUMNS, speech_texts
from cxcall.store.speech_tables import transcripts, turns
from cxcall.store.speech_words import GAP, fact, places, spoken
from cxcall.store.upsert import insert_into

_PLACES = 1 << 8
"""Talks there is room for at one microsecond; more go on into the next."""

Text = tuple[str, str]
"""A turn's speaker and what is shown of it."""


async def write(conn: AsyncConnection, transcript_id: str) -> int:
    """Let search find the transcript as it is now; how many words it has. 0 when there is no such transcript."""
    table = transcripts.c
    columns = (table.began_at, table.kind, table.server, table.queue, table.agent, table.language, table.sentiment)
    query = select(*columns)
    about = (await conn.execute(query.where(table.id == transcript_id).with_for_update())).first()
    if about is None:
        return 0
    said = (
        await conn.execute(
            select(turns.c.speaker, turns.c.shown, turns.c.agent)
            .where(turns.c.transcript_id == transcript_id)
            .order_by(turns.c.start, turns.c.n)
        )
    ).all()
    found = await conn.scalars(
        select(category_calls.c.category_id).where(category_calls.c.transcript_id == transcript_id)
    )
    agents = {about.agent, *(turn.agent for turn in said)} - {""}
    words = facts(about.kind, about.server, about.queue, about.language, about.sentiment, agents, found.all())
    texts = [(turn.speaker, turn.shown) for turn in said]
    await conn.execute(delete(speech_texts).where(speech_texts.c.transcript_id == transcript_id))
    await write_rows(conn, [row(conn, await _free(conn, about.began_at), transcript_id, texts, words)])
    return sum(len(places(text)) for _, text in texts)


def facts(
    kind: str,
    server: str,
    queue: str,
    language: str,
    sentiment: float | None,
    agents: Iterable[str],
    categories: Iterable[str],
) -> list[str]:
    """What can be asked about a transcript beside its words."""
    known = [fact("k", kind), fact("s", server), fact("q", queue), fact("l", language)]
    known += [mood(sentiment)] if sentiment is not None else []
    return [*known, *(fact("a", agent) for agent in agents), *(fact("c", category) for category in categories)]


def mood(sentiment: float) -> str:
    """A sentiment in tenths."""
    return f"m{round(sentiment * 10) + 10:02d}"


def row(conn: AsyncConnection, id_: int, transcript_id: str, texts: Iterable[Text], about: Iterable[str]) -> Row:
    """The row of a transcript, as this database wants it."""
    said: dict[str, list[list[str]]] = {name: [] for name in COLUMNS}
    for speaker, text in texts:
        said[speaker if speaker in ("customer", "agent") else "other"] += spoken(text)
    said["about"] = [[word] for word in about]
    spell = _tsvector if conn.dialect.name == "postgresql" else _words
    return {
        "id": id_,
        "transcript_id": transcript_id,
        **{name: spell(sequences) for name, sequences in said.items()},
    }


def first_id(at: datetime) -> int:
    """The lowest id of a row about a talk that began then."""
    return to_micros(at) * _PLACES


async def _free(conn: AsyncConnection, at: datetime) -> int:
    first = first_id(at)
    last = first + _PLACES * 16
    taken = await conn.scalars(select(speech_texts.c.id).where(speech_texts.c.id >= first, speech_texts.c.id < last))
    return min(set(range(first, last)) - set(taken))


def _words(sequences: Iterable[Sequence[str]]) -> str:
    return f" {GAP} ".join(" ".join(words) for words in sequences)


def _tsvector(sequences: Iterable[Sequence[str]]) -> str:
    known: dict[str, list[str]] = {}
    at = 0
    for words in sequences:
        for word in words:
            at += 1
            known.setdefault(word, []).append(str(at))
        at += 1
    return " ".join(f"'{word}':{','.join(spots)}" for word, spots in known.items())


write_rows = BulkWrite(lambda conn: insert_into(conn, speech_texts))
"""Rows of `row` for transcripts that have none yet."""
