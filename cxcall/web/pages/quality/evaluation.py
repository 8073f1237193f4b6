"""/quality/evaluations/ID: what a reviewer answered, corrections, the agent's dispute and coaching from it.

Agents read their own once it is submitted; supervisors and administrators read all, but not the other's of a part they
are still to score.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.quality.scorecard import Scorecard
from cxcall.quality.scoring import Answer, BadAnswer, Unanswered
from cxcall.staffing.roster import read_day
from cxcall.store.errors import Conflict
from cxcall.store.quality import coaching, disputes, evaluations, queue
from cxcall.store.quality.coaching import CoachingTask
from cxcall.store.quality.disputes import AlreadyDisputed, Dispute, NoSuchDispute, TooLate
from cxcall.store.quality.evaluations import Correction, Evaluation, NoSuchEvaluation, NotSubmitted, OwnCall
from cxcall.web.access import OVERSEERS, needs, user_of
from cxcall.web.digits import typed as typed_digits
from cxcall.web.keys import CLOCK, ENGINE
from cxcall.web.pages.agents.shared import note
from cxcall.web.pages.forms import Form, field
from cxcall.web.pages.quality import answering
from cxcall.web.pages.quality.answering import SectionView
from cxcall.web.pages.quality.shared import CONFLICT, ID, PATH, Known, done, in_language, known
from cxcall.web.render import page
from cxcall.web.words import gettext as _

ONE = PATH + f"/evaluations/{ID}"

routes = web.RouteTableDef()


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerLine:
    title: str
    text: str
    comment: str
    critical: bool
    missed: bool
    from_speech: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SectionLine:
    title: str
    score: float | None
    answers: Sequence[AnswerLine]


@dataclass(frozen=True, slots=True, kw_only=True)
class Former:
    """What it said before a correction: only what was answered otherwise."""

    correction: Correction
    changes: Sequence[tuple[str, str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluationView:
    """The page. `own`: the reader is the agent; `form`: shown while it is corrected, as typed; `missing`: items that
    lack an answer; `next`: right after it was submitted, the address of what its reviewer can score next, "" none."""

    evaluation: Evaluation
    card: str
    sections: Sequence[SectionLine]
    history: Sequence[Former]
    disputes: Sequence[Dispute]
    coaching: Sequence[CoachingTask]
    known: Known
    own: bool
    may_dispute: bool
    today: date
    form: Sequence[SectionView] = ()
    comment: str = ""
    why: str = ""
    error: str = ""
    typed: Mapping[str, str] | None = None
    missing: Sequence[str] = ()
    next: str | None = None

    @property
    def agent(self) -> str:
        return self.known.person(self.evaluation.agent_user_id) or self.evaluation.agent

    def typed_in(self, name: str) -> str:
        return (self.typed or {}).get(name, "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """A correction as it is typed."""

    answers: Mapping[str, Answer]
    comment: str
    why: str


@routes.get(ONE)
@needs()
async def show(request: web.Request) -> web.Response:
    return await _page(request)


@routes.get(ONE + "/correct")
@needs(*OVERSEERS)
async def correct_form(request: web.Request) -> web.Response:
    kept, _card = await _kept(request)
    return await _page(request, given=Given(answers=kept.answers, comment=kept.comment, why=""))


@routes.post(ONE + "/correct")
@needs(*OVERSEERS)
async def correct(request: web.Request) -> web.Response:
    """Answer otherwise, with a reason; what it said before is kept."""
    form: Form = await request.post()
    kept, card = await _kept(request)
    answers = answering.read(card, form, kept.answers)
    comment, why = field(form, "comment").strip(), field(form, "why").strip()
    given = Given(answers=answers, comment=comment, why=why)
    if not why:
        return await _page(request, given=given, error=_("Say why it is corrected."), status=422)
    version = field(form, "version")
    try:
        async with request.app[ENGINE].begin() as conn:
            await evaluations.correct(
                conn, kept.id, answers, comment, why=why, by=user_of(request).id, now=request.app[CLOCK](),
                version=int(version) if version.isascii() and version.isdecimal() and len(version) < 9 else 0,
            )  # fmt: skip
            await note(request, conn, "quality.correct", f"evaluation:{kept.id}", why=why)
    except Unanswered as unanswered:
        text = _("Some items are not answered yet.")
        return await _page(request, given=given, error=text, status=422, missing=unanswered.items)
    except OwnCall:
        return await _page(request, error=_("Nobody scores their own calls."), status=409)
    except (Conflict, NotSubmitted, BadAnswer):
        return await _page(request, given=given, error=_(CONFLICT), status=409)
    raise web.HTTPSeeOther(f"{PATH}/evaluations/{kept.id}?done=corrected")


@routes.post(ONE + "/dispute")
@needs()
async def dispute(request: web.Request) -> web.Response:
    """The agent does not agree."""
    id_, said = request.match_info["id"], field(await request.post(), "said").strip()
    if not said:
        return await _page(request, error=_("Say what you see otherwise."), status=422)
    try:
        async with request.app[ENGINE].begin() as conn:
            await disputes.open_(conn, id_, said, by=user_of(request).id, now=request.app[CLOCK]())
            await note(request, conn, "quality.dispute", f"evaluation:{id_}")
    except NoSuchEvaluation:
        raise web.HTTPNotFound from None
    except TooLate:
        text = _("An evaluation can be disputed for 14 days.")
        return await _page(request, error=text, status=422, typed={"said": said})
    except AlreadyDisputed:
        text = _("It is disputed already and not answered yet.")
        return await _page(request, error=text, status=409, typed={"said": said})
    raise web.HTTPSeeOther(f"{PATH}/evaluations/{id_}?done=disputed")


@routes.post(ONE + "/withdraw")
@needs()
async def withdraw(request: web.Request) -> web.Response:
    id_, dispute_id = request.match_info["id"], field(await request.post(), "dispute")
    try:
        async with request.app[ENGINE].begin() as conn:
            await disputes.withdraw(conn, dispute_id, by=user_of(request).id, now=request.app[CLOCK]())
            await note(request, conn, "quality.withdraw", f"evaluation:{id_}")
    except NoSuchDispute:
        raise web.HTTPNotFound from None
    except Conflict:
        return await _page(request, error=_("It has been answered meanwhile."), status=409)
    raise web.HTTPSeeOther(f"{PATH}/evaluations/{id_}?done=withdrawn")


@routes.post(ONE + "/answer")
@needs(*OVERSEERS)
async def answer(request: web.Request) -> web.Response:
    """Settle the agent's dispute: right or not, with words for them."""
    id_, form = request.match_info["id"], await request.post()
    said, how = field(form, "answer").strip(), field(form, "how")
    if not said or how not in ("upheld", "rejected"):
        text = _("Choose an answer and say why.")
        return await _page(request, error=text, status=422, typed={"answer": said, "how": how})
    try:
        async with request.app[ENGINE].begin() as conn:
            await disputes.answer(
                conn, field(form, "dispute"), upheld=how == "upheld", said=said, by=user_of(request).name,
                now=request.app[CLOCK](),
            )  # fmt: skip
            await note(request, conn, "quality.answer", f"evaluation:{id_}", how=how)
    except NoSuchDispute:
        raise web.HTTPNotFound from None
    except Conflict:
        return await _page(request, error=_("It has been answered meanwhile."), status=409, typed={"answer": said})
    raise web.HTTPSeeOther(f"{PATH}/evaluations/{id_}?done=answered")


