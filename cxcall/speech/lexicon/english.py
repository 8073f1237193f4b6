"""English: VADER's words, and what people say in calls on top of them. Weights are on VADER's scale, -4…+4."""

from __future__ import annotations

from functools import lru_cache

from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

from cxcall.speech.lexicon import english_bad, english_good, english_nothing
from cxcall.speech.lexicon.weighing import STRONGER, WEAKER, Lexicon, compiled

_STRONGER = """
very really so extremely absolutely completely totally incredibly particularly especially truly terribly awfully
seriously quite most highly deeply utterly just super too always
"""
_WEAKER = "slightly somewhat bit little kinda sorta fairly almost hardly barely maybe perhaps rather"
_NEGATIONS = """
not no never dont doesnt didnt isnt arent wasnt werent wont wouldnt cant cannot couldnt shouldnt havent hasnt hadnt
without nothing neither nor aint nobody none noone
"""


@lru_cache(maxsize=1)
def lexicon() -> Lexicon:
    """VADER's list comes with its package and is read at the first call (about 20 ms); all the rest are tables here."""
    vader = SentimentIntensityAnalyzer().lexicon
    words = ((weight, word) for word, weight in vader.items() if word.isalpha() and word.isascii())
    own = (
        (0.0, english_nothing.NOTHING),
        (-2.6, english_bad.VERY_BAD),
        (-1.9, english_bad.BAD),
        (-0.9, english_bad.LITTLE_BAD),
        (-0.55, english_bad.REASONS),
        (2.6, english_good.VERY_GOOD),
        (1.9, english_good.GOOD),
        (0.5, english_good.THANKS),
        (0.8, english_good.MORE_THANKS),
    )
    strength = dict.fromkeys(_STRONGER.split(), STRONGER) | dict.fromkeys(_WEAKER.split(), WEAKER)
    return Lexicon(
        phrases=compiled((*words, *own)),
        strength=strength,
        negations=frozenset(_NEGATIONS.split()),
        buts=frozenset({"but", "however", "although"}),
        negates_before=lambda _: False,
        forms=lambda word: (word,),
    )
