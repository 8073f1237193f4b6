"""What is written of a talk while it goes on: its transcript, turns, what was found in them, hints, alerts.

Each function is one entry of the ledger: it may be called again when its transaction failed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.speech.category import Hit
from cxcall.speech.hinting import Suggestion
from cxcall.speech.understanding import Said
from cxcall.store import alerts, hints, transcript_merges, transcripts, turns, understood, webhooks
from cxcall.store.alerts import Alert, NewAlert
from cxcall.store.hints import Hint, NewHint, Outcome
from cxcall.store.transcripts import NewTranscript, Transcript, Unheard
from cxcall.store.turns import NewTurn


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A transcript that is to be written on: what it has so far. `fresh`: it was made for this talk just now.
    `known`: when it was last written on before."""

    transcript: Transcript
    said: Sequence[turns.Said]
    hints: Sequence[Hint]
    fresh: bool
    known: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A hint that came before the agent's eyes; `id` of its row. Its words are those of one language."""

    id: str
    title: str
    reason: str
    suggestion: Suggestion


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What one turn (or time that passed) has to write. `hits`: all there are, None when none is new."""

    said: Sequence[Said] = ()
    hits: Sequence[Hit] | None = None
    came: Sequence[Shown] = ()
    gone: Sequence[tuple[str, str]] = ()
    gaps: Sequence[Unheard] | None = None
    alert: NewAlert | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """`there`: the transcript still was; else nothing was written, for its call became part of another."""

    there: bool
    alert: Alert | None = None
    open_alerts: int = 0


async def open_(conn: AsyncConnection, new: NewTranscript, now: datetime) -> Opened:
    """The transcript of a call that is heard, made or taken up again."""
    before = await transcripts.of_call(conn, new.subject)
    transcript = await transcripts.begin(conn, new, now=now)
    fresh = transcript.began_at == new.began_at
    if transcript.state != "live" or transcript.source != "live":
        transcript = await transcripts.change(conn, transcript.id, now=now, state="live", source="live", problem="")
    said = await turns.of_transcript(conn, transcript.id)
    shown = await hints.of_transcript(conn, transcript.id)
    known = before.updated_at if before is not None else now
    return Opened(transcript=transcript, said=said, hints=shown, fresh=fresh and not said, known=known)


async def step(conn: AsyncConnection, transcript: Transcript, what: Step, now: datetime, shown_to: str) -> Written:
    """Write a step."""
    if await transcripts.get(conn, transcript.id) is None:
        return Written(there=False)
    if what.said:
        await turns.put(conn, transcript.id, [new_turn(said) for said in what.said])
    if what.hits is not None:
        await understood.put_hits(conn, transcript, what.hits)
    if what.gaps is not None:
        await transcripts.change(conn, transcript.id, now=now, gaps=what.gaps)
    for shown in what.came:
        await hints.show(conn, _new_hint(transcript, shown, shown_to), now=now)
    for hint_id, outcome in what.gone:
        if outcome == "expired":  # what the agent decided is written by whoever asked for it
            await hints.decide(conn, hint_id, "expired", now=now)
    if what.alert is None:
        return Written(there=True)
    alert = await alerts.raise_(conn, what.alert, now=now)
    await webhooks.enqueue(conn, "alert.raised", {"id": alert.id, "title": alert.title}, now=now)
    return Written(there=True, alert=alert, open_alerts=await alerts.count_heard(conn, now=now))


async def decide(conn: AsyncConnection, hint_id: str, outcome: Outcome, by: str, now: datetime) -> bool:
    """What an agent made of a hint."""
    return await hints.decide(conn, hint_id, outcome, by=by, now=now) is not None


async def move(conn: AsyncConnection, from_call: str, into_call: str) -> None:
    """A call has become part of another, and what was said in it."""
    await transcript_merges.move(conn, from_call, into_call)


def new_turn(said: Said) -> NewTurn:
    """A turn as it is kept."""
    hidden = tuple((piece.start, piece.end, piece.kind) for piece in said.hidden)
    return NewTurn(turn=said.turn, shown=said.shown, hidden=hidden)


def _new_hint(transcript: Transcript, shown: Shown, shown_to: str) -> NewHint:
    suggestion = shown.suggestion
    return NewHint(
        id=shown.id, transcript_id=transcript.id, call_id=transcript.call_id or "", kind=suggestion.kind,
        at=suggestion.at, title=shown.title, reason=shown.reason, quote=suggestion.quote,
        category_id=suggestion.category, article_id=suggestion.article, shown_to=shown_to, queue=transcript.queue,
    )  # fmt: skip
