"""Calls that a survey should have an answer of, or a reason why not, and has neither yet."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.store.survey_responses import Response
from cxcall.store.survey_tables import survey_responses
from cxcall.store.tables import call_visits, calls


async def unaccounted(
    conn: AsyncConnection, queues: Collection[str], since: datetime, until: datetime, *, limit: int = 500
) -> list[str]:
    """Ids of calls begun since `since` and ended before `until` that visited one of `queues` and have no response."""
    answered = exists().where(survey_responses.c.call_id == calls.c.id)
    query = (
        select(calls.c.id)
        .join(call_visits, call_visits.c.call_id == calls.c.id)
        .where(
            call_visits.c.list_queue.in_(queues), call_visits.c.started_at >= since, calls.c.ended_at < until, ~answered
        )
        .distinct()
        .order_by(calls.c.id)
        .limit(limit)
    )
    return list((await conn.scalars(query)).all())


async def of_channel(conn: AsyncConnection, server: str, unique_ids: Collection[str]) -> Response | None:
    """The response after a call whose caller had one of these channels."""
    table = survey_responses.c
    key = (table.server == server, table.unique_id.in_(unique_ids), table.kind == "after_call")
    row = (await conn.execute(select(survey_responses).where(*key).limit(1))).first()
    return Response(**row._mapping) if row else None


async def running(conn: AsyncConnection, before: datetime) -> list[Response]:
    """Responses offered before `before` that have no end yet."""
    table = survey_responses.c
    query = select(survey_responses).where(table.end == "", table.state != "not_asked", table.offered_at < before)
    return [Response(**row._mapping) for row in await conn.execute(query.order_by(table.offered_at))]
