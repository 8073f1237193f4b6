"""What an agent sees of a customer while the phone rings: a few short reads, each answered by an index."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.calls.record import CallId, Outcome
from cxcall.store.customers import Customer
from cxcall.store.tables import calls, customer_notes

_LATELY = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class LastCall:
    """The contact before this one."""

    id: CallId
    started_at: datetime
    outcome: Outcome
    agent: str | None
    queue: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskCard:
    """Who is calling, and what was. Counts leave the present call out; `last_agent` is who spoke with them last."""

    customer: Customer
    calls_total: int
    calls_lately: int
    last_call: LastCall | None
    last_agent: str | None
    last_note: str | None
    last_note_at: datetime | None

    @property
    def first_contact(self) -> bool:
        """Never called before, and nobody has said who it is."""
        return self.customer.first_contact and self.calls_total == 0


async def desk_card(
    conn: AsyncConnection, customer: Customer, *, now: datetime, call_id: str | None = None
) -> DeskCard:
    """The card of a customer as of `now`; `call_id` is the call that rings."""
    theirs = (calls.c.customer_id == customer.id, calls.c.id != (call_id or ""))
    count = select(func.count()).select_from(calls).where(*theirs)
    total, lately, agent = (
        await conn.execute(
            select(
                count.scalar_subquery(),
                count.where(calls.c.started_at >= now - _LATELY).scalar_subquery(),
                _newest(calls.c.agent, *theirs, calls.c.answered_at.is_not(None), calls.c.agent.is_not(None)),
            )
        )
    ).one()
    last = (await conn.execute(_last_call(*theirs))).first()
    note = (await conn.execute(_last_note(customer.id))).first()
    return DeskCard(
        customer=customer,
        calls_total=total,
        calls_lately=lately,
        last_call=LastCall(**last._mapping) if last else None,
        last_agent=agent,
        last_note=note.text if note else None,
        last_note_at=note.written_at if note else None,
    )


def _newest(column: Any, *where: Any) -> Any:
    query = select(column).where(*where).order_by(calls.c.started_at.desc(), calls.c.id.desc())
    return query.limit(1).scalar_subquery()


def _last_call(*where: Any) -> Any:
    columns = (calls.c.id, calls.c.started_at, calls.c.outcome, calls.c.agent, calls.c.queue)
    return select(*columns).where(*where).order_by(calls.c.started_at.desc(), calls.c.id.desc()).limit(1)


def _last_note(customer_id: str) -> Any:
    query = select(customer_notes.c.text, customer_notes.c.written_at)
    return (
        query.where(customer_notes.c.customer_id == customer_id).order_by(customer_notes.c.written_at.desc()).limit(1)
    )
