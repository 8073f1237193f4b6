"""Every measure of the floor's rules, from a picture of the wallboard to the alert: raised, redder, quiet, over."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec

from cxcall.asterisk.floor.alert_figures import figures, unseen
from cxcall.asterisk.floor.alerts import FloorAlerts
from cxcall.bus import Bus
from cxcall.calls.board import Board
from cxcall.calls.board_shapes import BoardSnapshot, NeedyCall, QueueTile, Seat, ServerLife, Shut
from cxcall.queues.alerting import RENEW, FloorRule
from cxcall.store import alert_rules, alerts, pause_reasons, webhooks
from cxcall.store.alerts import Alert
from cxcall.store.engine import open_engine, upgrade

NOW = 1_795_338_000.0
RULES = (
    FloorRule(name="waiting", measure="waiting", yellow=3, red=6, calm=0, people=("u1",), sound=False),
    FloorRule(name="longest", measure="longest", yellow=60, red=120, calm=0),
    FloorRule(name="sl", measure="sl", yellow=80, red=60, calm=0),
    FloorRule(name="free", measure="free", yellow=1, red=0, calm=0),
    FloorRule(name="abandoned", measure="abandoned", yellow=5, red=10, calm=0),
    FloorRule(name="csat", measure="csat", yellow=3.5, red=3, calm=0),
    FloorRule(name="mood", measure="mood", yellow=-0.4, red=-0.7, calm=0),
    FloorRule(name="pause", measure="pause", yellow=0, red=60, calm=0),
    FloorRule(name="wrap_up", measure="wrap_up", yellow=0, red=60, calm=0),
)
NAMES = {rule.name for rule in RULES}
Found = dict[str, Alert]


def picture(now: float, *, badness: int, live: bool = True) -> BoardSnapshot:
    """The floor when all is well (0), not so well (1), bad (2)."""
    tile = QueueTile(
        server="lab", name="billing", waiting=(0, 3, 6)[badness], longest=(None, now - 60, now - 120)[badness],
        sl=(95.0, 80.0, 50.0)[badness], decided=40, free=(4, 1, 0)[badness], abandon_rate=(1.0, 5.0, 12.0)[badness],
        offered=40, csat_mean=(4.5, 3.5, 2.0)[badness], csat_n=20,
    )  # fmt: skip
    over = (-10, 1, 60)[badness]
    seats = {
        "lab:u7": Seat(key="lab:u7", server="lab", name="Sara", state="paused", reason="lunch", limit=600.0,
                       since=now - 600 - over, queues=("billing",)),
        "lab:u8": Seat(key="lab:u8", server="lab", name="Omid", state="wrap_up" if badness else "ready", limit=30.0,
                       since=now - 30 - over, queues=("billing",)),
        "lab:u9": Seat(key="lab:u9", server="lab", name="Nima", state="paused", reason="x", since=0.0),
    }  # fmt: skip
    mood = (0.2, -0.5, -0.9)[badness]
    call = NeedyCall(call="lab-1.1", server="lab", why="mood", since=now, queue="billing", mood=mood)
    empty = Board(UTC).at(now)
    return msgspec.structs.replace(
        empty, complete=True, servers={"lab": ServerLife(live=live)}, queues={"lab:billing": tile}, agents=seats,
        calls=(call,),
    )  # fmt: skip


async def test_each_measure_is_raised_turns_red_is_renewed_stays_quiet_and_is_over(tmp_path: Path) -> None:
    engine, bus, clock = open_engine(f"sqlite:///{tmp_path / 'cxcall.db'}"), Bus(epoch=1), [NOW]
    await upgrade(engine)
    at = datetime.fromtimestamp(NOW, UTC)
    async with engine.begin() as conn:
        for rule in RULES:
            await alert_rules.create(conn, msgspec.to_builtins(rule), by="leila", now=at)
        await pause_reasons.seed(conn)
        hook = await webhooks.create(
            conn, name="x", url="https://example.org/", events=["alert.raised"], by="leila", now=at
        )
    news: list[dict[str, Any]] = []
    bus.subscribe("alerts", lambda message: news.append(message.data))
    judge = FloorAlerts(engine=engine, bus=bus, clock=lambda: clock[0], pace=0.02)

    async def stand(condition: Callable[[Found], bool]) -> Found:
        async with asyncio.timeout(30):
            while True:
                async with engine.connect() as conn:
                    found = {alert.title: alert for alert in await alerts.of_rules(conn)}
                if condition(found):
                    return found
                await asyncio.sleep(0.02)

    running = asyncio.create_task(judge.run())
    judge.look(picture(NOW, badness=1))
    yellow = await stand(lambda found: found.keys() == NAMES)
    assert {alert.level for alert in yellow.values()} == {"yellow"}
    assert yellow["waiting"].params["people"] == ["u1"]
    assert yellow["waiting"].params["sound"] is False
    assert (yellow["pause"].params["agent"], yellow["pause"].params["reason"]["en"]) == ("Sara", "Lunch")
    assert yellow["wrap_up"].params["agent"] == "Omid"
    assert yellow["mood"].link == "/live/lab-1.1"
    judge.look(picture(NOW, badness=2))
    await stand(lambda found: all(alert.level == "red" and alert.n == 2 for alert in found.values()))
    async with engine.begin() as conn:
        assert len(await webhooks.deliveries(conn, hook.id)) == 2 * len(RULES)
        for alert in yellow.values():
            await alerts.snooze(conn, alert.id, until=at + timedelta(hours=1))
    said = len([one for one in news if "news" in one])
    assert said == 2 * len(RULES), "aloud when raised and when redder"
    clock[0] += RENEW + 1
    judge.look(picture(clock[0], badness=2))
    await stand(lambda found: all(alert.n == 3 and alert.state == "snoozed" for alert in found.values()))
    assert len([one for one in news if "news" in one]) == said, "renewed while it is quiet"
    judge.look(picture(clock[0], badness=0))
    await stand(lambda found: not found)
    async with engine.connect() as conn:
        past = (await alerts.page(conn)).rows
    assert {alert.title: (alert.state, alert.closed_by) for alert in past} == dict.fromkeys(NAMES, ("closed", ""))
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    await engine.dispose()


def test_agents_are_told_by_queues_they_are_in_and_only_past_a_limit() -> None:
    told = [one for one in figures(picture(NOW, badness=1), NOW) if one.agent]
    assert [(one.measure, one.subject, one.value) for one in told] == [
        ("pause", "agent:lab:u7", 1.0), ("wrap_up", "agent:lab:u8", 1.0),
    ]  # fmt: skip
    assert told[0].is_about(("lab:billing",))
    assert not told[0].is_about(("lab:sales",))
    assert [one for one in figures(picture(NOW, badness=0), NOW) if one.agent] == []


def test_what_is_not_heard_is_not_judged_and_a_closed_queue_needs_nobody_free() -> None:
    away = picture(NOW, badness=2, live=False)
    assert list(figures(away, NOW)) == []
    assert set(unseen(away)) == {"lab:billing", "agent:lab:u7", "agent:lab:u8", "agent:lab:u9"}
    shut = msgspec.structs.replace(away.queues["lab:billing"], closed=Shut(why="hours"))
    live = {"queues": {"lab:billing": shut}, "servers": {"lab": ServerLife(live=True)}}
    free = next(one for one in figures(msgspec.structs.replace(away, **live), NOW) if one.measure == "free")
    assert free.value == float("inf")
