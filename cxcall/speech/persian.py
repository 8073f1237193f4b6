"""What the Persian of telephones does to a word: its endings, its prefixes and its spoken forms.

All words here are keys (`cxcall.letters.search_key`): no half-spaces, ا for آ. The tables are short on purpose. An
ending that makes another word of a short one (کار, work, and کارت, card) is only taken from words long enough.
"""

from __future__ import annotations

PREFIXES = frozenset({"می", "نمی", "نا"})
"""Parts of the word that follows, however they are spaced. Two of them turn its meaning round."""

_PEOPLE = ("م", "ت", "ش", "مان", "تان", "شان", "مون", "تون", "شون")

PLURALS = frozenset({"ها", "های", "هایی", "هارو", *(f"ها{one}" for one in _PEOPLE), *(f"های{one}" for one in _PEOPLE)})

APART = PLURALS | {"ام", "ات", "اش", "ایم", "اید", "اند", "ای", "ست", "مان", "تان", "شان", "مون", "تون", "شون"}
"""Endings people and engines also write apart from their word."""

JOINED = APART | {"رو", "را", "مو", "تو", "شو", "یم", "یت", "یش", "است"}
"""Endings of two letters and more, of words of three letters and more."""

_SHORTEST = 3
_SHORTEST_FOR_A_LETTER = 4
_OF_SHORT_WORDS = frozenset("مش")
_OF_LONG_WORDS = frozenset("مشیتهو")

MARKERS = frozenset({"ی", "را", "رو"})
"""Words that only tie others together: left out behind a word, in phrases and in what is said."""

_PAST = (
    "کرد", "شد", "داد", "زد", "گفت", "رفت", "امد", "گرفت", "خورد", "بود", "داشت", "رسید", "ماند", "افتاد", "خواست",
    "کشید", "فرستاد", "گذاشت", "بست", "برد", "شنید", "دید",
)  # fmt: skip
_VERBS = frozenset(form for stem in _PAST for form in (stem, f"ن{stem}", f"{stem}ه", f"ن{stem}ه")) | {"نیامد", "نیامده"}

_PRESENT = {
    "خوام": "خواهم", "خوای": "خواهی", "خواد": "خواهد", "خوایم": "خواهیم", "خواین": "خواهید", "خواید": "خواهید",
    "خوان": "خواهند", "شه": "شود", "شن": "شوند", "شین": "شوید", "تونم": "توانم", "تونی": "توانی", "تونه": "تواند",
    "تونیم": "توانیم", "تونین": "توانید", "تونید": "توانید", "تونن": "توانند", "کنه": "کند", "کنن": "کنند",
    "کنین": "کنید", "دونم": "دانم", "دونی": "دانی", "دونه": "داند", "دونید": "دانید", "دونین": "دانید", "گه": "گوید",
    "گن": "گویند", "گم": "گویم", "گین": "گویید", "گید": "گویید", "ره": "رود", "رم": "روم", "رن": "روند", "ده": "دهد",
    "دم": "دهم", "دن": "دهند", "دین": "دهید", "دید": "دهید", "مونه": "ماند", "مونم": "مانم",
    "ذاره": "گذارد", "ذارن": "گذارند", "ذارم": "گذارم", "زنه": "زند", "زنن": "زنند", "زنین": "زنید", "گیره": "گیرد",
    "گیرن": "گیرند", "رسه": "رسد", "خوره": "خورد", "فرسته": "فرستد", "فرستن": "فرستند", "شناسه": "شناسد",
    "پرسه": "پرسد", "کشه": "کشد", "پردازه": "پردازد", "چرخه": "چرخد", "سازه": "سازد",
}  # fmt: skip
_OTHERS = {
    "دیگه": "دیگر", "اگه": "اگر", "یه": "یک", "خونه": "خانه", "همون": "همان", "اون": "ان", "اونا": "انها",
    "کدوم": "کدام", "تموم": "تمام", "اومد": "امد", "اومده": "امده", "اومدن": "امدند", "نیومد": "نیامد",
    "نیومده": "نیامده", "تومن": "تومان", "ارزون": "ارزان", "گرون": "گران", "اروم": "ارام", "پشیمون": "پشیمان",
    "خیابون": "خیابان", "واسه": "برای", "واسم": "برایم", "برام": "برایم", "براتون": "برایتان", "منو": "من",
    "اینو": "این", "اونو": "ان", "مارو": "ما", "بدین": "بدهید", "بدید": "بدهید", "بدم": "بدهم", "بگین": "بگویید",
    "بگید": "بگویید", "هیشکی": "هیچکس",
    "میاد": "میاید", "میام": "میایم", "نمیاد": "نمیاید", "نمیام": "نمیایم", "بیاد": "بیاید", "بیام": "بیایم",
    "ممنونم": "ممنون", "متشکر": "متشکرم",
}  # fmt: skip

SPOKEN = {
    **{f"{first}{said}": f"{first}{written}" for said, written in _PRESENT.items() for first in ("می", "نمی")},
    **{f"ب{said}": f"ب{written}" for said, written in _PRESENT.items() if len(said) > 2},
    "بشه": "بشود", "نشه": "نشود", "بشن": "بشوند",
    **_OTHERS,
}  # fmt: skip
"""Written forms by the spoken ones: two writings of the same word, so that one phrase finds both."""


def written(word: str) -> str:
    """The written form of a word that is said."""
    return SPOKEN.get(word, word)


def bends(word: str) -> bool:
    """Whether a phrase with this word also means it with an ending: not forms of verbs, where it is another person."""
    if len(word) < _SHORTEST or word in _VERBS:
        return False
    return not (len(word) > _SHORTEST_FOR_A_LETTER and word.startswith(("می", "نمی")))


def is_ending(word: str, rest: str) -> bool:
    """Whether `rest`, joined to `word`, is one of its endings; the word bends."""
    if len(rest) == 1:
        return rest in (_OF_LONG_WORDS if len(word) >= _SHORTEST_FOR_A_LETTER else _OF_SHORT_WORDS)
    return rest in JOINED
