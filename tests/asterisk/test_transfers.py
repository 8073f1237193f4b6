"""Calls handed on by the desk and taken over by supervisors, on a real Asterisk: who hears whom then."""

from __future__ import annotations

import pytest

from cxcall.bus import CommandRefused
from cxcall.bus.acts import (
    AttendedTransfer,
    BlindTransfer,
    CancelTransfer,
    FinishTransfer,
    TakeOver,
)
from tests.asterisk.conftest import no_calls
from tests.asterisk.floor_stage import (
    NO_T,
    RECEPTION,
    Place,
    answer_monitor,
    talk,
)
from tests.asterisk.hearing import hear_exactly
from tests.asterisk.site import SUPPORT


async def test_a_call_is_taken_over_and_comes_back_when_nobody_answers(at: Place) -> None:
    call, taken, stage = await talk(at, "09121130013")
    await at.start(stage.call_id, "listen")
    supervisor = await answer_monitor(at)
    await at.stop()
    await supervisor.ended()
    agent = next(party for party in stage.parties if not party.customer)
    assert stage.customer is not None
    take = TakeOver(channel=agent.channel, caller=stage.customer.channel, phone="PJSIP/1005")
    await at.act(take)
    ring = await at.phones["1005"].next_call(30)
    await taken.ended()
    await ring.refuse()
    back = await at.phones.first_ringing(taken.phone.number)
    await back.answer()
    await hear_exactly(caller=(call, (taken.phone.number,)))
    again = await at.stage()
    agent = next(party for party in again.parties if not party.customer and party.talks)
    await at.act(TakeOver(channel=agent.channel, caller=stage.customer.channel, phone="PJSIP/1005"))
    ring = await at.phones["1005"].next_call(30)
    await ring.answer()
    await hear_exactly(caller=(call, ("1005",)), supervisor=(ring, ("outside",)))
    await call.hang_up()
    record = await at.record("09121130013")
    assert [transfer.kind for transfer in record.transfers] == ["blind", "blind"]
    assert "PJSIP/1005" in {leg.channel.rpartition("-")[0] for leg in record.legs if leg.result == "answered"}


@pytest.mark.parametrize(("to", "ring"), [(SUPPORT, ("1001", "1002", "1003")), (RECEPTION, ("1001",))])
async def test_an_attended_transfer_is_broken_off_and_then_finished(at: Place, to: str, ring: tuple[str, ...]) -> None:
    call, taken, stage = await talk(at, f"0912113002{len(ring)}", to, *ring)
    channel = next(party.channel for party in stage.parties if not party.customer)
    agent = taken.phone.number
    await at.act(AttendedTransfer(channel=channel, exten="1005"))
    asked = await at.phones["1005"].next_call(30)
    await asked.answer()
    await hear_exactly(agent=(taken, ("1005",)), colleague=(asked, (agent,)))
    await at.act(CancelTransfer(channel=channel))
    await asked.ended()
    await hear_exactly(agent=(taken, ("outside",)), caller=(call, (agent,)))
    await at.act(AttendedTransfer(channel=channel, exten="1005"))
    busy = await at.phones["1005"].next_call(30)
    await busy.refuse()
    await hear_exactly(agent=(taken, ("outside",)), caller=(call, (agent,)))
    await at.act(AttendedTransfer(channel=channel, exten="1005"))
    asked = await at.phones["1005"].next_call(30)
    await asked.answer()
    await hear_exactly(agent=(taken, ("1005",)))
    await at.act(FinishTransfer(channel=channel))
    await taken.ended()
    await hear_exactly(caller=(call, ("1005",)), colleague=(asked, ("outside",)))
    await call.hang_up()
    record = await at.record(f"0912113002{len(ring)}")
    assert record.transfers[-1].kind in ("attended", "semi_attended")


async def test_an_attended_transfer_that_can_not_begin_says_so_and_the_call_goes_on(at: Place) -> None:
    call, taken, stage = await talk(at, "09121130030", NO_T)
    channel = next(party.channel for party in stage.parties if not party.customer)
    with pytest.raises(CommandRefused, match="option t"):
        await at.act(AttendedTransfer(channel=channel, exten="1005"))
    with pytest.raises(CommandRefused, match="no number 7777"):
        await at.act(AttendedTransfer(channel=channel, exten="7777", context="internal"))
    with pytest.raises(CommandRefused, match="already ended"):
        await at.act(BlindTransfer(channel="PJSIP/1001-ffffffff", exten="1005"))
    await hear_exactly(agent=(taken, ("outside",)), caller=(call, (taken.phone.number,)))


async def test_a_number_nobody_has_is_refused_and_a_call_nobody_takes_comes_back(at: Place) -> None:
    call, taken, stage = await talk(at, "09121130031")
    channel = next(party.channel for party in stage.parties if not party.customer)
    agent = taken.phone.number
    with pytest.raises(CommandRefused, match="no number 7777"):
        await at.act(BlindTransfer(channel=channel, exten="7777"))
    with pytest.raises(CommandRefused, match="no number 7777"):
        await at.act(AttendedTransfer(channel=channel, exten="7777"))
    await hear_exactly(agent=(taken, ("outside",)), caller=(call, (agent,)))
    await at.act(BlindTransfer(channel=channel, exten="1005"))
    asked = await at.phones["1005"].next_call(30)
    await taken.ended()
    await asked.refuse()
    back = await at.phones.first_ringing(agent)
    await back.answer()
    await hear_exactly(agent=(back, ("outside",)), caller=(call, (agent,)))
    await call.hang_up()
    record = await at.record("09121130031")
    assert [transfer.kind for transfer in record.transfers] == ["blind"]


async def test_a_customer_who_hangs_up_while_a_colleague_is_asked_leaves_nothing_behind(at: Place) -> None:
    call, taken, stage = await talk(at, "09121130032")
    channel = next(party.channel for party in stage.parties if not party.customer)
    await at.act(AttendedTransfer(channel=channel, exten="1005"))
    asked = await at.phones["1005"].next_call(30)
    await asked.answer()
    await hear_exactly(agent=(taken, ("1005",)), colleague=(asked, (taken.phone.number,)))
    await call.hang_up()
    await hear_exactly(agent=(taken, ("1005",)), colleague=(asked, (taken.phone.number,)))
    await at.act(FinishTransfer(channel=channel))
    await taken.ended()
    await asked.ended()
    record = await at.record("09121130032")
    assert record.ended_at is not None
    await no_calls(at.switch)
