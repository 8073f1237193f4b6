"""`world`: the application on SQLite with one person of every role; `agent`, `supervisor`, `admin`: their browsers.

`centre`, `browser`: a call centre with calls, and whoever reads its pages.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from cxcall.web.access import Role
from tests.support.call_centre import CallCentre, call_centre
from tests.support.webapp import Browser, World, empty_database, start_world
from tests.web import reading


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database file to copy: migrating once a run is enough."""
    file = tmp_path_factory.mktemp("template") / "cxcall.sqlite"
    asyncio.run(empty_database(file))
    return file


@pytest.fixture
async def world(tmp_path: Path, template: Path) -> AsyncIterator[World]:
    world = await start_world(tmp_path, template)
    yield world
    await world.close()


@pytest.fixture
async def centre(tmp_path: Path) -> AsyncIterator[CallCentre]:
    async with call_centre(tmp_path) as centre:
        yield centre


@pytest.fixture
async def browser(centre: CallCentre) -> AsyncIterator[reading.Browser]:
    async with reading.browsing(centre) as browser:
        yield browser


@pytest.fixture
async def guest(world: World) -> Browser:
    return world.guest()


@pytest.fixture
async def agent(world: World) -> Browser:
    return await world.browser(Role.AGENT)


@pytest.fixture
async def supervisor(world: World) -> Browser:
    return await world.browser(Role.SUPERVISOR)


@pytest.fixture
async def admin(world: World) -> Browser:
    return await world.browser(Role.ADMIN)
