"""Transcripts made short for tests."""

from __future__ import annotations

from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.speech.category import Hit
from cxcall.speech.transcript import Turn, Word
from cxcall.store import transcripts, turns
from cxcall.store.transcripts import NewTranscript, Transcript
from cxcall.store.turns import NewTurn
from tests.store.make import after


def talk(n: int, *, at: float = 0, **other: Any) -> NewTranscript:
    """The n-th call of the lab, heard live in the queue support by Sara's phone."""
    known: dict[str, Any] = {
        "kind": "call", "subject": f"lab-{n}.1", "began_at": after(at), "state": "live", "source": "live",
        "server": "lab", "queue": "support", "agent": "PJSIP/1001", "agent_name": "Sara", "language": "en",
    }  # fmt: skip
    return NewTranscript(**(known | other))


def turn(n: int, text: str, *, speaker: Any = None, start: float | None = None, **other: Any) -> Turn:
    """The n-th turn, five seconds after the one before; odd ones are the customer's."""
    begins = n * 5.0 if start is None else start
    words = tuple(
        Word(word=word, start=begins + place / 2, end=begins + place / 2 + 0.4, confidence=0.75)
        for place, word in enumerate(text.split())
    )
    speaker = speaker or ("customer" if n % 2 else "agent")
    known: dict[str, Any] = {"agent": "PJSIP/1001" if speaker == "agent" else "", "confidence": 0.75}
    return Turn(n=n, speaker=speaker, start=begins, end=begins + 4, text=text, words=words, **(known | other))


def hit(category: str, n: int, quote: str = "") -> Hit:
    """A category found at the beginning of a turn."""
    return Hit(category=category, n=n, start=n * 5.0, quote=quote, spans=((0, len(quote)),))


async def spoken(conn: AsyncConnection, n: int, *texts: str, at: float = 0, **other: Any) -> Transcript:
    """A finished talk of these turns."""
    made = await transcripts.begin(conn, talk(n, at=at, **other), now=after(at))
    await turns.put(conn, made.id, [NewTurn(turn=turn(place, text)) for place, text in enumerate(texts, 1)])
    return await transcripts.finish(conn, made.id, now=after(at + 60), ended_at=after(at + 60))
