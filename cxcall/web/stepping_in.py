"""Stepping into calls and agents' work: the right is asked for, the act done and written down, for pages and API.

A wish that can't be fulfilled is NotDone with a sentence (a key of the catalogues, or what the switch's edge said).
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, cast

from aiohttp import web

from cxcall.bus import CommandRefused, NoAnswer
from cxcall.bus.acts import (
    AddMember,
    BlindTransfer,
    Hangup,
    LogOff,
    MoveMember,
    PauseMember,
    RemoveMember,
    SetPenalty,
    TakeOver,
)
from cxcall.bus.floor import AgentLogIn, AgentLogOut, AgentPause
from cxcall.bus.monitoring import MODES, Mode, Monitor, MonitorAsk
from cxcall.calls.record import CallRecord, Leg
from cxcall.store import audit
from cxcall.web.access import user_of
from cxcall.web.keys import CLOCK, COMMANDS, ENGINE, SETTINGS
from cxcall.web.observe import address_of
from cxcall.web.role_rights import Right, require
from cxcall.web.words import N_

LIMIT_S = 10.0
"""Seconds an act of several steps may take."""
ASK_S = 1.0

NO_PHONE = N_("You have no phone yet: an administrator gives you one under Users.")
NOT_YOURS = N_("This is not one of your phones.")
ENDED = N_("This call has already ended.")
NOBODY = N_("Nobody talks in this call yet.")
SILENT = N_("Asterisk did not answer. Nothing was done; try again.")
NO_AGENT = N_("Say which agent.")
NO_QUEUE = N_("Say which queue.")

MemberAct = Literal["pause", "unpause", "log_off", "add", "remove", "move", "penalty"]
RIGHT_OF: dict[MemberAct, Right] = {
    "pause": "pause", "unpause": "pause", "log_off": "log_off",
    "add": "move", "remove": "move", "move": "move", "penalty": "move",
}  # fmt: skip
CallAct = Literal["hang_up", "transfer", "take_over"]


class NotDone(Exception):
    """Nothing was done; the text says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What is to become of an agent's work. `device`: the phone, `interface`: what the queue dials (one of them)."""

    act: MemberAct
    server: str = ""
    device: str = ""
    interface: str = ""
    queue: str = ""
    to: str = ""
    reason: str = ""
    name: str = ""
    penalty: int | None = None


async def monitor(request: web.Request, record: CallRecord, mode: Mode, phone: str = "") -> Monitor:
    """Be in the call by ear, or in another way than now. Needs the right of that name."""
    rights = await require(request, mode)
    user = user_of(request)
    if not user.phones:
        raise NotDone(NO_PHONE)
    if phone and phone not in user.phones:
        raise NotDone(NOT_YOURS)
    before = await monitor_of(request)
    wanted = MonitorAsk(
        user=user.id,
        by=user.shown_name,
        call_id=record.id,
        mode=mode,
        phone=phone or (before.phone if before else user.phones[0]),
        may=frozenset(each for each in MODES if each in rights),
        announce=request.app[SETTINGS].floor.announce,
    )
    begun = cast("Monitor", await ask(request, "monitor:start", wanted))
    details = {"agent": begun.agent, "phone": begun.phone}
    await note(request, f"floor.{mode}", f"call:{record.id}", details)
    return begun


async def leave(request: web.Request) -> None:
    """Be in no call any more; nobody needs a right to that."""
    was = await monitor_of(request)
    if was is None:
        return
    await ask(request, "monitor:stop", user_of(request).id)
    await note(request, "floor.stop", f"call:{was.call_id}", {"agent": was.agent})


async def turn_out(request: web.Request, user_ids: Iterable[str]) -> None:
    """End what these people are in by ear: they have no right to it any more."""
    for user_id in user_ids:
        with contextlib.suppress(NoAnswer, CommandRefused):
            if await request.app[COMMANDS].ask("monitor:of", user_id, timeout=ASK_S) is not None:
                await request.app[COMMANDS].ask("monitor:stop", user_id, timeout=LIMIT_S)


async def monitor_of(request: web.Request) -> Monitor | None:
    """The call the reader is in by ear."""
    try:
        found = await request.app[COMMANDS].ask("monitor:of", user_of(request).id, timeout=ASK_S)
    except (NoAnswer, CommandRefused):
        return None
    return cast("Monitor | None", found)


