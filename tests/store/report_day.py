"""A day of calls counted by hand, for tests of reports: Saturday 21 November 2026 and the Saturday before, UTC."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncEngine

from cxcall.calls.record import CallRecord, Gap, QueueVisit
from cxcall.reports.facts import Counting
from cxcall.reports.period import Span, span_of
from cxcall.store import calls
from cxcall.store.reporting.run import SiteClock
from tests.store.make import queue_call, write

ZONE = ZoneInfo("UTC")
SITE = SiteClock(zone=ZONE, calendar="gregorian", country="IR")
DAY = date(2026, 11, 21)
NOW = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)
DAY_SPAN = span_of(DAY, DAY, ZONE)


def days(first: date, last: date) -> Span:
    return span_of(first, last, ZONE)


def visitor(
    n: int, *, at: datetime, queue: str = "support", result: str = "answered", wait: float = 10.0, talk: float = 60.0,
    **other: Any,
) -> CallRecord:  # fmt: skip
    """A caller in a queue that ended in some way; Sara answers."""
    record = queue_call(n, number=f"0912345{n:04}")
    assert record.started_at is not None
    moved = at - record.started_at
    answered = result == "answered"
    joined, left = at, at + timedelta(seconds=wait)
    agent = {"agent": "Sara", "interface": "PJSIP/1001"} if answered else {}
    visit = QueueVisit(
        queue=queue, joined_at=joined, left_at=left, position=1, result=result, wait=wait,  # type: ignore[arg-type]  # a word of Result
        talk=talk if answered else 0.0, **agent,  # type: ignore[arg-type]  # by name
    )  # fmt: skip
    ended = left + timedelta(seconds=talk if answered else 0)
    legs = tuple(
        replace(
            leg,
            rang_at=_moved(leg.rang_at, moved),
            answered_at=_moved(leg.answered_at, moved),
            ended_at=_moved(leg.ended_at, moved),
        )
        for leg in record.legs
    )
    talks = tuple(replace(one, from_=left, to=ended) for one in record.talks) if answered else ()
    return replace(
        record, started_at=at, answered_at=left if answered else None, ended_at=ended, legs=legs, talks=talks,
        outcome="answered" if answered else "abandoned", queue_visits=(visit,), holds=(), transfers=(), **other,
    )  # fmt: skip


def _moved(moment: datetime | None, by: timedelta) -> datetime | None:
    return None if moment is None else moment + by


def the_day() -> list[CallRecord]:
    """On the 21st, support: answered after 10, 20 and 30 s (targets of 20 s: two in time), abandoned after 40 s and
    after 3 s (short). Sales: answered after 5 s. On the 14th, support: one answered after 15 s, one abandoned after
    50 s; a part of the first was not heard."""
    at = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)
    week = timedelta(days=7)
    return [
        visitor(1, at=at, wait=10, talk=60),
        visitor(2, at=at + timedelta(minutes=20), wait=20, talk=30),
        visitor(3, at=at + timedelta(hours=1), wait=30, talk=90),
        visitor(4, at=at + timedelta(hours=1, minutes=5), wait=40, result="abandoned"),
        visitor(5, at=at + timedelta(hours=1, minutes=6), wait=3, result="abandoned"),
        visitor(6, at=at + timedelta(hours=2), wait=5, talk=10, queue="sales"),
        visitor(7, at=at - week, wait=15, talk=60, gaps=(Gap(to=at - week),)),
        visitor(8, at=at - week + timedelta(hours=1), wait=50, result="abandoned"),
    ]


async def fill(engine: AsyncEngine, records: list[CallRecord] | None = None, *, zone: tzinfo = ZONE) -> None:
    """Write the day's calls as the listener does."""
    async with engine.begin() as conn:
        writes = [write(record) for record in records or the_day()]
        await calls.apply(conn, writes, region="IR", counting=Counting(zone=zone))
