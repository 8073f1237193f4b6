"""The surveys of one call, for its page: what was asked, answered and said, or why nothing was asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.settings import Settings
from cxcall.store import survey_answers, surveys
from cxcall.store.survey_answers import ResponseRow
from cxcall.store.survey_pages import CommentRow
from cxcall.web.pages import voice_lines
from cxcall.web.pages.labels import Label
from cxcall.web.pages.survey_labels import REASONS, state_of
from cxcall.web.pages.voice_view import CommentLine, Given
from cxcall.web.words import gettext as _


@dataclass(frozen=True, slots=True, kw_only=True)
class CallSurvey:
    """One survey. `later`: in a call of its own; `reason`: why nothing was asked; `survey`, `version`: its script."""

    later: bool
    state: Label
    reason: str
    answers: Sequence[Given]
    comments: Sequence[CommentLine]
    survey: str
    version: int
    at: datetime


async def of_call(conn: AsyncConnection, settings: Settings, call_id: str) -> list[CallSurvey]:
    """The surveys of a call, in their order; tests are nobody's answer."""
    rows = await survey_answers.of_call(conn, call_id)
    return [await _survey(conn, settings, row) for row in rows if row.response.kind != "test"]


async def _survey(conn: AsyncConnection, settings: Settings, row: ResponseRow) -> CallSurvey:
    response = row.response
    survey = await surveys.get(conn, response.survey_id) if response.survey_id else None
    said = [CommentRow(comment=comment, row=row) for comment in row.comments]
    return CallSurvey(
        later=response.kind == "later",
        state=state_of(response),
        reason=_(REASONS[response.reason]) if response.state == "not_asked" else "",
        answers=voice_lines.answers(row),
        comments=await voice_lines.comments(conn, settings, said),
        survey=survey.name if survey else "",
        version=response.survey_version or 1,
        at=response.ended_at or response.started_at or response.offered_at,
    )
