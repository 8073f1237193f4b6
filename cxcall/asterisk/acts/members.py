"""Acts on who answers in which queue, as Asterisk has them now: none of them changes a configuration file."""

from __future__ import annotations

from dataclasses import dataclass

from cxcall.asterisk.acts.limits import LIMIT
from cxcall.asterisk.ami.client import Client
from cxcall.asterisk.ami.errors import Refused
from cxcall.asterisk.ami.message import Headers, text
from cxcall.bus import CommandRefused
from cxcall.bus.acts import AddMember, LoggedOff, LogOff, MoveMember, PauseMember, RemoveMember, SetPenalty

LOGGED_OFF = "logged off"
"""The reason a member has who was logged off but can't leave the queue."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat:
    """A member in one queue, as QueueStatus tells it."""

    queue: str
    name: str
    state_interface: str
    penalty: int
    paused: bool
    reason: str
    fixed: bool


async def pause(client: Client, act: PauseMember) -> None:
    fields = {"Interface": act.interface, "Paused": "true" if act.paused else "false"}
    if act.reason:
        fields["Reason"] = act.reason
    if act.queue is not None:
        fields["Queue"] = act.queue
    await client.act("QueuePause", fields, limit=LIMIT)


async def add(client: Client, act: AddMember) -> None:
    fields = {
        "Queue": act.queue,
        "Interface": act.interface,
        "Penalty": str(act.penalty),
        "Paused": "true" if act.paused else "false",
    }
    if act.paused and act.reason:
        fields["Reason"] = act.reason
    if act.name:
        fields["MemberName"] = act.name
    if act.state_interface:
        fields["StateInterface"] = act.state_interface
    try:
        await client.act("QueueAdd", fields, limit=LIMIT)
    except Refused as error:
        if "already there" not in str(error).lower():
            raise
        await penalty(client, SetPenalty(interface=act.interface, penalty=act.penalty, queue=act.queue))


async def remove(client: Client, act: RemoveMember) -> None:
    try:
        await client.act("QueueRemove", {"Queue": act.queue, "Interface": act.interface}, limit=LIMIT)
    except Refused as error:
        if "not there" not in str(error).lower():
            raise


async def penalty(client: Client, act: SetPenalty) -> None:
    fields = {"Interface": act.interface, "Penalty": str(act.penalty)}
    if act.queue is not None:
        fields["Queue"] = act.queue
    await client.act("QueuePenalty", fields, limit=LIMIT)


async def move(client: Client, act: MoveMember) -> None:
    """First into the other queue, so that a refusal leaves the member where it was."""
    found = await seats(client, act.interface)
    here = next((seat for seat in found if seat.queue == act.queue), None)
    if here is None:
        raise CommandRefused("This phone is not in this queue any more.")
    if here.fixed:
        raise CommandRefused("The configuration of the queue names this member, so it can only be paused there.")
    was_there = any(seat.queue == act.to for seat in found)
    await add(
        client,
        AddMember(
            interface=act.interface,
            queue=act.to,
            name=here.name,
            penalty=here.penalty if act.penalty is None else act.penalty,
            paused=here.paused,
            reason=here.reason,
            state_interface=here.state_interface,
        ),
    )
    try:
        await remove(client, RemoveMember(interface=act.interface, queue=act.queue))
    except Refused:
        if not was_there:
            await remove(client, RemoveMember(interface=act.interface, queue=act.to))
        raise


async def log_off(client: Client, act: LogOff) -> LoggedOff:
    """Out of every queue; what a configuration names can't leave it and is paused there."""
    found = await seats(client, act.interface)
    if not found:
        raise CommandRefused("This phone is in no queue.")
    left, paused = [], []
    for seat in found:
        if seat.fixed:
            await pause(client, PauseMember(interface=act.interface, paused=True, reason=LOGGED_OFF, queue=seat.queue))
            paused.append(seat.queue)
        else:
            await remove(client, RemoveMember(interface=act.interface, queue=seat.queue))
            left.append(seat.queue)
    return LoggedOff(left=tuple(left), paused=tuple(paused))


async def seats(client: Client, interface: str) -> list[Seat]:
    """Every queue the member is in, as Asterisk has it now."""
    told = await client.listing("QueueStatus", {"Member": interface}, limit=LIMIT)
    return [_seat(one) for one in told if text(one, "Event") == "QueueMember" and _is(one, interface)]


def _is(member: Headers, interface: str) -> bool:
    return (text(member, "Location") or text(member, "Interface")).casefold() == interface.casefold()


def _seat(member: Headers) -> Seat:
    said = text(member, "Penalty")
    return Seat(
        queue=text(member, "Queue"),
        name=text(member, "Name") or text(member, "MemberName"),
        state_interface=text(member, "StateInterface"),
        penalty=int(said) if said.isdecimal() else 0,
        paused=text(member, "Paused") == "1",
        reason=text(member, "PausedReason"),
        fixed=text(member, "Membership") == "static",
    )
