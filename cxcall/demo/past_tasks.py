"""What became of the demo's unhappy callers: called back in time, late, or still waiting for it."""

from __future__ import annotations

import random
from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.store import tasks
from cxcall.store.survey_responses import Response
from cxcall.store.survey_seed import PastResponse
from cxcall.store.tasks import NewTask
from cxcall.surveys.script import Question

_BY = "laleh"
_DUE = timedelta(hours=1)
_OUTCOMES = (
    "Called back, explained and apologised; the caller was content.",
    "Reached at the second try. A refund was promised.",
    "عذرخواهی شد و مشکل همان روز برطرف شد.",
    "با مشتری صحبت شد؛ پیگیری فنی ثبت شد.",
)


async def write(
    conn: AsyncConnection, past: Iterable[tuple[PastResponse, Response]], until: datetime, chance: random.Random
) -> None:
    """A task for every response that was bad: those before the last day are over, most of them in time."""
    for each, response in past:
        score = _satisfaction(each)
        wants_it = response.handed_to is not None
        if score is None or (score > 2 and not wants_it):
            continue
        at = response.ended_at or response.offered_at
        reason = {"asked": "call_back"} if wants_it else {"rule": "Unhappy caller", "measure": "csat", "value": score}
        task = await tasks.create(
            conn,
            NewTask(
                kind="call_back", title="" if wants_it else "Unhappy caller", due_at=at + _DUE,
                made_by="survey" if wants_it else "rule:unhappy", customer_id=response.customer_id,
                number=response.number, call_id=response.call_id, response_id=response.id, queue=response.queue,
                reason=reason,
            ),
            now=at,
        )  # fmt: skip
        done = at + timedelta(minutes=chance.uniform(8, 75))
        if done < until - timedelta(hours=20) or (done < until and chance.random() < 0.5):
            await tasks.end(
                conn, task.id, version=task.version, state="done", outcome=chance.choice(_OUTCOMES), by=_BY, now=done
            )


def _satisfaction(past: PastResponse) -> float | None:
    for given, part, _ in past.given:
        if isinstance(part, Question) and part.measure == "csat" and given.value is not None:
            return given.value
    return None
