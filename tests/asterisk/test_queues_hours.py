"""Hours and "closed now" of queues on a real Asterisk: for who calls, without cxcall, and for who waits, with it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec
import pytest_asyncio

from cxcall.asterisk.edge import AsteriskEdge
from cxcall.asterisk.floor.closing import Closing
from cxcall.asterisk.floor.keeper import FloorKeeper
from cxcall.asterisk.limits import Limits
from cxcall.asterisk.watching import Watchers
from cxcall.bus.queues import QUEUES, CloseQueue, OpenQueue
from cxcall.queues.definition import Destination
from cxcall.queues.hours import Calendar, Closure, Span
from cxcall.settings import Settings
from cxcall.store import calendars, closures
from tests.asterisk.queue_stage import BEEP_HZ, SERVER, Stage, first, heard, hears, queue

NEVER, ALWAYS = ((),) * 7, ((Span(since="00:00", to="24:00"),),) * 7
TO_1005 = Destination(kind="number", value="1005")


@pytest_asyncio.fixture(loop_scope="session")
async def site(managed: Stage) -> Stage:
    await managed.quiet()
    managed.wire.whole()
    return managed


@asynccontextmanager
async def floor(site: Stage, folder: Path) -> AsyncIterator[None]:
    """What the service runs to follow calls and to empty closed queues."""
    settings = Settings(ami=(site.ami,))
    keeper = FloorKeeper(settings=settings, engine=site.engine, bus=site.bus, commands=site.commands)
    closing = Closing(settings=settings, engine=site.engine, bus=site.bus, pace=0.3)
    keeper.watch(closing.look)
    edge = AsteriskEdge(
        settings=settings, engine=site.engine, bus=site.bus, commands=site.commands, data_dir=folder,
        limits=Limits(retry=(0.1, 1.0)), watchers=Watchers(keeper),
    )  # fmt: skip
    running = [asyncio.create_task(part.run()) for part in (edge, keeper, closing)]
    try:
        yield
    finally:
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)


def news(site: Stage) -> None:
    """What a page tells when it changed hours."""
    site.bus.publish(QUEUES, {"server": SERVER, "version": None, "outcome": "hours", "by": "leila"})


async def test_hours_and_closing_now_hold_without_cxcall(site: Stage) -> None:
    async with site.engine.begin() as conn:
        now = datetime.now(UTC)
        shut = await calendars.create(conn, Calendar(name="Never", week=NEVER), by="leila", now=now)
        open_ = await calendars.create(conn, Calendar(name="Always", week=ALWAYS), by="leila", now=now)
    await site.apply(
        queue("night", "7600", "1001", calendar=shut.id, when_closed=TO_1005),
        queue("day", "7601", "1001", calendar=open_.id, when_closed=TO_1005, ring=2),
    )
    site.call("7600")
    assert await first(site, "1001", "1005") == "1005"
    await site.quiet()
    site.call("7601")
    assert await first(site, "1001", "1005") == "1001"
    await site.quiet()

    async with site.engine.begin() as conn:  # hours are changed on a page: they take effect without a new version
        await calendars.save(
            conn, shut.id, Calendar(name="Never", week=ALWAYS), version=shut.version, by="leila", now=datetime.now(UTC)
        )
    await site.edge.applier(SERVER).renew_hours()
    site.call("7600")
    assert await first(site, "1001", "1005") == "1001"
    await site.quiet()

    past = (datetime.now(UTC) - timedelta(seconds=5)).timestamp()
    await site.ask("queues:close", CloseQueue(server=SERVER, queue="day", until=past))
    site.call("7601")
    assert await first(site, "1001", "1005") == "1001", "its time is over"
    for closed in ("day", ""):
        await site.quiet()
        await site.ask("queues:close", CloseQueue(server=SERVER, queue=closed, prompt="beep"))
        caller = site.call("7601")
        assert await first(site, "1001", "1005") == "1005", closed
        assert heard(caller, BEEP_HZ)
        await site.ask("queues:open", OpenQueue(server=SERVER, queue=closed))
    await site.quiet()


async def test_who_waits_when_a_queue_closes_goes_its_way_where_the_site_chose_so(site: Stage, tmp_path: Path) -> None:
    hours = Calendar(name="Evening", week=ALWAYS, waiting="leave")
    async with site.engine.begin() as conn:
        kept = await calendars.create(conn, hours, by="leila", now=datetime.now(UTC))
    await site.apply(
        queue("evening", "7610", "1001", calendar=kept.id, when_closed=TO_1005, ring=1),
        queue("noon", "7611", "1001", when_closed=TO_1005, ring=1),
    )
    async with floor(site, tmp_path):
        site.call("7610")
        assert await first(site, "1001", "1005") == "1001"
        now = datetime.now(ZoneInfo(hours.zone))
        ends = ((Span(since="00:00", to=f"{now:%H:%M}"),) if now.hour or now.minute else (),) * 7
        async with site.engine.begin() as conn:
            await calendars.save(
                conn, kept.id, msgspec.structs.replace(hours, week=ends), version=kept.version, by="leila",
                now=datetime.now(UTC),
            )  # fmt: skip
        news(site)
        assert await first(site, "1005") == "1005", "its hours are over"
        await site.quiet()

        site.call("7611")
        assert await first(site, "1001") == "1001"
        await closed(site, "stay")
        await site.phones.forget_rings()
        assert await first(site, "1001", "1005") == "1001", "who waits already is still answered"
        await site.quiet()
        again = site.call("7611")
        assert await first(site, "1005") == "1005", "who calls now"
        assert heard(again, BEEP_HZ)
        await site.quiet()
        await opened(site)
        leaves = site.call("7611")
        assert await first(site, "1001", "1005") == "1001", "open again"
        await closed(site, "leave")
        assert await first(site, "1005") == "1005"
        await hears(leaves, BEEP_HZ)
        await opened(site)


async def closed(site: Stage, waiting: str) -> None:
    """As the switch on a page does."""
    closure = Closure(queue="noon", prompt="beep", by="leila", waiting=waiting)  # type: ignore[arg-type]  # a word of it
    async with site.engine.begin() as conn:
        await closures.close(conn, SERVER, closure, now=datetime.now(UTC))
    await site.ask("queues:close", CloseQueue(server=SERVER, queue="noon", prompt="beep"))
    news(site)


async def opened(site: Stage) -> None:
    async with site.engine.begin() as conn:
        for kept in await closures.standing(conn, now=datetime.now(UTC), server=SERVER):
            await closures.lift(conn, kept.id, by="leila", now=datetime.now(UTC))
    await site.ask("queues:open", OpenQueue(server=SERVER, queue="noon"))
    news(site)
