"""Real calls through a real Asterisk, and the record that `cxcall serve` keeps of each, read over its API."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from cxcall.demo.phone import Call, CallFailed, Policy
from cxcall.demo.switch import Site, Tree
from tests.asterisk.site import DIRECT, SALES, SUPPORT, Centre, centre

Record = dict[str, Any]

RING = 4
"""Seconds the queue `sales` rings one agent."""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def shared(tree: Tree, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Centre]:
    site = Site(name="lab", additions={"queues.conf": f"[sales](+)\ntimeout = {RING}\n"})
    async with centre(tmp_path_factory.mktemp("centre"), tree, site) as running:
        yield running


@pytest_asyncio.fixture(loop_scope="session")
async def site(shared: Centre) -> AsyncIterator[Centre]:
    """The site that the tests share, with phones that only ring; no call is left at the end."""
    for phone in shared.phones.inside.values():
        phone.policy = Policy.RING
    await shared.phones.forget_rings()
    shared.phones.outside.policy = Policy.ANSWER
    yield shared
    for phone in (*shared.phones.inside.values(), shared.phones.outside):
        for call in phone.calls:
            await call.hang_up()


async def queue_call(site: Centre, number: str, name: str = "زهرا کریمی") -> tuple[Call, Call]:
    """Caller and agent in conversation by way of the queue `support`."""
    call = site.phones.outside.call(SUPPORT, from_number=number, from_name=name)
    ring = await site.phones.first_ringing("1001", "1002", "1003")
    await ring.answer()
    await talking(site, number)
    return call, ring


async def talking(site: Centre, number: str) -> Record:
    """The record of the call from `number`, once somebody talks with the caller."""
    return await site.cxcall.call(lambda record: record["caller"]["number"] == number and bool(record["talks"]))


def talks(record: Record, number: str) -> int:
    """How many talks the record has, if it is of the call from `number`."""
    return len(record["talks"]) if record["caller"]["number"] == number else 0


def ended(number: str) -> Any:
    """Says yes to the record of a call that `number` made and that is over."""
    return lambda record: record["caller"]["number"] == number and record["ended_at"] is not None


def seconds(record: Record, part: str) -> float:
    return float(record["queue_visits"][0][part])


class Stopwatch:
    """Bounds of how long something took that began and ended between moments we saw: no machine is too slow for it."""

    def __init__(self, began: float) -> None:
        """`began`: not after it did; epoch seconds."""
        self._earliest, self._latest = began, began
        self._least = self._most = 0.0

    def running(self) -> None:
        """It has begun by now."""
        self._latest = time.time()

    def ending(self) -> None:
        """It has not ended yet."""
        self._least = time.time() - self._latest

    def over(self) -> None:
        """It has ended by now."""
        self._most = time.time() - self._earliest

    def fits(self, seconds: float) -> bool:
        return self._least - 0.05 <= seconds <= self._most + 0.05


async def test_a_queue_call_that_the_agent_ends(site: Centre) -> None:
    call, ring = await queue_call(site, "09121110001")
    talk = Stopwatch(ring.answered_at or 0)
    talk.running()
    await asyncio.sleep(1)
    talk.ending()
    await ring.hang_up()
    await call.ended()
    talk.over()
    record = await site.cxcall.call(ended("09121110001"))
    visit = record["queue_visits"][0]
    assert (record["direction"], record["outcome"], record["ended_by"]) == ("inbound", "answered", "agent")
    assert record["caller"]["name"] == "زهرا کریمی"
    assert (visit["queue"], visit["result"], visit["interface"]) == (
        "support",
        "answered",
        f"PJSIP/{ring.phone.number}",
    )
    assert talk.fits(visit["talk"])
    assert len(record["talks"]) == 1
    assert record["caller"]["customer_id"]


async def test_a_queue_call_that_the_caller_ends(site: Centre) -> None:
    call, ring = await queue_call(site, "09121110002")
    await call.hang_up()
    await ring.ended()
    record = await site.cxcall.call(ended("09121110002"))
    assert (record["outcome"], record["ended_by"]) == ("answered", "caller")


async def test_a_caller_who_gives_up_while_it_rings(site: Centre) -> None:
    call = site.phones.outside.call(SUPPORT, from_number="09121110003")
    wait = Stopwatch(call.invited_at)
    ring = await site.phones.first_ringing("1001", "1002", "1003")
    wait.running()
    await asyncio.sleep(0.8)
    wait.ending()
    await call.hang_up()
    await ring.ended()
    wait.over()
    record = await site.cxcall.call(ended("09121110003"))
    assert (record["outcome"], record["ended_by"], record["answered_at"]) == ("abandoned", "caller", None)
    assert record["queue_visits"][0]["result"] == "abandoned"
    assert wait.fits(seconds(record, "wait"))
    assert [leg["result"] for leg in record["legs"] if leg["role"] == "agent"] == ["cancelled"]


async def test_an_agent_who_does_not_answer_and_the_next_who_does(site: Centre) -> None:
    call = site.phones.outside.call(SALES, from_number="09121110004")
    first = await site.phones.first_ringing("1004", "1005")
    second = await site.phones.first_ringing("1004", "1005")
    assert first.phone is not second.phone
    await second.answer()
    await talking(site, "09121110004")
    await call.hang_up()
    record = await site.cxcall.call(ended("09121110004"))
    attempts = record["queue_visits"][0]["attempts"]
    assert [attempt["result"] for attempt in attempts] == ["no_answer", "answered"]
    assert attempts[0]["ring"] == pytest.approx(RING, abs=1.5)


async def test_an_agent_who_is_busy_is_told_apart_from_one_who_does_not_answer(site: Centre) -> None:
    for number in ("1003", "1004", "1005"):
        site.phones[number].policy = Policy.BUSY
    call = site.phones.outside.call(SALES, from_number="09121110005")
    await site.phones.first_ringing("1003", "1004", "1005")
    for number in ("1003", "1004", "1005"):
        site.phones[number].policy = Policy.ANSWER
    await talking(site, "09121110005")
    await call.hang_up()
    record = await site.cxcall.call(ended("09121110005"))
    results = [attempt["result"] for attempt in record["queue_visits"][0]["attempts"]]
    assert results[0] == "busy"
    assert results[-1] == "answered"


async def test_a_blind_transfer_ends_the_first_agents_talk(site: Centre) -> None:
    call, ring = await queue_call(site, "09121110006")
    site.phones["1005"].policy = Policy.ANSWER
    talk = Stopwatch(ring.answered_at or 0)
    talk.running()
    await asyncio.sleep(0.6)
    talk.ending()
    await ring.transfer("1005")
    target = await site.phones["1005"].next_call(30)
    talk.over()
    await target.answered()
    await site.cxcall.call(lambda record: talks(record, "09121110006") == 2)
    await target.hang_up()
    await call.ended()
    record = await site.cxcall.call(ended("09121110006"))
    assert [(t["kind"], t["to"], t["result"]) for t in record["transfers"]] == [("blind", "1005", "ok")]
    assert len(record["talks"]) == 2
    assert talk.fits(seconds(record, "talk"))
    assert record["ended_by"] in ("agent", "callee"), "who took the transfer over"


async def test_an_attended_transfer_is_one_call_with_its_consultation(site: Centre) -> None:
    call, ring = await queue_call(site, "09121110007")
    site.phones["1005"].policy = Policy.ANSWER
    await ring.hold()
    consultation = ring.phone.call("1005")
    await consultation.answered()
    target = await site.phones["1005"].next_call(30)
    await site.cxcall.call(lambda record: talks(record, ring.phone.number) == 1 and not record["ended_at"])
    await ring.transfer_to(consultation)
    await ring.ended()
    await site.cxcall.call(lambda record: talks(record, "09121110007") == 3)
    await target.hang_up()
    await call.ended()
    record = await site.cxcall.call(ended("09121110007"))
    assert [t["kind"] for t in record["transfers"]] == ["attended"]
    assert len(record["linked_ids"]) == 2
    numbers = {tuple(sorted(n or "" for n in talk["numbers"])) for talk in record["talks"]}
    assert len(numbers) == 3, "caller–agent, agent–target, caller–target"
    newest = await site.cxcall.calls()
    assert newest[0]["id"] == record["id"], "the consultation is no call of its own"


async def test_hold_is_kept_with_its_seconds(site: Centre) -> None:
    call, ring = await queue_call(site, "09121110008")
    hold = Stopwatch(time.time())
    await ring.hold()
    hold.running()
    await asyncio.sleep(1)
    hold.ending()
    await ring.unhold()
    hold.over()
    await call.hang_up()
    record = await site.cxcall.call(ended("09121110008"))
    assert len(record["holds"]) == 1
    assert hold.fits(seconds(record, "hold"))


async def test_a_direct_call_in_reaches_one_phone(site: Centre) -> None:
    site.phones["1002"].policy = Policy.ANSWER
    call = site.phones.outside.call(DIRECT + "1002", from_number="09121110009")
    await call.answered()
    await call.hang_up()
    record = await site.cxcall.call(ended("09121110009"))
    assert (record["direction"], record["outcome"], record["called"]) == ("inbound", "answered", DIRECT + "1002")
    assert record["queue_visits"] == []


async def test_a_call_out_belongs_to_the_customer_who_was_called(site: Centre) -> None:
    call = site.phones["1002"].call("909121110010")
    await call.answered()
    await call.hang_up()
    record = await site.cxcall.call(lambda r: r["direction"] == "outbound" and r["ended_at"] is not None)
    assert (record["outcome"], record["ended_by"], record["called"]) == ("answered", "caller", "909121110010")
    customer = await site.cxcall.get(f"/api/v1/customers/{record['caller']['customer_id']}")
    assert "+989121110010" in str(customer["numbers"])


async def test_a_busy_number_outside(site: Centre) -> None:
    site.phones.outside.policy = Policy.BUSY
    call = site.phones["1003"].call("909121110011")
    with pytest.raises(CallFailed):
        await call.answered()
    record = await site.cxcall.call(lambda r: r["called"] == "909121110011" and r["ended_at"] is not None)
    assert (record["outcome"], record["direction"]) == ("busy", "outbound")


async def test_two_calls_at_once_stay_two_records(site: Centre) -> None:
    for number in ("1001", "1002", "1003"):
        site.phones[number].policy = Policy.ANSWER
    one = site.phones.outside.call(SUPPORT, from_number="09121110012")
    two = site.phones.outside.call(SUPPORT, from_number="09121110013")
    await asyncio.gather(talking(site, "09121110012"), talking(site, "09121110013"))
    await asyncio.gather(one.hang_up(), two.hang_up())
    first = await site.cxcall.call(ended("09121110012"))
    second = await site.cxcall.call(ended("09121110013"))
    assert first["id"] != second["id"]
    assert {len(first["talks"]), len(second["talks"])} == {1}
    assert not {leg["channel"] for leg in first["legs"]} & {leg["channel"] for leg in second["legs"]}


async def test_a_call_in_a_persian_writing_of_its_number_is_the_same_customer(site: Centre) -> None:
    records = []
    for number in ("09121110014", "00989121110014", "+989121110014"):
        call = site.phones.outside.call(SUPPORT, from_number=number)
        await site.phones.first_ringing("1001", "1002", "1003")
        await call.hang_up()
        records.append(await site.cxcall.call(ended(number)))
    assert len({record["caller"]["customer_id"] for record in records}) == 1


async def test_an_anonymous_caller_gets_no_profile(site: Centre) -> None:
    call = site.phones.outside.call(SUPPORT, from_number="anonymous")
    await site.phones.first_ringing("1001", "1002", "1003")
    await call.hang_up()
    record = await site.cxcall.call(lambda r: r["ended_at"] is not None and r["caller"]["number"] == "anonymous")
    assert record["caller"]["customer_id"] is None


async def test_cxcall_killed_in_mid_call_knows_the_whole_call_afterwards(site: Centre) -> None:
    call, ring = await queue_call(site, "09121110021")
    await site.cxcall.kill()
    await site.cxcall.start()
    await site.cxcall.connected()
    await ring.hang_up()
    await call.ended()
    record = await site.cxcall.call(ended("09121110021"))
    assert (record["outcome"], record["ended_by"]) == ("answered", "agent")
    assert record["queue_visits"][0]["result"] == "answered"
    assert record["queue_visits"][0]["attempts"][0]["result"] == "answered"
    assert [gap["why"] for gap in record["gaps"]] == ["listener down"]
    assert [one["caller"]["number"] for one in await site.cxcall.calls()].count("09121110021") == 1


async def test_a_call_that_ended_while_cxcall_was_away_is_closed_and_marked(site: Centre) -> None:
    call, ring = await queue_call(site, "09121110022")
    await site.cxcall.kill()
    await ring.hang_up()
    await call.ended()
    await site.cxcall.start()
    record = await site.cxcall.call(ended("09121110022"))
    assert record["outcome"] == "answered"
    assert len(record["gaps"]) == 1


async def test_asterisk_killed_in_mid_call_leaves_a_closed_record_and_the_next_call_is_followed(site: Centre) -> None:
    await queue_call(site, "09121110023")
    await site.switch.kill()
    await site.switch.restart()
    record = await site.cxcall.call(ended("09121110023"))
    assert record["outcome"] == "answered"
    assert record["gaps"]
    await site.cxcall.connected()
    for phone in (*site.phones.inside.values(), site.phones.outside):
        for left in phone.calls:
            await left.hang_up()
    call, _ = await queue_call(site, "09121110024")
    await call.hang_up()
    assert (await site.cxcall.call(ended("09121110024")))["outcome"] == "answered"


async def test_a_lost_manager_connection_in_mid_call_is_taken_up_again(site: Centre) -> None:
    call, ring = await queue_call(site, "09121110025")
    (session,) = re.findall(r"cxcall +127\.0\.0\.1 +\d+ +\d+ +(\d+)", await site.switch.cli("manager show connected"))
    assert "Kicking" in await site.switch.cli(f"manager kick session {session}")
    await site.cxcall.call(lambda record: record["caller"]["number"] == "09121110025" and bool(record["gaps"]))
    await ring.hang_up()
    await call.ended()
    record = await site.cxcall.call(ended("09121110025"))
    assert (record["outcome"], record["ended_by"]) == ("answered", "agent")
