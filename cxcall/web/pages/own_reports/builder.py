"""/reports/own/new and /reports/own/ID/edit: rows, figures, filters and period, tried before it is saved.

Everything is a plain form: the buttons that move a figure send it, and it comes back with the figure moved.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import get_args

from aiohttp import web

from cxcall.reports.checking import problems
from cxcall.reports.definition import Definition, Row
from cxcall.reports.measures import MEASURES
from cxcall.reports.ready_made import READY_MADE
from cxcall.store import lists, own_reports
from cxcall.store.errors import Conflict
from cxcall.store.own_reports import NoSuchReport, OwnReport
from cxcall.web.access import OVERSEERS, needs, user_of
from cxcall.web.keys import CLOCK, ENGINE
from cxcall.web.pages.agents.shared import CONFLICT, NAME_MISSING, note
from cxcall.web.pages.forms import field as sent
from cxcall.web.pages.labels import DIRECTIONS
from cxcall.web.pages.own_reports import listing, periods, preview, typed, weekdays
from cxcall.web.pages.own_reports.listing import ONE, PATH, found
from cxcall.web.pages.own_reports.preview import Preview
from cxcall.web.pages.own_reports.tabs import SHARED
from cxcall.web.pages.own_reports.typed import Typed
from cxcall.web.presentation import current
from cxcall.web.render import page
from cxcall.web.report_words import name as measure_name
from cxcall.web.report_words import problem_text, report_name, row_name, sentence
from cxcall.web.words import N_
from cxcall.web.words import gettext as _

NO_PERIOD = N_("Write both days, like 2026-11-21 or 1405-08-30.")
COMPARES = {
    "": N_("with nothing"),
    "before": N_("with the time before"),
    "year": N_("with a year ago"),
    "goal": N_("with the goal"),
}
SHARES = ("nobody", "supervisors", "overseers")

routes = web.RouteTableDef()


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """A figure that was chosen, with what it means."""

    id: str
    name: str
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FormView:
    """The form with what stands in it. `id` "" for a new one. `errors` by the name of the field."""

    id: str
    given: Typed
    now: Preview
    queues: Sequence[str]
    agents: Sequence[str]
    errors: Mapping[str, str] = field(default_factory=dict)
    message: str = ""

    compares = COMPARES

    @property
    def action(self) -> str:
        return f"{PATH}/{self.id}/edit" if self.id else f"{PATH}/new"

    @property
    def rows(self) -> list[tuple[str, str]]:
        return [(row, row_name(row)) for row in get_args(Row)]

    @property
    def chosen(self) -> list[Measured]:
        short = self.given.definition.short
        return [
            Measured(id=one, name=measure_name(one), sentence=sentence(one, short))
            for one in self.given.definition.measures
        ]

    @property
    def more(self) -> list[tuple[str, str]]:
        """Figures that can be added."""
        there = set(self.given.definition.measures)
        return sorted(((one, measure_name(one)) for one in MEASURES if one not in there), key=lambda pair: pair[1])

    @property
    def quick(self) -> list[tuple[str, str]]:
        return [*((key, _(word)) for key, word in periods.QUICK.items()), ("", _("these days:"))]

    @property
    def shares(self) -> list[tuple[str, str]]:
        return [(key, _(SHARED[key])) for key in SHARES]

    @property
    def directions(self) -> list[tuple[str, str]]:
        return [(key, _(label.text)) for key, label in DIRECTIONS.items()]

    @property
    def weekdays(self) -> list[tuple[int, str]]:
        return weekdays.in_order()

    @property
    def by(self) -> tuple[str, str]:
        first, second = (*self.given.definition.by, "", "")[:2]
        return first, second

    @property
    def hours(self) -> tuple[str, str]:
        """First and last hour; of hours that lie around midnight the first after the gap."""
        hours = self.given.definition.narrowing.hours
        return (str(hours[0]), str(hours[-1])) if hours else ("", "")

    @property
    def dids(self) -> str:
        return ", ".join(self.given.definition.narrowing.dids)

    @property
    def example(self) -> str:
        return "1405/08/30" if current().calendar == "jalali" else "2026-11-21"


@routes.get(PATH + "/new")
@needs(*OVERSEERS)
async def show_new(request: web.Request) -> web.Response:
    """Empty, or what a report that is looked at shows: its name as `report`, the rest as in its address."""
    like = request.query.get("report", "")
    definition, name = READY_MADE.get(like, Definition()), report_name(like) if like in READY_MADE else ""
    return page(
        request, "own_reports/form.html", await _view(request, typed.of_address(request.query, definition, name))
    )


@routes.post(PATH + "/new")
@needs(*OVERSEERS)
async def create(request: web.Request) -> web.StreamResponse:
    given, do = await _given(request)
    view = await _view(request, given)
    if do != "save":
        return page(request, "own_reports/form.html", view)
    if errors := _errors(given):
        return page(request, "own_reports/form.html", replace(view, errors=errors), status=422)
    user = user_of(request)
    async with request.app[ENGINE].begin() as conn:
        made = await own_reports.create(
            conn, name=given.name, owner_id=user.id, definition=given.definition, period=given.period.kept,
            shared=given.shared, by=user.name, now=request.app[CLOCK](),
        )  # fmt: skip
        await note(request, conn, "report.create", f"report:{made.id}", name=made.name)
    raise web.HTTPSeeOther(f"{PATH}/{made.id}?done=saved")


@routes.get(ONE + "/edit")
@needs(*OVERSEERS)
async def edit(request: web.Request) -> web.Response:
    report = await _mine(request)
    view = await _view(request, typed.of_report(report), report.id)
    return page(request, "own_reports/form.html", view, done=listing.done(request))


@routes.post(ONE + "/edit")
@needs(*OVERSEERS)
async def save(request: web.Request) -> web.StreamResponse:
    """Save, or only try it; 409 when somebody else saved it meanwhile."""
    report = await _mine(request)
    given, do = await _given(request)
    view = await _view(request, given, report.id)
    if do != "save":
        return page(request, "own_reports/form.html", view)
    if errors := _errors(given):
        return page(request, "own_reports/form.html", replace(view, errors=errors), status=422)
    try:
        async with request.app[ENGINE].begin() as conn:
            saved = await own_reports.save(
                conn, report.id, version=given.version, name=given.name, shared=given.shared,
                definition=given.definition, period=given.period.kept, by=user_of(request).name,
                now=request.app[CLOCK](),
            )  # fmt: skip
            await note(request, conn, "report.change", f"report:{saved.id}", name=saved.name)
    except (Conflict, NoSuchReport):
        latest = replace(given, version=report.version)
        return page(request, "own_reports/form.html", replace(view, given=latest, message=_(CONFLICT)), status=409)
    raise web.HTTPSeeOther(f"{PATH}/{report.id}?done=saved")


async def _mine(request: web.Request) -> OwnReport:
    report = await found(request)
    if report.owner_id != user_of(request).id:
        raise web.HTTPForbidden
    return report


async def _given(request: web.Request) -> tuple[Typed, str]:
    form = await request.post()
    given = typed.of_form(form)
    shared = given.shared if given.shared in SHARES else "nobody"
    return replace(given, shared=shared), sent(form, "do")


def _errors(given: Typed) -> dict[str, str]:
    shown = current()
    errors = {} if given.name else {"name": _(NAME_MISSING)}
    if not given.period.kept:
        errors["period"] = _(NO_PERIOD)
    span = periods.span_of(given.period.kept, shown.now, shown.zone, shown.calendar)
    for problem in problems(given.definition, span):
        errors.setdefault(problem.field.partition(".")[0], problem_text(problem))
    return errors


async def _view(request: web.Request, given: Typed, id_: str = "") -> FormView:
    only = given.definition.narrowing
    async with request.app[ENGINE].connect() as conn:
        queues, agents = await lists.queues(conn), await lists.agents(conn)
    return FormView(
        id=id_, given=given, now=await preview.preview(request, given.definition, given.period.kept),
        queues=sorted({*queues, *only.queues}), agents=sorted({*agents, *only.agents}),
    )  # fmt: skip
