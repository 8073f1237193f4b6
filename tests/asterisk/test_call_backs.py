"""Call-backs that keep their place on the real Asterisk: two agents, five callers, every way it may go."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
import pytest_asyncio

from cxcall.asterisk.surveys.question import live_record
from cxcall.bus import CommandRefused
from cxcall.bus.call_backs import CANCEL, NOW, PLACES, CancelCallBack, TryCallBack
from cxcall.demo.phone import Call, Policy, strength
from cxcall.demo.phone.call import State
from cxcall.demo.switch import Tree
from cxcall.demo.switch.sounds import DIGIT_HERTZ
from cxcall.queues.hours import Closure
from cxcall.routing import call_back as machine
from cxcall.store import closures, survey_facts, tasks
from tests.asterisk.call_backs import AGENTS, PLAN, CallBackSite, call_back_site
from tests.asterisk.conftest import hears_thanks, no_calls
from tests.asterisk.site import ami_of
from tests.support.dialplan_server import serve
from tests.support.manager import Manager
from tests.support.serving import Serving

CALLERS = tuple(f"0912100000{n}" for n in range(5))
THEIRS = CALLERS[3]
WAITS = "cxcall-callback-"
"""How what stands in the queue for a customer begins."""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def whole(tree: Tree, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[CallBackSite]:
    async with call_back_site(tmp_path_factory.mktemp("call_backs"), tree) as site:
        yield site
        await site.switch.kill()


@pytest_asyncio.fixture(loop_scope="session")
async def site(whole: CallBackSite) -> AsyncIterator[CallBackSite]:
    """With no call and no promise left of the test before."""
    await whole.plan(PLAN)
    yield whole
    async with asyncio.timeout(60):
        while left := await whole.open_ones():
            for one in left:
                with suppress(CommandRefused):  # they talk
                    await whole.commands.ask(CANCEL, CancelCallBack(id=one.id, why="supervisor", by="tests"))
            await whole.switch.cli("channel request hangup all")
    await whole.switch.cli("channel request hangup all")
    await no_calls(whole.switch)
    for phone in (*whole.phones.inside.values(), whole.phones.outside):
        phone.policy, phone.hang_up_after = Policy.RING, None
    await whole.phones.forget_rings()
    with suppress(TimeoutError):
        while True:
            await whole.phones.outside.next_call(0.01)


async def busy_agents(site: CallBackSite) -> tuple[Call, Call]:
    """Both agents talk with the first two callers; their ends of the calls."""
    ends = []
    for number in CALLERS[:2]:
        site.dial(number)
        ring = await site.phones.first_ringing(*AGENTS)
        await ring.answer()
        ends.append(ring)
    return ends[0], ends[1]


async def wait(site: CallBackSite, *numbers: str) -> list[Call]:
    """These call and wait, one after the other."""
    found = []
    for number in numbers:
        before = await site.outside()
        call = site.dial(number)
        await call.answered()
        await site.joined(call, before)
        found.append(call)
    return found


async def take(call: Call) -> None:
    """The caller presses the key, and again to say that the number is right, until we hang up."""
    async with asyncio.timeout(60):
        while call.state is not State.ENDED:
            call.press("1")
            await asyncio.sleep(0.4)


async def promised(site: CallBackSite) -> Call:
    """Two agents talk, one waits, and who came next has been promised a call; the end of the first agent's call."""
    first, _ = await busy_agents(site)
    await wait(site, CALLERS[2])
    (theirs,) = await wait(site, THEIRS)
    await take(theirs)
    return first


@contextmanager
def asked_afterwards(site: CallBackSite) -> Iterator[list[tuple[dict[str, str], str]]]:
    """What the dialplan asks when a talk is over, and the call it asks of."""
    found: list[tuple[dict[str, str], str]] = []

    async def offer(said: dict[str, str]) -> None:
        record = await live_record(site.commands, "lab", said["call"])
        found.append((said, record.id if record is not None else ""))
        raise CommandRefused("nobody asks")

    withdraw = site.commands.serve("survey:offer", offer)
    try:
        yield found
    finally:
        withdraw()


