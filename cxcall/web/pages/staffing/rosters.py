"""/reports/roster: a week of who works when; edited by hand, exported, and every change taken back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.reports.period import midnight
from cxcall.staffing.roster import FIELDS, read_activity, read_day, read_time
from cxcall.staffing.shift import ACTIVITIES, Shift, moments
from cxcall.store import audit, rosters, users
from cxcall.store.rosters import Change, Clash, Entry, NoSuchChange, NoSuchEntry
from cxcall.store.users import User
from cxcall.web.access import OVERSEERS, needs, user_of
from cxcall.web.dates import date_text, jalali_text, time_text
from cxcall.web.digits import typed
from cxcall.web.keys import ENGINE
from cxcall.web.observe import address_of
from cxcall.web.pages.forms import field as field_of
from cxcall.web.pages.staffing import files, wording
from cxcall.web.pages.staffing.asked import week_of
from cxcall.web.presentation import current
from cxcall.web.render import Done, page
from cxcall.web.words import N_
from cxcall.web.words import gettext as _

PATH = "/reports/roster"
DONE = {
    "saved": N_("Saved."), "removed": N_("Removed."), "uploaded": N_("The roster was taken over."),
    "undone": N_("Taken back."),
}  # fmt: skip
KINDS = {"replace": N_("Uploaded, in place of what was there"), "merge": N_("Uploaded, added"),
         "edit": N_("Changed by hand")}  # fmt: skip
CHANGES = 8

routes = web.RouteTableDef()


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """An entry in the week's table."""

    id: str
    times: str
    activity: str
    kind: str
    url: str
    current: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentRow:
    name: str
    hours: float
    days: Sequence[Sequence[Cell]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """The form as typed, with what is wrong; `entry`: the id of the entry that is changed, "" for a new one."""

    values: Mapping[str, str] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)
    entry: str = ""

    def get(self, name: str) -> str:
        return self.values.get(name, "")


@dataclass(frozen=True, slots=True, kw_only=True)
class WeekView:
    """The page. `days`: name and whether it is today."""

    first: date
    text: str
    written: str
    days: Sequence[tuple[str, bool]]
    rows: Sequence[AgentRow]
    sent: Sent
    people: Sequence[tuple[str, str]]
    activities: Sequence[tuple[str, str]]
    changes: Sequence[Change]
    before_url: str
    after_url: str
    export_url: str
    ever: bool

    def kind(self, change: Change) -> str:
        return _(KINDS[change.kind])


@routes.get(PATH)
@needs(*OVERSEERS)
async def week_page(request: web.Request) -> web.Response:
    done = DONE.get(request.query.get("done", ""))
    change = request.query.get("who", "")
    undo = f"{PATH}/changes/{change}/undo" if done and change.isalnum() else ""
    text = _(done) if done else ""
    if left := request.query.get("left", ""):
        text += " " + _("%(n)s entries could not come back: others lie there by now.") % {"n": typed(left)[:6]}
    return await _show(request, done=Done(text=text, undo=undo) if done else None)


@routes.get(PATH + "/export")
@needs(*OVERSEERS)
async def export(request: web.Request) -> web.Response:
    """The week as a file that can be uploaded again."""
    days, zone = _week(request), current().zone
    async with request.app[ENGINE].connect() as conn:
        names = {user.id: user.name for user in await users.everyone(conn)}
        entries = await rosters.entries(
            conn, since=midnight(days[0], zone), until=midnight(days[-1] + timedelta(days=1), zone)
        )
    rows = []
    for entry in entries:
        since, until = entry.shift.since.astimezone(zone), entry.shift.until.astimezone(zone)
        if since.date() >= days[0]:
            agent = names.get(entry.shift.agent, entry.shift.agent)
            rows.append([agent, since.date().isoformat(), f"{since:%H:%M}", f"{until:%H:%M}", entry.shift.activity])
    return files.csv_response(f"roster-{days[0].isoformat()}.csv", FIELDS, rows)


