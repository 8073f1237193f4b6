"""What has to be hidden in a talk: numbers of cards and accounts, identities, phones, e-mail addresses, secret codes.

A number may be said as digits or words, with "uh" between, in several turns with the other's "ok" between, and be
repeated by the other. `redaction` knows how numbers are said and which they are; here they are put together.

What has a check digit is hidden wherever it is said; what has none (phones of other countries, codes, CVV2) only where
the words around it tell. Order numbers, prices, dates and extensions stay.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Literal

import msgspec

from cxcall.speech.conversation import Span, order, union
from cxcall.speech.redaction.emails import emails
from cxcall.speech.redaction.naming import Kind as Number
from cxcall.speech.redaction.naming import names
from cxcall.speech.redaction.runs import Run, echoes, runs
from cxcall.speech.transcript import Turn

Kind = Literal["card", "iban", "national_id", "phone", "email", "cvv", "expiry", "code"]

HIDDEN = "●●●●"
"""What stands in the place of a hidden piece, however long it was."""

WINDOW = 24
"""So many turns are enough to find what a new turn completes."""

_PAD = 0.12
_PAD_GUESSED = 0.4
"""Seconds hidden before and after: words' times are a little off, guessed ones more."""


class Hidden(msgspec.Struct, frozen=True, kw_only=True, order=True):
    """A piece of a turn's text that must not be shown: from `start` to before `end`."""

    start: int
    end: int
    kind: Kind


def find(turns: Iterable[Turn], language: str, country: str = "IR") -> dict[int, tuple[Hidden, ...]]:
    """What has to be hidden, by the number of the turn; turns with nothing to hide are not in it.

    `language` is that of the number words (`en`, `fa`; digits are found in every language), `country` (two letters)
    where phone numbers without a country code belong. Live: the last `WINDOW` turns are enough, `merged` with what was
    found before.
    """
    read = [turn for turn in order(turns) if turn.text]
    spoken = language.replace("_", "-").partition("-")[0].lower()
    found: dict[int, list[Hidden]] = {}
    for turn in read:
        for start, end in emails(turn.text):
            found.setdefault(turn.n, []).append(Hidden(start=start, end=end, kind="email"))
    for loose in (False, True) if spoken == "fa" else (False,):
        said = runs(read, spoken, loose=loose)
        named = names(said, country)
        for run, kind in (*named, *_repeated(said, named)):
            for n, start, end in run.places():
                found.setdefault(n, []).append(Hidden(start=start, end=end, kind=kind))
    return {n: merged(pieces, ()) for n, pieces in sorted(found.items())}


def _repeated(said: Sequence[Run], named: Sequence[tuple[Run, Number]]) -> list[tuple[Run, Number]]:
    """What somebody read back, or began to say, of a number that is hidden near it."""
    return [(run, kind) for hidden, kind in named for run in said if echoes(run, hidden)]


def merged(one: Iterable[Hidden], other: Iterable[Hidden]) -> tuple[Hidden, ...]:
    """All pieces of both in order, those that overlap as one."""
    out: list[Hidden] = []
    for piece in sorted((*one, *other), key=lambda piece: (piece.start, -piece.end)):
        if out and piece.start < out[-1].end:
            last = out[-1]
            wider = last if last.end - last.start >= piece.end - piece.start else piece
            out[-1] = Hidden(start=last.start, end=max(last.end, piece.end), kind=wider.kind)
        else:
            out.append(piece)
    return tuple(out)


def hide(text: str, hidden: Iterable[Hidden]) -> str:
    """`text` with ●●●● in the place of each hidden piece."""
    parts: list[str] = []
    at = 0
    for piece in merged(hidden, ()):
        parts += [text[at : piece.start], HIDDEN]
        at = piece.end
    return "".join((*parts, text[at:]))


def seconds(turn: Turn, hidden: Iterable[Hidden]) -> tuple[Span, ...]:
    """When the hidden pieces of a turn are heard, for silence in the sound.

    By the times of its words; where they don't fit the text (a corrected turn, an engine without them) by the share
    of the letters, with more room. Within the turn, in order, never overlapping.
    """
    times = _times(turn)
    spans = []
    for piece in hidden:
        inside = [span for start, end, span in times if start < piece.end and end > piece.start]
        if inside:
            start, end, pad = inside[0][0], max(end for _, end in inside), _PAD
        else:
            letters = max(1, len(turn.text))
            start = turn.start + turn.seconds * piece.start / letters
            end = turn.start + turn.seconds * piece.end / letters
            pad = _PAD_GUESSED
        spans.append((max(turn.start, start - pad), min(turn.end, end + pad)))
    return union(spans)


def _times(turn: Turn) -> list[tuple[int, int, Span]]:
    """Words with their place in the text and their time; none unless all of them are found there in order."""
    found = []
    at = 0
    for word in turn.words:
        written = word.word.strip()
        place = turn.text.find(written, at)
        if not written or place < 0:
            return []
        found.append((place, place + len(written), (word.start, word.end)))
        at = place + len(written)
    # Words that cover the text badly are of another text.
    holes = [right[0] - left[1] for left, right in pairwise(found)]
    return found if max(holes, default=0) <= 2 else []
