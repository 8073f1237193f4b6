"""What breaks at a site sooner or later: the database, the disk, the processes, the network, and what strangers send.

Everything here is real but where it says so: Asterisk, PostgreSQL, `cxcall serve` as a process of its own.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import pytest_asyncio

from cxcall.demo.phone import Policy
from cxcall.demo.sipp import place_calls
from cxcall.demo.switch import Site, Switch
from tests.asterisk.conftest import Phones, StartSwitch, connect_phones
from tests.asterisk.site import DIRECT, SUPPORT, ami_of
from tests.support.postgres import Postgres, own_postgres
from tests.support.serving import Serving, serving

HANG = 30.0
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


async def until_ready(http: aiohttp.ClientSession, want: bool) -> None:
    """Wait until /readyz says `want`."""
    async with asyncio.timeout(60):
        while (await ready(http))["ready"] is not want:
            await asyncio.sleep(0.1)


async def until_kept(folder: Path, number: str) -> None:
    """Wait until the journal has all of the call of `number`: the ends of both its channels."""
    async with asyncio.timeout(60):
        while journal(folder).partition(number.encode())[2].count(b"Event: Hangup\r\n") < 2:
            await asyncio.sleep(0.05)


def journal(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in sorted(folder.glob("data/journal/*/*.ami")))


@pytest.fixture(scope="module")
def postgres() -> Iterator[Postgres]:
    with own_postgres() as server:
        yield server


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def on_postgres(
    postgres: Postgres, switch: Switch, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Serving]:
    address = await asyncio.to_thread(postgres.create, "cxcall")
    folder = tmp_path_factory.mktemp("serving")
    async with serving(folder, {**ami_of(switch), "CXCALL_DATABASE__URL": address}) as site:
        yield site


@pytest_asyncio.fixture(loop_scope="session")
async def site(on_postgres: Serving, postgres: Postgres) -> AsyncIterator[Serving]:
    """A site whose database a test may freeze or stop."""
    await on_postgres.connected()
    yield on_postgres
    await asyncio.to_thread(postgres.thaw if postgres.runs else postgres.start)


@pytest.mark.postgresql
@pytest.mark.parametrize(
    ("outage", "first"), [("frozen", 9121240000), ("stopped", 9121240010)], ids=("frozen", "stopped")
)
async def test_calls_made_while_postgresql_is_away_are_recorded_when_it_is_back(
    phones: Phones, postgres: Postgres, site: Serving, outage: str, first: int
) -> None:
    before, across, during = (f"0{first + n}" for n in range(3))
    async with await site.sign_in("admin") as http:
        await direct_call(phones, before)
        await site.call(ended(before))
        spanning = phones.outside.call(f"{DIRECT}1001", from_number=across)
        await spanning.answered()
        await asyncio.to_thread(postgres.freeze if outage == "frozen" else postgres.stop)
        began = time.monotonic()
        async with http.get("/calls") as answer:
            page = await answer.text()
        took = time.monotonic() - began
        assert (answer.status, took < HANG) == (503, True)
        assert "Calls go on as before" in page
        await until_ready(http, False)
        body = await ready(http)
        assert body["database"]["ready"] is False
        await direct_call(phones, during)
        await spanning.hang_up()
        await spanning.ended()
        await asyncio.to_thread(postgres.thaw if outage == "frozen" else postgres.start)
        await until_ready(http, True)
        for number in (across, during):
            record = await site.call(ended(number))
            assert (record["outcome"], record["gaps"]) == ("answered", [])
        told = Counter(call["caller"]["number"] for call in await site.calls())
        assert [told[number] for number in (before, across, during)] == [1, 1, 1]
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
        told = queue_log(switch)
        assert len(told) == 40
        rows = await until_over(site)
        found = Counter(row["id"] for row in rows)
        unseen = {id_ for id_, call in told.items() if any(a - 1 <= call.first and call.last <= b for a, b in down)}
        assert [id_ for id_, times in found.items() if times > 1] == []
        assert set(found) <= set(told)
        assert set(told) - set(found) <= unseen
        assert len(found) >= 5, "those before the first crash at least"
        for row in rows:
            record = await site.get(f"/api/v1/calls/{row['id']}")
            if not record["gaps"]:
                assert (record["outcome"] == "answered") == told[row["id"]].answered, record


async def until_over(site: Serving) -> list[dict[str, Any]]:
    """Rows of all calls, once none of them goes on."""
    async with asyncio.timeout(60):
        while True:
            rows: list[dict[str, Any]] = (await site.get("/api/v1/calls", limit="100"))["items"]
            if all(row["ended_at"] for row in rows):
                return rows
            await asyncio.sleep(0.1)


@pytest.mark.postgresql
async def test_a_stop_is_quick_and_loses_nothing_while_postgresql_hangs(
    phones: Phones, postgres: Postgres, site: Serving
) -> None:
    await asyncio.to_thread(postgres.freeze)
    await direct_call(phones, "09121240021")
    await until_kept(site.folder, "09121240021")
    began = time.monotonic()
    await site.stop()
    took = time.monotonic() - began
    await asyncio.to_thread(postgres.thaw)
    await site.start()
    record = await site.call(ended("09121240021"))
    assert (record["outcome"], record["gaps"]) == ("answered", [])
    assert took < 20, took
    assert "Traceback" not in site.log()
