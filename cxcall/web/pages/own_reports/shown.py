"""/reports/own/ID: a saved report as ready-made ones are shown, with its files and the calls behind its figures."""

from __future__ import annotations

from dataclasses import replace

from aiohttp import web

from cxcall.store.own_reports import OwnReport
from cxcall.web.access import OVERSEERS, needs, user_of
from cxcall.web.pages.own_reports import listing, periods, typed
from cxcall.web.pages.own_reports.listing import ONE, found
from cxcall.web.pages.own_reports.tabs import SHARED
from cxcall.web.pages.reports import asking, behind, report
from cxcall.web.pages.reports.asking import Asked
from cxcall.web.pages.reports.report import Kept
from cxcall.web.words import gettext as _

routes = web.RouteTableDef()


@routes.get(ONE)
@needs(*OVERSEERS)
async def show(request: web.Request) -> web.Response:
    one = await found(request)
    mine = one.owner_id == user_of(request).id
    kept = Kept(
        id=one.id, period=periods.text(one.period), shared=_(SHARED[one.shared]), owner="" if mine else one.owner_name
    )
    return await report.show(request, _asked(request, one), kept=kept, done=listing.done(request))


@routes.get(ONE + "/export")
@needs(*OVERSEERS)
async def export(request: web.Request) -> web.Response:
    """The report as CSV, or XLSX (`format`)."""
    return await report.file(request, _asked(request, await found(request)))


@routes.get(ONE + "/calls")
@needs(*OVERSEERS)
async def calls(request: web.Request) -> web.Response:
    """The calls counted in one of its figures."""
    return await behind.show(request, _asked(request, await found(request)))


def _asked(request: web.Request, one: OwnReport) -> Asked:
    """The report over its period, with what the address changes of it for once."""
    kept = periods.asked(one.period)
    days = {"when": kept.when} if kept.when else {"from": kept.since, "to": kept.until}
    asked = asking.asked_of(request, f"own/{one.id}", one.definition, days)
    return replace(asked, title=one.name, stem=typed.stem(one.name))
