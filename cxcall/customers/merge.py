"""Two profiles of one person made one: which field survives, with nothing known lost."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from cxcall.customers.profile import Profile, Tier

_RANK: dict[Tier | None, int] = {None: 0, "bronze": 1, "silver": 2, "gold": 3}


def merged(kept: Profile, gone: Profile) -> Profile:
    """`kept` completed by `gone`: its own text stays, gaps are filled, lists are joined, the higher tier holds."""
    return Profile(
        name=kept.name or gone.name,
        numbers=_joined(kept.numbers, gone.numbers),
        emails=_joined(kept.emails, gone.emails),
        company=kept.company or gone.company,
        city=kept.city or gone.city,
        tier=max(kept.tier, gone.tier, key=lambda tier: _RANK[tier]),
        language=kept.language or gone.language,
        tags=_joined(kept.tags, gone.tags),
        value=gone.value if kept.value is None else kept.value,
        manager=kept.manager or gone.manager,
    )


def unmerged(now: Profile, before: Profile, after: Profile) -> tuple[Profile, tuple[str, ...]]:
    """Take back the change `before` → `after`, but not what people changed since: returns profile and those fields.

    Of lists, only the values the change added go, and those it took come back.
    """
    single = ("name", "company", "city", "tier", "language", "value", "manager")
    changed_since = tuple(
        field
        for field in single
        if getattr(before, field) != getattr(after, field) and getattr(now, field) != getattr(after, field)
    )
    back: dict[str, Any] = {
        field: getattr(before, field) for field in single if getattr(now, field) == getattr(after, field)
    }
    lists: dict[str, Any] = {
        field: _taken_back(getattr(now, field), getattr(before, field), getattr(after, field))
        for field in ("numbers", "emails", "tags")
    }
    return replace(now, **back, **lists), changed_since


def completed(known: Profile, given: Profile) -> Profile:
    """`known` with what a newer source gives: its filled fields win, lists are joined, empty ones change nothing."""
    return Profile(
        name=given.name or known.name,
        numbers=_joined(known.numbers, given.numbers),
        emails=_joined(known.emails, given.emails),
        company=given.company or known.company,
        city=given.city or known.city,
        tier=given.tier or known.tier,
        language=given.language or known.language,
        tags=_joined(known.tags, given.tags),
        value=known.value if given.value is None else given.value,
        manager=given.manager or known.manager,
    )


def _joined(first: tuple[str, ...], second: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*first, *second)))


def _taken_back(now: tuple[str, ...], before: tuple[str, ...], after: tuple[str, ...]) -> tuple[str, ...]:
    added, removed = set(after) - set(before), [value for value in before if value not in after]
    return _joined(tuple(value for value in now if value not in added), tuple(removed))
