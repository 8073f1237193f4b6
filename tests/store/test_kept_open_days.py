"""Days of contacts that are open are kept as they stood; what came since is in the figure at once."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Executable, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from cxcall.store import calls as call_store
from cxcall.store import speech_seed
from cxcall.store.category_tables import category_calls
from cxcall.store.engine import open_engine
from cxcall.store.reporting import kept_reading, resolution
from cxcall.store.reporting.kept_open import LAG, RENEWED
from cxcall.store.reporting.kept_reading import OPEN, Parts, parts_of
from cxcall.store.reporting.kept_tables import kept_slots, rollup_resolution
from cxcall.store.reporting.reading import FAMILIES
from cxcall.store.speech_seed import PastTalk
from cxcall.store.speech_tables import transcripts
from cxcall.store.tables import calls
from cxcall.store.turns import NewTurn
from tests.store.make import MORNING, queue_call, write
from tests.store.plans import plans_of, reads_all_of
from tests.store.speech_make import hit, talk, turn
from tests.store.test_kept_days import TEHRAN, ask, equal, filled, keep, told

DAY = 86_400.0
NOW = MORNING + timedelta(days=20)
FAMILY = "resolution"


async def opened(conn: AsyncConnection) -> Parts:
    return await parts_of(conn, FAMILY, ask("queue"))


async def call_again(conn: AsyncConnection, n: int, *, days: float, number: str, about: str = "") -> str:
    """A call of one of the customers there are, so many days after the first morning."""
    record = queue_call(n, at=days * DAY, number=number)
    await call_store.apply(conn, [write(record)], region="IR")
    if about:
        new = talk(n, state="done", subject=record.id, call_id=record.id)
        said = [NewTurn(turn=turn(1, "hello"))]
        await speech_seed.write(conn, [PastTalk(new=new, turns=said, hits=[hit(about, 1, "hello")])])
    return str(record.id)


async def equal_to_rows(engine: AsyncEngine) -> dict[Any, dict[str, float]]:
    """What is told, after it was seen to be what rows say."""
    async with engine.connect() as conn:
        found = await told(conn, FAMILY)
    async with engine.connect() as conn, conn.begin() as transaction:
        await conn.execute(delete(kept_slots))
        equal(found, await told(conn, FAMILY))
        await transaction.rollback()
    return found


async def before_now(engine: AsyncEngine, now: datetime = NOW) -> None:
    """The history up to a moment, kept as of then."""
    await filled(engine)
    async with engine.begin() as conn:
        late = select(calls.c.id).where(calls.c.started_at >= now)
        heard = select(transcripts.c.id).where(transcripts.c.subject.in_(late))
        await conn.execute(delete(category_calls).where(category_calls.c.transcript_id.in_(heard)))
        await conn.execute(delete(transcripts).where(transcripts.c.subject.in_(late)))
        await conn.execute(update(calls).where(calls.c.started_at >= now).values(customer_id=None))
        await call_again(conn, 800, days=16, number="09128888888", about="refund")
        await call_again(conn, 801, days=18, number="09128888888", about="delivery")
    await keep(engine, now, only=FAMILY)


async def test_open_days_say_what_their_rows_say(engine: AsyncEngine) -> None:
    await before_now(engine)
    async with engine.connect() as conn:
        parts = await opened(conn)
        assert [one.day for one in parts.open][-1] == (NOW - LAG).astimezone(TEHRAN).toordinal()
        assert len(parts.open) == 8
        assert min(since for since, _ in parts.rest if since > MORNING) == NOW - LAG
        assert not (await parts_of(conn, FAMILY, ask("interval"))).open
    assert await equal_to_rows(engine)


async def test_who_comes_back_after_open_days_were_counted_is_in_the_next_figure(engine: AsyncEngine) -> None:
    await before_now(engine)
    chance, before = random.Random(3), await equal_to_rows(engine)
    async with engine.connect() as conn:
        names = (await opened(conn)).open
    for n in range(900, 908):
        async with engine.begin() as conn:
            about = chance.choice(("", "refund", "delivery"))
            number = f"0912000000{chance.choice('0123456789')}"
            await call_again(conn, n, days=20 + (n - 900) / 100, number=number, about=about)
        after = await equal_to_rows(engine)
        assert after != before, "each call is one more"
        before = after
    async with engine.connect() as conn:
        assert (await opened(conn)).open == names, "they are forgotten by none of these calls"


async def test_who_came_back_already_does_not_come_back_twice(engine: AsyncEngine) -> None:
    async with engine.begin() as conn:
        for n, days in enumerate((17.0, 18.0)):
            await call_again(conn, 600 + n, days=days, number="09127777777")
    await keep(engine, NOW, only=FAMILY)
    async with engine.begin() as conn:
        for n, days in enumerate((19.99, 20.1)):
            await call_again(conn, 610 + n, days=days, number="09127777777")
    found = (await equal_to_rows(engine))[(), "{}", ()]
    assert (found["fcr_n"], found["fcr_resolved"]) == (4, 1)


CHANGES: dict[str, Any] = {
    "a topic is removed": delete(category_calls),
    "a call began earlier": update(calls).where(calls.c.agent == "Sara").values(started_at=NOW - timedelta(days=2)),
    "another outcome": update(calls).where(calls.c.queue == "queue 1").values(outcome="answered"),
    "deleted": delete(calls).where(calls.c.queue == "queue 2"),
}


@pytest.mark.parametrize("change", list(CHANGES))
async def test_whatever_changes_of_open_days_is_in_the_next_figure(engine: AsyncEngine, change: str) -> None:
    await before_now(engine)
    before, what = await equal_to_rows(engine), CHANGES[change]
    assert isinstance(what, Executable)
    async with engine.begin() as conn:
        await conn.execute(what)
    assert await equal_to_rows(engine) != before, "the change is one that shows"
    await keep(engine, NOW, only=FAMILY)
    async with engine.connect() as conn:
        assert len((await opened(conn)).open) == 8
    await equal_to_rows(engine)


async def test_a_call_that_comes_late_forgets_the_open_days_it_tells_of(engine: AsyncEngine) -> None:
    await before_now(engine)
    async with engine.begin() as conn:
        await call_again(conn, 900, days=17.5, number="09120000001")
    async with engine.connect() as conn:
        left = [one.day for one in (await opened(conn)).open]
    came = (MORNING + timedelta(days=17.5)).astimezone(TEHRAN).toordinal()
    assert left == list(range(came + 1, (NOW - LAG).astimezone(TEHRAN).toordinal() + 1))
    await equal_to_rows(engine)


async def test_open_days_are_counted_anew_when_they_are_old_and_read_as_they_stood_meanwhile(
    engine: AsyncEngine,
) -> None:
    await before_now(engine)

    async def stood() -> list[datetime]:
        async with engine.connect() as conn:
            return sorted({one.as_of for one in (await opened(conn)).open})

    assert await stood() == [NOW - LAG]
    await keep(engine, NOW + RENEWED / 2, only=FAMILY)
    assert await stood() == [NOW - LAG], "they are not old yet"
    async with engine.begin() as conn:
        await call_again(conn, 900, days=20.0, number="09120000001")
        await call_again(conn, 901, days=20.05, number="09120000001")
    later = NOW + RENEWED * 3
    await keep(engine, later, only=FAMILY)
    assert await stood() == [later - LAG]
    await equal_to_rows(engine)
    async with engine.begin() as conn:
        await conn.execute(
            update(kept_slots).where(kept_slots.c.until == later - LAG - timedelta(days=7)).values(done=0)
        )
    assert await stood() == [NOW - LAG], "what was counted before is still there"
    await equal_to_rows(engine)


async def test_a_day_that_is_settled_is_not_kept_as_an_open_one(engine: AsyncEngine) -> None:
    await before_now(engine)
    later = NOW + timedelta(days=9)
    await keep(engine, later, only=FAMILY)
    async with engine.connect() as conn:
        parts = await opened(conn)
        first = (later - timedelta(days=7)).astimezone(TEHRAN).toordinal()
        assert [one.day for one in parts.open] == list(range(first, first + 8))
        for table in (kept_slots, rollup_resolution):
            its = table.c
            assert not await conn.scalar(select(func.count()).where(its.grain.in_(OPEN), its.slot < first))
    await equal_to_rows(engine)


async def test_days_counted_anew_while_they_are_read_are_read_from_rows(
    engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the names of days and their rows somebody may count them as of another moment."""
    await before_now(engine)
    wanted = await equal_to_rows(engine)
    async with engine.begin() as conn:
        await conn.execute(update(rollup_resolution).where(rollup_resolution.c.grain.in_(OPEN)).values(fcr_n=77))
    real, asked = kept_reading.parts_of, list[bool]()

    async def renamed(conn: AsyncConnection, family: str, its: Any, *, opened: bool = True) -> Parts:
        found = await real(conn, family, its, opened=opened)
        asked.append(opened)
        return found if len(asked) > 1 or not opened else Parts(found.kept, found.rest, found.open[1:])

    monkeypatch.setattr(resolution, "parts_of", renamed)
    async with engine.connect() as conn:
        found = await FAMILIES[FAMILY](conn, ask())
    assert asked == [True, True, False]
    assert found[()].sums["fcr_n"] == wanted[(), "{}", ()]["fcr_n"]


async def test_who_came_back_since_is_found_by_indexes(big: str) -> None:
    """A report asks this each time: it must not look at all contacts of a week for those of an hour."""
    engine, plans = open_engine(big), list[str]()
    async with engine.connect() as conn:
        newest = await conn.scalar(select(func.max(calls.c.started_at)))
    assert newest is not None
    as_of = newest - timedelta(hours=2)
    day = kept_reading.OpenDay(
        grain=OPEN[0], day=0, since=as_of - timedelta(days=7), until=as_of, as_of=as_of, name="x"
    )
    async with plans_of(engine, plans) as conn:
        for query in resolution._since(conn, [day], newest):
            await conn.execute(query)
    await engine.dispose()
    assert len(plans) == 2
    assert not [plan for plan in plans if reads_all_of("calls", plan)], plans
    lines = [line.strip().removeprefix("->").strip() for line in plans[0].splitlines()]
    counted = [line for line in lines if line.startswith("SEARCH calls USING") or line.endswith(" on calls")]
    assert counted, plans[0]
    assert all("ix_calls_customer" in line for line in counted), plans[0]
