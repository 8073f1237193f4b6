"""Does a condition hold for what is known? What is not known, or can't be read, fits none (but `known` with "no").

Words are compared as people mean them: capitals, Arabic and Persian letters, digits of any script are the same.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from functools import lru_cache
from typing import Any

from cxcall.letters import ascii_digits, search_key
from cxcall.routing.facts import Facts
from cxcall.routing.names import Kind, Value, split_fact
from cxcall.routing.rule import Comparison, Condition

Comparable = str | float
"""Of one kind all values are the same of the two."""

DAY_MINUTES = 24 * 60
_CLOCK = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")


def holds(condition: Condition, facts: Facts) -> bool:
    """Whether the condition holds for a call."""
    name, argument = split_fact(condition.fact)
    return name is not None and fits(condition, name.kind, name.read(facts, argument))


def fits(condition: Condition, kind: Kind, value: Value) -> bool:
    """Whether a fact's value fits the condition."""
    if condition.op == "known":
        return (value is not None) != says_no(condition)
    if value is None:
        return False
    if condition.op == "holds":
        return isinstance(value, bool) and value != says_no(condition)
    found, asked = comparable(kind, value), [comparable(kind, one) for one in condition.value]
    if found is None or None in asked or not asked:
        return False
    if condition.op == "between":
        return len(asked) == 2 and _between(found, asked[0], asked[1], wraps=kind == "clock")
    return _FITS[condition.op](found, asked)


def says_no(condition: Condition) -> bool:
    """Whether a yes-or-no condition asks the opposite."""
    return condition.value == ("no",)


@lru_cache(maxsize=4096, typed=True)
def comparable(kind: Kind, value: str | float) -> Comparable | None:
    """A value as it is compared: numbers and minutes of the day as numbers, all else as text; None can't be read."""
    return _READ[kind](value)


def minutes(text: str) -> int | None:
    """A time of day as minutes, None when it is none."""
    found = _CLOCK.fullmatch(ascii_digits(text).strip())
    return None if found is None else int(found[1]) * 60 + int(found[2])


def _number(value: str | float) -> float | None:
    try:
        number = float(ascii_digits(value) if isinstance(value, str) else value)
    except (ValueError, OverflowError):
        return None
    return number if abs(number) < float("inf") else None


def _clock(value: str | float) -> float | None:
    return minutes(value) if isinstance(value, str) else None


def _date(value: str | float) -> str | None:
    try:
        return date.fromisoformat(ascii_digits(str(value)).strip()).isoformat()
    except ValueError:
        return None


def _phone(value: str | float) -> str | None:
    """Digits with + before a country's code, however they were written."""
    text = ascii_digits(format(value, "g") if isinstance(value, float) else str(value))
    kept = "".join(mark for mark in text if mark.isdecimal() or mark in "+*#")
    return ("+" + kept[2:] if kept.startswith("00") else kept) or None


def _word(value: str | float) -> str | None:
    return search_key(format(value, "g") if isinstance(value, float) else str(value)) or None


_READ: Mapping[Kind, Callable[[str | float], Comparable | None]] = {
    "word": _word, "text": _word, "weekday": _word, "yes_no": _word, "phone": _phone,
    "number": _number, "clock": _clock, "date": _date,
}  # fmt: skip


def _between(value: Any, low: Any, high: Any, *, wraps: bool) -> bool:
    """From the first to the second, both in it; a time of day whose end is before its beginning goes past midnight."""
    if wraps and high < low:
        return bool(value >= low or value <= high)
    return bool(low <= value <= high)


_FITS: Mapping[Comparison, Callable[[Any, list[Any]], bool]] = {
    "is": lambda value, asked: value == asked[0],
    "is_not": lambda value, asked: value != asked[0],
    "one_of": lambda value, asked: value in asked,
    "none_of": lambda value, asked: value not in asked,
    "contains": lambda value, asked: isinstance(value, str) and any(one in value for one in asked),
    "begins": lambda value, asked: isinstance(value, str) and any(value.startswith(one) for one in asked),
    "over": lambda value, asked: value > asked[0],
    "at_least": lambda value, asked: value >= asked[0],
    "under": lambda value, asked: value < asked[0],
    "at_most": lambda value, asked: value <= asked[0],
}