@routes.post(ONE + "/coach")
@needs(*OVERSEERS)
async def coach(request: web.Request) -> web.Response:
    """Give the agent something to practise."""
    form: Form = await request.post()
    kept, _card = await _kept(request)
    text, due = field(form, "text").strip(), field(form, "due").strip()
    day = read_day(typed_digits(due)) if due else None
    error = ""
    if kept.agent_user_id is None:
        error = _("Nobody we know sat at this phone.")
    elif not text:
        error = _("Say what is to be practised.")
    elif due and day is None:
        error = _("This is no day. Write it as 2026-11-30 or 1405/09/09.")
    if error:
        return await _page(request, error=error, status=422, typed={"text": text, "due": due})
    async with request.app[ENGINE].begin() as conn:
        made = await coaching.create(
            conn, kept.agent_user_id or "", text, by=user_of(request).name, now=request.app[CLOCK](), due_on=day,
            evaluation_id=kept.id, item_id=field(form, "item")[:100],
        )  # fmt: skip
        await note(request, conn, "coaching.give", f"coaching:{made.id}", evaluation=kept.id)
    raise web.HTTPSeeOther(f"{PATH}/evaluations/{kept.id}?done=coached")


async def _kept(request: web.Request) -> tuple[Evaluation, Scorecard]:
    async with request.app[ENGINE].connect() as conn:
        return await _read(conn, request)


