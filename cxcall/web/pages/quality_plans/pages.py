"""/quality/plans: the list with what each could be drawn from, the form, drawing now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.reports.period import Span, span_of
from cxcall.store import categories, lists, teams
from cxcall.store.errors import Conflict
from cxcall.store.quality import candidates, drawing, plans, scorecards
from cxcall.store.quality.plans import Drawn, NoSuchPlan, Plan
from cxcall.web.access import OVERSEERS, needs, user_of
from cxcall.web.digits import number_text
from cxcall.web.keys import CLOCK, ENGINE, SETTINGS
from cxcall.web.pages.agents.shared import CONFLICT, note
from cxcall.web.pages.quality.shared import in_language, published
from cxcall.web.pages.quality_plans import form as forms
from cxcall.web.pages.quality_plans.form import Given
from cxcall.web.presentation import current
from cxcall.web.removed import REMOVED, undo_of
from cxcall.web.render import Done, page
from cxcall.web.words import N_, ngettext
from cxcall.web.words import gettext as _

PATH = "/quality/plans"
ONE = PATH + "/{id:[0-9a-f]{20,}}"
BACK = timedelta(days=14)
DONE = {
    "saved": N_("The plan is saved."),
    "removed": N_("The plan is deleted. What it drew stays."),
    "restored": N_("The plan is back."),
    "paused": N_("The plan is paused."),
    "resumed": N_("The plan draws again."),
    "refused": N_("Nothing was drawn: the plan is paused, or its scorecard is not published."),
}
NEEDS = {"any": N_("any call"), "recording": N_("with a recording"), "transcript": N_("with a transcript")}
routes = web.RouteTableDef()


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """What plans name by id; `cards` those that can be chosen."""

    cards: Mapping[str, str]
    teams: Mapping[str, str]
    categories: Mapping[str, str]
    queues: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A plan as the list has it. `ready`: its scorecard is published and not retired."""

    plan: Plan
    card: str
    ready: bool
    teams: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ListView:
    lines: Sequence[Line]
    cards: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FormView:
    """The form; `plan` None for a new one. `calls`, `agents`: what could have been drawn from in the last week."""

    plan: Plan | None
    given: Given
    names: Names
    calls: int = 0
    agents: int = 0
    message: str = ""

    @property
    def action(self) -> str:
        return f"{PATH}/{self.plan.id}" if self.plan else f"{PATH}/new"

    @property
    def errors(self) -> Mapping[str, str]:
        return self.given.errors

    @property
    def focus(self) -> str:
        return next(iter(self.errors), "" if self.plan else "name")

    @property
    def needs(self) -> list[tuple[str, str]]:
        return [(key, _(word)) for key, word in NEEDS.items()]

    @property
    def cards(self) -> dict[str, str]:
        return {"": _("choose"), **self.names.cards}

    @property
    def categories(self) -> dict[str, str]:
        gone = {self.given.category: self.given.category}  # stays chosen, so that its being gone is told
        return {**gone, "": _("any"), **self.names.categories}


@routes.get(PATH)
@needs(*OVERSEERS)
async def list_page(request: web.Request) -> web.Response:
    async with request.app[ENGINE].connect() as conn:
        names = await _names(conn)
        cards = {kept.id: in_language(kept.draft.title) for kept in await scorecards.everything(conn)}
        lines = [
            Line(plan=plan, card=cards.get(plan.drawn.scorecard_id, ""), ready=plan.drawn.scorecard_id in names.cards,
                 teams=[names.teams.get(team, team) for team in plan.drawn.teams])
            for plan in await plans.everything(conn)
        ]  # fmt: skip
    return page(request, "quality_plans/list.html", ListView(lines=lines, cards=bool(names.cards)), done=_done(request))


@routes.get(PATH + "/new")
@needs(*OVERSEERS)
async def show_new(request: web.Request) -> web.Response:
    view = await _form(request, None, Given())
    only = next(iter(view.names.cards), "") if len(view.names.cards) == 1 else ""
    return page(request, "quality_plans/form.html", replace(view, given=Given(scorecard=only)))


@routes.post(PATH + "/new")
@needs(*OVERSEERS)
async def create(request: web.Request) -> web.StreamResponse:
    return await _sent(request, None)


@routes.get(ONE)
@needs(*OVERSEERS)
async def show(request: web.Request) -> web.Response:
    plan = await _found(request)
    view = await _form(request, plan, forms.of_plan(plan.drawn, plan.version))
    return page(request, "quality_plans/form.html", view, done=_done(request))


@routes.post(ONE)
@needs(*OVERSEERS)
async def save(request: web.Request) -> web.StreamResponse:
    """409 when somebody else saved it meanwhile."""
    return await _sent(request, await _found(request))


