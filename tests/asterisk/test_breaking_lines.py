"""What breaks between cxcall and its Asterisks: restarts, passwords, dead addresses, clocks, floods, garbage."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import re
import sqlite3
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import datetime
from pathlib import Path
from typing import Any

import aiohttp
import psutil
import pytest
import pytest_asyncio

from cxcall.demo.phone import Policy
from cxcall.demo.switch import Site, Switch
from cxcall.demo.switch.ports import free_port
from tests.asterisk.conftest import Phones, StartSwitch, connect_phones
from tests.asterisk.site import DIRECT, ami_of
from tests.support.fake_ami import FakeAmi
from tests.support.serving import Serving, serving

JOIN = b"Event: QueueCallerJoin\r\n"
LOAD = Path(__file__).parent.parent / "replay/streams/load_queue10.ami.gz"


def ended(number: str) -> Any:
    return lambda record: record["caller"]["number"] == number and record["ended_at"] is not None


async def server_state(site: Serving, name: str) -> str:
    async with aiohttp.ClientSession(site.address) as http, http.get("/readyz") as answer:
        return str((await answer.json())["ami"]["servers"][name]["state"])


async def until_state(site: Serving, name: str, state: str, limit: float = 60.0) -> None:
    async with asyncio.timeout(limit):
        while await server_state(site, name) != state:
            await asyncio.sleep(0.1)


async def direct_call(phones: Phones, number: str) -> None:
    """A whole call from outside to the phone 1001."""
    phones["1001"].policy = Policy.ANSWER
    call = phones.outside.call(f"{DIRECT}1001", from_number=number)
    await call.answered()
    await call.hang_up()
    await call.ended()


async def test_a_wrong_password_is_shown_with_its_remedy_and_repaired_in_asterisk_without_a_restart(
    start_switch: StartSwitch, tmp_path: Path
) -> None:
    switch = await start_switch(Site(name="locked"))
    async with AsyncExitStack() as stack, serving(tmp_path, {**ami_of(switch), "CXCALL_AMI__SECRET": "new"}) as site:
        phones = await connect_phones(switch, stack)
        await until_state(site, "locked", "refused")
        async with await site.sign_in("admin") as http, http.get("/admin/asterisk") as page:
            text = await page.text()
        assert "Login refused" in text
        assert "manager.conf" in text
        for file in (switch.folder / "etc").glob("manager*.conf"):
            file.write_text(file.read_text().replace(switch.secret, "new"))
        await switch.cli("manager reload")
        await until_state(site, "locked", "connected")
        await direct_call(phones, "09121250001")
        await site.call(ended("09121250001"))


async def test_an_asterisk_that_is_restarted_in_order_in_mid_call_leaves_no_call_open(
    start_switch: StartSwitch, tmp_path: Path
) -> None:
    switch = await start_switch(Site(name="restarted"))
    async with AsyncExitStack() as stack, serving(tmp_path, ami_of(switch)) as site:
        phones = await connect_phones(switch, stack)
        await site.connected()
        phones["1001"].policy = Policy.ANSWER
        call = phones.outside.call(f"{DIRECT}1001", from_number="09121250002")
        await call.answered()
        await site.call(lambda record: bool(record["talks"]))
        await switch.restart()
        record = await site.call(ended("09121250002"))
        assert record["outcome"] == "answered"
        await until_state(site, "restarted", "connected")
        for phone in (*phones.inside.values(), phones.outside):
            for left in phone.calls:
                await left.hang_up()
        await direct_call(phones, "09121250003")
        assert (await site.call(ended("09121250003")))["gaps"] == []


async def test_a_dead_server_and_one_whose_clock_is_wrong_do_not_touch_the_others(
    switch: Switch, phones: Phones, tmp_path: Path
) -> None:
    stream = gzip.decompress(LOAD.read_bytes())
    async with FakeAmi() as late:
        servers = [
            ("lab", switch.ami_port, switch.username, switch.secret),
            ("dead", free_port(), "cxcall", "x"),
            ("late", late.port, "cxcall", "right"),
        ]
        config = tmp_path / "cxcall.toml"
        config.write_text("".join(
            f'[[ami]]\nname = "{name}"\nport = {port}\nusername = "{user}"\nsecret = "{secret}"\n'
            for name, port, user, secret in servers
        ))  # fmt: skip
        async with serving(tmp_path, {}, config=config) as site:
            await until_state(site, "lab", "connected")
            await until_state(site, "late", "connected")
            assert await server_state(site, "dead") == "reconnecting"
            offset = time.time() - 300 - float(re.findall(rb"Timestamp: ([\d.]+)", stream)[0])
            late.send(re.sub(rb"Timestamp: ([\d.]+)", lambda at: _moved(at, offset), stream[:400_000]))
            await direct_call(phones, "09121250004")
            record = await site.call(ended("09121250004"))
            assert (record["server"], record["gaps"]) == ("lab", [])
            assert abs(time.time() - _epoch(record["started_at"])) < 60, "not 300 s as on the late one"
            async with await site.sign_in("admin") as http, asyncio.timeout(60):
                text = ""
                while "The clocks of the two machines differ." not in text:
                    async with http.get("/admin/asterisk/servers") as answer:
                        text = await answer.text()
                assert "Nothing listens on" in text


def _moved(at: re.Match[bytes], offset: float) -> bytes:
    return b"Timestamp: %.6f" % (float(at[1]) + offset)


def _epoch(iso: str) -> float:
    return datetime.fromisoformat(iso).timestamp()


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def flooded(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[tuple[FakeAmi, Serving]]:
    """A site that follows an Asterisk which only sends what it is told to."""
    async with FakeAmi(filters=False) as ami:
        given = {"CXCALL_AMI__NAME": "busy", "CXCALL_AMI__PORT": str(ami.port), "CXCALL_AMI__SECRET": "right"}
        async with serving(tmp_path_factory.mktemp("flooded"), given) as site:
            yield ami, site


async def test_a_flood_of_calls_leaves_pages_quick_and_memory_flat_and_loses_none(
    flooded: tuple[FakeAmi, Serving],
) -> None:
    ami, site = flooded
    stream = gzip.decompress(LOAD.read_bytes())
    calls = stream.count(JOIN)
    async with await site.sign_in("admin") as http:
        await site.connected()
        process = psutil.Process(site.pid)
        before = process.memory_info().rss
        sockets = [await http.ws_connect("/ws", headers={"Origin": site.address}) for _ in range(60)]
        for socket in sockets:  # and never read from them
            await socket.send_json({"sub": ["calls", "asterisk"]})
        sending = asyncio.create_task(_flood(ami, stream, 5))
        took = []
        while not sending.done():
            began = time.monotonic()
            async with http.get("/calls") as answer:
                await answer.read()
                assert answer.status == 200
            took.append(time.monotonic() - began)
        await sending
        async with asyncio.timeout(120):
            while stored(site) < 5 * calls:
                await asyncio.sleep(0.2)
        took.sort()
        assert took[len(took) // 2] < 3, took
        assert process.memory_info().rss - before < 80 << 20
        assert "Traceback" not in site.log()


def stored(site: Serving) -> int:
    """Calls that are in its database and over."""
    with contextlib.closing(sqlite3.connect(f"file:{site.folder}/data/cxcall.sqlite?mode=ro", uri=True)) as conn:
        found: int = conn.execute("SELECT count(*) FROM calls WHERE ended_at IS NOT NULL").fetchone()[0]
    return found


def ids(site: Serving) -> set[str]:
    """Every call that is in its database, by any of its ids."""
    with contextlib.closing(sqlite3.connect(f"file:{site.folder}/data/cxcall.sqlite?mode=ro", uri=True)) as conn:
        rows = conn.execute("SELECT id FROM calls UNION SELECT alias FROM call_aliases").fetchall()
    return {id_ for (id_,) in rows}


async def _flood(ami: FakeAmi, stream: bytes, times: int, first: int = 0) -> None:
    for number in range(first, first + times):
        ami.send(stream.replace(b"17952946", str(17952946 + number).encode()))
        await ami.drain()


async def test_a_stop_in_the_middle_of_a_flood_loses_nothing_that_was_read(flooded: tuple[FakeAmi, Serving]) -> None:
    ami, site = flooded
    stream = gzip.decompress(LOAD.read_bytes())
    for number in (1, 2):
        await site.connected()
        before = journal(site.folder).count(JOIN)
        sending = asyncio.create_task(_flood(ami, stream, 4, first=number * 10))
        async with asyncio.timeout(60):
            while journal(site.folder).count(JOIN) < before + 25:
                await asyncio.sleep(0.1)
        began = time.monotonic()
        await site.stop()
        assert time.monotonic() - began < 20
        sending.cancel()
        await asyncio.gather(sending, return_exceptions=True)
        await site.start()
    await site.connected()
    read = joined(site.folder)
    assert len(read) >= 50
    async with asyncio.timeout(60):
        while read - ids(site):
            await asyncio.sleep(0.1)


def joined(folder: Path) -> set[str]:
    """Our ids of the calls that came into a queue, as the journal has it."""
    found = re.findall(JOIN + rb"(?:.+\r\n)*?Uniqueid: (\S+)\r", journal(folder))
    return {f"busy-{id_.decode()}" for id_ in found}


def journal(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in sorted((folder / "data/journal/busy").glob("*.ami")))
