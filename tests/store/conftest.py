"""Every store test runs on SQLite and on PostgreSQL, each time in a database of its own."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import asyncpg
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from cxcall.store.engine import open_engine, upgrade
from tests.support.postgres import running_postgres

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    with running_postgres() as address:
        yield address


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
async def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'cxcall.db'}"
    address = request.getfixturevalue("postgres")
    name = f"test_{next(_numbers)}"
    admin = await asyncpg.connect(f"{address}/postgres", timeout=10)
    await admin.execute(f"CREATE DATABASE {name}")
    await admin.close()
    return f"{address}/{name}"


@pytest.fixture
async def empty(url: str) -> AsyncIterator[AsyncEngine]:
    """An engine on a database without tables."""
    engine = open_engine(url)
    yield engine
    await engine.dispose()


@pytest.fixture
async def engine(empty: AsyncEngine) -> AsyncEngine:
    """An engine on a database of this version's schema."""
    await upgrade(empty)
    return empty
