"""Rows that are not what the others are: phrases that have to be said beside topics of calls, callers whom no menu
asked. They stand last under a heading of their own, and pictures and sentences are of the others."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.reports.answer import Answer, Line
from cxcall.reports.definition import Row
from cxcall.store import categories
from cxcall.store.reporting.menus import NOT_ASKED
from cxcall.web.words import gettext as _

_FEWEST = 2
"""With fewer rows left there is nothing to compare."""


async def required(conn: AsyncConnection, by: Collection[Row]) -> frozenset[str]:
    """Ids of the categories that have to be said, where categories are rows."""
    if "category" not in by:
        return frozenset()
    return frozenset(kept.id for kept in await categories.everything(conn) if kept.category.kind == "required")


def heading(line: Line, required: Collection[str]) -> str:
    """Under what a row stands apart; "" for what is as the others."""
    for key in line.keys:
        if key.row == "category" and key.value in required:
            return _("What agents have to say")
        if key.row == "menu" and key.value == NOT_ASKED:
            return _("Called without a menu")
    return ""


def put_last(answer: Answer, required: Collection[str]) -> Answer:
    """The same with such rows behind all others."""
    return replace(answer, lines=tuple(sorted(answer.lines, key=lambda line: bool(heading(line, required)))))


def without(answer: Answer, required: Collection[str]) -> Answer:
    """The same without such rows, where enough others are left."""
    others = tuple(line for line in answer.lines if not heading(line, required))
    return replace(answer, lines=others) if len(others) >= _FEWEST else answer
