"""/quality/reviews/ID: a call with its recording and transcript at one side, its scorecard at the other."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.quality.scorecard import Scorecard
from cxcall.quality.scoring import Answer, BadAnswer, Unanswered
from cxcall.store import calls
from cxcall.store.errors import Conflict
from cxcall.store.quality import evaluations, queue
from cxcall.store.quality.evaluations import AlreadyScored, Evaluation, NotSubmitted, OwnCall
from cxcall.store.quality.queue import NoSuchReview, Review
from cxcall.store.quality.scorecards import NoSuchScorecard
from cxcall.web import security
from cxcall.web.access import OVERSEERS, needs, user_of
from cxcall.web.keys import CLOCK, ENGINE
from cxcall.web.pages.agents.shared import note
from cxcall.web.pages.forms import Form, field
from cxcall.web.pages.quality import answering
from cxcall.web.pages.quality.answering import SectionView
from cxcall.web.pages.quality.shared import CONFLICT, ID, PATH, WHY, Known, done, in_language, known
from cxcall.web.pages.speech.call_loading import load
from cxcall.web.pages.speech.call_reader import reader_of
from cxcall.web.pages.speech.call_talk import talk_view
from cxcall.web.pages.speech.call_talk_view import TalkView
from cxcall.web.render import page
from cxcall.web.words import gettext as _

ONE = PATH + f"/reviews/{ID}"

routes = web.RouteTableDef()


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoringView:
    """The page. `said`: what was heard of the call, None when the call is gone. `nonce` of the waveform's styles."""

    review: Review
    evaluation: Evaluation
    card: str
    sections: Sequence[SectionView]
    said: TalkView | None
    known: Known
    comment: str
    nonce: str
    error: str = ""
    missing: Sequence[str] = ()

    @property
    def why(self) -> str:
        return _(WHY.get(self.review.why, WHY["manual"]))

    @property
    def agent(self) -> str:
        return self.known.person(self.review.agent_user_id) or self.review.agent


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedView:
    """Why this call can't be scored by this person."""

    text: str


@routes.get(ONE)
@needs(*OVERSEERS)
async def show(request: web.Request) -> web.StreamResponse:
    """Opening it begins the reader's draft, filled in from what was heard."""
    try:
        async with request.app[ENGINE].begin() as conn:
            found = await evaluations.begin(
                conn, request.match_info["id"], reviewer=user_of(request).id, now=request.app[CLOCK]()
            )
    except NoSuchReview:
        raise web.HTTPNotFound from None
    except (OwnCall, AlreadyScored, NoSuchScorecard) as refused:
        return page(request, "quality/refused.html", RefusedView(text=_refusal(refused)), status=409)
    if found.state == "submitted":
        raise web.HTTPSeeOther(f"{PATH}/evaluations/{found.id}")
    return await _page(request, found, found.answers, found.comment)


@routes.post(PATH + f"/evaluations/{ID}/draft")
@needs(*OVERSEERS)
async def draft(request: web.Request) -> web.StreamResponse:
    """Keep what was answered so far: by the script while one answers (its new version is told), or by the button."""
    kept, card, answers, comment, version = await _sent(request)
    scripted = "X-Autosave" in request.headers
    try:
        async with request.app[ENGINE].begin() as conn:
            saved = await evaluations.save_draft(
                conn, kept.id, answers, comment, version=version, by=user_of(request).id, now=request.app[CLOCK]()
            )
    except (Conflict, NotSubmitted, BadAnswer):
        if scripted:
            return await _changed(request, kept)
        return await _again(request, kept, card, answers, comment, _(CONFLICT), 409)
    if scripted:
        return web.json_response({"version": saved.version})
    raise web.HTTPSeeOther(f"{PATH}/reviews/{kept.review_id}?done=kept")


async def _changed(request: web.Request, kept: Evaluation) -> web.Response:
    """For the script: which version is kept, over which one may still go; None where nothing can be kept any more."""
    async with request.app[ENGINE].connect() as conn:
        newest = await evaluations.get(conn, kept.id)
    version = newest.version if newest is not None and newest.state == "draft" else None
    return web.json_response({"error": _(CONFLICT), "version": version}, status=409)


