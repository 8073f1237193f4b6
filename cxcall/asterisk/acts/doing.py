"""One act on one switch: which action it becomes, and what is said when it is not done."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cxcall.asterisk.acts import attended, calls, members
from cxcall.asterisk.acts.attended import Signs
from cxcall.asterisk.acts.refusing import words
from cxcall.asterisk.ami.client import Client
from cxcall.asterisk.ami.errors import AmiError
from cxcall.bus import CommandRefused
from cxcall.bus.acts import (
    AddMember,
    AttendedTransfer,
    BlindTransfer,
    CancelTransfer,
    FinishTransfer,
    Hangup,
    LogOff,
    MoveMember,
    Mute,
    Originate,
    PauseMember,
    RemoveMember,
    SetPenalty,
    TakeOver,
)


def _itself(channel: str) -> str:
    return channel


async def do(client: Client, act: Any, *, near: Callable[[str], str] = _itself, signs: Signs | None = None) -> Any:
    """Do one act on the switch of `client`. Raises CommandRefused with the reason when it was not done.

    `near` names the channel by which a phone is with its caller (`Follower.near`): what Asterisk transfers. Without
    `signs` no attended transfer can be begun, as nobody could see whether it did.
    """
    try:
        return await _do(client, act, near, signs)
    except AmiError as error:
        raise CommandRefused(words(error)) from error
    except ValueError as error:
        raise CommandRefused("The text must be one line.") from error


async def _do(client: Client, act: Any, near: Callable[[str], str], signs: Signs | None) -> Any:
    match act:
        case Hangup():
            await calls.hang_up(client, act)
        case BlindTransfer():
            await calls.transfer(client, act, near(act.channel))
        case Mute():
            await calls.mute(client, act)
        case Originate():
            await calls.originate(client, act)
        case TakeOver():
            await calls.take_over(client, act, near(act.channel))
        case AttendedTransfer() if signs is not None:
            await attended.begin(client, act, near(act.channel), signs)
        case CancelTransfer():
            begun = signs.begun.get(act.channel) if signs is not None else None
            await attended.cancel(client, begun or near(act.channel))
        case FinishTransfer():
            await calls.hang_up(client, Hangup(channel=act.channel))
        case _:
            return await _member(client, act)
    return None


async def _member(client: Client, act: Any) -> Any:
    match act:
        case PauseMember():
            await members.pause(client, act)
        case AddMember():
            await members.add(client, act)
        case RemoveMember():
            await members.remove(client, act)
        case SetPenalty():
            await members.penalty(client, act)
        case MoveMember():
            await members.move(client, act)
        case LogOff():
            return await members.log_off(client, act)
        case _:
            raise CommandRefused(f"{type(act).__name__} is nothing a switch can do.")
    return None
