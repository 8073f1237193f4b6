"""The questions that were asked in some responses: the columns of an export."""

from __future__ import annotations

import msgspec
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.store.survey_pages import LONGEST_SURVEY, ResponseFilter
from cxcall.store.survey_tables import survey_answers
from cxcall.surveys.script import Texts


async def asked(conn: AsyncConnection, wanted: ResponseFilter) -> dict[tuple[str, str], Texts]:
    """(survey id, part) → one of its titles, in the order they are asked; of days and survey of `wanted`."""
    table = survey_answers.c
    query = (
        select(table.survey_id, table.part, func.min(table.n), func.max(table.title))
        .where(table.kind != "comment")
        .group_by(table.survey_id, table.part)
        .order_by(table.survey_id, func.min(table.n), table.part)
    )
    if wanted.since is not None:
        query = query.where(table.given_at >= wanted.since)
    if wanted.until is not None:
        query = query.where(table.given_at < wanted.until + LONGEST_SURVEY)
    if wanted.survey_id is not None:
        query = query.where(table.survey_id == wanted.survey_id)
    rows = await conn.execute(query)
    return {(survey or "", part): msgspec.json.decode(title, type=Texts) for survey, part, _n, title in rows}
