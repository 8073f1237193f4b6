"""Who came back: first-contact resolution and repeat callers, by customer and not by number (METRICS.md).

A contact is a call the customer made and that is over. A call is about the same as an earlier one when both have a
category in common, or when nobody knows what one of them was about. Told by the queue and agent that lists of calls
name. Customers are counted once in every row, so that rows do not add up to the whole.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    Subquery,
    and_,
    case,
    exists,
    func,
    literal,
    or_,
    select,
    type_coerce,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.reports.answer import Key
from cxcall.reports.checking import REPEAT_WINDOW
from cxcall.reports.definition import Row
from cxcall.reports.period import slots
from cxcall.reports.tally import Tally
from cxcall.store.category_tables import category_calls
from cxcall.store.reporting import agent_teams, segments
from cxcall.store.reporting.answers_rows import GRAIN, QUARTERS, during, is_postgresql, quarter
from cxcall.store.reporting.ask import Ask
from cxcall.store.reporting.slots import QUARTER, TIMES, Clock
from cxcall.store.reporting.summing import NARROWED_BY, Found, Source, plain, refuse
from cxcall.store.speech_tables import transcripts
from cxcall.store.tables import calls

_FCR = ("fcr_n", "fcr_resolved", "fcr_open")
_NAMES = (*_FCR, "customers", "repeat_customers")
_ROWS: dict[Row, str] = {"server": "server", "queue": "queue", "agent": "agent", "segment": "customer_id"}

_MICROSECONDS = 1_000_000
Titled = Callable[[Mapping[str, Any]], Iterable[Key]]


async def read(conn: AsyncConnection, ask: Ask, now: datetime | None = None) -> Found:
    """The family `contacts`. `now`: until when it is known who came back; None: the clock's."""
    its = contacts(conn, ask, now or datetime.now(UTC)).subquery("its")
    refuse(ask, _source(its))
    clock = Clock(its, QUARTER, ask.span, ask.zone, ask.calendar)
    parts, namers = await _keys(conn, ask, its, clock)
    where = [*clock.narrowed(ask.narrowing), *_narrowed(ask, its)]
    of_customer = by_customer(its, parts, where)
    if {"team", "segment"} & set(ask.by):
        return await _gathered(conn, of_customer, namers)
    made = plain(counts={name: name for name in _NAMES}, times={})
    found: Found = {}
    for row in (await conn.execute(summed(of_customer.subquery("of_customer"), parts))).mappings():
        if row["customers"]:
            for keys in _product(namers, row):
                found.setdefault(keys, Tally()).add(made(row))
    return found


def contacts(conn: AsyncConnection, ask: Ask, now: datetime) -> Select[tuple[Any, ...]]:
    """The contacts of a period: of the answered ones, whether the customer came back, and whether they still may."""
    its, answered = calls.c, calls.c.outcome == "answered"
    return select(
        GRAIN,
        quarter(conn, its.started_at).label("slot"),
        its.server,
        func.coalesce(its.queue, "").label("queue"),
        func.coalesce(its.agent, "").label("agent"),
        its.customer_id,
        case((answered, 1), else_=0).label("fcr_n"),
        case((answered & ~came_back(conn), 1), else_=0).label("fcr_resolved"),
        case((answered & (its.started_at > now - REPEAT_WINDOW), 1), else_=0).label("fcr_open"),
    ).where(is_contact(calls), *during(its.started_at, ask.span))


def is_contact(table: Any) -> ColumnElement[bool]:
    """Whether a call is one that a customer made."""
    its = table.c
    return and_(its.customer_id.is_not(None), its.direction != "outbound", its.ended_at.is_not(None))


def came_back(conn: AsyncConnection) -> ColumnElement[bool]:
    """Whether the customer of a call called again within the window, about the same as far as anybody knows."""
    again = calls.alias("again")
    return (
        exists()
        .correlate(calls)
        .where(
            again.c.customer_id == calls.c.customer_id,
            is_contact(again),
            again.c.started_at > calls.c.started_at,
            not_after(conn, again.c.started_at, calls.c.started_at, REPEAT_WINDOW),
            or_(~_has_topic(calls.c.id), ~_has_topic(again.c.id), _same_topic(calls.c.id, again.c.id)),
        )
    )


def not_after(
    conn: AsyncConnection, one: ColumnElement[Any], other: ColumnElement[Any], by: timedelta
) -> ColumnElement[bool]:
    """Whether a moment is at most so long after another: one ≤ other + by."""
    if is_postgresql(conn):
        return one <= other + literal(by)
    whole = by // timedelta(microseconds=1)
    return type_coerce(one, BigInteger) <= type_coerce(other, BigInteger) + whole


