"""Draws the calls of a plan: never more of a week than it wants, however often it is asked.

By itself a plan draws a week once it is over: then each of an agent's calls had the same chance, and nobody can tell
during the week which ones are listened to.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta, tzinfo
from hashlib import sha256
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.quality.sampling import Candidate, picks
from cxcall.reports.period import CalendarName, Span, span_of, week_start
from cxcall.store.ids import new_id
from cxcall.store.quality import scorecards
from cxcall.store.quality.candidates import Part, candidates
from cxcall.store.quality.plans import Plan
from cxcall.store.quality.tables import quality_reviews
from cxcall.store.upsert import insert_into

BY_PLAN = "plan"
"""Who made a review that a plan drew."""

NewReview = dict[str, Any]
"""A row of `quality_reviews`."""

_BACK = timedelta(weeks=2)
"""How far back a plan draws by itself at most: what is older teaches an agent little."""
_SETTLE = timedelta(hours=6)
"""After a week is over, until it is drawn: its last calls are written down and answered about late."""


async def draw(
    conn: AsyncConnection, plan: Plan, span: Span, *, zone: tzinfo, calendar: CalendarName, now: datetime
) -> int:
    """Add the reviews a plan wants of a period and has not yet; how many. A paused plan, or one whose scorecard is
    not published, draws none."""
    return await keep(conn, await choose(conn, plan, span, zone=zone, calendar=calendar, now=now))


async def ready(conn: AsyncConnection, plan: Plan) -> bool:
    """Whether a plan draws: it is not paused, and its scorecard is published and not retired."""
    card = await scorecards.get(conn, plan.drawn.scorecard_id)
    return not plan.paused and card is not None and card.published is not None and card.retired_at is None


async def choose(
    conn: AsyncConnection, plan: Plan, span: Span, *, zone: tzinfo, calendar: CalendarName, now: datetime
) -> list[NewReview]:
    """The reviews `draw` would add, for who reads long and writes shortly: `keep` adds them."""
    if not await ready(conn, plan):
        return []
    found = await candidates(conn, plan, span, zone=zone, calendar=calendar)
    before = await _drawn_before(conn, plan, span)
    chosen = await asyncio.to_thread(_picked, found, plan, before, zone, calendar)
    return [
        {
            "id": new_id(), "call_id": part.call_id, "agent": part.agent, "agent_user_id": part.agent_user_id,
            "queue": part.queue, "began_at": part.began_at, "why": why, "plan_id": plan.id,
            "scorecard_id": plan.drawn.scorecard_id, "wanted": 2 if _twice(plan, part) else 1, "done": 0,
            "skipped_why": None, "skipped_by": "", "created_at": now, "created_by": BY_PLAN,
        }
        for part, why in chosen
    ]  # fmt: skip


async def keep(conn: AsyncConnection, rows: Iterable[NewReview]) -> int:
    """Add what was chosen; how many are new."""
    added = 0
    for row in sorted(rows, key=lambda one: (one["call_id"], one["agent"])):
        insert = insert_into(conn, quality_reviews).values(row).on_conflict_do_nothing()
        added += (await conn.execute(insert)).rowcount
    return added


async def _drawn_before(conn: AsyncConnection, plan: Plan, span: Span) -> list[tuple[Part, str]]:
    """What the plan drew of the weeks a period touches, and why."""
    its, week = quality_reviews.c, timedelta(days=7)
    where = (its.plan_id == plan.id, its.began_at >= span.since - week, its.began_at < span.until + week)
    rows = await conn.execute(select(quality_reviews).where(*where))
    return [(Part(**{name: row._mapping[name] for name in Part.__slots__}), row.why) for row in rows]


def _picked(
    found: Sequence[tuple[Part, Candidate]],
    plan: Plan,
    before: Sequence[tuple[Part, str]],
    zone: tzinfo,
    calendar: CalendarName,
) -> list[tuple[Part, str]]:
    """What a plan still wants of each week; chance is the plan's own."""
    wish = plan.drawn.wish
    parts = {candidate.call_id: part for part, candidate in found}
    weeks: dict[date, list[Candidate]] = {}
    for _, candidate in found:
        weeks.setdefault(candidate.week, []).append(candidate)
    known = frozenset(f"{part.call_id} {part.agent}" for part, _ in before)
    had = Counter(
        _share(week_start(part.began_at.astimezone(zone).date(), calendar), why, part.agent) for part, why in before
    )
    chosen: list[tuple[Part, str]] = []
    for week in sorted(weeks):
        for pick in picks(weeks[week], wish, seed=plan.id, reviewed=known):
            share = _share(week, pick.why, pick.agent)
            if had[share] < wish.most(pick.why):
                had[share] += 1
                chosen.append((parts[pick.call_id], pick.why))
    return chosen


def _share(week: date, why: str, agent: str) -> tuple[date, str, str]:
    """What a number in a wish is of: chance goes by agent, all else by week."""
    return week, why, agent if why == "random" else ""


def _twice(plan: Plan, part: Part) -> bool:
    lot = int(sha256(f"double\0{plan.id}\0{part.call_id}\0{part.agent}".encode()).hexdigest()[:8], 16)
    return lot < plan.drawn.double * 0x1_0000_0000


def weeks_of(language: str) -> CalendarName:
    """The calendar of a site's weeks, by its language: whoever draws counts the same weeks."""
    return "jalali" if language == "fa" else "gregorian"


def due(plan: Plan, *, zone: tzinfo, calendar: CalendarName, now: datetime) -> Span | None:
    """The weeks that are over and that a plan has not drawn by itself yet, at most two; None: none."""
    until = week_start((now - _SETTLE).astimezone(zone).date(), calendar)
    since = until - _BACK
    if plan.drawn_until is not None:
        since = max(since, plan.drawn_until.astimezone(zone).date())
    return span_of(since, until - timedelta(days=1), zone) if since < until else None
