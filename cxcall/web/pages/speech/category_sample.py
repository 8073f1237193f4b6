"""What a category finds in the newest calls, before and after a change: looked for in a thread, newest first, and no
longer than LOOK_S; what was not reached by then is said."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec
from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncEngine

from cxcall.speech.catalogue import Catalogue
from cxcall.speech.category import Category, Hit
from cxcall.speech.phrases import matches
from cxcall.speech.spotting import spot
from cxcall.store import category_talks
from cxcall.store.category_talks import SampleTalk
from cxcall.web.keys import ENGINE

CALLS = 500
LOOK_S = 6.0
"""Looking for one category in 500 calls takes about a second."""
KEPT_S = 60.0
"""The calls are read anew after this; while somebody types they are the same."""
EXAMPLES = 8
QUOTE = 150
Segment = tuple[str, bool]
"""A piece of a text, and whether it is what was found."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A place in a call; `new`: only the change finds it."""

    call_id: str | None
    began_at: datetime
    at: float
    speaker: str
    pieces: Sequence[Segment]
    new: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """`after` of `looked` calls have it, `before` as it is kept (None: it is new). `of`: calls there are to look at."""

    looked: int
    of: int
    after: int
    before: int | None
    came: int
    gone: int
    examples: Sequence[Example]
    lost: Sequence[Example]

    @property
    def whole(self) -> bool:
        return self.looked == self.of


class Samples:
    """The newest calls, read at most once a minute; one look at a time."""

    def __init__(self) -> None:
        self._lock = asyncio.Lock()
        self._talks: list[SampleTalk] = []
        self._until = 0.0

    async def look(self, engine: AsyncEngine, before: Category | None, after: Category) -> Found:
        """What `after` finds, compared with `before`."""
        async with self._lock:
            if time.monotonic() > self._until:
                async with engine.connect() as conn:
                    self._talks = await category_talks.sample(conn, most=CALLS)
                self._until = time.monotonic() + KEPT_S
            return await asyncio.to_thread(_look, self._talks, before, after)

    def forget(self) -> None:
        """Read the calls anew at the next look."""
        self._until = 0.0


SAMPLES: web.AppKey[Samples] = web.AppKey("category_samples", Samples)


def setup(app: web.Application) -> None:
    app[SAMPLES] = Samples()


async def look(request: web.Request, before: Category | None, after: Category) -> Found:
    """See `Samples.look`."""
    return await request.app[SAMPLES].look(request.app[ENGINE], before, after)


def tried(category: Category, text: str) -> list[Segment]:
    """A sentence with the phrases of any of the rules marked in it, whoever says them."""
    spans: set[tuple[int, int]] = set()
    for rule in category.rules:
        for term in (rule.says, rule.then):
            for phrase in term.phrases if term else ():
                spans.update(matches(phrase, text))
    return segments(text, sorted(spans))


def segments(text: str, spans: Sequence[tuple[int, int]]) -> list[Segment]:
    """The text in pieces, those of `spans` marked; overlapping ones as one."""
    pieces: list[Segment] = []
    at = 0
    for start, end in sorted(spans):
        start = max(start, at)
        if end <= start:
            continue
        pieces += [(text[at:start], False)] if start > at else []
        pieces.append((text[start:end], True))
        at = end
    return [*pieces, (text[at:], False)] if at < len(text) else pieces


def _look(talks: Sequence[SampleTalk], before: Category | None, after: Category) -> Found:
    new = msgspec.structs.replace(after, id="after", enabled=True)
    old = [] if before is None else [msgspec.structs.replace(before, id="before", enabled=True)]
    catalogue, end = Catalogue([new, *old]), time.monotonic() + LOOK_S
    looked = now = then = came = gone = 0
    examples: list[Example] = []
    lost: list[Example] = []
    for talk in talks:
        if time.monotonic() > end:
            break
        looked += 1
        hits = spot(talk.turns, catalogue, queue=talk.queue)
        first = {hit.category: hit for hit in reversed(hits)}
        is_new, is_gone = "after" in first and "before" not in first, "before" in first and "after" not in first
        now, then = now + ("after" in first), then + ("before" in first)
        came, gone = came + (is_new and before is not None), gone + is_gone
        if "after" in first and len(examples) < EXAMPLES:
            examples.append(_example(talk, first["after"], new=is_new and before is not None))
        if is_gone and len(lost) < EXAMPLES:
            lost.append(_example(talk, first["before"]))
    return Found(
        looked=looked, of=len(talks), after=now, before=then if before is not None else None, came=came, gone=gone,
        examples=examples, lost=lost,
    )  # fmt: skip


def _example(talk: SampleTalk, hit: Hit, *, new: bool = False) -> Example:
    turn = next((turn for turn in talk.turns if turn.n == hit.n), None)
    pieces = [(hit.quote, False)] if turn is None else _around(turn.text, hit.spans)
    return Example(
        call_id=talk.call_id, began_at=talk.began_at, at=hit.start, speaker=turn.speaker if turn else "", pieces=pieces,
        new=new,
    )  # fmt: skip


def _around(text: str, spans: Sequence[tuple[int, int]]) -> list[Segment]:
    """What was said around the first place, at most about QUOTE letters, whole words."""
    if len(text) <= QUOTE or not spans:
        return segments(text, spans)
    start = max(0, spans[0][0] - QUOTE // 2)
    end = min(len(text), max(spans[0][1], start + QUOTE))
    while start > 0 and not text[start - 1].isspace():
        start -= 1
    while end < len(text) and not text[end].isspace():
        end += 1
    inside = [(a - start, b - start) for a, b in spans if a >= start and b <= end]
    pieces = segments(text[start:end], inside)
    return [*([("…", False)] if start else []), *pieces, *([("…", False)] if end < len(text) else [])]
