"""Reports the demo's supervisor and administrator put together, and one that is laid into a folder every week."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.demo.floor import Words
from cxcall.demo.staff import BILLING, SUPPORT, TIMEZONE
from cxcall.reports.definition import Definition, Narrowing
from cxcall.reports.timetable import Timetable
from cxcall.store import own_reports, report_schedules
from cxcall.store.report_schedules import OWN, Plan
from cxcall.store.sharing import Shared

_ZONE = ZoneInfo(TIMEZONE)
_SUNDAY = 6
_MADE = timedelta(days=33)

_MORNINGS: Words = {"en": "Mornings of support and billing", "fa": "صبح‌های پشتیبانی و صورت‌حساب"}
_AGENTS: Words = {"en": "Agents: time and results by week", "fa": "کارشناسان: زمان و نتیجه در هر هفته"}
_WEEKLY: Words = {"en": "Agents, every Sunday morning", "fa": "کارشناسان، صبح هر یکشنبه"}
_FOLDER: Words = {"en": "weekly", "fa": "هفتگی"}

_REPORTS: tuple[tuple[str, Words, Shared, str, Definition], ...] = (
    (
        "laleh", _MORNINGS, "overseers", "month",
        Definition(
            by=("weekday",), measures=("offered", "answered", "abandon_rate", "sl_offered", "asa", "wait_p90"),
            narrowing=Narrowing(queues=(SUPPORT.name, BILLING.name), hours=(8, 9, 10, 11)), compare="before",
        ),
    ),
    (
        "admin", _AGENTS, "supervisors", "last_month",
        Definition(
            by=("agent", "week"), measures=("handled", "aht", "acw", "login", "occupancy", "utilisation"),
        ),
    ),
)  # fmt: skip
"""Who made it, name, whom it is shared with, period, what it shows."""


async def write(conn: AsyncConnection, people: Mapping[str, str], *, until: datetime, language: str) -> None:
    """Two reports, and the second of them sent into a folder. `people`: user ids by login."""
    made = until - _MADE
    for n, (login, name, shared, period, definition) in enumerate(_REPORTS):
        kept = await own_reports.create(
            conn, name=name[language], owner_id=people[login], definition=definition, period=period, shared=shared,
            by=login, now=made + timedelta(days=4 * n),
        )  # fmt: skip
    plan = Plan(
        report=OWN + kept.id, period="last_week", formats=("xlsx",), folder=_FOLDER[language],
        timetable=Timetable(every="week", at="07:30", weekdays=(_SUNDAY,)),
        language="fa" if language == "fa" else "en", calendar="jalali" if language == "fa" else "gregorian",
    )  # fmt: skip
    # As of now: what would have been sent before was sent by nobody.
    await report_schedules.create(
        conn, name=_WEEKLY[language], owner_id=people["laleh"], plan=plan, zone=_ZONE, by="laleh", now=until
    )
