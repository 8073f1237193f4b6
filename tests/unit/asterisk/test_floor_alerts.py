"""Alerts and closed queues on a board that a real keeper keeps: raised, told, quiet, over; callers who leave."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Coroutine
from datetime import UTC, datetime
from typing import Any

import msgspec

from cxcall.asterisk.floor.alerts import FloorAlerts
from cxcall.asterisk.floor.closing import Closing
from cxcall.bus import Message
from cxcall.bus.floor import ALERT_RULES
from cxcall.bus.queues import QUEUES
from cxcall.queues.alerting import FloorRule
from cxcall.queues.definition import QueueDefinition
from cxcall.queues.hours import Closure
from cxcall.store import alert_rules, alerts, closures, queues, webhooks
from cxcall.store.alerts import Alert
from tests.unit.asterisk.test_floor_board import NOON, NOW, Floor, connected, floor

__all__ = ["floor"]


@contextlib.asynccontextmanager
async def working(work: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    running = asyncio.create_task(work)
    try:
        yield
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def standing(floor: Floor, condition: Callable[[list[Alert]], bool]) -> list[Alert]:
    """The alerts of rules, once they are as expected."""
    async with asyncio.timeout(30):
        while True:
            async with floor.engine.connect() as conn:
                found = await alerts.of_rules(conn)
            if condition(found):
                return found
            await asyncio.sleep(0.05)


async def test_a_rule_raises_tells_stays_quiet_when_closed_and_is_over_by_itself(floor: Floor) -> None:
    rule = FloorRule(name="They wait too long", measure="longest", yellow=60, red=150, queues=("lab:support",), calm=0)
    async with floor.engine.begin() as conn:
        kept = await alert_rules.create(conn, msgspec.to_builtins(rule), by="leila", now=NOON)
        hook = await webhooks.create(
            conn, name="x", url="https://example.org/", events=["alert.raised"], by="leila", now=NOON
        )
    told: list[Any] = []
    floor.bus.subscribe("alerts", lambda news: told.append(news.data))
    judge = FloorAlerts(engine=floor.engine, bus=floor.bus, clock=lambda: floor.clock[0], pace=0.05)
    floor.keeper.watch(judge.look)
    async with connected(floor):
        await floor.until(lambda board: bool(board.servers) and board.queues["lab:support"].waiting == 1)
        async with working(judge.run()):
            (yellow,) = await standing(floor, lambda found: len(found) == 1)
            assert (yellow.level, yellow.queue, yellow.rule_id, yellow.n) == ("yellow", "lab:support", kept.id, 1)
            assert (yellow.title, yellow.params["value"], yellow.params["limit"]) == (rule.name, 100, 60)
            floor.clock[0] += 60
            (red,) = await standing(floor, lambda found: [one.level for one in found] == ["red"])
            assert red.id == yellow.id
            async with floor.engine.begin() as conn:
                await alerts.close(conn, red.id, by="leila", now=NOON)
                assert len(await webhooks.deliveries(conn, hook.id)) == 2
            floor.clock[0] += 400  # it stands, and somebody closed it: not told again
            await asyncio.sleep(0.5)
            assert await standing(floor, lambda found: True) == []
        again = FloorAlerts(engine=floor.engine, bus=floor.bus, clock=lambda: floor.clock[0], pace=0.05)
        floor.keeper.watch(again.look)
        async with working(again.run()):  # after a restart nobody remembers that it was closed
            await standing(floor, lambda found: len(found) == 1)
            async with floor.engine.begin() as conn:
                await alert_rules.remove(conn, kept.id, version=1)
            floor.bus.publish(ALERT_RULES, {})
            await standing(floor, lambda found: not found)
    assert {one["open"] for one in told} == {0, 1}


async def test_callers_leave_a_queue_that_somebody_closed_where_they_said_so(floor: Floor) -> None:
    mine = QueueDefinition(name="support")
    closing = Closing(
        settings=floor.settings, engine=floor.engine, bus=floor.bus, clock=lambda: floor.clock[0], pace=0.05
    )
    floor.keeper.watch(closing.look)
    async with floor.engine.begin() as conn:
        kept = await queues.get(conn, "lab", "support")
        assert kept is not None
        await queues.adopt(conn, "lab", "support", mine, version=kept.version, by="leila", now=NOON)
        await queues.applied(conn, "lab", [mine], by="leila", now=NOON)
        stays = Closure(queue="support", until=NOW + 60, waiting="stay")
        await closures.close(conn, "lab", stays, now=NOON)
    floor.bus.publish(QUEUES, {"server": "lab", "version": 1, "outcome": "applied", "by": "leila"})
    heard: list[Message] = []
    floor.bus.subscribe(QUEUES, heard.append)
    async with connected(floor), working(closing.run()):
        await floor.until(lambda board: board.complete and board.queues["lab:support"].closed is not None)
        await floor.until(lambda board: board.queues["lab:support"].waiting == 1)
        await asyncio.sleep(0.5)
        assert floor.ami.actions("QueueWithdrawCaller") == []
        async with floor.engine.begin() as conn:
            leaves = Closure(queue="support", until=NOW + 60, waiting="leave")
            await closures.close(conn, "lab", leaves, now=NOON)
        await floor.ami.until(lambda: bool(floor.ami.actions("QueueWithdrawCaller")))
        asked = floor.ami.actions("QueueWithdrawCaller")[0]
        assert (asked["Queue"], asked["Caller"], asked["WithdrawInfo"]) == ("support", "PJSIP/trunk-00000007", "closed")
        floor.clock[0] = NOW + 61
        await floor.ami.until(lambda: any(act["Key"] == "closed/support" for act in floor.ami.actions("DBDel")))
        async with floor.engine.connect() as conn:
            left = await closures.standing(conn, now=datetime.fromtimestamp(NOW + 61, UTC))
            assert [kept.closure.queue for kept in left] == ["night"]
            assert await closures.over(conn, now=datetime.fromtimestamp(NOW + 61, UTC)) == []
    assert [message.data["outcome"] for message in heard] == ["opened"]
