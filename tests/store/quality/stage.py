"""Calls with a part of Sara's, a published scorecard, and reviews of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from cxcall.quality.scoring import Answer
from cxcall.store import calls, users
from cxcall.store.quality import evaluations, plans, queue
from cxcall.store.quality.evaluations import Evaluation
from cxcall.store.quality.plans import Drawn, Plan
from cxcall.store.quality.queue import Review
from cxcall.store.quality.tables import quality_reviews
from tests.store.make import MORNING, REGION, queue_call, write
from tests.support.quality_stage import GOOD, publish_card

NOW = MORNING + timedelta(days=9)
DAY = 24 * 3600.0


async def some_calls(
    engine: AsyncEngine, n: int, *, every: float = 60.0, begin: float = 0.0, first: int = 0
) -> list[str]:
    """Answered calls of Sara's phone PJSIP/1001, `every` so many seconds; their ids."""
    records = [queue_call(first + k, at=begin + k * every) for k in range(n)]
    async with engine.begin() as conn:
        await calls.apply(conn, [write(record) for record in records], region=REGION)
    return [record.id for record in records]


async def a_person(conn: AsyncConnection, name: str, *extensions: str, role: users.RoleName = "agent") -> str:
    """Somebody's user id."""
    made = await users.create(
        conn, name=name.lower(), role=role, password_hash="x", display_name=name, extensions=tuple(extensions)
    )
    return made.id


async def a_review(conn: AsyncConnection, call_id: str, card: str, *, wanted: int = 1) -> Review:
    """Sara's part of a call waits to be scored, once or twice."""
    made = await queue.add(conn, call_id, "Sara", card, by="leila", now=NOW)
    if wanted == 1:
        return made
    its = quality_reviews.c
    await conn.execute(quality_reviews.update().where(its.id == made.id).values(wanted=wanted))
    return replace(made, wanted=wanted)


async def scored(
    conn: AsyncConnection,
    review_id: str,
    reviewer: str,
    answers: dict[str, Answer] | None = None,
    *,
    now: datetime = NOW,
) -> Evaluation:
    """A submitted evaluation."""
    begun = await evaluations.begin(conn, review_id, reviewer=reviewer, now=now)
    return await evaluations.submit(conn, begun.id, answers or GOOD, "", version=begun.version, by=reviewer, now=now)


async def a_plan(conn: AsyncConnection, card: str = "", **drawn: Any) -> Plan:
    """A plan of a published scorecard."""
    card = card or await publish_card(conn, NOW)
    usual: dict[str, Any] = {"name": "Weekly", "scorecard_id": card}
    asked = Drawn(**{**usual, **drawn})
    return await plans.create(conn, asked, by="leila", now=NOW)


def at(day: int, hour: int = 12) -> datetime:
    """A moment of November 2026."""
    return datetime(2026, 11, day, hour, tzinfo=UTC)
