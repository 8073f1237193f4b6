"""Sums rollup rows as a report asks: one statement a table, whatever the rows and the period."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Select, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.reports.answer import Key
from cxcall.reports.definition import Narrowing, Row
from cxcall.reports.tally import Tally
from cxcall.store.reporting import agent_teams
from cxcall.store.reporting.ask import Ask, CannotSplit
from cxcall.store.reporting.slots import TIMES, Clock, Run, coarsest, cover, within

MICROSECONDS = 1e-6
"""One of them in seconds, as tallies have times."""

Found = dict[tuple[Key, ...], Tally]
Make = Callable[[Mapping[str, Any]], Tally]

NARROWED_BY: tuple[tuple[Callable[[Narrowing], tuple[str, ...]], Row], ...] = (
    (lambda only: only.servers, "server"),
    (lambda only: only.queues, "queue"),
    (lambda only: only.agents, "agent"),
    (lambda only: only.dids, "did"),
    (lambda only: only.directions, "direction"),
)
"""What a report can be narrowed to besides times, with the kind of row it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A rollup. `rows`: its columns by the kind of row they are; `summed`: columns to be summed, `most`: of which the
    largest counts; `apart`: further columns it is told by. `make`: the tally of a row of those columns. `on_server`:
    kinds of rows whose value is only unique on its server."""

    family: str
    table: FromClause
    rows: Mapping[Row, str]
    summed: tuple[str, ...]
    make: Make
    most: tuple[str, ...] = ()
    apart: tuple[str, ...] = ()
    grains: frozenset[int] = frozenset((0, 2, 3))
    on_server: frozenset[Row] = frozenset()


def plain(*, counts: Mapping[str, str], times: Mapping[str, str], most: Mapping[str, str] | None = None) -> Make:
    """Makes tallies of rows: the name a tally has of each column, times told in seconds."""
    largest = most or {}

    def make(row: Mapping[str, Any]) -> Tally:
        sums = {name: float(row[column]) for name, column in counts.items()}
        seconds = {name: float(row[column]) * MICROSECONDS for name, column in times.items()}
        return Tally(
            sums=sums | seconds, most={name: float(row[column]) * MICROSECONDS for name, column in largest.items()}
        )

    return make


async def read_source(conn: AsyncConnection, ask: Ask, source: Source, runs: Sequence[Run] | None = None) -> Found:
    """What a rollup has of a period, or of these slots of it, by row. Raises `CannotSplit`."""
    refuse(ask, source)
    grain = coarsest(ask.by, ask.narrowing, source.grains)
    clock = Clock(source.table, grain, ask.span, ask.zone, ask.calendar)
    namers = [await _namer(conn, row, n, source, clock) for n, row in enumerate(ask.by)]
    found: Found = {}
    for row in (await conn.execute(statement(ask, source, grain, clock, runs))).mappings():
        if not any(row[name] for name in source.summed):  # nothing, or all of it was taken away again
            continue
        for keys in product(*(namer(row) for namer in namers)):
            found.setdefault(keys, Tally()).add(source.make(row))
    return found


def refuse(ask: Ask, source: Source) -> None:
    """Raise `CannotSplit` for the first kind of row this rollup does not know."""
    known = {*source.rows, *TIMES, *(("team",) if "agent" in source.rows else ())}
    asked = [*ask.by, *(row for value, row in NARROWED_BY if value(ask.narrowing))]
    if 0 not in source.grains:
        known -= {"interval", "hour", "hour_of_day"}
        asked += ["hour_of_day"] if ask.narrowing.hours else []
    for row in asked:
        if row not in known:
            raise CannotSplit(row, source.family)


def statement(ask: Ask, source: Source, grain: int, clock: Clock, runs: Sequence[Run] | None = None) -> Select[Any]:
    """The one statement: columns `k0`, `k1` … for the kinds of rows, `s0` … for their servers."""
    its = source.table.c
    grouped: list[ColumnElement[Any]] = []
    for n, row in enumerate(ask.by):
        grouped.append((clock.part(row) if row in TIMES else its[_column(row, source)]).label(f"k{n}"))
        if row in source.on_server:
            grouped.append(its.server.label(f"s{n}"))
    grouped += [its[name].label(name) for name in source.apart]
    summed = [func.sum(its[name]).label(name) for name in source.summed]
    largest = [func.max(its[name]).label(name) for name in source.most]
    covered = cover(ask.span, grain) if runs is None else runs
    query = select(*grouped, *summed, *largest).where(
        within(source.table, covered), *clock.narrowed(ask.narrowing), *_narrowed(ask, source)
    )
    return query.group_by(*(column.name for column in grouped))


def _narrowed(ask: Ask, source: Source) -> Iterable[ColumnElement[bool]]:
    for value, row in NARROWED_BY:
        if only := value(ask.narrowing):
            yield source.table.c[source.rows[row]].in_(sorted(set(only)))


def _column(row: Row, source: Source) -> str:
    return source.rows["agent" if row == "team" else row]


Namer = Callable[[Mapping[str, Any]], Iterable[Key]]


async def _namer(conn: AsyncConnection, row: Row, n: int, source: Source, clock: Clock) -> Namer:
    """Makes the keys of the n-th kind of row; an agent of several teams is in the rows of all of them."""
    column = f"k{n}"
    if row in TIMES:
        times = {part: (Key(row=row, value=value),) for part, value in clock.values(row).items()}
        return lambda found: times[found[column]]
    if row == "team":
        teams = await agent_teams.by_agent(conn)
        return lambda found: teams.get(found[column], ())
    if row in source.on_server:
        server = f"s{n}"
        return lambda found: (Key(row=row, value=found[column], title=found[column], server=found[server]),)
    return lambda found: (Key(row=row, value=found[column], title=found[column]),)
