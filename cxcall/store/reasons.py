"""Why callers called, in their own words: kept with the call, counted by intent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import ColumnElement, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.store import customers
from cxcall.store.identities import identities
from cxcall.store.merged_calls import survivors
from cxcall.store.reason_tables import call_reasons
from cxcall.store.tables import calls
from cxcall.store.upsert import insert_into

_its = call_reasons.c

How = Literal["sure", "confirmed", "keyed", "refused", "none"]
"""Understood; asked "did you mean …" and said yes; keyed; said no; none of these."""

_CHANGES = ("text", "keys", "intent", "guess", "confidence", "how", "why", "ms")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """What one caller said. `text` with numbers hidden; `intent` "" when nothing was understood, `guess` what was
    nearest then; `why` of `none`: silence, late, failed, gone, not_understood. `ms`: from the end of their voice."""

    id: str
    at: datetime
    call_id: str
    queue: str = ""
    language: str = ""
    text: str = ""
    keys: str = ""
    intent: str = ""
    guess: str = ""
    confidence: float = 0.0
    how: How = "none"
    why: str = ""
    ms: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class IntentUse:
    """How often an intent was meant in a period, by how that was known."""

    intent: str
    by_how: Mapping[str, int]

    @property
    def calls(self) -> int:
        return sum(self.by_how.values())


async def put(conn: AsyncConnection, reason: Reason) -> None:
    """Keep it, or what has become of it since."""
    insert = insert_into(conn, call_reasons).values(asdict(reason))
    changed = {name: insert.excluded[name] for name in _CHANGES}
    await conn.execute(insert.on_conflict_do_update(index_elements=["id"], set_=changed))


async def of_call(conn: AsyncConnection, call_id: str) -> Reason | None:
    """The last thing they said in a call, also by the id of one that became part of it."""
    stays = (await survivors(conn, [call_id])).get(call_id, call_id)
    return (await of_calls(conn, [stays])).get(stays)


async def of_calls(conn: AsyncConnection, call_ids: Sequence[str]) -> dict[str, Reason]:
    """The last of each of a few calls in which anything was said."""
    if not call_ids:
        return {}
    query = select(call_reasons).where(_its.call_id.in_(sorted(call_ids))).order_by(_its.call_id, _its.at, _its.id)
    return {row.call_id: Reason(**row._mapping) for row in await conn.execute(query)}


async def any_since(conn: AsyncConnection, since: datetime) -> bool:
    """Whether callers were asked lately: then the model is wanted from the start."""
    return (await conn.execute(select(_its.id).where(_its.at >= since).limit(1))).first() is not None


async def uses(conn: AsyncConnection, *, since: datetime, until: datetime) -> list[IntentUse]:
    """Intents by how often they were meant, "" for callers of whom nothing was understood; the most frequent first."""
    query = select(_its.intent, _its.how, func.count()).where(*_within(since, until)).group_by(_its.intent, _its.how)
    found: dict[str, dict[str, int]] = {}
    for intent, how, count in await conn.execute(query):
        found.setdefault(intent, {})[how] = count
    made = [IntentUse(intent=intent, by_how=by_how) for intent, by_how in found.items()]
    return sorted(made, key=lambda use: (-use.calls, use.intent))


async def not_understood(conn: AsyncConnection, *, since: datetime, limit: int = 20) -> list[Reason]:
    """What callers said lately that meant nothing to us: sentences to learn from, the newest first."""
    query = select(call_reasons).where(_its.at >= since, _its.intent == "", _its.text != "")
    rows = await conn.execute(query.order_by(_its.at.desc(), _its.id.desc()).limit(limit))
    return [Reason(**row._mapping) for row in rows]


async def forget_caller(conn: AsyncConnection, number: str) -> int:
    """What was said and keyed in calls of this E.164 number, and of all numbers of the customer it is of, goes; what
    they wanted stays counted. How many calls had any."""
    customer = await customers.by_number(conn, number)
    theirs: ColumnElement[bool] = calls.c.party_number.in_(
        sorted({number, *(customer.profile.numbers if customer else ())})
    )
    if customer is not None:
        theirs = or_(theirs, calls.c.customer_id.in_(await identities(conn, customer.id)))
    said = or_(_its.text != "", _its["keys"] != "", _its.guess != "")
    away = update(call_reasons).where(_its.call_id.in_(select(calls.c.id).where(theirs)), said)
    return (await conn.execute(away.values(text="", keys="", guess=""))).rowcount


def _within(since: datetime, until: datetime) -> tuple[ColumnElement[bool], ...]:
    return _its.at >= since, _its.at < until
