"""`cxcall serve` is killed while calls ask it where to go, over HTTP and over FastAGI: they go on at once."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path

from cxcall import service
from cxcall.demo.phone import Policy
from cxcall.demo.switch import Site, Switch, Tree
from cxcall.routing.rule import Rule, RuleSet, Then
from cxcall.settings import load
from cxcall.store import queues, rule_sets
from tests.asterisk.conftest import connect_phones
from tests.asterisk.site import SUPPORT, ami_of
from tests.support.serving import Serving

WAYS = {"09126000001": "http", "09126000002": "agi"}
DEFAULT, HINTED = ("1001", "1002"), ("1004", "1005")
TO_SALES = RuleSet(rules=(Rule(id="sales", name="Sales", then=Then(queue="sales")),))


async def test_who_asks_while_cxcall_dies_is_in_the_default_queue_at_once(tree: Tree, tmp_path: Path) -> None:
    cxcall = Serving(tmp_path, {})
    async with AsyncExitStack() as running:
        site = Site(name="lab", web=f"127.0.0.1:{cxcall.port}", agi=f"127.0.0.1:{cxcall.agi_port}")
        switch = await running.enter_async_context(Switch.start(tmp_path / "switch", tree, site))
        running.push_async_callback(switch.kill)
        phones = await connect_phones(switch, running)
        phones["1003"].policy = Policy.BUSY  # of both queues
        cxcall.environ.update(ami_of(switch))
        engine = await running.enter_async_context(service.database(load(None, cxcall.environ)))
        async with engine.begin() as conn:
            await queues.observe(conn, "lab", ["support", "sales"], now=datetime.now(UTC))
            await rule_sets.publish(conn, TO_SALES, base=0, by="tests", now=datetime.now(UTC))
        await cxcall.add_user("admin", "admin", display_name="Admin")
        await cxcall.start()
        running.push_async_callback(cxcall.stop)
        await cxcall.connected()

        async def dial(number: str) -> None:
            await switch.cli(f"dialplan set global CXCALL_ROUTE_BY {WAYS[number]}")
            phones.outside.call(SUPPORT, from_number=number)

        for number in WAYS:
            await dial(number)
            ring = await phones.first_ringing()
            assert (ring.phone.number in HINTED, ring.number) == (True, number), cxcall.log()
            await switch.cli("channel request hangup all")
            await ring.ended()
            await phones.forget_rings()

        os.kill(cxcall.pid, signal.SIGSTOP)  # it has the requests, and says nothing
        for number in WAYS:
            await dial(number)
        await asyncio.sleep(0.3)
        killed = time.time()
        await cxcall.kill()
        rings = await asyncio.gather(*(phones[number].next_call(30) for number in DEFAULT))
        took = {WAYS[ring.number]: round(ring.invited_at - killed, 2) for ring in rings}
        print("from the kill to the ring:", took)
        assert took.keys() == {"http", "agi"}
        assert max(took.values()) < 2.5, took
