"""The agent as Asterisk's queues see them: free, paused and why, at a phone or not; asked for when a desk is drawn."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from cxcall.bus import CommandRefused, Commands, NoAnswer
from cxcall.bus.acts import Mute, PauseMember

DEADLINE = 1.0
"""Seconds the switch's edge has to tell: it answers from memory, and a desk must not wait for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Duty:
    """`known`: the listener answered. `registered` is None where no queue tells; `since`: of state and pause."""

    known: bool
    paused: bool = False
    reason: str = ""
    registered: bool | None = None
    since: datetime | None = None
    queues: tuple[str, ...] = ()
    interfaces: tuple[tuple[str, str], ...] = ()
    """(server, interface) of every member that stands for one of the agent's phones."""


async def duty_of(commands: Commands, servers: Iterable[str], phones: Collection[str]) -> Duty:
    """What all `servers` know of the agent at `phones`."""
    wanted = {phone.casefold() for phone in phones}
    known = False
    found: list[tuple[str, Mapping[str, Any]]] = []
    for server in servers:
        try:
            members = await commands.ask(f"members:{server}", None, timeout=DEADLINE)
        except (NoAnswer, CommandRefused):
            continue
        known = True
        for member in members:
            plain = member if isinstance(member, Mapping) else member.plain()
            if {str(plain["device"]).casefold(), str(plain["interface"]).casefold()} & wanted:
                found.append((server, plain))
    if not found:
        return Duty(known=known)
    paused = [member for _, member in found if member["paused"]]
    sinces = [float(member["since"]) for _, member in found if member["since"] is not None]
    return Duty(
        known=True,
        paused=bool(paused),
        reason=next((str(member["reason"]) for member in paused if member["reason"]), ""),
        registered=any(member["status"] not in ("unavailable", "invalid") for _, member in found),
        since=datetime.fromtimestamp(max(sinces), UTC) if sinces else None,
        queues=tuple(sorted({queue for _, member in found for queue in member["queues"]})),
        interfaces=tuple((server, str(member["interface"])) for server, member in found),
    )


async def pause(commands: Commands, duty: Duty, *, paused: bool, reason: str) -> None:
    """Pause or unpause the agent everywhere. Raises NoAnswer or CommandRefused of the first server that did not."""
    if not duty.interfaces:
        raise CommandRefused("no queue")
    for server, interface in duty.interfaces:
        act = PauseMember(interface=interface, paused=paused, reason=reason)
        await commands.ask(f"ami:{server}", act)


class Muted:
    """Channels we silenced, by name: Asterisk does not tell which, and forgets it with the channel."""

    KEPT = 1000

    def __init__(self) -> None:
        self._channels: dict[str, None] = {}

    @property
    def channels(self) -> frozenset[str]:
        return frozenset(self._channels)

    def note(self, done: Mute) -> None:
        """Remember a mute that was done, or forget it; the oldest go when there are many."""
        self._channels.pop(done.channel, None)
        if done.on:
            self._channels[done.channel] = None
        while len(self._channels) > self.KEPT:
            del self._channels[next(iter(self._channels))]
