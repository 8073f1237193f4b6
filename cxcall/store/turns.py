"""Turns of a transcript: what was said, when and by whom; what people corrected in it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Insert, Row, and_, case, delete, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.speech.transcript import Speaker, Turn, Word
from cxcall.store.bulk import BulkWrite
from cxcall.store.errors import Conflict
from cxcall.store.speech_tables import transcripts, turns
from cxcall.store.transcripts import NoSuchTranscript
from cxcall.store.upsert import insert_into

Hidden = tuple[int, int, str]
"""A piece of a text that is hidden: from, to (places in the text), and what it is (`card`, `phone` …)."""


class NoSuchTurn(Exception):
    """There is no such turn."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewTurn:
    """A turn to be kept. `shown`: its text with the `hidden` pieces as dots; None when nothing is hidden."""

    turn: Turn
    shown: str | None = None
    hidden: tuple[Hidden, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A turn as it holds. `text` is what a person corrected or else what the engine heard (`heard`); `hidden` are
    pieces of it, `shown` is it without them. `sentiment` likewise, `felt` being the person's. `version` counts
    corrections.
    """

    n: int
    speaker: Speaker
    start: float
    end: float
    text: str
    heard: str
    shown: str
    hidden: tuple[Hidden, ...]
    words: tuple[Word, ...]
    confidence: float | None
    channel: str
    agent: str
    sentiment: float | None
    felt: float | None
    version: int
    corrected_by: str
    corrected_at: datetime | None

    @property
    def turn(self) -> Turn:
        """As what is understood from it begins: with a sentiment only where a person gave one."""
        return Turn(
            n=self.n, speaker=self.speaker, start=self.start, end=self.end, text=self.text, confidence=self.confidence,
            words=self.words, channel=self.channel, agent=self.agent, sentiment=self.felt,
        )  # fmt: skip


async def put(conn: AsyncConnection, transcript_id: str, new: Sequence[NewTurn]) -> None:
    """Keep turns; one that is there is replaced, but for what people corrected. Raises `NoSuchTranscript`.

    `turn.text` may be the corrected text (the turn as it holds): then only what is hidden in it and the rest change.
    """
    # Asked first: an insert that is refused would cost PostgreSQL the whole transaction.
    there = select(transcripts.c.id).where(transcripts.c.id == transcript_id).with_for_update(read=True, key_share=True)
    if await conn.scalar(there) is None:
        raise NoSuchTranscript(NoSuchTranscript.__doc__)
    await _put(conn, [row_of(transcript_id, each) for each in new])


async def drop(conn: AsyncConnection, transcript_id: str, numbers: Collection[int]) -> None:
    """Take turns away that another one holds too; what a person corrected stays."""
    mine = (turns.c.transcript_id == transcript_id, turns.c.n.in_(numbers), turns.c.corrected_at.is_(None))
    await conn.execute(delete(turns).where(*mine))


async def of_transcript(conn: AsyncConnection, transcript_id: str) -> list[Said]:
    """All turns, by their beginning."""
    query = select(turns).where(turns.c.transcript_id == transcript_id)
    found = [of_row(row) for row in await conn.execute(query)]
    return sorted(found, key=lambda said: (said.start, said.n))


async def get(conn: AsyncConnection, transcript_id: str, n: int) -> Said | None:
    """One turn."""
    row = (await conn.execute(select(turns).where(*_key(transcript_id, n)))).first()
    return of_row(row) if row else None


async def last_n(conn: AsyncConnection, transcript_id: str) -> int:
    """The highest number of a turn, 0 when there is none: who goes on counts from it."""
    return await conn.scalar(select(func.max(turns.c.n)).where(turns.c.transcript_id == transcript_id)) or 0


async def correct(
    conn: AsyncConnection,
    transcript_id: str,
    n: int,
    *,
    version: int,
    by: str,
    now: datetime,
    text: str | None = None,
    shown: str | None = None,
    hidden: Sequence[Hidden] = (),
    sentiment: float | None = None,
) -> Said:
    """A person's text (`shown`: with `hidden` pieces as dots) or sentiment of a turn, or both; `by` is a login name.

    What the engine heard is kept. What follows from it (`understood.keep`) is the caller's, in the same transaction.
    Raises `NoSuchTurn`, `Conflict` (with the turn now).
    """
    values: dict[str, Any] = {"corrected_by": by, "corrected_at": now}
    if text is not None:
        values |= {"corrected": text, "shown": text if shown is None else shown, "hidden": _json(hidden)}
    if sentiment is not None:
        values["felt"] = max(-1.0, min(1.0, sentiment))
    return await _change(conn, transcript_id, n, version, values)


async def undo(
    conn: AsyncConnection,
    transcript_id: str,
    n: int,
    *,
    version: int,
    shown: str,
    hidden: Sequence[Hidden] = (),
) -> Said:
    """Take all corrections of a turn back; `shown` is what the engine heard with `hidden` pieces as dots.

    Raises `NoSuchTurn`, `Conflict` (with the turn now).
    """
    values = {
        "corrected": None, "felt": None, "corrected_by": "", "corrected_at": None, "shown": shown,
        "hidden": _json(hidden),
    }  # fmt: skip
    return await _change(conn, transcript_id, n, version, values)


def row_of(transcript_id: str, new: NewTurn) -> dict[str, Any]:
    """The row of a turn nobody corrected."""
    turn = new.turn
    text = _storable(turn.text)
    return {
        "transcript_id": transcript_id, "n": turn.n, "speaker": turn.speaker, "start": turn.start, "end": turn.end,
        "text": text, "corrected": None, "shown": text if new.shown is None else _storable(new.shown),
        "hidden": _json(new.hidden), "words": _storable(words_text(turn.words)), "confidence": turn.confidence,
        "channel": turn.channel, "agent": turn.agent, "sentiment": turn.sentiment, "felt": None, "version": 1,
        "corrected_by": "", "corrected_at": None,
    }  # fmt: skip


def of_row(row: Row[Any]) -> Said:
    """A row of the table."""
    return Said(
        n=row.n, speaker=row.speaker, start=row.start, end=row.end,
        text=row.text if row.corrected is None else row.corrected, heard=row.text, shown=row.shown,
        hidden=msgspec.json.decode(row.hidden, type=tuple[Hidden, ...]),
        words=words_of(row.words), confidence=row.confidence, channel=row.channel,
        agent=row.agent, sentiment=row.sentiment if row.felt is None else row.felt, felt=row.felt,
        version=row.version, corrected_by=row.corrected_by, corrected_at=row.corrected_at,
    )  # fmt: skip


def words_text(words: Sequence[Word]) -> str:
    """Words as they are kept: milliseconds are enough, and names of the values would be most of it."""
    return _json([
        (word.word, round(word.start, 3), round(word.end, 3), word.confidence and round(word.confidence, 3))
        for word in words
    ])  # fmt: skip


def words_of(text: str) -> tuple[Word, ...]:
    """The words of `words_text`."""
    kept = msgspec.json.decode(text, type=tuple[tuple[str, float, float, float | None], ...])
    return tuple([Word(word=word, start=start, end=end, confidence=sure) for word, start, end, sure in kept])


async def _change(conn: AsyncConnection, transcript_id: str, n: int, version: int, values: dict[str, Any]) -> Said:
    over = (*_key(transcript_id, n), turns.c.version == version)
    changed = update(turns).where(*over).values(**values, version=version + 1).returning(turns)
    row = (await conn.execute(changed)).first()
    if row is not None:
        return of_row(row)
    now = await get(conn, transcript_id, n)
    raise NoSuchTurn(NoSuchTurn.__doc__) if now is None else Conflict(now)


def _upsert(conn: AsyncConnection) -> Insert:
    insert = insert_into(conn, turns)
    new = insert.excluded
    again = ("speaker", "start", "end", "words", "confidence", "channel", "agent")
    as_it_holds = and_(turns.c.corrected.is_not(None), turns.c.corrected == new.text)
    fits = or_(turns.c.corrected.is_(None), turns.c.corrected == new.text)
    return insert.on_conflict_do_update(
        index_elements=["transcript_id", "n"],
        set_={
            **{name: new[name] for name in again},
            "text": case((as_it_holds, turns.c.text), else_=new.text),
            "shown": case((fits, new.shown), else_=turns.c.shown),
            "hidden": case((fits, new.hidden), else_=turns.c.hidden),
            "sentiment": case((turns.c.felt.is_not(None), turns.c.sentiment), else_=new.sentiment),
        },
    )


_put = BulkWrite(_upsert)


def _key(transcript_id: str, n: int) -> tuple[Any, ...]:
    return turns.c.transcript_id == transcript_id, turns.c.n == n


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()


def _storable(text: str) -> str:
    """PostgreSQL takes no NUL."""
    return text.replace("\0", "")
