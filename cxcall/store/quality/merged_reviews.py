"""Reviews and evaluations of a call that turned out to be part of another one go with it."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import delete, exists, update
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.store.quality.tables import evaluations, quality_reviews


async def move(conn: AsyncConnection, new: Mapping[str, str]) -> None:
    """`new`: the call that stays by the id of each that goes. Of two reviews of the same agent by the same scorecard
    that nobody has begun one is enough."""
    its = quality_reviews.c
    for alias, call in sorted(new.items()):
        await conn.execute(update(evaluations).where(evaluations.c.call_id == alias).values(call_id=call))
        there = quality_reviews.alias()
        same = exists().where(
            there.c.call_id == call, there.c.agent == its.agent, there.c.scorecard_id == its.scorecard_id
        )
        begun = exists().where(evaluations.c.review_id == its.id)
        await conn.execute(delete(quality_reviews).where(its.call_id == alias, same, ~begun))
        await conn.execute(update(quality_reviews).where(its.call_id == alias, ~same).values(call_id=call))
