"""/reports/roster/upload: a roster from a CSV file; what it says and what is wrong with it is seen before it counts."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from aiohttp import web

from cxcall.reports.period import midnight
from cxcall.staffing.roster import MOST_BYTES, RosterLine, UnreadableRoster, read_roster
from cxcall.staffing.shift import Shift
from cxcall.store import rosters, users
from cxcall.store.rosters import Clash
from cxcall.web.access import OVERSEERS, needs, user_of
from cxcall.web.dates import date_text, time_text
from cxcall.web.keys import ENGINE, SETTINGS
from cxcall.web.pages.customer_import_run import drop_upload, keep_upload, read_upload
from cxcall.web.pages.forms import field
from cxcall.web.pages.staffing import files, wording
from cxcall.web.pages.staffing.rosters import PATH as ROSTER
from cxcall.web.pages.staffing.rosters import clash_text, note
from cxcall.web.presentation import current
from cxcall.web.render import page
from cxcall.web.words import gettext as _

PATH = ROSTER + "/upload"
KEY = PATH + "/{key:[0-9a-f]{32}}"
SHOWN = 10
WRONG_SHOWN = 50

routes = web.RouteTableDef()


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadView:
    problem: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class GoodLine:
    line: int
    agent: str
    day: str
    times: str
    activity: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WrongLine:
    line: int
    cells: str
    reasons: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviewView:
    """What a file holds: `good` and `wrong` count all its lines; `there`: entries of these people on its days now."""

    key: str
    file: str
    good: int
    wrong: int
    people: int
    days: str
    there: int
    lines: Sequence[GoodLine]
    wrong_lines: Sequence[WrongLine]
    problem: str = ""


@routes.get(PATH)
@needs(*OVERSEERS)
async def upload_page(request: web.Request) -> web.Response:
    return page(request, "staffing/upload.html", UploadView())


@routes.post(PATH)
@needs(*OVERSEERS)
async def upload(request: web.Request) -> web.StreamResponse:
    """Take a file in and show what is in it; the roster stays as it is."""
    sent = (await request.post()).get("file")
    if not isinstance(sent, web.FileField) or not sent.filename:
        return _refused(request, _("Choose a file first."), status=422)
    data = await asyncio.to_thread(sent.file.read, MOST_BYTES + 1)
    try:
        await _lines(request, data)
    except UnreadableRoster as error:
        status = 413 if error.code == "too_large" else 422
        return _refused(request, wording.refusal(error.code, error.missing), status=status)
    key = await asyncio.to_thread(keep_upload, _folder(request), sent.filename, data)
    raise web.HTTPSeeOther(f"{PATH}/{key}")


@routes.get(KEY)
@needs(*OVERSEERS)
async def preview(request: web.Request) -> web.Response:
    return await _preview(request)


@routes.get(KEY + "/wrong.csv")
@needs(*OVERSEERS)
async def wrong(request: web.Request) -> web.Response:
    """The lines that can't be taken, each with the reasons."""
    _file, lines = await _upload(request)
    rows = [
        [str(line.line), " ".join(map(wording.trouble, line.troubles)), *line.cells] for line in lines if line.troubles
    ]
    return files.csv_response("roster-errors.csv", [_("Line"), _("Why not"), _("What the line says")], rows)


@routes.post(KEY)
@needs(*OVERSEERS)
async def decide(request: web.Request) -> web.StreamResponse:
    """Take the good lines over, in place of what is there or added to it; or drop the file."""
    do, key = field(await request.post(), "do"), request.match_info["key"]
    if do not in ("replace", "merge"):
        await asyncio.to_thread(drop_upload, _folder(request), key)
        raise web.HTTPSeeOther(ROSTER)
    file, lines = await _upload(request)
    shifts = [line.shift for line in lines if line.shift is not None]
    if not shifts:
        return await _preview(request, _("No line of this file can be taken."), status=422)
    by, now = user_of(request).name, current().now
    try:
        async with request.app[ENGINE].begin() as conn:
            if do == "replace":
                since, until = _days(shifts)
                change = await rosters.replace(conn, shifts, since=since, until=until, by=by, now=now, file=file)
            else:
                change = await rosters.merge(conn, shifts, by=by, now=now, file=file)
            await note(request, conn, "roster.upload", change)
    except Clash as clash:
        return await _preview(request, clash_text(clash), status=409)
    await asyncio.to_thread(drop_upload, _folder(request), key)
    first = min(shift.since for shift in shifts).astimezone(current().zone).date()
    raise web.HTTPSeeOther(f"{ROSTER}?day={first.isoformat()}&done=uploaded&who={change.id}")


def _refused(request: web.Request, problem: str, *, status: int) -> web.Response:
    return page(request, "staffing/upload.html", UploadView(problem=problem), status=status)


async def _lines(request: web.Request, data: bytes) -> list[RosterLine]:
    async with request.app[ENGINE].connect() as conn:
        people = await rosters.people(conn)
    return await asyncio.to_thread(read_roster, data, people, current().zone)


async def _upload(request: web.Request) -> tuple[str, list[RosterLine]]:
    """The upload of the address, read. Raises 404 when it was decided on or is too old."""
    found = await asyncio.to_thread(read_upload, _folder(request), request.match_info["key"])
    if found is None:
        raise web.HTTPNotFound
    return found[0], await _lines(request, found[1])


async def _preview(request: web.Request, problem: str = "", *, status: int = 200) -> web.Response:
    file, lines = await _upload(request)
    shifts = [line.shift for line in lines if line.shift is not None]
    agents = {shift.agent for shift in shifts}
    there, days = 0, ""
    async with request.app[ENGINE].connect() as conn:
        names = {user.id: user.display_name or user.name for user in await users.everyone(conn)}
        if shifts:
            since, until = _days(shifts)
            there = sum(
                entry.shift.since >= since
                for entry in await rosters.entries(conn, since=since, until=until, users_ids=sorted(agents))
            )
            first, last = (current().local(at).date() for at in (since, until - timedelta(seconds=1)))
            days = _("%(from)s to %(to)s") % {"from": date_text(first), "to": date_text(last)}
    wrong_lines = [line for line in lines if line.troubles]
    view = PreviewView(
        key=request.match_info["key"], file=file, good=len(shifts), wrong=len(wrong_lines), people=len(agents),
        days=days, there=there, problem=problem,
        lines=[_good(line.line, line.shift, names[line.shift.agent]) for line in lines if line.shift][:SHOWN],
        wrong_lines=[
            WrongLine(
                line=line.line, cells=" · ".join(filter(None, line.cells)),
                reasons=[wording.trouble(one) for one in line.troubles],
            )
            for line in wrong_lines[:WRONG_SHOWN]
        ],
    )  # fmt: skip
    return page(request, "staffing/preview.html", view, status=status)


def _good(line: int, shift: Shift, agent: str) -> GoodLine:
    return GoodLine(
        line=line, agent=agent, day=date_text(current().local(shift.since).date(), weekday=True),
        times=f"{time_text(shift.since)}–{time_text(shift.until)}", activity=_(wording.ACTIVITIES[shift.activity]),
    )  # fmt: skip


def _days(shifts: Sequence[Shift]) -> tuple[datetime, datetime]:
    """From the first day on which one begins to the end of the last."""
    zone = current().zone
    first = min(shift.since for shift in shifts).astimezone(zone).date()
    last = max(shift.since for shift in shifts).astimezone(zone).date()
    return midnight(first, zone), midnight(last + timedelta(days=1), zone)


def _folder(request: web.Request) -> Path:
    return request.app[SETTINGS].data_dir / "rosters"
