"""Letters and digits as people mean them: Arabic and Persian forms of one letter are the same letter.

`tidy` is for what we keep (it stays readable), `search_key`, `sort_key` and `words` for what we compare.
"""

from __future__ import annotations

import re
import unicodedata

ZWNJ = "\u200c"

# An index takes no more than some 2,700 bytes a row, and what callers send may be of any length.
_LONGEST_WORD = 60
_LONGEST_KEY = 200

_DIGITS = {ord(digit): str(value) for digits in ("۰۱۲۳۴۵۶۷۸۹", "٠١٢٣٤٥٦٧٨٩") for value, digit in enumerate(digits)}
_KEPT = str.maketrans({"ي": "ی", "ى": "ی", "ك": "ک", "\u00a0": " ", "\u200d": None, "\ufeff": None})
_COMPARED = str.maketrans({
    "آ": "ا", "أ": "ا", "إ": "ا", "ٱ": "ا", "ة": "ه", "ۀ": "ه", "ؤ": "و", "ئ": "ی", "ء": None, "ـ": None,
})  # fmt: skip
_ALPHABET = "ابپتثجچحخدذرزژسشصضطظعغفقکگلمنوهی"
_IN_ORDER = {ord(letter): 0x0621 + place for place, letter in enumerate(_ALPHABET)}
_DIRECTION_MARKS = re.compile("[\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069]")
_SPACES = re.compile(r"\s+")
_ZWNJ_AT_AN_EDGE = re.compile(f"{ZWNJ}*(\\s|^|$){ZWNJ}*|{ZWNJ}(?={ZWNJ})")
_WORD = re.compile(rf"[\w{ZWNJ}]+")


def ascii_digits(text: str) -> str:
    """Persian and Arabic digits as 0–9; everything else stays."""
    return text.translate(_DIGITS)


def tidy(text: str) -> str:
    """Text as we keep it: NFC, Persian ی and ک, single spaces, no invisible marks, no stray half-spaces."""
    if text.isascii():
        return " ".join(text.split())
    kept = unicodedata.normalize("NFC", text).translate(_KEPT)
    kept = _SPACES.sub(" ", _DIRECTION_MARKS.sub("", kept))
    return _ZWNJ_AT_AN_EDGE.sub(r"\1", kept).strip()


def search_key(text: str) -> str:
    """Text as we compare it: tidied, lower case, ASCII digits, no vowel marks, half-spaces closed."""
    if text.isascii():
        return tidy(text).lower()
    key = ascii_digits(tidy(text)).translate(_COMPARED).casefold().replace(ZWNJ, "")
    return "".join(mark for mark in unicodedata.normalize("NFKD", key) if not unicodedata.combining(mark))


def sort_key(text: str) -> str:
    """What a list of names is sorted by, byte by byte: the Persian alphabet in its own order; the nameless last."""
    return search_key(text).translate(_IN_ORDER)[:_LONGEST_KEY] or "\ufffd"


def words(text: str) -> list[str]:
    """Words of `text` to find it by, each once; «علی‌رضا» is found as one word and as its parts."""
    found: dict[str, None] = {}
    for word in _WORD.findall(tidy(text)):
        for part in (word, *(word.split(ZWNJ) if ZWNJ in word else ())):
            key = search_key(part).replace("_", "")[:_LONGEST_WORD]
            if key:
                found[key] = None
    return list(found)
