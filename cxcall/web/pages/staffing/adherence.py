"""/reports/adherence: whether agents did what the roster says; each opens to their day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from aiohttp import web
from multidict import MultiMapping

from cxcall.reports.period import midnight
from cxcall.staffing.adherence import Adherence, Piece
from cxcall.staffing.roster import read_day
from cxcall.staffing.shift import Activity
from cxcall.store import staffing, users
from cxcall.store.staffing import Whole
from cxcall.web.access import OVERSEERS, needs
from cxcall.web.dates import date_text, jalali_text, time_text
from cxcall.web.digits import clock_text, number_text, typed
from cxcall.web.keys import ENGINE
from cxcall.web.pages.staffing import files, wording
from cxcall.web.pages.staffing.asked import week_of
from cxcall.web.presentation import current
from cxcall.web.render import page
from cxcall.web.words import N_, ngettext
from cxcall.web.words import gettext as _

PATH = "/reports/adherence"
PERSON = PATH + "/{user:[0-9a-f]{26}}"
HEADER = (
    N_("Agent"), N_("From day"), N_("To day"), N_("Scheduled seconds"), N_("In adherence seconds"),
    N_("Adherence in %"), N_("Seconds to work"), N_("Seconds worked"), N_("Conformance in %"), N_("Differences"),
)  # fmt: skip
WIDTH = 960.0
"""Of the picture of a day, in its own units."""

routes = web.RouteTableDef()


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """The days asked for, and links to others."""

    first: date
    last: date
    weekly: bool
    text: str
    written: str
    before_url: str
    after_url: str
    day_url: str
    week_url: str
    problem: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentLine:
    """An agent: `url` opens their days. `longest`: their longest difference, in words."""

    name: str
    url: str
    found: Adherence
    longest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AdherenceView:
    period: Period
    lines: Sequence[AgentLine]
    scheduled: float
    share: float | None
    unknown: float
    finding: str
    export_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """A piece of a lane of the picture; `x` and `width` in its units."""

    x: float
    width: float
    kind: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PieceLine:
    """A line of the day's table."""

    since: datetime
    until: datetime
    planned: str
    doing: str
    adheres: bool
    counted: bool
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DayPart:
    """A day of one agent."""

    day: str
    url: str
    found: Adherence
    planned: Sequence[Bar]
    did: Sequence[Bar]
    marks: Sequence[tuple[float, str]]
    exceptions: Sequence[tuple[str, datetime, datetime, float]]
    lines: Sequence[PieceLine]
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonView:
    name: str
    period: Period
    back: str
    days: Sequence[DayPart]
    whole: Adherence
    roster_url: str


@routes.get(PATH)
@needs(*OVERSEERS)
async def adherence_page(request: web.Request) -> web.Response:
    period = _period(request.query, PATH)
    found = await _load(request, period)
    return page(request, "staffing/adherence.html", _view(period, found))


@routes.get(PATH + "/export")
@needs(*OVERSEERS)
async def export(request: web.Request) -> web.Response:
    """The table as CSV."""
    period = _period(request.query, PATH)
    rows = [_cells(one, period) for one in await _load(request, period)]
    return files.csv_response(f"adherence-{period.first.isoformat()}.csv", [_(word) for word in HEADER], rows)


@routes.get(PERSON)
@needs(*OVERSEERS)
async def person_page(request: web.Request) -> web.Response:
    """One agent, day by day: the roster above, what they did below."""
    id_ = request.match_info["user"]
    path = f"{PATH}/{id_}"
    period = _period(request.query, path)
    shown = current()
    async with request.app[ENGINE].connect() as conn:
        user = await users.get(conn, id_)
        if user is None:
            raise web.HTTPNotFound
        days = []
        for n in range((period.last - period.first).days + 1):
            day = period.first + timedelta(days=n)
            (one,) = await staffing.adherence(
                conn, first=day, last=day, zone=shown.zone, now=shown.now, user_id=id_
            )  # fmt: skip
            if one.found.pieces and (one.found.scheduled or one.found.worked or not period.weekly):
                days.append(_day(day, path, one.found))
        (whole,) = await staffing.adherence(
            conn, first=period.first, last=period.last, zone=shown.zone, now=shown.now, user_id=id_
        )
    view = PersonView(
        name=user.display_name or user.name, period=period, days=days, whole=whole.found,
        back=_address(PATH, period.first, weekly=period.weekly),
        roster_url=f"/reports/roster?day={period.first.isoformat()}",
    )  # fmt: skip
    return page(request, "staffing/person.html", view)


