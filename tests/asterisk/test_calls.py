"""Real calls through a real Asterisk, and the record that `cxcall serve` keeps of each, read over its API."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from cxcall.demo.phone import Call, CallFailed, Policy
from cxcall.demo.switch import Tree
from tests.asterisk.site import CALLER, DIRECT, SALES, SUPPORT, Centre, centre

Record = dict[str, Any]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def shared(tree: Tree, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Centre]:
    async with centre(tmp_path_factory.mktemp("centre"), tree) as running:
        yield running


@pytest_asyncio.fixture(loop_scope="session")
async def site(shared: Centre) -> AsyncIterator[Centre]:
    """The site that the tests share, with phones that only ring; no call is left at the end."""
    for phone in shared.phones.inside.values():
        phone.policy = Policy.RING
        with contextlib.suppress(TimeoutError):
            while True:
                await phone.next_call(0.01)  # one that rang for an earlier test
    shared.phones.outside.policy = Policy.ANSWER
    yield shared
    for phone in (*shared.phones.inside.values(), shared.phones.outside):
        for call in phone.calls:
            await call.hang_up()


@pytest_asyncio.fixture(loop_scope="session")
async def own_site(tree: Tree, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Centre]:
    """A site that a test may break."""
    async with centre(tmp_path_factory.mktemp("own"), tree) as running:
        yield running


async def queue_call(site: Centre, number: str = CALLER, name: str = "زهرا کریمی") -> tuple[Call, Call]:
    """Caller and agent in conversation by way of the queue `support`."""
    call = site.phones.outside.call(SUPPORT, from_number=number, from_name=name)
    ring = await site.phones.first_ringing("1001", "1002", "1003")
    await ring.answer()
    await talking(site, number)
    return call, ring


async def talking(site: Centre, number: str) -> Record:
    """The record of the call from `number`, once somebody talks with the caller."""
    return await site.cxcall.call(lambda record: record["caller"]["number"] == number and bool(record["talks"]))


def ended(number: str) -> Any:
    """Says yes to the record of a call that `number` made and that is over."""
    return lambda record: record["caller"]["number"] == number and record["ended_at"] is not None


def seconds(record: Record, part: str) -> float:
    return float(record["queue_visits"][0][part])


async def test_a_queue_call_that_the_agent_ends(site: Centre) -> None:
    call, ring = await queue_call(site, "09121110001")
    await asyncio.sleep(1)
    talked = time.time() - (ring.answered_at or 0)
    await ring.hang_up()
    await call.ended()
    record = await site.cxcall.call(ended("09121110001"))
    visit = record["queue_visits"][0]
    assert (record["direction"], record["outcome"], record["ended_by"]) == ("inbound", "answered", "agent")
    assert record["caller"]["name"] == "زهرا کریمی"
    assert (visit["queue"], visit["result"], visit["interface"]) == (
        "support",
        "answered",
        f"PJSIP/{ring.phone.number}",
    )
    assert visit["talk"] == pytest.approx(talked, abs=0.5)
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
    ring = await site.phones.first_ringing("1001", "1002", "1003")
    await asyncio.sleep(0.8)
    await call.hang_up()
    await ring.ended()
    record = await site.cxcall.call(ended("09121110003"))
    assert (record["outcome"], record["ended_by"], record["answered_at"]) == ("abandoned", "caller", None)
    assert record["queue_visits"][0]["result"] == "abandoned"
    assert seconds(record, "wait") == pytest.approx(0.8, abs=0.6)
    assert [leg["result"] for leg in record["legs"] if leg["role"] == "agent"] == ["cancelled"]


async def test_an_agent_who_does_not_answer_and_the_next_who_does(site: Centre) -> None:
    call = site.phones.outside.call(SALES, from_number="09121110004")
    first = await site.phones.first_ringing("1004", "1005")
    second = await site.phones.first_ringing("1004", "1005", timeout=20)
    assert first.phone is not second.phone
    await second.answer()
    await talking(site, "09121110004")
    await call.hang_up()
    record = await site.cxcall.call(ended("09121110004"))
    attempts = record["queue_visits"][0]["attempts"]
    assert [attempt["result"] for attempt in attempts] == ["no_answer", "answered"]
    assert attempts[0]["ring"] == pytest.approx(12, abs=1.5)


async def test_an_agent_who_is_busy_is_told_apart_from_one_who_does_not_answer(site: Centre) -> None:
    for number in ("1003", "1004", "1005"):
        site.phones[number].policy = Policy.BUSY
    call = site.phones.outside.call(SALES, from_number="09121110005")
    await asyncio.sleep(0.7)
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
    await asyncio.sleep(0.6)
    talked = time.time() - (ring.answered_at or 0)
    await ring.transfer("1005")
    target = await site.phones["1005"].next_call()
    await target.answered()
    await asyncio.sleep(1.2)
    await target.hang_up()
    await call.ended()
    record = await site.cxcall.call(ended("09121110006"))
    assert [(t["kind"], t["to"], t["result"]) for t in record["transfers"]] == [("blind", "1005", "ok")]
    assert len(record["talks"]) == 2
    assert seconds(record, "talk") == pytest.approx(talked, abs=0.5)
    assert record["ended_by"] in ("agent", "callee"), "who took the transfer over"


async def test_an_attended_transfer_is_one_call_with_its_consultation(site: Centre) -> None:
    call, ring = await queue_call(site, "09121110007")
    site.phones["1005"].policy = Policy.ANSWER
    await ring.hold()
    consultation = ring.phone.call("1005")
    await consultation.answered()
    target = await site.phones["1005"].next_call()
    await asyncio.sleep(0.5)
    await ring.transfer_to(consultation)
    await ring.ended()
    await asyncio.sleep(0.6)
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
    await ring.hold()
    await asyncio.sleep(1)
    await ring.unhold()
    await call.hang_up()
    record = await site.cxcall.call(ended("09121110008"))
    assert len(record["holds"]) == 1
    assert seconds(record, "hold") == pytest.approx(1, abs=0.4)


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


async def test_cxcall_killed_in_mid_call_knows_the_whole_call_afterwards(own_site: Centre) -> None:
    call, ring = await queue_call(own_site)
    await own_site.cxcall.call(lambda record: record["answered_at"] is not None)
    await own_site.cxcall.kill()
    await asyncio.sleep(1)
    await own_site.cxcall.start()
    await own_site.cxcall.connected()
    await ring.hang_up()
    await call.ended()
    record = await own_site.cxcall.call(ended(CALLER))
    assert (record["outcome"], record["ended_by"]) == ("answered", "agent")
    assert record["queue_visits"][0]["result"] == "answered"
    assert record["queue_visits"][0]["attempts"][0]["result"] == "answered"
    assert [gap["why"] for gap in record["gaps"]] == ["listener down"]
    assert len(await own_site.cxcall.calls()) == 1


async def test_a_call_that_ended_while_cxcall_was_away_is_closed_and_marked(own_site: Centre) -> None:
    call, ring = await queue_call(own_site)
    await own_site.cxcall.call(lambda record: record["answered_at"] is not None)
    await own_site.cxcall.kill()
    await ring.hang_up()
    await call.ended()
    await own_site.cxcall.start()
    record = await own_site.cxcall.call(ended(CALLER), timeout=15)
    assert record["outcome"] == "answered"
    assert len(record["gaps"]) == 1


async def test_asterisk_killed_in_mid_call_leaves_a_closed_record_and_the_next_call_is_followed(
    own_site: Centre,
) -> None:
    await queue_call(own_site)
    await own_site.cxcall.call(lambda record: record["answered_at"] is not None)
    await own_site.switch.kill()
    await asyncio.sleep(0.5)
    await own_site.switch.restart()
    record = await own_site.cxcall.call(ended(CALLER), timeout=20)
    assert record["outcome"] == "answered"
    assert record["gaps"]
    await own_site.cxcall.connected()
    call, _ = await queue_call(own_site, "09121110099")
    await call.hang_up()
    assert (await own_site.cxcall.call(ended("09121110099")))["outcome"] == "answered"


async def test_a_lost_manager_connection_in_mid_call_is_taken_up_again(own_site: Centre) -> None:
    call, ring = await queue_call(own_site)
    await own_site.cxcall.call(lambda record: record["answered_at"] is not None)
    started = time.time()
    await own_site.switch.cli("module reload manager")
    await own_site.switch.cli("manager kick session all")
    await asyncio.sleep(1)
    await own_site.cxcall.connected()
    await ring.hang_up()
    await call.ended()
    record = await own_site.cxcall.call(ended(CALLER))
    assert (record["outcome"], record["ended_by"]) == ("answered", "agent")
    assert time.time() - started < 30
