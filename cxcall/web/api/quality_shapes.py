"""Reviews of calls as the API gives them, with the names the records have."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Any, Literal, TypeVar

import msgspec

from cxcall.quality.scorecard import Scorecard
from cxcall.quality.scoring import Answer
from cxcall.store.quality.coaching import CoachingTask
from cxcall.store.quality.disputes import Dispute
from cxcall.store.quality.evaluations import Correction, Evaluation
from cxcall.store.quality.plans import Drawn, Plan
from cxcall.store.quality.queue import Review
from cxcall.store.quality.scorecards import KeptScorecard
from cxcall.web.api.own_reports import Version
from cxcall.web.api.wire import Time

Id = Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
Words = Annotated[str, msgspec.Meta(min_length=1, max_length=4000, pattern=r"\S")]
S = TypeVar("S", bound=msgspec.Struct)


class ScorecardProblem(msgspec.Struct, frozen=True, kw_only=True):
    """What keeps a draft from being published; `where`: id of a section or an item, "" the scorecard."""

    where: str
    code: str
    sentence: str


class ShownScorecard(msgspec.Struct, frozen=True, kw_only=True):
    """A scorecard with its draft. `published`: the version calls are scored by, null before the first. `retired_at`:
    since when it is not used any more."""

    id: str
    version: int
    draft: Scorecard
    published: int | None
    retired_at: Time | None
    updated_at: Time
    updated_by: str
    problems: list[ScorecardProblem]


class ShownQualityPlan(msgspec.Struct, frozen=True, kw_only=True):
    """A plan: of which calls how many are drawn for review. `drawn_until`: up to which calls it has drawn by itself."""

    id: str
    version: int
    drawn: Drawn
    paused: bool
    drawn_until: Time | None
    updated_at: Time
    updated_by: str


class ShownReview(msgspec.Struct, frozen=True, kw_only=True):
    """An agent's part of a call that is to be scored. `why`: random, mood, long, csat or manual. `wanted` evaluations,
    of which `done` were submitted."""

    id: str
    call_id: str
    agent: str
    agent_user_id: str | None
    queue: str
    began_at: Time
    why: str
    plan_id: str | None
    scorecard_id: str
    wanted: int
    done: int
    skipped_why: str | None
    skipped_by: str
    created_at: Time
    created_by: str


class ShownEvaluation(msgspec.Struct, frozen=True, kw_only=True):
    """What a reviewer answered. `score`: 0 to 1, null of a draft and where nothing applied; `sections` the same by
    section, `missed`: critical items answered no. `corrected`: how often. `reviewer`, `agent_user_id`: ids of users."""

    id: str
    review_id: str
    call_id: str
    agent: str
    agent_user_id: str | None
    queue: str
    began_at: Time
    scorecard_id: str
    scorecard_version: int
    reviewer: str
    state: Literal["draft", "submitted"]
    version: int
    answers: dict[str, Answer]
    comment: str
    score: float | None
    sections: dict[str, float | None]
    missed: list[str]
    created_at: Time
    submitted_at: Time | None
    corrected: int


class FormerEvaluation(msgspec.Struct, frozen=True, kw_only=True):
    """What an evaluation said before its `n`-th correction, and why it was corrected, by whom (user id)."""

    n: int
    answers: dict[str, Answer]
    comment: str
    score: float | None
    why: str
    by: str
    at: Time


class ShownDispute(msgspec.Struct, frozen=True, kw_only=True):
    """An agent does not agree. `by`: their user id, `answered_by` a user's name."""

    id: str
    evaluation_id: str
    by: str
    said: str
    at: Time
    state: Literal["open", "upheld", "rejected", "withdrawn"]
    answer: str
    answered_by: str
    answered_at: Time | None


class ShownCoachingTask(msgspec.Struct, frozen=True, kw_only=True):
    """What an agent is to practise; `item_id`: of the scorecard's item it is about, "" none."""

    id: str
    version: int
    agent_user_id: str
    evaluation_id: str | None
    item_id: str
    text: str
    due_on: date | None
    made_by: str
    made_at: Time
    done_at: Time | None
    done_note: str


class EvaluationAnswers(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Answers by item id; `value`: 1 yes, 0 no, a scale's step, null: does not apply. They take the place of what was
    answered before."""

    answers: dict[str, Answer]
    comment: Annotated[str, msgspec.Meta(max_length=4000)] = ""
    version: Version = msgspec.UNSET


class EvaluationCorrection(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Other answers, all of them, and why."""

    answers: dict[str, Answer]
    why: Words
    comment: Annotated[str, msgspec.Meta(max_length=4000)] = ""
    version: Version = msgspec.UNSET


class EvaluationList(msgspec.Struct, frozen=True, kw_only=True):
    """Evaluations, the newest call first; `next` and `previous`, given as `after`, lead to the pages around it."""

    items: list[ShownEvaluation]
    next: str | None
    previous: str | None


def shown(kind: type[S], record: Any) -> S:
    """A record of the store as the struct of the same fields."""
    values = {name: getattr(record, name) for name in kind.__struct_fields__}
    return kind(**{name: list(value) if isinstance(value, tuple) else value for name, value in values.items()})


def scorecard(kept: KeptScorecard, problems: Sequence[Any]) -> ShownScorecard:
    """A scorecard with what is wrong with its draft."""
    return ShownScorecard(
        id=kept.id, version=kept.version, draft=kept.draft, published=kept.published, retired_at=kept.retired_at,
        updated_at=kept.updated_at, updated_by=kept.updated_by,
        problems=[ScorecardProblem(where=one.where, code=one.misfit, sentence=one.sentence) for one in problems],
    )  # fmt: skip


def plan(kept: Plan) -> ShownQualityPlan:
    return shown(ShownQualityPlan, kept)


def review(kept: Review) -> ShownReview:
    return shown(ShownReview, kept)


def evaluation(kept: Evaluation) -> ShownEvaluation:
    return shown(ShownEvaluation, kept)


def former(kept: Correction) -> FormerEvaluation:
    return shown(FormerEvaluation, kept)


def dispute(kept: Dispute) -> ShownDispute:
    return shown(ShownDispute, kept)


def task(kept: CoachingTask) -> ShownCoachingTask:
    return shown(ShownCoachingTask, kept)
