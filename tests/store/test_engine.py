"""The database itself: its schema, its addresses, several writers at once."""

from __future__ import annotations

import asyncio
import gc
import re
import shutil
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, select, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from cxcall.store import calls, migrate, positions
from cxcall.store.engine import DatabaseAddressError, at_head, open_engine, refresh_statistics, upgrade
from cxcall.store.schema import metadata
from cxcall.store.tables import customer_numbers, customers
from tests.store.make import REGION, queue_call, write

LONG = "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 1500000)"


def is_ours(object_: object, name: str | None, *_: object) -> bool:
    """Alembic knows neither FTS5's own tables nor the GIN index; `definitions` compares them."""
    return not (name or "").startswith(("speech_found", "ix_speech_texts_words"))


def differences(connection: Connection) -> list[object]:
    context = MigrationContext.configure(connection, opts={"compare_type": True, "include_object": is_ours})
    return list(compare_metadata(context, metadata))


async def definitions(conn: AsyncConnection) -> set[str]:
    """Tables and indexes as the database itself tells them."""
    query = (
        "SELECT name || ' ' || sql FROM sqlite_master WHERE sql IS NOT NULL AND name != 'alembic_version'"
        if conn.dialect.name == "sqlite"
        else "SELECT indexname || ' ' || indexdef FROM pg_indexes WHERE schemaname = 'public'"
        " AND tablename != 'alembic_version' UNION ALL SELECT table_name || '.' || column_name || ' ' || data_type"
        " || ' ' || is_nullable || ' ' || coalesce(collation_name, '') FROM information_schema.columns"
        " WHERE table_schema = 'public' AND table_name != 'alembic_version' UNION ALL"
        " SELECT conname || ' ' || pg_get_constraintdef(oid) FROM pg_constraint WHERE conname NOT LIKE 'alembic%'"
    )
    return {in_order(" ".join(str(row).split())) for row in (await conn.scalars(text(query))).all()}


def in_order(definition: str) -> str:
    """A table's parts sorted: SQLite writes a column that was added later behind the constraints."""
    if " CREATE TABLE " not in definition:
        return definition
    head, _, rest = definition.partition("(")
    body, _, tail = rest.rpartition(")")
    parts = re.split(r",(?![^(]*\))", body)  # commas outside brackets
    return f"{head}({', '.join(sorted(part.strip() for part in parts))}){tail}"


async def test_migrations_make_exactly_the_schema_of_the_code(empty: AsyncEngine) -> None:
    await upgrade(empty)
    async with empty.connect() as conn:
        assert await conn.run_sync(differences) == []
        migrated = await definitions(conn)
    async with empty.begin() as conn:
        await conn.run_sync(metadata.drop_all)
        await conn.run_sync(metadata.create_all)
    async with empty.connect() as conn:
        assert migrated == await definitions(conn)


async def test_a_database_is_at_head_only_after_the_upgrade(empty: AsyncEngine) -> None:
    assert not await at_head(empty)
    await upgrade(empty)
    assert await at_head(empty)
    await upgrade(empty)
    assert await at_head(empty)


async def test_two_processes_may_upgrade_at_once(url: str, empty: AsyncEngine) -> None:
    other = open_engine(url)
    await asyncio.gather(upgrade(empty), upgrade(other))
    assert await at_head(other)
    await other.dispose()


def test_two_processes_may_open_a_new_file_at_once(tmp_path: Path) -> None:
    def open_it(file: Path, together: threading.Barrier) -> str:
        async def journal_mode() -> str:
            engine = open_engine(f"sqlite:///{file}")
            together.wait(timeout=30)
            async with engine.connect() as conn:
                mode = str(await conn.scalar(text("PRAGMA journal_mode")))
            await engine.dispose()
            return mode

        return asyncio.run(journal_mode())

    with ThreadPoolExecutor(2) as pool:
        for n in range(30):
            together = threading.Barrier(2)
            opened = [pool.submit(open_it, tmp_path / f"{n}.db", together) for _ in range(2)]
            assert [each.result(timeout=60) for each in opened] == ["wal", "wal"]


async def test_two_writers_at_once_make_one_profile_of_a_new_number(engine: AsyncEngine) -> None:
    async def writer(first: int) -> None:
        for n in range(first, first + 20):
            async with engine.begin() as conn:
                batch = [write(queue_call(n * 10 + i, number=f"0912000{(n + i) % 7:04d}")) for i in range(5)]
                await calls.apply(conn, batch, region=REGION)

    await asyncio.gather(writer(0), writer(100), writer(200))
    async with engine.connect() as conn:
        numbers = (await conn.scalars(select(customer_numbers.c.number))).all()
        assert sorted(numbers) == [f"+98912000{n:04d}" for n in range(7)]
        assert len((await conn.scalars(select(customers.c.id))).all()) == 7


async def test_a_reader_never_waits_for_a_writer(engine: AsyncEngine) -> None:
    async with engine.begin() as writing:
        await positions.save(writing, "lab", 1)
        async with asyncio.timeout(30), engine.connect() as reading:
            assert await positions.load(reading, "lab") is None
    async with engine.connect() as conn:
        assert await positions.load(conn, "lab") == 1


