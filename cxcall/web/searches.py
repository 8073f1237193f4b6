"""What a page module gives to the search box: `async def search(request, text) -> Group | None`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from aiohttp import web


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """One result; `note` stands at its end, muted, and may be Markup from a filter."""

    path: str
    icon: str
    title: str
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """The results of one kind, best first; `title` already in the reader's language."""

    title: str
    hits: Sequence[Hit]


Search = Callable[[web.Request, str], Awaitable[Group | None]]
"""`text` is what was typed, with ASCII digits and Persian letter forms, without space at its ends; it may be empty."""
