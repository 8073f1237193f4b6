"""Scriptable SIP phones for the demo and the tests: real calls through a real Asterisk, in one process.

    async with Phone.start("1001", switch.sip_address, port=switch.phone_port("1001")) as sara, Phone.start(
        "outside", switch.sip_address, port=switch.trunk_port
    ) as outside:
        call = outside.call("02191000500", from_number="09121234567", from_name="زهرا کریمی")
        ring = await sara.next_call()         # Sara's phone rings (and answers by itself, policy ANSWER)
        await ring.answered()
        await ring.hold(); await ring.unhold()
        await ring.transfer("1003")           # blind
        await ring.transfer_to(sara.call("1003"))   # attended, or wait for its rings() or answered() first
        await call.hang_up()

A phone without `sound` and `listen` costs next to nothing; `sound=tone(440), listen=True` to hear who hears whom.
"""

from cxcall.demo.phone.call import Call, CallFailed, State
from cxcall.demo.phone.phone import Phone, Policy
from cxcall.demo.phone.sound import strength, tone

__all__ = ["Call", "CallFailed", "Phone", "Policy", "State", "strength", "tone"]