def _topics(call_id: ColumnElement[str]) -> Select[tuple[str]]:
    heard, found = transcripts.alias(), category_calls.alias()
    return (
        select(found.c.category_id)
        .join(heard, heard.c.id == found.c.transcript_id)
        .where(heard.c.kind == "call", heard.c.subject == call_id)
    )


def _has_topic(call_id: ColumnElement[str]) -> ColumnElement[bool]:
    return _topics(call_id).correlate(calls, call_id.table).exists()


def _same_topic(one: ColumnElement[str], other: ColumnElement[str]) -> ColumnElement[bool]:
    mine, heard = category_calls.alias(), transcripts.alias()
    theirs = _topics(other).correlate(other.table)
    return (
        exists()
        .where(heard.c.id == mine.c.transcript_id, heard.c.kind == "call", heard.c.subject == one)
        .where(mine.c.category_id.in_(theirs.scalar_subquery()))
        .correlate(one.table, other.table)
    )


def by_customer(
    its: Subquery, parts: list[ColumnElement[Any]], where: list[ColumnElement[bool]]
) -> Select[tuple[Any, ...]]:
    """What every customer adds to every row."""
    summed = (func.sum(its.c[name]).label(name) for name in _FCR)
    query = select(*parts, its.c.customer_id, func.count().label("contacts"), *summed).where(*where)
    return query.group_by(*(part.name for part in parts), its.c.customer_id)


def summed(of_customer: Subquery, parts: list[ColumnElement[Any]]) -> Select[tuple[Any, ...]]:
    """The rows: customers, those who called twice or more, and resolution."""
    keys = [of_customer.c[part.name] for part in parts]
    again = func.count(case((of_customer.c.contacts >= 2, 1)))
    totals = (func.coalesce(func.sum(of_customer.c[name]), 0).label(name) for name in _FCR)
    return select(
        *keys, func.count().label("customers"), again.label("repeat_customers"), *totals
    ).group_by(*keys)  # fmt: skip


async def _keys(
    conn: AsyncConnection, ask: Ask, its: Subquery, clock: Clock
) -> tuple[list[ColumnElement[Any]], list[Titled]]:
    """What rows are grouped by, and how their keys are made of it."""
    parts: list[ColumnElement[Any]] = []
    namers: list[Titled] = []
    for n, row in enumerate(ask.by):
        if row == "segment":
            kinds = await segments.of_period(conn, ask)
            namers.append(lambda found, kinds=kinds: (_key("segment", kinds[found["customer_id"]]),))  # type: ignore[misc]
            continue
        name = f"k{n}"
        if row in TIMES:
            part, times = _time(row, ask, clock)
            namers.append(lambda found, name=name, row=row, times=times: (Key(row=row, value=times[found[name]]),))  # type: ignore[misc]
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
    return lambda found: (_key(row, found[name]),)


def _key(row: Row, value: str) -> Key:
    return Key(row=row, value=value, title=value)


def _time(row: Row, ask: Ask, clock: Clock) -> tuple[ColumnElement[Any], Mapping[int, str]]:
    """A customer counts once in a week or month, which therefore are grouped by themselves and not by their days."""
    if row not in ("week", "month"):
        return clock.part(row), clock.values(row)
    grouped = slots(ask.span, row, ask.zone, ask.calendar)
    edges = [(clock.part("day") < slot.first.toordinal(), n) for n, slot in enumerate(grouped[1:])]
    part = case(*edges, else_=len(edges)) if edges else literal(0)
    return part, {n: slot.value for n, slot in enumerate(grouped)}


async def _gathered(conn: AsyncConnection, of_customer: Select[tuple[Any, ...]], namers: list[Titled]) -> Found:
    """Rows where a customer's calls come together only here: those of several agents in a team, all of a segment."""
    sums: dict[tuple[Key, ...], dict[str, list[float]]] = defaultdict(lambda: defaultdict(lambda: [0.0] * 4))
    for row in (await conn.execute(of_customer)).mappings():
        for keys in _product(namers, row):
            several = sums[keys][row["customer_id"]]
            for n, name in enumerate(("contacts", *_FCR)):
                several[n] += float(row[name])
    found: Found = {}
    for keys, customers in sums.items():
        tally = Tally(sums={"customers": float(len(customers))})
        tally.sums["repeat_customers"] = float(sum(several[0] >= 2 for several in customers.values()))
        for n, name in enumerate(_FCR, 1):
            tally.sums[name] = sum(several[n] for several in customers.values())
        found[keys] = tally
    return found


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
        family="contacts", table=its, rows=_ROWS, summed=_NAMES, make=plain(counts={}, times={}), grains=QUARTERS
    )
