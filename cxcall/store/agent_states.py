"""What agents did all day: one row for each spell of a state at a phone, one after the other, never two at once.

`agent_times` makes seconds of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime, tzinfo
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Row, Select, bindparam, delete, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.store.agent_tables import agent_states
from cxcall.store.ids import new_id
from cxcall.store.reporting import keeping, spells
from cxcall.store.reporting.spells import Over
from cxcall.store.upsert import insert_into

SWEPT = 2000
"""Spells that are forgotten in one transaction."""
_OPEN = text("until IS NULL")
_its = agent_states.c
_queues = msgspec.json.Decoder(tuple[str, ...])


@dataclass(frozen=True, slots=True, kw_only=True)
class StateChange:
    """Since `at`, the agent at a phone is in `state`. `user_id`: who sits there, None: nobody we know."""

    server: str
    interface: str
    state: str
    at: datetime
    user_id: str | None = None
    name: str = ""
    reason: str = ""
    queues: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PastSpell:
    """A spell that was over before it was written; what its fields mean `AgentSpell` says."""

    server: str
    interface: str
    user_id: str | None
    name: str
    state: str
    reason: str
    queues: tuple[str, ...]
    since: datetime
    until: datetime


_PAST = tuple(field.name for field in fields(PastSpell))


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentSpell:
    """A spell in a state; `until` is None while it lasts."""

    id: str
    server: str
    interface: str
    user_id: str | None
    name: str
    state: str
    reason: str
    queues: tuple[str, ...]
    since: datetime
    until: datetime | None


async def write(conn: AsyncConnection, changes: Sequence[StateChange], *, zone: tzinfo = UTC) -> list[AgentSpell]:
    """Write down changes, oldest first; the spells that began with them. Those that end are counted (`zone`: whose
    days reports count in).

    Writing the same again changes nothing; other queues or another name are noted in the spell that lasts. A change
    that is older than the spell it ends begins where that one began, and a spell of no length is not kept.
    """
    begun: list[AgentSpell] = []
    for several in _rounds(changes):
        begun += await _write(conn, several, zone)
    return begun


async def add_past(conn: AsyncConnection, past: Sequence[PastSpell], *, zone: tzinfo = UTC) -> None:
    """Keep spells that were over before anybody wrote them, and count them as any (`zone`: see `write`)."""
    if not past:
        return
    begun = [AgentSpell(id=new_id(), **{name: getattr(one, name) for name in _PAST}) for one in past]
    await conn.execute(insert_into(conn, agent_states), [_row(spell) for spell in begun])
    await spells.count(conn, [_over(spell, one.until) for spell, one in zip(begun, past, strict=True)], zone)


async def end(conn: AsyncConnection, server: str, interface: str, *, at: datetime, zone: tzinfo = UTC) -> bool:
    """A phone is no agent's any more; False when no spell lasted."""
    return await _end(conn, _its.server == server, _its.interface == interface, at=at, zone=zone) > 0


async def end_all(conn: AsyncConnection, server: str, *, at: datetime, zone: tzinfo = UTC) -> int:
    """Nobody watches a server any more: what its agents do is not known from now on. How many spells ended."""
    return await _end(conn, _its.server == server, at=at, zone=zone)


async def now_in(conn: AsyncConnection, server: str | None = None) -> list[AgentSpell]:
    """What every agent does now, of one server or of all."""
    query = select(agent_states).where(_OPEN).order_by(_its.server, _its.interface)
    if server is not None:
        query = query.where(_its.server == server)
    return [_of_row(row) for row in await conn.execute(query)]


async def history(
    conn: AsyncConnection,
    *,
    since: datetime,
    until: datetime,
    user_id: str | None = None,
    server: str | None = None,
    interface: str | None = None,
) -> list[AgentSpell]:
    """Spells that touch a period, oldest first: of a person, of a phone, or of all."""
    where: list[ColumnElement[bool]] = []
    if user_id is not None:
        where.append(_its.user_id == user_id)
    if server is not None:
        where.append(_its.server == server)
    if interface is not None:
        where.append(_its.interface == interface)
    over = select(agent_states).where(*where, _its.until > since, _its.since < until)
    lasting = select(agent_states).where(*where, _OPEN, _its.since < until)
    found = [_of_row(row) for query in (over, lasting) for row in await conn.execute(query)]
    return sorted(found, key=lambda spell: (spell.since, spell.id))


