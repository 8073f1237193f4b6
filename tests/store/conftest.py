"""Every store test runs on SQLite and on PostgreSQL, each time in a database of its own."""

from __future__ import annotations

import asyncio
import itertools
import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import asyncpg
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from cxcall.store.engine import open_engine, refresh_statistics, upgrade
from tests.store.big import copy, fill
from tests.store.speech_big import fill as fill_talks
from tests.store.survey_big import fill as fill_surveys
from tests.support.postgres import running_postgres
from tests.support.schema import new_database

BOTH = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)]

_numbers = itertools.count(1)
_templates: dict[str, str] = {}


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    with running_postgres() as address:
        yield address


@pytest.fixture(params=BOTH)
async def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty database."""
    return await _empty(request, tmp_path)


@pytest.fixture
async def empty(url: str) -> AsyncIterator[AsyncEngine]:
    """An engine on a database without tables."""
    engine = open_engine(url)
    yield engine
    await engine.dispose()


@pytest.fixture(params=BOTH)
async def engine(
    request: pytest.FixtureRequest, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[AsyncEngine]:
    """An engine on a database of this version's schema, copied from one that was migrated once."""
    template = _templates.get(request.param)
    if template is None:
        template = _templates[request.param] = await _empty(request, tmp_path_factory.mktemp("template"))
        migrated = open_engine(template)
        await upgrade(migrated)
        await migrated.dispose()
    engine = open_engine(await _copy(request, template, tmp_path))
    yield engine
    await engine.dispose()


@pytest.fixture(scope="session")
def big_file(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The address of an SQLite file with 20,000 calls, made once a run; tests only read it."""

    async def make() -> str:
        address = new_database(tmp_path_factory.mktemp("big") / "cxcall.db")
        engine = open_engine(address)
        await fill(engine)
        await engine.dispose()
        return address

    return asyncio.run(make())


@pytest.fixture(scope="session", params=BOTH)
def big(request: pytest.FixtureRequest, big_file: str) -> str:
    """The address of a database with the same 20,000 calls."""
    if request.param == "sqlite":
        return big_file

    async def make() -> str:
        address = await _create(request, "template1")
        source, target = open_engine(big_file), open_engine(address)
        await upgrade(target)
        await copy(source, target)
        for engine in (source, target):
            await engine.dispose()
        return address

    return asyncio.run(make())


@pytest.fixture(scope="module", params=BOTH)
def surveyed(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The address of a database with 4,000 answered surveys of a year; tests only read it."""

    async def make() -> str:
        address = await _empty(request, tmp_path_factory.mktemp("surveyed"))
        engine = open_engine(address)
        await upgrade(engine)
        await fill_surveys(engine, 4_000)
        await engine.dispose()
        return address

    return asyncio.run(make())


@pytest.fixture(scope="module", params=BOTH)
def talked(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The address of a database with 2,000 talks of a year; tests only read it."""

    async def make() -> str:
        address = await _empty(request, tmp_path_factory.mktemp("talked"))
        engine = open_engine(address)
        await upgrade(engine)
        await fill_talks(engine, 2_000, turns=4)
        await refresh_statistics(engine)
        if engine.dialect.name == "postgresql":
            async with engine.begin() as conn:
                await conn.exec_driver_sql("ANALYZE")
                # It reads small tables whole; what is asked is whether it could do otherwise.
                await conn.exec_driver_sql(f"ALTER DATABASE {engine.url.database} SET enable_seqscan = off")
        await engine.dispose()
        return address

    return asyncio.run(make())


@pytest.fixture
async def talked_engine(talked: str) -> AsyncIterator[AsyncEngine]:
    """An engine on the database of talks."""
    engine = open_engine(talked)
    yield engine
    await engine.dispose()


@pytest.fixture
async def surveyed_engine(surveyed: str) -> AsyncIterator[AsyncEngine]:
    """An engine on the database of answered surveys."""
    engine = open_engine(surveyed)
    yield engine
    await engine.dispose()


@pytest.fixture
async def big_engine(big: str) -> AsyncIterator[AsyncEngine]:
    """An engine on the database of 20,000 calls."""
    engine = open_engine(big)
    yield engine
    await engine.dispose()


async def _empty(request: pytest.FixtureRequest, folder: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{folder / 'cxcall.db'}"
    return await _create(request, "template1")


async def _copy(request: pytest.FixtureRequest, template: str, folder: Path) -> str:
    if request.param == "sqlite":
        shutil.copy(template.removeprefix("sqlite:///"), folder / "cxcall.db")
        return f"sqlite:///{folder / 'cxcall.db'}"
    return await _create(request, template.rpartition("/")[2])


async def _create(request: pytest.FixtureRequest, template: str) -> str:
    address = request.getfixturevalue("postgres")
    name = f"test_{next(_numbers)}"
    admin = await asyncpg.connect(f"{address}/postgres", timeout=10)
    await admin.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
    await admin.close()
    return f"{address}/{name}"
