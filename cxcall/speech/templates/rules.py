"""Short forms for the tables beside this module."""

from __future__ import annotations

from typing import Literal

from cxcall.speech.category import Hint, Rule, Term

Speaker = Literal["customer", "agent", "either"]


def term(*phrases: str, by: Speaker = "customer") -> Term:
    return Term(phrases=phrases, speaker=by)


def said(*phrases: str, by: Speaker = "customer") -> Rule:
    """Any of them is said."""
    return Rule(says=term(*phrases, by=by))


def then(one: tuple[str, ...], other: tuple[str, ...], within: float, by: Speaker = "customer") -> Rule:
    """One of the first, and after it, at most `within` seconds later, one of the second."""
    return Rule(says=term(*one, by=by), then=term(*other, by=by), within=within)


def near(one: tuple[str, ...], other: tuple[str, ...], within: float, by: Speaker = "customer") -> Rule:
    """One of each, in any order, with at most `within` seconds between."""
    return Rule(says=term(*one, by=by), then=term(*other, by=by), within=within, ordered=False)


def hint(en: tuple[str, str, str], fa: tuple[str, str, str]) -> Hint:
    """Title, text and the words of its button, in both languages."""
    return Hint(
        title={"en": en[0], "fa": fa[0]},
        text={"en": en[1], "fa": fa[1]},
        action={"en": en[2], "fa": fa[2]} if en[2] else {},
    )
