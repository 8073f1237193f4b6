"""Applying queues while something goes wrong: connections, cxcall or Asterisk end, others do the same, callers wait."""

from __future__ import annotations

import asyncio
import os
import sys
from datetime import UTC, datetime

import pytest_asyncio

from cxcall.bus.queues import LiveMember
from cxcall.queues.definition import Destination
from cxcall.store import queue_versions
from tests.asterisk.queue_stage import SERVER, Stage, first, queue

APPLY_MANY = """
import asyncio, sys
from cxcall.asterisk.provision.applying import Applier
from cxcall.bus.queues import ApplyQueues
from cxcall.settings import Ami, Settings
from cxcall.store.engine import open_engine
from tests.asterisk.queue_stage import SERVER, queue

server = Ami(name=SERVER, port=int(sys.argv[2]), username=sys.argv[3], secret=sys.argv[4])
many = queue("torn", "7900", *(str(2000 + n) for n in range(60)))
applier = Applier(server=server, settings=Settings(ami=(server,)), engine=open_engine(sys.argv[1]))
asyncio.run(applier.apply(ApplyQueues(server=SERVER, by="leila", definitions=(many,))))
"""
"""A cxcall that writes a queue of sixty phones."""


@pytest_asyncio.fixture(loop_scope="session")
async def site(managed: Stage) -> Stage:
    await managed.quiet()
    managed.wire.whole()
    return managed


async def live(site: Stage, name: str) -> tuple[LiveMember, ...]:
    """The members a queue has in Asterisk now."""
    return next(one.members for one in (await site.read()).queues if one.name == name)


def without_date(files: dict[str, bytes]) -> dict[str, list[bytes]]:
    return {name: [line for line in text.splitlines() if b"Date" not in line] for name, text in files.items()}


async def test_a_connection_that_breaks_leaves_all_or_nothing(site: Stage) -> None:
    few = queue("torn", "7900", "1001")
    many = queue("torn", "7900", *(str(2000 + n) for n in range(60)))
    await site.apply(few)
    files = site.files()
    site.wire.whole()
    await site.apply(many)
    actions = site.wire.updates
    assert actions > 2
    await site.apply(few)
    for cut in (1, actions):
        site.wire.whole()
        site.wire.cut_before = cut
        broken = await site.apply(many)
        assert (broken.outcome, "as they were before" in broken.problem) == ("failed", True)
        site.wire.whole()
        assert without_date(site.files()) == without_date(files), cut
        assert len(await live(site, "torn")) == 1
    site.wire.whole()
    site.wire.cut_after = actions
    assert (await site.apply(many)).outcome == "applied", "the last one came through: that is found out"
    site.wire.whole()
    assert len(await live(site, "torn")) == 60
    assert (await site.read()).foreign == ()


async def test_a_writing_nobody_saw_the_end_of_is_judged_by_the_file(site: Stage) -> None:
    await site.apply(queue("ended", "7960", "1001"))
    async with site.engine.connect() as conn:
        standing = await queue_versions.standing(conn, SERVER)
    assert standing is not None
    other = standing.text.replace("PJSIP/1001,0", "PJSIP/1002,0")
    assert other != standing.text
    for text, state in ((other, "failed"), (standing.text, "applied")):
        async with site.engine.begin() as conn:
            begun = await queue_versions.begin(
                conn, SERVER, text=text, definitions=standing.definitions, by="leila", now=datetime.now(UTC),
                base=standing.n,
            )  # fmt: skip
        await site.edge.applier(SERVER).settle()
        async with site.engine.connect() as conn:
            settled = await queue_versions.get(conn, SERVER, begun.n)
            assert await queue_versions.unfinished(conn, SERVER) is None
        assert settled is not None
        assert settled.state == state
    assert (await site.apply(queue("ended", "7960", "1003"))).outcome == "applied"


async def test_a_cxcall_that_is_killed_in_the_middle_leaves_the_queues_as_they_were(site: Stage) -> None:
    await site.apply(queue("torn", "7900", "1001"))
    files = site.files()
    site.wire.whole()
    site.wire.hold_before = 2
    url = site.engine.url.render_as_string(hide_password=False)
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", APPLY_MANY, url, str(site.wire.port), site.switch.username, site.switch.secret,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )  # fmt: skip
    async with asyncio.timeout(60):
        await site.wire.held.wait()
    process.kill()
    await process.wait()
    site.wire.whole()
    async with site.engine.connect() as conn:
        assert await queue_versions.unfinished(conn, SERVER) is not None
    assert without_date(site.files()) == without_date(files)
    assert (await site.apply(queue("torn", "7900", "1002"))).outcome == "applied", "what broke is settled first"
    async with site.engine.connect() as conn:
        states = [version.state for version in await queue_versions.history(conn, SERVER, limit=2)]
    assert states == ["applied", "failed"]
    assert [member.interface for member in await live(site, "torn")] == ["PJSIP/1002"]


async def test_of_two_who_apply_at_once_one_is_told_of_the_other(site: Stage) -> None:
    stands = (await site.apply(queue("both", "7970", "1001"))).version
    one, other = await asyncio.gather(
        site.apply(queue("both", "7970", "1002"), base=stands), site.apply(queue("both", "7970", "1003"), base=stands)
    )
    assert sorted([one.outcome, other.outcome]) == ["applied", "conflict"]
    winner = "PJSIP/1002" if one.outcome == "applied" else "PJSIP/1003"
    assert [member.interface for member in await live(site, "both")] == [winner]


async def test_who_waits_in_a_queue_that_is_removed_is_not_lost(site: Stage) -> None:
    to_1005 = Destination(kind="number", value="1005")
    await site.apply(queue("going", "7980", "1001", ring=1, longest_wait=4, then=to_1005))
    caller = site.call("7980")
    assert await first(site, "1001") == "1001"
    gone = await site.apply(remove=("going",))
    assert (gone.outcome, gone.problem) == ("applied", "")
    ring = await site.phones.first_ringing("1001", "1005")
    assert caller.ended_at is None
    await ring.answer()
    again = site.call("7980")
    await again.ended()
    assert again.status is not None
    assert again.status >= 400, "the number is nobody's any more"


async def test_an_asterisk_that_dies_right_after_comes_back_with_all_of_it(site: Stage) -> None:
    to_1004 = Destination(kind="number", value="1004")
    await site.apply(queue("lasting", "7990", "1002", ring=1, longest_wait=1, then=to_1004))
    await site.switch.kill()
    await site.switch.restart()
    await site.edge.applier(SERVER).renew_hours()  # every fifteen seconds by itself
    site.call("7990")
    assert await first(site, "1002", "1004") == "1002"
    assert await first(site, "1004") == "1004"
    assert (await site.apply()).outcome == "unchanged"
