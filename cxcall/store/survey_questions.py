"""The questions that may have been asked in some responses: the columns of an export."""

from __future__ import annotations

import dataclasses

from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.store import survey_pages, surveys
from cxcall.store.survey_pages import ResponseFilter
from cxcall.surveys.script import Question, Texts


async def asked(conn: AsyncConnection, wanted: ResponseFilter) -> dict[tuple[str, str], Texts]:
    """(survey id, part) → the title it had last, of every version of the surveys that have such responses.

    In the order of the newest script; questions only older versions had come last.
    """
    found: dict[tuple[str, str], Texts] = {}
    for survey in await surveys.everything(conn, state=None):
        mine = dataclasses.replace(wanted, survey_id=survey.id)
        if wanted.survey_id not in (None, survey.id) or not await survey_pages.count(conn, mine, at_most=1):
            continue
        for version in await surveys.versions(conn, survey.id):
            script = await surveys.script_of(conn, survey.id, version.n)
            for part in script.parts if script else ():
                if isinstance(part, Question):
                    found.setdefault((survey.id, part.id), part.title)
    return found
