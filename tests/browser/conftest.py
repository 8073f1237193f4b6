"""One Chromium for all tests of this folder, one application each.

All tests here share one event loop (Chromium's driver belongs to the loop it was started in): that is what the hook
below sees to. `chromium` and `world` are what a test asks for; `tests.support.chromium` has what it does with them.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, async_playwright

from tests.support.chromium import ARGS, EXECUTABLE
from tests.support.webapp import Clock, World, empty_database, start_world


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database file to copy: migrating once a run is enough."""
    file = tmp_path_factory.mktemp("template") / "cxcall.sqlite"
    asyncio.run(empty_database(file))
    return file


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def chromium() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=EXECUTABLE, args=ARGS)
        yield browser
        await browser.close()


@pytest_asyncio.fixture(loop_scope="session")
async def world(tmp_path: Path, template: Path) -> AsyncIterator[World]:
    """The application with the machine's time, for browsers have that too."""
    clock = Clock()
    clock.real()
    world = await start_world(tmp_path, template, clock=clock)
    yield world
    await world.close()
