"""Evaluations: what a reviewer answered about an agent's part of a call, as a draft, submitted and corrected.

An evaluation stays with the version of the scorecard it was begun with. Two who score the same part do not see each
other's answers before they have submitted their own.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

import msgspec
from sqlalchemy import ColumnElement, Row, exists, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.quality import from_speech
from cxcall.quality.scorecard import Scorecard
from cxcall.quality.scoring import Answer, BadAnswer, Score, fits, score
from cxcall.store.errors import Conflict
from cxcall.store.ids import new_id
from cxcall.store.paging import Slice
from cxcall.store.quality import queue, scorecards
from cxcall.store.quality.heard import heard_in
from cxcall.store.quality.paged import page
from cxcall.store.quality.queue import LEFT_OFF, NoSuchReview, Review
from cxcall.store.quality.scorecards import NoSuchScorecard
from cxcall.store.quality.tables import evaluation_corrections, evaluations, quality_reviews

State = Literal["draft", "submitted"]
Answers = Mapping[str, Answer]

LONGEST = 4000
"""Letters of a comment or a reason."""

_its = evaluations.c
_answers = msgspec.json.Decoder(dict[str, Answer])
_sections = msgspec.json.Decoder(dict[str, float | None])
_missed = msgspec.json.Decoder(tuple[str, ...])


class NoSuchEvaluation(Exception):
    """There is no such evaluation (any more)."""


class OwnCall(Exception):
    """Nobody scores their own calls."""


class AlreadyScored(Exception):
    """This call has been scored, or somebody else is scoring it now."""


class NotSubmitted(Exception):
    """Only an evaluation that was submitted can be corrected, and a submitted one is no draft any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """An evaluation; `version` counts its changes, `corrected` how often it was corrected. `reviewer` and
    `agent_user_id` are ids of users. `score`: 0 to 1, None of a draft and where nothing applied; `sections` the same by
    section id, `missed` ids of critical items answered no. `saved_at`: when its reviewer last answered something."""

    id: str
    review_id: str
    call_id: str
    agent: str
    agent_user_id: str | None
    queue: str
    began_at: datetime
    scorecard_id: str
    scorecard_version: int
    reviewer: str
    state: State
    version: int
    answers: Answers
    comment: str
    score: float | None
    sections: Mapping[str, float | None]
    missed: tuple[str, ...]
    created_at: datetime
    saved_at: datetime
    submitted_at: datetime | None
    corrected: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """What an evaluation said before its `n`-th correction, and why it was corrected, by whom (user id) and when."""

    n: int
    answers: Answers
    comment: str
    score: float | None
    why: str
    by: str
    at: datetime


async def begin(conn: AsyncConnection, review_id: str, *, reviewer: str, now: datetime) -> Evaluation:
    """The reviewer's draft, a new one filled in from what was heard, or what they have submitted.

    Raises `NoSuchReview`, `OwnCall`, `AlreadyScored`, `NoSuchScorecard`.
    """
    review = await _held(conn, review_id)
    if (mine := await _of_reviewer(conn, review_id, reviewer)) is not None:
        return mine
    if review.agent_user_id == reviewer:
        raise OwnCall(OwnCall.__doc__)
    busy = (_its.review_id == review_id, _its.reviewer != reviewer)
    since = or_(_its.state == "submitted", _its.saved_at > now - LEFT_OFF)
    others = await conn.scalar(select(func.count()).select_from(evaluations).where(*busy, since)) or 0
    if not review.waits or others >= review.wanted:
        raise AlreadyScored(AlreadyScored.__doc__)
    kept = await scorecards.get(conn, review.scorecard_id)
    if kept is None or kept.published is None or kept.retired_at is not None:
        raise NoSuchScorecard(NoSuchScorecard.__doc__)
    card = await card_of(conn, kept.id, kept.published)
    filled = from_speech.fill(card, await heard_in(conn, review.call_id))
    row = {
        "id": new_id(), "review_id": review_id, "call_id": review.call_id, "agent": review.agent,
        "agent_user_id": review.agent_user_id, "queue": review.queue, "began_at": review.began_at,
        "scorecard_id": kept.id, "scorecard_version": kept.published, "reviewer": reviewer, "state": "draft",
        "version": 1, "answers": _json(filled), "comment": "", "score": None, "sections": "{}", "missed": "[]",
        "created_at": now, "saved_at": now, "submitted_at": None, "corrected": 0,
    }  # fmt: skip
    return of_row((await conn.execute(evaluations.insert().values(row).returning(*_its))).one())