@routes.post(PATH)
@needs(*OVERSEERS)
async def save(request: web.Request) -> web.StreamResponse:
    """Put an entry, in place of another when one is named; or take that one off."""
    form = await request.post()
    values = {name: field_of(form, name) for name in (*FIELDS, "day")}
    entry, remove = field_of(form, "entry"), field_of(form, "do") == "remove"
    shift, errors = (None, {}) if remove else await _read(request, values)
    if errors:
        return await _show(request, Sent(values=values, errors=errors, entry=entry), status=422)
    try:
        async with request.app[ENGINE].begin() as conn:
            change = await rosters.edit(
                conn, by=user_of(request).name, now=current().now, put=[shift] if shift else [],
                remove=[entry] if entry else [],
            )  # fmt: skip
            await note(request, conn, "roster.change", change)
    except NoSuchEntry:
        errors = {"form": _("Somebody else changed this entry meanwhile. Nothing was saved.")}
        return await _show(request, Sent(values=values, errors=errors), status=409)
    except Clash as clash:
        errors = {"from": clash_text(clash)}
        return await _show(request, Sent(values=values, errors=errors, entry=entry), status=422)
    day = (shift.since.astimezone(current().zone).date() if shift else _day_of(values["day"])).isoformat()
    raise web.HTTPSeeOther(f"{PATH}?day={day}&done={'removed' if remove else 'saved'}&who={change.id}")


@routes.post(PATH + "/changes/{change:[0-9a-z]{1,40}}/undo")
@needs(*OVERSEERS)
async def undo(request: web.Request) -> web.StreamResponse:
    """Take a change back: what it added goes, what it removed comes back."""
    try:
        async with request.app[ENGINE].begin() as conn:
            found = await rosters.undo(conn, request.match_info["change"], now=current().now)
            await audit.add(
                conn, actor=user_of(request).name, act="roster.undo", subject=f"roster:{request.match_info['change']}",
                details={"gone": found.gone, "back": found.back}, address=address_of(request), at=current().now,
            )  # fmt: skip
    except NoSuchChange:
        raise web.HTTPNotFound from None
    form = await request.post()
    day = _day_of(field_of(form, "day")).isoformat()
    raise web.HTTPSeeOther(f"{PATH}?day={day}&done=undone" + (f"&left={found.left}" if found.left else ""))


async def note(request: web.Request, conn: AsyncConnection, act: str, change: Change) -> None:
    """Write down who changed the roster."""
    await audit.add(
        conn, actor=user_of(request).name, act=act, subject=f"roster:{change.id}",
        details={"added": change.added, "removed": change.removed, "file": change.file},
        address=address_of(request), at=current().now,
    )  # fmt: skip


def clash_text(clash: Clash) -> str:
    """What is there already."""
    there = clash.others[0]
    return _("It lies over what is on the roster: %(day)s, %(from)s to %(to)s.") % {
        "day": date_text(current().local(there.since).date(), year=False), "from": time_text(there.since),
        "to": time_text(there.until),
    }  # fmt: skip


async def _read(request: web.Request, values: Mapping[str, str]) -> tuple[Shift | None, dict[str, str]]:
    day, begins, ends = read_day(values["date"]), read_time(values["from"]), read_time(values["to"])
    activity = read_activity(values["activity"])
    errors = {}
    async with request.app[ENGINE].connect() as conn:
        user = await users.get(conn, values["agent"]) if values["agent"] else None
    if user is None:
        errors["agent"] = _("Choose an agent.")
    if day is None:
        errors["date"] = _("That is no date.")
    if begins is None:
        errors["from"] = _("That is no time. Write it like 17:30.")
    if ends is None:
        errors["to"] = _("That is no time. Write it like 17:30.")
    elif begins == ends and values["to"] != "24:00":
        errors["to"] = _("It ends when it begins.")
    if activity is None:
        errors["activity"] = _("Choose an activity.")
    if errors or user is None or day is None or begins is None or ends is None or activity is None:
        return None, errors
    since, until = moments(day, begins, ends, current().zone)
    return Shift(agent=user.id, since=since, until=until, activity=activity), {}


