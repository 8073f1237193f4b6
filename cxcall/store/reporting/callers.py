"""Customers in contact and repeat callers (METRICS.md `repeat`), each counted once in every row.

So rows do not add up to the whole. Told by the queue and agent that lists of calls name.

Days that are over are read as gaps between contacts (`gaps`) where those tell it. Where they do not, and where hardly
any day is kept yet, contacts are counted by customer.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, Subquery, case, func, literal, select
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.reports.answer import Key
from cxcall.reports.definition import Row
from cxcall.reports.period import slots
from cxcall.reports.tally import Tally
from cxcall.store import rfm
from cxcall.store.reporting import agent_teams, gaps, segments
from cxcall.store.reporting.answers_rows import GRAIN, QUARTERS, during, quarter
from cxcall.store.reporting.ask import Ask
from cxcall.store.reporting.contacts import is_contact
from cxcall.store.reporting.kept_reading import parts_of
from cxcall.store.reporting.slots import QUARTER, TIMES, Clock
from cxcall.store.reporting.summing import NARROWED_BY, Found, Source, plain, refuse
from cxcall.store.tables import calls

_NAMES = ("customers", "repeat_customers")
_ROWS: dict[Row, str] = {"server": "server", "queue": "queue", "agent": "agent", "segment": "segment", "rfm": "rfm"}
_OF_CUSTOMERS: frozenset[Row] = frozenset(("segment", "rfm"))
_FEW = timedelta(days=4)
"""Of so long each contact may be looked at by itself."""

Titled = Callable[[Mapping[str, Any]], Iterable[Key]]


async def read(conn: AsyncConnection, ask: Ask, now: datetime | None = None) -> Found:
    """The family `customers`. `now`: after it there are no contacts; None: the clock's."""
    if gaps.tells(ask):
        parts, end = await parts_of(conn, "customers", ask), now or datetime.now(UTC)
        rest = sum((min(until, end) - since for since, until in parts.rest if since < end), timedelta(0))
        if rest <= _FEW:
            return await gaps.read(conn, ask, parts)
    return await _counted(conn, ask)


async def _counted(conn: AsyncConnection, ask: Ask) -> Found:
    """Counted by customer."""
    its = _contacts(conn, ask).subquery("its")
    refuse(ask, _source(its))
    clock = Clock(its, QUARTER, ask.span, ask.zone, ask.calendar)
    parts, namers = await _keys(conn, ask, its, clock)
    where = [*clock.narrowed(ask.narrowing), *_narrowed(ask, its)]
    of_customer = _by_customer(its, parts, where).subquery("of_customer")
    # What kind of customer somebody is, is told of each customer once, and not of each contact.
    if "segment" in ask.by:
        of_customer = segments.told(conn, ask, of_customer)
    if "rfm" in ask.by:
        of_customer = await rfm.told(conn, of_customer)
    columns = [of_customer.c[part.name] for part in parts]
    columns += [of_customer.c[row].label(f"k{n}") for n, row in enumerate(ask.by) if row in _OF_CUSTOMERS]
    if "team" in ask.by:
        return await _gathered(conn, select(*columns, of_customer.c.customer_id, of_customer.c.contacts), namers)
    found: Found = {}
    for row in (await conn.execute(_summed(of_customer, columns))).mappings():
        if row["customers"]:
            sums = {name: float(row[name]) for name in _NAMES}
            for keys in _product(namers, row):
                found.setdefault(keys, Tally()).add(Tally(sums=dict(sums)))
    return found


def _contacts(conn: AsyncConnection, ask: Ask) -> Select[tuple[Any, ...]]:
    its = calls.c
    return select(
        GRAIN,
        quarter(conn, its.started_at).label("slot"),
        its.server,
        func.coalesce(its.queue, "").label("queue"),
        func.coalesce(its.agent, "").label("agent"),
        its.customer_id,
    ).where(is_contact(calls), *during(its.started_at, ask.span))


