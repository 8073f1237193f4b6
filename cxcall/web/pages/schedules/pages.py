"""/reports/schedules: the list with what became of each last run, the form, and the log of one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.reports.ready_made import READY_MADE
from cxcall.reports.timetable import next_ones
from cxcall.store import own_reports, report_schedules
from cxcall.store.errors import Conflict
from cxcall.store.report_schedules import OWN, NoSuchSchedule, Run, Schedule
from cxcall.web.access import OVERSEERS, Role, needs, user_of
from cxcall.web.keys import BUS, CLOCK, ENGINE, SETTINGS
from cxcall.web.pages.agents.shared import CONFLICT, note
from cxcall.web.pages.forms import field as sent
from cxcall.web.pages.own_reports import periods, weekdays
from cxcall.web.pages.own_reports.listing import reader_of
from cxcall.web.pages.schedules import form as forms
from cxcall.web.pages.schedules import words
from cxcall.web.pages.schedules.form import Given
from cxcall.web.presentation import current
from cxcall.web.render import Done, fragment, page
from cxcall.web.report_words import report_name
from cxcall.web.words import N_
from cxcall.web.words import gettext as _

PATH = "/reports/schedules"
ONE = PATH + "/{id:[0-9a-f]{20,}}"
CHANNEL = "report_schedules"
"""As cxcall.outgoing.schedules listens to."""
DONE = {
    "saved": N_("The schedule is saved."),
    "removed": N_("The schedule is deleted."),
    "restored": N_("The schedule is back."),
    "paused": N_("The schedule is paused."),
    "resumed": N_("The schedule runs again."),
    "asked": N_("The report is made and sent now."),
}

routes = web.RouteTableDef()


@dataclass(frozen=True, slots=True, kw_only=True)
class RunLine:
    run: Run

    @property
    def state(self) -> str:
        return words.state_text(self.run)

    @property
    def chip(self) -> str:
        return words.CHIPS.get(self.run.state, "warn" if self.run.tries else "line")

    @property
    def trouble(self) -> str:
        return words.trouble_text(self.run)

    @property
    def reached(self) -> Sequence[str]:
        return [one.removeprefix("mail:") for one in self.run.reached if one.startswith("mail:")]

    @property
    def in_folder(self) -> bool:
        return "folder" in self.run.reached


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A schedule as the list has it."""

    schedule: Schedule
    report: str
    when: str
    last: RunLine | None
    may_change: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ListView:
    lines: Sequence[Line]
    mail_off: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class OneView:
    """One schedule with its log. `next`: the moments it runs next, none while it is paused."""

    line: Line
    period: str
    next: Sequence[datetime]
    runs: Sequence[RunLine]

    @property
    def going_on(self) -> bool:
        return any(
            line.run.state == "running" or (line.run.state == "waiting" and not line.run.tries) for line in self.runs
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class FormView:
    """The form; `id` "" for a new one."""

    id: str
    given: Given
    reports: Sequence[tuple[str, str]]
    mail_off: bool
    errors: Mapping[str, str]
    message: str = ""

    languages = words.LANGUAGES

    @property
    def action(self) -> str:
        return f"{PATH}/{self.id}/edit" if self.id else f"{PATH}/new"

    @property
    def quick(self) -> list[tuple[str, str]]:
        return [*((key, _(word)) for key, word in periods.QUICK.items()), ("", _("the own report's period"))]

    @property
    def every(self) -> list[tuple[str, str]]:
        return [(key, _(word)) for key, word in words.EVERY.items()]

    @property
    def calendars(self) -> list[tuple[str, str]]:
        return [(key, _(word)) for key, word in words.CALENDARS.items()]

    @property
    def weekdays(self) -> list[tuple[int, str]]:
        return weekdays.in_order()


@routes.get(PATH)
@needs(*OVERSEERS)
async def list_page(request: web.Request) -> web.Response:
    async with request.app[ENGINE].connect() as conn:
        kept = await report_schedules.everything(conn)
        names = await _names(conn, request)
        lines = [await _line(conn, request, one, names) for one in kept]
    view = ListView(lines=lines, mail_off=not request.app[SETTINGS].mail.host)
    return page(request, "schedules/list.html", view, done=_done(request))


@routes.get(PATH + "/new")
@needs(*OVERSEERS)
async def show_new(request: web.Request) -> web.Response:
    shown = current()
    report = request.query.get("report", "")[:100]
    given = Given(
        report=report, language=shown.language, calendar=shown.calendar, month=shown.calendar,
        period="" if report.startswith(OWN) else "yesterday", weekdays=(5 if shown.calendar == "jalali" else 0,),
    )  # fmt: skip
    return page(request, "schedules/form.html", await _form(request, given))


@routes.post(PATH + "/new")
@needs(*OVERSEERS)
async def create(request: web.Request) -> web.StreamResponse:
    given = forms.of_form(await request.post())
    view = await _form(request, given)
    plan, errors = forms.read(given, [key for key, _name in view.reports])
    if plan is None:
        return page(request, "schedules/form.html", replace(view, errors=errors), status=422)
    user = user_of(request)
    async with request.app[ENGINE].begin() as conn:
        made = await report_schedules.create(
            conn, name=given.name, owner_id=user.id, plan=plan, zone=current().zone, by=user.name,
            now=request.app[CLOCK](),
        )  # fmt: skip
        await note(request, conn, "schedule.create", f"schedule:{made.id}", name=made.name, to=list(plan.mail))
    raise web.HTTPSeeOther(f"{PATH}/{made.id}?done=saved")


@routes.get(ONE)
@needs(*OVERSEERS)
async def show(request: web.Request) -> web.Response:
    return page(request, "schedules/one.html", await _one(request), done=_done(request))


@routes.get(ONE + "/runs")
@needs(*OVERSEERS)
async def runs(request: web.Request) -> web.Response:
    """The log alone, while a run is under way."""
    return fragment(request, "schedules/runs.html", await _one(request))


@routes.get(ONE + "/edit")
@needs(*OVERSEERS)
async def edit(request: web.Request) -> web.Response:
    kept = await _mine(request)
    view = await _form(request, forms.of_plan(kept.name, kept.plan, kept.version), kept)
    return page(request, "schedules/form.html", view)


@routes.post(ONE + "/edit")
@needs(*OVERSEERS)
async def save(request: web.Request) -> web.StreamResponse:
    """409 when somebody else saved it meanwhile."""
    kept = await _mine(request)
    given = forms.of_form(await request.post())
    view = await _form(request, given, kept)
    plan, errors = forms.read(given, [key for key, _name in view.reports])
    if plan is None:
        return page(request, "schedules/form.html", replace(view, errors=errors), status=422)
    try:
        async with request.app[ENGINE].begin() as conn:
            await report_schedules.save(
                conn, kept.id, version=given.version, name=given.name, plan=plan, zone=current().zone,
                by=user_of(request).name, now=request.app[CLOCK](),
            )  # fmt: skip
            await note(request, conn, "schedule.change", f"schedule:{kept.id}", name=given.name, to=list(plan.mail))
    except (Conflict, NoSuchSchedule):
        latest = replace(given, version=kept.version)
        return page(request, "schedules/form.html", replace(view, given=latest, message=_(CONFLICT)), status=409)
    raise web.HTTPSeeOther(f"{PATH}/{kept.id}?done=saved")


@routes.post(ONE + "/{act:pause|resume}")
@needs(*OVERSEERS)
async def pause(request: web.Request) -> web.StreamResponse:
    kept, act = await _mine(request), request.match_info["act"]
    async with request.app[ENGINE].begin() as conn:
        await report_schedules.pause(
            conn, kept.id, paused=act == "pause", version=kept.version, zone=current().zone,
            by=user_of(request).name, now=request.app[CLOCK](),
        )  # fmt: skip
        await note(request, conn, f"schedule.{act}", f"schedule:{kept.id}", name=kept.name)
    raise web.HTTPSeeOther(f"{PATH}/{kept.id}?done={'paused' if act == 'pause' else 'resumed'}")


@routes.post(ONE + "/run")
@needs(*OVERSEERS)
async def run_now(request: web.Request) -> web.StreamResponse:
    """A run now, out of turn; with `run` that run again, to those it has not reached."""
    kept, form = await _mine(request), await request.post()
    now = request.app[CLOCK]()
    async with request.app[ENGINE].begin() as conn:
        if not (sent(form, "run") and await report_schedules.again(conn, sent(form, "run"), now=now)):
            await report_schedules.run_now(conn, kept.id, now=now)
        await note(request, conn, "schedule.run", f"schedule:{kept.id}", name=kept.name)
    request.app[BUS].publish(CHANNEL, {"id": kept.id})
    raise web.HTTPSeeOther(f"{PATH}/{kept.id}?done=asked")


@routes.post(ONE + "/remove")
@needs(*OVERSEERS)
async def remove(request: web.Request) -> web.StreamResponse:
    kept = await _mine(request)
    async with request.app[ENGINE].begin() as conn:
        await report_schedules.remove(conn, kept.id, version=kept.version, now=request.app[CLOCK]())
        await note(request, conn, "schedule.remove", f"schedule:{kept.id}", name=kept.name)
    raise web.HTTPSeeOther(f"{PATH}?done=removed&who={kept.id}")


@routes.post(ONE + "/restore")
@needs(*OVERSEERS)
async def restore(request: web.Request) -> web.StreamResponse:
    id_ = request.match_info["id"]
    async with request.app[ENGINE].begin() as conn:
        if not await report_schedules.restore(conn, id_, zone=current().zone, now=request.app[CLOCK]()):
            raise web.HTTPNotFound
        kept = await report_schedules.get(conn, id_)
        if kept is None or not _may_change(request, kept):
            raise web.HTTPForbidden  # and nothing was written: the transaction ends with this
        await note(request, conn, "schedule.restore", f"schedule:{id_}")
    raise web.HTTPSeeOther(f"{PATH}?done=restored")


async def _found(request: web.Request) -> Schedule:
    async with request.app[ENGINE].connect() as conn:
        kept = await report_schedules.get(conn, request.match_info["id"])
    if kept is None:
        raise web.HTTPNotFound
    return kept


async def _mine(request: web.Request) -> Schedule:
    """The schedule, for its owner and administrators."""
    kept = await _found(request)
    if not _may_change(request, kept):
        raise web.HTTPForbidden
    return kept


def _may_change(request: web.Request, kept: Schedule) -> bool:
    return kept.owner_id == user_of(request).id or user_of(request).role is Role.ADMIN


async def _names(conn: AsyncConnection, request: web.Request) -> dict[str, str]:
    """Reports that can be chosen, by what a plan calls them."""
    own = await own_reports.listed(conn, reader_of(request))
    return {**{name: report_name(name) for name in READY_MADE}, **{f"{OWN}{one.id}": one.name for one in own}}


async def _line(conn: AsyncConnection, request: web.Request, kept: Schedule, names: Mapping[str, str]) -> Line:
    last = await report_schedules.runs(conn, kept.id, limit=1)
    return Line(
        schedule=kept, report=names.get(kept.plan.report, "") or _("a report of %(name)s") % {"name": kept.owner_name},
        when=words.timetable_text(kept.plan.timetable), last=RunLine(run=last[0]) if last else None,
        may_change=_may_change(request, kept),
    )  # fmt: skip


async def _one(request: web.Request) -> OneView:
    kept = await _found(request)
    async with request.app[ENGINE].connect() as conn:
        line = await _line(conn, request, kept, await _names(conn, request))
        log = await report_schedules.runs(conn, kept.id)
    following = next_ones(kept.plan.timetable, request.app[CLOCK](), current().zone, 3) if kept.enabled else []
    period = periods.text(kept.plan.period) if kept.plan.period else _("the own report's period")
    return OneView(line=line, period=period, next=following, runs=[RunLine(run=run) for run in log])


async def _form(request: web.Request, given: Given, kept: Schedule | None = None) -> FormView:
    async with request.app[ENGINE].connect() as conn:
        names = await _names(conn, request)
    if kept is not None:
        names.setdefault(kept.plan.report, _("a report of %(name)s") % {"name": kept.owner_name})
    return FormView(
        id=kept.id if kept else "", given=given, reports=list(names.items()), errors={},
        mail_off=not request.app[SETTINGS].mail.host,
    )  # fmt: skip


def _done(request: web.Request) -> Done | None:
    word, who = request.query.get("done", ""), request.query.get("who", "")
    if word not in DONE:
        return None
    return Done(text=_(DONE[word]), undo=f"{PATH}/{who}/restore" if word == "removed" and who.isalnum() else "")
