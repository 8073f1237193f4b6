"""Raises, renews and clears alerts by the rules of the floor, as the wallboard changes.

The board calls `look`, which only keeps the newest picture; once a second `run` judges it and writes what follows. What
can't be written because the database is away is written later, the newest word about each alert only. An alert that
somebody closed while its cause stands is not raised again until it gets worse, or is over and comes back.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec
import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from cxcall.asterisk.floor.alert_figures import figures, unseen
from cxcall.backoff import Backoff
from cxcall.bus import Bus
from cxcall.bus.floor import ALERT_RULES
from cxcall.calls.board_shapes import BoardSnapshot
from cxcall.queues.alerting import Alerting, Cleared, FloorRule, Outcome, Raised
from cxcall.store import alert_rules, alerts, pause_reasons, webhooks
from cxcall.store.alerts import NewAlert

log = structlog.get_logger(__name__)

PACE = 1.0
"""Seconds between two looks."""

RULES_S = 30.0
"""Seconds after which rules are read again, also if nobody said that they changed."""


class FloorAlerts:
    """Give `look` to the board's keeper; works while `run` runs."""

    def __init__(
        self, *, engine: AsyncEngine, bus: Bus, clock: Callable[[], float] = time.time, pace: float = PACE
    ) -> None:
        self._engine = engine
        self._bus = bus
        self._clock = clock
        self._pace = pace
        self._alerting = Alerting()
        self._rules: dict[str, FloorRule] = {}
        self._reasons: dict[str, Mapping[str, str]] = {}
        self._newest: BoardSnapshot | None = None
        self._unwritten: dict[str, Outcome] = {}
        self._read_at = float("-inf")

    def look(self, snapshot: BoardSnapshot) -> None:
        """A newer picture of the floor."""
        self._newest = snapshot

    async def run(self) -> None:
        """Until cancelled."""
        stop = self._bus.subscribe(ALERT_RULES, self._changed)
        backoff, known = Backoff(1.0, 30.0), False
        try:
            while True:
                try:
                    if not known:
                        await self._begin()
                        known = True
                    await self._step()
                    backoff.reset()
                    await asyncio.sleep(self._pace)
                except (SQLAlchemyError, OSError, TimeoutError) as error:
                    log.warning("alerts can't be written; they are later", error=str(error).partition("\n")[0])
                    await asyncio.sleep(backoff.next())
                except Exception:
                    log.exception("alerts can't be judged")
                    await asyncio.sleep(backoff.next())
        finally:
            stop()

    def _changed(self, _: object) -> None:
        self._read_at = float("-inf")

    async def _begin(self) -> None:
        """What stood before the start stands."""
        async with self._engine.connect() as conn:
            for alert in await alerts.of_rules(conn):
                self._alerting.stands(alert.key, alert.level, alert.last_at.timestamp())

    async def _step(self) -> None:
        now = self._clock()
        if now - self._read_at >= RULES_S:
            self._rules = await self._read()
            self._read_at = now
        if self._newest is not None and self._newest.complete:
            found = self._alerting.look(self._rules, figures(self._newest, now), now, absent=unseen(self._newest))
            self._unwritten |= {one.key: one for one in found}
        if self._unwritten:
            await self._write(dict(self._unwritten), datetime.fromtimestamp(now, UTC))
            self._unwritten.clear()

    async def _read(self) -> dict[str, FloorRule]:
        async with self._engine.connect() as conn:
            kept = await alert_rules.everything(conn, enabled_only=True)
            self._reasons = {one.id: one.name for one in await pause_reasons.everything(conn)}
        found = {}
        for rule in kept:
            try:
                found[rule.id] = msgspec.convert(rule.body, FloorRule)
            except msgspec.ValidationError as error:
                log.warning("a rule can't be read", rule=rule.id, error=str(error))
        return found

    async def _write(self, outcomes: Mapping[str, Outcome], now: datetime) -> None:
        news: list[dict[str, Any]] = []
        async with self._engine.begin() as conn:
            standing = {alert.key for alert in await alerts.of_rules(conn)}
            for key, outcome in outcomes.items():
                match outcome:
                    case Cleared():
                        alert = await alerts.clear(conn, key, now=now)
                    case Raised(why="still" | "better") if key not in standing:
                        alert = None  # somebody closed it
                    case Raised():
                        alert = await alerts.raise_(conn, self._alert(outcome), now=now)
                        if outcome.why in ("new", "worse"):
                            await _tell_webhooks(conn, alert.id, outcome, now)
                if alert is not None:
                    aloud = isinstance(outcome, Raised) and outcome.why in ("new", "worse") and alert.is_heard(now)
                    news.append({"id": alert.id, **({"news": alert.id} if aloud else {})})
            heard = await alerts.count_heard(conn, now=now)
        for one in news:
            self._bus.publish("alerts", {**one, "open": heard})

    def _alert(self, raised: Raised) -> NewAlert:
        figure, rule = raised.figure, raised.rule
        _, _, name = figure.queue.partition(":")
        params: dict[str, Any] = {
            "measure": figure.measure, "value": _plain(figure.value), "limit": raised.limit, "queue": name,
            "call": figure.call, "people": list(rule.people), "sound": rule.sound,
        }  # fmt: skip
        if figure.agent:
            reason = self._reasons.get(figure.reason)
            params |= {"agent": figure.name, "reason": figure.reason if reason is None else dict(reason)}
        return NewAlert(
            key=raised.key,
            title=rule.name,
            link=f"/live/{figure.call}" if figure.call else "/wallboard",
            params=params,
            level=raised.level,
            rule_id=raised.rule_id,
            queue=figure.queue,
        )


def _plain(value: float | None) -> float | None:
    return None if value is None else round(value, 2)


async def _tell_webhooks(conn: AsyncConnection, alert_id: str, raised: Raised, now: datetime) -> None:
    figure = raised.figure
    data = {
        "id": alert_id, "title": raised.rule.name, "level": raised.level, "measure": figure.measure,
        "value": _plain(figure.value), "limit": raised.limit, "queue": figure.queue, "call": figure.call or None,
        "agent": figure.name or None,
    }  # fmt: skip
    await webhooks.enqueue(conn, "alert.raised", data, now=now)
