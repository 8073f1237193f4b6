"""Reads what the page of staffing shows and works it out; the API and the export show the same."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.queues.definition import Targets
from cxcall.reports.period import midnight
from cxcall.staffing.forecast import Rule, forecast, learn
from cxcall.staffing.plan import Plan, Wish, plan_day
from cxcall.staffing.shift import Shift
from cxcall.store import queues, staffing
from cxcall.store.site_holidays import holidays
from cxcall.store.staffing import History
from cxcall.web.pages.staffing import asked as asking
from cxcall.web.pages.staffing.asked import Asked


@dataclass(frozen=True, slots=True, kw_only=True)
class Worked:
    """The answer: a plan for each day. `titles`: of all queues by name. `restricted`: only those who answer in these
    queues are counted as rostered; else everybody is."""

    day: date
    plans: Sequence[Plan]
    rule: Rule
    history: History
    wish: Wish
    targets: Targets
    names: Sequence[str]
    restricted: bool
    rostered: bool
    holidays: frozenset[date]


async def load(
    conn: AsyncConnection, asked: Asked, *, now: datetime, zone: ZoneInfo, calendar: str, country: str
) -> Worked:  # fmt: skip
    """The plan of the day or week asked for: without one of tomorrow."""
    today = now.astimezone(zone).date()
    day = asked.day or today + timedelta(days=1)
    days = asking.week_of(day, jalali=calendar == "jalali") if asked.view == "week" else [day]
    looks = await queues.looks(conn)
    begin = today - staffing.HISTORY - timedelta(days=7)
    off = await holidays(conn, min(begin, days[0] - staffing.HISTORY), max(days[-1], today), country=country)
    last = min(today - timedelta(days=1), days[0] - timedelta(days=1))
    known = await staffing.history(conn, queues_named=asked.queues, last=last, zone=zone, holidays=off)
    targets = _targets([look.targets for (_, name), look in looks.items() if name in asked.queues])
    wish = asking.wish(asked, targets, known.patience)
    only = await staffing.serving(conn, asked.queues) if asked.queues else None
    since, until = midnight(days[0], zone), midnight(days[-1] + timedelta(days=1), zone)
    shifts = await staffing.rostered(conn, since=since, until=until, only=only)
    rule = await asyncio.to_thread(learn, known.past, last)
    plans = [await asyncio.to_thread(_plan, known, rule, one, wish, zone, shifts) for one in days]
    return Worked(
        day=day, plans=plans, rule=rule, history=known, wish=wish, targets=targets,
        names=sorted({name for _, name in looks} | set(asked.queues)), restricted=only is not None,
        rostered=bool(shifts), holidays=off,
    )  # fmt: skip


def _plan(known: History, rule: Rule, day: date, wish: Wish, zone: ZoneInfo, shifts: Sequence[Shift]) -> Plan:
    since, until = midnight(day, zone), midnight(day + timedelta(days=1), zone)
    touching = [one for one in shifts if one.since < until and one.until > since]
    return plan_day(forecast(known.past, day, rule), wish, since=since, until=until, zone=zone, shifts=touching or None)


def _targets(several: Sequence[Targets]) -> Targets:
    """Those the queues agree on, else the usual ones."""
    return several[0] if several and all(one == several[0] for one in several) else Targets()
