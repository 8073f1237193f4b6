"""/reports/abandoned and /reports/recalls: callers who hung up while waiting, and who of them was reached again."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import urlencode

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.reports.checking import MOST_DAYS, BadReport
from cxcall.reports.ready_made import READY_MADE
from cxcall.reports.table import Cell, Column, Sheet
from cxcall.store import lists, tasks
from cxcall.store.paging import BadCursor, Slice
from cxcall.store.reporting import recalls
from cxcall.store.reporting.recalls import Lost, LostCounts, LostRow, Reached
from cxcall.store.tasks import Task
from cxcall.web import report_reading
from cxcall.web.access import OVERSEERS, needs
from cxcall.web.keys import CLOCK, ENGINE
from cxcall.web.pages.own_reports.periods import QUICK
from cxcall.web.pages.report_lists import follow_up, shared
from cxcall.web.pages.report_lists.shared import MOST_EXPORTED
from cxcall.web.presentation import current
from cxcall.web.render import page
from cxcall.web.report_files import CSV_TYPE, XLSX_TYPE, csv_bytes, file_name, xlsx_bytes
from cxcall.web.report_reading import Question
from cxcall.web.words import N_
from cxcall.web.words import gettext as _

ROWS = 50
NAMES = ("abandoned", "recalls")
PATH = "/reports/{name:abandoned|recalls}"
TITLES = {"abandoned": N_("Abandoned calls"), "recalls": N_("Abandoned callers reached again")}
REACHED: Mapping[str, tuple[str, Reached | None]] = {
    "all": (N_("All"), None),
    "open": (N_("Not reached yet"), ""),
    "back": (N_("Called back"), "back"),
    "again": (N_("Called again"), "again"),
}
WORDS: Mapping[Reached, str] = {"": REACHED["open"][0], "back": REACHED["back"][0], "again": REACHED["again"][0]}

routes = web.RouteTableDef()


@dataclass(frozen=True, slots=True, kw_only=True)
class LostView:
    """The list as it is asked for; `counts` are of the whole period, whatever `reached` leaves of it."""

    name: str
    title: str
    question: Question
    reached: str
    rows: Sequence[LostRow]
    counts: LostCounts
    queues: Sequence[str]
    older: str | None
    newer: str | None
    typed: Mapping[str, str]
    tasks: Mapping[str, Task]
    now: datetime
    here: str
    error: str = ""

    @property
    def too_many(self) -> bool:
        """Whether a file made while somebody waits would not hold all of the list."""
        return next(n for key, _url, _words, n in self.tabs if key == self.reached) > MOST_EXPORTED

    @property
    def most(self) -> int:
        return MOST_EXPORTED

    @property
    def job_query(self) -> str:
        """The same calls as the list of calls has them, for an export in the background."""
        span = self.question.span
        words = {"outcome": "abandoned", "from": str(span.first), "to": str(span.last), "queue": self.queue}
        return urlencode({name: value for name, value in words.items() if value})

    @property
    def tabs(self) -> list[tuple[str, str, str, int]]:
        counts = self.counts
        amounts = {"all": counts.lost, "open": counts.open, "back": counts.back, "again": counts.again}
        return [(key, self.address(reached=key), _(words), amounts[key]) for key, (words, _r) in REACHED.items()]

    @property
    def quick(self) -> list[tuple[str, str]]:
        return [(key, _(words)) for key, words in QUICK.items()]

    @property
    def queue(self) -> str:
        return next(iter(self.question.definition.narrowing.queues), "")

    def address(self, end: str = "", **changes: str) -> str:
        given = {name: value for name, value in {**self.typed, **changes}.items() if value}
        return f"/reports/{self.name}{end}" + (f"?{urlencode(given)}" if given else "")

    def word(self, row: LostRow) -> str:
        return _(WORDS[row.reached])


@routes.get(PATH)
@needs(*OVERSEERS)
async def show(request: web.Request) -> web.Response:
    view = await _view(request)
    told = await follow_up.done(request)
    return page(request, "report_lists/abandoned.html", view, status=422 if view.error else 200, done=told)


@routes.get(PATH + "/export.{kind:csv|xlsx}")
@needs(*OVERSEERS)
async def export(request: web.Request) -> web.Response:
    """All rows of the list, at most MOST_EXPORTED."""
    name, kind = request.match_info["name"], request.match_info["kind"]
    question, reached, error = _asked(request)
    if error:
        raise web.HTTPUnprocessableEntity(text=error)
    rows: list[LostRow] = []
    async with request.app[ENGINE].connect() as conn:
        after: str | None = None
        while len(rows) < MOST_EXPORTED:
            found = await recalls.page(conn, _lost(question, reached), limit=500, after=after)
            rows += found.rows
            after = found.next
            if after is None:
                break
    table = _sheet(name, rows[:MOST_EXPORTED], cut=after is not None or len(rows) > MOST_EXPORTED)
    body = csv_bytes(table) if kind == "csv" else await asyncio.to_thread(xlsx_bytes, table)
    shown = file_name(name, question.span, kind)
    headers = {"Content-Disposition": f'attachment; filename="{shown}"'}
    return web.Response(body=body, headers=headers, content_type=CSV_TYPE if kind == "csv" else XLSX_TYPE)


def _asked(request: web.Request) -> tuple[Question, str, str]:
    """What the address asks for; what can't be read is told and left out."""
    name, now = request.match_info["name"], request.app[CLOCK]()
    here = current()
    said = {key: request.query[key][:200] for key in report_reading.NAMES if request.query.get(key)}
    if said.get("when"):
        said = {key: value for key, value in said.items() if key not in ("from", "to")}
    reached = request.query.get("reached") or ("all" if name == "abandoned" else "back")
    today, error = now.astimezone(here.zone).date(), ""
    try:
        question = report_reading.read(READY_MADE[name], said, today=today, zone=here.zone, calendar=here.calendar)
    except BadReport as wrong:
        error = " ".join(problem.text for problem in wrong.problems)
        question = report_reading.read(READY_MADE[name], {}, today=today, zone=here.zone, calendar=here.calendar)
    if question.span.days > MOST_DAYS:
        error = _("That is too long a period.")
    return question, reached if reached in REACHED else "all", error


