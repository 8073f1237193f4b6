"""How a customer feels: each turn between -1 and +1, and the call from its turns (METRICS.md `sentiment`).

A turn's value comes from the words it holds (`lexicon`), which are also what is underlined. It does not know irony, nor
what happened before: a person may correct a turn, and that value is the one that counts from then on.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Literal

import msgspec

from cxcall.speech.conversation import order
from cxcall.speech.lexicon import english, persian
from cxcall.speech.lexicon.weighing import weigh
from cxcall.speech.transcript import Turn

LANGUAGES = ("en", "fa")
"""Languages whose feeling is read."""

Trend = Literal["improving", "steady", "worsening"]
Word = Literal["positive", "neutral", "negative"]

CLEAR = 0.2
"""From here on, up or down, a value is said to be positive or negative and a trend to be improving or worsening."""

_SOFTENING = 8.0
"""One clear phrase (about 2) gives some 0.55, three of them 0.9; nothing gives more than 1."""

_BARE_WORDS = 2
_FEWEST_FOR_TREND = 3


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """A piece of a turn's text that says how the speaker feels; below 0 is bad, above good, as it stands there."""

    start: int
    end: int
    weight: float


class Feeling(msgspec.Struct, frozen=True, kw_only=True):
    """What one turn says: -1…+1, and the pieces it comes from, in order."""

    value: float
    found: tuple[Found, ...] = ()


class CallFeeling(msgspec.Struct, frozen=True, kw_only=True):
    """What a call says (METRICS `sentiment`, `mood_trend`).

    `score`: -1…+1, the last third counting double; None without a turn that counts. `trend`: last third less first
    third, -2…+2, and its `word`; None below three turns. `turns`: how many counted.
    """

    score: float | None
    trend: float | None
    word: Trend | None
    turns: int


def of_turn(text: str, language: str) -> Feeling | None:
    """What a turn says, or None in a language that has no lexicon here. `language` is like `fa` or `en-GB`."""
    weighed = _weighed(text, language.replace("_", "-").partition("-")[0].lower())
    if weighed is None:
        return None
    sum_ = sum(weight for _, _, weight in weighed)
    return Feeling(
        value=round(sum_ / math.sqrt(sum_ * sum_ + _SOFTENING), 3),
        found=tuple(Found(start=start, end=end, weight=weight) for start, end, weight in weighed if weight),
    )


@lru_cache(maxsize=4096)
def _weighed(text: str, language: str) -> tuple[tuple[int, int, float], ...] | None:
    if language == "en":
        return weigh(text, english.lexicon())
    if language == "fa":
        return weigh(text, persian.lexicon())
    return None


def felt(turns: Iterable[Turn], language: str) -> tuple[Turn, ...]:
    """The same turns, the customer's with their sentiment. One that is given is final: a person corrected it."""
    return tuple(_felt(turn, language) for turn in turns)


def _felt(turn: Turn, language: str) -> Turn:
    if turn.speaker != "customer" or turn.sentiment is not None:
        return turn
    feeling = of_turn(turn.text, language)
    return msgspec.structs.replace(turn, sentiment=feeling.value) if feeling else turn


def of_call(turns: Iterable[Turn]) -> CallFeeling:
    """What the sentiment of the customer's turns comes to.

    Thirds are of the turns that count, in order. A bare "yes" or «بله» of at most two words that says nothing does
    not count: it only acknowledges, and a mean over dozens of them would call every talk neutral.
    """
    values = [
        turn.sentiment
        for turn in order(turns)
        if turn.speaker == "customer"
        and turn.sentiment is not None
        and (turn.sentiment or len(turn.text.split()) > _BARE_WORDS)
    ]
    if not values:
        return CallFeeling(score=None, trend=None, word=None, turns=0)
    third = max(1, round(len(values) / 3))
    last = values[-third:] if len(values) >= _FEWEST_FOR_TREND else []
    score = (sum(values) + sum(last)) / (len(values) + len(last))
    trend = round(_mean(last) - _mean(values[:third]), 3) if last else None
    return CallFeeling(
        score=round(score, 3),
        trend=trend,
        word=None if trend is None else trend_word(trend),
        turns=len(values),
    )


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


def word(value: float) -> Word:
    """The word for the sentiment of a turn or a call."""
    return "positive" if value >= CLEAR else "negative" if value <= -CLEAR else "neutral"


def trend_word(value: float) -> Trend:
    """The word for a `mood_trend`."""
    return "improving" if value >= CLEAR else "worsening" if value <= -CLEAR else "steady"
