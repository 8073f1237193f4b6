"""Calls to queues."""

from __future__ import annotations

from cxcall.demo.phone import Policy
from tests.support.scenarios.lab import Lab, pause, scenario


@scenario
async def queue_timeout(lab: Lab) -> None:
    """Zahra calls hotline, allowed 5 s. Sara's phone rings 4 s unanswered; the queue pauses 1 s before it would ring
    Reza's, and her time is up. A beep is played and Asterisk hangs up. Outcome timeout, ended by the system."""
    call = lab.dial("02191000702")
    await call.ended(15)


@scenario
async def queue_full(lab: Lab) -> None:
    """Zahra waits in queue small, which has no member and room for one. 1 s later Amir (09351112233) calls it: full, he
    hears a beep and Asterisk hangs up. 1 s later Zahra hangs up: abandoned. Two calls."""
    first = lab.dial("02191000704")
    await lab.event("QueueCallerJoin")
    await pause(1.0)
    second = lab.dial("02191000704", "09351112233", "Amir")
    await second.ended()
    await pause(1.0)
    await first.hang_up()
    await first.ended()


@scenario
async def queue_join_refused(lab: Lab) -> None:
    """Zahra calls queue closed, which has no members and lets nobody in then. She hears a beep, Asterisk hangs up."""
    await lab.dial("02191000705").ended()


@scenario
async def queue_agent_busy(lab: Lab) -> None:
    """Zahra calls hotline. Sara's phone says busy (486), Reza's rings and he answers after 1 s. They talk 1.5 s, Reza
    hangs up."""
    lab.sara.policy = Policy.BUSY
    call = lab.dial("02191000701")
    ring = await lab.reza.next_call()
    await pause(1.0)
    await ring.answer()
    await pause(1.5)
    await ring.hang_up()
    await call.ended()


@scenario
async def queue_agent_rejects(lab: Lab) -> None:
    """Zahra calls hotline. Sara declines (603) after 0.8 s of ringing; Reza answers after 1 s. They talk 1.5 s, Zahra
    hangs up."""
    call = lab.dial("02191000701")
    refused = await lab.sara.next_call()
    await pause(0.8)
    await refused.refuse(603)
    ring = await lab.reza.next_call()
    await pause(1.0)
    await ring.answer()
    await pause(1.5)
    await call.hang_up()
    await ring.ended()


@scenario
async def queue_ringall_two_agents(lab: Lab) -> None:
    """Zahra calls team. Sara's and Reza's phones ring together; Sara answers after 1 s, Reza's stops ringing. They talk
    1.5 s, Sara hangs up."""
    call, ring = await lab.queue_call("02191000703")
    await pause(1.5)
    await ring.hang_up()
    await call.ended()


@scenario
async def queue_local_members_no_answer(lab: Lab) -> None:
    """Zahra calls reception, whose members are Local channels with /n (the FreePBX way). Sara does not answer for 12 s
    (the queue's timeout), Reza answers after 1 s. They talk 1.5 s, Reza hangs up."""
    call = lab.dial("02191000502")
    await lab.sara.next_call()
    ring = await lab.reza.next_call(16)
    await pause(1.0)
    await ring.answer()
    await pause(1.5)
    await ring.hang_up()
    await call.ended()


@scenario
async def queue_local_members_optimised(lab: Lab) -> None:
    """Zahra calls optimised, whose member is a Local channel without /n: Asterisk removes the pair once Sara has
    answered (after 1 s). They talk 2 s, Sara hangs up."""
    for phone in (lab.outside, lab.sara):
        phone.sound = b"\xff" * 160  # a Local pair is only optimised away when sound passes through it
    call = lab.dial("02191000706")
    ring = await lab.sara.next_call()
    await pause(1.0)
    await ring.answer()
    await pause(2.0)
    await ring.hang_up()
    await call.ended()


@scenario
async def queue_withdraw(lab: Lab) -> None:
    """Zahra waits in queue small; after 1.5 s the manager withdraws her (QueueWithdrawCaller, info callback). She hears
    a beep and Asterisk hangs up. Not abandoned: she was taken out."""
    call = lab.dial("02191000704")
    joined = await lab.event("QueueCallerJoin")
    await pause(1.5)
    await lab.act("QueueWithdrawCaller", Queue="small", Caller=str(joined["Channel"]), WithdrawInfo="callback")
    await call.ended()


@scenario
async def queue_hold_unhold(lab: Lab) -> None:
    """Zahra calls hotline, Sara answers after 1 s. After 1 s Sara holds her for 1.5 s; 1 s later Sara hangs up."""
    call, ring = await lab.queue_call()
    await pause(1.0)
    await ring.hold()
    await pause(1.5)
    await ring.unhold()
    await pause(1.0)
    await ring.hang_up()
    await call.ended()


@scenario
async def queue_caller_hangs_up_on_hold(lab: Lab) -> None:
    """Zahra calls hotline, Sara answers after 1 s and holds her 1 s later; after 1.5 s on hold Zahra hangs up."""
    call, ring = await lab.queue_call()
    await pause(1.0)
    await ring.hold()
    await pause(1.5)
    await call.hang_up()
    await ring.ended()


@scenario
async def spy_supervisor(lab: Lab) -> None:
    """Zahra and Sara talk in hotline (answered after 1 s). 0.5 s later a supervisor's phone (1005, Nasrin) is rung by
    the manager to whisper (ChanSpy on Sara's channel, ChannelId cxsup-1) and answers after 0.5 s; she listens 1.5 s and
    hangs up. 0.5 s later Sara hangs up. One call with two parties: the spy is none."""
    call, ring = await lab.queue_call()
    agent = str((await lab.event("AgentConnect"))["DestChannel"])
    await pause(0.5)
    await lab.act(
        "Originate",
        Channel="PJSIP/1005",
        Application="ChanSpy",
        Data=f"{agent},qwE",
        CallerID='"Supervise" <*55>',
        ChannelId="cxsup-1",
        Async="true",
    )
    spy = await lab.nasrin.next_call()
    await pause(0.5)
    await spy.answer()
    await pause(1.5)
    await spy.hang_up()
    await pause(0.5)
    await ring.hang_up()
    await call.ended()


@scenario
async def snapshot_mid_call(lab: Lab) -> None:
    """Begins in mid call, as after a reconnect: Zahra and Sara have talked in hotline for 1 s, Amir (09351112233)
    has waited in small for 0.5 s. First the answers to CoreShowChannels, BridgeList and QueueStatus; 1 s later Amir
    hangs up, 1 s later Sara."""
    call, ring = await lab.queue_call()
    waiting = lab.dial("02191000704", "09351112233", "Amir")
    await lab.event("QueueCallerJoin", Queue="small")
    await pause(0.5)
    await lab.manager.quiet(0.3)
    lab.begin()
    await lab.manager.listed("CoreShowChannels", "CoreShowChannelsComplete")
    await lab.manager.listed("BridgeList", "BridgeListComplete")
    await lab.manager.listed("QueueStatus", "QueueStatusComplete")
    await pause(1.0)
    await waiting.hang_up()
    await waiting.ended()
    await pause(1.0)
    await ring.hang_up()
    await call.ended()