async def test_who_is_called_back_keeps_the_place_between_those_before_and_after(site: CallBackSite) -> None:
    site.phones.outside.listen = True
    first, second = await busy_agents(site)
    before, theirs, after = await wait(site, *CALLERS[2:])
    await take(theirs)
    said = theirs.heard.last(12)
    for digit in sorted(set(THEIRS)):
        steps = range(0, len(said) - 800, 400)
        assert any(strength(said[at : at + 800], DIGIT_HERTZ[int(digit)]) > 3_000 for at in steps), digit
    one = await site.newest(lambda one: bool(one.line))
    await site.waiting("trunk", "Local/back@cxcall-callback", "trunk")
    assert await site.commands.ask(PLACES, None) == {one.id: 2}

    await first.hang_up()
    ring = await site.phones.first_ringing(*AGENTS)
    assert ring.number == CALLERS[2]
    await ring.answer()
    await site.phones.forget_rings()
    await second.hang_up()
    ring = await site.phones.first_ringing(*AGENTS)
    assert (ring.number, ring.name) == (THEIRS, f"CB {THEIRS}")
    await ring.answer()
    customer = await site.phones.outside.next_call(30)
    await site.newest(lambda one: one.state == "calling" and one.agent_name != "")
    await customer.answer()
    talking = await site.newest(lambda one: one.state == "connected")
    with pytest.raises(CommandRefused, match="talk now"):
        await site.commands.ask(CANCEL, CancelCallBack(id=one.id, why="supervisor", by="boss"))
    await site.talk()
    with asked_afterwards(site) as questions:
        await ring.hang_up()
        await hears_thanks(customer)  # where the survey would be: nobody here asks one
    ((question, asked_of),) = questions
    assert (question["queue"], question["agent"], asked_of) == ("back", talking.agent, one.last_call)
    done = await site.newest(lambda one: one.state == "done")
    ring = await site.phones.first_ringing(*AGENTS)
    assert ring.number == CALLERS[4]

    asked = await site.record(done.first_call)
    assert (asked.outcome, [visit.result for visit in asked.queue_visits]) == ("self_service", ["left"])
    made = await site.record(done.last_call)
    assert (made.outcome, made.called, made.queue_visits[0].result) == ("answered", THEIRS, "answered")
    assert made.talks
    async with site.engine.connect() as conn:
        facts = await survey_facts.of_call(conn, done.last_call)
    assert facts is not None
    assert facts.number == "+989121000003"
    assert not (before.state == after.state == State.ENDED)


async def test_who_is_not_reached_is_rung_again_and_then_somebody_has_to_look_after_it(site: CallBackSite) -> None:
    await site.plan(msgspec.structs.replace(PLAN, ring_seconds=1))
    outside, agents = site.phones.outside, [site.phones[number] for number in AGENTS]
    (theirs,) = await wait(site, THEIRS)
    outside.policy = Policy.BUSY
    await take(theirs)
    for agent in agents:
        agent.policy = Policy.ANSWER
    busy = await site.newest(lambda one: one.tries == 1)
    assert (busy.state, busy.reason) == ("waiting", "busy")
    outside.policy = Policy.RING
    unanswered = await site.newest(lambda one: not one.open)
    assert (unanswered.state, unanswered.reason, unanswered.tries) == ("task", "no_answer", 2)
    async with site.engine.connect() as conn:
        task = await tasks.get(conn, unanswered.task_id)
    assert task is not None
    assert (task.kind, task.number, task.queue, task.reason) == (
        "call_back", "+989121000003", "back", {"call_back": "no_answer", "tries": 2},
    )  # fmt: skip
    record = await site.record(busy.last_call)
    assert record.talks == ()


