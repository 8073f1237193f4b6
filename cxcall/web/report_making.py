"""A report asked for in words: the site's clock and calendar, ready-made definitions, problems by word."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.problem import Problem
from cxcall.reports.answer import Answer
from cxcall.reports.definition import Definition
from cxcall.reports.period import CalendarName
from cxcall.settings import Site
from cxcall.store.reporting.run import SiteClock, run
from cxcall.web.presentation import current
from cxcall.web.report_reading import Question, read, today_of

_WORDS = {"span": "from", "narrowing": "hour", "other_queue": "compare"}
"""The words in addresses for fields that are called otherwise."""


def calendar_of(site: Site) -> CalendarName:
    """The calendar of who has said nothing else."""
    return "jalali" if site.language == "fa" else "gregorian"


def clock_of(site: Site, calendar: CalendarName) -> SiteClock:
    """Whose days count, and the reader's language."""
    language = current().language
    return SiteClock(zone=ZoneInfo(site.timezone), calendar=calendar, country=site.country, language=language)


def question(
    base: Definition, said: Mapping[str, str], *, site: Site, now: datetime, calendar: CalendarName | None = None
) -> Question:
    """What is asked for, by the site's day and, unless they say another, in its calendar. Raises `BadReport`."""
    zone = ZoneInfo(site.timezone)
    return read(base, said, today=today_of(now, zone), zone=zone, calendar=calendar or calendar_of(site))


async def answer(conn: AsyncConnection, asked: Question, *, site: Site, now: datetime) -> Answer:
    """The report. Raises `BadReport`."""
    return await run(conn, asked.definition, asked.span, site=clock_of(site, asked.calendar), now=now)


def word_of(problem: Problem) -> str:
    """Which word of an address or of the command line a problem is about."""
    field = problem.field.partition(".")[0]
    return _WORDS.get(field, field)
