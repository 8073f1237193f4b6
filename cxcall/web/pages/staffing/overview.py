"""/reports/staffing: how many agents a day or week needs, beside the roster, and what if things go otherwise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from aiohttp import web

from cxcall.staffing.forecast import Miss
from cxcall.staffing.plan import Plan
from cxcall.web.access import OVERSEERS, needs
from cxcall.web.dates import date_text, jalali_text, time_text
from cxcall.web.digits import number_text
from cxcall.web.keys import ENGINE
from cxcall.web.pages.staffing import asked as asking
from cxcall.web.pages.staffing import files, wording
from cxcall.web.pages.staffing.asked import Asked
from cxcall.web.pages.staffing.loading import Worked, load
from cxcall.web.presentation import current
from cxcall.web.queue_titles import titled
from cxcall.web.render import page
from cxcall.web.words import N_
from cxcall.web.words import gettext as _

PATH = "/reports/staffing"
HEADER = (
    N_("Date"), N_("Jalali date"), N_("Time"), N_("Calls expected"), N_("from"), N_("to"),
    N_("Handle time in seconds"), N_("Agents by Erlang C"), N_("Agents by Erlang A"), N_("To roster"), N_("Rostered"),
    N_("Difference"), N_("Service level in %"), N_("Abandoned in %"),
)  # fmt: skip

routes = web.RouteTableDef()


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A quarter of the day, or a day of the week, as it is shown. `url`: opens the day."""

    name: str
    calls: float
    low: float
    high: float
    handle: float
    erlang_c: int | None
    erlang_a: int | None
    to_roster: float
    rostered: float | None
    difference: float | None
    service: float | None
    abandoned: float | None
    url: str = ""
    holiday: bool = False
    known: bool = True

    @property
    def way(self) -> str:
        if self.difference is None or abs(self.difference) < 1:
            return ""
        return "short" if self.difference < 0 else "over"


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffingView:
    """The page. `fields`: what the form holds, with what is usual where nothing was given."""

    asked: Asked
    day: date
    weekly: bool
    rows: Sequence[Row]
    total: Row
    finding: str
    miss: Miss | None
    noted: Sequence[str]
    problems: Sequence[tuple[str, str]]
    fields: Mapping[str, str]
    usual: Mapping[str, str]
    queues: Sequence[tuple[str, str, bool]]
    goal: float
    within: float
    before_url: str
    after_url: str
    day_url: str
    week_url: str
    export_url: str
    known: bool
    weeks: int
    rostered: bool

    @property
    def written_day(self) -> str:
        return jalali_text(self.day) if current().calendar == "jalali" else self.day.isoformat()


@routes.get(PATH)
@needs(*OVERSEERS)
async def staffing_page(request: web.Request) -> web.Response:
    asked, worked = await _work(request)
    return page(request, "staffing/overview.html", _view(asked, worked))


@routes.get(PATH + "/export")
@needs(*OVERSEERS)
async def export(request: web.Request) -> web.Response:
    """Every quarter of the day or week as CSV."""
    _asked, worked = await _work(request)
    rows = [_cells(plan, place) for plan in worked.plans for place in range(len(plan.intervals))]
    return files.csv_response(f"staffing-{worked.day.isoformat()}.csv", [_(word) for word in HEADER], rows)


async def _work(request: web.Request) -> tuple[Asked, Worked]:
    asked, shown = asking.read(request.query), current()
    async with request.app[ENGINE].connect() as conn:
        return asked, await load(
            conn, asked, now=shown.now, zone=shown.zone, calendar=shown.calendar, country=shown.country
        )


def _view(asked: Asked, worked: Worked) -> StaffingView:
    weekly = asked.view == "week"
    rows = [_day_row(plan, asked) for plan in worked.plans] if weekly else _interval_rows(worked.plans[0])
    step = timedelta(days=7 if weekly else 1)
    first = worked.plans[0].forecast
    return StaffingView(
        asked=asked, day=worked.day, weekly=weekly, rows=rows, total=_total(worked.plans),
        finding=wording.days_finding(worked.plans) if weekly else wording.finding(worked.plans[0]),
        miss=worked.rule.miss, noted=_noted(asked, worked),
        problems=[(_(wording.FIELDS[name]), text) for name, text in asked.problems],
        fields={name: _written(value) for name, value in asked.numbers.items()},
        usual=_usual(worked),
        queues=[(name, titled(name), name in asked.queues) for name in worked.names],
        goal=worked.wish.goal.answered, within=worked.wish.goal.within,
        before_url=asked.address(PATH, day=(worked.day - step).isoformat()),
        after_url=asked.address(PATH, day=(worked.day + step).isoformat()),
        day_url=asked.address(PATH, day=worked.day.isoformat(), view=""),
        week_url=asked.address(PATH, day=worked.day.isoformat(), view="week"),
        export_url=asked.address(PATH + "/export", day=worked.day.isoformat()),
        known=any(plan.forecast.known for plan in worked.plans), weeks=first.weeks, rostered=worked.rostered,
    )  # fmt: skip


