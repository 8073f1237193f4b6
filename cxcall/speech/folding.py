"""What was said, as phrases are compared with it: the letters of its words in one string, and where words begin.

People and engines space Persian words as they like («نمی‌خواهم», «نمی خواهم», «نمیخواهم»), so the letters are compared
without what stands between them, and then the joints: between two words, within one word, or either.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal

from cxcall.letters import ZWNJ, search_key
from cxcall.speech import persian

Joint = Literal[0, 1, 2]
APART: Final = 0
"""Between two words: a space that counts."""
EITHER: Final = 1
"""A space that may also be missing."""
TIED: Final = 2
"""A half-space, hyphen or apostrophe."""

# Vowel marks and marks of direction stand within words; an apostrophe parts a word so that "can't" is never "can".
_MARKS = "\u0300-\u036f\u064b-\u065f\u0670\u200d-\u200f\u061c\u202a-\u202e\u2066-\u2069\ufeff"
_WORD = re.compile(rf"[^\W_]+(?:[{_MARKS}]+[^\W_]+)*[{_MARKS}]*")
_APOSTROPHES = frozenset("'’")
_TIES = frozenset({ZWNJ, "-", "‐", "‑", *_APOSTROPHES})
_LONG_ENOUGH = 3


@dataclass(frozen=True, slots=True)
class Folded:
    """The words of a text, one after the other. Lists run along the words unless told otherwise.

    `first` runs along the letters, one more than there are: the word that begins at that letter, or -1; at the end the
    number of words. `begins` and `ends`: whether a phrase may begin or end with that word. `joints`: before the word.
    `spans`: in the text as it was written.
    """

    letters: str
    words: Sequence[str]
    offsets: Sequence[int]
    first: Sequence[int]
    joints: Sequence[Joint]
    begins: Sequence[bool]
    ends: Sequence[bool]
    spans: Sequence[tuple[int, int]]


@lru_cache(maxsize=65536)
def _key(word: str) -> str:
    key = search_key(word)
    return key if key.isascii() else persian.written(key)


def is_persian(word: str) -> bool:
    """Written in the Arabic script."""
    return "\u0600" <= word[0] <= "\u06ff"


def fold(text: str) -> Folded:
    """The words of `text` as phrases are compared with them."""
    words: list[str] = []
    joints: list[Joint] = []
    begins: list[bool] = []
    ends: list[bool] = []
    spans: list[tuple[int, int]] = []
    last = 0
    for match in _WORD.finditer(text):
        key = _key(match[0])
        between = text[last : match.start()].replace("*", "")
        before = words[-1] if words else ""
        if before in persian.PREFIXES:
            key = persian.written(before + key)[len(before) :]
        if not key or (before and key in persian.MARKERS):
            continue
        tied = bool(before) and bool(between) and _TIES.issuperset(between)
        cut = tied and not _APOSTROPHES.isdisjoint(between)
        words.append(key)
        joints.append(TIED if tied else _joint(before, key) if before else APART)
        begins.append(not cut and before not in persian.PREFIXES)
        ends.append(key not in persian.PREFIXES)
        if cut and key != "s":
            ends[-2] = False
        spans.append(match.span())
        last = match.end()
    return _folded(words, joints, begins, ends, spans)


def _joint(before: str, word: str) -> Joint:
    if word.isascii() or before.isascii():
        return APART
    if before in persian.PREFIXES or word in persian.APART:
        return EITHER
    # «صورت حساب» and «صورتحساب» are one word; «ما در» and «مادر» are not.
    return EITHER if min(len(before), len(word)) >= _LONG_ENOUGH else APART


def _folded(
    words: list[str], joints: list[Joint], begins: list[bool], ends: list[bool], spans: list[tuple[int, int]]
) -> Folded:
    letters = "".join(words)
    first = [-1] * (len(letters) + 1)
    offsets: list[int] = []
    at = 0
    for number, word in enumerate(words):
        offsets.append(at)
        first[at] = number
        at += len(word)
    first[at] = len(words)
    return Folded(letters, words, offsets, first, joints, begins, ends, spans)
