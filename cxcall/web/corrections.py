"""What a person makes of a turn: its text, its feeling, and all that follows from them, in one transaction.

Sentiment, categories, what had to be said, figures and hidden numbers are understood anew from the whole transcript,
in a thread and before the transaction; when somebody else changed the transcript meanwhile, once more.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec
from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from cxcall.calls.record import CallRecord
from cxcall.speech import redact
from cxcall.speech.catalogue import Catalogue
from cxcall.speech.conversation import Span
from cxcall.speech.transcript import Turn
from cxcall.speech.understanding import Understood, understand
from cxcall.store import audit, categories, transcripts, turns, understood
from cxcall.store.transcripts import Transcript
from cxcall.store.turns import NewTurn, NoSuchTurn, Said
from cxcall.store.understood import Outcome
from cxcall.web import call_recordings
from cxcall.web.access import user_of
from cxcall.web.keys import BUS, CLOCK, ENGINE
from cxcall.web.observe import address_of

UNDERSTANDING_S = 30.0
"""Seconds a whole talk may take to be understood; the longest take about one."""
TRIES = 3
LONGEST = 5000
"""Letters of a corrected turn."""
_HIDDEN = re.compile(re.escape(redact.HIDDEN))


class NothingSaid(Exception):
    """A turn can't be corrected to nothing."""


class HiddenMoved(Exception):
    """Somebody who may not read hidden numbers has to leave as many as there were."""


class Busy(Exception):
    """The transcript changes too fast, or understanding took too long; the person may try again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """What is to be changed of turn `n` at `version`; None leaves it. `undo` takes all corrections of the turn
    back."""

    n: int
    version: int
    text: str | None = None
    sentiment: float | None = None
    undo: bool = False


def restored(text: str, said: Said) -> str:
    """`text` as somebody wrote it who sees dots for hidden pieces, with those pieces back in their order.

    Raises HiddenMoved when it does not have as many.
    """
    pieces = [said.text[start:end] for start, end, _kind in sorted(said.hidden)]
    if len(_HIDDEN.findall(text)) != len(pieces):
        raise HiddenMoved(HiddenMoved.__doc__)
    back = iter(pieces)
    return _HIDDEN.sub(lambda _found: next(back), text)


async def correct(request: web.Request, record: CallRecord, transcript: Transcript, change: Correction) -> Said:
    """Do it and give the turn as it is now.

    Raises NoSuchTurn, store.errors.Conflict (somebody else corrected the turn), NothingSaid, Busy.
    """
    engine, now, user = request.app[ENGINE], request.app[CLOCK](), user_of(request)
    if change.text is not None and not change.text.strip():
        raise NothingSaid(NothingSaid.__doc__)
    for _try in range(TRIES):
        outcome = await _outcome(engine, record, transcript, change)
        async with engine.begin() as conn:
            newest = await transcripts.get(conn, transcript.id)
            if newest is None or newest.version != transcript.version:
                transcript = newest or transcript
                continue
            await _write(conn, transcript, change, outcome, by=user.name, now=now)
            await audit.add(
                conn, actor=user.name, act="transcript.undone" if change.undo else "transcript.corrected",
                subject=f"call:{record.id}", details={"transcript": transcript.id, "turn": change.n},
                address=address_of(request), at=now,
            )  # fmt: skip
            said = await turns.get(conn, transcript.id, change.n)
        request.app[BUS].publish(f"call:{record.id}", {"call": record.id, "transcript": transcript.id})
        if said is None:
            raise NoSuchTurn(NoSuchTurn.__doc__)
        return said
    raise Busy(Busy.__doc__)


async def _outcome(engine: AsyncEngine, record: CallRecord, transcript: Transcript, change: Correction) -> Outcome:
    """What the whole transcript means with the change in it."""
    async with engine.connect() as conn:
        said = await turns.of_transcript(conn, transcript.id)
        catalogue = Catalogue(await categories.enabled(conn))
    if not any(one.n == change.n for one in said):
        raise NoSuchTurn(NoSuchTurn.__doc__)
    changed = [_changed(one, change) for one in said]
    try:
        async with asyncio.timeout(UNDERSTANDING_S):
            found = await asyncio.to_thread(understood_anew, changed, record, transcript, catalogue)
    except TimeoutError as error:
        raise Busy(Busy.__doc__) from error
    return outcome_of(found)


def understood_anew(
    said: Sequence[Turn], record: CallRecord, transcript: Transcript, catalogue: Catalogue
) -> Understood:
    """All that a call's turns mean now. Takes up to a second: not for the event loop."""
    began = record.answered_at
    return understand(
        said,
        language=transcript.language,
        catalogue=catalogue,
        queue=transcript.queue,
        holds=holds_of(record, transcript.began_at),
        missing=[(gap.since, gap.until) for gap in transcript.gaps],
        began=(began - transcript.began_at).total_seconds() if began else None,
        end=(record.ended_at - transcript.began_at).total_seconds() if record.ended_at else None,
    )


def holds_of(record: CallRecord, zero: datetime) -> list[Span]:
    """When the call was on hold, in seconds from `zero`; holds at the same time as one."""
    spans: list[Span] = []
    for hold in sorted((hold for hold in record.holds if hold.from_ is not None), key=lambda hold: hold.from_ or zero):
        end = hold.to or record.ended_at
        if hold.from_ is None or end is None:
            continue
        start, stop = (hold.from_ - zero).total_seconds(), (end - zero).total_seconds()
        if spans and start <= spans[-1][1]:
            spans[-1] = (spans[-1][0], max(spans[-1][1], stop))
        else:
            spans.append((start, stop))
    return spans


def outcome_of(found: Understood) -> Outcome:
    """What was understood, as it is kept."""
    return Outcome(
        turns=[
            NewTurn(
                turn=one.turn, shown=one.shown,
                hidden=tuple((piece.start, piece.end, piece.kind) for piece in one.hidden),
            )
            for one in found.said
        ],
        hits=found.hits,
        said={check.category: check.said for check in found.checks},
        sentiment=found.feeling.score,
        trend=found.feeling.trend,
        figures=msgspec.to_builtins(found.figures),
    )  # fmt: skip


def _changed(said: Said, change: Correction) -> Turn:
    if said.n != change.n:
        return said.turn
    if change.undo:
        return msgspec.structs.replace(said.turn, text=said.heard, sentiment=None)
    text = said.text if change.text is None else change.text.strip()[:LONGEST]
    sentiment = said.felt if change.sentiment is None else change.sentiment
    return msgspec.structs.replace(said.turn, text=text, sentiment=sentiment)


async def _write(
    conn: AsyncConnection, transcript: Transcript, change: Correction, outcome: Outcome, *, by: str, now: datetime
) -> None:
    new = next(one for one in outcome.turns if one.turn.n == change.n)
    if change.undo:
        await turns.undo(
            conn, transcript.id, change.n, version=change.version, shown=new.shown or "", hidden=new.hidden
        )
    else:
        await turns.correct(
            conn, transcript.id, change.n, version=change.version, by=by, now=now,
            text=None if change.text is None else new.turn.text, shown=new.shown, hidden=new.hidden,
            sentiment=change.sentiment,
        )  # fmt: skip
    await understood.keep(conn, transcript.id, outcome, now=now)


def heard_shown(said: Said, transcript: Transcript, country: str) -> str:
    """What the engine heard in a corrected turn, with numbers hidden."""
    turn = call_recordings.heard(said)
    return redact.hide(turn.text, redact.find([turn], transcript.language, country).get(said.n, ()))
