"""Facts of callers as they are read for who decides: together, once a call."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from cxcall.customers.profile import Profile
from cxcall.store import customers, routing_facts
from cxcall.store.engine import open_engine
from cxcall.store.facts_cache import TOGETHER, FactsCache
from cxcall.store.routing_facts import NOTHING

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=ZoneInfo("Asia/Tehran"))
LATER = timedelta(seconds=15)
MARYAM, OMID = "+989123456789", "+989350000001"


@asynccontextmanager
async def reading(engine: AsyncEngine, *, most: int = 100) -> AsyncIterator[FactsCache]:
    cache = FactsCache(engine, seconds=15, most=most)
    task = asyncio.create_task(cache.run())
    try:
        yield cache
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The numbers of each read that somebody asked for: the first, of nobody, is made beforehand."""
    real, made = routing_facts.read, list[list[str]]()

    async def counted(conn: AsyncConnection, numbers: Sequence[str]) -> dict[str, str]:
        made.extend([list(numbers)] if numbers != [""] else [])
        return await real(conn, numbers)

    monkeypatch.setattr(routing_facts, "read", counted)
    return made


async def people(engine: AsyncEngine) -> None:
    async with engine.begin() as conn:
        await customers.create(conn, Profile(name="Maryam", numbers=(MARYAM,), tier="gold"))
        await customers.create(conn, Profile(name="Omid", numbers=(OMID,)))


async def name_of(cache: FactsCache, number: str, call: str = "1", at: datetime = NOW) -> str:
    known = await cache.of_number(number, now=at, call=call)
    return known.customer.name if known.customer is not None else ""


async def test_all_who_ask_meanwhile_are_read_together_and_each_is_told_their_own(
    engine: AsyncEngine, reads: list[list[str]]
) -> None:
    await people(engine)
    async with reading(engine) as cache:
        asked = [MARYAM, OMID, "+982100000000", MARYAM]
        names = await asyncio.gather(*(name_of(cache, number, str(n)) for n, number in enumerate(asked)))
        assert names == ["Maryam", "Omid", "", "Maryam"]
        assert reads == [[MARYAM, OMID, "+982100000000"]]
        assert await cache.of_number("", now=NOW) is NOTHING
        many = [f"+98911{n:07d}" for n in range(TOGETHER + 1)]
        await asyncio.gather(*(name_of(cache, number) for number in many))
        assert reads[1:] == [many[1:], many[:1]]  # the newest first


async def test_a_call_that_asks_again_is_told_the_same_and_another_call_of_the_same_number_reads_anew(
    engine: AsyncEngine, reads: list[list[str]]
) -> None:
    await people(engine)
    async with reading(engine, most=3) as cache:
        first = await cache.of_number(MARYAM, now=NOW, call="1")
        assert await cache.of_number(MARYAM, now=NOW + LATER / 2, call="1") is first
        assert len(reads) == 1
        await name_of(cache, MARYAM, "2")
        assert len(reads) == 2
        await name_of(cache, MARYAM, "1", NOW + LATER)
        assert len(reads) == 3
        for n in range(3, 6):
            await name_of(cache, MARYAM, str(n), NOW + LATER)
        await name_of(cache, MARYAM, "1", NOW + LATER)
        assert len(reads) == 7


async def test_what_another_process_has_written_is_known_to_the_next_call(engine: AsyncEngine) -> None:
    other = open_engine(engine.url.render_as_string(hide_password=False))
    async with reading(engine) as cache, reading(other) as elsewhere:
        assert [await name_of(each, MARYAM) for each in (cache, elsewhere)] == ["", ""]
        await people(other)
        assert [await name_of(each, MARYAM, "2") for each in (cache, elsewhere)] == ["Maryam", "Maryam"]
    await other.dispose()


async def test_a_caller_of_whom_something_wrong_is_kept_does_not_harm_the_others(
    engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = routing_facts.read

    async def spoiled(conn: AsyncConnection, numbers: Sequence[str]) -> dict[str, str]:
        return await real(conn, numbers) | {OMID: '[["call", null]]'}

    await people(engine)
    monkeypatch.setattr(routing_facts, "read", spoiled)
    async with reading(engine) as cache:
        maryam, omid = await asyncio.gather(name_of(cache, MARYAM), name_of(cache, OMID), return_exceptions=True)
        assert (maryam, isinstance(omid, ValueError)) == ("Maryam", True)
        assert await name_of(cache, MARYAM, "2") == "Maryam"
