"""A customer as the pages about calls show them: a name, its letters, the few facts that help in a call."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from cxcall.store.customers import Customer
from cxcall.web.phones import withheld
from cxcall.web.words import N_

TIERS: dict[str, str] = {"gold": N_("Gold"), "silver": N_("Silver"), "bronze": N_("Bronze")}
LANGUAGES: dict[str, str] = {"fa": N_("Persian"), "en": N_("English")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """`id` is None for a caller without profile; `facts` are city, company: what stands beside the number."""

    id: str | None = None
    name: str = ""
    initials: str = ""
    tier: str = ""
    tags: tuple[str, ...] = ()
    facts: tuple[str, ...] = ()
    first_contact: bool = False


def initials(name: str) -> str:
    """Two letters of a name; one where letters would join (Persian), none of a name without letters."""
    words = [word for word in name.split() if word[0].isalpha()]
    if not words:
        return ""
    joined = any("\u0600" <= letter <= "\u08ff" for letter in words[0])
    return words[0][0] if joined or len(words) == 1 else (words[0][0] + words[-1][0]).upper()


def person(customer: Customer | None, name: str | None = None) -> Person:
    """Who a call is with: the profile, else the `name` the line told."""
    told = "" if name is None or withheld(name) else name
    if customer is None:
        return Person(name=told, initials=initials(told))
    profile = customer.profile
    shown = profile.name or told
    return Person(
        id=customer.id,
        name=shown,
        initials=initials(shown),
        tier=TIERS.get(profile.tier or "", ""),
        tags=profile.tags,
        facts=_known((profile.company, profile.city)),
        first_contact=customer.first_contact,
    )


def _known(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(value for value in values if value)
