"""/reports: the ready-made reports by what they are about, a reader's own, and those that are sent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from aiohttp import web

from cxcall.web.access import OVERSEERS, needs
from cxcall.web.keys import ENGINE
from cxcall.web.pages.own_reports.listing import OwnRow, done, own_rows
from cxcall.web.pages.reports.asking import PATH
from cxcall.web.render import page
from cxcall.web.report_words import report_name, report_sentence
from cxcall.web.words import N_
from cxcall.web.words import gettext as _

GROUPS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    (
        N_("Queues and waiting"),
        "queue",
        ("queues", "queues-by-hour", "heat", "service-level", "waits", "traffic", "menu"),
    ),
    (N_("Callers that were lost"), "phone-out", ("abandoned", "recalls", "repeat", "fcr")),
    (N_("Agents"), "headset", ("agents", "agent-time", "transfers")),
    (N_("Customers"), "star", ("surveys", "sentiment", "categories", "segments", "rfm")),
)
STAFFING: tuple[tuple[str, str, str], ...] = (
    ("/reports/staffing", N_("Staffing"), N_("How many agents the expected calls need, beside the roster.")),
    ("/reports/roster", N_("Roster"), N_("Who is to work when; typed or from a file.")),
    ("/reports/adherence", N_("Adherence"), N_("Whether agents were at work when the roster had them.")),
    ("/reports/schedules", N_("Sent reports"), N_("Reports that go out by mail or into a folder at set times.")),
)

routes = web.RouteTableDef()


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    url: str
    name: str
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    name: str
    icon: str
    entries: Sequence[Entry]


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    groups: Sequence[Group]
    own: Sequence[OwnRow]


@routes.get(PATH)
@needs(*OVERSEERS)
async def reports_page(request: web.Request) -> web.Response:
    groups = [
        Group(
            name=_(title),
            icon=icon,
            entries=[Entry(url=f"{PATH}/{one}", name=report_name(one), sentence=report_sentence(one)) for one in names],
        )
        for title, icon, names in GROUPS
    ]
    entries = [Entry(url=url, name=_(name), sentence=_(text)) for url, name, text in STAFFING]
    groups.append(Group(name=_("Staffing and sending"), icon="cal", entries=entries))
    async with request.app[ENGINE].connect() as conn:
        view = Overview(groups=groups, own=await own_rows(conn, request))
    return page(request, "reports/overview.html", view, done=done(request))