async def test_the_customer_first_is_rung_when_an_agent_is_free_and_nobody_waits_before_them(
    site: CallBackSite,
) -> None:
    await site.plan(msgspec.structs.replace(PLAN, first="customer"))
    first = await promised(site)
    one = await site.newest(lambda one: one.first == "customer")
    await asyncio.sleep(2.5)  # two looks: somebody is still before them
    assert (await site.newest(lambda _: True)).state == "waiting"
    await first.hang_up()
    ring = await site.phones.first_ringing(*AGENTS)
    assert ring.number == CALLERS[2]
    await ring.answer()
    await site.phones.forget_rings()
    for end in site.phones["1002"].calls:
        await end.hang_up()
    customer = await site.phones.outside.next_call(30)
    assert (await site.newest(lambda one: one.state == "calling")).id == one.id
    await customer.answer()
    ring = await site.phones.first_ringing(*AGENTS)
    assert ring.number == THEIRS
    await ring.answer()
    await site.newest(lambda one: one.state == "connected")
    await ring.hang_up()
    done = await site.newest(lambda one: one.state == "done")
    assert done.agent_name
    record = await site.record(done.last_call)
    assert (record.direction, record.caller.number, record.outcome) == ("outbound", THEIRS, "answered")
    assert [visit.result for visit in record.queue_visits] == ["answered"]


async def test_it_is_called_off_by_a_supervisor_by_the_agent_and_by_the_customer_who_calls_again(
    site: CallBackSite,
) -> None:
    first = await promised(site)
    one = await site.newest(lambda one: bool(one.line))
    await site.waiting("trunk", "Local/back@cxcall-callback")
    await site.commands.ask(CANCEL, CancelCallBack(id=one.id, why="supervisor", by="boss"))
    await site.waiting("trunk")
    off = await site.newest(lambda one: not one.open)
    assert (off.state, off.reason, off.ended_by) == ("cancelled", "supervisor", "boss")
    left = await site.record(one.last_call)
    assert [visit.result for visit in left.queue_visits] == ["left"]

    (theirs,) = await wait(site, THEIRS)
    await take(theirs)
    two = await site.newest(lambda each: each.id != one.id and bool(each.line))
    (again,) = await wait(site, THEIRS)  # not rung, nor asked for, while they wait themselves
    held = await site.newest(lambda each: each.reason == "on_the_line")
    await site.waiting("trunk", "trunk")
    assert held.line == ""
    await again.hang_up()
    await site.newest(lambda each: bool(each.line))
    await site.waiting("trunk", "Local/back@cxcall-callback")

    await first.hang_up()
    ring = await site.phones.first_ringing(*AGENTS)
    await ring.answer()
    await site.phones.forget_rings()
    for end in site.phones["1002"].calls:
        await end.hang_up()
    ring = await site.phones.first_ringing(*AGENTS)
    await ring.answer()
    customer = await site.phones.outside.next_call(30)
    await site.newest(lambda each: each.state == "calling")
    await site.commands.ask(CANCEL, CancelCallBack(id=two.id, why="agent", by="reza"))
    await ring.ended()
    await customer.ended()
    assert (await site.newest(lambda each: not each.open)).reason == "agent"


async def test_called_off_while_an_agent_is_rung_nobody_is_called(site: CallBackSite) -> None:
    (theirs,) = await wait(site, THEIRS)
    await take(theirs)
    one = await site.newest(lambda one: bool(one.line))
    ring = await site.phones.first_ringing(*AGENTS)
    await site.commands.ask(CANCEL, CancelCallBack(id=one.id, why="supervisor", by="boss"))
    answering = asyncio.create_task(ring.answer())  # too late, and nobody tells the agent's phone
    await ring.ended()
    with pytest.raises(TimeoutError):
        await site.phones.outside.next_call(2)
    assert (await site.record(one.last_call)).talks == ()
    answering.cancel()
    await asyncio.gather(answering, return_exceptions=True)


async def test_the_customer_who_calls_again_and_is_served_is_not_called(site: CallBackSite) -> None:
    await promised(site)
    await site.newest(lambda one: bool(one.line))
    again = site.phones.outside.call("02191000501", from_number=THEIRS)
    ring = await site.phones.first_ringing("1004", "1005")
    await site.newest(lambda one: one.reason == "on_the_line")
    await ring.answer()
    served = await site.newest(lambda one: not one.open)
    assert (served.state, served.reason) == ("cancelled", "called_again")
    await again.hang_up()


