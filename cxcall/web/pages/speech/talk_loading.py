"""Reads a live transcript: what the store has, what is being said now, and whether the call is heard at all.

The number of the channel is read first: what comes after it reaches the page as messages, and a message about a turn
that is on the page already changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.bus import CommandRefused, NoAnswer
from cxcall.bus.speech import LiveAsk, LiveSnapshot, TapAsk, TapState, transcript_channel
from cxcall.calls.record import CallRecord
from cxcall.store import transcripts, turns
from cxcall.store.transcripts import Transcript
from cxcall.store.turns import Said
from cxcall.web.access import SignedIn
from cxcall.web.keys import BUS, COMMANDS
from cxcall.web.pages import listener_words
from cxcall.web.pages.people import LANGUAGES
from cxcall.web.pages.speech.mood import mood
from cxcall.web.pages.speech.talk_rows import own_names, rows_of
from cxcall.web.pages.speech.talk_view import (
    BROKEN,
    LATER,
    NOBODY,
    WHY,
    HintView,
    Need,
    TalkView,
    Topic,
    worded,
)
from cxcall.web.presentation import current

DEADLINE = 1.0
"""Seconds the pipeline has to tell what is said now: it answers from memory, and a page must not wait for it."""
ASKABLE = frozenset({"off", "share", "tier", "chosen", "asked_for"})
"""Reasons for not being heard that a supervisor may overrule; a caller's no is none of them."""
TICKED = "desk_ticked"
"""Name of the user's setting with what was ticked by hand: {"call": id, "said": [category ids]}."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What the parts of live speech say of a call; `running`: they are there."""

    running: bool
    tap: TapState | None = None
    live: LiveSnapshot | None = None


async def heard_now(request: web.Request, record: CallRecord) -> Heard:
    """Ask whether `record` is heard, and what is being said."""
    commands = request.app[COMMANDS]
    tap: TapState | None = None
    live: LiveSnapshot | None = None
    running = False
    if record.ended_at is not None:
        return Heard(running=True)
    try:
        live = await commands.ask("speech:live", LiveAsk(call_id=record.id), timeout=DEADLINE)
        running = True
        tap = await commands.ask("tap:state", TapAsk(call_id=record.id, server=record.server), timeout=DEADLINE)
    except (NoAnswer, CommandRefused):
        pass
    return Heard(running=running, tap=tap, live=live)


async def load(
    request: web.Request,
    conn: AsyncConnection,
    record: CallRecord,
    user: SignedIn,
    *,
    customer: str,
    own: bool,
    ticked: object = None,
) -> TalkView:
    """The live text of `record`.

    `customer`: the name to show. `own`: for the desk of the agent who talks. `ticked`: the user's setting TICKED.
    """
    channel = transcript_channel(record.id)
    seq = request.app[BUS].seq(channel)
    heard = await heard_now(request, record)
    written = await transcripts.of_call(conn, record.id)
    said = await turns.of_transcript(conn, written.id) if written else []
    names = own_names(record, user) if own else ()
    live, tap = heard.live, heard.tap
    began = (live.began_at if live else None) or (written.began_at if written else None)
    offset = _offset(record, began)
    hears = live is not None or bool(tap and tap.heard)
    shown = bool(said) or hears
    state: Mapping[str, Any] = (live.state if live else None) or {}
    value, trend, line = _mood(state, written, said)
    language = (live.language if live else "") or (written.language if written else "")
    return TalkView(
        now=current().now,
        call_id=record.id,
        channel=channel,
        seq=seq,
        shown=shown,
        why="" if hears or (shown and record.ended_at) else _why(heard, record),
        detail=listener_words.said(tap.detail) if tap and not hears else "",
        heard=hears,
        over=record.ended_at is not None,
        held=live.held if live else False,
        late=live.later if live else False,
        language=LANGUAGES.get(language[:2], language),
        answered_at=record.answered_at,
        offset=offset,
        customer=customer,
        names=names,
        rows=rows_of(record, said, live, written, offset, names),
        mood=mood(value, trend, line),
        topics=[Topic(name=worded(topic["name"]), tone=topic["tone"]) for topic in state.get("topics", ())],
        share=_share(state),
        hints=_hints(live, offset),
        needs=_needs(live, record.id, ticked),
        speakers=tap.speakers if tap else (),
        asked_for=bool(tap and tap.heard and tap.why == "asked_for"),
        may_ask=not hears and tap is not None and tap.why in ASKABLE,
        own=own,
    )


def _why(heard: Heard, record: CallRecord) -> str:
    """Why there are no words, a key in English."""
    if not heard.running:
        return NOBODY
    if heard.live is not None and heard.live.later:
        return LATER
    if record.ended_at is not None or heard.tap is None:
        return WHY["off"]
    return BROKEN if heard.tap.detail and heard.tap.why in ("chosen", "asked_for") else WHY[heard.tap.why]


def _offset(record: CallRecord, began: datetime | None) -> float:
    return (began - record.answered_at).total_seconds() if began and record.answered_at else 0.0


def _mood(
    state: Mapping[str, Any], written: Transcript | None, said: Sequence[Said]
) -> tuple[float | None, str, Sequence[float]]:
    """Value, trend and line: as they were told last, else of what is written."""
    if state:
        return state.get("mood"), str(state.get("trend") or ""), state.get("mood_line") or ()
    line = [turn.sentiment for turn in said if turn.speaker == "customer" and turn.sentiment is not None]
    trend = written.trend if written else None
    word = "" if trend is None else "improving" if trend >= 0.2 else "worsening" if trend <= -0.2 else "steady"
    return (written.sentiment if written else None), word, line[-60:]


def _share(state: Mapping[str, Any]) -> tuple[float, float] | None:
    agent, customer = state.get("share") or (0.0, 0.0)
    whole = agent + customer
    return (agent / whole, customer / whole) if whole > 0 else None


def _hints(live: LiveSnapshot | None, offset: float) -> list[HintView]:
    """What is shown to the agent now. The list of what has to be said is drawn apart."""
    found = [hint for hint in (live.hints if live else ()) if hint.kind != "required"]
    return [
        HintView(
            id=hint.id,
            title=worded(hint.title),
            text=worded(hint.text),
            reason=worded(hint.reason),
            quote=hint.quote,
            at=None if hint.quote_at is None else max(0.0, hint.quote_at + offset),
            action=worded(hint.action),
            article_id=hint.article_id,
            hot=hint.hot,
            transfer=hint.transfer,
        )
        for hint in found
    ]


def _needs(live: LiveSnapshot | None, call_id: str, ticked: object) -> list[Need]:
    """What has to be said; what the agent ticked counts as said for the agent, not for the figures."""
    by_hand = ticked_of(ticked, call_id)
    return [
        Need(
            id=check.category_id,
            name=worded(check.name),
            said=check.said or check.category_id in by_hand,
            by_hand=not check.said and check.category_id in by_hand,
        )
        for check in (live.checks if live else ())
    ]


def ticked_of(kept: object, call_id: str) -> frozenset[str]:
    """What was ticked by hand in this call; `kept` is what the user's setting TICKED holds."""
    if not isinstance(kept, Mapping) or kept.get("call") != call_id:
        return frozenset()
    said = kept.get("said")
    return frozenset(str(one) for one in said) if isinstance(said, list) else frozenset()
