"""Transfers, parking, pickup, conference. Every call begins with Zahra in hotline and Sara answering after 1 s,
unless said."""

from __future__ import annotations

from cxcall.demo.phone import CallFailed, Policy
from tests.support.scenarios.lab import Lab, pause, scenario

_SILENCE = b"\xff" * 160


@scenario
async def attended_transfer_dtmf(lab: Lab) -> None:
    """After 1 s Sara presses *2 and 1003; Maryam answers after 1 s, they talk 1 s; Sara hangs up, which connects Zahra
    with Maryam. They talk 1.5 s, Maryam hangs up."""
    for phone in (lab.outside, lab.sara, lab.maryam):
        phone.sound = _SILENCE
    call, ring = await lab.queue_call()
    await pause(1.0)
    ring.press("*2")
    await pause(1.3)
    ring.press("1003")
    consulted = await lab.maryam.next_call()
    await pause(1.0)
    await consulted.answer()
    await pause(1.0)
    await ring.hang_up()
    await pause(1.5)
    await consulted.hang_up()
    await call.ended()


@scenario
async def attended_transfer_semi(lab: Lab) -> None:
    """After 1 s Sara holds Zahra and calls Maryam (1003); while that rings (0.7 s) she completes the transfer
    (REFER with Replaces). Maryam answers 1 s later. Zahra and Maryam talk 1.5 s, Maryam hangs up."""
    call, ring = await lab.queue_call()
    await pause(1.0)
    await ring.hold()
    consultation = lab.sara.call("1003")
    rung = await lab.maryam.next_call()
    await consultation.rings()
    await pause(0.7)
    await ring.transfer_to(consultation)
    await pause(1.0)
    await rung.answer()
    await pause(1.5)
    await rung.hang_up()
    await call.ended()


@scenario
async def attended_transfer_given_up(lab: Lab) -> None:
    """After 1 s Sara holds Zahra and calls Maryam (1003), who is busy. Sara takes Zahra back, they talk 1 s more, Sara
    hangs up. No transfer."""
    lab.maryam.policy = Policy.BUSY
    call, ring = await lab.queue_call()
    await pause(1.0)
    await ring.hold()
    await lab.sara.call("1003").ended()
    await pause(0.5)
    await ring.unhold()
    await pause(1.0)
    await ring.hang_up()
    await call.ended()


@scenario
async def two_calls_attended_transfer(lab: Lab) -> None:
    """Two calls at once: Zahra with Sara (hotline), Amir (09351112233) with Reza (his own number 02191001002, answered
    after 0.5 s). Sara holds Zahra, consults Maryam (1003, answers after 0.5 s) for 1 s and completes (REFER with
    Replaces). 1 s later Amir hangs up, 1 s later Maryam."""
    call, ring = await lab.queue_call()
    other = lab.dial("02191001002", "09351112233", "Amir")
    reza = await lab.reza.next_call()
    await pause(0.5)
    await reza.answer()
    await ring.hold()
    consultation = lab.sara.call("1003")
    maryam = await lab.maryam.next_call()
    await pause(0.5)
    await maryam.answer()
    await consultation.answered()
    await pause(1.0)
    await ring.transfer_to(consultation)
    await ring.ended()
    await pause(1.0)
    await other.hang_up()
    await pause(1.0)
    await maryam.hang_up()
    await call.ended()


@scenario
async def blind_to_busy(lab: Lab) -> None:
    """After 1 s Sara transfers Zahra blind (REFER) to Maryam (1003), whose phone is busy. Asterisk hangs up on
    Zahra."""
    lab.maryam.policy = Policy.BUSY
    call, ring = await lab.queue_call()
    await pause(1.0)
    await ring.transfer("1003")
    await call.ended()


@scenario
async def blind_to_missing(lab: Lab) -> None:
    """After 1 s Sara transfers Zahra blind (REFER) to 1999, which does not exist: the phone is told, no event
    says so. They go on talking 1 s, Sara
    hangs up."""
    call, ring = await lab.queue_call()
    await pause(1.0)
    try:
        await ring.transfer("1999")
    except CallFailed:
        await pause(1.0)
    else:
        await pause(1.0)
    await ring.hang_up()
    await call.ended()


@scenario
async def blind_to_queue(lab: Lab) -> None:
    """After 1 s Sara transfers Zahra blind (REFER) to 501, queue sales; Omid answers after 1 s (he or Nasrin, whose
    turn it is), they talk 1.5 s, the agent of sales hangs up."""
    call, ring = await lab.queue_call()
    lab.omid.policy = lab.nasrin.policy = Policy.ANSWER
    lab.omid.answer_after = lab.nasrin.answer_after = 1.0
    lab.omid.hang_up_after = lab.nasrin.hang_up_after = 1.5
    await pause(1.0)
    await ring.transfer("501")
    await call.ended()


