"""Acts on calls: hang up, mute, ring a phone, send the caller elsewhere, take a call over."""

from __future__ import annotations

import re
from typing import Any

from cxcall.asterisk.acts.limits import LIMIT
from cxcall.asterisk.ami.client import Client
from cxcall.asterisk.ami.message import text
from cxcall.bus import CommandRefused
from cxcall.bus.acts import BlindTransfer, Hangup, Mute, Originate, TakeOver

DIALLED = re.compile(r"[\w*#+.-]{1,40}", re.ASCII)
PHONE = re.compile(r"[A-Za-z0-9]+/[\w@+.-]{1,80}(/n)?", re.ASCII)
"""A phone as Asterisk dials it, and nothing that would be more than one in a dialplan."""

TRANSFER = "cxcall-transfer"
"""The context that rings a phone and has a way back (asterisk-conf/extensions_cxcall.conf)."""

TAKE = "cxcall-take"
"""The context that rings who takes a call over (asterisk-conf/extensions_cxcall.conf)."""


async def hang_up(client: Client, act: Hangup) -> None:
    await client.act("Hangup", {"Channel": act.channel, "Cause": "16"}, limit=LIMIT)


async def mute(client: Client, act: Mute) -> None:
    state = "on" if act.on else "off"
    await client.act("MuteAudio", {"Channel": act.channel, "Direction": "in", "State": state}, limit=LIMIT)


async def transfer(client: Client, act: BlindTransfer, channel: str) -> None:
    """Transfer, after a look whether the number exists: Asterisk says yes to any and hangs both up."""
    await check_number(client, act.context, act.exten)
    await client.act("BlindTransfer", {"Channel": channel, "Exten": act.exten, "Context": act.context}, limit=LIMIT)


async def take_over(client: Client, act: TakeOver, channel: str) -> None:
    """The caller's channel learns whom to ring and is transferred to where that is done."""
    if not PHONE.fullmatch(act.phone):
        raise CommandRefused("Say which phone to ring: its number.")
    if not await exists(client, TAKE, "s"):
        raise CommandRefused("Asterisk has no context cxcall-take yet: renew extensions_cxcall.conf and reload it.")
    await client.act("Setvar", {"Channel": act.caller, "Variable": "CXCALL_TAKE", "Value": act.phone}, limit=LIMIT)
    await client.act("BlindTransfer", {"Channel": channel, "Exten": "s", "Context": TAKE}, limit=LIMIT)


async def check_number(client: Client, context: str, exten: str) -> None:
    """Raises CommandRefused for what is no number, or one this Asterisk does not have.

    The context for transfers takes every number, and rings the phone of that name: who has none is no number.
    """
    if not DIALLED.fullmatch(exten):
        raise CommandRefused("Say where to transfer the call to: a number.")
    rings = context == TRANSFER and exten[0].isdecimal()
    if not await exists(client, context, exten) or (rings and await _no_phone(client, exten)):
        raise CommandRefused(f"There is no number {exten} to transfer to.")


async def _no_phone(client: Client, exten: str) -> bool:
    """Whether Asterisk surely has no such phone; one that is away or can't be asked for may be there."""
    state = await client.action("Getvar", {"Variable": f"DEVICE_STATE({await _dial(client)}{exten})"}, limit=LIMIT)
    return text(state, "Value") == "INVALID"


async def _dial(client: Client) -> str:
    """What stands before a phone's number."""
    return text(await client.action("Getvar", {"Variable": "CXCALL_DIAL"}, limit=LIMIT), "Value") or "PJSIP/"


async def exists(client: Client, context: str, exten: str) -> bool:
    """Asked by the function DIALPLAN_EXISTS, which the right to handle calls suffices for; ShowDialPlan wants more."""
    question = {"Variable": f"DIALPLAN_EXISTS({context},{exten},1)"}
    answer = text(await client.action("Getvar", question, limit=LIMIT), "Value")
    if answer not in ("0", "1"):
        raise CommandRefused("Asterisk can't say whether this number exists: load its module func_dialplan.")
    return answer == "1"


async def originate(client: Client, act: Originate) -> None:
    await client.act("Originate", await _originate(client, act), limit=LIMIT)


async def _originate(client: Client, act: Originate) -> dict[str, Any]:
    """The fields of the action; it is done beside (Async), or the session would wait while it rings."""
    channel = act.channel
    if "/" not in channel:
        if not DIALLED.fullmatch(channel):
            raise CommandRefused("Say which phone to ring: its number.")
        channel = f"{await _dial(client)}{channel}"
    fields: dict[str, Any] = {"Channel": channel, "Async": "true", "Timeout": str(round(act.timeout * 1000))}
    if act.application:
        fields |= {"Application": act.application, "Data": act.data}
    else:
        fields |= {"Context": act.context, "Exten": act.exten, "Priority": "1"}
    if act.caller_id:
        fields["CallerID"] = act.caller_id
    if act.channel_id:
        fields["ChannelId"] = act.channel_id
    if act.other_channel_id:
        fields["OtherChannelId"] = act.other_channel_id
    if act.variables:
        fields["Variable"] = [f"{name}={value}" for name, value in act.variables.items()]
    return fields
