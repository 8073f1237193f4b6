"""Calls from phone to phone, out, and to machines."""

from __future__ import annotations

from cxcall.demo.phone import Policy
from tests.support.scenarios.lab import CALLER, Lab, pause, scenario


async def _click(lab: Lab, **headers: str) -> None:
    await lab.act(
        "Originate",
        Channel="PJSIP/1001",
        Context="internal",
        Exten=f"9{CALLER}",
        Priority="1",
        CallerID=f'"Zahra" <{CALLER}>',
        Async="true",
        **headers,
    )


@scenario
async def click_to_call(lab: Lab) -> None:
    """The manager rings Sara's phone to call Zahra; Sara answers after 1 s, Zahra 1 s later. They talk 1.5 s, Zahra
    hangs up."""
    lab.outside.policy = Policy.RING
    await _click(lab, Timeout="20000")
    sara = await lab.sara.next_call()
    await pause(1.0)
    await sara.answer()
    zahra = await lab.outside.next_call()
    await pause(1.0)
    await zahra.answer()
    await pause(1.5)
    await zahra.hang_up()
    await sara.ended()


@scenario
async def click_to_call_no_answer(lab: Lab) -> None:
    """The manager rings Sara's phone to call Zahra; Sara does not answer within 3 s. Zahra is never called."""
    await _click(lab, Timeout="3000")
    sara = await lab.sara.next_call()
    await sara.ended()


@scenario
async def click_to_call_customer_busy(lab: Lab) -> None:
    """The manager rings Sara's phone to call Zahra; Sara answers after 1 s, Zahra is busy: Asterisk ends the call."""
    lab.outside.policy = Policy.BUSY
    await _click(lab, Timeout="20000")
    sara = await lab.sara.next_call()
    await pause(1.0)
    await sara.answer()
    await sara.ended()


@scenario
async def forward_by_phone(lab: Lab) -> None:
    """Zahra calls Reza's own number (02191001002). His phone forwards at once (302) to 1003; Maryam answers after 1 s.
    They talk 1.5 s, Maryam hangs up."""
    lab.reza.policy, lab.reza.forward_to = Policy.FORWARD, "1003"
    call = lab.dial("02191001002")
    ring = await lab.maryam.next_call()
    await pause(1.0)
    await ring.answer()
    await pause(1.5)
    await ring.hang_up()
    await call.ended()


@scenario
async def forward_by_dialplan(lab: Lab) -> None:
    """Zahra calls 02191000711, which the dialplan forwards through a Local channel to 1003; Maryam answers after 1
    s. They talk 1.5 s, Zahra hangs up."""
    call = lab.dial("02191000711")
    ring = await lab.maryam.next_call()
    await pause(1.0)
    await ring.answer()
    await pause(1.5)
    await call.hang_up()
    await ring.ended()


@scenario
async def direct_hold_unhold(lab: Lab) -> None:
    """Sara calls Reza (1002), who answers after 1 s. After 0.5 s Sara holds him for 1.5 s, 0.5 s later Reza hangs
    up."""
    call = lab.sara.call("1002")
    ring = await lab.reza.next_call()
    await pause(1.0)
    await ring.answer()
    await call.answered()
    await pause(0.5)
    await call.hold()
    await pause(1.5)
    await call.unhold()
    await pause(0.5)
    await ring.hang_up()
    await call.ended()


@scenario
async def direct_busy(lab: Lab) -> None:
    """Zahra calls Sara's own number (02191001001): busy (486)."""
    lab.sara.policy = Policy.BUSY
    await lab.dial("02191001001").ended()


@scenario
async def direct_rejected(lab: Lab) -> None:
    """Zahra calls Sara's own number (02191001001), which rings 1 s; Sara declines (603)."""
    call = lab.dial("02191001001")
    ring = await lab.sara.next_call()
    await pause(1.0)
    await ring.refuse(603)
    await call.ended()


@scenario
async def direct_no_answer(lab: Lab) -> None:
    """Zahra calls 02191000712: Sara's phone rings 3 s, nobody answers, Asterisk ends the call."""
    await lab.dial("02191000712").ended()


@scenario
async def outbound_busy(lab: Lab) -> None:
    """Sara calls out (9 09121234567): busy (486)."""
    lab.outside.policy = Policy.BUSY
    await lab.sara.call(f"9{CALLER}").ended()


@scenario
async def outbound_cancelled(lab: Lab) -> None:
    """Sara calls out (9 09121234567); it rings 1.5 s, then Sara hangs up."""
    lab.outside.policy = Policy.RING
    call = lab.sara.call(f"9{CALLER}")
    await lab.outside.next_call()
    await pause(1.5)
    await call.hang_up()
    await call.ended()


@scenario
async def outbound_congestion(lab: Lab) -> None:
    """Sara calls out (9 09121234567); the trunk refuses after 0.3 s (503, no circuit free)."""
    lab.outside.policy = Policy.RING
    call = lab.sara.call(f"9{CALLER}")
    asked = await lab.outside.next_call()
    await pause(0.3)
    await asked.refuse(503)
    await call.ended()


@scenario
async def voicemail_like(lab: Lab) -> None:
    """Zahra calls 02191000708: answered by a machine, a beep, and what she says is recorded; after 2 s she hangs up.
    Nobody was reached."""
    lab.outside.sound = bytes(range(256)) * 4  # noise: silence would end the recording
    call = lab.dial("02191000708")
    await call.answered()
    await pause(2.0)
    await call.hang_up()
    await call.ended()


@scenario
async def echo_only(lab: Lab) -> None:
    """Zahra calls the echo test (02191000850), hears herself for 1.5 s and hangs up. Nobody was reached."""
    call = lab.dial("02191000850")
    await call.answered()
    await pause(1.5)
    await call.hang_up()
    await call.ended()
