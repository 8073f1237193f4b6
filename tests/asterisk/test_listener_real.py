"""The listener on a real Asterisk: filters, resync, restarts of either side, acts."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from cxcall.asterisk.edge import AsteriskEdge
from cxcall.asterisk.limits import Limits
from cxcall.bus import Bus, CommandRefused, Commands
from cxcall.bus.acts import BlindTransfer, Hangup, Mute, PauseMember
from cxcall.calls.record import CallRecord
from cxcall.demo.phone import Call, Policy
from cxcall.demo.switch import Site, Switch, Tree
from cxcall.settings import Ami, Settings
from cxcall.settings import Site as SiteSettings
from cxcall.store import calls
from cxcall.store.engine import open_engine
from tests.asterisk.conftest import Phones, connect_phones, no_calls
from tests.support.schema import new_database

QUEUE = "02191000500"
QUICK = Limits(retry=(0.1, 1.0))


class Followed:
    """An edge that follows real servers into an SQLite file."""

    def __init__(self, folder: Path, engine: AsyncEngine, *servers: Ami, limits: Limits = QUICK) -> None:
        self.engine = engine
        self.commands = Commands()
        self.edge = AsteriskEdge(
            settings=Settings(ami=servers, site=SiteSettings(country="IR")),
            engine=engine,
            bus=Bus(0),
            commands=self.commands,
            data_dir=folder,
            limits=limits,
        )

    def status(self, server: int = 0) -> Any:
        return self.edge.status()[server]

    async def records(self) -> list[CallRecord]:
        async with self.engine.connect() as conn:
            ids = (await conn.execute(text("SELECT id FROM calls ORDER BY started_at"))).scalars().all()
            found = [await calls.get(conn, id_) for id_ in ids]
        return [record for record in found if record is not None]

    async def record(self, wanted: Callable[[CallRecord], bool], limit: float = 40.0) -> CallRecord:
        """The first record that is as wanted."""
        async with asyncio.timeout(limit):
            while True:
                for record in await self.records():
                    if wanted(record):
                        return record
                await asyncio.sleep(0.05)

    async def until(self, condition: Callable[[], bool], limit: float = 60.0) -> None:
        async with asyncio.timeout(limit):
            while not condition():
                await asyncio.sleep(0.02)


def ami_of(switch: Switch) -> Ami:
    return Ami(name=switch.name, port=switch.ami_port, username=switch.username, secret=switch.secret)


@asynccontextmanager
async def following(
    folder: Path, engine: AsyncEngine, *servers: Ami, limits: Limits = QUICK
) -> AsyncIterator[Followed]:
    followed = Followed(folder, engine, *servers, limits=limits)
    running = asyncio.create_task(followed.edge.run())
    try:
        await followed.until(lambda: all(status.resynced_at is not None for status in followed.edge.status()))
        yield followed
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


@pytest_asyncio.fixture(loop_scope="session")
async def engine(tmp_path: Path) -> AsyncIterator[AsyncEngine]:
    engine = open_engine(new_database(tmp_path / "cxcall.sqlite"))
    yield engine
    await engine.dispose()


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def other(tree: Tree, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Switch]:
    """A second Asterisk, which tests freeze, kill and start again."""
    async with Switch.start(tmp_path_factory.mktemp("other"), tree, Site(name="other")) as switch:
        yield switch
        await switch.kill()


async def queue_call(phones: Phones, number: str = "09121234567") -> tuple[Call, Call]:
    """Caller and agent in conversation by way of the queue."""
    call = phones.outside.call(QUEUE, from_number=number)
    ring = await phones.first_ringing("1001", "1002", "1003")
    await ring.answer()
    await call.answered()
    return call, ring


def talking(number: str) -> Callable[[CallRecord], bool]:
    return lambda record: record.caller.number == number and bool(record.talks) and record.ended_at is None


def ended(number: str) -> Callable[[CallRecord], bool]:
    return lambda record: record.caller.number == number and record.ended_at is not None


async def test_login_tells_version_and_an_answered_queue_call_costs_about_thirty_events(
    switch: Switch, phones: Phones, engine: AsyncEngine, tmp_path: Path
) -> None:
    async with following(tmp_path, engine, ami_of(switch)) as site:
        status = site.status()
        assert (status.state, status.filtered) == ("connected", True)
        assert status.asterisk_version
        assert status.ami_version
        await no_calls(switch)
        before = site.status().events
        call, ring = await queue_call(phones, "09121230001")
        await asyncio.sleep(0.5)
        await ring.hang_up()
        await call.ended()
        record = await site.record(ended("09121230001"))
        await asyncio.sleep(0.3)
        assert record.outcome == "answered"
        assert record.gaps == ()
        events = site.status().events - before
        assert 15 <= events <= 40, events
        assert site.status().unreadable == 0
        assert abs(site.status().lag) < 10


async def test_a_wrong_password_is_told_and_not_hidden(switch: Switch, engine: AsyncEngine, tmp_path: Path) -> None:
    wrong = Ami(name=switch.name, port=switch.ami_port, username=switch.username, secret="wrong")
    followed = Followed(tmp_path, engine, wrong)
    running = asyncio.create_task(followed.edge.run())
    await followed.until(lambda: followed.status().state == "refused")
    assert "Authentication failed" in str(followed.status().last_error)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_a_call_lives_through_our_lost_connection_with_its_history_and_a_gap(
    switch: Switch, phones: Phones, engine: AsyncEngine, tmp_path: Path
) -> None:
    async with relay(switch.ami_port) as line:
        server = Ami(name=switch.name, port=line.port, username=switch.username, secret=switch.secret)
        async with following(tmp_path, engine, server) as site:
            call, ring = await queue_call(phones, "09121230002")
            before = await site.record(talking("09121230002"))
            await line.cut()
            await site.until(lambda: site.status().reconnects == 1 and site.status().gaps == 1)
            during = await site.record(talking("09121230002"))
            assert during.id == before.id
            await ring.hang_up()
            await call.ended()
            record = await site.record(ended("09121230002"))
            assert record.outcome == "answered"
            assert record.answered_at == before.answered_at
            assert record.queue_visits[0].agent == before.queue_visits[0].agent
            assert [gap.why for gap in record.gaps] == ["listener down"]
            assert len([one for one in await site.records() if one.caller.number == "09121230002"]) == 1


async def test_a_call_that_ends_while_the_line_is_cut_is_ended_at_the_resync(
    switch: Switch, phones: Phones, engine: AsyncEngine, tmp_path: Path
) -> None:
    async with relay(switch.ami_port) as line:
        server = Ami(name=switch.name, port=line.port, username=switch.username, secret=switch.secret)
        async with following(tmp_path, engine, server) as site:
            call, ring = await queue_call(phones, "09121230003")
            await site.record(talking("09121230003"))
            line.closed = True
            await line.cut()
            await ring.hang_up()
            await call.ended()
            await no_calls(switch)
            line.closed = False
            record = await site.record(ended("09121230003"))
            assert record.outcome == "answered"
            assert len(record.gaps) == 1


async def test_a_call_that_began_while_nobody_listened_is_found_and_followed(
    switch: Switch, phones: Phones, engine: AsyncEngine, tmp_path: Path
) -> None:
    call, ring = await queue_call(phones, "09121230004")
    async with following(tmp_path, engine, ami_of(switch)) as site:
        found = await site.record(talking("09121230004"))
        assert found.outcome == "answered"
        await call.hang_up()
        record = await site.record(ended("09121230004"))
        assert record.id == found.id
    await ring.ended()


async def test_a_call_keeps_its_history_over_a_restart_of_ours(
    switch: Switch, phones: Phones, engine: AsyncEngine, tmp_path: Path
) -> None:
    async with following(tmp_path, engine, ami_of(switch)) as site:
        call, ring = await queue_call(phones, "09121230005")
        before = await site.record(talking("09121230005"))
    async with following(tmp_path, engine, ami_of(switch)) as site:
        await ring.hang_up()
        await call.ended()
        record = await site.record(ended("09121230005"))
        assert record.id == before.id
        assert record.answered_at == before.answered_at
        assert record.queue_visits[0].attempts == before.queue_visits[0].attempts
        assert len(record.gaps) == 1
        assert len([one for one in await site.records() if one.caller.number == "09121230005"]) == 1


async def test_calls_end_with_a_gap_when_asterisk_is_killed_and_new_ones_are_followed_when_it_is_back(
    other: Switch, engine: AsyncEngine, tmp_path: Path
) -> None:
    switch = other
    async with contextlib.AsyncExitStack() as stack:
        phones = await connect_phones(switch, stack)
        async with following(tmp_path, engine, ami_of(switch)) as site:
            await queue_call(phones, "09121230006")
            await site.record(talking("09121230006"))
            await switch.kill()
            await site.until(lambda: site.status().state == "reconnecting")
            with pytest.raises(CommandRefused, match="no connection"):
                await site.commands.ask("ami:other", Hangup(channel="PJSIP/1001-1"))
            await switch.restart()
            record = await site.record(ended("09121230006"))
            assert record.outcome == "answered"
            assert len(record.gaps) == 1
            for phone in phones.inside.values():
                for left in phone.calls:
                    await left.hang_up()
            await site.until(lambda: site.status().state == "connected")
            call, ring = await queue_call(phones, "09121230007")
            await ring.hang_up()
            await call.ended()
            assert (await site.record(ended("09121230007"))).gaps == ()


async def test_an_asterisk_that_stands_still_is_dropped_and_does_nothing_late_when_it_goes_on(
    other: Switch, engine: AsyncEngine, tmp_path: Path
) -> None:
    switch = other
    async with contextlib.AsyncExitStack() as stack:
        phones = await connect_phones(switch, stack)
        limits = Limits(retry=(0.1, 0.5), idle=1, pong=1, action=2, fresh=0.2)
        async with following(tmp_path, engine, ami_of(switch), limits=limits) as site:
            call, ring = await queue_call(phones, "09121230011")
            record = await site.record(talking("09121230011"))
            await asyncio.sleep(0.5)
            assert switch.pid is not None
            os.kill(switch.pid, signal.SIGSTOP)
            try:
                for _ in range(2):  # what it said before is read in the first, and old after the second
                    await asyncio.sleep(1.5 * limits.fresh)
                with pytest.raises(CommandRefused, match="did not answer"):
                    await site.commands.ask("ami:other", Hangup(channel=record.legs[0].channel))
                await site.until(lambda: "silent" in str(site.status().last_error))
            finally:
                os.kill(switch.pid, signal.SIGCONT)
            await site.until(lambda: site.status().state == "connected" and site.status().gaps >= 1)
            await asyncio.sleep(0.5)
            assert (await site.record(talking("09121230011"))).id == record.id
            await ring.hang_up()
            await call.ended()
            assert (await site.record(ended("09121230011"))).outcome == "answered"


async def test_two_servers_are_followed_at_once(
    switch: Switch, phones: Phones, other: Switch, engine: AsyncEngine, tmp_path: Path
) -> None:
    async with contextlib.AsyncExitStack() as stack:
        others = await connect_phones(other, stack)
        async with following(tmp_path, engine, ami_of(switch), ami_of(other)) as site:
            (one, ring), (two, ring_two) = await asyncio.gather(
                queue_call(phones, "09121230008"), queue_call(others, "09121230009")
            )
            await asyncio.gather(ring.hang_up(), ring_two.hang_up())
            await asyncio.gather(one.ended(), two.ended())
            assert (await site.record(ended("09121230008"))).server == switch.name
            assert (await site.record(ended("09121230009"))).server == "other"


async def test_acts_are_done_on_the_real_switch(
    switch: Switch, phones: Phones, engine: AsyncEngine, tmp_path: Path
) -> None:
    async with following(tmp_path, engine, ami_of(switch)) as site:
        ask, name = site.commands.ask, f"ami:{switch.name}"
        call, ring = await queue_call(phones, "09121230010")
        record = await site.record(talking("09121230010"))
        agent = next(leg.channel for leg in record.legs if leg.role == "agent")
        interface = record.queue_visits[0].interface or ""
        await ask(name, Mute(channel=agent, on=True))
        await ask(name, Mute(channel=agent, on=False))
        with pytest.raises(CommandRefused, match="already ended"):
            await ask(name, Mute(channel="PJSIP/1001-ffffffff", on=True))
        with pytest.raises(CommandRefused, match=r"no number \*4711"):
            await ask(name, BlindTransfer(channel=agent, exten="*4711"))
        await ask(name, PauseMember(interface=interface, paused=True, reason="ناهار"))
        await site.until(lambda: paused(site, interface) == (True, "ناهار"))
        await ask(name, PauseMember(interface=interface, paused=False))
        await site.until(lambda: paused(site, interface) == (False, ""))
        with pytest.raises(CommandRefused, match="in no queue"):
            await ask(name, PauseMember(interface="PJSIP/9999", paused=True))
        target = next(number for number in ("1004", "1005"))
        phones[target].policy = Policy.ANSWER
        await ask(name, BlindTransfer(channel=agent, exten=target))
        await site.record(lambda one: one.caller.number == "09121230010" and len(one.transfers) == 1)
        caller = record.legs[0].channel
        await ask(name, Hangup(channel=caller))
        await call.ended()
        done = await site.record(ended("09121230010"))
        assert [transfer.kind for transfer in done.transfers] == ["blind"]
    await ring.ended()


async def test_a_member_whose_state_is_a_hint_is_known_by_its_phone(
    other: Switch, engine: AsyncEngine, tmp_path: Path
) -> None:
    switch = other
    await switch.cli("dialplan add extension 2001,hint,PJSIP/1001 into cxcall-hints")
    await switch.cli(
        "queue add member Local/1001@cxcall-transfer/n to sales penalty 0 as Ali state_interface hint:2001@cxcall-hints"
    )
    async with following(tmp_path, engine, ami_of(switch)) as site:
        await site.until(
            lambda: (
                ("Local/1001@cxcall-transfer/n", "PJSIP/1001")
                in {(member.interface, member.device) for member in site.edge.listeners[0].members()}
            )
        )


def paused(site: Followed, interface: str) -> tuple[bool, str]:
    (member,) = [member for member in site.edge.listeners[0].members() if member.interface == interface]
    return member.paused, member.reason


class Line:
    """A TCP relay in front of a port, to cut the connection of one client and no other."""

    def __init__(self, target: int) -> None:
        self.target = target
        self.closed = False
        self.port = 0
        self._writers: list[asyncio.StreamWriter] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.closed:
            writer.transport.abort()
            return
        there, out = await asyncio.open_connection("127.0.0.1", self.target)
        self._writers += [writer, out]
        await asyncio.gather(_copy(reader, out), _copy(there, writer))

    async def cut(self) -> None:
        for writer in self._writers:
            writer.transport.abort()
        self._writers.clear()
        await asyncio.sleep(0)


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    writer.transport.abort()


@asynccontextmanager
async def relay(target: int) -> AsyncIterator[Line]:
    line = Line(target)
    server = await asyncio.start_server(line.serve, "127.0.0.1", 0, family=socket.AF_INET)
    line.port = server.sockets[0].getsockname()[1]
    try:
        yield line
    finally:
        server.close()
        await line.cut()