async def _load(request: web.Request, period: Period) -> list[Whole]:
    shown = current()
    async with request.app[ENGINE].connect() as conn:
        return await staffing.adherence(
            conn, first=period.first, last=period.last, zone=shown.zone, now=shown.now
        )  # fmt: skip


def _period(query: MultiMapping[str], path: str) -> Period:
    """The day or week of an address; without one today."""
    shown = current()
    written = typed(query.get("day", ""))[:20]
    given = read_day(written) if written else None
    day = given or shown.local(shown.now).date()
    weekly = query.get("view") == "week"
    days = week_of(day, jalali=shown.calendar == "jalali") if weekly else [day]
    step = timedelta(days=7 if weekly else 1)
    text = date_text(day, weekday=True)
    if weekly:
        text = _("%(from)s to %(to)s") % {"from": date_text(days[0], year=False), "to": date_text(days[-1])}
    return Period(
        first=days[0], last=days[-1], weekly=weekly, text=text,
        written=jalali_text(day) if shown.calendar == "jalali" else day.isoformat(),
        before_url=_address(path, day - step, weekly=weekly), after_url=_address(path, day + step, weekly=weekly),
        day_url=_address(path, day, weekly=False), week_url=_address(path, day, weekly=True),
        problem=written if written and given is None else "",
    )  # fmt: skip


def _address(path: str, day: date, *, weekly: bool) -> str:
    return f"{path}?day={day.isoformat()}" + ("&view=week" if weekly else "")


def _view(period: Period, found: Sequence[Whole]) -> AdherenceView:
    scheduled = sum(one.found.scheduled for one in found)
    adhered = sum(one.found.adhered for one in found)
    lines = [
        AgentLine(
            name=one.name, url=_address(f"{PATH}/{one.id}", period.first, weekly=period.weekly), found=one.found,
            longest=_longest(one.found),
        )
        for one in found
    ]  # fmt: skip
    lines.sort(key=lambda line: (line.found.share is None, line.found.share or 0.0, line.name))
    return AdherenceView(
        period=period, lines=lines, scheduled=scheduled, share=adhered / scheduled if scheduled else None,
        unknown=max((one.found.unknown for one in found), default=0.0), finding=_finding(found),
        export_url=_address(PATH + "/export", period.first, weekly=period.weekly),
    )  # fmt: skip


def _longest(found: Adherence) -> str:
    most = max(found.exceptions, key=lambda one: one.seconds, default=None)
    if most is None:
        return ""
    return _("%(what)s, %(time)s") % {"what": _(wording.KINDS[most.kind]), "time": clock_text(most.seconds)}


def _finding(found: Sequence[Whole]) -> str:
    """What cost most of the scheduled time."""
    lost: dict[str, float] = {}
    people: dict[str, set[str]] = {}
    for one in found:
        for exception in one.found.exceptions:
            lost[exception.kind] = lost.get(exception.kind, 0.0) + exception.seconds
            people.setdefault(exception.kind, set()).add(one.id)
    if not found:
        return _("Nobody is on the roster.")
    if not lost:
        return _("Everybody kept to the roster.")
    kind = max(lost, key=lambda name: lost[name])
    n = len(people[kind])
    return ngettext(
        "Most time was lost to “%(what)s”: %(minutes)s minutes of %(n)s agent.",
        "Most time was lost to “%(what)s”: %(minutes)s minutes of %(n)s agents.",
        n,
    ) % {"what": _(wording.KINDS[kind]), "minutes": number_text(lost[kind] / 60), "n": number_text(n)}  # type: ignore[index]  # a Kind