async def _sent(request: web.Request, plan: Plan | None) -> web.StreamResponse:
    given = forms.of_form(await request.post())
    async with request.app[ENGINE].connect() as conn:
        names = await _names(conn)
    kept = {plan.drawn.scorecard_id} if plan else set()
    drawn, errors = forms.read(given, {*names.cards, *kept}, names.categories)
    if drawn is None:
        view = await _form(request, plan, replace(given, errors=errors))
        return page(request, "quality_plans/form.html", view, status=422)
    try:
        made = await _keep(request, plan, drawn, given.version)
    except (Conflict, NoSuchPlan):
        latest = await _found(request)
        view = await _form(request, latest, replace(given, version=latest.version))
        return page(request, "quality_plans/form.html", replace(view, message=_(CONFLICT)), status=409)
    raise web.HTTPSeeOther(f"{PATH}/{made.id}?done=saved")


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


@routes.post(ONE + "/{act:pause|resume}")
@needs(*OVERSEERS)
async def pause(request: web.Request) -> web.StreamResponse:
    plan, act = await _found(request), request.match_info["act"]
    try:
        async with request.app[ENGINE].begin() as conn:
            await plans.pause(
                conn, plan.id, act == "pause", version=plan.version, by=user_of(request).name,
                now=request.app[CLOCK](),
            )  # fmt: skip
            await note(request, conn, f"plan.{act}", f"plan:{plan.id}", name=plan.drawn.name)
    except (Conflict, NoSuchPlan):
        raise web.HTTPConflict from None
    raise web.HTTPSeeOther(f"{PATH}/{plan.id}?done={'paused' if act == 'pause' else 'resumed'}")


@routes.post(ONE + "/draw")
@needs(*OVERSEERS)
async def draw(request: web.Request) -> web.StreamResponse:
    """What the plan wants of the last two weeks and has not drawn yet."""
    plan = await _found(request)
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
    plan = await _found(request)
    try:
        async with request.app[ENGINE].begin() as conn:
            await plans.remove(conn, plan.id, version=plan.version)
            await note(request, conn, "plan.remove", f"plan:{plan.id}", name=plan.drawn.name)
    except (Conflict, NoSuchPlan):
        raise web.HTTPConflict from None
    request.app[REMOVED].put(plan.id, plan)
    raise web.HTTPSeeOther(f"{PATH}?done=removed&who={plan.id}")


@routes.post(ONE + "/restore")
@needs(*OVERSEERS)
async def restore(request: web.Request) -> web.StreamResponse:
    """A deleted plan, under its own id: what it drew is not drawn again."""
    id_ = request.match_info["id"]
    gone = request.app[REMOVED].get(id_, Plan)
    if gone is None:
        raise web.HTTPNotFound
    async with request.app[ENGINE].begin() as conn:
        await plans.put_back(conn, gone)
        await note(request, conn, "plan.restore", f"plan:{id_}", name=gone.drawn.name)
    request.app[REMOVED].back(id_)
    raise web.HTTPSeeOther(f"{PATH}?done=restored")


async def _found(request: web.Request) -> Plan:
    async with request.app[ENGINE].connect() as conn:
        plan = await plans.get(conn, request.match_info.get("id", ""))
    if plan is None:
        raise web.HTTPNotFound
    return plan


async def _names(conn: AsyncConnection) -> Names:
    return Names(
        cards=dict(await published(conn)),
        teams={team.id: team.name for team in await teams.everything(conn)},
        categories={id_: in_language(name) or id_ for id_, name in (await categories.names(conn)).items()},
        queues=await lists.queues(conn),
    )


async def _form(request: web.Request, plan: Plan | None, given: Given) -> FormView:
    """The form with the plan as it is kept counted out: how many calls, and of how many agents."""
    found: list[str] = []
    async with request.app[ENGINE].connect() as conn:
        names = await _names(conn)
        if plan is not None:
            zone, weeks = current().zone, drawing.weeks_of(request.app[SETTINGS].site.language)
            week = _last(request, timedelta(days=7))
            parts = await candidates.candidates(conn, plan, week, zone=zone, calendar=weeks)
            found = [part.agent for part, _candidate in parts]
            card = await scorecards.get(conn, plan.drawn.scorecard_id)
            if card is not None:
                names = replace(names, cards={card.id: in_language(card.draft.title), **names.cards})
    queues = sorted({*names.queues, *given.queues})
    return FormView(
        plan=plan, given=given, names=replace(names, queues=queues), calls=len(found), agents=len(set(found))
    )


def _last(request: web.Request, back: timedelta) -> Span:
    """The whole days before today, and today."""
    zone = current().zone
    today = request.app[CLOCK]().astimezone(zone).date()
    return span_of(today - back + timedelta(days=1), today, zone)


def _done(request: web.Request) -> Done | None:
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
