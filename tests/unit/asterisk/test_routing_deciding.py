"""Decisions as the dialplan asks for them: one a question, kept after the answer, none rather than a wrong one."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from cxcall.asterisk.routing.edge import RoutingEdge
from cxcall.bus import Bus, CommandRefused, Commands
from cxcall.bus.routing import CHANGED, DECIDE, DECISIONS, FLOOR, STATUS, TRY, TryRoute
from cxcall.calls.board import Board
from cxcall.calls.board_shapes import Seat
from cxcall.calls.record import CallId, CallRecord
from cxcall.customers.profile import Profile
from cxcall.routing.facts import Said
from cxcall.routing.rule import Condition, Preferred, Rule, RuleSet, SkillStep, Then
from cxcall.settings import Ami, Data, Settings, Site
from cxcall.store import customers, prompts, routing_decisions, rule_sets, users
from cxcall.store.engine import open_engine
from tests.store.make import MORNING
from tests.support.schema import new_database

MARYAM = "+989123456789"
LAB = Ami(name="lab")


def when(fact: str, value: str, op: Any = "is") -> tuple[Condition, ...]:
    return (Condition(fact=fact, op=op, value=(value,)),)


RULES = RuleSet(
    rules=(
        Rule(id="gold", name="Gold", when=when("customer.tier", "gold"), then=Then(
            queue="sales", priority=7, agent=Preferred(who="manager"), announcement="Welcome", survey=False,
        )),
        Rule(id="bill", name="Bill", when=when("said.intent", "billing"), then=Then(queue="billing")),
        Rule(id="skilled", name="Skilled", when=when("call.called", "+982191000500"), then=Then(
            skills=(SkillStep(skill="english", level=3),)
        )),
    )
)  # fmt: skip


@dataclass(slots=True)
class Stage:
    """An edge that decides, with the calls of `live` on the line."""

    engine: AsyncEngine
    commands: Commands
    bus: Bus
    manager: str
    live: set[str] = field(default_factory=lambda: {"lab-1", "lab-2"})
    told: list[Any] = field(default_factory=list)

    async def ask(self, call: str = "lab-1", **more: str) -> dict[str, str]:
        asked = {"call": call, "number": "09123456789", "called": "02191000501", "queue": "support", **more}
        told: dict[str, str] = await self.commands.ask(DECIDE, asked, timeout=30)
        return told

    async def kept(self, n: int) -> list[Any]:
        async with asyncio.timeout(30):
            while len(self.told) < n:
                await asyncio.sleep(0.02)
        return [news.data for news in self.told]


@asynccontextmanager
async def running(folder: Path) -> AsyncIterator[Stage]:
    engine = open_engine(new_database(folder / "x.sqlite"))
    settings = Settings(data=Data(dir=str(folder)), site=Site(country="IR", timezone="Asia/Tehran"), ami=(LAB,))
    bus, commands = Bus(epoch=1), Commands()
    async with engine.begin() as conn:
        manager = await users.create(conn, name="sara", role="agent", password_hash="x", display_name="Sara")
        await customers.create(
            conn, Profile(name="Maryam", numbers=(MARYAM,), tier="gold", language="fa", manager=manager.id)
        )
        await rule_sets.publish(conn, RULES, base=0, by="omid", now=MORNING)
    stage = Stage(engine, commands, bus, manager.id)
    board = Board(ZoneInfo("Asia/Tehran"))
    board.seats(
        [Seat(
            key=f"lab:{manager.id}", server="lab", name="Sara", user_id=manager.id, device="PJSIP/1001",
            interfaces=("PJSIP/1001",), state="ready", queues=("support", "sales", "billing"),
        )]
    )  # fmt: skip
    picture = board.at(time.time())

    async def live(unique_id: str) -> CallRecord | None:
        return CallRecord(id=CallId(f"lab-{unique_id}"), server="lab") if unique_id in stage.live else None

    commands.serve("live:lab", live)
    bus.subscribe(DECISIONS, stage.told.append)
    edge = RoutingEdge(settings=settings, engine=engine, bus=bus, commands=commands, picture=lambda: picture)
    task = asyncio.create_task(edge.run())
    try:
        async with asyncio.timeout(30):
            while not edge.status().version:
                await asyncio.sleep(0.02)
        yield stage
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await engine.dispose()


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with running(tmp_path) as found:
        yield found


async def test_a_known_caller_is_sent_where_the_rules_say_and_the_decision_is_kept_with_the_call(stage: Stage) -> None:
    told = await stage.ask()
    assert told == {
        "status": "hint", "queue": "sales", "priority": "7", "agent": "PJSIP/1001", "agent_wait": "15", "survey": "no",
    }  # fmt: skip
    assert await stage.ask() == told
    assert await stage.ask("lab-2", number="09120000000") == {"status": "default"}
    assert (await stage.commands.ask(STATUS, None)).left_out == 1  # nobody has recorded the announcement
    (first, second) = await stage.kept(2)
    assert (first["call"], first["unique_id"], first["queue"], first["rules"]) == (
        "lab-lab-1", "lab-1", "sales", ["gold"],
    )  # fmt: skip
    assert second["rules"] == []
    async with stage.engine.connect() as conn:
        (kept,) = await routing_decisions.of_call(conn, "lab-lab-1")
    assert (kept.number, kept.asked, kept.version, kept.decision.result.agent_user) == (
        MARYAM, "support", 1, stage.manager,
    )  # fmt: skip
    assert kept.decision.at.utcoffset() is not None


async def test_what_was_heard_of_the_caller_counts_before_what_the_dialplan_says(stage: Stage) -> None:
    heard = {"intent": "billing", "text": "my bill is wrong", "confidence": 0.9}

    async def said(asked: dict[str, str]) -> dict[str, Any] | None:
        return heard if asked["call"] == "lab-1" else None

    stage.commands.serve("reason:said", said)
    nobody = {"number": "09120000000"}
    assert (await stage.ask("lab-1", intent="sales", **nobody))["queue"] == "billing"
    assert (await stage.ask("lab-2", intent="billing", sure="55", keys="2", **nobody))["queue"] == "billing"
    await stage.kept(2)
    async with stage.engine.connect() as conn:
        found = [await routing_decisions.of_channel(conn, "lab", call) for call in ("lab-1", "lab-2")]
    assert [dict(one.decision.facts)["said.intent"] for one in found if one is not None] == ["billing", "billing"]


async def test_who_is_not_on_the_line_is_told_nothing(stage: Stage) -> None:
    for call in ("lab-9", "", "x\0y\udce9"):
        with pytest.raises(CommandRefused, match="no such call"):
            await stage.ask(call)
    assert stage.told == []


async def test_a_database_that_is_slow_means_the_default_in_time_and_not_an_unknown_caller(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    over = asyncio.Event()

    async def slow(*_: object, **__: object) -> None:
        await over.wait()

    monkeypatch.setattr("cxcall.store.routing_facts.read", slow)
    began = time.monotonic()
    with pytest.raises(CommandRefused, match="can't be decided"):
        await stage.ask()
    assert time.monotonic() - began < 1.4
    assert (await stage.commands.ask(STATUS, None)).failed == 1
    over.set()
    await asyncio.sleep(0.1)


async def test_a_decision_is_told_while_the_database_takes_nothing_and_kept_when_it_does(
    stage: Stage, tmp_path: Path
) -> None:
    other = sqlite3.connect(tmp_path / "x.sqlite", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    assert (await stage.ask())["queue"] == "sales"
    await asyncio.sleep(0.7)
    assert stage.told == []
    other.execute("ROLLBACK")
    other.close()
    assert len(await stage.kept(1)) == 1


async def test_rules_that_were_just_published_hold_for_the_next_call(stage: Stage) -> None:
    async with stage.engine.begin() as conn:
        await rule_sets.publish(conn, RuleSet(), base=1, by="omid", now=MORNING)
    stage.bus.publish(CHANGED, {"version": 2})
    async with asyncio.timeout(30):
        while (await stage.commands.ask(STATUS, None)).version != 2:
            await asyncio.sleep(0.02)
    assert await stage.ask() == {"status": "default"}


async def test_a_call_that_nobody_makes_is_decided_and_leaves_nothing(stage: Stage) -> None:
    async with stage.engine.begin() as conn:
        await prompts.create(conn, name="Welcome")
    tried = await stage.commands.ask(TRY, TryRoute(number="09123456789", queue="support", server="lab"))
    assert tried.answer["queue"] == "sales"
    assert tried.facts.customer.tier == "gold"
    assert tried.decision.version == 1
    draft = RuleSet(rules=(Rule(id="d", name="d", when=when("said.text", "bill", "contains"), then=Then(priority=3)),))
    said = Said(text="about my bill")
    tried = await stage.commands.ask(TRY, TryRoute(number="", queue="support", said=said, rules=draft, at=MORNING))
    assert tried.answer == {"status": "hint", "queue": "support", "priority": "3"}
    assert (tried.facts.server, tried.facts.at, tried.decision.version) == ("lab", MORNING, 0)
    seen = await stage.commands.ask(FLOOR, "")
    assert set(seen.queues) == {"support", "sales", "billing"}
    assert seen.agents[stage.manager].state == "ready"
    await asyncio.sleep(0.6)
    assert stage.told == []


async def test_skills_are_asked_for_only_where_asterisk_has_the_rule(stage: Stage) -> None:
    told = await stage.ask("lab-2", number="", called="02191000500")
    assert told == {"status": "hint", "queue": "support"}
    await stage.kept(1)
    async with stage.engine.connect() as conn:
        kept = await routing_decisions.of_channel(conn, "lab", "lab-2")
    assert kept is not None
    assert (kept.number, kept.decision.result.rule) == ("", "")
    assert any(reason.field == "skills" for reason in kept.decision.reasons)
