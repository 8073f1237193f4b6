"""Reading rollups gives what counting the calls one by one gives, for every kind of row."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from cxcall.calls.record import CallRecord, QueueVisit
from cxcall.reports.answer import Key
from cxcall.reports.definition import Narrowing, Row
from cxcall.reports.period import span_of
from cxcall.reports.tally import Tally
from cxcall.reports.waits import bucket
from cxcall.store import calls
from cxcall.store.reporting import due, reading, visits
from cxcall.store.reporting.ask import Ask
from cxcall.store.reporting.reading import CannotSplit
from cxcall.store.reporting.slots import DAY, SIXTEEN, Clock, Run, cover, offsets
from cxcall.store.reporting.summing import statement
from cxcall.store.tables import calls as calls_table
from tests.store.make import REGION
from tests.store.plans import plans_of
from tests.store.rollup_histories import BERLIN, counting, history, whole

Local = tuple[CallRecord, QueueVisit, datetime]

ROWS: dict[Row, Callable[[Local], str]] = {
    "interval": lambda one: _iso(datetime.fromtimestamp(one[2].timestamp() // 900 * 900, UTC)),
    "day": lambda one: one[2].date().isoformat(),
    "week": lambda one: (one[2].date() - timedelta(days=one[2].weekday())).isoformat(),
    "month": lambda one: one[2].date().replace(day=1).isoformat(),
    "weekday": lambda one: str(one[2].weekday()),
    "hour_of_day": lambda one: str(one[2].hour),
    "server": lambda one: one[0].server,
    "queue": lambda one: f"{one[0].server} {one[1].queue}",
}


def _iso(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


async def fill(engine: AsyncEngine) -> None:
    async with engine.begin() as conn:
        for seed in range(3):
            await calls.apply(conn, history(seed, calls=25), region=REGION, counting=counting())


async def joined(conn: AsyncConnection) -> list[Local]:
    """Visits of calls that are over, with the local time they joined at."""
    return [visit async for visit in _joined(conn)]


async def _joined(conn: AsyncConnection) -> AsyncIterator[Local]:
    for call_id in (await conn.scalars(select(calls_table.c.id))).all():
        record = await calls.get(conn, call_id)
        assert record is not None
        for visit in record.queue_visits if record.ended_at else ():
            assert visit.joined_at is not None
            yield record, visit, visit.joined_at.astimezone(BERLIN)


def value_of(keys: tuple[Key, ...]) -> tuple[str, ...]:
    return tuple(f"{key.server} {key.value}" if key.row == "queue" else key.value for key in keys)


async def read(conn: AsyncConnection, by: tuple[Row, ...], narrowing: Narrowing) -> dict[tuple[str, ...], Tally]:
    found = await reading.tallies(
        conn, span=whole(), by=by, narrowing=narrowing, families=frozenset(("visits",)), zone=BERLIN,
        calendar="gregorian",
    )  # fmt: skip
    return {value_of(keys): tally for keys, tally in found.items()}


@pytest.mark.parametrize(
    "by", [(), *((row,) for row in ROWS), ("queue", "day"), ("weekday", "hour_of_day"), ("hour_of_day", "server")]
)
async def test_visits_are_told_as_counted_one_by_one(engine: AsyncEngine, by: tuple[Row, ...]) -> None:
    await fill(engine)
    narrowings: tuple[tuple[Narrowing, Callable[[Local], bool]], ...] = (
        (Narrowing(), lambda one: True),
        (Narrowing(queues=("support", "sales")), lambda one: one[1].queue in ("support", "sales")),
        (
            Narrowing(weekdays=(4, 6), servers=("lab",)),
            lambda one: one[2].weekday() in (4, 6) and one[0].server == "lab",
        ),
        (Narrowing(hours=(0, 1, 2, 3, 22)), lambda one: one[2].hour in (0, 1, 2, 3, 22)),
    )
    async with engine.connect() as conn:
        every = await joined(conn)
        for narrowing, holds in narrowings:
            counted: dict[tuple[str, ...], list[Local]] = {}
            for one in filter(holds, every):
                counted.setdefault(tuple(ROWS[row](one) for row in by), []).append(one)
            told = await read(conn, by, narrowing)
            assert set(told) == set(counted)
            for keys, tally in told.items():
                some = [one[1] for one in counted[keys]]
                answered = [visit.wait or 0 for visit in some if visit.result == "answered"]
                assert tally["answered"] == len(answered)
                assert tally["abandoned"] == sum(visit.result == "abandoned" for visit in some)
                assert tally["wait_answered"] == pytest.approx(sum(answered))
                entered = [visit for visit in some if not (visit.result in ("full", "closed") and not visit.wait)]
                assert tally["offered"] == len(entered)
                assert tally.most["wait_max"] == pytest.approx(max((v.wait or 0 for v in entered), default=0))
                waits: dict[int, int] = {}
                for visit in entered:
                    waits[bucket(visit.wait or 0)] = waits.get(bucket(visit.wait or 0), 0) + 1
                assert tally.waits == waits


async def test_hours_of_a_day_with_25_are_told_apart_or_together_as_asked(engine: AsyncEngine) -> None:
    await fill(engine)
    day = datetime(2026, 10, 25, tzinfo=BERLIN).date()
    async with engine.connect() as conn:
        about: dict[str, Any] = {"narrowing": Narrowing(), "families": frozenset(("visits",)), "zone": BERLIN}
        span = span_of(day, day, BERLIN)
        by_hour = await reading.tallies(conn, span=span, by=("hour",), calendar="gregorian", **about)
        gathered = await reading.tallies(conn, span=span, by=("hour_of_day",), calendar="gregorian", **about)
    assert len(by_hour) >= len(gathered) > 0
    assert sum(tally["offered"] for tally in by_hour.values()) == sum(tally["offered"] for tally in gathered.values())


@pytest.mark.parametrize("family", ["parts", "calls", "transfers"])
async def test_rows_of_a_family_add_up_to_its_whole(engine: AsyncEngine, family: str) -> None:
    await fill(engine)
    kinds: dict[str, tuple[Row, ...]] = {
        "parts": ("agent", "queue", "day", "week", "hour", "hour_of_day", "weekday"),
        "calls": ("did", "direction", "outcome", "server", "interval", "month"),
        "transfers": ("transfer_kind", "queue", "agent", "day", "month"),
    }
    async with engine.connect() as conn:

        def about(row: Row | None) -> Ask:
            return Ask(span=whole(), by=(row,) if row else (), narrowing=Narrowing(), zone=BERLIN, calendar="jalali")

        await due.settle(conn, BERLIN)
        total = (await reading.FAMILIES[family](conn, about(None)))[()]
        assert any(total.sums.values())
        for row in kinds[family]:
            rows = (await reading.FAMILIES[family](conn, about(row))).values()
            for name, amount in total.sums.items():
                assert sum(tally[name] for tally in rows) == pytest.approx(amount), (row, name)


@pytest.mark.parametrize(
    ("family", "by", "narrowing"),
    [
        ("visits", ("agent",), Narrowing()),
        ("calls", (), Narrowing(queues=("support",))),
        ("transfers", ("hour",), Narrowing()),
        ("states", ("queue",), Narrowing()),
        ("transfers", (), Narrowing(hours=(3,))),
    ],
)
async def test_what_a_family_does_not_know_is_refused(
    engine: AsyncEngine, family: str, by: tuple[Row, ...], narrowing: Narrowing
) -> None:
    ask = Ask(span=whole(), by=by, narrowing=narrowing, zone=BERLIN, calendar="gregorian")
    async with engine.connect() as conn:
        with pytest.raises(CannotSplit):
            await reading.FAMILIES[family](conn, ask)


def test_a_year_is_read_from_few_slots() -> None:
    span = span_of(date(2026, 1, 1), date(2026, 12, 31), BERLIN)
    runs = cover(span, SIXTEEN)
    assert sum(run.last - run.first + 1 for run in runs) <= 53
    days = [day for run in runs for day in _days(run)]
    assert days == list(range(span.first.toordinal(), span.last.toordinal() + 1))
    assert cover(span_of(span.first, span.first, BERLIN), SIXTEEN) == [
        Run(DAY, span.first.toordinal(), span.first.toordinal())
    ]


def _days(run: Run) -> range:
    return range(run.first, run.last + 1) if run.grain == DAY else range(run.first * 16, run.last * 16 + 16)


@pytest.mark.parametrize("name", ["Europe/Berlin", "Asia/Tehran", "Australia/Lord_Howe", "Asia/Kathmandu", "UTC"])
def test_the_offset_of_every_quarter_is_known(name: str) -> None:
    zone = ZoneInfo(name)
    span = span_of(date(2026, 3, 20), date(2026, 11, 5), zone)
    changes = list(offsets(span, zone))
    for quarter in range(changes[0][0], int(span.until.timestamp()) // 900, 7):
        ahead = [ahead for since, ahead in changes if since <= quarter][-1]
        offset = datetime.fromtimestamp(quarter * 900, zone).utcoffset()
        assert offset is not None
        assert ahead * 900 == offset.total_seconds()


async def test_a_period_is_a_range_of_the_key_of_a_rollup(engine: AsyncEngine) -> None:
    await fill(engine)
    span = span_of(date(2026, 10, 1), date(2026, 10, 31), BERLIN)
    ask = Ask(span=span, by=("queue",), narrowing=Narrowing(), zone=BERLIN, calendar="gregorian")
    plans: list[str] = []
    async with engine.connect() as conn:
        if conn.dialect.name == "postgresql":
            await conn.exec_driver_sql("SET enable_seqscan = off")
    async with plans_of(engine, plans) as conn:
        if conn.dialect.name == "postgresql":
            await conn.exec_driver_sql("SET LOCAL enable_seqscan = off")
        source = visits.QUEUES
        await conn.execute(statement(ask, source, SIXTEEN, Clock(source.table, SIXTEEN, span, BERLIN, "gregorian")))
    assert plans
    assert "Seq Scan" not in plans[-1]
    assert "SCAN rollup_queues" not in plans[-1]
