"""/quality/plans: the list; a plan is paused, draws now, is deleted and brought back."""

from __future__ import annotations

from datetime import timedelta

from aiohttp import web
from markupsafe import Markup

from cxcall.reports.period import Span, span_of
from cxcall.store.errors import Conflict
from cxcall.store.quality import drawing, plans, scorecards
from cxcall.store.quality.plans import NoSuchPlan, Plan
from cxcall.web.access import OVERSEERS, needs, user_of
from cxcall.web.digits import number_text
from cxcall.web.keys import CLOCK, ENGINE, SETTINGS
from cxcall.web.pages.agents.shared import note
from cxcall.web.pages.quality.shared import in_language
from cxcall.web.pages.quality_kept import GONE, undone_by, version_sent
from cxcall.web.pages.quality_plans.shared import ONE, PATH, find
from cxcall.web.pages.quality_plans.view import Line, ListView, names
from cxcall.web.presentation import current
from cxcall.web.removed import REMOVED, undo_of
from cxcall.web.render import Done, page
from cxcall.web.words import N_, ngettext
from cxcall.web.words import gettext as _

BACK = timedelta(days=14)
DONE = {
    "saved": N_("The plan is saved."),
    "removed": N_("The plan is deleted. What it drew stays."),
    "restored": N_("The plan is back."),
    "paused": N_("The plan is paused."),
    "resumed": N_("The plan draws again."),
    "refused": N_("Nothing was drawn: the plan is paused, or its scorecard is not published."),
}
routes = web.RouteTableDef()


@routes.get(PATH)
@needs(*OVERSEERS)
async def list_page(request: web.Request) -> web.Response:
    return page(request, "quality_plans/list.html", await _list(request), done=done_of(request))


@routes.post(ONE + "/{act:pause|resume}")
@needs(*OVERSEERS)
async def pause(request: web.Request) -> web.StreamResponse:
    version, pausing = version_sent(await request.post()), request.match_info["act"] == "pause"
    by, now = user_of(request).name, request.app[CLOCK]()
    try:
        async with request.app[ENGINE].begin() as conn:
            plan = await plans.pause(conn, request.match_info["id"], pausing, version=version, by=by, now=now)
            await note(request, conn, f"plan.{request.match_info['act']}", f"plan:{plan.id}", name=plan.drawn.name)
    except (Conflict, NoSuchPlan):
        return await _refused(request)
    raise web.HTTPSeeOther(f"{PATH}/{plan.id}?done={'paused' if pausing else 'resumed'}")


@routes.post(ONE + "/draw")
@needs(*OVERSEERS)
async def draw(request: web.Request) -> web.StreamResponse:
    """What the plan, as its page showed it, wants of the last two weeks and has not drawn yet."""
    plan, version = await find(request), version_sent(await request.post())
    if plan is None or plan.version != version:
        return await _refused(request)
    zone, now = current().zone, request.app[CLOCK]()
    weeks = drawing.weeks_of(request.app[SETTINGS].site.language)
    async with request.app[ENGINE].connect() as conn:
        if not await drawing.ready(conn, plan):
            raise web.HTTPSeeOther(f"{PATH}/{plan.id}?done=refused")
        chosen = await drawing.choose(conn, plan, _last(request, BACK), zone=zone, calendar=weeks, now=now)
    async with request.app[ENGINE].begin() as conn:
        added = await drawing.keep(conn, chosen)
        await note(request, conn, "plan.draw", f"plan:{plan.id}", added=added)
    raise web.HTTPSeeOther(f"{PATH}/{plan.id}?done=drawn&n={added}")


@routes.post(ONE + "/remove")
@needs(*OVERSEERS)
async def remove(request: web.Request) -> web.StreamResponse:
    plan, version = await find(request), version_sent(await request.post())
    if plan is None:
        return await _refused(request)
    try:
        async with request.app[ENGINE].begin() as conn:
            await plans.remove(conn, plan.id, version=version)
            await note(request, conn, "plan.remove", f"plan:{plan.id}", name=plan.drawn.name)
    except (Conflict, NoSuchPlan):
        return await _refused(request)
    request.app[REMOVED].put(plan.id, plan)
    raise web.HTTPSeeOther(f"{PATH}?done=removed&who={plan.id}")


@routes.post(ONE + "/restore")
@needs(*OVERSEERS)
async def restore(request: web.Request) -> web.StreamResponse:
    """A deleted plan, under its own id: what it drew is not drawn again. It may be back already."""
    id_ = request.match_info["id"]
    gone = request.app[REMOVED].get(id_, Plan)
    if gone is not None:
        async with request.app[ENGINE].begin() as conn:
            await plans.put_back(conn, gone)
            await note(request, conn, "plan.restore", f"plan:{id_}", name=gone.drawn.name)
        request.app[REMOVED].back(id_)
    elif await find(request) is None:
        raise web.HTTPNotFound
    raise web.HTTPSeeOther(f"{PATH}?done=restored")


async def _refused(request: web.Request) -> web.Response:
    """The list with why nothing was done: somebody else changed the plan meanwhile, or deleted it."""
    latest = await find(request)
    if latest is None:
        return page(request, "quality_plans/list.html", await _list(request, _(GONE)), status=404)
    message = undone_by(latest.drawn.name, latest.updated_by, latest.updated_at)
    return page(request, "quality_plans/list.html", await _list(request, message), status=409)


async def _list(request: web.Request, message: Markup | str = "") -> ListView:
    async with request.app[ENGINE].connect() as conn:
        known = await names(conn)
        cards = {kept.id: in_language(kept.draft.title) for kept in await scorecards.everything(conn)}
        lines = [
            Line(plan=plan, card=cards.get(plan.drawn.scorecard_id, ""), ready=plan.drawn.scorecard_id in known.cards,
                 teams=[known.teams.get(team, team) for team in plan.drawn.teams])
            for plan in await plans.everything(conn)
        ]  # fmt: skip
    return ListView(lines=lines, cards=bool(known.cards), message=message)


def _last(request: web.Request, back: timedelta) -> Span:
    """The whole days before today, and today."""
    zone = current().zone
    today = request.app[CLOCK]().astimezone(zone).date()
    return span_of(today - back + timedelta(days=1), today, zone)


def done_of(request: web.Request) -> Done | None:
    """What was just done, with the way back of a deletion."""
    word = request.query.get("done", "")
    if word == "drawn":
        n = request.query.get("n", "")
        added = int(n) if n.isascii() and n.isdigit() and len(n) < 7 else 0
        if not added:
            return Done(text=_("Nothing new to draw: what the plan wants of the last two weeks is there already."))
        return Done(
            text=ngettext("%(num)s call was drawn.", "%(num)s calls were drawn.", added) % {"num": number_text(added)}
        )
    return Done(text=_(DONE[word]), undo=undo_of(request, PATH)) if word in DONE else None