async def _show(
    request: web.Request, sent: Sent | None = None, *, status: int = 200, done: Done | None = None
) -> web.Response:
    shown, days = current(), _week(request, sent)
    since, until = midnight(days[0], shown.zone), midnight(days[-1] + timedelta(days=1), shown.zone)
    async with request.app[ENGINE].connect() as conn:
        everyone = await users.everyone(conn)
        entries = await rosters.entries(conn, since=since, until=until)
        newest = await rosters.changes(conn, limit=CHANGES)
        ever = bool(entries) or await rosters.ever(conn)
    asked = request.query.get("entry", "") if sent is None else sent.entry
    chosen = next((entry for entry in entries if entry.id == asked), None)
    sent = sent or (Sent(values=_values(chosen), entry=chosen.id) if chosen else Sent(values={"activity": "work"}))
    today, step = shown.local(shown.now).date(), timedelta(days=7)
    view = WeekView(
        first=days[0], written=jalali_text(days[0]) if shown.calendar == "jalali" else days[0].isoformat(),
        text=_("%(from)s to %(to)s") % {"from": date_text(days[0], year=False), "to": date_text(days[-1])},
        days=[(date_text(day, year=False, weekday=True), day == today) for day in days],
        rows=_rows(entries, everyone, days, asked), sent=sent,
        people=[(user.id, user.display_name or user.name) for user in everyone if not user.disabled],
        activities=[(name, _(wording.ACTIVITIES[name])) for name in ACTIVITIES], changes=newest,
        before_url=f"{PATH}?day={(days[0] - step).isoformat()}", after_url=f"{PATH}?day={(days[0] + step).isoformat()}",
        export_url=f"{PATH}/export?day={days[0].isoformat()}", ever=ever,
    )  # fmt: skip
    return page(request, "staffing/roster.html", view, status=status, done=done)


def _week(request: web.Request, sent: Sent | None = None) -> list[date]:
    return week_of(
        _day_of(sent.get("day") if sent else request.query.get("day", "")), jalali=current().calendar == "jalali"
    )


def _day_of(text: str) -> date:
    return read_day(typed(text)[:20]) or current().local(current().now).date()


def _rows(entries: Sequence[Entry], everyone: Sequence[User], days: Sequence[date], asked: str) -> list[AgentRow]:
    """People with anything in the week, by name; an entry stands on the day it begins, a night before it on the
    first."""
    zone = current().zone
    mine: dict[str, list[Entry]] = {}
    for entry in entries:
        mine.setdefault(entry.shift.agent, []).append(entry)
    names = {user.id: user.display_name or user.name for user in everyone}
    rows = []
    for agent, theirs in mine.items():
        cells: list[list[Cell]] = [[] for _day in days]
        work = 0.0
        for entry in theirs:
            day = entry.shift.since.astimezone(zone).date()
            if day < days[0]:
                continue
            cells[(day - days[0]).days].append(_cell(entry, days[0], asked))
            work += entry.shift.seconds if entry.shift.activity == "work" else 0.0
        rows.append(AgentRow(name=names.get(agent, agent), hours=work / 3600, days=cells))
    return sorted(rows, key=lambda row: row.name)


def _cell(entry: Entry, first: date, asked: str) -> Cell:
    shift = entry.shift
    return Cell(
        id=entry.id, times=f"{time_text(shift.since)}–{time_text(shift.until)}",
        activity=_(wording.ACTIVITIES[shift.activity]), kind=shift.activity,
        url=f"{PATH}?day={first.isoformat()}&entry={entry.id}#edit", current=entry.id == asked,
    )  # fmt: skip


def _values(entry: Entry) -> dict[str, str]:
    since, until = current().local(entry.shift.since), current().local(entry.shift.until)
    day = since.date()
    return {
        "agent": entry.shift.agent,
        "date": jalali_text(day) if current().calendar == "jalali" else day.isoformat(),
        "from": f"{since:%H:%M}", "to": f"{until:%H:%M}", "activity": entry.shift.activity,
    }  # fmt: skip
