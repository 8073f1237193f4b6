"""What an agent's results show of quality: the evaluations of their calls, and what they are to practise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.store.quality import coaching, evaluations
from cxcall.store.quality.coaching import CoachingTask
from cxcall.store.quality.evaluations import Evaluation
from cxcall.web.pages.quality.shared import Known, known

ROWS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnQuality:
    """The newest of both; `today` tells what is late."""

    evaluations: Sequence[Evaluation]
    coaching: Sequence[CoachingTask]
    known: Known
    today: date


async def of_agent(conn: AsyncConnection, user_id: str, today: date) -> OwnQuality | None:
    """None before anybody has scored a call of theirs or given them a task."""
    found = await evaluations.of_agent(conn, user_id, limit=ROWS)
    tasks = await coaching.of_agent(conn, user_id, limit=ROWS)
    if not found.rows and not tasks:
        return None
    return OwnQuality(evaluations=found.rows, coaching=tasks, known=await known(conn), today=today)
