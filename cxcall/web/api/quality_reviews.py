"""`/quality/reviews` and `/quality/evaluations`: calls that wait to be scored, and what was answered about them.

Agents read what was submitted about themselves, nothing else. Who is to score the same call as somebody else learns of
the other's answers after their own.
"""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.quality.scoring import BadAnswer, Unanswered
from cxcall.store.errors import Conflict
from cxcall.store.paging import BadCursor
from cxcall.store.quality import evaluations, queue
from cxcall.store.quality.evaluations import AlreadyScored, Evaluation, NoSuchEvaluation, NotSubmitted, OwnCall
from cxcall.store.quality.queue import NoSuchPart, NoSuchReview, Review
from cxcall.store.quality.scorecards import NoSuchScorecard
from cxcall.web.access import OVERSEERS
from cxcall.web.api.acts import note_act
from cxcall.web.api.endpoint import ROOT, Answer, Asked, Endpoint
from cxcall.web.api.paging import After, Limit, bad_cursor
from cxcall.web.api.quality_shapes import (
    EvaluationAnswers,
    EvaluationCorrection,
    EvaluationList,
    FormerEvaluation,
    Id,
    ShownEvaluation,
    ShownReview,
    Words,
    evaluation,
    former,
    review,
)
from cxcall.web.api.scopes import Scope
from cxcall.web.api.versions import Expected, etag, expected_version
from cxcall.web.problems import Problem

Word = Annotated[str, msgspec.Meta(max_length=200)]


class ReviewQuery(msgspec.Struct, frozen=True, kw_only=True):
    """What waits for the reader: not their own calls, and not what they have scored."""

    queue: Word = ""
    agent: Word = ""
    plan_id: Word = ""
    limit: Limit = 50
    after: After | None = None


class ReviewList(msgspec.Struct, frozen=True, kw_only=True):
    """Reviews, the oldest call first; `next` and `previous`, given as `after`, lead to the pages around it."""

    items: list[ShownReview]
    next: str | None
    previous: str | None


