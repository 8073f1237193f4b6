"""Responses of the past, many at once: what a history is made of that nobody waits through."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.store.bulk import BulkWrite
from cxcall.store.survey_responses import (
    ACTS,
    FINISHED,
    Ended,
    NewResponse,
    Response,
    State,
    answer_row,
    response_row,
)
from cxcall.store.survey_tables import survey_answers, survey_responses
from cxcall.store.upsert import insert_into
from cxcall.surveys.asking import Reason
from cxcall.surveys.dialogue import Given
from cxcall.surveys.script import Comment, Question


@dataclass(frozen=True, slots=True, kw_only=True)
class PastResponse:
    """A response from its offer to its end; with a `reason` other than "ask" it was never offered.

    `given`: what came of each part in its order, with the part and when.
    """

    new: NewResponse
    reason: Reason = "ask"
    given: tuple[tuple[Given, Question | Comment, datetime], ...] = ()
    end: Ended = ""
    ended_at: datetime | None = None
    handed_to: str = ""


async def write(conn: AsyncConnection, past: Sequence[PastResponse]) -> list[Response]:
    """Write them as `survey_responses` would have, step by step; their calls must be new to surveys."""
    rows = [_row(each) for each in past]
    written = [Response(**row) for row in rows]
    await _write_responses(conn, rows)
    answers = [
        answer_row(response, n, given, part, at)
        for each, response in zip(past, written, strict=True)
        for n, (given, part, at) in enumerate(each.given)
    ]
    await _write_answers(conn, answers)
    return written


def _row(past: PastResponse) -> dict[str, Any]:
    row = response_row(past.new, _state(past), past.reason)
    acts = [at for given, _, at in past.given if given.result in ACTS]
    if past.end in FINISHED:
        acts.append(past.ended_at or past.new.at)
    return row | {
        "end": past.end,
        "started_at": acts[0] if acts else None,
        "ended_at": past.ended_at,
        "handed_to": past.handed_to or None,
    }


def _state(past: PastResponse) -> State:
    if past.reason != "ask":
        return "not_asked"
    if past.end in FINISHED:
        return "finished"
    return "started" if any(given.result in ACTS for given, _, _ in past.given) else "offered"


_write_responses = BulkWrite(lambda conn: insert_into(conn, survey_responses))
_write_answers = BulkWrite(lambda conn: insert_into(conn, survey_answers))
