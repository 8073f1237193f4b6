"""What became of the calls a trial was decided for: one value for each call, told by its group.

A call counts once, from the first decision, when it is known and has ended. Whose it is, is who was divided: the
customer as known when it was decided, else the number, else the call. `routing.trials` makes sums and verdicts of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import Float, Select, case, cast, exists, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.routing.trials import Measure
from cxcall.store.routing_tables import routing_decisions, routing_trials
from cxcall.store.survey_tables import survey_answers, survey_responses
from cxcall.store.tables import call_visits, calls

REPEAT = timedelta(days=7)
"""Who calls again within this time has not been helped (METRICS.md: repeat); younger calls are not judged yet."""
MOST = 200_000

Arm = Literal["treated", "control"]
_decided, _divided = routing_decisions.c, routing_trials.c


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """A call's value as it is kept: the answer given (csat 1–5, nps 0–10), seconds (wait, handle), or 0 and 1
    (abandoned, repeat). `at`: when it was decided; `who` tells callers apart."""

    arm: Arm
    at: datetime
    call_id: str
    who: str
    value: float


async def of_trial(
    conn: AsyncConnection,
    trial: str,
    measure: Measure,
    *,
    now: datetime,
    since: datetime | None = None,
    until: datetime | None = None,
    limit: int = MOST,
) -> list[Outcome]:
    """Outcomes of a trial's calls, oldest first; of those decided between `since` and `until` where they are given.

    `handle` is talk with hold in it: wrap-up is time of the agent and not tied to a call. A call-back that was taken
    is not abandoned.
    """
    query = _MEASURES[measure](_of_calls(trial))
    query = query.where(*((_divided.at >= since,) if since else ()), *((_divided.at < until,) if until else ()))
    found: dict[str, Outcome] = {}
    for row in await conn.execute(query.order_by(_divided.at, _divided.decision_id).limit(limit)):
        value = _again(row, now) if measure == "repeat" else row.value
        if value is not None and row.call_id not in found:
            found[row.call_id] = Outcome(arm=row.arm, at=row.at, call_id=row.call_id, who=row.who, value=float(value))
    return list(found.values())


async def sizes(conn: AsyncConnection, trial: str) -> dict[Arm, int]:
    """How many decisions each group of a trial had, also those whose calls are not known."""
    query = select(_divided.arm, func.count().label("n")).where(_divided.trial == trial).group_by(_divided.arm)
    return {row.arm: row.n for row in await conn.execute(query)}


async def names(conn: AsyncConnection) -> list[str]:
    """All trials that calls were decided for, also those whose rule is gone."""
    found: list[str] = []
    last = ""
    while True:  # each one step in the index; a DISTINCT would read the rows of all calls
        name = await conn.scalar(select(func.min(_divided.trial)).where(_divided.trial > last))
        if name is None:
            return found
        found.append(name)
        last = name


def _of_calls(trial: str) -> Select[Any]:
    who = func.coalesce(_decided.customer_id, func.nullif(_decided.number, ""), _decided.unique_id)
    return (
        select(_divided.arm, _divided.at, calls.c.id.label("call_id"), who.label("who"))
        .join(routing_decisions, _decided.id == _divided.decision_id)
        .join(calls, calls.c.id == _decided.call_id)
        .where(_divided.trial == trial, calls.c.ended_at.is_not(None))
    )


def _answer(measure: Measure) -> Callable[[Select[Any]], Select[Any]]:
    def of(query: Select[Any]) -> Select[Any]:
        asked, given = survey_responses.c, survey_answers.c
        query = query.add_columns(given.value.label("value")).join(survey_responses, asked.call_id == calls.c.id)
        return query.join(survey_answers, given.response_id == asked.id).where(
            given.measure == measure, given.value.is_not(None)
        )

    return of


def _wait(query: Select[Any]) -> Select[Any]:
    return query.add_columns(calls.c.wait.label("value")).where(calls.c.visits > 0, calls.c.wait.is_not(None))


def _abandoned(query: Select[Any]) -> Select[Any]:
    visit = call_visits.c
    gave_up = exists().where(visit.call_id == calls.c.id, visit.result == "abandoned")
    return query.add_columns(cast(case((gave_up, 1), else_=0), Float).label("value")).where(calls.c.visits > 0)


def _handle(query: Select[Any]) -> Select[Any]:
    visit = call_visits.c
    talked = select(func.sum(visit.talk)).where(visit.call_id == calls.c.id, visit.result == "answered")
    return query.add_columns(talked.scalar_subquery().label("value"))


def _next_call(query: Select[Any]) -> Select[Any]:
    """When the customer called the next time."""
    later = calls.alias("later")
    theirs = (
        later.c.customer_id == calls.c.customer_id, later.c.started_at > calls.c.started_at,
        later.c.direction != "outbound",
    )  # fmt: skip
    again = select(later.c.started_at).where(*theirs).order_by(later.c.started_at, later.c.id).limit(1)
    query = query.add_columns(calls.c.started_at, again.scalar_subquery().label("again"))
    return query.where(calls.c.customer_id.is_not(None))


def _again(row: Any, now: datetime) -> float | None:
    if row.started_at > now - REPEAT:
        return None
    return float(row.again is not None and row.again - row.started_at <= REPEAT)


_MEASURES: Mapping[Measure, Callable[[Select[Any]], Select[Any]]] = {
    "csat": _answer("csat"),
    "nps": _answer("nps"),
    "wait": _wait,
    "abandoned": _abandoned,
    "repeat": _next_call,
    "handle": _handle,
}
