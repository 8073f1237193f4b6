"""Persian as it is spoken: endings, verbs that turn round what stands before them, words written apart.

Engines and people write one form in many ways («نمی‌شه»، «نمیشه»، «نمی شه»، «نمی‌شود»). Here half-spaces are closed
(`cxcall.letters`), «می» and «نمی» join what follows, endings written apart join what is before, and a word is looked
up as it is and without its endings.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import product

from cxcall.speech.lexicon import (
    persian_bad,
    persian_failed,
    persian_good,
    persian_lost,
    persian_nothing,
    persian_words,
)
from cxcall.speech.lexicon.persian_verbs import FORMS
from cxcall.speech.lexicon.weighing import STRONGER, WEAKER, Lexicon, compiled, folded


def _words(table: str) -> list[str]:
    return [folded(word) for word in table.split()]


_STRONGER = """
خیلی واقعا واقعاً اصلا اصلاً بسیار کاملا کاملاً حسابی فوق‌العاده شدیدا به‌شدت شدید همیشه بدجور بدجوری انقدر اینقدر
چقدر چقد همش کلی خیلیم حقیقتا جدا
"""
_WEAKER = "کمی یکم یه‌کم یه‌خورده یه‌ذره کم تقریبا شاید نسبتا تاحدی یه‌مقدار"
_NEGATIONS = "بدون"
_BUTS = "ولی اما لیکن منتها منتهی"

_PREFIXES = "می نمی"
_SUFFIXES = "ها های هایی هاش هام هاتون هامون ام ات اش ایم اید اند تر ترین تون مون شون تان مان شان ای"

_ENDINGS = tuple(
    _words("""
    هایتان هایشان هایمان هاتون هاشون هامون هایم هایی های هام هاش هات ها
    ترین تری تره تر تونو مونو شونو تون مون شون تان مان شان مو تو شو رو
    ستم ست م ت ش ی ه و ام ات اش ای ایم اید اند این ان یم ید ین ند یی یه یها
    """)
)
_SHORTEST = 3
_MOST_FORMS = 8

_NEGATIVE = frozenset(
    _words("""
    نیست نیستم نیستی نیستیم نیستید نیستین نیستن نیستند نبود نبودم نبودی نبودیم نبودید نبودین نبودن نبودند نبوده نباشه
    نباشد نباشم نباشید نباشین ندارم نداری نداره ندارد نداریم ندارید ندارین ندارن ندارند نداشتم نداشت نداشتی نداشتیم
    نداشتید نداشتین نداشتن نداشتند نداشته نخیر
    """)
)
_PAST = """
شد کرد داد گرفت دید رفت یومد یامد خورد گفت رسید موند ماند تونست توانست دونست خواست کشید ذاشت گذاشت برد ساخت فهمید افتاد
"""
_PAST_ENDINGS = ("", "م", "ی", "یم", "ید", "ین", "ن", "ند", "ه", "هام", "هایم", "هاید", "هاند", "هاست")
_NEGATIVE_PAST = frozenset(folded(f"ن{stem}{ending}") for stem, ending in product(_PAST.split(), _PAST_ENDINGS))
_FEWEST_OF_NEMI = 5


@lru_cache(maxsize=16_384)
def forms(word: str) -> tuple[str, ...]:
    """A folded word, then without one ending, then without two: «ناراضیام» is also «ناراضی»."""
    found = {word: None}
    for _ in range(2):
        for form in tuple(found):
            for ending in _ENDINGS:
                if form.endswith(ending) and len(form) - len(ending) >= _SHORTEST:
                    found.setdefault(form[: -len(ending)])
    return tuple(found)[:_MOST_FORMS]


@lru_cache(maxsize=4096)
def negative(word: str) -> bool:
    """Whether a folded word is a verb in the negative: «نیستم», «ندارم», «نشد», «نمی‌کنه»."""
    return word in _NEGATIVE or word in _NEGATIVE_PAST or (word.startswith("نمی") and len(word) >= _FEWEST_OF_NEMI)


@lru_cache(maxsize=1)
def lexicon() -> Lexicon:
    tables = (
        (-1.6, persian_words.BAD),
        (1.6, persian_words.GOOD),
        (0.0, persian_nothing.NOTHING),
        (-2.6, persian_bad.VERY_BAD),
        (-1.9, persian_failed.FAILED),
        (-1.9, persian_lost.WAITING),
        (-1.9, persian_bad.BAD),
        (-0.9, persian_bad.LITTLE_BAD),
        (-0.55, persian_bad.REASONS),
        (2.6, persian_good.VERY_GOOD),
        (1.9, persian_good.GOOD),
        (0.9, persian_good.LITTLE_GOOD),
        (0.5, persian_good.THANKS),
        (0.9, persian_good.MORE_THANKS),
        (0.0, persian_nothing.STILL_NOTHING),
    )
    return Lexicon(
        phrases=compiled(tables, FORMS),
        strength=dict.fromkeys(_words(_STRONGER), STRONGER) | dict.fromkeys(_words(_WEAKER), WEAKER),
        negations=frozenset(_words(_NEGATIONS)),
        buts=frozenset(_words(_BUTS)),
        negates_before=negative,
        forms=forms,
        prefixes=frozenset(_words(_PREFIXES)),
        suffixes=frozenset(_words(_SUFFIXES)),
    )
