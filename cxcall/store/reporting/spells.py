"""Counts the seconds of agents' states once a spell has ended.

A person with several phones is in one state at a time (`reports.states`): a spell that ends may take seconds from one
of another phone that was counted before. What is added is what its period says with it less what it said without it,
so that the order in which spells end does not matter.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.reports.states import OFFLINE, telling
from cxcall.store.agent_tables import agent_states
from cxcall.store.reporting import keeping
from cxcall.store.reporting.slots import SECONDS
from cxcall.store.reporting.tables import rollup_states
from cxcall.store.reporting.writing import LIVE, SHADOWS, Additions

_its = agent_states.c
_COLUMNS = (
    _its.id, _its.server, _its.interface, _its.user_id, _its.name, _its.state, _its.reason, _its.since, _its.until,
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Over:
    """A spell that has ended."""

    id: str
    server: str
    interface: str
    user_id: str | None
    name: str
    state: str
    reason: str
    since: datetime
    until: datetime


async def count(conn: AsyncConnection, over: Sequence[Over], zone: tzinfo) -> None:
    """Add what spells contribute that ended in this transaction."""
    if not over:
        return
    kept = await keeping.shared(conn, str(zone))
    beside = await _beside(conn, over)
    additions = Additions(zone)
    for spell in over:
        theirs = beside.setdefault(_owner(spell), [])
        touching = [other for other in theirs if other.until > spell.since and other.since < spell.until]
        _add(additions, [*touching, spell], spell.since, spell.until, to=LIVE)
        _add(additions, touching, spell.since, spell.until, to=LIVE, times=-1)
        if kept.states_done is not None and spell.since < kept.states_done:
            begin = max(spell.since, kept.states_whole_from(zone))
            end = min(spell.until, kept.states_done)
            _add(additions, [*touching, spell], begin, end, to=SHADOWS)
            _add(additions, touching, begin, end, to=SHADOWS, times=-1)
        theirs.append(spell)
    await additions.write(conn)


async def recount(conn: AsyncConnection, since: datetime, until: datetime, zone: tzinfo) -> None:
    """Count anew what all spells that have ended say of a period."""
    theirs: dict[tuple[str, str], list[Over]] = {}
    for spell in await _ended(conn, _its.until > since, _its.since < until):
        theirs.setdefault(_owner(spell), []).append(spell)
    additions = Additions(zone)
    for spells in theirs.values():
        _add(additions, spells, since, until, to=SHADOWS)
    await additions.write(conn)


def _add(
    additions: Additions,
    spells: Sequence[Over],
    since: datetime,
    until: datetime,
    *,
    to: tuple[int, ...],
    times: int = 1,
) -> None:
    # Of two that began at once the same one tells, in whatever order they were read.
    for spell, begin, end in telling(sorted(spells, key=lambda spell: spell.id), since, until):
        if spell.state == OFFLINE:
            continue
        who = (spell.server, spell.interface, spell.user_id or "", spell.name, spell.state, spell.reason)
        for at, seconds in _quarters(begin, end):
            quarter = int(at.timestamp()) // SECONDS
            additions.put(rollup_states, (quarter, *who), {"time": seconds}, times=times, to=to)


def _quarters(begin: datetime, end: datetime) -> Iterator[tuple[datetime, float]]:
    """The quarters of an hour a time lies in, with its seconds in each."""
    while begin < end:
        edge = datetime.fromtimestamp((int(begin.timestamp()) // SECONDS + 1) * SECONDS, UTC)
        until = min(edge, end)
        yield begin, (until - begin) / timedelta(seconds=1)
        begin = until


async def _beside(conn: AsyncConnection, over: Sequence[Over]) -> dict[tuple[str, str], list[Over]]:
    """Spells at other phones of the same people that were counted before; somebody unknown has only one phone."""
    people = {spell.user_id for spell in over if spell.user_id is not None}
    if not people:
        return {}
    begin, end = min(spell.since for spell in over), max(spell.until for spell in over)
    new = {spell.id for spell in over}
    found: dict[tuple[str, str], list[Over]] = {}
    for spell in await _ended(conn, _its.user_id.in_(sorted(people)), _its.until > begin, _its.since < end):
        if spell.id not in new:
            found.setdefault(_owner(spell), []).append(spell)
    return found


async def _ended(conn: AsyncConnection, *where: ColumnElement[bool]) -> list[Over]:
    rows = await conn.execute(select(*_COLUMNS).where(_its.until.is_not(None), *where))
    return [Over(**row._mapping) for row in rows]


def _owner(spell: Over) -> tuple[str, str]:
    """Whose states exclude each other: a person's, else a phone's."""
    return (spell.user_id, "") if spell.user_id is not None else (spell.server, spell.interface)
