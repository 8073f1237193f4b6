"""Finds customers by the beginning of any word: name, company, city, tag, e-mail, number.

An inverted index of our own (`customer_words`) instead of FTS5 and tsvector: one query for both databases, our own
folding of Persian letters, prefix search from an ordinary index, and numbers found however they are written.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from sqlalchemy import ColumnElement, and_, false, select

from cxcall.customers.number import national
from cxcall.letters import ascii_digits, words
from cxcall.store.tables import customer_words

_LAST = "\U0010ffff"
_NUMBER = re.compile(r"\+?[0-9][0-9 ().\-/]*")
_MOST_WORDS = 8


def words_of(texts: Iterable[str], emails: Iterable[str], numbers: Iterable[str]) -> list[str]:
    """All words a customer is found by, each once."""
    found: dict[str, None] = {}
    for text in texts:
        found.update(dict.fromkeys(words(text)))
    for email in emails:
        found[email.casefold()] = None
        found.update(dict.fromkeys(words(email)))
    for number in numbers:
        found.update(dict.fromkeys(_written_forms(number)))
    return list(found)


def digits_in(text: str) -> str | None:
    """The digits of `text` when it looks like a number or the beginning of one, with no `00` or `+`; else None."""
    written = ascii_digits(text).strip()
    if not _NUMBER.fullmatch(written):
        return None
    return re.sub(r"\D", "", written).removeprefix("00") or None


def every_word(customer_id: ColumnElement[str], text: str) -> ColumnElement[bool]:
    """Condition: the customer has, for each word of `text`, a word that begins with it."""
    digits = digits_in(text)
    asked = words(text)[:_MOST_WORDS] if digits is None else [digits]
    if not asked:
        return false()
    return and_(
        *(
            customer_id.in_(select(customer_words.c.customer_id).where(begins_with(customer_words.c.word, word)))
            for word in asked
        )
    )


def begins_with(column: ColumnElement[str | None], prefix: str) -> ColumnElement[bool]:
    """A prefix as a range, which an index in byte order answers."""
    return and_(column >= prefix, column < prefix + _LAST)


def _written_forms(number: str) -> list[str]:
    """`989123456789`, `09123456789`, `9123456789`, and the last 7 and 4 digits."""
    digits = number.removeprefix("+")
    inside = national(number)
    return [digits, inside, inside.lstrip("0"), digits[-7:], digits[-4:]]
