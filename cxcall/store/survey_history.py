"""Surveys beside the calls they belong to, for lists that already hold those calls."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.store import survey_answers
from cxcall.store.survey_answers import ResponseRow
from cxcall.store.survey_tables import survey_responses


async def of_calls(conn: AsyncConnection, ids: Collection[str]) -> dict[str, list[ResponseRow]]:
    """What callers were asked after these calls, by id of the call, oldest first; tests are left out."""
    table = survey_responses.c
    wanted = survey_answers.query().where(table.call_id.in_(ids), table.state != "not_asked", table.kind != "test")
    found: dict[str, list[ResponseRow]] = {}
    for row in await survey_answers.read(conn, wanted.order_by(table.offered_at)) if ids else ():
        found.setdefault(row.response.call_id or "", []).append(row)
    return found