async def card_of(conn: AsyncConnection, scorecard_id: str, version: int) -> Scorecard:
    """The scorecard an evaluation was begun with. Raises `NoSuchScorecard`."""
    card = await scorecards.published(conn, scorecard_id, version)
    if card is None:
        raise NoSuchScorecard(NoSuchScorecard.__doc__)
    return card


async def save_draft(
    conn: AsyncConnection,
    evaluation_id: str,
    answers: Answers,
    comment: str,
    *,
    version: int,
    by: str,
    now: datetime | None = None,
) -> Evaluation:
    """Keep what was answered so far; answers that do not fit raise `BadAnswer`. `by`: the reviewer's user id; `now`
    None: this moment.

    Raises `Conflict` (with the evaluation now), `NoSuchEvaluation` (also of somebody else), `NotSubmitted`.
    """
    current = await _mine(conn, evaluation_id, by)
    if current.state != "draft":
        raise NotSubmitted(NotSubmitted.__doc__)
    card = await card_of(conn, current.scorecard_id, current.scorecard_version)
    _check(card, answers)
    values = {"answers": _json(answers), "comment": comment[:LONGEST], "saved_at": now or datetime.now(UTC)}
    return await _change(conn, current, values, version=version)


async def submit(
    conn: AsyncConnection,
    evaluation_id: str,
    answers: Answers,
    comment: str,
    *,
    version: int,
    by: str,
    now: datetime,
) -> Evaluation:
    """Answer to everything; agents see it from now on. Raises as `save_draft`, `Unanswered` and `AlreadyScored`."""
    current = await _mine(conn, evaluation_id, by)
    if current.state != "draft":
        raise NotSubmitted(NotSubmitted.__doc__)
    review = await _held(conn, current.review_id)
    if review.done >= review.wanted:
        raise AlreadyScored(AlreadyScored.__doc__)
    card = await card_of(conn, current.scorecard_id, current.scorecard_version)
    values = {**_scored(score(card, answers)), "answers": _json(answers), "comment": comment[:LONGEST],
              "state": "submitted", "saved_at": now, "submitted_at": now}  # fmt: skip
    made = await _change(conn, current, values, version=version)
    more = update(quality_reviews).where(quality_reviews.c.id == review.id)
    await conn.execute(more.values(done=quality_reviews.c.done + 1))
    return made


async def correct(
    conn: AsyncConnection,
    evaluation_id: str,
    answers: Answers,
    comment: str,
    *,
    why: str,
    version: int,
    by: str,
    now: datetime,
) -> Evaluation:
    """Answer otherwise after all; what it said before is kept (`history`). `by`: who corrects, a user id.

    Raises `Conflict`, `NoSuchEvaluation`, `NotSubmitted`, `Unanswered`, `BadAnswer`, and `OwnCall` for the agent.
    """
    current = await get(conn, evaluation_id)
    if current is None:
        raise NoSuchEvaluation(NoSuchEvaluation.__doc__)
    if current.state != "submitted":
        raise NotSubmitted(NotSubmitted.__doc__)
    if current.agent_user_id == by:
        raise OwnCall(OwnCall.__doc__)
    card = await card_of(conn, current.scorecard_id, current.scorecard_version)
    number = current.corrected + 1
    values = {**_scored(score(card, answers)), "answers": _json(answers), "comment": comment[:LONGEST],
              "corrected": number}  # fmt: skip
    made = await _change(conn, current, values, version=version)
    former = {
        "evaluation_id": current.id, "n": number, "answers": _json(current.answers), "comment": current.comment,
        "score": current.score, "why": why[:LONGEST], "by": by, "at": now,
    }  # fmt: skip
    await conn.execute(evaluation_corrections.insert().values(former))
    return made


async def get(conn: AsyncConnection, evaluation_id: str) -> Evaluation | None:
    """An evaluation by id."""
    row = (await conn.execute(select(evaluations).where(_its.id == evaluation_id))).first()
    return of_row(row) if row else None


async def by_ids(conn: AsyncConnection, ids: Collection[str]) -> dict[str, Evaluation]:
    """Submitted evaluations by id, as far as they are there."""
    where = (_its.id.in_(sorted(set(ids))), _its.state == "submitted")
    return {row.id: of_row(row) for row in await conn.execute(select(evaluations).where(*where))}


