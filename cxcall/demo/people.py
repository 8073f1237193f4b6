"""Made-up customers: the same ones for the same seed. Names from `lists`, numbers as Iranian ones look.

Iran has no block of numbers kept free for fiction, so a made-up number may be somebody's; nothing here ever dials
outside this machine. Numbers of the callers from abroad are from the block that Britain keeps free for drama.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Literal

from cxcall.demo import lists

Language = Literal["fa", "en"]

_PERSIAN_SHARE = 0.72
_COMPANY_SHARE = 0.3
_SECOND_NUMBER_SHARE = 0.35
_FROM_ABROAD_SHARE = 0.25
_MOST_LOYAL = 6.0
_VALUES = {"gold": 90, "silver": 30, "bronze": 6}
_IN_THE_BOOKS = 0.9
LOOKED_AFTER = 150
"""From this value on, in millions of tomans a year, a customer has an account manager."""
MANAGERS = ("omid", "nasrin", "hamed")
"""Who looks after them, by login."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """One made-up customer; `numbers` are E.164, the first one is the one they call from most."""

    name: str
    language: Language
    numbers: tuple[str, ...]
    emails: tuple[str, ...]
    company: str
    city: str
    tier: str
    tags: tuple[str, ...]
    notes: tuple[str, ...]
    loyalty: float
    """How often they call, relative to others (a few call often, most hardly ever)."""
    value: int | None
    """What they are worth a year, in millions of tomans, as the company's books have it; None: not in them."""
    manager: str
    """Login of the account manager, "" for most."""


def people(count: int, seed: int) -> list[Person]:
    """`count` customers, no number twice."""
    chance = random.Random(f"people-{seed}")
    taken: set[str] = set()
    books = random.Random(f"accounts-{seed}")
    return [_with_account(_person(n, chance, taken), books) for n in range(count)]


def strangers(count: int, seed: int, known: Iterable[Person]) -> list[str]:
    """`count` E.164 numbers that none of the `known` has."""
    chance = random.Random(f"strangers-{seed}")
    taken = {number for person in known for number in person.numbers}
    return [_free(taken, lambda: _mobile(chance)) for _ in range(count)]


def _person(n: int, chance: random.Random, taken: set[str]) -> Person:
    persian = chance.random() < _PERSIAN_SHARE
    first = chance.choice(lists.PERSIAN_FIRST if persian else lists.ENGLISH_FIRST)
    last = chance.choice(lists.PERSIAN_LAST if persian else lists.ENGLISH_LAST)
    city = chance.choices(lists.CITIES, [weight for *_, weight in lists.CITIES])[0]
    company = ""
    if chance.random() < _COMPANY_SHARE:
        company = chance.choice(lists.PERSIAN_COMPANIES if persian else lists.ENGLISH_COMPANIES)
    abroad = not persian and chance.random() < _FROM_ABROAD_SHARE
    numbers = [_free(taken, lambda: _british(chance) if abroad else _mobile(chance))]
    if company or chance.random() < _SECOND_NUMBER_SHARE:
        numbers.append(_free(taken, lambda: _landline(chance, city[2])))
    return Person(
        name=f"{first} {last}",
        language="fa" if persian else "en",
        numbers=tuple(numbers),
        emails=(f"customer{n + 1}@example.com",) if chance.random() < 0.6 else (),
        company=company,
        city=city[0] if persian else "" if abroad else city[1],
        tier=chance.choices([tier for tier, _ in lists.TIERS], [weight for _, weight in lists.TIERS])[0],
        tags=_tags(chance, persian),
        notes=_notes(chance, persian),
        loyalty=min(_MOST_LOYAL, chance.paretovariate(1.2)),
        value=None,
        manager="",
    )


def _with_account(person: Person, books: random.Random) -> Person:
    """What is in the company's books: of whom it earns most somebody looks after."""
    median = _VALUES[person.tier] * (3 if person.company else 1)
    value = max(1, round(books.lognormvariate(0, 0.6) * median))
    written, manager = books.random() < _IN_THE_BOOKS, books.choice(MANAGERS)
    looked_after = written and value >= LOOKED_AFTER
    return replace(person, value=value if written else None, manager=manager if looked_after else "")


def _tags(chance: random.Random, persian: bool) -> tuple[str, ...]:
    own = lists.TAGS[lists.PERSIAN_TAGS_FROM :] if persian else lists.TAGS[: lists.PERSIAN_TAGS_FROM]
    return tuple(chance.sample(own, chance.choices((0, 1, 2), (55, 33, 12))[0]))


def _notes(chance: random.Random, persian: bool) -> tuple[str, ...]:
    own = lists.PERSIAN_NOTES if persian else lists.ENGLISH_NOTES
    return tuple(chance.sample(own, chance.choices((0, 1, 2), (70, 23, 7))[0]))


def _mobile(chance: random.Random) -> str:
    return f"+98{chance.choice(lists.MOBILE_PREFIXES)}{chance.randrange(10_000_000):07d}"


def _landline(chance: random.Random, area: str) -> str:
    """Eight digits after the area code, beginning as most exchanges do."""
    return f"+98{area}{chance.choice('2345')}{chance.randrange(10_000_000):07d}"


def _british(chance: random.Random) -> str:
    return f"+447700900{chance.randrange(1000):03d}"


def _free(taken: set[str], make: Callable[[], str]) -> str:
    while True:
        number = make()
        if number not in taken:
            taken.add(number)
            return number