async def on_call(request: web.Request, record: CallRecord, act: CallAct, to: str = "") -> None:
    """End, transfer or take over a call that others have. Needs the right of that name."""
    await require(request, act)
    leg, other = sides(record)
    party = other or leg
    if record.ended_at is not None or party is None:
        raise NotDone(ENDED)
    details: dict[str, Any] = {"agent": leg.channel.rpartition("-")[0]} if leg else {}
    wanted: Hangup | BlindTransfer | TakeOver
    if act == "hang_up":
        wanted = Hangup(channel=party.channel)
    elif leg is None or other is None:
        raise NotDone(NOBODY)
    elif act == "transfer":
        wanted, details["to"] = BlindTransfer(channel=leg.channel, exten=to), to
    else:
        user = user_of(request)
        if not user.phones:
            raise NotDone(NO_PHONE)
        was = await monitor_of(request)
        phone = was.phone if was else user.phones[0]
        await leave(request)
        wanted, details["phone"] = TakeOver(channel=leg.channel, caller=other.channel, phone=phone), phone
    await ask(request, f"ami:{record.server}", wanted)
    await note(request, f"floor.{act}", f"call:{record.id}", details)


async def on_member(request: web.Request, wish: Wish) -> Any:
    """Pause, log off, move an agent and their like; what the switch's edge gave back."""
    await require(request, RIGHT_OF[wish.act])
    who = wish.device or wish.interface
    if not who:
        raise NotDone(NO_AGENT)
    if wish.act in ("add", "remove", "move") and not wish.queue:
        raise NotDone(NO_QUEUE)
    if wish.act == "move" and not wish.to:
        raise NotDone(NO_QUEUE)
    server = wish.server or next((each.name for each in request.app[SETTINGS].ami), "")
    answer = None
    for name, act in _steps(wish, server):
        answer = await ask(request, name, act)
    details = {
        name: value for name in ("queue", "to", "reason", "penalty") if (value := getattr(wish, name)) not in ("", None)
    }
    await note(request, f"floor.{wish.act}", f"agent:{who}", {"server": server, **details})
    return answer


def _steps(wish: Wish, server: str) -> list[tuple[str, Any]]:
    """The commands for it: people by their phone, where what they do is followed; members by what the queue dials."""
    queue, paused = wish.queue or None, wish.act == "pause"
    if wish.act == "penalty" or not wish.device:
        return [(f"ami:{server}", _plain(wish))]
    out = AgentLogOut(server=server, device=wish.device, queue=queue)
    into = AgentLogIn(
        server=server, device=wish.device, queue=wish.to or wish.queue, name=wish.name, penalty=wish.penalty or 0
    )
    match wish.act:
        case "pause" | "unpause":
            reason = wish.reason if paused else ""
            pause = AgentPause(server=server, device=wish.device, paused=paused, reason=reason, queue=queue)
            return [("agents:pause", pause)]
        case "log_off":
            return [("agents:log_out", AgentLogOut(server=server, device=wish.device))]
        case "add":
            return [("agents:log_in", into)]
        case "remove":
            return [("agents:log_out", out)]
        case _:
            return [("agents:log_in", into), ("agents:log_out", out)]


def _plain(wish: Wish) -> Any:
    interface, queue = wish.interface or wish.device, wish.queue
    match wish.act:
        case "pause":
            return PauseMember(interface=interface, paused=True, reason=wish.reason, queue=queue or None)
        case "unpause":
            return PauseMember(interface=interface, paused=False, queue=queue or None)
        case "log_off":
            return LogOff(interface=interface)
        case "add":
            return AddMember(interface=interface, queue=queue, name=wish.name, penalty=wish.penalty or 0)
        case "remove":
            return RemoveMember(interface=interface, queue=queue)
        case "move":
            return MoveMember(interface=interface, queue=queue, to=wish.to, penalty=wish.penalty)
        case "penalty":
            return SetPenalty(interface=interface, penalty=wish.penalty or 0, queue=queue or None)


def sides(record: CallRecord) -> tuple[Leg | None, Leg | None]:
    """The agent who talks now, or has somebody on hold, and whom they talk with."""
    up = [leg for leg in record.legs if leg.ended_at is None]
    caller = next((leg for leg in up if leg.role == "caller"), None)
    talks = [talk.channels for talk in record.talks if talk.to is None]
    beside = {channel for pair in talks if caller is not None and caller.channel in pair for channel in pair}
    others = [leg for leg in up if leg is not caller and leg.answered_at is not None]
    # who is asked for advice is with the agent, until they are with the caller: then the call is theirs
    others.sort(key=lambda leg: (leg.channel not in beside, leg.role == "consultant"))
    first = others[0] if others else None
    return (caller, first) if record.direction == "outbound" else (first, caller)


async def ask(request: web.Request, name: str, act: Any) -> Any:
    """Have something done. Raises NotDone with what the edge says."""
    try:
        return await request.app[COMMANDS].ask(name, act, timeout=LIMIT_S)
    except CommandRefused as error:
        raise NotDone(str(error)) from error
    except NoAnswer as error:
        raise NotDone(SILENT) from error


async def note(request: web.Request, act: str, subject: str, details: Mapping[str, Any] | None = None) -> None:
    """Write down what was done, by whom and from where."""
    async with request.app[ENGINE].begin() as conn:
        await audit.add(
            conn,
            actor=user_of(request).name,
            act=act,
            subject=subject,
            details=details,
            address=address_of(request),
            at=request.app[CLOCK](),
        )
