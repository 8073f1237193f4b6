"""A talk as people read it: turns of several speakers in one order, what belongs together, who talked over whom.

Turns are numbered in the order they were written, which is when their utterance ended: a short "yes" may have a lower
number than the long turn it was said into. Numbers never change; only the order of reading is made here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from cxcall.speech.transcript import Speaker, Turn

Span = tuple[float, float]
"""From and to, in seconds of the transcript."""

PAUSE = 1.0
"""Two turns of one speaker with less than this between them read as one, when nobody else talked meanwhile."""


class Block(msgspec.Struct, frozen=True, kw_only=True):
    """Turns of one speaker that read as one; the engine, or the cut at 25 s, made several of them.

    For display and figures only: what is stored, hidden or corrected is always a turn. `over` is for how many of its
    seconds somebody else talked too.
    """

    speaker: Speaker
    agent: str
    start: float
    end: float
    turns: tuple[Turn, ...]
    over: float = 0.0

    @property
    def n(self) -> int:
        """The number of its first turn."""
        return self.turns[0].n

    @property
    def text(self) -> str:
        return " ".join(turn.text for turn in self.turns if turn.text)


def order(turns: Iterable[Turn]) -> tuple[Turn, ...]:
    """Turns as they are read: by when they began; what began at the same moment as it was written."""
    return tuple(sorted(turns, key=lambda turn: (turn.start, turn.n)))


def blocks(turns: Iterable[Turn], *, pause: float = PAUSE) -> tuple[Block, ...]:
    """Turns in reading order, joined where one speaker went on after less than `pause` seconds.

    Not joined when somebody else's turn begins before the second one does, or still goes on then.
    """
    groups: list[list[Turn]] = []
    heard_until: dict[tuple[str, str], float] = {}
    for turn in order(turns):
        voice = (turn.speaker, turn.agent)
        last = groups[-1][-1] if groups else None
        others = max((end for who, end in heard_until.items() if who != voice), default=float("-inf"))
        if last and (last.speaker, last.agent) == voice and turn.start - last.end < pause and others <= last.end:
            groups[-1].append(turn)
        else:
            groups.append([turn])
        heard_until[voice] = max(heard_until.get(voice, float("-inf")), turn.end)
    return tuple(_block(group, groups) for group in groups)


def _block(group: Sequence[Turn], groups: Sequence[Sequence[Turn]]) -> Block:
    first = group[0]
    own = [(turn.start, turn.end) for turn in group]
    others = [
        (turn.start, turn.end)
        for other in groups
        if (other[0].speaker, other[0].agent) != (first.speaker, first.agent)
        for turn in other
        if turn.start < group[-1].end and turn.end > first.start
    ]
    return Block(
        speaker=first.speaker,
        agent=first.agent,
        start=first.start,
        end=max(turn.end for turn in group),
        turns=tuple(group),
        over=total(both(own, others)),
    )


def union(spans: Iterable[Span]) -> tuple[Span, ...]:
    """Spans in order, those that touch or overlap as one; empty and reversed ones are left out."""
    joined: list[Span] = []
    for start, end in sorted(span for span in spans if span[1] > span[0]):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((start, end))
    return tuple(joined)


def both(one: Iterable[Span], other: Iterable[Span]) -> tuple[Span, ...]:
    """Where `one` and `other` are both going on."""
    left, right = union(one), union(other)
    found: list[Span] = []
    i = j = 0
    while i < len(left) and j < len(right):
        start, end = max(left[i][0], right[j][0]), min(left[i][1], right[j][1])
        if start < end:
            found.append((start, end))
        if left[i][1] < right[j][1]:
            i += 1
        else:
            j += 1
    return tuple(found)


def cut(spans: Iterable[Span], holes: Iterable[Span]) -> tuple[Span, ...]:
    """`spans` without the parts that lie in `holes`."""
    kept: list[Span] = []
    gaps = union(holes)
    for start, end in union(spans):
        at = start
        for hole in gaps:
            if hole[1] <= at or hole[0] >= end:
                continue
            if hole[0] > at:
                kept.append((at, hole[0]))
            at = max(at, hole[1])
        if at < end:
            kept.append((at, end))
    return tuple(kept)


def total(spans: Iterable[Span]) -> float:
    """Seconds of spans that do not overlap each other."""
    return sum(end - start for start, end in spans)
