"""What people do to calls from a page: hang up, transfer, mute, pause. Done now or refused in words, never later."""

from __future__ import annotations

import re
from typing import Any

from cxcall.asterisk.ami.client import Client
from cxcall.asterisk.ami.errors import AmiError, ConnectionLost, NoAnswerInTime, NotConnected
from cxcall.asterisk.ami.message import text
from cxcall.bus import CommandRefused
from cxcall.bus.acts import BlindTransfer, Hangup, Mute, Originate, PauseMember

_DIALLED = re.compile(r"[\w*#+.-]{1,40}", re.ASCII)
LIMIT = 3.0
"""Seconds Asterisk has to answer one action: less than a page waits for the act."""


async def do(client: Client, act: Any) -> None:
    """Do one act on the switch of `client`. Raises CommandRefused with the reason when it was not done."""
    try:
        match act:
            case Hangup():
                await client.act("Hangup", {"Channel": act.channel, "Cause": "16"}, limit=LIMIT)
            case BlindTransfer():
                await _transfer(client, act)
            case Mute():
                state = "on" if act.on else "off"
                await client.act("MuteAudio", {"Channel": act.channel, "Direction": "in", "State": state}, limit=LIMIT)
            case PauseMember():
                await client.act("QueuePause", _pause(act), limit=LIMIT)
            case Originate():
                await client.act("Originate", await _originate(client, act), limit=LIMIT)
            case _:
                raise CommandRefused(f"{type(act).__name__} is nothing a switch can do.")
    except AmiError as error:
        raise CommandRefused(_words(error)) from error
    except ValueError as error:
        raise CommandRefused("The text must be one line.") from error


async def _transfer(client: Client, act: BlindTransfer) -> None:
    """Transfer, after a look whether the number exists: Asterisk says yes to any and hangs both up (LAB2 3a).

    Asked by the function DIALPLAN_EXISTS, which the right to handle calls suffices for; ShowDialPlan wants more.
    """
    if not _DIALLED.fullmatch(act.exten):
        raise CommandRefused("Say where to transfer the call to: a number.")
    question = {"Variable": f"DIALPLAN_EXISTS({act.context},{act.exten},1)"}
    answer = text(await client.action("Getvar", question, limit=LIMIT), "Value")
    if answer == "0":
        raise CommandRefused(f"There is no number {act.exten} to transfer to.")
    if answer != "1":
        raise CommandRefused("Asterisk can't say whether this number exists: load its module func_dialplan.")
    fields = {"Channel": act.channel, "Exten": act.exten, "Context": act.context}
    await client.act("BlindTransfer", fields, limit=LIMIT)


async def _originate(client: Client, act: Originate) -> dict[str, Any]:
    """The fields of the action; it is done beside (Async), or the session would wait while it rings."""
    channel = act.channel
    if "/" not in channel:
        if not _DIALLED.fullmatch(channel):
            raise CommandRefused("Say which phone to ring: its number.")
        answer = await client.action("Getvar", {"Variable": "CXCALL_DIAL"}, limit=LIMIT)
        channel = f"{text(answer, 'Value') or 'PJSIP/'}{channel}"
    fields: dict[str, Any] = {"Channel": channel, "Async": "true", "Timeout": str(round(act.timeout * 1000))}
    if act.application:
        fields |= {"Application": act.application, "Data": act.data}
    else:
        fields |= {"Context": act.context, "Exten": act.exten, "Priority": "1"}
    if act.caller_id:
        fields["CallerID"] = act.caller_id
    if act.channel_id:
        fields["ChannelId"] = act.channel_id
    if act.variables:
        fields["Variable"] = [f"{name}={value}" for name, value in act.variables.items()]
    return fields


def _pause(act: PauseMember) -> dict[str, str]:
    fields = {"Interface": act.interface, "Paused": "true" if act.paused else "false"}
    if act.reason:
        fields["Reason"] = act.reason
    if act.queue is not None:
        fields["Queue"] = act.queue
    return fields


def _words(error: AmiError) -> str:
    """The refusal as a person reads it."""
    if isinstance(error, NotConnected):
        return "There is no connection to Asterisk now. Nothing was done."
    if isinstance(error, (NoAnswerInTime, ConnectionLost)):
        return "Asterisk did not answer in time. Look whether it was done before you try again."
    said = str(error)
    if "no such channel" in said.lower() or "does not exist" in said.lower():
        return "This call has already ended."
    if "interface not found" in said.lower():
        return "This phone is in no queue."
    return f"Asterisk refused: {said}."
