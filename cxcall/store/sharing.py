"""Who sees what somebody made for themselves and shared: nobody else, supervisors, all overseers, everyone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, cast, get_args

from sqlalchemy import Column, ColumnElement, or_

Shared = Literal["nobody", "supervisors", "overseers", "everyone"]

_SEEN_BY: dict[str, tuple[Shared, ...]] = {
    "agent": ("everyone",),
    "supervisor": ("supervisors", "overseers", "everyone"),
    "admin": ("overseers", "everyone"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """Who looks: a user's id and role."""

    id: str
    role: str


def shared_of(text: str) -> Shared:
    """The word as one of ours; what is none is shared with nobody."""
    return cast("Shared", text) if text in get_args(Shared) else "nobody"


def visible(owner: Column[str], shared: Column[str], reader: Reader) -> ColumnElement[bool]:
    """One's own, and what was shared with one's role."""
    return or_(owner == reader.id, shared.in_(_SEEN_BY.get(reader.role, ())))
