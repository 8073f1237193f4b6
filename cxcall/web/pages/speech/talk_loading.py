"""Reads a live transcript: what the store has, what is being said now, and whether the call is heard at all.

The number of the channel is read first: what comes after it reaches the page as messages, and a message about a turn
that is on the page already changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.bus import CommandRefused, NoAnswer
from cxcall.bus.speech import LiveAsk, LiveSnapshot, TapAsk, TapState, transcript_channel
from cxcall.calls.record import CallRecord
from cxcall.store import transcripts, turns
from cxcall.store.transcripts import Transcript, Unheard
from cxcall.store.turns import Said
from cxcall.web.access import SignedIn
from cxcall.web.keys import BUS, COMMANDS
from cxcall.web.pages.desk_calls import is_at
from cxcall.web.pages.people import LANGUAGES
from cxcall.web.pages.speech.mood import mood
from cxcall.web.pages.speech.talk_view import (
    BROKEN,
    GAPS,
    LATER,
    NOBODY,
    WHY,
    HintView,
    Mark,
    Need,
    Row,
    TalkView,
    Topic,
    is_me,
    turn_row,
    worded,
)
from cxcall.web.presentation import current

DEADLINE = 1.0
"""Seconds the pipeline has to tell what is said now: it answers from memory, and a page must not wait for it."""
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
    names = _own_names(record, user) if own else ()
    live, tap = heard.live, heard.tap
    began = (live.began_at if live else None) or (written.began_at if written else None)
    offset = _offset(record, began)
    shown = bool(said) or live is not None or bool(tap and tap.heard)
    state: Mapping[str, Any] = (live.state if live else None) or {}
    value, trend, line = _mood(state, written, said)
    language = (live.language if live else "") or (written.language if written else "")
    return TalkView(
        now=current().now,
        call_id=record.id,
        channel=channel,
        seq=seq,
        shown=shown,
        why="" if shown else _why(heard, record),
        detail=tap.detail if tap and not shown else "",
        heard=live is not None or bool(tap and tap.heard),
        over=record.ended_at is not None,
        held=live.held if live else False,
        late=live.later if live else False,
        behind=bool(live and live.last_n > max((turn.n for turn in said), default=0)),
        language=LANGUAGES.get(language[:2], language),
        answered_at=record.answered_at,
        offset=offset,
        customer=customer,
        names=names,
        rows=_rows(record, said, live, written, offset, names),
        mood=mood(value, trend, line),
        topics=[Topic(name=worded(topic["name"]), tone=topic["tone"]) for topic in state.get("topics", ())],
        share=_share(state),
        hints=_hints(live, offset),
        needs=_needs(live, record.id, ticked),
        speakers=tap.speakers if tap else (),
        asked_for=bool(tap and tap.heard and tap.why == "asked_for"),
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


def _own_names(record: CallRecord, user: SignedIn) -> tuple[str, ...]:
    """What the user is called in this call: the profile's name, those of the phone in the queue."""
    legs = [leg for leg in record.legs if is_at(leg.channel, user.extensions)]
    names = [user.shown_name, *(name for leg in legs for name in (leg.agent, leg.name, leg.number) if name)]
    return tuple(dict.fromkeys(names))


def _rows(
    record: CallRecord, said: Sequence[Said], live: LiveSnapshot | None, written: Transcript | None, offset: float,
    names: Sequence[str],
) -> list[Row]:  # fmt: skip
    called = {phone: _own(name, names) for phone, name in _called(record).items()}
    marks: Mapping[int, Sequence[Mark]] = live.marks if live else {}
    rows = [
        turn_row(
            n=turn.n,
            speaker=turn.speaker,
            name=(name := called.get(turn.agent.casefold(), "")),
            mine=is_me(name, names),
            start=turn.start,
            offset=offset,
            text=turn.shown,
            marks=marks.get(turn.n) or dots(turn.shown),
            sentiment=turn.sentiment,
        )
        for turn in said
    ]
    rows += _holds(record, offset)
    rows += _gaps(written.gaps if written else (), offset)
    rows.sort(key=lambda row: row.start)
    return rows + _partials(live, names)


def _own(name: str, names: Sequence[str]) -> str:
    """The reader's own name as the reader's profile writes it."""
    return names[0] if is_me(name, names) else name


def _called(record: CallRecord) -> dict[str, str]:
    """Names of agents by their phone, as Asterisk names it."""
    named = {}
    for leg in record.legs:
        name = leg.agent or leg.name or leg.number
        if leg.role != "caller" and name:
            named[leg.channel.rpartition("-")[0].casefold()] = name
    return named


def _partials(live: LiveSnapshot | None, names: Sequence[str]) -> list[Row]:
    return [
        Row(
            kind="partial",
            start=part.start,
            at=0.0,
            side=part.speaker,
            name=_own(part.agent_name, names),
            who=part.agent_name,
            mine=is_me(part.agent_name, names),
            pieces=turn_row(
                n=0, speaker=part.speaker, name="", mine=False, start=0.0, offset=0.0, text=part.text, marks=(),
                sentiment=None,
            ).pieces,
        )
        for part in (live.partials if live else ())
        if part.text
    ]  # fmt: skip


def _holds(record: CallRecord, offset: float) -> list[Row]:
    """Holds that are over; one that lasts has a line of its own."""
    answered = record.answered_at
    return [
        Row(kind="hold", start=at - offset, at=at, to=(hold.to - answered).total_seconds())
        for hold in record.holds
        if answered and hold.from_ and hold.to and (at := (hold.from_ - answered).total_seconds()) >= 0
    ]


def _gaps(gaps: Iterable[Unheard], offset: float) -> list[Row]:
    return [
        Row(
            kind="gap",
            start=gap.since,
            at=max(0.0, gap.since + offset),
            to=max(0.0, gap.until + offset),
            why=GAPS.get(gap.why, ""),
        )
        for gap in gaps
        if gap.why != "held" and gap.until - gap.since >= 1
    ]


def dots(text: str) -> list[Mark]:
    """Where numbers are hidden in a text as it is shown."""
    found: list[Mark] = []
    at = text.find("●")
    while at >= 0:
        end = at
        while end < len(text) and text[end] == "●":
            end += 1
        found.append((at, end, "hidden"))
        at = text.find("●", end)
    return found


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
