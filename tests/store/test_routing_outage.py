"""PostgreSQL is stopped and frozen while calls ask where to go: each is answered or goes its default way in time, and
when the database is back calls are decided again, and what was decided meanwhile is kept."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from cxcall.asterisk.routing import deciding, library
from cxcall.asterisk.routing.edge import RoutingEdge
from cxcall.bus import Bus, CommandRefused, Commands, NoAnswer
from cxcall.bus.routing import DECIDE
from cxcall.calls.board import Board
from cxcall.calls.record import CallId, CallRecord
from cxcall.customers.profile import Profile
from cxcall.routing.rule import Condition, Rule, RuleSet, Then
from cxcall.settings import Ami, Data, Settings, Site
from cxcall.store import customers, facts_cache, routing_lists, rule_sets
from cxcall.store.engine import open_engine, upgrade
from tests.support.postgres import own_postgres

pytestmark = pytest.mark.postgresql

MARYAM = "+989123456789"
GOLD = (Condition(fact="customer.tier", op="is", value=("gold",)),)
LONG = 30.0
"""Seconds where it is not asked how soon."""

_numbers = count(1)


def rules(queue: str) -> RuleSet:
    return RuleSet(rules=(Rule(id="gold", name="Gold", when=GOLD, then=Then(queue=queue)),))


@asynccontextmanager
async def deciding_calls(engine: AsyncEngine, folder: Path) -> AsyncIterator[tuple[RoutingEdge, Commands]]:
    settings = Settings(data=Data(dir=str(folder)), site=Site(country="IR"), ami=(Ami(name="lab"),))
    commands, board = Commands(), Board(ZoneInfo("UTC")).at(time.time())

    async def live(unique_id: str) -> CallRecord:
        return CallRecord(id=CallId(f"lab-{unique_id}"), server="lab")

    commands.serve("live:lab", live)
    edge = RoutingEdge(settings=settings, engine=engine, bus=Bus(epoch=1), commands=commands, picture=lambda: board)
    running = asyncio.create_task(edge.run())
    try:
        yield edge, commands
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def asked(commands: Commands) -> str:
    """Where another call of hers is sent, "" its default way."""
    question = {"call": f"{next(_numbers)}.1", "number": MARYAM, "queue": "support", "server": "lab"}
    try:
        told = await commands.ask(DECIDE, question, timeout=LONG)
    except (CommandRefused, NoAnswer):  # the edge is not up yet
        return ""
    queue: str = told["queue"]
    return queue


async def sent_to(commands: Commands, queue: str) -> None:
    async with asyncio.timeout(60):
        while await asked(commands) != queue:
            await asyncio.sleep(0.1)


async def test_calls_are_answered_in_time_while_the_database_is_gone_and_decided_again_when_it_is_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(library, "LOOK_S", 0.2)
    with own_postgres() as server:
        address = server.create("routing")
        engine, elsewhere = open_engine(address), open_engine(address)
        await upgrade(engine)
        async with engine.begin() as conn:
            await customers.create(conn, Profile(name="Maryam", numbers=(MARYAM,), tier="gold"))
            await rule_sets.publish(conn, rules("gold"), base=0, by="omid", now=datetime.now(UTC))
        async with deciding_calls(engine, tmp_path) as (edge, commands):
            await sent_to(commands, "gold")
            with monkeypatch.context() as patient:
                patient.setattr(deciding, "LIMIT", LONG)
                patient.setattr(facts_cache, "LIMIT_S", LONG)
                await asyncio.to_thread(server.stop)
                await asyncio.to_thread(server.start)
                assert await asked(commands) == "gold", "a connection that was lost costs no caller anything"

            await asyncio.to_thread(server.freeze)
            began = time.monotonic()
            assert await asyncio.gather(*(asked(commands) for _ in range(20))) == [""] * 20
            assert time.monotonic() - began < deciding.LIMIT + 3
            await asyncio.to_thread(server.thaw)
            await sent_to(commands, "gold")

            await asyncio.to_thread(server.stop)
            began = time.monotonic()
            assert await asked(commands) == ""
            assert time.monotonic() - began < deciding.LIMIT + 3
            await asyncio.to_thread(server.start)
            await sent_to(commands, "gold")

            async with elsewhere.begin() as conn:  # another process of the site: it tells this one nothing
                await rule_sets.publish(conn, rules("vip"), base=1, by="sara", now=datetime.now(UTC))
            await sent_to(commands, "vip")
            async with asyncio.timeout(60):
                while edge.status().waiting:
                    await asyncio.sleep(0.05)
            status = edge.status()
            assert status.lost == 0
            assert status.failed >= 21
        async with elsewhere.connect() as conn:
            assert len((await routing_lists.page_of_rule(conn, "gold", limit=200)).rows) == status.decided
        for each in (engine, elsewhere):
            await each.dispose()
