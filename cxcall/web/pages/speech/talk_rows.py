"""The rows of a live transcript: turns of the store and those told a moment ago, what is being said, holds, gaps."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from cxcall.bus.speech import LiveSnapshot, Partial
from cxcall.calls.record import CallRecord
from cxcall.store.transcripts import Transcript, Unheard
from cxcall.store.turns import Said
from cxcall.web.access import SignedIn
from cxcall.web.pages.desk_calls import is_at
from cxcall.web.pages.speech.talk_view import GAPS, Mark, Row, is_me, pieces, turn_row

SHORTEST_GAP = 1.0
"""Seconds; what is shorter nobody misses."""


def own_names(record: CallRecord, user: SignedIn) -> tuple[str, ...]:
    """What the user is called in this call: the profile's name first, then those of the phone and the queue."""
    legs = [leg for leg in record.legs if is_at(leg.channel, user.phones)]
    names = [user.shown_name, *(name for leg in legs for name in (leg.agent, leg.name, leg.number) if name)]
    return tuple(dict.fromkeys(names))


def rows_of(
    record: CallRecord,
    said: Sequence[Said],
    live: LiveSnapshot | None,
    written: Transcript | None,
    offset: float,
    names: Sequence[str],
) -> list[Row]:
    """Everything in the order it began; who is speaking comes last. `names`: the reader's own."""
    told = {int(turn["n"]): turn for turn in (live.turns if live else ())}
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
        if turn.n not in told
    ]
    rows += [_told(turn, offset, names) for turn in told.values()]
    rows += _holds(record, offset)
    rows += _gaps(written.gaps if written else (), offset)
    rows.sort(key=lambda row: row.start)
    return rows + [_partial(part, names) for part in (live.partials if live else ()) if part.text]


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


def _told(turn: Mapping[str, Any], offset: float, names: Sequence[str]) -> Row:
    """A turn as its message on the channel had it: newer than what is written, or the same."""
    return turn_row(
        n=turn["n"],
        speaker=turn["speaker"],
        name=_own(turn["agent_name"], names),
        mine=is_me(turn["agent_name"], names),
        start=turn["start"],
        offset=offset,
        text=turn["text"],
        marks=[(start, end, kind) for start, end, kind in turn["marks"]],
        sentiment=turn["sentiment"],
    )


def _partial(part: Partial, names: Sequence[str]) -> Row:
    return Row(
        kind="partial",
        start=part.start,
        at=0.0,
        side=part.speaker,
        name=_own(part.agent_name, names),
        who=part.agent_name if part.speaker == "agent" else "",
        mine=is_me(part.agent_name, names),
        pieces=pieces(part.text, dots(part.text)),
    )


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
        if gap.why != "held" and gap.until - gap.since >= SHORTEST_GAP
    ]