async def test_who_would_rather_wait_is_back_at_the_place_also_with_cxcall_away(site: CallBackSite) -> None:
    await busy_agents(site)
    theirs, after = await wait(site, THEIRS, CALLERS[4])
    theirs.press("1")
    await site.waiting("trunk")
    async with asyncio.timeout(30):
        while "Callers:" not in (shown := await site.switch.cli("queue show back")) or "2. " not in shown:
            theirs.press("3")
            await asyncio.sleep(0.3)
    channels = await site.switch.cli("core show channels concise")
    mine = next(line.split("!")[0] for line in channels.splitlines() if f"!{THEIRS}!" in line)
    await site.waiting(mine, "trunk")
    await site.unfollow()
    try:
        theirs.press("1")
        await asyncio.sleep(1)
        await site.waiting(mine, "trunk")
    finally:
        await site.follow()
    assert after.state is not State.ENDED


async def test_a_server_that_fails_in_whatever_way_gives_the_caller_back_to_the_queue_soon(site: CallBackSite) -> None:
    await busy_agents(site)
    theirs, _after = await wait(site, THEIRS, CALLERS[4])
    switch, took = site.switch, {}
    url = f"http://127.0.0.1:{site.settings.web.port}"
    async with (
        serve(None) as server,
        Manager.connect(switch.ami_port, switch.username, switch.secret) as manager,
    ):
        try:
            for why, body, status, port in (
                ("down", "", 200, 1), ("silent", None, 200, server.port),
                ("error", "Internal Server Error", 500, server.port),
                ("rubbish", "<h1>OK|ask|</h1>", 200, server.port), ("empty", "", 200, server.port),
                ("no", "OK|no|off", 200, server.port),
            ):  # fmt: skip
                server.body, server.status = body, status
                await switch.cli(f"dialplan set global CXCALL_URL http://127.0.0.1:{port}")
                since = len(manager.seen)
                theirs.press("1")
                left = await manager.event("QueueCallerLeave", since=since, CallerIDNum=THEIRS)
                back = await manager.event("QueueCallerJoin", since=since, CallerIDNum=THEIRS)
                took[why] = float(str(back["Timestamp"])) - float(str(left["Timestamp"]))
                assert back["Position"] == "1", why
        finally:
            await switch.cli(f"dialplan set global CXCALL_URL {url}")
    assert max(took.values()) < 2.5, took


async def test_two_are_called_back_at_once_each_by_an_agent_of_their_own(site: CallBackSite) -> None:
    first, second = await busy_agents(site)
    for call in await wait(site, THEIRS, CALLERS[4]):
        await take(call)
    await site.waiting("Local/back@cxcall-callback", "Local/back@cxcall-callback")
    await site.phones.forget_rings()
    await asyncio.gather(first.hang_up(), second.hang_up())
    rings = await asyncio.gather(*(site.phones[agent].next_call(30) for agent in AGENTS))
    assert {ring.number for ring in rings} == {THEIRS, CALLERS[4]}
    await asyncio.gather(*(ring.answer() for ring in rings))
    customers = [await site.phones.outside.next_call(30) for _ in AGENTS]
    await asyncio.gather(*(customer.answer() for customer in customers))
    both = await site.states("connected", "connected")
    assert len({one.agent for one in both}) == 2
    await asyncio.gather(*(customer.hang_up() for customer in customers))
    await site.states("done", "done")


async def test_one_customer_is_rung_for_one_free_agent(site: CallBackSite) -> None:
    await site.plan(msgspec.structs.replace(PLAN, first="customer", ring_seconds=30))
    first, _second = await busy_agents(site)
    for call in await wait(site, THEIRS, CALLERS[4]):
        await take(call)
    await site.states("waiting", "waiting")
    await site.phones.forget_rings()
    await first.hang_up()
    customer = await site.phones.outside.next_call(30)
    with pytest.raises(TimeoutError):
        await site.phones.outside.next_call(2.5)  # two looks
    await site.states("calling", "waiting")
    await customer.answer()
    ring = await site.phones.first_ringing(*AGENTS)
    assert ring.number == THEIRS


