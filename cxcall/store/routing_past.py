"""What past decisions were made from, kept for as long as a day may be played again against other rules."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import msgspec
from sqlalchemy import select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.routing.decision import Decision
from cxcall.routing.facts import Facts
from cxcall.store.routing_tables import routing_decisions, routing_facts

_decision = msgspec.json.Decoder(Decision)
_facts = msgspec.json.Decoder(Facts)
_AT_ONCE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class PastFacts:
    """What a decision was made from, to be decided again."""

    id: str
    at: datetime
    facts: Facts
    decision: Decision


async def past(
    conn: AsyncConnection, *, since: datetime, until: datetime, limit: int = _AT_ONCE, after: PastFacts | None = None
) -> list[PastFacts]:
    """What was decided in this time with all it was decided from, oldest first, after the one given."""
    kept = routing_facts.c
    query = select(kept.decision_id, kept.at, kept.body, routing_decisions.c.decision).join(
        routing_decisions, routing_decisions.c.id == kept.decision_id
    )
    query = query.where(kept.at >= since, kept.at < until).order_by(kept.at, kept.decision_id).limit(limit)
    if after is not None:
        seen = tuple_(after.at, after.id, types=[kept.at.type, kept.decision_id.type])
        query = query.where(tuple_(kept.at, kept.decision_id) > seen)
    return [
        PastFacts(
            id=row.decision_id, at=row.at, facts=_facts.decode(row.body), decision=_decision.decode(row.decision)
        )
        for row in await conn.execute(query)
    ]  # fmt: skip
