"""/reports/own: the reports a reader made or was shown, deleted with a way back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.store import own_reports
from cxcall.store.errors import Conflict
from cxcall.store.own_reports import NoSuchReport, OwnReport
from cxcall.store.sharing import Reader
from cxcall.web import errors
from cxcall.web.access import OVERSEERS, needs, user_of
from cxcall.web.keys import CLOCK, ENGINE
from cxcall.web.pages.agents.shared import CONFLICT, note
from cxcall.web.pages.forms import field as sent
from cxcall.web.pages.own_reports import periods
from cxcall.web.pages.own_reports.tabs import SHARED
from cxcall.web.render import Done, page
from cxcall.web.report_words import name as measure_name
from cxcall.web.report_words import row_name
from cxcall.web.words import N_
from cxcall.web.words import gettext as _

PATH = "/reports/own"
ONE = PATH + "/{id:[0-9a-f]{20,}}"
DONE = {
    "saved": N_("The report is saved."),
    "copied": N_("This is your copy of the report."),
    "removed": N_("The report is deleted."),
    "restored": N_("The report is back."),
}

routes = web.RouteTableDef()


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnRow:
    """A line of the list."""

    report: OwnReport
    mine: bool

    @property
    def rows(self) -> str:
        return " · ".join(row_name(row) for row in self.report.definition.by) or _("the total alone")

    @property
    def figures(self) -> Sequence[str]:
        return [measure_name(one) for one in self.report.definition.measures]

    @property
    def period(self) -> str:
        return periods.text(self.report.period)

    @property
    def shared(self) -> str:
        return _(SHARED[self.report.shared])


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnList:
    own: Sequence[OwnRow]


def reader_of(request: web.Request) -> Reader:
    user = user_of(request)
    return Reader(id=user.id, role=user.role.value)


async def own_rows(conn: AsyncConnection, request: web.Request) -> list[OwnRow]:
    """The list, for the page of all reports too (`reports/own_list.html` shows `view.own`)."""
    reader = reader_of(request)
    return [OwnRow(report=one, mine=one.owner_id == reader.id) for one in await own_reports.listed(conn, reader)]


def done(request: web.Request) -> Done | None:
    word, who = request.query.get("done", ""), request.query.get("who", "")
    if word not in DONE:
        return None
    return Done(text=_(DONE[word]), undo=f"{PATH}/{who}/restore" if word == "removed" and who.isalnum() else "")


async def found(request: web.Request) -> OwnReport:
    """The report of the address, if the reader may see it."""
    async with request.app[ENGINE].connect() as conn:
        report = await own_reports.get(conn, request.match_info["id"], reader_of(request))
    if report is None:
        raise web.HTTPNotFound
    return report


@routes.get(PATH)
@needs(*OVERSEERS)
async def list_page(request: web.Request) -> web.Response:
    async with request.app[ENGINE].connect() as conn:
        view = OwnList(own=await own_rows(conn, request))
    return page(request, "own_reports/list.html", view, done=done(request))


@routes.post(ONE + "/copy")
@needs(*OVERSEERS)
async def copy(request: web.Request) -> web.StreamResponse:
    """A report of one's own like this one, shared with nobody yet."""
    report, user = await found(request), user_of(request)
    async with request.app[ENGINE].begin() as conn:
        made = await own_reports.create(
            conn, name=_("Copy of %(name)s") % {"name": report.name}, owner_id=user.id, definition=report.definition,
            period=report.period, by=user.name, now=request.app[CLOCK](),
        )  # fmt: skip
        await note(request, conn, "report.create", f"report:{made.id}", name=made.name)
    raise web.HTTPSeeOther(f"{PATH}/{made.id}/edit?done=copied")


@routes.post(ONE + "/remove")
@needs(*OVERSEERS)
async def remove(request: web.Request) -> web.StreamResponse:
    report, form = await found(request), await request.post()
    if report.owner_id != user_of(request).id:
        raise web.HTTPForbidden
    version = sent(form, "version")
    try:
        async with request.app[ENGINE].begin() as conn:
            await own_reports.remove(
                conn, report.id, version=int(version) if version.isascii() and version.isdigit() else report.version,
                now=request.app[CLOCK](),
            )  # fmt: skip
            await note(request, conn, "report.remove", f"report:{report.id}", name=report.name)
    except (Conflict, NoSuchReport):
        return errors.answer(request, 409, _(CONFLICT))
    raise web.HTTPSeeOther(f"{PATH}?done=removed&who={report.id}")


@routes.post(ONE + "/restore")
@needs(*OVERSEERS)
async def restore(request: web.Request) -> web.StreamResponse:
    async with request.app[ENGINE].begin() as conn:
        if not await own_reports.restore(conn, request.match_info["id"], owner_id=user_of(request).id):
            raise web.HTTPNotFound
        await note(request, conn, "report.restore", f"report:{request.match_info['id']}")
    raise web.HTTPSeeOther(f"{PATH}?done=restored")
