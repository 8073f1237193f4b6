"""The ledger: in order, in few transactions, whatever the database does."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, cast

import pytest
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from cxcall.store.ledger import Ledger, NotWritten


class Database:
    """Counts transactions, and those committed; while `away` it can't be reached."""

    def __init__(self) -> None:
        self.away = False
        self.transactions = 0
        self.kept = 0

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[AsyncConnection]:
        if self.away:
            raise OperationalError("BEGIN", {}, Exception("unreachable"))
        self.transactions += 1
        yield cast("AsyncConnection", self)
        self.kept += 1


@pytest.fixture
async def database() -> Database:
    return Database()


@asynccontextmanager
async def writing(ledger: Ledger) -> AsyncIterator[None]:
    task = asyncio.create_task(ledger.run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def writes(done: list[int], n: int) -> Any:
    async def write(conn: AsyncConnection) -> int:
        done.append(n)
        return n

    return write


async def wrong(conn: AsyncConnection) -> None:
    raise IntegrityError("INSERT", {}, Exception("not unique"))


async def test_what_comes_together_is_one_transaction_in_order_and_told_after_it(database: Database) -> None:
    ledger, done, told = Ledger(cast("AsyncEngine", database)), list[int](), list[int]()
    results = [ledger.put(writes(done, n), told.append) for n in range(20)]
    async with writing(ledger):
        assert await asyncio.gather(*results) == list(range(20))
    assert done == told == list(range(20))
    assert database.transactions == 1


async def test_a_database_that_is_away_delays_and_loses_nothing(database: Database) -> None:
    ledger, done = Ledger(cast("AsyncEngine", database)), list[int]()
    database.away = True
    async with writing(ledger):
        results = [ledger.put(writes(done, n)) for n in range(3)]
        while not ledger._away:
            await asyncio.sleep(0.01)
        database.away = False
        async with asyncio.timeout(20):
            await asyncio.gather(*results)
    assert done == [0, 1, 2]
    assert (ledger.waiting, ledger.lost) == (0, 0)


async def test_what_can_never_be_written_does_not_hold_up_the_rest(database: Database) -> None:
    ledger, done = Ledger(cast("AsyncEngine", database)), list[int]()
    first, bad, last = ledger.put(writes(done, 1)), ledger.put(wrong), ledger.put(writes(done, 2))
    async with writing(ledger):
        assert [await first, await last] == [1, 2]
        with pytest.raises(NotWritten):
            await bad
    assert ledger.lost == 1
    assert done[-2:] == [1, 2]


async def test_what_is_given_up_before_its_turn_is_not_written(database: Database) -> None:
    ledger, done = Ledger(cast("AsyncEngine", database)), list[int]()
    ledger.put(writes(done, 1)).cancel()
    kept = ledger.put(writes(done, 2))
    async with writing(ledger):
        assert await kept == 2
    assert done == [2]


async def test_what_is_given_up_while_it_is_written_is_taken_back_and_the_rest_is_written(database: Database) -> None:
    ledger, done, began = Ledger(cast("AsyncEngine", database)), list[int](), asyncio.Event()

    async def slow(conn: AsyncConnection) -> None:
        began.set()
        await asyncio.sleep(0.2)

    given_up, kept = ledger.put(slow), ledger.put(writes(done, 2))
    async with writing(ledger):
        await began.wait()
        given_up.cancel()
        assert await kept == 2
    assert done == [2, 2]  # the first time in a transaction that was rolled back
    assert (database.transactions, database.kept, ledger.waiting, ledger.lost) == (2, 1, 0, 0)


async def test_who_is_told_and_fails_at_it_takes_nothing_from_the_rest(database: Database) -> None:
    ledger, done = Ledger(cast("AsyncEngine", database)), list[int]()

    def fail(_: object) -> None:
        raise RuntimeError("a page that is closed")

    results = [ledger.put(writes(done, n), fail if n == 0 else None) for n in range(5)]
    async with writing(ledger):
        assert await asyncio.gather(*results) == list(range(5))
    assert done == list(range(5))
    assert ledger.lost == 0


async def test_what_waits_at_the_end_is_still_written(database: Database) -> None:
    ledger, done = Ledger(cast("AsyncEngine", database)), list[int]()
    async with writing(ledger):
        await asyncio.sleep(0)
        ledger.put(writes(done, 1))
    assert done == [1]


async def test_more_than_there_is_room_for_is_counted(database: Database) -> None:
    ledger = Ledger(cast("AsyncEngine", database), most=1)
    ledger.put(writes([], 1))
    with pytest.raises(NotWritten):
        await ledger.put(writes([], 2))
    assert ledger.lost == 1
