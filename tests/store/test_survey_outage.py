"""PostgreSQL is frozen and stopped under callers who answer: nobody hears of it, and all they said is kept."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from cxcall.store.engine import open_engine, upgrade
from cxcall.surveys.script import Script, Thank
from tests.store.survey_make import CSAT, SOLVED
from tests.support.postgres import Postgres, own_postgres
from tests.support.survey_line import Desk, Happening, desk, prepare

pytestmark = pytest.mark.postgresql

SCRIPT = Script(parts=(CSAT, SOLVED, Thank(id="thanks")))
SILENCE = 2.0
"""Seconds a caller may hear nothing, in the middle of a survey."""


@pytest.fixture(scope="module")
def server() -> Iterator[Postgres]:
    with own_postgres() as server:
        yield server


@pytest.fixture
async def engine(server: Postgres, request: pytest.FixtureRequest) -> AsyncIterator[AsyncEngine]:
    engine = open_engine(server.create(f"x{len(request.node.name)}"))
    await upgrade(engine)
    yield engine
    await engine.dispose()


def at_first_key(do: Callable[[], None]) -> Happening:
    """Do it when the caller is first listened to."""
    done: list[str] = []

    async def happening(command: str) -> None:
        if command.startswith("WAIT FOR DIGIT") and not done:
            done.append(command)
            await asyncio.to_thread(do)

    return happening


async def taken(asking: Desk, call: str, happening: Happening) -> None:
    """The call is asked to its end without a silence."""
    heard = await asking.take(call, ["4", "1"], happening=happening)
    assert heard.how == "finished"
    assert heard.silence < SILENCE


async def kept(asking: Desk, call: str) -> list[tuple[str, str]]:
    row = await asking.until(call, lambda row: row.response.end == "finished", 60)
    return [(answer.part, answer.keys) for answer in row.answers]


async def test_a_database_that_hangs_and_one_that_stops_cost_no_caller_anything(
    server: Postgres, engine: AsyncEngine, tmp_path: Path
) -> None:
    async with desk(engine, tmp_path, await prepare(engine, SCRIPT)) as asking:
        hung, stopped = asking.ring(1), asking.ring(2)
        await taken(asking, hung, at_first_key(server.freeze))
        refused = await asking.take(asking.ring(3), ["4", "1"])
        assert (refused.how, refused.silence < SILENCE) == ("failed", True)
        await asyncio.to_thread(server.thaw)
        assert await kept(asking, hung) == [("csat", "4"), ("solved", "1")]

        await taken(asking, stopped, at_first_key(lambda: server.stop("fast")))
        refused = await asking.take(asking.ring(4), ["4", "1"])
        assert (refused.how, refused.silence < SILENCE) == ("failed", True)
        await asyncio.to_thread(server.start)
        assert await kept(asking, stopped) == [("csat", "4"), ("solved", "1")]
        status = asking.edge.status()
        assert (status.broken, status.undecided, status.lost) == (0, 2, 0)


async def test_cxcall_stops_while_its_database_hangs(server: Postgres, engine: AsyncEngine, tmp_path: Path) -> None:
    loop = asyncio.get_running_loop()
    survey = await prepare(engine, SCRIPT)
    async with desk(engine, tmp_path, survey) as asking:
        call = asking.ring(1)
        await taken(asking, call, at_first_key(server.freeze))
        began = loop.time()
    took = loop.time() - began
    await asyncio.to_thread(server.thaw)
    assert took < 15  # what waits is tried for a while, and not for ever
    async with desk(engine, tmp_path, survey) as again:
        row = await again.ended(call)
        assert row.response.end in ("finished", "lost")
