"""What search reads of a transcript, made anew whenever it is finished or corrected: only what is shown is in it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
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

_MOST_WORDS = 3000
"""Words a row: a tsvector knows 16,383 places, and 256 of each word."""

_PLACES = 1 << 8
"""Rows there is room for at one microsecond; more go on into the next."""

Text = tuple[int, str, str]
"""A turn's number, speaker and text."""


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
            select(turns.c.n, turns.c.speaker, turns.c.shown, turns.c.agent)
            .where(turns.c.transcript_id == transcript_id)
            .order_by(turns.c.start, turns.c.n)
        )
    ).all()
    found = await conn.scalars(
        select(category_calls.c.category_id).where(category_calls.c.transcript_id == transcript_id)
    )
    agents = {about.agent, *(turn.agent for turn in said)} - {""}
    words = facts(about.kind, about.server, about.queue, about.language, about.sentiment, agents, found.all())
    texts = [(turn.n, turn.speaker, turn.shown) for turn in said]
    await conn.execute(delete(speech_texts).where(speech_texts.c.transcript_id == transcript_id))
    parts = list(in_parts(texts))
    ids = await _free(conn, about.began_at, len(parts))
    await write_rows(conn, [row(conn, id_, transcript_id, part, words) for id_, part in zip(ids, parts, strict=True)])
    return sum(len(places(text)) for _, _, text in texts)


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


def in_parts(texts: Iterable[Text]) -> Iterator[list[Text]]:
    """Turns in groups of few enough words; nothing without any."""
    part: list[Text] = []
    n = 0
    for text in texts:
        words = len(text[2].split())
        if part and n + words > _MOST_WORDS:
            yield part
            part, n = [], 0
        part.append(text)
        n += words
    if part:
        yield part


def row(conn: AsyncConnection, id_: int, transcript_id: str, part: Sequence[Text], about: Sequence[str]) -> Row:
    """A row of some turns, as this database wants it."""
    said: dict[str, list[list[str]]] = {name: [] for name in COLUMNS}
    for _, speaker, text in part:
        said[speaker if speaker in ("customer", "agent") else "other"] += spoken(text)
    said["about"] = [[word] for word in about]
    spell = _tsvector if conn.dialect.name == "postgresql" else _words
    return {
        "id": id_, "transcript_id": transcript_id, "first_n": part[0][0],
        **{name: spell(sequences) for name, sequences in said.items()},
    }  # fmt: skip


def first_id(at: datetime) -> int:
    """The lowest id of a row about a talk that began then."""
    return to_micros(at) * _PLACES


async def _free(conn: AsyncConnection, at: datetime, n: int) -> list[int]:
    first = first_id(at)
    taken = set(
        await conn.scalars(
            select(speech_texts.c.id).where(speech_texts.c.id >= first, speech_texts.c.id < first + _PLACES * 16)
        )
    )
    return [id_ for id_ in range(first, first + _PLACES * 16) if id_ not in taken][:n]


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