class NewReview(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A call that is to be scored; `agent` as the call's record names them."""

    call_id: Id
    agent: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    scorecard_id: Id


class ReviewSkip(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why it is not scored."""

    why: Words


class EvaluationQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Of a call, or of an agent (`agent_user_id`). Agents get their own."""

    call_id: Word = ""
    agent_user_id: Word = ""
    limit: Limit = 50
    after: After | None = None


class FormerList(msgspec.Struct, frozen=True, kw_only=True):
    """What it said before each correction, the first first."""

    items: list[FormerEvaluation]


async def list_reviews(asked: Asked[ReviewQuery, None]) -> ReviewList:
    query = asked.query
    try:
        async with asked.engine.connect() as conn:
            found = await queue.waiting(
                conn, reviewer=asked.who.id, queue=query.queue, agent=query.agent, plan_id=query.plan_id,
                after=query.after, limit=query.limit, now=asked.now,
            )  # fmt: skip
    except BadCursor as error:
        raise bad_cursor() from error
    return ReviewList(items=[review(one) for one in found.rows], next=found.next, previous=found.previous)


async def add_review(asked: Asked[None, NewReview]) -> Answer:
    """The review that is there already where the same was asked for before."""
    given = asked.body
    try:
        async with asked.engine.begin() as conn:
            made = await queue.add(
                conn, given.call_id, given.agent, given.scorecard_id, by=asked.who.name, now=asked.now
            )  # fmt: skip
            details = {"agent": given.agent, "scorecard": given.scorecard_id}
            await note_act(asked, conn, "quality.add", f"call:{given.call_id}", details)
    except NoSuchPart as error:
        raise _refused(str(error), "agent") from error
    except NoSuchScorecard as error:
        raise _refused("There is no such scorecard that calls can be scored by.", "scorecard_id") from error
    return Answer(value=review(made), headers={"Location": f"{ROOT}/quality/reviews/{made.id}"})


async def get_review(asked: Asked[None, None]) -> ShownReview:
    async with asked.engine.connect() as conn:
        return review(await _review(asked, conn))


async def skip_review(asked: Asked[None, ReviewSkip]) -> ShownReview:
    """`unskip` takes it back."""
    return await _set(asked, "skip", asked.body.why)


async def unskip_review(asked: Asked[None, None]) -> ShownReview:
    return await _set(asked, "unskip", "")


async def begin_evaluation(asked: Asked[None, None]) -> Answer:
    """The reader's draft of a review, a new one filled in from what was heard; or what they have submitted."""
    try:
        async with asked.engine.begin() as conn:
            made = await evaluations.begin(conn, asked.path["id"], reviewer=asked.who.id, now=asked.now)
    except NoSuchReview as error:
        raise _no_review() from error
    except (OwnCall, AlreadyScored, NoSuchScorecard) as error:
        raise Problem(409, str(error)) from error
    return _answer(made)


async def list_evaluations(asked: Asked[EvaluationQuery, None]) -> EvaluationList:
    """Agents: their own, whichever call."""
    query, who = asked.query, asked.who
    agent = query.agent_user_id if who.oversees else who.id
    if query.agent_user_id not in ("", agent):
        raise Problem(403, "Agents read their own evaluations.")
    async with asked.engine.connect() as conn:
        if query.call_id:
            seen = await evaluations.of_call(conn, query.call_id, reviewer=who.id)
            rows = [one for one in seen if who.oversees or _is_theirs(one, who.id)]
            return EvaluationList(items=[evaluation(one) for one in rows], next=None, previous=None)
        if not agent:
            raise Problem(422, "Say of which call (call_id) or of whom (agent_user_id).")
        try:
            found = await evaluations.of_agent(conn, agent, after=query.after, limit=query.limit)
        except BadCursor as error:
            raise bad_cursor() from error
        rows = [one for one in found.rows if await _is_seen(asked, conn, one)]
    return EvaluationList(items=[evaluation(one) for one in rows], next=found.next, previous=found.previous)


async def get_evaluation(asked: Asked[None, None]) -> Answer:
    async with asked.engine.connect() as conn:
        return _answer(await found_evaluation(asked, conn))


async def list_former_evaluations(asked: Asked[None, None]) -> FormerList:
    async with asked.engine.connect() as conn:
        kept = await found_evaluation(asked, conn)
        return FormerList(items=[former(one) for one in await evaluations.history(conn, kept.id)])


async def save_evaluation(asked: Asked[None, EvaluationAnswers]) -> Answer:
    """The reader's draft, as far as it is answered."""
    expected, body = expected_version(asked.request, asked.body.version), asked.body
    return await _change(asked, expected, "", lambda conn, id_: evaluations.save_draft(
        conn, id_, body.answers, body.comment, version=expected.number, by=asked.who.id
    ))  # fmt: skip


async def submit_evaluation(asked: Asked[None, EvaluationAnswers]) -> Answer:
    """Every item answered; the agent sees it from now on."""
    expected, body = expected_version(asked.request, asked.body.version), asked.body
    return await _change(asked, expected, "submit", lambda conn, id_: evaluations.submit(
        conn, id_, body.answers, body.comment, version=expected.number, by=asked.who.id, now=asked.now
    ))  # fmt: skip


async def correct_evaluation(asked: Asked[None, EvaluationCorrection]) -> Answer:
    """What was submitted, answered otherwise; what it said before is kept."""
    expected, body = expected_version(asked.request, asked.body.version), asked.body
    return await _change(asked, expected, "correct", lambda conn, id_: evaluations.correct(
        conn, id_, body.answers, body.comment, why=body.why, version=expected.number, by=asked.who.id, now=asked.now
    ))  # fmt: skip


async def _change(asked: Asked[Any, Any], expected: Expected, act: str, do: Any) -> Answer:
    try:
        async with asked.engine.begin() as conn:
            known = await found_evaluation(asked, conn)
            made: Evaluation = await do(conn, known.id)
            if act:
                details = {"call": made.call_id, "score": made.score}
                await note_act(asked, conn, f"quality.{act}", f"evaluation:{made.id}", details)
    except Conflict as error:
        raise expected.outdated() from error
    except NoSuchEvaluation as error:
        raise Problem(403, "Only who began the evaluation answers it.") from error
    except (AlreadyScored, NotSubmitted, OwnCall) as error:
        raise Problem(409, str(error)) from error
    except Unanswered as error:
        errors = [{"detail": "Not answered yet.", "pointer": f"#/answers/{id_}"} for id_ in error.items]
        raise Problem(422, "Some items are not answered yet, see errors.", errors=errors) from error
    except BadAnswer as error:
        raise _refused("There is no such item, or this is no answer to it.", f"answers/{error.item}") from error
    return _answer(made)


async def found_evaluation(asked: Asked[Any, Any], conn: AsyncConnection, id_: str = "") -> Evaluation:
    """The evaluation of the path or of this id, for who may read it. Raises Problem 404: nobody learns of others'."""
    kept = await evaluations.get(conn, id_ or asked.path["id"])
    if kept is None or not await _is_seen(asked, conn, kept):
        raise Problem(404, "There is no such evaluation.")
    return kept


async def _is_seen(asked: Asked[Any, Any], conn: AsyncConnection, kept: Evaluation) -> bool:
    """Submitted: by its agent, and by overseers who need not score the same call first. A draft: by its reviewer."""
    who = asked.who
    if _is_theirs(kept, who.id):
        return True
    if not who.oversees:
        return False
    return kept.id in {one.id for one in await evaluations.of_call(conn, kept.call_id, reviewer=who.id)}


def _is_theirs(kept: Evaluation, user_id: str) -> bool:
    return kept.agent_user_id == user_id and kept.state == "submitted"


async def _review(asked: Asked[Any, Any], conn: AsyncConnection) -> Review:
    kept = await queue.get(conn, asked.path["id"])
    if kept is None:
        raise _no_review()
    return kept


async def _set(asked: Asked[Any, Any], act: str, why: str) -> ShownReview:
    async with asked.engine.begin() as conn:
        known = await _review(asked, conn)
        if act == "skip":
            kept = await queue.skip(conn, known.id, why, by=asked.who.name)
        else:
            kept = await queue.unskip(conn, known.id)
        await note_act(asked, conn, f"quality.{act}", f"review:{kept.id}", {"why": why} if why else None)
    return review(kept)


def _no_review() -> Problem:
    return Problem(404, "There is no such review.")


def _refused(detail: str, place: str) -> Problem:
    errors = [{"detail": detail, "pointer": f"#/{place}"}]
    return Problem(422, "This can't be used as it is, see errors.", errors=errors)


def _answer(kept: Evaluation) -> Answer:
    return Answer(value=evaluation(kept), headers={"ETag": etag(kept.version)})


def _of(*, everyone: bool = False, **fields: Any) -> Endpoint:
    scope = Scope.QUALITY_READ if fields["method"] == "GET" else Scope.QUALITY_WRITE
    return Endpoint(tag="quality", scope=scope, roles=() if everyone else tuple(OVERSEERS), **fields)


_REVIEWS, _REVIEW, _ALL, _ONE = (
    "/quality/reviews", "/quality/reviews/{id}", "/quality/evaluations", "/quality/evaluations/{id}",
)  # fmt: skip
_CHANGES: dict[str, Any] = {"headers": ("If-Match",), "gives_headers": ("ETag",), "gives": ShownEvaluation}
ENDPOINTS = (
    _of(method="GET", path=_REVIEWS, handler=list_reviews, summary="Calls to score", query=ReviewQuery,
        gives=ReviewList),
    _of(method="POST", path=_REVIEWS, handler=add_review, summary="Have a call scored", body=NewReview,
        gives=ShownReview, status=201, gives_headers=("Location",)),
    _of(method="GET", path=_REVIEW, handler=get_review, summary="One review", gives=ShownReview),
    _of(method="POST", path=_REVIEW + "/skip", handler=skip_review, summary="Leave a call unscored", body=ReviewSkip,
        gives=ShownReview),
    _of(method="POST", path=_REVIEW + "/unskip", handler=unskip_review, summary="Have a call scored after all",
        gives=ShownReview),
    _of(method="POST", path=_REVIEW + "/evaluation", handler=begin_evaluation, summary="Begin to score, or go on",
        gives=ShownEvaluation, problems=(409,), gives_headers=("ETag",)),
    _of(method="GET", path=_ALL, handler=list_evaluations, summary="Evaluations of a call or an agent", everyone=True,
        query=EvaluationQuery, gives=EvaluationList, problems=(403,)),
    _of(method="GET", path=_ONE, handler=get_evaluation, summary="One evaluation", everyone=True,
        gives=ShownEvaluation, gives_headers=("ETag",)),
    _of(method="GET", path=_ONE + "/history", handler=list_former_evaluations, everyone=True, gives=FormerList,
        summary="What an evaluation said before it was corrected"),
    _of(method="PATCH", path=_ONE, handler=save_evaluation, summary="Keep a draft of an evaluation",
        body=EvaluationAnswers, problems=(403, 409, 412, 428), **_CHANGES),
    _of(method="POST", path=_ONE + "/submit", handler=submit_evaluation, summary="Submit an evaluation",
        body=EvaluationAnswers, problems=(403, 409, 412, 428), **_CHANGES),
    _of(method="POST", path=_ONE + "/correct", handler=correct_evaluation, summary="Correct an evaluation",
        body=EvaluationCorrection, problems=(403, 409, 412, 428), **_CHANGES),
)  # fmt: skip
