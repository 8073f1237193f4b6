"""Answers and comments of single responses as the pages show them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.settings import Settings
from cxcall.store import tasks
from cxcall.store.survey_answers import Answer, ResponseRow
from cxcall.store.survey_comments import Comment
from cxcall.store.survey_pages import CommentRow
from cxcall.store.tasks import Task
from cxcall.web import comment_sound
from cxcall.web.dates import date_text, time_text
from cxcall.web.pages.labels import Label
from cxcall.web.pages.survey_labels import COMMENT_STATES, OUT_OF, RESULTS, mood, said
from cxcall.web.pages.voice_view import CommentLine, Given, answer_text
from cxcall.web.presentation import current
from cxcall.web.words import gettext as _

AUDIO = "/surveys/comments/{response}/{part}"


def given(answer: Answer) -> Given:
    """An answer in words; what was not answered says why."""
    measure, value = answer.measure, answer.value
    answered = answer.result == "answered"
    return Given(
        title=said(answer.title) or answer.part,
        text=answer_text(measure, value, said(answer.label), answer.keys, OUT_OF[measure] if measure else 0),
        kind=mood(measure, value) if measure and value is not None else "",
        result="" if answered else _(RESULTS[answer.result]),
    )


def answers(row: ResponseRow) -> list[Given]:
    """All answers to questions, in their order; comments are shown by what was said."""
    return [given(answer) for answer in row.answers if answer.kind != "comment"]


def scores(row: ResponseRow) -> list[Given]:
    """The scored answers, satisfaction first."""
    found = [answer for answer in row.answers if answer.measure and answer.value is not None]
    order = list(OUT_OF)
    return [given(answer) for answer in sorted(found, key=lambda answer: order.index(answer.measure or "csat"))]


async def comments(conn: AsyncConnection, settings: Settings, rows: Sequence[CommentRow]) -> list[CommentLine]:
    """Comments with their shapes, scores, and what was made of them."""
    shapes = await comment_sound.shapes(settings, [row.comment.file for row in rows])
    return [
        _comment(row.comment, row.row, shape, await tasks.of_response(conn, row.comment.response_id))
        for row, shape in zip(rows, shapes, strict=True)
    ]


def _comment(comment: Comment, row: ResponseRow, shape: Sequence[float], made: Sequence[Task]) -> CommentLine:
    response = row.response
    return CommentLine(
        id=f"{comment.response_id}-{comment.part}",
        url=AUDIO.format(response=comment.response_id, part=comment.part),
        seconds=comment.seconds,
        at=comment.recorded_at,
        bars=shape,
        text=comment.text,
        why="" if comment.text else _(COMMENT_STATES.get(comment.state, "")),
        scores=scores(row)[:1],
        who=row.customer_name or "",
        number=response.number,
        customer_id=response.customer_id if row.customer_name else None,
        queue=response.queue,
        agent=response.agent_name or response.agent,
        call_id=response.call_id,
        task=task_label(made[-1], current().now) if made else None,
        heard=comment.listened_at is not None,
    )


def task_label(task: Task, now: datetime) -> Label:
    """What was made of an answer: a call-back owed until when, overdue, or done."""
    if task.state == "done":
        return Label(text=_("Done"), kind="good", icon="check")
    if task.state == "cancelled":
        return Label(text=_("Called off"), icon="x")
    if task.due_at < now:
        return Label(text=_("Overdue"), kind="bad", icon="clock")
    shown = current()
    day, today = shown.local(task.due_at).date(), shown.local(now).date()
    when = time_text(task.due_at) if day == today else date_text(day, year=False)
    text = _("Call back by %(when)s") if task.kind == "call_back" else _("Follow up by %(when)s")
    return Label(text=text % {"when": when}, kind="warn", icon="clock")