async def _read(conn: AsyncConnection, request: web.Request) -> tuple[Evaluation, Scorecard]:
    """What this reader may read. Raises 404."""
    user = user_of(request)
    kept = await evaluations.get(conn, request.match_info["id"])
    if kept is None or kept.state != "submitted":
        raise web.HTTPNotFound
    if user.oversees:
        seen = await evaluations.of_call(conn, kept.call_id, reviewer=user.id)
        if kept.id not in {one.id for one in seen} and kept.agent_user_id != user.id:
            raise web.HTTPNotFound
    elif kept.agent_user_id != user.id:
        raise web.HTTPNotFound
    return kept, await evaluations.card_of(conn, kept.scorecard_id, kept.scorecard_version)


async def _page(
    request: web.Request, *, given: Given | None = None, error: str = "", status: int = 200,
    typed: Mapping[str, str] | None = None, missing: Sequence[str] = (),
) -> web.Response:  # fmt: skip
    now = request.app[CLOCK]()
    async with request.app[ENGINE].connect() as conn:
        kept, card = await _read(conn, request)
        told = await disputes.of_evaluation(conn, kept.id)
        own = kept.agent_user_id == user_of(request).id
        in_time = kept.submitted_at is not None and now - kept.submitted_at <= disputes.WITHIN
        view = EvaluationView(
            evaluation=kept, card=in_language(card.title), sections=_sections(card, kept), disputes=told, own=own,
            history=_history(card, kept, await evaluations.history(conn, kept.id)), known=await known(conn),
            coaching=await coaching.of_evaluation(conn, kept.id), today=now.date(),
            may_dispute=own and in_time and not any(one.state == "open" for one in told),
            form=answering.sections(card, given.answers, missing) if given else (),
            comment=given.comment if given else "", why=given.why if given else "", error=error, typed=typed,
            missing=missing,
            next=await _next(conn, request) if request.query.get("done") == "submitted" else None,
        )  # fmt: skip
    return page(request, "quality/evaluation.html", view, status=status, done=done(request))


async def _next(conn: AsyncConnection, request: web.Request) -> str | None:
    """Where a reviewer goes on; None for who scores nothing."""
    user = user_of(request)
    if not user.oversees:
        return None
    found = await queue.waiting(conn, reviewer=user.id, limit=1, now=request.app[CLOCK]())
    return f"{PATH}/reviews/{found.rows[0].id}" if found.rows else ""


def _sections(card: Scorecard, kept: Evaluation) -> list[SectionLine]:
    return [
        SectionLine(
            title=in_language(section.title),
            score=kept.sections.get(section.id),
            answers=[
                AnswerLine(
                    title=in_language(item.title), text=answering.said(item, kept.answers.get(item.id)),
                    comment=found.comment if (found := kept.answers.get(item.id)) else "", critical=item.critical,
                    missed=item.id in kept.missed, from_speech=bool(found and found.from_speech),
                )
                for item in section.items
            ],
        )
        for section in card.sections
    ]  # fmt: skip


def _history(card: Scorecard, kept: Evaluation, history: Sequence[Correction]) -> list[Former]:
    """Each correction with what it changed, the newest first."""
    found: list[Former] = []
    after: Mapping[str, Answer] = kept.answers
    for one in reversed(history):
        changes = [
            (in_language(item.title), answering.said(item, one.answers.get(item.id)),
             answering.said(item, after.get(item.id)))
            for item in card.items()
            if _value(one.answers, item.id) != _value(after, item.id)
        ]  # fmt: skip
        found.append(Former(correction=one, changes=changes))
        after = one.answers
    return found


def _value(answers: Mapping[str, Answer], item_id: str) -> int | str | None:
    return answers[item_id].value if item_id in answers else ""