async def test_writers_that_read_first_wait_for_each_other_and_lose_nothing(engine: AsyncEngine) -> None:
    async def add_one() -> None:
        async with engine.begin() as conn:
            if conn.dialect.name == "postgresql":
                await conn.execute(text("LOCK TABLE journal_positions IN EXCLUSIVE MODE"))
            before = await positions.load(conn, "lab") or 0
            await asyncio.sleep(0.001)
            await positions.save(conn, "lab", before + 1)

    await asyncio.gather(*(add_one() for _ in range(12)))
    async with engine.connect() as conn:
        assert await positions.load(conn, "lab") == 12


@pytest.mark.parametrize("kept", ["the rows it reads", "nothing"])
async def test_a_writer_that_is_cancelled_lets_go_of_the_database_at_once(tmp_path: Path, kept: str) -> None:
    address = f"sqlite:///{tmp_path / 'cancelled.db'}"
    engine, ended = open_engine(address), list[BaseException]()
    async with engine.begin() as conn:
        await conn.exec_driver_sql("CREATE TABLE things (n INTEGER)")

    async def write() -> None:
        async with engine.begin() as conn:
            await conn.exec_driver_sql("INSERT INTO things VALUES (1)")
            rows = await conn.stream(text(f"{LONG} SELECT n FROM c")) if kept == "the rows it reads" else None
            await conn.exec_driver_sql(f"{LONG} INSERT INTO things SELECT n FROM c")
            assert rows is None

    gc.disable()  # as in a service that rests
    try:
        writing = asyncio.create_task(write())
        await asyncio.sleep(0.3)
        writing.cancel()
        try:
            await writing
        except asyncio.CancelledError as error:
            ended.append(error)  # who logs it keeps every frame, and in them the cursors
        async with asyncio.timeout(30), engine.begin() as conn:
            assert (await conn.exec_driver_sql("SELECT count(*) FROM things")).scalar() == 0
    finally:
        gc.enable()
        await engine.dispose()
    assert ended


async def test_a_position_is_only_saved_with_its_transaction(engine: AsyncEngine) -> None:
    async def crash() -> None:
        async with engine.begin() as conn:
            await positions.save(conn, "lab", 99)
            raise RuntimeError("crash")

    with pytest.raises(RuntimeError, match="crash"):
        await crash()
    async with engine.connect() as conn:
        assert await positions.load(conn, "lab") is None


@pytest.mark.parametrize(
    ("address", "says"),
    [("nonsense", "not readable"), ("mysql://a@b/c", "mysql is not supported"), ("", "not readable")],
)
def test_an_address_that_is_none_is_refused_in_words(address: str, says: str) -> None:
    with pytest.raises(DatabaseAddressError, match=says):
        open_engine(address)


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+asyncpg"])
def test_the_driver_is_ours_to_add(scheme: str) -> None:
    assert open_engine(f"{scheme}://cxcall@127.0.0.1/cxcall").url.drivername == "postgresql+asyncpg"


async def test_sqlite_is_opened_for_many_readers_and_one_writer(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path / 'a b.db'}")
    async with engine.connect() as conn:
        assert await conn.scalar(text("PRAGMA journal_mode")) == "wal"
        assert await conn.scalar(text("PRAGMA foreign_keys")) == 1
        assert await conn.scalar(text("PRAGMA busy_timeout")) == 15_000
    await engine.dispose()


@pytest.mark.parametrize("place", ["migrations", "cxcall/migrations"])
async def test_the_scripts_are_found_in_a_checkout_and_in_a_wheel(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    scripts = Path(migrate.__file__).parents[2] / "migrations"
    shutil.copytree(scripts, tmp_path / place, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(migrate, "_PACKAGE", tmp_path / "cxcall")
    engine = open_engine(f"sqlite:///{tmp_path / 'cxcall.db'}")
    await upgrade(engine)
    assert await at_head(engine)
    await engine.dispose()


async def test_the_database_learns_how_large_its_tables_are(engine: AsyncEngine) -> None:
    async with engine.begin() as conn:
        await calls.apply(conn, [write(queue_call(n)) for n in range(300)], region=REGION)
    await refresh_statistics(engine)
    if engine.dialect.name == "sqlite":
        async with engine.connect() as conn:
            assert await conn.scalar(text("SELECT count(*) FROM sqlite_stat1 WHERE tbl = 'calls'"))


async def test_sqlite_skips_through_no_index(engine: AsyncEngine) -> None:
    """By a sample it takes an index by customer for one of few customers, and looks into it once for each of them."""
    if engine.dialect.name != "sqlite":
        return
    async with engine.begin() as conn:
        several = [write(queue_call(n, at=float(n), number=f"0912000000{n % 2}")) for n in range(300)]
        await calls.apply(conn, several, region=REGION)
    query = "SELECT DISTINCT customer_id FROM calls WHERE customer_id IS NOT NULL AND started_at >= 1 AND talk > 1"
    for _ in range(2):
        await refresh_statistics(engine)
        async with engine.connect() as conn:
            plan = "".join(str(row[-1]) for row in await conn.execute(text(f"EXPLAIN QUERY PLAN {query}")))
        assert "SEARCH" in plan
        assert "ANY(" not in plan, plan
