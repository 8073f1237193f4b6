"""A customer's profile: what it holds, and how it is read from what a person or a file wrote.

Sentences of problems are English and keys of the word catalogues; `{value}` stands for what was written.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, TypeVar, get_args

from cxcall.customers.number import fold
from cxcall.letters import ascii_digits, search_key, tidy

Tier = Literal["bronze", "silver", "gold"]
Language = Literal["fa", "en"]
Written = str | Iterable[str] | None
"""A field as it was written: text, or several texts."""

LONGEST_TEXT = 120
LONGEST_TAG = 40
MOST_OF_A_KIND = 20
LARGEST_VALUE = 1e15
"""A customer's value stays below; larger ones are slips, and no longer counted exactly."""
NO_SURVEY = "no-survey"
"""The tag of a customer who is never asked in a survey."""

_W = TypeVar("_W", bound=str)
_SEVERAL = re.compile(r"[,;،؛\n\r|]+")
_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s.]+(\.[^@\s.]+)+")
_TIERS: dict[str, Tier] = {
    **{tier: tier for tier in get_args(Tier)},
    "برنزی": "bronze", "برنز": "bronze", "نقره ای": "silver", "نقرهای": "silver", "نقره": "silver",
    "طلایی": "gold", "طلا": "gold",
}  # fmt: skip
_LANGUAGES: dict[str, Language] = {
    "fa": "fa", "persian": "fa", "farsi": "fa", "فارسی": "fa", "en": "en", "english": "en", "انگلیسی": "en",
}  # fmt: skip
_NUMBER = re.compile(r"-?\d{1,40}(\.\d{1,20})?")
_FIGURE = str.maketrans({",": None, "٬": None, "،": None, "_": None, " ": None, "٫": ".", "−": "-"})
_NO_VALUE = frozenset({"", "-", "none", "no", "null", "ندارد", "هیچ"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """Who a customer is. Numbers are E.164, the main one first; empty text and None mean not known.

    `value`: what the customer is worth by the site's own figure (money a year, points). `manager`: user id of the
    person who looks after them.
    """

    name: str = ""
    numbers: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()
    company: str = ""
    city: str = ""
    tier: Tier | None = None
    language: Language | None = None
    tags: tuple[str, ...] = ()
    value: float | None = None
    manager: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Why a field can't be taken: `sentence` with `{value}` for what was written."""

    field: str
    sentence: str
    value: str = ""

    def __str__(self) -> str:
        return self.sentence.format(value=self.value)


def read_profile(
    written: Mapping[str, Written], region: str, managers: Mapping[str, str] | None = None
) -> tuple[Profile, tuple[Problem, ...]]:
    """The profile in the fields of a form or a line, and every problem with it; unknown fields do not matter.

    With problems the profile holds what was right. `region`: country of numbers written without one. `managers`: user
    id by each name, folded by `search_key`, that an account manager may be written with.
    """
    problems: list[Problem] = []
    profile = Profile(
        name=_text("name", written, problems),
        numbers=_numbers(written, region, problems),
        emails=_emails(written, problems),
        company=_text("company", written, problems),
        city=_text("city", written, problems),
        tier=_word("tier", written, _TIERS, problems),
        language=_word("language", written, _LANGUAGES, problems),
        tags=_tags(written, problems),
        value=_value(written, problems),
        manager=_word("manager", written, managers or {}, problems),
    )
    if not problems and not profile.name and not profile.numbers:
        problems.append(Problem(field="name", sentence="A customer needs a name or a number."))
    return profile, tuple(problems)


def value_text(value: float | None) -> str:
    """A customer's value as `read_profile` reads it again: plain digits, "" where it is not known."""
    return "" if value is None else format(Decimal(repr(value)), "f").removesuffix(".0")


def several(written: Written) -> list[str]:
    """The parts of a field that holds a list: separated by commas, semicolons (also ، ؛), bars or lines."""
    texts = [written] if isinstance(written, str) else list(written or ())
    parts = (tidy(part) for text in texts for part in _SEVERAL.split(text))
    return [part for part in parts if part]


def _one(field: str, written: Mapping[str, Written]) -> str:
    value = written.get(field)
    return tidy(value if isinstance(value, str) else " ".join(value or ())).replace("\0", "")


def _text(field: str, written: Mapping[str, Written], problems: list[Problem]) -> str:
    text = _one(field, written)
    if len(text) > LONGEST_TEXT:
        problems.append(Problem(field=field, sentence="This is longer than 120 letters.", value=text))
    return text[:LONGEST_TEXT]


def _numbers(written: Mapping[str, Written], region: str, problems: list[Problem]) -> tuple[str, ...]:
    numbers: dict[str, None] = {}
    for part in several(written.get("numbers")):
        number = fold(part, region)
        if number is None:
            problems.append(Problem(field="numbers", sentence="{value} is not a phone number.", value=part))
        else:
            numbers[number] = None
    return _at_most("numbers", numbers, problems)


def _emails(written: Mapping[str, Written], problems: list[Problem]) -> tuple[str, ...]:
    emails: dict[str, None] = {}
    for part in several(written.get("emails")):
        email = ascii_digits(part).casefold()
        if _EMAIL.fullmatch(email) and len(email) <= LONGEST_TEXT:
            emails[email] = None
        else:
            problems.append(Problem(field="emails", sentence="{value} is not an e-mail address.", value=part))
    return _at_most("emails", emails, problems)


def _tags(written: Mapping[str, Written], problems: list[Problem]) -> tuple[str, ...]:
    tags: dict[str, str] = {}
    for part in several(written.get("tags")):
        if len(part) > LONGEST_TAG:
            problems.append(Problem(field="tags", sentence="The tag {value} is longer than 40 letters.", value=part))
        elif search_key(part):
            tags.setdefault(search_key(part), part)
    return _at_most("tags", tags.values(), problems)


def _value(written: Mapping[str, Written], problems: list[Problem]) -> float | None:
    """A figure as people write it: ۱۲٬۵۰۰٫۵ and 12,500.5 are the same."""
    text = _one("value", written)
    if search_key(text) in _NO_VALUE:
        return None
    figure = ascii_digits(text).translate(_FIGURE)
    if not _NUMBER.fullmatch(figure) or abs(float(figure)) >= LARGEST_VALUE:
        problems.append(Problem(field="value", sentence="{value} is not a number.", value=text))
        return None
    return float(figure)


def _at_most(field: str, values: Iterable[str], problems: list[Problem]) -> tuple[str, ...]:
    kept = tuple(values)
    if len(kept) > MOST_OF_A_KIND:
        problems.append(Problem(field=field, sentence="No more than 20 of these can be kept."))
    return kept[:MOST_OF_A_KIND]


def _word(field: str, written: Mapping[str, Written], known: Mapping[str, _W], problems: list[Problem]) -> _W | None:
    text = _one(field, written)
    key = search_key(text)
    if key in _NO_VALUE:
        return None
    if key not in known:
        problems.append(Problem(field=field, sentence=_NOT_KNOWN[field], value=text))
    return known.get(key)


_NOT_KNOWN = {
    "tier": "{value} is not a tier. Write bronze, silver or gold.",
    "language": "{value} is not a language of cxcall. Write fa or en.",
    "manager": "{value} is nobody who uses cxcall. Write a login name.",
}