async def _view(request: web.Request) -> LostView:
    question, reached, error = _asked(request)
    name = request.match_info["name"]
    typed = {key: value[:200] for key, value in request.query.items() if key in (*report_reading.NAMES, "reached")}
    async with request.app[ENGINE].connect() as conn:
        wanted = _lost(question, reached)
        found, error = await _page(conn, wanted, request.query.get("after"), error)
        counts = await recalls.counts(conn, wanted)
        queues = await lists.queues(conn)
        owed = await tasks.open_of_calls(conn, {row.call_id for row in found.rows})
    view = LostView(
        name=name, title=_(TITLES[name]), question=question, reached=reached, rows=found.rows, counts=counts,
        queues=queues, older=None, newer=None, typed=typed, tasks=owed, now=request.app[CLOCK](), here="", error=error,
    )  # fmt: skip
    older = view.address(after=found.next) if found.next else None
    newer = view.address(after=found.previous) if found.previous else None
    return replace(view, older=older, newer=newer, here=view.address(after=request.query.get("after", "")[:500]))


async def _page(conn: AsyncConnection, wanted: Lost, after: str | None, error: str) -> tuple[Slice[LostRow], str]:
    try:
        return await recalls.page(conn, wanted, limit=ROWS, after=after), error
    except BadCursor:
        return await recalls.page(conn, wanted, limit=ROWS), error or _("This place in the list is gone.")


def _lost(question: Question, reached: str) -> Lost:
    definition = question.definition
    return Lost(
        span=question.span, queues=definition.narrowing.queues, short=definition.short, reached=REACHED[reached][1]
    )


def _sheet(name: str, rows: Sequence[LostRow], *, cut: bool) -> Sheet:
    """`cut`: it does not hold all of the list."""
    columns = (
        Column(id="joined_at", title=_("Joined"), kind="moment"),
        Column(id="queue", title=_("Queue"), kind="text"),
        Column(id="customer", title=_("Customer"), kind="text"),
        Column(id="number", title=_("Number"), kind="text"),
        Column(id="wait", title=_("Wait in seconds"), kind="seconds"),
        Column(id="reached", title=_("Reached again"), kind="text"),
        Column(id="reached_at", title=_("Reached at"), kind="moment"),
        Column(id="reached_agent", title=_("Agent"), kind="text"),
        Column(id="call", title=_("Call"), kind="text"),
    )
    total: tuple[Cell, ...] = (_("Total"), *(None,) * (len(columns) - 2), float(len(rows)))
    return Sheet(
        title=_(TITLES[name]), about=(), columns=columns, rows=tuple(map(_cells, rows)), total=total,
        notes=shared.cut_notes() if cut else (),
        meanings=(),
    )  # fmt: skip


def _cells(row: LostRow) -> tuple[Cell, ...]:
    at = current().local(row.reached_at).replace(tzinfo=None) if row.reached_at else None
    joined = current().local(row.joined_at).replace(tzinfo=None)
    return (
        joined, row.queue, row.customer, row.number, row.wait, _(WORDS[row.reached]), at, row.reached_agent,
        row.call_id,
    )  # fmt: skip
