"""What the caller said when asked whether the call may be listened to and recorded."""

from __future__ import annotations

from cxcall.asterisk.ami.client import Client
from cxcall.asterisk.ami.errors import AmiError
from cxcall.asterisk.ami.message import text
from cxcall.calls.stage import Stage
from cxcall.speech.listening import Said

_ASK_S = 2.0
"""Seconds for Asterisk to tell a variable: while it is asked nobody is listened to."""

_SAID: dict[str, Said] = {"yes": "yes", "no": "no"}


async def said(client: Client, stage: Stage) -> Said:
    """The answer as the dialplan keeps it (CX_CONSENT of the caller's channel); "unknown" when that can't be told."""
    customer = stage.customer
    asked = [party.channel for party in stage.parties if party.uid == stage.caller]
    if customer is not None and customer.channel not in asked:
        asked.append(customer.channel)
    for channel in asked:
        try:
            answer = await client.action("Getvar", {"Channel": channel, "Variable": "CX_CONSENT"}, limit=_ASK_S)
        except AmiError:
            continue
        if found := _SAID.get(text(answer, "Value").strip().lower()):
            return found
    return "unknown"
