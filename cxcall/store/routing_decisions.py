"""What was decided for each call that asked: kept after the answer was given, tied to the call when that is known.

A decision is found by its call and by the channel that asked; `routing_lists` has lists and counts of each rule,
`routing_past` what decisions were made from.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Row, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.routing.decision import Decision
from cxcall.routing.facts import Facts
from cxcall.store.bulk import BulkWrite
from cxcall.store.bulk import Row as Values
from cxcall.store.ids import new_id
from cxcall.store.merged_calls import survivors
from cxcall.store.routing_tables import routing_decisions, routing_facts, routing_matches, routing_trials
from cxcall.store.tables import calls
from cxcall.store.upsert import insert_into

_its = routing_decisions.c
_decision = msgspec.json.Decoder(Decision)
_AT_ONCE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class NewDecision:
    """A decision to be kept. `unique_id`: of the channel that asked; `asked`: where the dialplan would have sent it;
    `ms`: from the question to the answer. `decision.at` is in the site's zone: its date is the day it counts for."""

    decision: Decision
    server: str
    unique_id: str
    number: str = ""
    customer_id: str | None = None
    call_id: str | None = None
    asked: str = ""
    ms: float = 0.0
    facts: Facts | None = None
    id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptDecision:
    """A decision as it is kept; `call_id` None: its call is not known yet."""

    id: str
    at: datetime
    server: str
    unique_id: str
    call_id: str | None
    number: str
    customer_id: str | None
    asked: str
    queue: str
    version: int
    ms: float
    decision: Decision


async def add(conn: AsyncConnection, new: Sequence[NewDecision]) -> list[str]:
    """Keep decisions; their ids."""
    ids = [each.id or new_id() for each in new]
    both = list(zip(ids, new, strict=True))
    await _write_decisions(conn, [_row(id_, each) for id_, each in both])
    await _write_facts(
        conn,
        [
            {"decision_id": id_, "at": each.decision.at, "body": _text(each.facts)}
            for id_, each in both
            if each.facts is not None
        ],
    )
    await _write_matches(conn, [row for id_, each in both for row in _match_rows(id_, each.decision)])
    await _write_trials(
        conn,
        [
            {"trial": trial, "at": each.decision.at, "decision_id": id_, "arm": arm}
            for id_, each in both
            for trial, arm in each.decision.groups.items()
        ],
    )
    return ids


async def get(conn: AsyncConnection, decision_id: str) -> KeptDecision | None:
    """A decision by id."""
    row = (await conn.execute(select(routing_decisions).where(_its.id == decision_id))).first()
    return of_row(row) if row else None


async def calls_of(conn: AsyncConnection, ids: Collection[str]) -> dict[str, str]:
    """The call of each of these decisions, where it is known; ids are those of one page."""
    query = select(_its.id, _its.call_id).where(_its.id.in_(sorted(ids)), _its.call_id.is_not(None))
    return {row.id: row.call_id for row in await conn.execute(query)}


async def of_channel(conn: AsyncConnection, server: str, unique_id: str) -> KeptDecision | None:
    """The last decision a channel was given."""
    mine = (_its.server == server, _its.unique_id == unique_id)
    query = select(routing_decisions).where(*mine).order_by(_its.at.desc(), _its.id.desc()).limit(1)
    row = (await conn.execute(query)).first()
    return of_row(row) if row else None


async def of_call(
    conn: AsyncConnection, call_id: str, *, server: str = "", unique_ids: Collection[str] = ()
) -> list[KeptDecision]:
    """Decisions of a call, also by the id of one that became part of it, oldest first; also those its channels (of
    `server`) were given that nobody has tied to it yet."""
    stays = (await survivors(conn, [call_id])).get(call_id, call_id)
    where: ColumnElement[bool] = _its.call_id == stays
    if unique_ids:
        where = or_(where, (_its.server == server) & _its.unique_id.in_(sorted(unique_ids)) & _its.call_id.is_(None))
    query = select(routing_decisions).where(where).order_by(_its.at, _its.id)
    return [of_row(row) for row in await conn.execute(query)]


async def link(conn: AsyncConnection, server: str, unique_ids: Collection[str], call_id: str) -> int:
    """Tie what these channels were given to their call; how many decisions that were."""
    theirs = (_its.server == server, _its.unique_id.in_(sorted(unique_ids)), _its.call_id.is_(None))
    return (await conn.execute(update(routing_decisions).where(*theirs).values(call_id=call_id))).rowcount


async def link_open(conn: AsyncConnection, *, since: datetime, until: datetime) -> int:
    """Tie what was decided in this time and has no call to the call that began with its channel; how many.

    For what `link` did not see: a restart between decision and call.
    """
    name = _its.server + "-" + _its.unique_id
    open_ = (_its.at >= since, _its.at < until, _its.call_id.is_(None))
    found = {row.id: row.call for row in await conn.execute(select(_its.id, name.label("call")).where(*open_))}
    known = await _known(conn, sorted(set(found.values())))
    for decision_id, call in found.items():
        if call in known:
            await conn.execute(
                update(routing_decisions).where(_its.id == decision_id).values(call_id=known[call])
            )  # one by one: a handful after a restart
    return sum(call in known for call in found.values())


async def _known(conn: AsyncConnection, names: Sequence[str]) -> dict[str, str]:
    """Calls by these ids or other names."""
    known: dict[str, str] = {}
    for begin in range(0, len(names), _AT_ONCE):
        some = names[begin : begin + _AT_ONCE]
        known |= await survivors(conn, some)
        known |= {id_: id_ for id_ in (await conn.scalars(select(calls.c.id).where(calls.c.id.in_(some)))).all()}
    return known


def _row(decision_id: str, new: NewDecision) -> Values:
    return {
        "id": decision_id, "at": new.decision.at, "server": new.server, "unique_id": new.unique_id,
        "call_id": new.call_id, "number": new.number, "customer_id": new.customer_id, "asked": new.asked,
        "queue": new.decision.result.queue, "version": new.decision.version, "ms": new.ms,
        "decision": _text(new.decision),
    }  # fmt: skip


def _match_rows(decision_id: str, decision: Decision) -> list[Values]:
    day = decision.at.date().isoformat()
    return [{"rule_id": id_, "day": day, "decision_id": decision_id} for id_ in dict.fromkeys(decision.matched)]


def _text(value: Decision | Facts) -> str:
    return msgspec.json.encode(value).decode()


def of_row(row: Row[Any]) -> KeptDecision:
    """The decision of a row that has its columns."""
    values = {name: row._mapping[name] for name in KeptDecision.__slots__}
    return KeptDecision(**{**values, "decision": _decision.decode(row.decision)})


_write_decisions = BulkWrite(lambda conn: insert_into(conn, routing_decisions))
_write_facts = BulkWrite(lambda conn: insert_into(conn, routing_facts))
_write_matches = BulkWrite(lambda conn: insert_into(conn, routing_matches))
_write_trials = BulkWrite(lambda conn: insert_into(conn, routing_trials))
