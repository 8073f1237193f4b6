"""Settings of queues that cxcall wrote, seen to act in calls of a real Asterisk."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

import pytest_asyncio

from cxcall.bus.queues import LiveMember
from cxcall.demo.phone import Call, Policy, tone
from cxcall.queues.definition import Announcements, Destination, PenaltyStep, QueueDefinition, Strategy
from tests.asterisk.queue_stage import BEEP_HZ, SOUNDS, Stage, first, heard, hears, members, queue

ALL = ("1001", "1002", "1003")
TO_1004 = Destination(kind="number", value="1004")
MUSIC_HZ = 262
"""In the first chord of the demo's music on hold."""


@pytest_asyncio.fixture(loop_scope="session")
async def site(managed: Stage) -> Stage:
    await managed.quiet()
    managed.wire.whole()
    return managed


async def served(site: Stage, number: str) -> str:
    """A call to `number`: the phone that rang first, which takes it. The caller hangs up, and nobody is left."""
    await site.phones.forget_rings()
    caller = site.call(number)
    ring = await site.phones.first_ringing(*ALL)
    await ring.answer()
    await caller.answered()
    await caller.hang_up()
    await site.quiet()
    return ring.phone.number


async def live(site: Stage, name: str) -> dict[str, LiveMember]:
    """The members of a queue, by phone."""
    found = next(one for one in (await site.read()).queues if one.name == name)
    return {member.interface.removeprefix("PJSIP/"): member for member in found.members}


