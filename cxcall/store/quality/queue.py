"""Reviews that wait for somebody to score a call."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, exists, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.store.ids import new_id
from cxcall.store.paging import Slice
from cxcall.store.quality import scorecards
from cxcall.store.quality.owners import owners
from cxcall.store.quality.paged import page
from cxcall.store.quality.scorecards import NoSuchScorecard
from cxcall.store.quality.tables import evaluations, quality_reviews
from cxcall.store.quality.tables import scorecards as cards
from cxcall.store.tables import call_legs, calls
from cxcall.store.upsert import insert_into

MANUAL = "manual"
"""Why a call is to be scored that a person chose."""
LONGEST = 500
"""Letters of a reason to skip."""

LEFT_OFF = timedelta(days=1)
"""A draft nobody has touched for so long keeps nobody else from scoring the call."""

_its, _done = quality_reviews.c, evaluations.c


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """An agent's part of a call that is to be scored. `why`: random, mood, long, csat or manual. `wanted` evaluations,
    of which `done` were submitted. `skipped_why` None: not skipped."""

    id: str
    call_id: str
    agent: str
    agent_user_id: str | None
    queue: str
    began_at: datetime
    why: str
    plan_id: str | None
    scorecard_id: str
    wanted: int
    done: int
    skipped_why: str | None
    skipped_by: str
    created_at: datetime
    created_by: str

    @property
    def waits(self) -> bool:
        return self.skipped_why is None and self.done < self.wanted


class NoSuchReview(Exception):
    """There is no such review (any more)."""


class NoSuchPart(Exception):
    """This agent had no part in this call, or it is not over yet."""


async def get(conn: AsyncConnection, review_id: str) -> Review | None:
    """A review by id."""
    row = (await conn.execute(select(quality_reviews).where(_its.id == review_id))).first()
    return of_row(row) if row else None


async def of_call(conn: AsyncConnection, call_id: str) -> list[Review]:
    """The reviews of a call."""
    rows = await conn.execute(select(quality_reviews).where(_its.call_id == call_id).order_by(_its.agent, _its.id))
    return [of_row(row) for row in rows]


async def agents_of(conn: AsyncConnection, call_id: str) -> list[str]:
    """The agents whose part of a call can be scored."""
    its = call_legs.c
    where = (its.call_id == call_id, its.list_agent.is_not(None), its.result == "answered")
    return list((await conn.scalars(select(its.list_agent).where(*where).distinct().order_by(its.list_agent))).all())


async def add(conn: AsyncConnection, call_id: str, agent: str, scorecard_id: str, *, by: str, now: datetime) -> Review:
    """Let a call be scored that somebody chose; the review that is there already if there is one, which is skipped no
    more then.

    Raises `NoSuchPart`, `NoSuchScorecard` (also for one that is not published).
    """
    card = await scorecards.get(conn, scorecard_id)
    if card is None or card.published is None or card.retired_at is not None:
        raise NoSuchScorecard(NoSuchScorecard.__doc__)
    leg = call_legs.c
    part = (
        await conn.execute(
            select(calls.c.started_at, calls.c.server, calls.c.queue, leg.list_device, leg.answered_at)
            .join(call_legs, leg.call_id == calls.c.id)
            .where(calls.c.id == call_id, calls.c.ended_at.is_not(None), leg.list_agent == agent)
            .where(leg.result == "answered")
            .order_by(leg.n)
        )
    ).first()
    if part is None:
        raise NoSuchPart(NoSuchPart.__doc__)
    at = part.answered_at or part.started_at
    whose = await owners(conn, at, now)
    row = {
        "id": new_id(), "call_id": call_id, "agent": agent,
        "agent_user_id": whose.at(part.server, part.list_device or "", at), "queue": part.queue or "",
        "began_at": part.started_at, "why": MANUAL, "plan_id": None, "scorecard_id": scorecard_id, "wanted": 1,
        "done": 0, "skipped_why": None, "skipped_by": "", "created_at": now, "created_by": by,
    }  # fmt: skip
    await conn.execute(insert_into(conn, quality_reviews).values(row).on_conflict_do_nothing())
    same = (_its.call_id == call_id, _its.agent == agent, _its.scorecard_id == scorecard_id)
    back = update(quality_reviews).where(*same).values(skipped_why=None, skipped_by="").returning(*_its)
    return of_row((await conn.execute(back)).one())


async def waiting(
    conn: AsyncConnection,
    *,
    reviewer: str,
    queue: str = "",
    agent: str = "",
    plan_id: str = "",
    after: str | None = None,
    limit: int = 50,
    now: datetime | None = None,
) -> Slice[Review]:
    """What a reviewer can score: above the first page what they have begun, then the oldest call first. Not their own
    calls, not what they have submitted, nothing of a scorecard that was retired, and with `now` nothing that as many
    others score at this time as are wanted. Raises `BadCursor`."""
    where: list[ColumnElement[bool]] = [
        _its.done < _its.wanted, _its.skipped_why.is_(None),
        or_(_its.agent_user_id.is_(None), _its.agent_user_id != reviewer),
    ]  # fmt: skip
    for column, value in ((_its.queue, queue), (_its.agent, agent), (_its.plan_id, plan_id)):
        if value:
            where.append(column == value)
    retired = exists().where(cards.c.id == _its.scorecard_id, cards.c.retired_at.is_not(None))
    theirs = exists().where(_done.review_id == _its.id, _done.reviewer == reviewer).correlate(quality_reviews)
    rest = [*where, ~retired.correlate(quality_reviews), ~theirs]
    if now is not None:
        busy = or_(_done.state == "submitted", _done.saved_at > now - LEFT_OFF)
        others = select(func.count()).select_from(evaluations).where(_done.review_id == _its.id, busy)
        rest.append(others.correlate(quality_reviews).scalar_subquery() < _its.wanted)
    found = await page(conn, quality_reviews, rest, of_row, after=after, limit=limit, newest_first=False)
    if found.previous is not None:
        return found
    drafts = select(_done.review_id).where(_done.reviewer == reviewer, _done.state == "draft")
    begun = select(quality_reviews).where(*where, _its.id.in_(drafts)).order_by(_its.began_at, _its.id)
    return replace(found, rows=[*(of_row(row) for row in await conn.execute(begun)), *found.rows])


async def skip(conn: AsyncConnection, review_id: str, why: str, *, by: str) -> Review:
    """This one is not scored. Raises `NoSuchReview`."""
    return await _set(conn, review_id, {"skipped_why": why[:LONGEST], "skipped_by": by})


async def unskip(conn: AsyncConnection, review_id: str) -> Review:
    """It is to be scored after all. Raises `NoSuchReview`."""
    return await _set(conn, review_id, {"skipped_why": None, "skipped_by": ""})


async def _set(conn: AsyncConnection, review_id: str, values: dict[str, Any]) -> Review:
    query = update(quality_reviews).where(_its.id == review_id).values(values).returning(*_its)
    row = (await conn.execute(query)).first()
    if row is None:
        raise NoSuchReview(NoSuchReview.__doc__)
    return of_row(row)


def of_row(row: Row[Any]) -> Review:
    """A row of `quality_reviews`."""
    return Review(**row._mapping)
