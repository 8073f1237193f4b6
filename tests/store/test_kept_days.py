"""Days of surveys and talks that are kept say what their rows say, and are forgotten when one of those changes."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from cxcall.reports.definition import Narrowing, Row
from cxcall.reports.period import span_of
from cxcall.store.category_tables import category_calls
from cxcall.store.reporting import kept
from cxcall.store.reporting.ask import Ask
from cxcall.store.reporting.kept_reading import parts_of
from cxcall.store.reporting.kept_tables import kept_slots
from cxcall.store.reporting.reading import FAMILIES
from cxcall.store.reporting.slots import DAY as DAYS
from cxcall.store.reporting.slots import SIXTEEN
from cxcall.store.speech_tables import transcripts
from cxcall.store.survey_tables import survey_answers, survey_responses
from tests.store.make import MORNING
from tests.store.survey_make import answered, published
from tests.store.test_heard_reports import some_answers, some_talks

TEHRAN = ZoneInfo("Asia/Tehran")
FIRST = MORNING.date()
SPAN = span_of(FIRST - timedelta(days=2), FIRST + timedelta(days=30), TEHRAN)
SOON, LATER = MORNING + timedelta(days=6), MORNING + timedelta(days=34)
BYS: dict[str, tuple[tuple[Row, ...], ...]] = {
    "answers": ((), ("queue",), ("agent",), ("survey",), ("day",), ("weekday",), ("interval",), ("queue", "month")),
    "speech": ((), ("queue",), ("agent",), ("category",), ("day",), ("week",), ("hour_of_day",), ("category", "queue")),
}


def ask(*by: Row, zone: ZoneInfo = TEHRAN, **only: Any) -> Ask:
    span = SPAN
    if "interval" in by:
        span = span_of(FIRST, FIRST + timedelta(days=3), zone)
    return Ask(span=span, by=by, narrowing=Narrowing(**only), zone=zone, calendar="jalali")


async def told(conn: AsyncConnection, family: str) -> dict[Any, dict[str, float]]:
    """Everything a family tells, however it is asked."""
    found: dict[Any, dict[str, float]] = {}
    narrowed: list[tuple[tuple[Row, ...], dict[str, Any]]] = [
        (("queue",), {"queues": ("queue 1",)}), (("agent",), {"weekdays": (0, 2)}), (("queue",), {"hours": (9, 10)}),
    ]  # fmt: skip
    for by, only in [*((by, {}) for by in BYS[family]), *narrowed]:
        for keys, tally in (await FAMILIES[family](conn, ask(*by, **only))).items():
            sums = {name: amount for name, amount in tally.sums.items() if abs(amount) > 1e-9}
            if sums:
                found[by, str(only), tuple(key.value for key in keys)] = sums
    return found


def equal(one: dict[Any, dict[str, float]], other: dict[Any, dict[str, float]]) -> None:
    assert one.keys() == other.keys()
    for key, sums in one.items():
        assert sums == pytest.approx(other[key]), key


async def filled(engine: AsyncEngine) -> None:
    async with engine.begin() as conn:
        await some_answers(conn, (await published(conn)).id)
        await some_talks(conn)


async def keep(engine: AsyncEngine, now: datetime = SOON, zone: ZoneInfo = TEHRAN) -> int:
    return await kept.keep(engine, zone, now=now, settle_s=0, pause_s=0)


@pytest.mark.parametrize("family", ["answers", "speech"])
async def test_kept_days_say_what_their_rows_say(engine: AsyncEngine, family: str) -> None:
    await filled(engine)
    async with engine.connect() as conn:
        rows = await told(conn, family)
        assert rows
        assert not (await parts_of(conn, family, ask("queue"))).kept
    assert await keep(engine, LATER)
    async with engine.connect() as conn:
        parts = await parts_of(conn, family, ask("queue"))
        assert {run.grain for run in parts.kept} == {DAYS, SIXTEEN}
        assert len(parts.rest) == 1, "only the days before the first of them are read from rows"
        assert not (await parts_of(conn, family, ask("interval"))).kept, "quarters are not kept"
        equal(await told(conn, family), rows)
    assert await keep(engine, LATER) == 0, "all of them are kept by now"


async def test_today_is_never_kept(engine: AsyncEngine) -> None:
    await filled(engine)
    now = MORNING + timedelta(days=1)
    await keep(engine, now)
    async with engine.connect() as conn:
        days = (await conn.scalars(select(kept_slots.c.slot).where(kept_slots.c.grain == DAYS))).all()
    assert max(days) == now.astimezone(TEHRAN).toordinal() - 1


CHANGES: dict[str, Any] = {
    "an answer is corrected": update(survey_answers).values(value=1),
    "an answer is deleted": delete(survey_answers).where(survey_answers.c.n == 0),
    "a response is deleted": delete(survey_responses).where(survey_responses.c.queue == "queue 1"),
    "a response is given to another agent": update(survey_responses).values(agent_name="Neda"),
    "a talk is deleted": delete(transcripts).where(transcripts.c.queue == "queue 1"),
    "a mood is corrected": update(transcripts).values(sentiment=0.5),
    "a category is removed": delete(category_calls),
    "a talk began at another time": update(transcripts).values(began_at=MORNING + timedelta(days=9)),
}


@pytest.mark.parametrize("change", list(CHANGES))
async def test_whatever_changes_is_in_the_next_figure(engine: AsyncEngine, change: str) -> None:
    family = "speech" if "talk" in change or "mood" in change or "category" in change else "answers"
    await filled(engine)
    await keep(engine)
    async with engine.connect() as conn:
        before = await told(conn, family)
    async with engine.begin() as conn:
        await conn.execute(CHANGES[change])
    async with engine.connect() as conn:
        after = await told(conn, family)
    assert after != before, "the change is one that shows"
    async with engine.begin() as conn:
        await conn.execute(delete(kept_slots))
        from_rows = await told(conn, family)
    equal(after, from_rows)
    await keep(engine)
    async with engine.connect() as conn:
        equal(await told(conn, family), from_rows)


async def test_answers_that_come_late_are_in_too(engine: AsyncEngine) -> None:
    await filled(engine)
    await keep(engine)
    async with engine.begin() as conn:
        survey = await published(conn, "Another")
        before = (await FAMILIES["answers"](conn, ask()))[()].sums["nps_promoters"]
        await answered(conn, 777, nps=10, at=3 * 86400, survey_id=survey.id)
        assert (await FAMILIES["answers"](conn, ask()))[()].sums["nps_promoters"] == before + 1


async def test_days_of_another_zone_are_not_taken_for_those_of_this_one(engine: AsyncEngine) -> None:
    await filled(engine)
    await keep(engine)
    berlin = ZoneInfo("Europe/Berlin")
    span = span_of(FIRST, FIRST + timedelta(days=1), berlin)
    async with engine.connect() as conn:
        wanted = replace(ask("day", zone=berlin), span=span)
        assert not (await parts_of(conn, "answers", wanted)).kept
        rows = await FAMILIES["answers"](conn, wanted)
    await keep(engine, zone=berlin)
    async with engine.connect() as conn:
        assert (await parts_of(conn, "answers", wanted)).kept
        again = await FAMILIES["answers"](conn, wanted)
    assert {keys: tally.sums for keys, tally in again.items()} == {keys: tally.sums for keys, tally in rows.items()}


async def test_what_is_written_while_a_day_is_counted_is_not_lost(engine: AsyncEngine) -> None:
    """The day is named, then somebody writes, then it is counted: its name is gone, and it is not said to be done."""
    await filled(engine)
    counting = asyncio.create_task(kept.keep(engine, TEHRAN, now=SOON, settle_s=1.0, pause_s=0))
    async with asyncio.timeout(20):
        while True:
            async with engine.connect() as conn:
                if (await conn.scalars(select(kept_slots.c.slot).where(kept_slots.c.family == "answers"))).first():
                    break
            await asyncio.sleep(0.02)
    async with engine.begin() as conn:
        await conn.execute(update(survey_answers).values(value=1))
    async with asyncio.timeout(60):
        await counting
    async with engine.connect() as conn:
        found = await told(conn, "answers")
    async with engine.begin() as conn:
        await conn.execute(delete(kept_slots))
        equal(found, await told(conn, "answers"))


async def test_two_who_keep_at_once_do_not_count_a_day_twice(engine: AsyncEngine) -> None:
    await filled(engine)
    async with engine.connect() as conn:
        rows = await told(conn, "answers")
    async with asyncio.timeout(60):
        await asyncio.gather(keep(engine), keep(engine))
    async with engine.connect() as conn:
        equal(await told(conn, "answers"), rows)
