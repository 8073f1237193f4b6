"""A call's transcript as other programs and people take it away: JSON (INTERFACES.md 3, with ids), text, subtitles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from cxcall.speech import writing
from cxcall.speech.category import Kind, Texts, Tone
from cxcall.speech.transcript import Speaker, Word
from cxcall.store.transcripts import Transcript, Unheard
from cxcall.store.turns import Said
from cxcall.web.api.wire import Time
from cxcall.web.pages.speech.call_loading import Kept
from cxcall.web.pages.speech.call_rows import Names


class CorrectedTurn(msgspec.Struct, frozen=True, kw_only=True):
    """Who changed a turn, and when."""

    by: str
    at: Time | None


class TranscriptTurn(msgspec.Struct, frozen=True, kw_only=True):
    """What one speaker said without a pause; times are seconds of the transcript.

    `words` are as the engine heard them; none where a number is hidden from whoever asks or the text was corrected.
    """

    n: int
    speaker: Speaker
    name: str
    agent: str
    start: float
    end: float
    text: str
    confidence: float | None
    words: Sequence[Word]
    sentiment: float | None
    hidden: int
    corrected: CorrectedTurn | None
    version: int


class CategoryPlace(msgspec.Struct, frozen=True, kw_only=True):
    """Where a category was found: the turn, the second, the words."""

    n: int
    start: float
    quote: str


class FoundCategory(msgspec.Struct, frozen=True, kw_only=True):
    """A category that was found; `name` by language."""

    id: str
    name: Texts
    kind: Kind
    tone: Tone
    hits: Sequence[CategoryPlace]


class RequiredPhrase(msgspec.Struct, frozen=True, kw_only=True):
    """Something the agent had to say, and whether it was said."""

    id: str
    name: Texts
    said: bool


class CallTranscript(msgspec.Struct, frozen=True, kw_only=True):
    """The transcript of a call. `began_at` is second 0. `redacted`: numbers are hidden as ●●●●. `metrics` as
    METRICS.md has them; null until they are counted."""

    id: str
    call_id: str
    state: str
    progress: float
    problem: str
    language: str
    engine: str
    model: str
    source: str
    began_at: Time
    ended_at: Time | None
    duration: float
    confidence: float | None
    sentiment: float | None
    trend: float | None
    redacted: bool
    version: int
    turns: Sequence[TranscriptTurn]
    gaps: Sequence[Unheard]
    categories: Sequence[FoundCategory]
    required: Sequence[RequiredPhrase]
    metrics: Mapping[str, Any] | None


def as_data(kept: Kept, transcript: Transcript, names: Names, *, clear: bool) -> CallTranscript:
    """The whole of it; `clear`: with the numbers that are hidden from others."""
    return CallTranscript(
        id=transcript.id,
        call_id=kept.record.id,
        state=transcript.state,
        progress=transcript.progress,
        problem=transcript.problem,
        language=transcript.language,
        engine=transcript.engine,
        model=transcript.model,
        source=transcript.source,
        began_at=transcript.began_at,
        ended_at=transcript.ended_at,
        duration=_duration(transcript, kept.said),
        confidence=transcript.confidence,
        sentiment=transcript.sentiment,
        trend=transcript.trend,
        redacted=not clear,
        version=transcript.version,
        turns=[turn_data(one, names, clear=clear) for one in kept.said],
        gaps=transcript.gaps,
        categories=_found(kept),
        required=[
            RequiredPhrase(id=id_, name=kept.categories[id_].name, said=said)
            for id_, said in kept.required.items()
            if id_ in kept.categories
        ],
        metrics=transcript.figures,
    )


def turn_data(said: Said, names: Names, *, clear: bool) -> TranscriptTurn:
    """One turn."""
    untouched = said.text == said.heard
    return TranscriptTurn(
        n=said.n,
        speaker=said.speaker,
        name=names.of(said)[1],
        agent=said.agent,
        start=said.start,
        end=said.end,
        text=said.text if clear else said.shown,
        confidence=said.confidence,
        words=said.words if untouched and (clear or not said.hidden) else (),
        sentiment=said.sentiment,
        hidden=len(said.hidden),
        corrected=CorrectedTurn(by=said.corrected_by, at=said.corrected_at) if said.corrected_by else None,
        version=said.version,
    )


def as_text(kept: Kept, names: Names, zero: datetime, *, clear: bool) -> str:
    """One line a turn; times from `zero`."""
    return writing.text(_lines(kept, names, zero, clear=clear))


def as_srt(kept: Kept, names: Names, zero: datetime, *, clear: bool) -> str:
    """Subtitles for the recording that begins at `zero`."""
    return writing.srt(_lines(kept, names, zero, clear=clear))


def _lines(kept: Kept, names: Names, zero: datetime, *, clear: bool) -> list[writing.Line]:
    shift = (kept.transcript.began_at - zero).total_seconds() if kept.transcript else 0.0
    return [
        writing.Line(
            start=one.start + shift, end=one.end + shift, name=names.of(one)[1], text=one.text if clear else one.shown
        )
        for one in kept.said
    ]


def _found(kept: Kept) -> list[FoundCategory]:
    return [
        FoundCategory(
            id=each.category_id, name=category.name, kind=category.kind, tone=category.tone,
            hits=[CategoryPlace(n=hit.n, start=hit.start, quote=hit.quote) for hit in each.hits],
        )
        for each in kept.found
        if (category := kept.categories.get(each.category_id)) is not None
    ]  # fmt: skip


def _duration(transcript: Transcript, said: Sequence[Said]) -> float:
    if transcript.ended_at is not None:
        return (transcript.ended_at - transcript.began_at).total_seconds()
    return max((one.end for one in said), default=0.0)
