"""Which secret number a run of digits is, by its check digit and by the words around it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import takewhile
from typing import Literal

from cxcall.speech.redaction import kinds
from cxcall.speech.redaction.cues import Cue, about_card, last_four, nearest
from cxcall.speech.redaction.runs import Run, numeric

Kind = Literal["card", "iban", "national_id", "phone", "cvv", "expiry", "code"]

_NEAR_BEFORE = 12
_NEAR_ASKED = 6
"""So many words may stand between a cue and the number: in the same turn, or at the beginning of the answer."""

_FEWEST_OF_CARD = 6
"""Digits after "my card number is" are hidden from here, though the rest has yet to come."""

_FIRST_OF_CARD = 4
_RIGHT_AFTER = 3
"""The first group of a card is hidden when it comes right after these words, or as the answer."""

_FEWEST_OF_IBAN = 8
_FEWEST_OF_ACCOUNT = 16
_FEWEST_OF_PHONE = 7
_MOST_OF_PHONE = 15
_MOST_OF_END = 8
_CARD_TURNS = 8
"""The end of a card's life is hidden when a card is spoken of within so many turns: other things expire too."""

_CODE_LENGTHS = range(3, 13)
_ANOTHER = frozenset({"and", "و", "but", "also", "or", "یا", "ولی"})
"""What comes after these is about something else."""

_NOT_SECRET: tuple[Cue, ...] = ("safe", "other")


def names(said: Sequence[Run], country: str) -> list[tuple[Run, Kind]]:
    """The secret numbers in the runs of a talk; `country` is where phone numbers without a country code belong."""
    found = [named for run in said for named in _names(run, country)]
    cards = [atom.at for run, kind in found if kind in ("card", "cvv") for atom in run.atoms]
    ends = (part for run in said for part in numeric(run) if _cue(part) == "expiry" and len(part.text) <= _MOST_OF_END)
    for part in ends:
        near = any(abs(part.atoms[0].at - at) <= _CARD_TURNS for at in cards)
        if near or about_card((*part.asked, *part.before)):
            found.append((part, "expiry"))
    return found


def _names(run: Run, country: str) -> Iterator[tuple[Run, Kind]]:
    found = _iban(run)
    if found:
        yield found, "iban"
        return
    for part in numeric(run):
        cue = _cue(part)
        yield from (_checked(part, cue, country) or _told(part, cue) or ())


def _cue(run: Run) -> Cue | None:
    """The nearest word that tells what the number is: before it, else after it, else in the question."""
    own = nearest(run.before)
    if own and own[1] <= _NEAR_BEFORE:
        return own[0]
    after = nearest(list(takewhile(lambda word: word not in _ANOTHER, run.after)))
    if after:
        return after[0]
    asked = nearest(run.asked)
    return asked[0] if asked and len(run.before) <= _NEAR_ASKED else None


def _right_after(run: Run) -> bool:
    own = nearest(run.before)
    return own[1] <= _RIGHT_AFTER if own else len(run.before) <= _RIGHT_AFTER


def _iban(run: Run) -> Run | None:
    """Letters of a country and what follows, by length and mod 97; a Sheba number also without its IR."""
    atoms = run.atoms
    for first in range(len(atoms)):
        text = ""
        for last in range(first, len(atoms)):
            text += atoms[last].text
            if len(text) >= 15 and kinds.iban(text):
                return run.part(first, last + 1)
    if run.text.isdigit() and len(run.text) == kinds.SHEBA_DIGITS and kinds.iban(f"IR{run.text}"):
        return run
    digits = "".join(mark for mark in run.text if mark.isdigit())
    cue = _cue(run)
    told = (cue == "iban" and len(digits) >= _FEWEST_OF_IBAN) or (
        cue == "account" and len(digits) >= _FEWEST_OF_ACCOUNT
    )
    return run if told else None


def _checked(run: Run, cue: Cue | None, country: str) -> list[tuple[Run, Kind]] | None:
    """What check digits and prefixes tell."""
    text = run.text
    if _is_card(run, cue):
        return [(run, "card")]
    if country == "IR" and cue not in (*_NOT_SECRET, "phone", "code") and kinds.national_id(text):
        return [(run, "national_id")]
    phone = _phone(run, cue, country)
    return [(phone, "phone")] if phone else None


def _is_card(run: Run, cue: Cue | None) -> bool:
    text = run.text
    if cue == "card_number" and len(text) >= (_FIRST_OF_CARD if _right_after(run) else _FEWEST_OF_CARD):
        return True
    if cue == "card" and len(text) >= kinds.CARD_LENGTHS.start:
        return True
    if len(text) == kinds.USUAL_CARD and kinds.luhn(text):
        return cue != "safe" or kinds.bank(text)
    if len(text) == kinds.AMEX and kinds.amex(text) and kinds.luhn(text):
        return cue != "safe"
    return any(kinds.luhn(part) and kinds.bank(part) for _, part in _windows(run, kinds.USUAL_CARD))


def _windows(run: Run, length: int) -> Iterator[tuple[tuple[int, int], str]]:
    """Neighbouring atoms that make `length` digits together."""
    for first in range(len(run.atoms)):
        text = ""
        for last in range(first, len(run.atoms)):
            text += run.atoms[last].text
            if len(text) == length:
                yield (first, last + 1), text
            if len(text) >= length:
                break


def _phone(run: Run, cue: Cue | None, country: str) -> Run | None:
    text = run.text
    if cue == "phone" and _FEWEST_OF_PHONE <= len(text) <= _MOST_OF_PHONE:
        return run
    here = country == "IR"
    if here and kinds.iranian_phone(text) and (cue not in _NOT_SECRET or text.startswith(("09", "00989"))):
        return run
    if cue in _NOT_SECRET or not 9 <= len(text) <= _MOST_OF_PHONE + 2:
        return None
    if (text.startswith("00") or not here) and kinds.phone_of(text, country):
        return run
    # A «نه» or a count said just before it is not part of the number.
    for length in (14, 12, 11) if here else ():
        for (first, last), part in _windows(run, length):
            if part.startswith(("09", "989", "00989")) and kinds.iranian_phone(part):
                return run.part(first, last)
    return None


def _told(run: Run, cue: Cue | None) -> list[tuple[Run, Kind]] | None:
    """What only the words around it tell."""
    size = len(run.text)
    small = not any(atom.large for atom in run.atoms)
    if cue == "national_id" and 8 <= size <= 11:
        return [(run, "national_id")]
    if cue == "cvv" and size in (3, 4) and small:
        return [(run, "cvv")]
    if cue == "code" and size in _CODE_LENGTHS and small:
        return [(run, "code")]
    if size == 4 and last_four((*run.asked, *run.before, *run.after)):
        return [(run, "card")]
    return None