async def sweep(conn: AsyncConnection, *, before: datetime) -> int:
    """Forget SWEPT of the spells that were over before a moment, the oldest; how many. What lasts stays, and so does
    what reports count of those that go."""
    oldest = select(_its.id).where(_its.until < before).order_by(_its.until).limit(SWEPT)
    gone = (await conn.execute(delete(agent_states).where(_its.id.in_(oldest)))).rowcount
    if gone:
        await keeping.swept(conn, before)
    return gone


def _rounds(changes: Sequence[StateChange]) -> Iterable[list[StateChange]]:
    """Changes in as few goes as can be, each with no phone twice."""
    waiting = list(changes)
    while waiting:
        taken: dict[tuple[str, str], StateChange] = {}
        later: list[StateChange] = []
        for change in waiting:
            key = (change.server, change.interface)
            if key in taken:
                later.append(change)
            else:
                taken[key] = change
        yield list(taken.values())
        waiting = later


async def _write(conn: AsyncConnection, changes: list[StateChange], zone: tzinfo) -> list[AgentSpell]:
    lasting = await _lasting(conn, changes)
    ended: list[tuple[AgentSpell, datetime]] = []
    begun: list[AgentSpell] = []
    for change in changes:
        last = lasting.get((change.server, change.interface))
        if last is not None and _same(last, change):
            await _renew(conn, last, change)
            continue
        at = change.at if last is None else max(change.at, last.since)
        if last is not None:
            ended.append((last, at))
        begun.append(_spell(change, at))
    for spell_id in (spell.id for spell, at in ended if at <= spell.since):
        await conn.execute(delete(agent_states).where(_its.id == spell_id))
    over = [{"spell_id": spell.id, "at": at} for spell, at in ended if at > spell.since]
    if over:
        await conn.execute(
            update(agent_states).where(_its.id == bindparam("spell_id")).values(until=bindparam("at")), over
        )
    if begun:
        await conn.execute(insert_into(conn, agent_states), [_row(spell) for spell in begun])
    await spells.count(conn, [_over(spell, at) for spell, at in ended if at > spell.since], zone)
    return begun


async def _lasting(conn: AsyncConnection, changes: list[StateChange]) -> dict[tuple[str, str], AgentSpell]:
    found: dict[tuple[str, str], AgentSpell] = {}
    for server in {change.server for change in changes}:
        phones = {change.interface for change in changes if change.server == server}
        query = select(agent_states).where(_OPEN, _its.server == server, _its.interface.in_(phones))
        found |= {(spell.server, spell.interface): spell for spell in await _many(conn, query)}
    return found


def _same(last: AgentSpell, change: StateChange) -> bool:
    return (last.state, last.reason, last.user_id) == (change.state, change.reason, change.user_id)


async def _renew(conn: AsyncConnection, last: AgentSpell, change: StateChange) -> None:
    if (last.queues, last.name) == (change.queues, change.name):
        return
    values = {"queues": _text(change.queues), "name": change.name}
    await conn.execute(update(agent_states).where(_its.id == last.id).values(values))


async def _end(conn: AsyncConnection, *where: ColumnElement[bool], at: datetime, zone: tzinfo) -> int:
    """Spells that began no earlier than `at` were none."""
    none = (await conn.execute(delete(agent_states).where(_OPEN, *where, _its.since >= at))).rowcount
    lasting = await _many(conn, select(agent_states).where(_OPEN, *where).order_by(_its.id))
    await conn.execute(update(agent_states).where(_OPEN, *where).values(until=at))
    await spells.count(conn, [_over(spell, at) for spell in lasting], zone)
    return none + len(lasting)


def _over(spell: AgentSpell, at: datetime) -> Over:
    return Over(
        id=spell.id, server=spell.server, interface=spell.interface, user_id=spell.user_id, name=spell.name,
        state=spell.state, reason=spell.reason, since=spell.since, until=at,
    )  # fmt: skip


def _spell(change: StateChange, since: datetime) -> AgentSpell:
    return AgentSpell(
        id=new_id(), server=change.server, interface=change.interface, user_id=change.user_id, name=change.name,
        state=change.state, reason=change.reason, queues=change.queues, since=since, until=None,
    )  # fmt: skip


async def _many(conn: AsyncConnection, query: Select[Any]) -> list[AgentSpell]:
    return [_of_row(row) for row in await conn.execute(query)]


def _text(queues: tuple[str, ...]) -> str:
    return msgspec.json.encode(queues).decode()


def _row(spell: AgentSpell) -> dict[str, Any]:
    return {**{column.name: getattr(spell, column.name) for column in _its}, "queues": _text(spell.queues)}


def _of_row(row: Row[Any]) -> AgentSpell:
    return AgentSpell(**{**row._mapping, "queues": _queues.decode(row.queues)})
