"""From the words of a turn to what they weigh: phrases first, then what strengthens, weakens or turns them round.

The same for all languages; a `Lexicon` holds what differs. Words are compared as `cxcall.letters.search_key` folds
them, and nothing depends on capitals or punctuation, since most engines write neither.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import product
from typing import NamedTuple

from cxcall.letters import search_key

_TOKEN = re.compile("[^\\W_](?:[\\w\u064b-\u065f\u0670\u200c]|['\u2019](?=\\w))*|[.!?؟;؛،,:]")
_MARKS = frozenset(".!?؟;؛،,:")
_APOSTROPHES = re.compile("['\u2019]")

STRONGER = 0.25
WEAKER = -0.4

_NEGATED_GOOD = -0.8
_NEGATED_BAD = -0.5
"""«بد نبود» and "not bad" say less good than "not good" says bad."""

_BEFORE_BUT = 0.5
_AFTER_BUT = 1.5
_REACH = 3
"""How many words away an intensifier or a negation still belongs to what it stands beside."""


class Token(NamedTuple):
    """A word where it stands in the text; `forms`: as it is compared, then without its endings."""

    start: int
    end: int
    forms: tuple[str, ...]


class Weight(NamedTuple):
    """A piece of a turn that says something, from `start` to before `end` of its text."""

    start: int
    end: int
    weight: float


@dataclass(slots=True)
class _Node:
    """Phrases that begin alike; `weight` is None unless one ends here."""

    weight: float | None = None
    then: dict[str, _Node] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lexicon:
    """What words of one language weigh.

    `phrases`: the weighted ones, 0 for what must not be counted. `strength`: by how much a word changes what follows.
    `negations`: turn round what follows. `negates_before`: whether a word turns round what stands before it (a Persian
    verb at the end). `buts`: what follows counts more than what was before. `forms`: a folded word with its endings
    taken off. `prefixes` and `suffixes`: written apart, they belong to the word after or before.
    """

    phrases: _Node
    strength: Mapping[str, float]
    negations: frozenset[str]
    buts: frozenset[str]
    negates_before: Callable[[str], bool]
    forms: Callable[[str], tuple[str, ...]]
    prefixes: frozenset[str] = frozenset()
    suffixes: frozenset[str] = frozenset()


def compiled(weighted: Iterable[tuple[float, str]], forms: Mapping[str, str] | None = None) -> _Node:
    """Tables as one tree. A table is lines of phrases; `a|b` stands for either word, `{x}` for all `forms` of x.

    A phrase that stands in several tables has the weight of the last.
    """
    root = _Node()
    for weight, table in weighted:
        for line in table.strip().splitlines():
            choices = [_choices(word, forms or {}) for word in line.split()]
            for words in product(*choices):
                node = root
                for word in words:
                    node = node.then.setdefault(word, _Node())
                node.weight = weight
    return root


def _choices(word: str, forms: Mapping[str, str]) -> list[str]:
    spread = forms[word[1:-1]] if word.startswith("{") else word
    return list(dict.fromkeys(folded(one) for one in spread.replace("|", " ").split()))


@lru_cache(maxsize=16_384)
def folded(word: str) -> str:
    """A word as it is compared: «نمی‌شه» and «نميشه» are one, "don't" and "dont" too."""
    return search_key(_APOSTROPHES.sub("", word))


def tokens(text: str, lexicon: Lexicon) -> list[Token]:
    """The words of `text` and, as words of their own, the marks that end a clause."""
    found: list[Token] = []
    waiting: tuple[int, str] | None = None
    for match in _TOKEN.finditer(text):
        word, start = folded(match.group()), match.start()
        if waiting is not None:
            start, word, waiting = waiting[0], waiting[1] + word, None
        elif word in lexicon.prefixes:
            waiting = (start, word)
            continue
        elif word in lexicon.suffixes and found and found[-1].forms[0] not in _MARKS:
            before = found.pop()
            start, word = before.start, before.forms[0] + word
        found.append(Token(start, match.end(), lexicon.forms(word)))
    return found


def weigh(text: str, lexicon: Lexicon) -> tuple[Weight, ...]:
    """The pieces of `text` that say something, in order, with what they weigh where they stand.

    A complaint of several words is whole in itself: a "not" before it does not make it praise.
    """
    words = tokens(text, lexicon)
    heads = [word.forms[0] for word in words]
    units, taken = _units(words, lexicon)
    but = next((i for i in range(len(heads) - 1, -1, -1) if heads[i] in lexicon.buts and i not in taken), -1)
    found = []
    for first, last, weight in units:
        strength = _strength(heads, first, lexicon, taken)
        whole = weight < 0 and last > first
        turned = not whole and _negated(heads, first, last, lexicon, taken)
        value = weight * strength
        if turned:
            value *= _NEGATED_GOOD if value > 0 else _NEGATED_BAD
        if 0 < but < len(heads) - 1:
            value *= _BEFORE_BUT if first < but else _AFTER_BUT
        found.append(Weight(words[first].start, words[last].end, round(value, 3)))
    return tuple(found)


def _units(words: list[Token], lexicon: Lexicon) -> tuple[list[tuple[int, int, float]], frozenset[int]]:
    """The longest phrases from left to right, and the places of all their words (also of those that weigh nothing)."""
    units: list[tuple[int, int, float]] = []
    taken: set[int] = set()
    at = 0
    while at < len(words):
        end, weight = _longest(words, at, lexicon.phrases)
        if weight is None:
            at += 1
            continue
        if weight:
            units.append((at, end, weight))
        if weight or end > at:
            taken.update(range(at, end + 1))
        at = end + 1
    return units, frozenset(taken)


def _longest(words: list[Token], at: int, root: _Node) -> tuple[int, float | None]:
    best: tuple[int, float | None] = (at, None)
    nodes = [root]
    for place in range(at, len(words)):
        nodes = [node.then[form] for node in nodes for form in words[place].forms if form in node.then]
        if not nodes:
            break
        weight = next((node.weight for node in nodes if node.weight is not None), None)
        if weight is not None:
            best = (place, weight)
    return best


def _strength(heads: list[str], first: int, lexicon: Lexicon, taken: frozenset[int]) -> float:
    strength = 1.0
    for place in range(first - 1, max(-1, first - 1 - _REACH), -1):
        if heads[place] in _MARKS or place in taken:
            break
        strength += lexicon.strength.get(heads[place], 0.0)
    return max(0.3, strength)


def _negated(heads: list[str], first: int, last: int, lexicon: Lexicon, taken: frozenset[int]) -> bool:
    """Whether an odd number of negations stands before it, or a negative verb after it, in the same clause."""
    turned = False
    for place in range(first - 1, max(-1, first - 1 - _REACH), -1):
        if heads[place] in _MARKS or heads[place] in lexicon.buts or place in taken:
            break
        turned ^= heads[place] in lexicon.negations
    for place in range(last + 1, min(len(heads), last + 1 + _REACH)):
        if heads[place] in _MARKS or heads[place] in lexicon.buts or place in taken:
            break
        if lexicon.negates_before(heads[place]):
            return not turned
    return turned