@routes.post(PATH + f"/evaluations/{ID}/submit")
@needs(*OVERSEERS)
async def submit(request: web.Request) -> web.StreamResponse:
    kept, card, answers, comment, version = await _sent(request)
    try:
        async with request.app[ENGINE].begin() as conn:
            made = await evaluations.submit(
                conn, kept.id, answers, comment, version=version, by=user_of(request).id, now=request.app[CLOCK]()
            )
            await note(request, conn, "quality.submit", f"evaluation:{made.id}", call=made.call_id, score=made.score)
    except Unanswered as unanswered:
        text = _("Some items are not answered yet.")
        return await _again(request, kept, card, answers, comment, text, 422, unanswered.items)
    except AlreadyScored as refused:
        return await _again(request, kept, card, answers, comment, _refusal(refused), 409)
    except (Conflict, NotSubmitted, BadAnswer):
        return await _again(request, kept, card, answers, comment, _(CONFLICT), 409)
    raise web.HTTPSeeOther(f"{PATH}/evaluations/{made.id}?done=submitted")


async def _sent(request: web.Request) -> tuple[Evaluation, Scorecard, dict[str, Answer], str, int]:
    """The reader's own draft, its scorecard, and what was sent. 404 for anybody else's."""
    form: Form = await request.post()
    async with request.app[ENGINE].connect() as conn:
        kept = await evaluations.get(conn, request.match_info["id"])
        if kept is None or kept.reviewer != user_of(request).id:
            raise web.HTTPNotFound
        card = await evaluations.card_of(conn, kept.scorecard_id, kept.scorecard_version)
    version = field(form, "version")
    number = int(version) if version.isascii() and version.isdecimal() and len(version) < 9 else 0
    comment = field(form, "comment").strip()[: evaluations.LONGEST]
    return kept, card, answering.read(card, form, kept.answers), comment, number


async def _again(
    request: web.Request, kept: Evaluation, card: Scorecard, answers: Mapping[str, Answer], comment: str, text: str,
    status: int, missing: Sequence[str] = (),
) -> web.Response:  # fmt: skip
    """The form as it was sent, over the newest version, with what is wrong."""
    async with request.app[ENGINE].connect() as conn:
        newest = await evaluations.get(conn, kept.id) or kept
    return await _page(request, newest, answers, comment, text, status, missing)


async def _page(
    request: web.Request, kept: Evaluation, answers: Mapping[str, Answer], comment: str, error: str = "",
    status: int = 200, missing: Sequence[str] = (),
) -> web.Response:  # fmt: skip
    nonce = secrets.token_urlsafe(16)
    async with request.app[ENGINE].connect() as conn:
        review = await queue.get(conn, kept.review_id)
        if review is None:
            raise web.HTTPNotFound
        card = await evaluations.card_of(conn, kept.scorecard_id, kept.scorecard_version)
        view = ScoringView(
            review=review, evaluation=kept, card=in_language(card.title), comment=comment, nonce=nonce, error=error,
            sections=answering.sections(card, answers, missing), missing=missing, known=await known(conn),
            said=await _said(conn, request, kept.call_id),
        )  # fmt: skip
    response = page(request, "quality/scoring.html", view, status=status, done=done(request))
    response.headers["Content-Security-Policy"] = security.with_styles(nonce)
    return response


async def _said(conn: AsyncConnection, request: web.Request, call_id: str) -> TalkView | None:
    record = await calls.get(conn, call_id)
    return None if record is None else talk_view(await load(conn, record), reader_of(request, record))


def _refusal(refused: Exception) -> str:
    if isinstance(refused, OwnCall):
        return _("Nobody scores their own calls.")
    if isinstance(refused, AlreadyScored):
        return _("This call has been scored, or somebody else is scoring it now.")
    return _("Its scorecard is not published any more.")
