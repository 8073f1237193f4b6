"""/quality: the calls that wait to be scored, why each was drawn, and those somebody skips."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from aiohttp import web

from cxcall.store import lists
from cxcall.store.paging import BadCursor
from cxcall.store.quality import plans, queue
from cxcall.store.quality.queue import NoSuchPart, NoSuchReview, Review
from cxcall.store.quality.scorecards import NoSuchScorecard
from cxcall.web.access import OVERSEERS, needs, user_of
from cxcall.web.keys import CLOCK, ENGINE
from cxcall.web.pages.agents.shared import note
from cxcall.web.pages.forms import field
from cxcall.web.pages.quality.shared import ID, PATH, WHY, Known, done, known
from cxcall.web.render import page
from cxcall.web.words import gettext as _

ROWS = 50
FILTERS = ("queue", "agent", "plan")

routes = web.RouteTableDef()


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingView:
    """The list. `unset`: nothing can be drawn yet, for want of a plan or a published scorecard."""

    rows: Sequence[Review]
    known: Known
    plans: Mapping[str, str]
    queues: Sequence[str]
    agents: Sequence[str]
    chosen: Mapping[str, str]
    older: str
    newer: str
    unset: bool
    error: str = ""

    def why(self, review: Review) -> str:
        return _(WHY.get(review.why, WHY["manual"]))

    @property
    def filtered(self) -> bool:
        return any(self.chosen.values())


@routes.get(PATH)
@needs(*OVERSEERS)
async def waiting_page(request: web.Request) -> web.Response:
    view = await _view(request)
    return page(request, "quality/waiting.html", view, status=422 if view.error else 200, done=done(request))


@routes.post(PATH + "/add")
@needs(*OVERSEERS)
async def add(request: web.Request) -> web.StreamResponse:
    """Let a call be scored, and go to score it."""
    form = await request.post()
    call_id, agent, card = field(form, "call"), field(form, "agent"), field(form, "scorecard")
    try:
        async with request.app[ENGINE].begin() as conn:
            made = await queue.add(conn, call_id, agent, card, by=user_of(request).name, now=request.app[CLOCK]())
            await note(request, conn, "quality.add", f"call:{call_id}", agent=agent, scorecard=card)
    except (NoSuchPart, NoSuchScorecard):
        raise web.HTTPNotFound from None
    raise web.HTTPSeeOther(f"{PATH}/reviews/{made.id}")


@routes.post(PATH + f"/reviews/{ID}/skip")
@needs(*OVERSEERS)
async def skip(request: web.Request) -> web.StreamResponse:
    id_, form = request.match_info["id"], await request.post()
    await _change(request, id_, field(form, "why").strip() or "")
    raise web.HTTPSeeOther(f"{PATH}?done=skipped&who={id_}")


@routes.post(PATH + f"/reviews/{ID}/unskip")
@needs(*OVERSEERS)
async def unskip(request: web.Request) -> web.StreamResponse:
    await _change(request, request.match_info["id"], None)
    raise web.HTTPSeeOther(f"{PATH}?done=back")


async def _change(request: web.Request, id_: str, why: str | None) -> None:
    try:
        async with request.app[ENGINE].begin() as conn:
            if why is None:
                await queue.unskip(conn, id_)
            else:
                await queue.skip(conn, id_, why, by=user_of(request).name)
            await note(request, conn, "quality.unskip" if why is None else "quality.skip", f"review:{id_}", why=why)
    except NoSuchReview:
        raise web.HTTPNotFound from None


async def _view(request: web.Request) -> WaitingView:
    chosen = {name: request.query.get(name, "")[:200] for name in FILTERS}
    asked = {"queue": chosen["queue"], "agent": chosen["agent"], "plan_id": chosen["plan"]}
    reviewer, now, error = user_of(request).id, request.app[CLOCK](), ""
    async with request.app[ENGINE].connect() as conn:
        try:
            found = await queue.waiting(
                conn, reviewer=reviewer, **asked, after=request.query.get("after"), limit=ROWS, now=now
            )
        except BadCursor:
            error = _("This place in the list is gone.")
            found = await queue.waiting(conn, reviewer=reviewer, **asked, limit=ROWS, now=now)
        names = await known(conn)
        kept = await plans.everything(conn)
        queues, agents = await lists.queues(conn), await lists.agents(conn)

    def address(after: str | None) -> str:
        given = {name: value for name, value in (*chosen.items(), ("after", after or "")) if value}
        return f"{PATH}?{urlencode(given)}" if after else ""

    return WaitingView(
        rows=found.rows, known=names, plans={plan.id: plan.drawn.name for plan in kept}, queues=queues, agents=agents,
        chosen=chosen, older=address(found.next), newer=address(found.previous), unset=not kept, error=error,
    )  # fmt: skip
