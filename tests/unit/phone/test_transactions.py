"""Requests sent until answered, answers sent until acknowledged, the same answer twice."""

from __future__ import annotations

import asyncio

import pytest

from cxcall.demo.phone.dialog import Dialog, answer
from cxcall.demo.phone.sip import Address, Request
from cxcall.demo.phone.transactions import Transactions


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cxcall.demo.phone.transactions._AGAIN_SECONDS", (0.02, 0.02, 0.02))


@pytest.fixture
def wire() -> list[bytes]:
    return []


async def sent(wire: list[bytes], times: int) -> None:
    """Wait until something was sent so often."""
    async with asyncio.timeout(30):
        while len(wire) < times:
            await asyncio.sleep(0.001)


@pytest.fixture
def request_() -> Request:
    dialog = Dialog.to("sip:1@h:1", contact="sip:2@h:2", caller=Address(uri="sip:2@h"))
    return dialog.request("INVITE")


async def test_a_lost_request_is_sent_again_and_its_answer_returned(wire: list[bytes], request_: Request) -> None:
    transactions = Transactions(wire.append)
    asking = asyncio.create_task(transactions.ask(request_, timeout=30))
    await sent(wire, 2)
    assert transactions.take_response(answer(request_, 486))
    assert (await asking).status == 486


async def test_a_provisional_answer_stops_the_sending_but_not_the_waiting(wire: list[bytes], request_: Request) -> None:
    transactions = Transactions(wire.append)
    asking = asyncio.create_task(transactions.ask(request_, timeout=30))
    await asyncio.sleep(0)
    transactions.take_response(answer(request_, 180))
    await asyncio.sleep(0.08)
    assert len(wire) == 1
    transactions.take_response(answer(request_, 200))
    assert (await asking).status == 200


async def test_no_answer_is_a_timeout_and_a_late_one_is_nobody_s(wire: list[bytes], request_: Request) -> None:
    transactions = Transactions(wire.append)
    with pytest.raises(TimeoutError):
        await transactions.ask(request_, timeout=0.1)
    assert not transactions.take_response(answer(request_, 200))


async def test_a_request_that_comes_twice_gets_its_answer_twice(wire: list[bytes], request_: Request) -> None:
    transactions = Transactions(wire.append)
    assert not transactions.take_again(request_)
    transactions.reply(request_, answer(request_, 180))
    assert transactions.take_again(request_)
    assert wire[0] == wire[1]


async def test_an_answer_is_sent_until_its_ack(wire: list[bytes], request_: Request) -> None:
    transactions = Transactions(wire.append)
    replying = asyncio.create_task(transactions.reply_until_acknowledged(request_, answer(request_, 200)))
    await sent(wire, 2)
    before = len(wire)
    ack = Request(method="ACK", uri=request_.uri, headers=request_.headers)
    assert transactions.take_again(ack)
    await asyncio.wait_for(replying, 30)
    assert len(wire) == before


async def test_an_answer_nobody_acknowledges_is_given_up(wire: list[bytes], request_: Request) -> None:
    await Transactions(wire.append).reply_until_acknowledged(request_, answer(request_, 200))
    assert len(wire) == 3
