"""What the live board starts from: the visits of today, those that still wait, what agents did and callers answered.

The board counts these rows with the code that counts live changes, each visit once by its call and place.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, false, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.calls.record import VisitResult
from cxcall.store import survey_figures
from cxcall.store.survey_figures import Counts, Cut, Period
from cxcall.store.tables import call_legs, call_visits, calls

_AT_ONCE = 500
"""Rows read between two breaths: a day has tens of thousands, and pages are served meanwhile."""

_MISSED = ("no_answer", "busy", "rejected")
"""How a phone that was offered a caller can be missed (METRICS `ring_no_answer`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitFact:
    """A visit to a queue as it is kept: `n` its place in the call; durations in seconds, `wait` None while it lasts.

    `call_ended`: whether the call is over, so that a visit without a result will get none.
    """

    call_id: str
    n: int
    server: str
    queue: str
    joined_at: datetime | None
    left_at: datetime | None
    result: VisitResult | None
    agent: str | None
    interface: str | None
    wait: float | None
    ring: float
    talk: float
    hold: float
    call_ended: bool


_COLUMNS = [call_visits.c[name] for name in VisitFact.__slots__ if name != "call_ended"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentDay:
    """What came to a phone from queues: visits `answered` with their seconds of talk and hold, offers `missed`.

    Visits are booked under the member's interface, missed offers under the phone that rang (`PJSIP/1001` also where the
    member is a Local channel).
    """

    answered: int = 0
    talk: float = 0.0
    hold: float = 0.0
    missed: int = 0


async def visits(
    conn: AsyncConnection, *, since: datetime, until: datetime | None = None, server: str | None = None
) -> list[VisitFact]:
    """Visits that joined their queue in a period, in that order; those nobody saw joining are in none."""
    # One look-up a visit: joined, a planner may read all calls there ever were.
    ended = select(calls.c.ended_at.is_not(None)).where(calls.c.id == call_visits.c.call_id).scalar_subquery()
    query = select(*_COLUMNS, ended.label("call_ended")).where(*_joined(since, until, server))
    query = query.order_by(call_visits.c.joined_at).execution_options(yield_per=_AT_ONCE)
    async with conn.stream(query) as rows:
        return [VisitFact(**row._mapping) async for row in rows]


async def under_way(conn: AsyncConnection, *, server: str | None = None) -> list[VisitFact]:
    """All visits of calls that are not over, whenever they joined: those who wait and those who talk."""
    query = (
        select(*_COLUMNS, false().label("call_ended"))
        .join(calls, calls.c.id == call_visits.c.call_id)
        .where(calls.c.ended_at.is_(None))
        .order_by(calls.c.started_at, calls.c.id, call_visits.c.n)
    )
    if server is not None:
        query = query.where(call_visits.c.server == server)
    return [VisitFact(**row._mapping) for row in await conn.execute(query)]


async def agents(
    conn: AsyncConnection, *, since: datetime, until: datetime | None = None, server: str | None = None
) -> dict[tuple[str, str], AgentDay]:
    """What came to each phone, by server and interface, from visits that joined in a period."""
    its = call_visits.c
    answered = (
        select(its.server, its.interface, func.count(), func.sum(its.talk), func.sum(its.hold))
        .where(*_joined(since, until, server), its.result == "answered", its.interface.is_not(None))
        .group_by(its.server, its.interface)
    )
    found = {
        (of, interface): AgentDay(answered=n, talk=talk or 0.0, hold=hold or 0.0)
        for of, interface, n, talk, hold in await conn.execute(answered)
    }
    for of, device, n in await conn.execute(_missed(since, until, server)):
        found[of, device] = replace(found.get((of, device), AgentDay()), missed=n)
    return found


async def csat(conn: AsyncConnection, *, since: datetime, until: datetime) -> dict[str, Counts]:
    """How often each answer about satisfaction (1 to 5) was given in a period, by queue; surveys know queues by name
    alone."""
    return await survey_figures.scores_by_queue(conn, "csat", Cut(period=Period(since=since, until=until)))


def _missed(since: datetime, until: datetime | None, server: str | None) -> Select[Any]:
    """Phones that were offered a caller in the period's visits and did not answer."""
    legs = call_legs.c
    offered = select(call_visits.c.call_id).where(*_joined(since, until, server))
    return (
        select(legs.server, legs.device, func.count())
        .where(legs.call_id.in_(offered), legs.role == "agent", legs.answered_at.is_(None), legs.result.in_(_MISSED))
        .group_by(legs.server, legs.device)
    )


def _joined(since: datetime, until: datetime | None, server: str | None) -> list[ColumnElement[bool]]:
    its = call_visits.c
    before = [its.joined_at < until] if until is not None else []
    return [its.joined_at.is_not(None), its.joined_at >= since, *before, *([its.server == server] if server else [])]
