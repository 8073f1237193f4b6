"""Deliveries over real HTTP: signed, tried again, one slow receiver delaying nobody."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp
import msgspec
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from sqlalchemy.ext.asyncio import AsyncEngine

from cxcall.bus import Bus
from cxcall.outgoing.signature import HEADER, is_signed
from cxcall.outgoing.webhooks import CHANNEL, WebhookSender
from cxcall.store import webhooks
from cxcall.store.engine import open_engine, upgrade
from cxcall.store.webhooks import Delivery, Webhook

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


@dataclass(slots=True)
class Receiver:
    """A system that is told, and answers as it is bid."""

    url: str = ""
    status: int = 204
    wait: float = 0.0
    got: list[tuple[dict[str, str], bytes]] = field(default_factory=list)

    async def take(self, request: web.Request) -> web.Response:
        self.got.append((dict(request.headers), await request.read()))
        await asyncio.sleep(self.wait)
        return web.Response(status=self.status, text="" if self.status == 204 else "no, thanks",
                            headers={"Location": "/elsewhere"})  # fmt: skip


@pytest.fixture
async def engine(tmp_path: Path) -> AsyncIterator[AsyncEngine]:
    engine = open_engine(f"sqlite:///{tmp_path / 'x.sqlite'}")
    await upgrade(engine)
    yield engine
    await engine.dispose()


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    receiver = Receiver()
    app = web.Application()
    app.router.add_post("/hook", receiver.take)
    async with TestServer(app) as server:
        receiver.url = str(server.make_url("/hook"))
        yield receiver


async def hook_at(engine: AsyncEngine, url: str, n: int = 1) -> Webhook:
    async with engine.begin() as conn:
        hook = await webhooks.create(conn, name="CRM", url=url, events=["task.created"], by="x", now=NOW)
        for number in range(n):
            await webhooks.enqueue(conn, "task.created", {"n": number, "name": "سارا"}, now=NOW, to=hook.id)
    return hook


async def deliveries(engine: AsyncEngine, hook: Webhook) -> list[Delivery]:
    async with engine.connect() as conn:
        return await webhooks.deliveries(conn, hook.id)


async def send(engine: AsyncEngine, now: datetime = NOW, limit: float = 5.0) -> int:
    sender = WebhookSender(engine=engine, bus=Bus(epoch=1), clock=lambda: now, limit=limit)
    async with (
        aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=limit)) as session,
        asyncio.TaskGroup() as group,
    ):
        return await sender.start_due(session, group)


async def test_a_delivery_is_signed_named_and_dated(engine: AsyncEngine, receiver: Receiver) -> None:
    hook = await hook_at(engine, receiver.url)
    assert await send(engine) == 1
    [(headers, body)] = receiver.got
    told = msgspec.json.decode(body)
    assert is_signed(body, hook.secret, headers[HEADER])
    assert not is_signed(body + b" ", hook.secret, headers[HEADER])
    assert not is_signed(body, "another", headers[HEADER])
    [delivery] = await deliveries(engine, hook)
    assert (told["id"], told["event"], told["data"]) == (delivery.id, "task.created", {"n": 0, "name": "سارا"})
    assert told["sent_at"] == int(NOW.timestamp())
    assert (delivery.state, delivery.status, headers["X-Cxcall-Delivery"]) == ("delivered", 204, delivery.id)
    assert await send(engine) == 0


@pytest.mark.parametrize("status", [500, 404, 302])
async def test_what_is_refused_or_sent_elsewhere_is_tried_again(
    engine: AsyncEngine, receiver: Receiver, status: int
) -> None:
    receiver.status = status
    hook = await hook_at(engine, receiver.url)
    await send(engine)
    [delivery] = await deliveries(engine, hook)
    assert (delivery.state, delivery.status, delivery.answer) == ("waiting", status, "no, thanks")
    assert await send(engine, NOW + timedelta(seconds=5)) == 0
    receiver.status = 200
    assert await send(engine, NOW + timedelta(seconds=11)) == 1
    [delivery] = await deliveries(engine, hook)
    assert (delivery.state, delivery.tries, len(receiver.got)) == ("delivered", 2, 2)


async def test_nobody_there_and_nobody_answering_are_said(engine: AsyncEngine, receiver: Receiver) -> None:
    away = await hook_at(engine, "http://127.0.0.1:9/hook")
    receiver.wait = 30
    slow = await hook_at(engine, receiver.url)
    await send(engine, limit=0.5)
    assert (await deliveries(engine, slow))[0].answer == "no answer within 0.5 s"
    assert "127.0.0.1:9" in (await deliveries(engine, away))[0].answer


async def test_a_slow_receiver_delays_no_other(engine: AsyncEngine, receiver: Receiver) -> None:
    receiver.wait = 3.0
    slow = Receiver(wait=0.0)
    app = web.Application()
    app.router.add_post("/hook", slow.take)
    async with TestServer(app) as server:
        await hook_at(engine, receiver.url)
        quick = await hook_at(engine, str(server.make_url("/hook")), n=3)
        sending = asyncio.create_task(send(engine))
        async with asyncio.timeout(20):
            while len(slow.got) < 3:
                await asyncio.sleep(0.02)
        assert not sending.done()
        assert await sending == 4
    assert {delivery.state for delivery in await deliveries(engine, quick)} == {"delivered"}


async def test_a_receiver_that_hangs_with_much_waiting_delays_no_other(engine: AsyncEngine, receiver: Receiver) -> None:
    receiver.wait = 30.0
    quick = Receiver()
    app = web.Application()
    app.router.add_post("/hook", quick.take)
    async with TestServer(app) as server:
        hanging = await hook_at(engine, receiver.url, n=200)
        bus = Bus(epoch=1)
        running = asyncio.create_task(WebhookSender(engine=engine, bus=bus, clock=lambda: NOW, limit=20.0).run())
        async with asyncio.timeout(20):
            while not receiver.got:
                await asyncio.sleep(0.02)
        told = await hook_at(engine, str(server.make_url("/hook")), n=60)
        bus.publish(CHANNEL, {})
        async with asyncio.timeout(15):
            while len(quick.got) < 60:
                await asyncio.sleep(0.02)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
    assert len(receiver.got) == 1
    assert len({headers["X-Cxcall-Delivery"] for headers, _ in quick.got}) == 60
    assert {delivery.tries for delivery in await deliveries(engine, hanging)} == {0}
    assert len(await deliveries(engine, told)) == 60


async def test_ten_megabytes_of_answer_are_not_taken(engine: AsyncEngine, receiver: Receiver) -> None:
    sent = 0

    async def flood(request: web.Request) -> web.StreamResponse:
        nonlocal sent
        answer = web.StreamResponse()
        await answer.prepare(request)
        for _ in range(160):
            await answer.write(b"x" * 65_536)
            sent += 65_536
        return answer

    app = web.Application()
    app.router.add_post("/hook", flood)
    async with TestServer(app) as server:
        hook = await hook_at(engine, str(server.make_url("/hook")))
        await send(engine)
    [delivery] = await deliveries(engine, hook)
    assert (delivery.state, delivery.status, len(delivery.answer)) == ("delivered", 200, webhooks.LONGEST_ANSWER)
    assert sent < 160 * 65_536


async def test_what_is_behind_a_failure_waits(engine: AsyncEngine, receiver: Receiver) -> None:
    receiver.status = 503
    hook = await hook_at(engine, receiver.url, n=4)
    await send(engine)
    assert len(receiver.got) == 1
    assert sum(delivery.tries for delivery in await deliveries(engine, hook)) == 1


async def test_it_sends_at_once_when_told_and_stops_when_cancelled(engine: AsyncEngine, receiver: Receiver) -> None:
    bus = Bus(epoch=1)
    running = asyncio.create_task(WebhookSender(engine=engine, bus=bus, clock=lambda: NOW).run())
    await asyncio.sleep(0.2)
    began = time.monotonic()
    await hook_at(engine, receiver.url)
    bus.publish(CHANNEL, {})
    async with asyncio.timeout(20):
        while not receiver.got:
            await asyncio.sleep(0.02)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert time.monotonic() - began < 20
