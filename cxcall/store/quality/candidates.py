"""The parts of calls a plan draws from."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Select, exists, func, null, select
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.quality.sampling import Candidate
from cxcall.reports.period import CalendarName, Span, week_start
from cxcall.store.category_tables import category_calls
from cxcall.store.quality.owners import Owners, owners
from cxcall.store.quality.plans import Drawn, Plan
from cxcall.store.reporting import agent_teams
from cxcall.store.speech_tables import recordings, transcripts
from cxcall.store.survey_tables import survey_answers, survey_responses
from cxcall.store.tables import call_legs, calls

MOST = 300_000
"""Parts of calls that are looked at for one draw."""

BREATH = 1000
"""Parts that are read before others have their turn."""

Parts = Select[tuple[Any, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """An agent's part of a call that could be reviewed."""

    call_id: str
    agent: str
    agent_user_id: str | None
    queue: str
    began_at: datetime


async def candidates(
    conn: AsyncConnection, plan: Plan, span: Span, *, zone: tzinfo, calendar: CalendarName
) -> list[tuple[Part, Candidate]]:
    """The parts of calls a plan draws from; at most `MOST`, the newest."""
    whose = await owners(conn, span.since, span.until)
    only = await team_agents(conn, plan.drawn)
    found: dict[tuple[str, str], tuple[Part, Candidate]] = {}
    for n, row in enumerate(await conn.execute(parts(plan.drawn, span.since, span.until).limit(MOST))):
        if n % BREATH == 0:
            await asyncio.sleep(0)
        part = _part(row, whose)
        if (only is None or part.agent in only) and (part.call_id, part.agent) not in found:
            day = part.began_at.astimezone(zone).date()
            found[part.call_id, part.agent] = part, Candidate(
                call_id=f"{part.call_id} {part.agent}", agent=part.agent, week=week_start(day, calendar),
                talk=row.talk, mood=row.mood, csat=row.csat,
            )  # fmt: skip
    return list(found.values())


async def team_agents(conn: AsyncConnection, drawn: Drawn) -> frozenset[str] | None:
    """Whose calls are drawn, None: everybody's."""
    return frozenset(await agent_teams.agents_of(conn, drawn.teams)) if drawn.teams else None


def parts(drawn: Drawn, since: datetime, until: datetime, *, newest: int | None = None) -> Parts:
    """The parts a plan draws from, the newest first; of teams all. With `newest` only so many calls are looked at, the
    last ones, whatever they were. Moods and answers are read where the plan asks for them."""
    within: list[ColumnElement[bool]] = [calls.c.started_at >= since, calls.c.started_at < until]
    its: FromClause = calls
    if newest is not None:
        last = select(calls).where(*within).order_by(calls.c.started_at.desc(), calls.c.id.desc())
        its, within = last.limit(newest).subquery("newest"), []
    leg = call_legs.c
    query = (
        select(
            its.c.id, its.c.started_at, its.c.talk, its.c.server, leg.list_agent, leg.list_device,
            func.coalesce(leg.answered_at, leg.started_at).label("answered_at"),
            func.coalesce(its.c.queue, "").label("queue"),
            (_mood(its) if drawn.worst_mood else null()).label("mood"),
            (_csat(its) if drawn.low_csat else null()).label("csat"),
        )
        .join_from(its, call_legs, leg.call_id == its.c.id)
        .where(
            *within, its.c.ended_at.is_not(None), its.c.talk > 0, leg.list_agent.is_not(None),
            leg.result == "answered", *_narrowed(drawn, its),
        )
    )  # fmt: skip
    return query.order_by(its.c.started_at.desc(), its.c.id, leg.n)


def _narrowed(drawn: Drawn, its: FromClause) -> list[ColumnElement[bool]]:
    where: list[ColumnElement[bool]] = []
    if drawn.queues:
        where.append(its.c.queue.in_(sorted(drawn.queues)))
    if drawn.category:
        in_it = category_calls.c.category_id == drawn.category
        where.append(exists().where(category_calls.c.transcript_id == transcripts.c.id, in_it, _of_call(its)))
    if drawn.needs == "recording":
        where.append(exists().where(recordings.c.call_id == its.c.id, recordings.c.state == "kept"))
    if drawn.needs == "transcript":
        where.append(exists().where(_of_call(its), transcripts.c.state == "done"))
    return where


def _of_call(its: FromClause) -> ColumnElement[bool]:
    return (transcripts.c.call_id == its.c.id) & (transcripts.c.kind == "call")


def _mood(its: FromClause) -> ColumnElement[float | None]:
    return select(func.min(transcripts.c.sentiment)).where(_of_call(its)).correlate(its).scalar_subquery()


def _csat(its: FromClause) -> ColumnElement[float | None]:
    answered = (survey_answers.c.response_id == survey_responses.c.id, survey_answers.c.measure == "csat")
    query = select(func.min(survey_answers.c.value)).where(survey_responses.c.call_id == its.c.id, *answered)
    return query.correlate(its).scalar_subquery()


def _part(row: Any, whose: Owners) -> Part:
    return Part(
        call_id=row.id,
        agent=row.list_agent,
        agent_user_id=whose.at(row.server, row.list_device or "", row.answered_at),
        queue=row.queue,
        began_at=row.started_at,
    )
