"""/calls/exports: exports written in the background: how far they are, cancelled, fetched."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import parse_qs

from aiohttp import web

from cxcall.store import report_jobs
from cxcall.store.report_jobs import Job, Reading, TooManyJobs
from cxcall.web import errors
from cxcall.web.access import needs, user_of
from cxcall.web.exporting import CHANNEL, file_of
from cxcall.web.keys import BUS, CLOCK, ENGINE, SETTINGS
from cxcall.web.pages import calls_filter
from cxcall.web.pages.agents.shared import note
from cxcall.web.pages.forms import field as sent
from cxcall.web.pages.own_reports.call_views import query_of
from cxcall.web.presentation import current
from cxcall.web.render import Done, fragment, page
from cxcall.web.words import N_
from cxcall.web.words import gettext as _

PATH = "/calls/exports"
ONE = PATH + "/{id:[0-9a-f]+}"
STATES = {
    "waiting": N_("Waits"), "running": N_("Being written"), "done": N_("Ready"), "failed": N_("Failed"),
    "cancelled": N_("Cancelled"),
}  # fmt: skip
CHIPS = {"done": "good", "failed": "bad", "running": "warn"}
TOO_MANY = N_("Five exports of yours are under way. Wait for one of them, or cancel it.")
DONE = {
    "asked": N_("The export is written in the background. You can go on working."),
    "cancelled": N_("The export is cancelled."),
}

routes = web.RouteTableDef()


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    job: Job

    @property
    def state(self) -> str:
        return _(STATES[self.job.state])

    @property
    def chip(self) -> str:
        return CHIPS.get(self.job.state, "line")

    @property
    def share(self) -> float:
        return min(1.0, self.job.done / self.job.lines) if self.job.lines else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportsView:
    rows: Sequence[Row]

    @property
    def going_on(self) -> bool:
        return any(row.job.open for row in self.rows)


@routes.get(PATH)
@needs()
async def list_page(request: web.Request) -> web.Response:
    word = DONE.get(request.query.get("done", ""))
    return page(request, "own_reports/exports.html", await _view(request), done=Done(text=_(word)) if word else None)


@routes.get(PATH + "/progress")
@needs()
async def progress(request: web.Request) -> web.Response:
    return fragment(request, "own_reports/exports_list.html", await _view(request))


@routes.post(PATH)
@needs()
async def make(request: web.Request) -> web.StreamResponse:
    """Have the calls of these filters written into a file."""
    form, user = await request.post(), user_of(request)
    asked = calls_filter.read({key: values[0] for key, values in parse_qs(sent(form, "query")[:4000]).items()})
    now = request.app[CLOCK]()
    try:
        async with request.app[ENGINE].begin() as conn:
            job = await report_jobs.make(
                conn, kind="calls", name=f"calls-{current().local(now):%Y-%m-%d-%H%M}", owner_id=user.id,
                query=query_of(asked), reader=Reading(language=current().language, calendar=current().calendar),
                format_="csv", lines=0, now=now,
            )  # fmt: skip
            await note(request, conn, "calls.export", f"export:{job.id}", query=job.query)
    except TooManyJobs:
        return errors.answer(request, 409, _(TOO_MANY))
    request.app[BUS].publish(CHANNEL, {"id": job.id})
    raise web.HTTPSeeOther(f"{PATH}?done=asked")


@routes.post(ONE + "/cancel")
@needs()
async def cancel(request: web.Request) -> web.StreamResponse:
    async with request.app[ENGINE].begin() as conn:
        await report_jobs.cancel(conn, request.match_info["id"], owner_id=user_of(request).id, now=request.app[CLOCK]())
    request.app[BUS].publish(CHANNEL, {"id": request.match_info["id"]})
    raise web.HTTPSeeOther(f"{PATH}?done=cancelled")


@routes.get(ONE + "/file")
@needs()
async def fetch(request: web.Request) -> web.StreamResponse:
    """The file, as long as it is kept; one's own alone."""
    async with request.app[ENGINE].connect() as conn:
        job = await report_jobs.get(conn, request.match_info["id"], owner_id=user_of(request).id)
    path = file_of(request.app[SETTINGS], job.id) if job else None
    if job is None or job.state != "done" or path is None or not path.is_file():
        raise web.HTTPNotFound
    headers = {
        "Content-Disposition": f'attachment; filename="{job.name}.csv"',
        "Content-Type": "text/csv; charset=utf-8",
    }
    return web.FileResponse(path, headers={**headers, "Cache-Control": "no-store"})


async def _view(request: web.Request) -> ExportsView:
    async with request.app[ENGINE].connect() as conn:
        return ExportsView(rows=[Row(job=job) for job in await report_jobs.of_person(conn, user_of(request).id)])
