"""What decisions tell of callers, taken away: what they were made from after a while, and all of it for one who asks.

A decision itself stays, for it is counted with its rules and its experiment; what is left of it tells where a call was
sent, not whose it was.
"""

from __future__ import annotations

from datetime import datetime

import msgspec
from sqlalchemy import ColumnElement, delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.routing.decision import Decision
from cxcall.store import customers
from cxcall.store.identities import identities
from cxcall.store.routing_tables import routing_decisions, routing_facts

SWEPT = 2000
"""Facts, or decisions of one caller, that are forgotten in one transaction."""

_its, _facts = routing_decisions.c, routing_facts.c
_decision = msgspec.json.Decoder(Decision)


async def forget_facts(conn: AsyncConnection, *, before: datetime) -> int:
    """SWEPT of the facts that are older than this go, the oldest first; the decisions stay. How many went."""
    oldest = select(_facts.decision_id).where(_facts.at < before).order_by(_facts.at).limit(SWEPT)
    return (await conn.execute(delete(routing_facts).where(_facts.decision_id.in_(oldest)))).rowcount


async def forget_caller(conn: AsyncConnection, number: str) -> int:
    """From SWEPT of the decisions for this E.164 number, and all numbers of the customer it is of, is taken what tells
    whose they are; how many, 0: none is left. It reads all decisions there are."""
    customer = await customers.by_number(conn, number)
    numbers = {number, *(customer.profile.numbers if customer else ())}
    theirs: ColumnElement[bool] = _its.number.in_(sorted(numbers))
    if customer is not None:
        theirs = or_(theirs, _its.customer_id.in_(await identities(conn, customer.id)))
    rows = (await conn.execute(select(_its.id, _its.decision).where(theirs).limit(SWEPT))).all()
    for row in rows:
        bare = msgspec.structs.replace(_decision.decode(row.decision), facts=(), reasons=())
        values = {"number": "", "customer_id": None, "decision": msgspec.json.encode(bare).decode()}
        await conn.execute(update(routing_decisions).where(_its.id == row.id).values(values))
    await conn.execute(delete(routing_facts).where(_facts.decision_id.in_([row.id for row in rows])))
    return len(rows)
