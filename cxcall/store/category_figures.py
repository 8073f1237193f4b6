"""Figures of categories: how many talks each was found in, their share of all that were heard, the mood of those talks.

A talk counts at the moment it began, and only calls count: comments and files somebody tried do not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import CTE, Column, ColumnElement, Integer, Table, case, column, func, literal_column, select
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.store import tally
from cxcall.store.category_tables import category_calls, required_checks
from cxcall.store.schema import UtcDateTime
from cxcall.store.speech_tables import transcripts
from cxcall.store.survey_figures import Period
from cxcall.store.tables import BYTES


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """What a figure is about; what is None or empty does not matter. `agents`: interfaces."""

    period: Period
    queue: str | None = None
    agents: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryCount:
    """`calls` in which it was found, their `share` of all heard (0…1) and `mood` (-1…+1, None: not known)."""

    category_id: str
    calls: int
    share: float | None
    mood: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """Calls that were heard, their mood, and what was found in them, the most frequent first."""

    heard: int
    mood: float | None
    categories: tuple[CategoryCount, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trend:
    """Calls heard and their mood in each span, and of each category the calls and their mood."""

    heard: tuple[int, ...]
    mood: tuple[float | None, ...]
    calls: dict[str, tuple[int, ...]]
    moods: dict[str, tuple[float | None, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupCount:
    """A queue or an agent: calls in which the category was found and their mood, of all that were heard."""

    calls: int
    heard: int
    mood: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RequiredShare:
    """A category that had to be said: in how many of `n` calls it was."""

    category_id: str
    said: int
    n: int


_A_CALL: ColumnElement[str] = literal_column("'call'")

_HEARD = ("done", "live")
"""States of calls that count: what is found in a live one counts at once."""


async def counts(conn: AsyncConnection, cut: Cut) -> Counted:
    """What was found in a period."""
    heard, mood = (await conn.execute(select(*_figures(transcripts)).where(*_heard(cut)))).one()
    each = _categories()
    n, mean = _of_each(category_calls, category_calls.c.category_id == each.c.value, *_found(cut))
    found = [
        CategoryCount(category_id=id_, calls=calls, share=_share(calls, heard), mood=mood)
        for id_, mood, calls in await conn.execute(tally.crossed([each.c.value, mean], n, each))
        if calls
    ]
    return Counted(heard=heard, mood=mood, categories=tuple(sorted(found, key=lambda each: -each.calls)))


async def trend(
    conn: AsyncConnection, edges: Sequence[datetime], cut: Cut, *, category_ids: Sequence[str] = ()
) -> Trend:
    """Counts of each span [edge, next edge) (days or weeks of the site's zone); the period of `cut` does not matter.

    `category_ids`: only these; all that were found else.
    """
    spans = list(zip(range(len(edges)), edges, edges[1:], strict=False))
    if not spans:
        return Trend(heard=(), mood=(), calls={}, moods={})
    columns = (column("place", Integer), column("since", UtcDateTime), column("until", UtcDateTime))
    span = tally.given("span", columns, spans)

    def within(moment: Column[datetime]) -> tuple[ColumnElement[bool], ...]:
        return moment >= span.c.since, moment < span.c.until

    calls, found = transcripts.c, category_calls.c
    heard = (calls.kind == _A_CALL, calls.state.in_(_HEARD), *within(calls.began_at), *_narrowed(transcripts, cut))
    n, mean = _of_each(transcripts, *heard)
    total = {place: (n, mood) for place, mood, n in await conn.execute(tally.crossed([span.c.place, mean], n, span))}
    each = _categories(category_ids)
    mine = (found.kind == _A_CALL, found.category_id == each.c.value, *within(found.began_at))
    n, mean = _of_each(category_calls, *mine, *_narrowed(category_calls, cut))
    counted: dict[str, list[int]] = {}
    moods: dict[str, list[float | None]] = {}
    query = tally.crossed([span.c.place, each.c.value, mean], n, span, each)
    for place, id_, mood, calls_ in (await conn.execute(query)).all():
        if calls_:
            counted.setdefault(id_, [0] * len(spans))[place] = calls_
            moods.setdefault(id_, [None] * len(spans))[place] = mood
    return Trend(
        heard=tuple(total[place][0] for place, *_ in spans),
        mood=tuple(total[place][1] for place, *_ in spans),
        calls={id_: tuple(values) for id_, values in counted.items()},
        moods={id_: tuple(values) for id_, values in moods.items()},
    )


async def by_queue(conn: AsyncConnection, category_id: str, cut: Cut) -> dict[str, GroupCount]:
    """How often a category was found in the calls of each queue, and how many were heard."""
    return await _grouped(conn, "queue", category_id, cut)


async def by_agent(conn: AsyncConnection, category_id: str, cut: Cut) -> dict[str, GroupCount]:
    """How often a category was found in the calls of each agent (interface), and how many were heard."""
    return await _grouped(conn, "agent", category_id, cut)


async def required(conn: AsyncConnection, cut: Cut) -> list[RequiredShare]:
    """Of each category that had to be said: how often it was, those said least first."""
    table = required_checks.c
    query = select(table.category_id, func.count(case((table.said, 1))), func.count())
    query = query.where(*_checked(cut)).group_by(table.category_id)
    found = [RequiredShare(category_id=id_, said=said, n=n) for id_, said, n in await conn.execute(query)]
    return sorted(found, key=lambda each: each.said / each.n)


async def _grouped(conn: AsyncConnection, by: str, category_id: str, cut: Cut) -> dict[str, GroupCount]:
    every, found = transcripts.c[by], category_calls.c[by]
    heard = await conn.execute(select(every, func.count()).where(*_heard(cut)).group_by(every))
    mine = (category_calls.c.category_id == category_id, *_found(cut))
    query = select(found, *_figures(category_calls)).where(*mine).group_by(found)
    calls = {key: (n, mood) for key, n, mood in await conn.execute(query)}
    return {
        key: GroupCount(calls=calls.get(key, (0, None))[0], heard=n, mood=calls.get(key, (0, None))[1])
        for key, n in heard
        if key
    }


def _figures(table: Table) -> tuple[Any, Any]:
    return func.count(), func.avg(table.c.sentiment)


def _heard(cut: Cut) -> list[ColumnElement[bool]]:
    table = transcripts.c
    calls = [table.kind == _A_CALL, table.state.in_(_HEARD)]
    return [*calls, *_in(table.began_at, cut), *_narrowed(transcripts, cut)]


def _found(cut: Cut) -> list[ColumnElement[bool]]:
    table = category_calls.c
    return [table.kind == _A_CALL, *_in(table.began_at, cut), *_narrowed(category_calls, cut)]


def _checked(cut: Cut) -> list[ColumnElement[bool]]:
    table = required_checks.c
    return [table.kind == _A_CALL, *_in(table.began_at, cut), *_narrowed(required_checks, cut)]


def _categories(only: Sequence[str] = ()) -> CTE:
    """Each category there is, or these."""
    if only:
        return tally.given("wanted", (column("value", BYTES),), [(id_,) for id_ in only])
    return tally.each(category_calls.c.category_id, category_calls.c.kind == _A_CALL)


def _of_each(table: Table, *where: ColumnElement[bool]) -> tuple[Any, Any]:
    """How many rows there are for each row around it, and their mood."""
    return tally.count(table, *where), select(func.avg(table.c.sentiment)).where(*where).scalar_subquery()


def _in(moment: Column[datetime], cut: Cut) -> tuple[ColumnElement[bool], ...]:
    return moment >= cut.period.since, moment < cut.period.until


def _narrowed(table: Table, cut: Cut) -> list[ColumnElement[bool]]:
    queue = [table.c.queue == cut.queue] if cut.queue is not None else []
    return [*queue, *([table.c.agent.in_(cut.agents)] if cut.agents else [])]


def _share(n: int, of: int) -> float | None:
    return n / of if of else None
