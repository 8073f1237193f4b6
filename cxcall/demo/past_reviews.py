"""How calls of the demo's last weeks were scored: a scorecard, a plan that drew them, evaluations, what came of them.

Calls of the last week that is over still wait, so that there is something to score.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from cxcall.demo.staff import AGENTS, TIMEZONE
from cxcall.quality.examples import EXAMPLES
from cxcall.quality.scorecard import Item
from cxcall.quality.scoring import Answer
from cxcall.reports.period import span_of, week_start
from cxcall.store.people_tables import users
from cxcall.store.quality import coaching, disputes, drawing, evaluations, plans, scorecards
from cxcall.store.quality.evaluations import Evaluation
from cxcall.store.quality.plans import Drawn, Plan
from cxcall.store.quality.tables import quality_reviews

WEEKS = 6
"""Of calls that were drawn."""
_ZONE = ZoneInfo(TIMEZONE)
_HEAD, _OTHER = "laleh", "admin"
"""Who scores: the supervisor, and where two do, the administrator too."""
_PLAN = {"en": "Every week, every agent", "fa": "هر هفته، هر کارشناس"}
_PRACTISE = {
    "en": "Say why and for how long before you put a caller on hold; listen to two calls of Sara's first.",
    "fa": "پیش از انتظار، دلیل و مدت آن را بگویید؛ پیش از آن دو تماس سارا را بشنوید.",
}
_PRAISE = {"en": "Calm, clear and kind. Well done.", "fa": "آرام، روشن و مهربان. آفرین."}
_DISAGREE = {
    "en": "I did make sure who was calling: the caller said the contract's number before I asked.",
    "fa": "هویت تماس‌گیرنده را پرسیده بودم: خودش شمارهٔ قرارداد را پیش از پرسش گفت.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Scoring:
    """Who scores (user ids by login), how, and in which language."""

    ids: Mapping[str, str]
    chance: random.Random
    language: str


async def write(engine: AsyncEngine, *, until: datetime, seed: int, language: str) -> None:
    """Write them as of the weeks before `until` (aware)."""
    chance = random.Random(f"reviews-{seed}")
    async with engine.begin() as conn:
        rows = await conn.execute(select(users.c.id, users.c.name))
        ids = {row.name: row.id for row in rows}
        began = until - timedelta(weeks=WEEKS + 1)
        kept = await scorecards.create(conn, EXAMPLES["service"], by=_HEAD, now=began)
        kept = await scorecards.publish(conn, kept.id, version=kept.version, by=_HEAD, now=began)
        drawn = Drawn(name=_PLAN[language], scorecard_id=kept.id, random=2, worst_mood=1, low_csat=1, double=0.2)
        plan = await plans.create(conn, drawn, by=_HEAD, now=began)
        await _draw(conn, plan, until, language)
    async with engine.begin() as conn:
        await _score(conn, until, _Scoring(ids=ids, chance=chance, language=language))


async def _draw(conn: AsyncConnection, plan: Plan, until: datetime, language: str) -> None:
    """As the plan would have by itself, each week once it was over."""
    calendar = drawing.weeks_of(language)
    this_week = week_start(until.astimezone(_ZONE).date(), calendar)
    for n in range(WEEKS, 0, -1):
        first = this_week - timedelta(weeks=n)
        span = span_of(first, first + timedelta(days=6), _ZONE)
        await drawing.draw(conn, plan, span, zone=_ZONE, calendar=calendar, now=span.until + timedelta(hours=7))
    await plans.drew(conn, plan.id, span_of(this_week, this_week, _ZONE).since)


async def _score(conn: AsyncConnection, until: datetime, how: _Scoring) -> None:
    """All but the newest week's, a day or two after they were drawn."""
    its = quality_reviews.c
    newest = max([*await conn.scalars(select(its.created_at))], default=until)
    rows = await conn.execute(select(quality_reviews).where(its.created_at < newest).order_by(its.began_at, its.id))
    done: list[Evaluation] = []
    for review in rows.all():
        for reviewer in (_HEAD, _OTHER)[: review.wanted]:
            now = review.created_at + timedelta(hours=how.chance.uniform(3, 60))
            done.append(await _evaluate(conn, review.id, how, how.ids[reviewer], now))
    await _follow(conn, done, until, how)


async def _evaluate(conn: AsyncConnection, review_id: str, how: _Scoring, reviewer: str, now: datetime) -> Evaluation:
    draft = await evaluations.begin(conn, review_id, reviewer=reviewer, now=now - timedelta(minutes=9))
    card = await evaluations.card_of(conn, draft.scorecard_id, draft.scorecard_version)
    skill = _skill(how.ids, draft.agent_user_id)
    answers = {item.id: _answer(item, skill, how.chance) for item in card.items()} | dict(draft.answers)
    comment = _PRAISE[how.language] if how.chance.random() < 0.2 and skill > 0.8 else ""
    return await evaluations.submit(
        conn, draft.id, answers, comment, version=draft.version, by=reviewer, now=now
    )  # fmt: skip


def _skill(ids: Mapping[str, str], agent_user_id: str | None) -> float:
    """How often somebody does what a scorecard asks: agents differ, and the demo shows who needs what."""
    known = [ids.get(worker.login) for worker in AGENTS]
    return (0.96, 0.9, 0.86, 0.78, 0.92, 0.7, 0.84)[known.index(agent_user_id)] if agent_user_id in known else 0.85


def _answer(item: Item, skill: float, chance: random.Random) -> Answer:
    if item.na and chance.random() < 0.4:
        return Answer(value=None)
    if item.highest:
        return Answer(value=max(1, min(item.highest, round(chance.gauss(skill, 0.15) * item.highest))))
    return Answer(value=int(chance.random() < (0.5 + skill / 2 if item.critical else skill)))


async def _follow(conn: AsyncConnection, done: list[Evaluation], until: datetime, how: _Scoring) -> None:
    """The lowest scores lead to something to practise; who missed a critical item last disagrees."""
    low = sorted((one for one in done if one.agent_user_id and one.score is not None), key=lambda one: one.score or 0)
    for n, one in enumerate(low[:4]):
        made = (one.submitted_at or until) + timedelta(hours=2)
        task = await coaching.create(
            conn, one.agent_user_id or "", _PRACTISE[how.language], by=_HEAD, now=made,
            due_on=_day(made) + timedelta(days=14), evaluation_id=one.id, item_id="hold",
        )  # fmt: skip
        if n % 2:
            await coaching.done(conn, task.id, "", version=task.version, now=made + timedelta(days=5))
    missed = [one for one in done if one.missed and one.agent_user_id and one.submitted_at]
    for one in missed[-1:]:
        at = min((one.submitted_at or until) + timedelta(hours=20), until)
        await disputes.open_(conn, one.id, _DISAGREE[how.language], by=one.agent_user_id or "", now=at)


def _day(moment: datetime) -> date:
    return moment.astimezone(_ZONE).date()
