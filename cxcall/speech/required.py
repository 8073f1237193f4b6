"""What an agent has to say in a talk: said, or not yet."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from cxcall.speech.category import Category, Hit, Texts, Where

_ORDER: tuple[Where, ...] = ("opening", "any", "closing")


class Check(msgspec.Struct, frozen=True, kw_only=True):
    """A required category: whether it was said, first `at` seconds in turn `n`."""

    category: str
    name: Texts
    where: Where
    said: bool
    at: float | None = None
    n: int | None = None


def checks(categories: Iterable[Category], hits: Iterable[Hit]) -> tuple[Check, ...]:
    """The required ones of `categories` (those of the talk's queue): of the opening first, of the closing last."""
    required = [category for category in categories if category.kind == "required"]
    wanted = {category.id for category in required}
    first: dict[str, Hit] = {}
    for hit in sorted((hit for hit in hits if hit.category in wanted), key=lambda hit: hit.start):
        first.setdefault(hit.category, hit)
    return tuple(_check(one, first.get(one.id)) for one in sorted(required, key=lambda one: _ORDER.index(one.where)))


def missing(checks: Sequence[Check]) -> tuple[Check, ...]:
    """Those that were not said."""
    return tuple(check for check in checks if not check.said)


def _check(category: Category, hit: Hit | None) -> Check:
    name = category.hint.title if category.hint and category.hint.title else category.name
    if hit is None:
        return Check(category=category.id, name=name, where=category.where, said=False)
    return Check(category=category.id, name=name, where=category.where, said=True, at=hit.start, n=hit.n)