def _cells(one: Whole, period: Period) -> list[str]:
    found = one.found
    return [
        one.name, period.first.isoformat(), period.last.isoformat(), f"{found.scheduled:.0f}", f"{found.adhered:.0f}",
        "" if found.share is None else f"{found.share * 100:.1f}", f"{found.to_work:.0f}", f"{found.worked:.0f}",
        "" if found.conformance is None else f"{found.conformance * 100:.1f}", str(len(found.exceptions)),
    ]  # fmt: skip


def _day(day: date, path: str, found: Adherence) -> DayPart:
    """The picture shows from an hour before the first thing to an hour after the last."""
    zone = current().zone
    begin, end = midnight(day, zone), midnight(day + timedelta(days=1), zone)
    shown = [one for one in found.pieces if one.planned is not None or one.doing != "away"]
    first = max(min((one.since for one in shown), default=begin) - timedelta(hours=1), begin)
    last = min(max((one.until for one in shown), default=end) + timedelta(hours=1), end)
    scale = WIDTH / ((last - first).total_seconds() or 1.0)

    def place(moment: datetime) -> float:
        return round((moment - first).total_seconds() * scale, 2)

    planned = [
        Bar(x=place(since), width=round((until - since).total_seconds() * scale, 2), kind=name,
            text=_(wording.ACTIVITIES[name]))
        for name, since, until in _planned(shown)
    ]  # fmt: skip
    did = [
        Bar(x=place(one.since), width=round(one.seconds * scale, 2),
            kind=one.doing if one.adheres else f"{one.doing} off", text=_(wording.DOING[one.doing]))
        for one in shown
    ]  # fmt: skip
    hours = int((last - first).total_seconds() // 3600)
    every = 1 if hours <= 12 else 2
    start = first.astimezone(zone).replace(minute=0, second=0)
    ticks = [start + timedelta(hours=n) for n in range(1, hours + 1, every)]
    return DayPart(
        day=date_text(day, weekday=True), url=_address(path, day, weekly=False), found=found, planned=planned, did=did,
        marks=[(place(tick), time_text(tick)) for tick in ticks if 20 <= place(tick) <= WIDTH - 20],
        exceptions=[(_(wording.KINDS[one.kind]), one.since, one.until, one.seconds) for one in found.exceptions],
        lines=[_piece(one, found) for one in shown],
        label=_("%(share)s %% of the scheduled time in adherence, %(n)s differences") % {
            "share": number_text((found.share or 0.0) * 100), "n": number_text(len(found.exceptions)),
        },
    )  # fmt: skip


def _planned(pieces: Sequence[Piece]) -> list[tuple[Activity, datetime, datetime]]:
    """What was planned from when until when: pieces that differ only in what was done are one."""
    found: list[tuple[Activity, datetime, datetime]] = []
    for one in pieces:
        if one.planned is None:
            continue
        if found and found[-1][0] == one.planned and found[-1][2] == one.since:
            found[-1] = (one.planned, found[-1][1], one.until)
        else:
            found.append((one.planned, one.since, one.until))
    return found


def _piece(one: Piece, found: Adherence) -> PieceLine:
    why = next(
        (_(wording.KINDS[other.kind]) for other in found.exceptions if other.since <= one.since < other.until), ""
    )
    return PieceLine(
        since=one.since, until=one.until, planned=_(wording.ACTIVITIES[one.planned]) if one.planned else "",
        doing=_(wording.DOING[one.doing]), adheres=one.adheres, counted=one.planned not in (None, "absent"),
        why=why if not one.adheres else "",
    )  # fmt: skip
