"""About how many calls a plan would draw, by the past four weeks: quick enough to be told while one types."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.quality.sampling import Candidate, picks
from cxcall.store.quality.candidates import parts, team_agents
from cxcall.store.quality.plans import Drawn
from cxcall.store.tables import calls

WEEKS = 4
WEEK = timedelta(days=7)
LOOKED = 2_000
"""Calls of each week that are looked at, its last ones, whatever came of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """`calls` a week of `agents` in all would be drawn; from `of` parts of calls a week. `weeks` had calls at all.
    `cut`: a week had more calls than are looked at, so that there may be some more."""

    calls: float = 0.0
    agents: int = 0
    of: float = 0.0
    weeks: int = 0
    cut: bool = False


async def expected(conn: AsyncConnection, drawn: Drawn, *, now: datetime, looked: int = LOOKED) -> Expected:
    """What a plan would have drawn of each of the last four times seven days, on average since calls are known."""
    only = await team_agents(conn, drawn)
    seen = drew = 0
    who: set[str] = set()
    weeks, cut = 0, False
    for n in range(1, WEEKS + 1):
        since = now - n * WEEK
        found, most = await _candidates(conn, drawn, since, only, looked)
        if found:
            weeks = n
        chosen = await asyncio.to_thread(picks, found, drawn.wish, seed="expected")
        seen, drew, cut = seen + len(found), drew + len(chosen), cut or most
        who |= {one.agent for one in chosen}
    by = max(weeks, 1)
    return Expected(calls=drew / by, agents=len(who), of=seen / by, weeks=weeks, cut=cut)


async def _candidates(
    conn: AsyncConnection, drawn: Drawn, since: datetime, only: frozenset[str] | None, looked: int
) -> tuple[list[Candidate], bool]:
    """The parts of a week, and whether there may be more."""
    rows = (await conn.execute(parts(drawn, since, since + WEEK, newest=looked))).all()
    found = {
        (row.id, row.list_agent): Candidate(
            call_id=f"{row.id} {row.list_agent}", agent=row.list_agent, week=since.date(), talk=row.talk,
            mood=row.mood, csat=row.csat,
        )
        for row in rows
        if only is None or row.list_agent in only
    }  # fmt: skip
    return list(found.values()), await _more(conn, since, looked)


async def _more(conn: AsyncConnection, since: datetime, looked: int) -> bool:
    """Whether a week has more calls than are looked at."""
    its = calls.c
    within = select(its.id).where(its.started_at >= since, its.started_at < since + WEEK)
    return (await conn.scalar(within.order_by(its.started_at, its.id).offset(looked).limit(1))) is not None