def _by_customer(
    its: Subquery, parts: list[ColumnElement[Any]], where: list[ColumnElement[bool]]
) -> Select[tuple[Any, ...]]:
    """How many contacts every customer has in every row."""
    query = select(*parts, its.c.customer_id, func.count().label("contacts")).where(*where)
    return query.group_by(*(part.name for part in parts), its.c.customer_id)


def _summed(of_customer: Subquery, keys: list[ColumnElement[Any]]) -> Select[tuple[Any, ...]]:
    """The rows: customers, and those who called twice or more."""
    again = func.count(case((of_customer.c.contacts >= 2, 1)))
    query = select(*keys, func.count().label("customers"), again.label("repeat_customers")).select_from(of_customer)
    return query.group_by(*keys)


async def _keys(
    conn: AsyncConnection, ask: Ask, its: Subquery, clock: Clock
) -> tuple[list[ColumnElement[Any]], list[Titled]]:
    """What rows are grouped by besides kinds of customers, and how their keys are made of it."""
    parts: list[ColumnElement[Any]] = []
    namers: list[Titled] = []
    for n, row in enumerate(ask.by):
        name = f"k{n}"
        if row in _OF_CUSTOMERS:
            namers.append(await _namer(conn, row, n))
            continue
        if row in TIMES:
            part, times = _time(row, ask, clock)
            namers.append(lambda found, name=name, row=row, times=times: (Key(row=row, value=times[found[name]]),))  # type: ignore[misc] # mypy can't type defaults of a lambda
        else:
            part = its.c[_ROWS["agent" if row == "team" else row]]
            namers.append(await _namer(conn, row, n))
        parts.append(part.label(name))
        if row == "queue":
            parts.append(its.c.server.label(f"s{n}"))
    return parts, namers


async def _namer(conn: AsyncConnection, row: Row, n: int) -> Titled:
    name, server = f"k{n}", f"s{n}"
    if row == "team":
        teams = await agent_teams.by_agent(conn)
        return lambda found: teams.get(found[name], ())
    if row == "queue":
        return lambda found: (Key(row=row, value=found[name], title=found[name], server=found[server]),)
    return lambda found: (Key(row=row, value=found[name], title=found[name]),)


def _time(row: Row, ask: Ask, clock: Clock) -> tuple[ColumnElement[Any], Mapping[int, str]]:
    """A customer counts once in a week or month, which therefore are grouped by themselves and not by their days."""
    if row not in ("week", "month"):
        return clock.part(row), clock.values(row)
    grouped = slots(ask.span, row, ask.zone, ask.calendar)
    edges = [(clock.part("day") < slot.first.toordinal(), n) for n, slot in enumerate(grouped[1:])]
    part = case(*edges, else_=len(edges)) if edges else literal(0)
    return part, {n: slot.value for n, slot in enumerate(grouped)}


async def _gathered(conn: AsyncConnection, of_customer: Select[tuple[Any, ...]], namers: list[Titled]) -> Found:
    """Rows of teams: a customer's calls to several agents of a team come together only here."""
    contacts: dict[tuple[Key, ...], dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for row in (await conn.execute(of_customer)).mappings():
        for keys in _product(namers, row):
            contacts[keys][row["customer_id"]] += row["contacts"]
    return {
        keys: Tally(
            sums={
                "customers": float(len(several)),
                "repeat_customers": float(sum(n >= 2 for n in several.values())),
            }
        )
        for keys, several in contacts.items()
    }


def _product(namers: list[Titled], row: Mapping[str, Any]) -> list[tuple[Key, ...]]:
    several: list[tuple[Key, ...]] = [()]
    for namer in namers:
        several = [(*keys, key) for keys in several for key in namer(row)]
    return several


def _narrowed(ask: Ask, its: Subquery) -> Iterable[ColumnElement[bool]]:
    for value, row in NARROWED_BY:
        if only := value(ask.narrowing):
            yield its.c[_ROWS[row]].in_(sorted(set(only)))


def _source(its: Subquery) -> Source:
    return Source(
        family="customers", table=its, rows=_ROWS, summed=_NAMES, make=plain(counts={}, times={}), grains=QUARTERS
    )
