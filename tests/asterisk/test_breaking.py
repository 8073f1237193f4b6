"""What breaks at a site sooner or later: the database, the disk, the processes, the network, and what strangers send.

Everything here is real but where it says so: Asterisk, PostgreSQL, `cxcall serve` as a process of its own.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from cxcall.demo.phone import Policy
from cxcall.demo.sipp import place_calls
from cxcall.demo.switch import Site, Switch
from tests.asterisk.conftest import Phones, StartSwitch, connect_phones
from tests.asterisk.site import DIRECT, SUPPORT, ami_of
from tests.support.postgres import own_postgres
from tests.support.serving import serving

HANG = 20.0
"""Seconds after which a page counts as hanging."""


async def direct_call(phones: Phones, number: str, seconds: float = 0.1) -> None:
    """A whole call from outside to the phone 1001."""
    phones["1001"].policy = Policy.ANSWER
    call = phones.outside.call(f"{DIRECT}1001", from_number=number)
    await call.answered()
    await asyncio.sleep(seconds)
    await call.hang_up()
    await call.ended()


def ended(number: str) -> Any:
    return lambda record: record["caller"]["number"] == number and record["ended_at"] is not None


@dataclass(slots=True)
class Told:
    """A call as Asterisk's own queue_log tells it; times are whole epoch seconds."""

    first: float
    last: float = 0.0
    answered: bool = False


def queue_log(switch: Switch) -> dict[str, Told]:
    """The calls of queue_log by our ids."""
    found: dict[str, Told] = {}
    for line in (switch.folder / "log/queue_log").read_text().splitlines():
        at, unique_id, _, _, event, *_ = line.split("|")
        if unique_id != "NONE":
            call = found.setdefault(f"{switch.name}-{unique_id}", Told(float(at)))
            call.last = float(at)
            call.answered = call.answered or event == "CONNECT"
    return found


async def ready(http: aiohttp.ClientSession) -> dict[str, Any]:
    async with http.get("/readyz") as answer:
        body: dict[str, Any] = await answer.json()
    return body


async def until_ready(http: aiohttp.ClientSession, want: bool, limit: float = 20.0) -> float:
    """Seconds until /readyz says `want`."""
    began = time.monotonic()
    async with asyncio.timeout(limit):
        while (await ready(http))["ready"] is not want:
            await asyncio.sleep(0.1)
    return time.monotonic() - began


@pytest.mark.postgresql
@pytest.mark.parametrize("outage", ["frozen", "stopped"])
async def test_calls_made_while_postgresql_is_away_are_recorded_when_it_is_back(
    switch: Switch, phones: Phones, tmp_path: Path, outage: str
) -> None:
    with own_postgres() as database:
        address = await asyncio.to_thread(database.create, "cxcall")
        async with (
            serving(tmp_path, {**ami_of(switch), "CXCALL_DATABASE__URL": address}) as site,
            await site.sign_in("admin") as http,
        ):
            await site.connected()
            await direct_call(phones, "09121240001")
            await site.call(ended("09121240001"))
            spanning = phones.outside.call(f"{DIRECT}1001", from_number="09121240002")
            await spanning.answered()
            await asyncio.to_thread(database.freeze if outage == "frozen" else database.stop)
            began = time.monotonic()
            async with http.get("/calls") as answer:
                page = await answer.text()
            took = time.monotonic() - began
            assert (answer.status, took < HANG) == (503, True)
            assert "Calls go on as before" in page
            await until_ready(http, False)
            body = await ready(http)
            assert body["database"]["ready"] is False
            await direct_call(phones, "09121240003")
            await spanning.hang_up()
            await spanning.ended()
            await asyncio.to_thread(database.thaw if outage == "frozen" else database.start)
            await until_ready(http, True)
            for number in ("09121240002", "09121240003"):
                record = await site.call(ended(number))
                assert (record["outcome"], record["gaps"]) == ("answered", [])
            rows = await site.get("/api/v1/calls", limit="20")
            assert len(rows["items"]) == 3
            assert "Traceback" not in site.log()


async def test_killed_again_and_again_under_load_every_call_is_there_once(
    start_switch: StartSwitch, tmp_path: Path
) -> None:
    switch = await start_switch(Site(name="loaded"))
    down: list[tuple[float, float]] = []
    async with AsyncExitStack() as stack, serving(tmp_path, ami_of(switch)) as site:
        phones = await connect_phones(switch, stack)
        for phone in phones.inside.values():
            phone.policy = Policy.ANSWER
        await site.connected()
        load = asyncio.create_task(
            place_calls(switch.tree, switch.sip_address, SUPPORT, calls=40, per_second=5, seconds=3)
        )
        for _ in range(2):
            await asyncio.sleep(random.uniform(1.0, 3.0))
            began = time.time()
            await site.kill()
            await site.start()
            await site.connected()
            down.append((began, time.time()))
        outcome = await load
        assert outcome.failed == 0
        await asyncio.sleep(0.5)
        told = queue_log(switch)
        assert len(told) == 40
        rows = (await site.get("/api/v1/calls", limit="100"))["items"]
        found = Counter(row["id"] for row in rows)
        unseen = {id_ for id_, call in told.items() if any(a - 1 <= call.first and call.last <= b for a, b in down)}
        assert [id_ for id_, times in found.items() if times > 1] == []
        assert set(found) <= set(told)
        assert set(told) - set(found) <= unseen
        assert len(found) >= 25
        for row in rows:
            record = await site.get(f"/api/v1/calls/{row['id']}")
            assert record["ended_at"] is not None
            if not record["gaps"]:
                assert (record["outcome"] == "answered") == told[row["id"]].answered, record


@pytest.mark.postgresql
async def test_a_stop_is_quick_and_loses_nothing_while_postgresql_hangs(
    switch: Switch, phones: Phones, tmp_path: Path
) -> None:
    with own_postgres() as database:
        address = await asyncio.to_thread(database.create, "cxcall")
        async with serving(tmp_path, {**ami_of(switch), "CXCALL_DATABASE__URL": address}) as site:
            await site.connected()
            await asyncio.to_thread(database.freeze)
            await direct_call(phones, "09121240011")
            await asyncio.sleep(0.5)
            began = time.monotonic()
            await site.stop()
            took = time.monotonic() - began
            await asyncio.to_thread(database.thaw)
            await site.start()
            record = await site.call(ended("09121240011"))
            assert (record["outcome"], record["gaps"]) == ("answered", [])
            assert took < 8, took
            assert "Traceback" not in site.log()