async def history(conn: AsyncConnection, evaluation_id: str) -> list[Correction]:
    """What an evaluation said before it was corrected, the first first."""
    its = evaluation_corrections.c
    rows = await conn.execute(select(evaluation_corrections).where(its.evaluation_id == evaluation_id).order_by(its.n))
    return [
        Correction(
            n=row.n, answers=_answers.decode(row.answers), comment=row.comment, score=row.score, why=row.why,
            by=row.by, at=row.at,
        )
        for row in rows
    ]  # fmt: skip


async def of_call(conn: AsyncConnection, call_id: str, *, reviewer: str) -> list[Evaluation]:
    """The submitted evaluations of a call, and the reviewer's own drafts; none that `reviewer` must not know of yet."""
    seen = or_(_its.state == "submitted", _its.reviewer == reviewer)
    rows = await conn.execute(
        select(evaluations).where(_its.call_id == call_id, seen, not_blind(reviewer)).order_by(_its.created_at, _its.id)
    )
    return [of_row(row) for row in rows]


async def of_agent(
    conn: AsyncConnection, user_id: str, *, after: str | None = None, limit: int = 50
) -> Slice[Evaluation]:
    """An agent's submitted evaluations, the newest call first. Raises `BadCursor`."""
    where = (_its.agent_user_id == user_id, _its.state == "submitted")
    return await page(conn, evaluations, where, of_row, after=after, limit=limit)


def not_blind(reviewer: str) -> ColumnElement[bool]:
    """Whether a reviewer may see an evaluation: it is theirs, or nobody is to score the same part any more.

    A part that is skipped after the first of two is no longer hidden, but from who has begun to score it.
    """
    mine, part = evaluations.alias(), quality_reviews.alias()
    begun = exists().where(mine.c.review_id == _its.review_id, mine.c.reviewer == reviewer, mine.c.state == "draft")
    awaited = (part.c.wanted > 1, part.c.done < part.c.wanted)
    hidden = or_(part.c.skipped_why.is_(None), begun.correlate(evaluations))
    blind = exists().where(part.c.id == _its.review_id, *awaited, hidden)
    return or_(_its.reviewer == reviewer, ~blind.correlate(evaluations))


async def _held(conn: AsyncConnection, review_id: str) -> Review:
    """The review, kept from others until the transaction ends."""
    query = select(quality_reviews).where(quality_reviews.c.id == review_id).with_for_update()
    row = (await conn.execute(query)).first()
    if row is None:
        raise NoSuchReview(NoSuchReview.__doc__)
    return queue.of_row(row)


async def _of_reviewer(conn: AsyncConnection, review_id: str, reviewer: str) -> Evaluation | None:
    where = (_its.review_id == review_id, _its.reviewer == reviewer)
    row = (await conn.execute(select(evaluations).where(*where))).first()
    return of_row(row) if row else None


async def _mine(conn: AsyncConnection, evaluation_id: str, by: str) -> Evaluation:
    found = await get(conn, evaluation_id)
    if found is None or found.reviewer != by:
        raise NoSuchEvaluation(NoSuchEvaluation.__doc__)
    return found


async def _change(conn: AsyncConnection, current: Evaluation, values: dict[str, Any], *, version: int) -> Evaluation:
    over = (_its.id == current.id, _its.version == version)
    new = {**values, "version": version + 1}
    row = (await conn.execute(update(evaluations).where(*over).values(new).returning(*_its))).first()
    if row is None:
        raise Conflict(await get(conn, current.id) or current)
    return of_row(row)


def _check(card: Scorecard, answers: Answers) -> None:
    items = {item.id: item for item in card.items()}
    for id_, answer in answers.items():
        if id_ not in items or not fits(items[id_], answer):
            raise BadAnswer(id_)


def _scored(found: Score) -> dict[str, Any]:
    return {
        "score": found.whole,
        "sections": msgspec.json.encode(dict(found.sections)).decode(),
        "missed": msgspec.json.encode(found.missed).decode(),
    }


def _json(answers: Answers) -> str:
    return msgspec.json.encode(dict(answers)).decode()


def of_row(row: Row[Any]) -> Evaluation:
    """A row of `evaluations`."""
    values = dict(row._mapping)
    values |= {
        "answers": _answers.decode(row.answers),
        "sections": _sections.decode(row.sections),
        "missed": _missed.decode(row.missed),
    }
    return Evaluation(**values)
