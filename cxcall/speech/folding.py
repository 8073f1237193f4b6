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
    """The words of `text`, one after the other. Lists run along the words unless told otherwise.

    `spans`: of each word in `text`. `offsets`: of its first letter in `letters`. `first` runs along the letters, one
    more than there are: the word that begins at that letter, or -1; at the end the number of words. How words are
    joined is found out where it is asked for, which is at a few of them.
    """

    text: str
    letters: str
    words: Sequence[str]
    spans: Sequence[tuple[int, int]]
    offsets: Sequence[int]
    first: Sequence[int]

    def joint(self, word: int) -> Joint:
        """What is before a word."""
        if word == 0:
            return APART
        between = self._between(word)
        return TIED if between and _TIES.issuperset(between) else _joint(self.words[word - 1], self.words[word])

    def begins(self, word: int) -> bool:
        """Whether a phrase may begin with a word: not behind an apostrophe, nor in the middle of «نمی خواهم»."""
        return word == 0 or not (self._is_cut(word) or self.words[word - 1] in persian.PREFIXES)

    def ends(self, word: int) -> bool:
        """Whether a phrase may end with a word: "manager" in "manager's", but not "can" in "can't"."""
        after = word + 1
        if after < len(self.words) and self.words[after] != "s" and self._is_cut(after):
            return False
        return self.words[word] not in persian.PREFIXES

    def _between(self, word: int) -> str:
        return self.text[self.spans[word - 1][1] : self.spans[word][0]].replace("*", "")

    def _is_cut(self, word: int) -> bool:
        return self._between(word) in _APOSTROPHES


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
    spans: list[tuple[int, int]] = []
    offsets: list[int] = []
    before = ""
    at = 0
    for match in _WORD.finditer(text):
        key = _key(match[0])
        if before in persian.PREFIXES:
            key = persian.written(before + key)[len(before) :]
        if not key or (before and key in persian.MARKERS):
            continue
        words.append(key)
        spans.append(match.span())
        offsets.append(at)
        at += len(key)
        before = key
    first = [-1] * (at + 1)
    for number, offset in enumerate(offsets):
        first[offset] = number
    first[at] = len(words)
    return Folded(text, "".join(words), words, spans, offsets, first)


def _joint(before: str, word: str) -> Joint:
    if word.isascii() or before.isascii():
        return APART
    if before in persian.PREFIXES or word in persian.APART:
        return EITHER
    # «صورت حساب» and «صورتحساب» are one word; «ما در» and «مادر» are not.
    return EITHER if min(len(before), len(word)) >= _LONG_ENOUGH else APART
