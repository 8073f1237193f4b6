"""Makes what a schedule sends: the files of its report and the words of the mail around them, in its language.

The report is made with the rights of who made the schedule, as they are when it runs; its period is as of the day the
run stands for, however late it runs.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from cxcall.reports.answer import Answer
from cxcall.reports.checking import BadReport
from cxcall.reports.definition import Definition
from cxcall.reports.ready_made import READY_MADE
from cxcall.reports.table import Sheet, sheet
from cxcall.settings import Settings
from cxcall.store import own_reports, users
from cxcall.store.report_schedules import OWN, CannotMake, Made, Plan, ReportFile, Run, Schedule
from cxcall.store.reporting.run import run
from cxcall.store.sharing import Reader
from cxcall.web import presentation
from cxcall.web.access import OVERSEERS
from cxcall.web.dates import date_text
from cxcall.web.pages.own_reports import periods, typed
from cxcall.web.preferences import Preferences
from cxcall.web.preferences import presentation as presented
from cxcall.web.report_file_words import FileWords
from cxcall.web.report_files import CSV_TYPE, XLSX_TYPE, csv_bytes, file_name, xlsx_bytes
from cxcall.web.report_making import clock_of
from cxcall.web.report_words import note_text, problem_text, report_name
from cxcall.web.words import gettext as _

_WRITERS: dict[str, tuple[str, Callable[[Sheet], bytes]]] = {
    "csv": (CSV_TYPE, csv_bytes),
    "xlsx": (XLSX_TYPE, xlsx_bytes),
}


def maker(
    *, settings: Settings, engine: AsyncEngine, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
) -> Callable[[Schedule, Run], Awaitable[Made]]:
    """What makes the files of a run. Raises `CannotMake`."""

    async def make(schedule: Schedule, run_: Run) -> Made:
        # A task of its own: words and dates are those of the schedule.
        return await asyncio.create_task(_make(settings, engine, schedule, run_, clock()))

    return make


async def _make(settings: Settings, engine: AsyncEngine, schedule: Schedule, run_: Run, now: datetime) -> Made:
    plan = schedule.plan
    look = Preferences(language=plan.language, calendar=plan.calendar)
    presentation.use(presented(look, settings.site, now))
    site = clock_of(settings.site, plan.calendar)
    async with engine.connect() as conn:
        name, definition, period = await _asked(conn, schedule)
        span = periods.span_of(plan.period or period, run_.due_at, site.zone, plan.calendar)
        try:
            answer = await run(conn, definition, span, site=site, now=now)
        except BadReport as error:
            raise CannotMake("report", " ".join(problem_text(one) for one in error.problems)) from error
    table = sheet(answer, name, words=FileWords(), zone=site.zone, calendar=plan.calendar)
    files = [await asyncio.to_thread(_file, table, kind, answer, _stem(plan, name)) for kind in plan.formats]
    days = " – ".join(dict.fromkeys(date_text(day) for day in (answer.span.first, answer.span.last)))
    return Made(
        subject=f"{schedule.name} · {days}", text=_text(settings, schedule, name, days, answer), files=tuple(files),
        rtl=plan.language == "fa",
    )  # fmt: skip


async def _asked(conn: AsyncConnection, schedule: Schedule) -> tuple[str, Definition, str]:
    """Name, definition and period of the report. Raises `CannotMake`."""
    owner = await users.get(conn, schedule.owner_id)
    if owner is None or owner.disabled or owner.role not in {role.value for role in OVERSEERS}:
        raise CannotMake("owner", schedule.owner)
    report = schedule.plan.report
    if not report.startswith(OWN):
        if report not in READY_MADE:
            raise CannotMake("report", report)
        return report_name(report), READY_MADE[report], periods.USUAL
    own = await own_reports.get(conn, report.removeprefix(OWN), Reader(id=owner.id, role=owner.role))
    if own is None:
        raise CannotMake("report", report)
    return own.name, own.definition, own.period


def _stem(plan: Plan, name: str) -> str:
    """The beginning of a file's name, in letters any system takes."""
    return plan.report if plan.report in READY_MADE else typed.stem(name)


def _file(table: Sheet, kind: str, answer: Answer, stem: str) -> ReportFile:
    media, write = _WRITERS[kind]
    return ReportFile(name=file_name(stem, answer.span, kind), kind=media, content=write(table))


def _text(settings: Settings, schedule: Schedule, name: str, days: str, answer: Answer) -> str:
    """The words of the mail."""
    lines = [f"{name} · {days}", *(note_text(one) for one in answer.notes)]
    if settings.web.public_url:
        address = settings.web.public_url.rstrip("/")
        lines.append(
            _("Who gets this, and when: %(address)s") % {"address": f"{address}/reports/schedules/{schedule.id}"}
        )
    return "\n".join(lines)
