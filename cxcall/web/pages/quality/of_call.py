"""What a call's page shows of quality: its evaluations, what still waits, and how to let it be scored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.calls.record import CallRecord
from cxcall.store.quality import evaluations, queue
from cxcall.store.quality.evaluations import Evaluation
from cxcall.store.quality.queue import Review
from cxcall.web.access import SignedIn
from cxcall.web.pages.quality.shared import Known, known, published


@dataclass(frozen=True, slots=True, kw_only=True)
class QualityOfCall:
    """`agents` and `cards`: of which a new review can be chosen, () for agents and for calls that go on."""

    evaluations: Sequence[Evaluation]
    waiting: Sequence[Review]
    agents: Sequence[str]
    cards: Sequence[tuple[str, str]]
    known: Known


async def of_call(conn: AsyncConnection, user: SignedIn, record: CallRecord) -> QualityOfCall | None:
    """None where there is nothing to show or do. Agents see what is about themselves."""
    found = await evaluations.of_call(conn, record.id, reviewer=user.id)
    told = [one for one in found if one.state == "submitted" and (user.oversees or one.agent_user_id == user.id)]
    if not user.oversees:
        return (
            QualityOfCall(evaluations=told, waiting=(), agents=(), cards=(), known=await known(conn)) if told else None
        )
    cards = await published(conn)
    agents = await queue.agents_of(conn, record.id) if record.ended_at is not None and cards else []
    waiting = [one for one in await queue.of_call(conn, record.id) if one.waits]
    if not (told or agents or waiting):
        return None
    return QualityOfCall(evaluations=told, waiting=waiting, agents=agents, cards=cards, known=await known(conn))
