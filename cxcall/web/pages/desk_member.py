"""The agent as Asterisk's queues see them: free, paused and why, at a phone or not; asked for when a desk is drawn."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import msgspec

from cxcall.bus import CommandRefused, Commands, NoAnswer
from cxcall.bus.acts import Mute
from cxcall.bus.floor import AgentAsked, AgentPause
from cxcall.queues.presence import AgentState, Seat, is_same_phone, seat_of, state_of

DEADLINE = 1.0
"""Seconds the switch's edge has to tell: it answers from memory, and a desk must not wait for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Duty:
    """`known`: the listener answered. `seats`: (server, member) of each member that stands for one of the agent's
    phones. `state`: what all of them come to, None where there is none; with wrap-up and limits as the floor knows
    them."""

    known: bool
    seats: tuple[tuple[str, Seat], ...] = ()
    state: AgentState | None = None

    @property
    def paused(self) -> bool:
        """Whether no queue asks the agent."""
        state = self.state
        return state is not None and bool(state.queues) and state.paused_in == state.queues

    @property
    def reason(self) -> str:
        """Why, as Asterisk was told or as the site calls it."""
        return "" if self.state is None else self.state.reason or self.state.after

    @property
    def registered(self) -> bool | None:
        """None where no queue tells."""
        return None if self.state is None else not self.state.gone

    @property
    def since(self) -> datetime | None:
        return None if self.state is None else datetime.fromtimestamp(self.state.since, UTC)

    @property
    def queues(self) -> tuple[str, ...]:
        return () if self.state is None else self.state.queues

    @property
    def devices(self) -> tuple[tuple[str, str], ...]:
        """(server, phone) of each phone that is in a queue."""
        return tuple(dict.fromkeys((server, seat.device) for server, seat in self.seats))


async def duty_of(commands: Commands, servers: Iterable[str], phones: Collection[str], user_id: str = "") -> Duty:
    """What all `servers` know of the agent at `phones`."""
    known = False
    found: list[tuple[str, Seat]] = []
    for server in servers:
        try:
            members = await commands.ask(f"members:{server}", None, timeout=DEADLINE)
        except (NoAnswer, CommandRefused):
            continue
        known = True
        for member in members:
            seat = seat_of(_plain(member))
            if any(is_same_phone(phone, name) for phone in phones for name in (seat.device, seat.interface)):
                found.append((server, seat))
    if not found:
        return Duty(known=known)
    return Duty(known=True, seats=tuple(found), state=await _state(commands, found, user_id))


async def pause(commands: Commands, duty: Duty, *, paused: bool, reason: str) -> None:
    """Pause or unpause the agent everywhere. Raises NoAnswer or CommandRefused of the first server that did not."""
    if not duty.devices:
        raise CommandRefused("no queue")
    for server, device in duty.devices:
        await commands.ask("agents:pause", AgentPause(server=server, device=device, paused=paused, reason=reason))


async def _state(commands: Commands, seats: Collection[tuple[str, Seat]], user_id: str) -> AgentState:
    """As the floor keeps it, with its clocks; worked out from the members alone while the floor does not answer."""
    try:
        kept = await commands.ask("agents:state", AgentAsked(user=user_id), timeout=DEADLINE)
    except (NoAnswer, CommandRefused):
        kept = []
    servers = {server for server, _ in seats}
    states = [msgspec.convert(state, AgentState) for state in kept if state["server"] in servers]
    if states:
        return max(states, key=lambda state: len(state.queues))
    server = next(iter(servers))
    here = [seat for where, seat in seats if where == server]
    return state_of(here, None, key="", server=server, now=datetime.now(UTC).timestamp())


def _plain(member: Any) -> Mapping[str, Any]:
    plain: Mapping[str, Any] = member if isinstance(member, Mapping) else member.plain()
    return plain


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