async def until(look: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while not look():
            await asyncio.sleep(0.02)


def ringing(site: Stage, *numbers: str) -> list[str]:
    """The phones that ring now, each as often as it does."""
    return [number for number in numbers or ALL for call in site.phones[number].calls if call.answered_at is None]


async def test_each_strategy_rings_in_its_own_order(site: Stage) -> None:
    number: dict[Strategy, str] = {
        "ringall": "7000", "linear": "7001", "rrordered": "7002", "rrmemory": "7003", "random": "7004",
        "wrandom": "7005", "fewestcalls": "7006", "leastrecent": "7007",
    }  # fmt: skip
    orders = [queue(f"order-{name}", at, "1002", "1001", "1003", strategy=name) for name, at in number.items()]
    assert (await site.apply(*orders)).outcome == "applied"
    site.call(number["ringall"])
    await until(lambda: sorted(ringing(site)) == ["1001", "1002", "1003"])
    await site.quiet()

    times: dict[Strategy, int] = {"linear": 2, "rrordered": 4, "rrmemory": 4, "random": 2, "wrandom": 2}
    rang = {name: [await served(site, number[name]) for _ in range(n)] for name, n in times.items()}
    assert rang["linear"] == ["1002", "1002"], "the order of the file, every time"
    assert rang["rrordered"] == ["1002", "1001", "1003", "1002"], "the order of the file, going round"
    assert sorted(rang["rrmemory"][:3]) == [*ALL], "everybody in turn"
    assert rang["rrmemory"][3] == rang["rrmemory"][0]
    fewest: list[set[str]] = []
    for _ in range(3):  # each time it is told beforehand who is to ring
        calls = {phone: member.calls for phone, member in (await live(site, "order-fewestcalls")).items()}
        fewest.append({phone for phone, taken in calls.items() if taken == min(calls.values())})
        assert await served(site, number["fewestcalls"]) in fewest[-1]
    for _ in range(3):
        ended = {phone: member.last_call for phone, member in (await live(site, "order-leastrecent")).items()}
        assert ended[await served(site, number["leastrecent"])] == min(ended.values())
    assert len(fewest[-1]) < len(ALL), "not everybody was as good as the other"


async def test_a_strategy_with_another_order_holds_at_once_when_nobody_waits(site: Stage) -> None:
    await site.apply(queue("turned", "7100", "1003", "1001", strategy="ringall"))
    applied = await site.apply(queue("turned", "7100", "1003", "1002", "1001", strategy="linear"))
    assert applied.outcome == "applied"
    assert [await served(site, "7100") for _ in range(2)] == ["1003", "1003"]


async def test_asterisk_holds_the_first_seconds_of_a_wrap_up_and_no_more(site: Stage) -> None:
    await site.apply(queue("wrapped", "7200", "1001", wrap_up=60))
    await served(site, "7200")
    ended = time.time()
    await site.phones.forget_rings()
    site.call("7200")
    ring = await site.phones["1001"].next_call(30)
    assert 0.5 < ring.invited_at - ended < 20, "the rest is cxcall's pause (0349)"


async def test_callers_go_on_when_nobody_is_there_when_it_took_too_long_and_when_it_is_full(site: Stage) -> None:
    await site.apply(
        queue("empty", "7300", "1001", join_empty=("paused",), leave_empty=("paused",), then=TO_1004),
        queue("slow", "7301", "1001", longest_wait=1, then=Destination(kind="queue", value="second")),
        queue("second", "7302", "1005"),
        queue("full", "7303", "1001", most_callers=1, then=TO_1004),
        queue("keyed", "7304", "1001", exit_context="keys"),
    )
    site.call("7300")
    ring = await site.phones["1001"].next_call(30)
    async with site.manager() as other:
        await other.ask("QueuePause", {"Interface": "PJSIP/1001", "Queue": "empty", "Paused": "true"})
    await ring.refuse()
    assert await first(site, "1004") == "1004", "who waits leaves when the last one pauses"
    await site.quiet()
    site.call("7300")
    assert await first(site, "1001", "1004") == "1004", "and nobody joins any more"
    await site.quiet()
    site.call("7301")
    assert await first(site, "1001") == "1001"
    assert await first(site, "1005") == "1005"
    await site.quiet()
    site.call("7303")
    assert await first(site, "1001") == "1001"
    site.call("7303")
    assert await first(site, "1004") == "1004"
    await site.quiet()
    keying = site.call("7304")
    await site.phones.first_ringing("1001")
    keying.press("5")
    assert await first(site, "1005") == "1005", "a key leaves for its context"


async def test_who_waited_too_long_hears_a_prompt_is_hung_up_on_or_leaves_a_message(site: Stage) -> None:
    ways = {"prompt": "beep", "hangup": "", "voicemail": "1001"}
    await site.apply(
        *(
            queue(f"then-{kind}", f"731{n}", "1003", longest_wait=1, then=Destination(kind=kind, value=value))  # type: ignore[arg-type]  # a kind
            for n, (kind, value) in enumerate(ways.items())
        ),
        queue("mailbox", "7313", "1003", longest_wait=1, then=Destination(kind="voicemail")),
    )
    await asyncio.gather(
        *(_told_and_gone(site.call(number), *tones) for number, *tones in (("7310", BEEP_HZ), ("7311",))),
        *(_leaves_a_message(site, number, box) for number, box in (("7312", "1001"), ("7313", "mailbox"))),
    )


async def _told_and_gone(caller: Call, *hertz: float) -> None:
    await caller.answered()
    await hears(caller, *hertz)
    await caller.ended()


async def _leaves_a_message(site: Stage, number: str, box: str) -> None:
    message = site.switch.folder / f"spool/voicemail/default/{box}/INBOX/msg0000.wav"
    caller = site.call(number)
    await hears(caller, SOUNDS["vm-theperson"], SOUNDS["vm-intro"], BEEP_HZ)
    caller.say(tone(900, 2.0))
    await asyncio.sleep(1.5)  # Asterisk keeps no message of less than a second
    await caller.hang_up()
    async with asyncio.timeout(20):
        while not message.exists():
            await asyncio.sleep(0.05)


async def test_callers_and_agents_hear_what_was_chosen(site: Stage) -> None:
    told = Announcements(
        place="yes", wait="yes", round_seconds=10, every=1, least_every=1, periodic=("beep",), periodic_every=2,
        wait_to_agent=True, to_agent="queue-callswaiting",
    )  # fmt: skip
    await site.apply(queue("told", "7400", "1001", announcements=told, ring=1))
    site.phones["1001"].listen = True
    caller = site.call("7400")
    await until(lambda: heard(caller, MUSIC_HZ, loud=200))
    await hears(caller, SOUNDS["queue-youarenext"], BEEP_HZ)
    second = site.call("7400")
    await hears(second, SOUNDS["queue-thereare"], SOUNDS["queue-callswaiting"], SOUNDS["queue-holdtime"])
    await second.hang_up()
    ring = await site.phones["1001"].next_call(30)
    while ring.ended_at is not None:  # those that rang before
        ring = await site.phones["1001"].next_call(30)
    await ring.answer()
    await hears(ring, SOUNDS["queue-callswaiting"], SOUNDS["queue-reporthold"])
    site.phones["1001"].listen = False


async def test_several_callers_go_to_several_agents_only_where_the_queue_says_so(site: Stage) -> None:
    await site.apply(
        queue("together", "7410", "1001", "1002", autofill=True),
        queue("single", "7411", "1001", "1002", autofill=False),
        queue("again", "7412", "1001", ring_busy=True),
    )
    for _ in range(2):
        site.call("7410")
    await until(lambda: sorted(ringing(site)) == ["1001", "1002"])
    await site.quiet()
    site.call("7411")
    ring = await site.phones.first_ringing("1001")
    site.call("7411")
    await asyncio.sleep(1.5)
    assert ringing(site) == ["1001"], "the second in line waits for the first"
    await ring.answer()
    assert await first(site, "1002") == "1002"
    await site.quiet()
    site.call("7412")
    await (await site.phones.first_ringing("1001")).answer()
    site.call("7412")
    assert await first(site, "1001") == "1001", "rung during a call"


async def test_the_heavier_queue_is_served_first_and_a_busy_member_is_not_rung(site: Stage) -> None:
    await site.apply(queue("light", "7420", "1001"), queue("heavy", "7421", "1001", weight=9))
    talking = site.call("7420")
    ring = await site.phones.first_ringing("1001")
    await ring.answer()
    site.phones.outside.call("7420", from_number="09121000001")
    site.phones.outside.call("7421", from_number="09121000002")
    async with asyncio.timeout(20):
        while [one.waiting for one in (await site.read()).queues if one.name in ("light", "heavy")] != [1, 1]:
            await asyncio.sleep(0.1)
    assert ringing(site) == []
    await talking.hang_up()
    next_one = await site.phones.first_ringing("1001")
    assert next_one.number.endswith("2"), "the one who came last, to the heavier queue"


async def test_a_missed_call_pauses_in_this_queue_or_in_all(site: Stage) -> None:
    await site.apply(
        queue("lenient", "7430", "1001", "1002", ring=1),
        queue("strict", "7431", "1001", ring=1, auto_pause="yes"),
        queue("strictest", "7432", "1002", ring=1, auto_pause="all"),
    )
    for number, name, phone, elsewhere in (("7431", "strict", "1001", False), ("7432", "strictest", "1002", True)):
        site.call(number)
        async with asyncio.timeout(30):
            while not (await live(site, name))[phone].paused:
                await asyncio.sleep(0.1)
        assert (await live(site, "lenient"))[phone].paused is elsewhere, name
        await site.quiet()
        async with site.manager() as other:
            await other.ask("QueuePause", {"Interface": f"PJSIP/{phone}", "Paused": "false"})


async def test_penalties_hold_members_back_until_their_time_and_let_others_go(site: Stage) -> None:
    asked = (*members("1001"), *members("1002", penalty=5))
    usual = {"members": asked, "ring": 1, "retry": 1}
    await site.apply(
        QueueDefinition(name="ruled", numbers=("7500",), rule=(PenaltyStep(after=0, most=0),
                        PenaltyStep(after=3, most=9)), **usual),  # type: ignore[arg-type]  # by name
        QueueDefinition(name="lifted", numbers=("7501",), rule=(PenaltyStep(after=2, least=5),), **usual),  # type: ignore[arg-type]  # by name
        QueueDefinition(name="only", numbers=("7502",), rule=(PenaltyStep(after=0, least=5),), **usual),  # type: ignore[arg-type]  # by name
    )  # fmt: skip
    site.phones["1001"].policy = Policy.BUSY
    began = time.time()
    site.call("7500")
    assert await first(site, *ALL) == "1001"
    second = await site.phones["1002"].next_call(30)
    assert second.invited_at - began > 2
    await site.quiet()
    site.call("7501")
    assert await first(site, *ALL) == "1001"
    assert await first(site, "1002") == "1002", "who is asked first is not asked any more"
    await site.quiet()
    site.call("7502")
    assert await first(site, *ALL) == "1002"
