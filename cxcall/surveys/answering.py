"""What a key, or none, means to a question: an answer, the first digit of one, or a wrong key.

Rules of a number 0–10 (`nps`): # and `pause` seconds of silence end it, a second digit ends it too (so "10" needs
neither); what is above 10 is a wrong key. An answer wins over the skip key, that over the key of no more surveys:
a key the question itself uses never ends the survey.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from cxcall.surveys.script import Key, Question

DIGITS = "0123456789"
MOST = 10
"""The highest number of an `nps` question."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """The question is dealt with: answered, skipped, or the caller wants no surveys. `next` is the key's own way."""

    result: Literal["answered", "skipped", "opted_out"]
    keys: str
    value: float | None = None
    next: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class More:
    """Digits of a number that may go on."""

    keys: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Wrong:
    """Keys that answer nothing; none when the caller was silent."""

    keys: str = ""


Heard = Chosen | More | Wrong


def pressed(question: Question, typed: str, key: str, opt_out_key: str) -> Heard:
    """A key, after the digits `typed` before it."""
    if typed:
        return _number_goes_on(question, typed, key)
    if question.kind == "nps" and key and key in DIGITS:
        return More(keys=key)
    choice = None if question.kind == "nps" else _key(question, key)
    if choice is not None:
        return Chosen(result="answered", keys=key, value=choice.value, next=choice.next)
    if key and key == question.skip_key:
        return Chosen(result="skipped", keys=key)
    if key and key == opt_out_key:
        return Chosen(result="opted_out", keys=key)
    return Wrong(keys=key)


def silent(question: Question, typed: str) -> Heard:
    """Nothing was pressed: the end of a number that was begun."""
    return number(question, typed) if typed else Wrong()


def left(question: Question, typed: str) -> Heard:
    """The caller hung up: a number that can only be meant as it stands counts; 1 might have become 10."""
    return Wrong(keys=typed) if typed in ("", "1") else number(question, typed)


def number(question: Question, typed: str) -> Heard:
    """The number 0–10 that was typed; a key of the script may give it another value and a way of its own."""
    if int(typed) > MOST:
        return Wrong(keys=typed)
    keys = str(int(typed))
    choice = _key(question, keys)
    if choice is None:
        return Chosen(result="answered", keys=keys, value=float(keys))
    value = float(keys) if choice.value is None else choice.value
    return Chosen(result="answered", keys=keys, value=value, next=choice.next)


def _number_goes_on(question: Question, typed: str, key: str) -> Heard:
    if key == "#":
        return number(question, typed)
    return number(question, typed + key) if key and key in DIGITS else Wrong(keys=typed + key)


def _key(question: Question, key: str) -> Key | None:
    return next((one for one in question.keys if one.key == key), None)
