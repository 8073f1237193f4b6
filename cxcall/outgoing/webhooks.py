"""Sends what waits for webhooks: signed, with a deadline, tried again with longer waits (store/webhooks.py).

Each webhook gets its deliveries one after the other, so one slow receiver delays nobody else. A try that is cut off by
our own end is not counted and comes again: a receiver may see the same `id` twice and must know it by that.
"""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

import aiohttp
import msgspec
import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from cxcall.bus import Bus
from cxcall.outgoing.signature import HEADER, sign
from cxcall.store import webhooks
from cxcall.store.errors import reason
from cxcall.store.webhooks import Delivery, Webhook

CHANNEL = "webhooks"
"""Published by whoever wrote deliveries, so that they leave at once."""

LIMIT_S = 10.0
"""For a receiver to take a delivery and answer."""

LOOK_EVERY_S = 5.0
KEPT = timedelta(days=30)

log = structlog.get_logger(__name__)


class WebhookSender:
    """Sends deliveries while `run` runs; `clock` is the time now (aware UTC)."""

    def __init__(
        self,
        *,
        engine: AsyncEngine,
        bus: Bus,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        limit: float = LIMIT_S,
    ) -> None:
        self._engine = engine
        self._bus = bus
        self._clock = clock
        self._limit = limit
        self._wanted = asyncio.Event()
        self._busy: set[str] = set()

    async def run(self) -> None:
        """Run until cancelled."""
        stop = self._bus.subscribe(CHANNEL, lambda _: self._wanted.set())
        swept = float("-inf")
        try:
            async with (
                aiohttp.ClientSession(
                    timeout=aiohttp.ClientTimeout(total=self._limit), cookie_jar=aiohttp.DummyCookieJar()
                ) as session,
                asyncio.TaskGroup() as group,
            ):
                while True:
                    self._wanted.clear()
                    try:
                        await self.start_due(session, group)
                        if time.monotonic() - swept > 24 * 3600:
                            await self._sweep()
                            swept = time.monotonic()
                    except (SQLAlchemyError, OSError, TimeoutError) as error:
                        log.warning("webhooks wait for the database", error=reason(error))
                    await self._rest()
        finally:
            stop()

    async def start_due(self, session: aiohttp.ClientSession, group: asyncio.TaskGroup) -> int:
        """Begin to send all that is due now, but for receivers still busy with the last; returns how many."""
        async with self._engine.connect() as conn:
            due = await webhooks.due(conn, now=self._clock())
            hooks = {hook.id: hook for hook in await webhooks.every(conn)} if due else {}
        by_hook: dict[str, list[Delivery]] = defaultdict(list)
        for delivery in due:
            if delivery.webhook_id in hooks and delivery.webhook_id not in self._busy:  # else it was just removed
                by_hook[delivery.webhook_id].append(delivery)
        for id_, rows in by_hook.items():
            self._busy.add(id_)
            group.create_task(self._send_all(session, hooks[id_], rows))
        return sum(len(rows) for rows in by_hook.values())

    async def _send_all(self, session: aiohttp.ClientSession, hook: Webhook, due: Sequence[Delivery]) -> None:
        try:
            for delivery in due:
                status, answer = await self._send(session, hook, delivery)
                async with self._engine.begin() as conn:
                    after = await webhooks.tried(conn, delivery, status=status, answer=answer, now=self._clock())
                if after.state == "given_up":
                    log.warning(
                        "a webhook delivery was given up", webhook=hook.name, event=delivery.event, answer=answer
                    )
                if after.state != "delivered":
                    return  # the receiver is in trouble: what is behind waits for the next look
            self._wanted.set()  # there may be more
        except (SQLAlchemyError, OSError, TimeoutError) as error:
            log.warning("what came of a webhook delivery can't be written; it is sent again", error=reason(error))
        finally:
            self._busy.discard(hook.id)

    async def _send(self, session: aiohttp.ClientSession, hook: Webhook, delivery: Delivery) -> tuple[int | None, str]:
        fields = {**msgspec.json.decode(delivery.body), "sent_at": int(self._clock().timestamp())}
        body = msgspec.json.encode(fields)
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "cxcall",
            "X-Cxcall-Event": delivery.event,
            "X-Cxcall-Delivery": delivery.id,
            HEADER: sign(body, hook.secret),
        }
        try:
            async with session.post(hook.url, data=body, headers=headers, allow_redirects=False) as answer:
                said = await answer.content.read(4 * webhooks.LONGEST_ANSWER)
                return answer.status, said.decode(errors="replace")
        except TimeoutError:
            return None, f"no answer within {self._limit:g} s"
        except (aiohttp.ClientError, OSError, ValueError) as error:
            return None, str(error) or type(error).__name__

    async def _sweep(self) -> None:
        async with self._engine.begin() as conn:
            await webhooks.sweep(conn, before=self._clock() - KEPT)

    async def _rest(self) -> None:
        try:
            async with asyncio.timeout(LOOK_EVERY_S):
                await self._wanted.wait()
        except TimeoutError:
            return
