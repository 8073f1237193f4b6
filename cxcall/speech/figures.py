"""Figures of one talk: who spoke how much and how fast, who was silent, who talked over whom (METRICS.md).

All of it comes from when turns began and ended. Time on hold, music and parts that nobody heard are no part of it:
they are neither talk nor silence.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from cxcall.speech.conversation import Span, both, cut, order, total, union
from cxcall.speech.transcript import Speaker, Turn

QUIET = 3.0
"""Both quiet for longer than this is a silence."""

TOGETHER = 0.5
"""Both speaking for longer than this is talking over each other."""

TO_GO = 1.0
"""A turn begun while the other's still had more than this to go is an interruption."""


class Side(msgspec.Struct, frozen=True, kw_only=True):
    """One side of the talk: the customer, or all agents of the call together.

    `seconds`: own speech. `words`: words said. `pace` (METRICS `pace`): words a minute over own speech seconds, None
    without speech. `interruptions` (METRICS `interruptions`): turns this side began while the other's turn still had
    more than a second to go.
    """

    seconds: float
    words: int
    pace: float | None
    interruptions: int


class Silence(msgspec.Struct, frozen=True, kw_only=True):
    """Both quiet for more than 3 s, hold and music cut out (METRICS `silence`).

    `share`: of the talk's seconds, 0…1, None where there is no talk. `spans`: where they are.
    """

    count: int
    longest: float
    seconds: float
    share: float | None
    spans: tuple[Span, ...] = ()


class Overlap(msgspec.Struct, frozen=True, kw_only=True):
    """Customer and agent both speaking for more than 0.5 s (METRICS `overlap`)."""

    count: int
    seconds: float
    spans: tuple[Span, ...] = ()


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """What METRICS.md counts in a talk.

    `talk`: seconds of the talk without hold, music and what was not heard. `talk_share` (METRICS `talk_share`): the
    agent's speech seconds of the speech seconds of both, 0…1; None when nobody spoke. Turns of unknown speakers break
    a silence and count nowhere else.
    """

    talk: float
    agent: Side
    customer: Side
    talk_share: float | None
    silence: Silence
    overlap: Overlap


def figures(
    turns: Iterable[Turn],
    *,
    talk: Span | None = None,
    held: Iterable[Span] = (),
    missing: Iterable[Span] = (),
) -> Figures:
    """Count a talk.

    `talk`: from when it was answered to its end; None: from the first turn's beginning to the last one's end. `held`:
    hold and music. `missing`: what was not heard. All in seconds of the transcript.
    """
    read = order(turns)
    holes = union((*held, *missing))
    whole = cut([talk or _from_first_to_last(read)], holes)
    speech: dict[Speaker, tuple[Span, ...]] = {
        who: both([(turn.start, turn.end) for turn in read if turn.speaker == who], whole)
        for who in ("agent", "customer", "unknown")
    }
    agent, customer = total(speech["agent"]), total(speech["customer"])
    return Figures(
        talk=_rounded(total(whole)),
        agent=_side("agent", "customer", read, agent),
        customer=_side("customer", "agent", read, customer),
        talk_share=round(agent / (agent + customer), 4) if agent + customer else None,
        silence=_silence(whole, [span for spans in speech.values() for span in spans]),
        overlap=_overlap(speech["agent"], speech["customer"]),
    )


def _from_first_to_last(read: Sequence[Turn]) -> Span:
    return (read[0].start, max(turn.end for turn in read)) if read else (0.0, 0.0)


def _side(who: Speaker, other: Speaker, read: Sequence[Turn], seconds: float) -> Side:
    words = sum(len(turn.text.split()) for turn in read if turn.speaker == who)
    return Side(
        seconds=_rounded(seconds),
        words=words,
        pace=round(words / seconds * 60, 1) if seconds else None,
        interruptions=_interruptions(who, other, read),
    )


def _interruptions(who: Speaker, other: Speaker, read: Sequence[Turn]) -> int:
    """`read` is in order, so every turn of the other that began before has been seen."""
    count, until = 0, float("-inf")
    for turn in read:
        if turn.speaker == other:
            until = max(until, turn.end)
        elif turn.speaker == who and until - turn.start > TO_GO:
            count += 1
    return count


def _silence(whole: Iterable[Span], spoken: Iterable[Span]) -> Silence:
    whole = tuple(whole)
    spans = tuple(span for span in cut(whole, spoken) if span[1] - span[0] > QUIET)
    seconds, talk = total(spans), total(whole)
    return Silence(
        count=len(spans),
        longest=_rounded(max((end - start for start, end in spans), default=0.0)),
        seconds=_rounded(seconds),
        share=round(seconds / talk, 4) if talk else None,
        spans=_shown(spans),
    )


def _overlap(agent: Iterable[Span], customer: Iterable[Span]) -> Overlap:
    spans = tuple(span for span in both(agent, customer) if span[1] - span[0] > TOGETHER)
    return Overlap(count=len(spans), seconds=_rounded(total(spans)), spans=_shown(spans))


def _shown(spans: Iterable[Span]) -> tuple[Span, ...]:
    return tuple((_rounded(start), _rounded(end)) for start, end in spans)


def _rounded(seconds: float) -> float:
    return round(seconds, 3)