async def test_nobody_is_called_outside_the_hours_and_who_asks_twice_is_promised_once(site: CallBackSite) -> None:
    await busy_agents(site)
    (theirs,) = await wait(site, THEIRS)
    await take(theirs)
    await site.waiting("Local/back@cxcall-callback")
    async with site.engine.begin() as conn:
        closure = Closure(queue="back", why="fire", since=datetime.now(UTC).timestamp())
        kept = await closures.close(conn, "lab", closure, now=datetime.now(UTC))
    site.bus.publish("queues", {})
    await site.waiting()
    closed = await site.newest(lambda one: one.reason == "closed")
    assert (closed.state, closed.line) == ("waiting", "")
    assert closed.next_at > datetime.now(UTC) + timedelta(minutes=10)
    (again,) = await wait(site, THEIRS)
    await take(again)
    await site.states("waiting")
    assert [one.id for one in await site.open_ones()] == [closed.id]
    async with site.engine.begin() as conn:
        await closures.lift(conn, kept.id, by="boss", now=datetime.now(UTC))
    site.bus.publish("queues", {})
    await site.commands.ask(NOW, TryCallBack(id=closed.id, by="boss"))
    await site.waiting("Local/back@cxcall-callback")


async def test_a_queue_that_is_taken_away_leaves_its_promises_to_somebody(
    site: CallBackSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(machine, "NO_QUEUE_PAUSE", timedelta(seconds=1))
    await promised(site)
    await site.newest(lambda one: bool(one.line))
    file = site.switch.folder / "etc" / "queues.conf"
    before = file.read_text()
    file.write_text(before.replace("[back]", "[elsewhere]"))
    try:
        await site.switch.cli("queue reload all")
        over = await site.newest(lambda one: not one.open)
        assert (over.state, over.reason, over.tries) == ("task", "no_queue", 0)
        channels = await site.switch.cli("core show channels concise")
        assert "cxcall-callback" not in channels
    finally:
        file.write_text(before)
        await site.switch.cli("queue reload all")


async def test_cxcall_is_killed_in_the_middle_of_a_try_and_goes_on_with_it(site: CallBackSite, tmp_path: Path) -> None:
    first = await promised(site)
    one = await site.newest(lambda one: bool(one.line))
    await site.unfollow()
    environ = {**ami_of(site.switch), "CXCALL_DATA__DIR": site.settings.data.dir}
    cxcall = Serving(tmp_path, environ)
    await cxcall.start()
    try:
        await site.phones.forget_rings()
        await first.hang_up()
        ring = await site.phones.first_ringing(*AGENTS)
        await ring.answer()
        await site.phones.forget_rings()
        for end in site.phones["1002"].calls:
            await end.hang_up()
        ring = await site.phones.first_ringing(*AGENTS)
        await ring.answer()
        customer = await site.phones.outside.next_call(30)
        calling = await site.newest(lambda each: each.state == "calling")
        assert (calling.id, calling.line) == (one.id, one.line)
    finally:
        await cxcall.kill()
    await customer.answer()  # nobody is there to see it
    await site.follow()
    talking = await site.newest(lambda each: each.state == "connected")
    assert (talking.id, talking.line, talking.tries) == (one.id, one.line, 1)
    await site.unfollow()
    await ring.hang_up()
    await customer.ended()
    await site.follow()
    assert (await site.newest(lambda each: not each.open)).state == "done"


async def test_promises_outlive_a_restart_of_cxcall_and_of_asterisk(site: CallBackSite) -> None:
    await promised(site)
    one = await site.newest(lambda one: bool(one.line))
    await site.waiting("trunk", "Local/back@cxcall-callback")
    await site.unfollow()
    await site.follow()
    await asyncio.sleep(2.5)  # two looks
    await site.waiting("trunk", "Local/back@cxcall-callback")
    assert await site.newest(lambda _: True) == one

    await site.switch.restart()
    again = await site.newest(lambda each: each.attempts > one.attempts and bool(each.line), 60)
    assert (again.id, again.tries) == (one.id, 0)
    await site.waiting("Local/back@cxcall-callback", timeout=60)
    await site.commands.ask(NOW, TryCallBack(id=one.id, by="boss"))