@scenario
async def blind_by_manager(lab: Lab) -> None:
    """After 1 s the manager transfers (BlindTransfer on Sara's channel, context cxcall-transfer) to 1003; Maryam
    answers after 1 s, they talk 1.5 s, Zahra hangs up."""
    call, _ = await lab.queue_call()
    await pause(1.0)
    agent = str((await lab.event("AgentConnect"))["DestChannel"])
    await lab.act("BlindTransfer", Channel=agent, Exten="1003", Context="cxcall-transfer")
    ring = await lab.maryam.next_call()
    await pause(1.0)
    await ring.answer()
    await pause(1.5)
    await call.hang_up()
    await ring.ended()


@scenario
async def redirect_by_manager(lab: Lab) -> None:
    """After 1 s the manager redirects Zahra's channel to 1003 (Redirect); Sara's call ends. Maryam answers after 1
    s, they talk 1.5 s, Maryam hangs up."""
    call, _ = await lab.queue_call()
    await pause(1.0)
    caller = str((await lab.event("AgentConnect"))["Channel"])
    await lab.act("Redirect", Channel=caller, Context="internal", Exten="1003", Priority="1")
    ring = await lab.maryam.next_call()
    await pause(1.0)
    await ring.answer()
    await pause(1.5)
    await ring.hang_up()
    await call.ended()


@scenario
async def parked_and_retrieved(lab: Lab) -> None:
    """After 1 s Sara parks Zahra (REFER to 700). 1.5 s later Maryam (1003) fetches her (dials the space). They talk
    1.5 s, Maryam hangs up."""
    call, ring = await lab.queue_call()
    await pause(1.0)
    await ring.transfer("700")
    space = str((await lab.event("ParkedCall"))["ParkingSpace"])
    await pause(1.5)
    fetched = lab.maryam.call(space)
    await fetched.answered()
    await pause(1.5)
    await fetched.hang_up()
    await call.ended()


@scenario
async def parked_timeout(lab: Lab) -> None:
    """After 1 s Sara parks Zahra (REFER to 700). Nobody fetches her: after 4 s Sara's phone is rung, she answers after
    1 s, they talk 1 s, Sara hangs up."""
    call, ring = await lab.queue_call()
    await pause(1.0)
    await ring.transfer("700")
    back = await lab.sara.next_call()
    await pause(1.0)
    await back.answer()
    await pause(1.0)
    await back.hang_up()
    await call.ended()


@scenario
async def parked_given_up(lab: Lab) -> None:
    """After 1 s Sara parks Zahra (REFER to 700); 1.5 s later Zahra hangs up."""
    call, ring = await lab.queue_call()
    await pause(1.0)
    await ring.transfer("700")
    await lab.event("ParkedCall")
    await pause(1.5)
    await call.hang_up()
    await call.ended()


@scenario
async def pickup_directed(lab: Lab) -> None:
    """Zahra calls Sara's own number (02191001001). Sara's phone rings 1 s; Reza picks the call up from his
    (*81001). They talk 1.5 s, Reza hangs up."""
    call = lab.dial("02191001001")
    await lab.sara.next_call()
    await pause(1.0)
    picked = lab.reza.call("*81001")
    await picked.answered()
    await pause(1.5)
    await picked.hang_up()
    await call.ended()


@scenario
async def pickup_in_queue(lab: Lab) -> None:
    """Zahra calls hotline. Sara's phone rings 1 s; Maryam (1003, no member) picks the call up from hers (*8). They talk
    1.5 s, Zahra hangs up."""
    call = lab.dial("02191000701")
    await lab.sara.next_call()
    await pause(1.0)
    picked = lab.maryam.call("*8")
    await picked.answered()
    await pause(1.5)
    await call.hang_up()
    await picked.ended()


@scenario
async def conference(lab: Lab) -> None:
    """Zahra calls the conference (02191000600), 0.5 s later Sara (600), 0.5 s later Reza (600). After 1.5 s Zahra hangs
    up, 0.5 s later Sara, at once Reza. Three calls that name each other."""
    call = lab.dial("02191000600")
    await call.answered()
    await pause(0.5)
    sara = lab.sara.call("600")
    await sara.answered()
    await pause(0.5)
    reza = lab.reza.call("600")
    await reza.answered()
    await pause(1.5)
    await call.hang_up()
    await pause(0.5)
    await sara.hang_up()
    await reza.hang_up()
    await reza.ended()
