"""The phone against a real Asterisk: what a person does with a handset, and what the other side hears and sees."""

from __future__ import annotations

import asyncio
import time

import pytest

from cxcall.demo.phone import Call, CallFailed, Policy, State, strength, tone
from cxcall.demo.switch import Switch
from tests.asterisk.conftest import Phones, no_calls

SUPPORT = ("1001", "1002", "1003")


async def hears(call: Call, hertz: float, timeout: float = 30.0) -> bool:
    """Say whether `call` comes to hear a tone within `timeout` seconds."""
    until = time.monotonic() + timeout
    while strength(call.heard.last(0.2), hertz) < 4_000:
        if time.monotonic() > until:
            return False
        await asyncio.sleep(0.05)
    return True


async def heard_keys(call: Call, keys: str) -> None:
    """Wait up to 30 s until `call` has got `keys`, no others."""
    async with asyncio.timeout(30):
        while call.heard.keys != keys:
            await asyncio.sleep(0.05)


async def test_a_queue_call_shows_number_and_persian_name_of_the_caller_and_both_hear_each_other(
    switch: Switch, phones: Phones
) -> None:
    phones.outside.sound, phones.outside.listen = tone(1_000), True
    for number in SUPPORT:
        phones[number].sound, phones[number].listen = tone(600), True
    call = phones.outside.call("02191000500", from_number="09121234567", from_name="زهرا کریمی")
    ring = await phones.first_ringing(*SUPPORT)
    assert (ring.number, ring.name) == ("09121234567", "زهرا کریمی")
    assert abs(ring.invited_at - time.time()) < 30
    await ring.answer()
    await call.answered()
    assert await hears(call, 600)
    assert await hears(ring, 1_000)
    await call.hang_up()
    await ring.ended()
    assert call.we_ended
    assert not ring.we_ended


async def test_hold_gives_the_other_side_music_and_unhold_gives_the_voice_back(phones: Phones) -> None:
    phones["1001"].sound = tone(600)
    phones["1002"].listen = True
    phones["1002"].policy = Policy.ANSWER
    call = phones["1001"].call("1002")
    other = await phones["1002"].next_call()
    await call.answered()
    assert await hears(other, 600)
    await call.hold()
    async with asyncio.timeout(30):
        while strength(other.heard.last(0.3), 600) >= 500:
            await asyncio.sleep(0.05)
    await call.unhold()
    assert await hears(other, 600)
    await call.hang_up()


async def test_keys_arrive_in_the_audio_and_by_info(phones: Phones) -> None:
    phones["1001"].sound = phones["1002"].sound = tone(600)  # Asterisk times a key from INFO by the sound around it
    phones["1002"].listen = True
    phones["1002"].policy = Policy.ANSWER
    call = phones["1001"].call("1002")
    other = await phones["1002"].next_call()
    await call.answered()
    call.press("59#")
    await heard_keys(other, "59#")
    await call.press_by_info("7")
    await heard_keys(other, "59#7")
    await call.hang_up()


async def test_a_blind_transfer_moves_the_caller_and_the_transferring_phone_is_free(phones: Phones) -> None:
    phones.outside.sound = tone(1_000)
    phones["1001"].listen = phones["1002"].listen = True
    call = phones.outside.call("02191001001", from_number="09121234567")
    first = await phones["1001"].next_call()
    await first.answer()
    assert await hears(first, 1_000)  # a call that is answered but not yet bridged can't be transferred
    await first.transfer("1002")
    second = await phones["1002"].next_call()
    await second.answer()
    await first.ended()
    assert first.transfer_progress[-1] == 200
    assert await hears(second, 1_000)
    await second.hang_up()
    await call.ended()


async def test_an_attended_transfer_connects_the_caller_with_the_one_consulted(phones: Phones) -> None:
    phones.outside.sound, phones["1001"].sound = tone(1_000), tone(600)
    phones["1001"].listen = phones["1002"].listen = True
    phones["1002"].policy = Policy.ANSWER
    call = phones.outside.call("02191001001", from_number="09121234567")
    first = await phones["1001"].next_call()
    await first.answer()
    assert await hears(first, 1_000)
    await first.hold()
    consultation = phones["1001"].call("1002")
    await consultation.answered()
    second = await phones["1002"].next_call()
    assert await hears(second, 600)  # bridged, then it can be transferred
    await first.transfer_to(consultation)
    await first.ended()
    await consultation.ended()
    assert await hears(second, 1_000)
    await call.hang_up()
    await second.ended()


@pytest.mark.parametrize(("policy", "status"), [(Policy.BUSY, 486), (Policy.DECLINE, 403), (Policy.UNAVAILABLE, 480)])
async def test_a_refused_call_tells_the_caller_why(phones: Phones, policy: Policy, status: int) -> None:
    phones["1002"].policy = policy
    call = phones["1001"].call("1002")
    with pytest.raises(CallFailed, match=str(status)):
        await call.answered()
    assert call.status == status


async def test_a_forwarding_phone_sends_the_call_to_another(phones: Phones) -> None:
    phones["1002"].policy, phones["1002"].forward_to = Policy.FORWARD, "1003"
    phones["1003"].policy = Policy.ANSWER
    call = phones["1001"].call("1002")
    await call.answered()
    assert [c.state for c in phones["1003"].calls] == [State.TALKING]
    await call.hang_up()


async def test_a_caller_who_gives_up_stops_the_ringing(phones: Phones) -> None:
    call = phones["1001"].call("1002")
    ring = await phones["1002"].next_call()
    await call.rings()
    await call.hang_up()
    await ring.ended()
    await call.ended()
    assert (call.status, ring.status) == (487, 487)


async def test_a_caller_who_hangs_up_at_once_leaves_no_call_behind(switch: Switch, phones: Phones) -> None:
    call = phones["1001"].call("1002")
    await call.hang_up()
    await call.ended()
    assert call.we_ended
    await no_calls(switch)


async def test_a_call_out_by_the_trunk_shows_the_site_s_number(phones: Phones) -> None:
    call = phones["1001"].call("909123334455")
    answered = await phones.outside.next_call()
    await call.answered()
    assert answered.number == "02191000500"
    assert "09123334455" in answered.invite.uri
    await answered.hang_up()
    await call.ended()


async def test_waits_have_limits(phones: Phones) -> None:
    call = phones["1001"].call("1002")
    await call.rings()
    with pytest.raises(TimeoutError):
        await call.answered(0.2)
    with pytest.raises(TimeoutError):
        await phones["1003"].next_call(0.1)
    await call.hang_up()


async def test_twenty_calls_at_once_cost_little(phones: Phones) -> None:
    calls = [phones.outside.call("02191000850", from_number=f"0912000{i:04}") for i in range(20)]
    await asyncio.gather(*(call.answered() for call in calls))
    spent = []
    for _ in range(5):  # the least counts: on a busy machine the same work takes longer
        before = time.process_time()
        await asyncio.sleep(1.0)
        spent.append(time.process_time() - before)
        if spent[-1] < 0.2:
            break
    assert min(spent) < 0.2, spent
    await asyncio.gather(*(call.hang_up() for call in calls))
    await asyncio.gather(*(call.ended() for call in calls))
