"""Words of what was said as search compares them, and what somebody asked for in those words.

A Persian word with half-spaces is known joined and by its parts: «می‌خواهم», «میخواهم» and «می خواهم» find it. A turn
that has such words is therefore kept in both spellings, one after the other.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
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
        whole, parts = _spellings(match.group())
        if whole:
            found.append(Place(match.start(), match.end(), whole, parts))
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
    return joined(span for each in spans_of(text, terms) for span in each)


def spans_of(text: str, terms: Sequence[Term]) -> list[list[tuple[int, int]]]:
    """Where each of the terms stands in a text."""
    words = places(text)
    whole = [(place.joined, place) for place in words]
    split = [(part, place) for place in words for part in place.parts]
    sequences = [whole] if len(split) == len(whole) else [whole, split]
    return [[span for sequence in sequences for span in _of_term(sequence, term)] for term in terms]


def joined(found: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Pieces of a text in order, those that overlap as one."""
    kept: list[tuple[int, int]] = []
    for start, end in sorted(found):
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
    whole = tuple(place.joined for place in words)
    split = tuple(part for place in words for part in place.parts)
    return (whole,) if whole == split else (whole, split)


def _of_term(words: Sequence[tuple[str, Place]], term: Term) -> Iterator[tuple[int, int]]:
    for form in term.forms:
        begins = term.prefix and len(form) == 1
        for at, (word, place) in enumerate(words):
            if (word == form[0] or (begins and word.startswith(form[0]))) and _fits(words, at, form, term.prefix):
                yield place.start, words[at + len(form) - 1][1].end


def _fits(words: Sequence[tuple[str, Place]], at: int, form: Sequence[str], prefix: bool) -> bool:
    """Whether the words from `at` on are these; the first is."""
    if len(form) == 1:
        return True
    here = [word for word, _ in words[at + 1 : at + len(form)]]
    if len(here) < len(form) - 1 or here[:-1] != list(form[1:-1]):
        return False
    return here[-1].startswith(form[-1]) if prefix else here[-1] == form[-1]
