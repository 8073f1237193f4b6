"""Words of what was said as search compares them, and what somebody asked for in those words.

A Persian word with half-spaces is known joined and by its parts: «می‌خواهم», «میخواهم» and «می خواهم» find it. A turn
that has such words is therefore kept in both spellings, one after the other.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2s
from typing import NamedTuple

from cxcall.letters import ZWNJ, search_key

GAP = "\ue000"
"""Between two turns or spellings: no phrase reaches over it, and nobody can ask for it."""

_WORD = re.compile(f"[\\w{ZWNJ}\u0300-\u036f\u064b-\u065f\u0670]+")
_ASKED = re.compile('["“”«»]([^"“”«»]*)(?:["“”«»]|$)|([^\\s"“”«»]+)')
_LONGEST_WORD = 60
_MOST_TERMS = 8
_SHORTEST_PREFIX = 2

Forms = tuple[tuple[str, ...], ...]
"""Spellings of one or more words, each a sequence of words; any of them will do."""


class Place(NamedTuple):
    """A word in a text, from `start` to `end`: its joined spelling and its parts."""

    start: int
    end: int
    joined: str
    parts: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """Words that were asked for next to each other; with `prefix` the last one only begins so."""

    forms: Forms
    prefix: bool = False


def places(text: str) -> list[Place]:
    """All words of a text."""
    found = []
    for match in _WORD.finditer(text):
        joined, parts = _spellings(match.group())
        if joined:
            found.append(Place(match.start(), match.end(), joined, parts))
    return found


def spoken(text: str) -> list[list[str]]:
    """A text as it is kept: its words, and once more in parts where any has half-spaces."""
    forms = _forms(places(text))
    return [list(form) for form in forms if form]


def asked(text: str) -> list[Term]:
    """What somebody typed: words, "words next to each other", and beginnings* of words."""
    terms = []
    for match in _ASKED.finditer(text):
        quoted, plain = match.groups()
        words = quoted if quoted is not None else plain
        forms = _forms(places(words))
        if not forms or not forms[0]:
            continue
        prefix = words.rstrip().endswith("*") and len(forms[0][-1]) >= _SHORTEST_PREFIX
        terms.append(Term(forms=forms, prefix=prefix))
    return terms[:_MOST_TERMS]


def spans(text: str, terms: Sequence[Term]) -> list[tuple[int, int]]:
    """Where any of the terms stands in a text, in order, none overlapping another."""
    words = places(text)
    found = sorted(span for term in terms for span in _of_term(words, term))
    kept: list[tuple[int, int]] = []
    for start, end in found:
        if kept and start < kept[-1][1]:
            kept[-1] = (kept[-1][0], max(end, kept[-1][1]))
        else:
            kept.append((start, end))
    return kept


def fact(kind: str, value: str) -> str:
    """A fact about a transcript as a word, to be searched with the words: its queue, say."""
    return kind + blake2s(value.encode(), digest_size=6).hexdigest()


@lru_cache(maxsize=50_000)
def _spellings(word: str) -> tuple[str, tuple[str, ...]]:
    keys = tuple(key for part in word.split(ZWNJ) if (key := _key(part)))
    return "".join(keys)[:_LONGEST_WORD], keys


def _key(word: str) -> str:
    return search_key(word).replace("_", "")[:_LONGEST_WORD]


def _forms(words: Sequence[Place]) -> Forms:
    joined = tuple(place.joined for place in words)
    split = tuple(part for place in words for part in place.parts)
    return (joined,) if joined == split else (joined, split)


def _of_term(words: Sequence[Place], term: Term) -> Iterator[tuple[int, int]]:
    joined = [(place.joined, place) for place in words]
    split = [(part, place) for place in words for part in place.parts]
    for sequence in (joined, split):
        for form in term.forms:
            for at in range(len(sequence) - len(form) + 1):
                here = sequence[at : at + len(form)]
                if _fits([word for word, _ in here], form, prefix=term.prefix):
                    yield here[0][1].start, here[-1][1].end


def _fits(words: Sequence[str], form: Sequence[str], *, prefix: bool) -> bool:
    if prefix and not words[-1].startswith(form[-1]):
        return False
    return list(words[:-1]) == list(form[:-1]) and (prefix or words[-1] == form[-1])
