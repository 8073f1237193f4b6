"""/quality/plans/ID: the form of a plan, with about how many calls it would draw as it was typed."""

from __future__ import annotations

from dataclasses import replace

from aiohttp import web
from markupsafe import Markup

from cxcall.store.errors import Conflict
from cxcall.store.quality import expected, plans, scorecards
from cxcall.store.quality.expected import Expected
from cxcall.store.quality.plans import Drawn, NoSuchPlan, Plan
from cxcall.web.access import OVERSEERS, needs, user_of
from cxcall.web.keys import CLOCK, ENGINE
from cxcall.web.pages.agents.shared import note
from cxcall.web.pages.quality.shared import in_language
from cxcall.web.pages.quality_kept import saved_by
from cxcall.web.pages.quality_plans import form as forms
from cxcall.web.pages.quality_plans.form import Given
from cxcall.web.pages.quality_plans.listing import done_of
from cxcall.web.pages.quality_plans.shared import ONE, PATH, find
from cxcall.web.pages.quality_plans.view import FormView, names
from cxcall.web.render import fragment, page
from cxcall.web.words import N_
from cxcall.web.words import gettext as _

DELETED = N_("Somebody deleted this plan meanwhile. What you typed is here: saving it makes a new plan of it.")
routes = web.RouteTableDef()


@routes.get(PATH + "/new")
@needs(*OVERSEERS)
async def show_new(request: web.Request) -> web.Response:
    view = await _view(request, None, Given())
    only = next(iter(view.names.cards), "") if len(view.names.cards) == 1 else ""
    return page(request, "quality_plans/form.html", replace(view, given=Given(scorecard=only)))


@routes.post(PATH + "/new")
@needs(*OVERSEERS)
async def create(request: web.Request) -> web.StreamResponse:
    return await _sent(request, None)


@routes.get(ONE)
@needs(*OVERSEERS)
async def show(request: web.Request) -> web.Response:
    plan = await find(request)
    if plan is None:
        raise web.HTTPNotFound
    view = await _view(request, plan, forms.of_plan(plan.drawn, plan.version))
    return page(request, "quality_plans/form.html", view, done=done_of(request))


@routes.post(ONE)
@needs(*OVERSEERS)
async def save(request: web.Request) -> web.StreamResponse:
    """409 when somebody else saved it meanwhile, 404 when somebody deleted it; what was typed stays."""
    plan = await find(request)
    if plan is None:
        given = forms.of_form(await request.post())
        return _shown(request, await _view(request, None, given, _(DELETED)), 404)
    return await _sent(request, plan)


async def _sent(request: web.Request, plan: Plan | None) -> web.StreamResponse:
    given = forms.of_form(await request.post())
    if request.headers.get("X-Fragment") or given.look:
        return _shown(request, await _view(request, plan, given))
    async with request.app[ENGINE].connect() as conn:
        known = await names(conn)
    kept = {plan.drawn.scorecard_id} if plan else set()
    drawn, errors = forms.read(given, {*known.cards, *kept}, known.categories)
    if drawn is None:
        return _shown(request, await _view(request, plan, replace(given, errors=errors)), 422)
    try:
        made = await _keep(request, plan, drawn, given.version)
    except (Conflict, NoSuchPlan):
        return await _refused(request, given)
    raise web.HTTPSeeOther(f"{PATH}/{made.id}?done=saved")


def _shown(request: web.Request, view: FormView, status: int = 200) -> web.Response:
    """The form; to the script, which only asks how it stands, the part that can differ."""
    if request.headers.get("X-Fragment"):
        return fragment(request, "quality_plans/editor.html", view)
    return page(request, "quality_plans/form.html", view, status=status)


async def _refused(request: web.Request, given: Given) -> web.Response:
    latest = await find(request)
    if latest is None:
        return _shown(request, await _view(request, None, given, _(DELETED)), 404)
    message = saved_by(latest.updated_by, latest.updated_at)
    return _shown(request, await _view(request, latest, replace(given, version=latest.version), message), 409)


async def _keep(request: web.Request, plan: Plan | None, drawn: Drawn, version: int) -> Plan:
    by, now = user_of(request).name, request.app[CLOCK]()
    async with request.app[ENGINE].begin() as conn:
        if plan is None:
            made = await plans.create(conn, drawn, by=by, now=now)
        else:
            made = await plans.save(conn, plan.id, drawn, version=version, by=by, now=now)
        act = "plan.create" if plan is None else "plan.change"
        await note(request, conn, act, f"plan:{made.id}", name=drawn.name)
    return made


async def _view(request: web.Request, plan: Plan | None, given: Given, message: Markup | str = "") -> FormView:
    async with request.app[ENGINE].connect() as conn:
        known = await names(conn)
        card = await scorecards.get(conn, plan.drawn.scorecard_id) if plan else None
        if card is not None:
            known = replace(known, cards={card.id: in_language(card.draft.title), **known.cards})
        drawn = forms.sketch(given, known.categories)
        would: Expected | None = None
        if drawn is not None:
            would = await expected.expected(conn, drawn, now=request.app[CLOCK]())
    known = replace(known, queues=sorted({*known.queues, *given.queues}))
    return FormView(plan=plan, given=given, names=known, expected=would, message=message)