def _interval_rows(plan: Plan) -> list[Row]:
    return [
        Row(
            name=time_text(one.at), calls=one.expected.calls, low=one.expected.low,
            high=one.expected.high, handle=one.expected.handle, erlang_c=one.erlang_c, erlang_a=one.erlang_a,
            to_roster=one.to_roster, rostered=one.rostered, difference=one.difference,
            service=one.with_them.service if one.with_them else None,
            abandoned=one.with_them.abandoned if one.with_them else None,
        )
        for one in plan.intervals
    ]  # fmt: skip


def _day_row(plan: Plan, asked: Asked) -> Row:
    day = plan.forecast.day
    there = plan.rostered_hours
    return Row(
        name=date_text(day, year=False, weekday=True), calls=plan.calls, low=plan.low, high=plan.high,
        handle=plan.handle, erlang_c=None, erlang_a=plan.peak.to_roster if plan.peak else 0, to_roster=plan.hours,
        rostered=there, difference=None if there is None else there - plan.hours, service=plan.service,
        abandoned=plan.abandoned, url=asked.address(PATH, day=day.isoformat(), view=""),
        holiday=plan.forecast.holiday, known=plan.forecast.known,
    )  # fmt: skip


def _total(plans: Sequence[Plan]) -> Row:
    """Of all days together; service level weighed by calls."""
    calls = sum(plan.calls for plan in plans)
    there = [plan.rostered_hours for plan in plans if plan.rostered_hours is not None]
    hours = sum(plan.hours for plan in plans)
    reached = [(plan.calls, plan.service, plan.abandoned or 0.0) for plan in plans if plan.service is not None]
    weight = sum(n for n, _, _ in reached)
    spread = [sum((plan.calls - plan.low) ** 2 for plan in plans) ** 0.5,
              sum((plan.high - plan.calls) ** 2 for plan in plans) ** 0.5]  # fmt: skip
    peaks = [plan.peak.to_roster for plan in plans if plan.peak is not None]
    return Row(
        name="", calls=calls, low=max(calls - spread[0], 0.0), high=calls + spread[1],
        handle=sum(plan.calls * plan.handle for plan in plans) / calls if calls else 0.0,
        erlang_c=None, erlang_a=max(peaks, default=0), to_roster=hours, rostered=sum(there) if there else None,
        difference=sum(there) - hours if there else None,
        service=sum(n * service for n, service, _ in reached) / weight if weight else None,
        abandoned=sum(n * gone for n, _, gone in reached) / weight if weight else None,
    )  # fmt: skip


def _noted(asked: Asked, worked: Worked) -> list[str]:
    """What has to be known to read the figures."""
    notes = []
    if any(plan.forecast.holiday and plan.forecast.known for plan in worked.plans):
        notes.append(_("A holiday: the forecast is made of past holidays."))
    if any(plan.forecast.holiday and not plan.forecast.known for plan in worked.plans):
        notes.append(_("A holiday, and too few past holidays are known to forecast it."))
    if worked.rostered and not worked.restricted:
        notes.append(_("Everybody on the roster is counted, for the queues asked for do not say who answers in them."))
    if "patience" not in asked.numbers:
        notes.append(
            _("Callers were patient for %(n)s s on average in the past weeks.")
            % {"n": number_text(worked.wish.patience)}
            if worked.history.patience
            else _("Too few callers gave up to know how patient they are: 120 s are taken.")
        )
    trend = worked.rule.trend
    if abs(trend) >= 0.001:
        notes.append(_("The forecast follows a trend of %(n)s %% a week.") % {"n": number_text(trend * 100, 1)})
    return notes


def _usual(worked: Worked) -> dict[str, str]:
    wish = worked.wish
    given = {
        "within": wish.goal.within, "share": wish.goal.answered * 100, "occupancy": wish.goal.occupancy * 100,
        "abandoned": wish.goal.abandoned * 100, "shrinkage": wish.shrinkage * 100, "patience": wish.patience,
        "volume": 0, "handle": 0,
    }  # fmt: skip
    return {name: _written(value) for name, value in given.items()}


def _written(value: float) -> str:
    return number_text(round(value, 1), 0 if round(value, 1) == int(value) else 1)


def _cells(plan: Plan, place: int) -> list[str]:
    """A line of the export: Latin digits, points, no units."""
    one = plan.intervals[place]
    local = current().local(one.at)
    with_them = one.with_them
    return [
        local.date().isoformat(), jalali_text(local.date()), f"{local:%H:%M}",
        *(f"{value:.2f}" for value in (one.expected.calls, one.expected.low, one.expected.high)),
        f"{one.expected.handle:.1f}", str(one.erlang_c), str(one.erlang_a), str(one.to_roster),
        "" if one.rostered is None else f"{one.rostered:.2f}",
        "" if one.difference is None else f"{one.difference:.2f}",
        "" if with_them is None else f"{with_them.service * 100:.1f}",
        "" if with_them is None else f"{with_them.abandoned * 100:.1f}",
    ]  # fmt: skip
