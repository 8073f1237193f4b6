"""The agents of one server: told of members, of calls at phones and of people, it knows each one's state. No I/O.

Members that stand for one person's phones are one agent: `PJSIP/1001` of one queue and `Local/1001@from-queue/n` of
another. Where nobody is known the phone itself is the agent. Only who was touched is looked at again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from cxcall.asterisk.floor.directory import NOBODY, Directory, Person
from cxcall.asterisk.floor.wrapping import Wraps, has_ended, holds
from cxcall.queues.presence import AgentState, Line, Seat, is_same_phone, number_of, seat_of, state_of

_HINT = "hint:"
_FIRST = {"talking": 0, "held": 1, "ringing": 2}


@dataclass(frozen=True, slots=True, kw_only=True)
class Earlier:
    """The state an agent was in when we last knew: from the history, after a restart."""

    device: str
    state: str
    reason: str
    since: float


@dataclass(slots=True, kw_only=True)
class Agent:
    """One agent: who, at which phone, as which members; `line`: the call there when last looked at."""

    key: str
    device: str
    person: Person
    seats: list[Seat] = field(default_factory=list)
    line: Line | None = None


@dataclass(slots=True, kw_only=True)
class Settled:
    """What one look found: states that are new, keys that are gone, whose wrap-up begins and whose is over."""

    changed: list[AgentState] = field(default_factory=list)
    gone: list[AgentState] = field(default_factory=list)
    wraps: list[Agent] = field(default_factory=list)
    due: list[Agent] = field(default_factory=list)
    away: list[str] = field(default_factory=list)
    """Phones that were an agent's when the last process stopped and are in no queue now."""


class Roster:
    """The agents of `server`."""

    def __init__(self, server: str) -> None:
        self.server = server
        self.states: dict[str, AgentState] = {}
        self.listed = False
        """Whether Asterisk has told of all its members."""
        self._directory = Directory()
        self._seats: dict[str, Seat] = {}
        self._agents: dict[str, Agent] = {}
        self._at: dict[str, str] = {}
        self._calls: dict[str, set[str]] = {}
        self._phones: dict[str, dict[str, Line]] = {}
        self._touched: set[str] = set()
        self._regroup = False
        self._earlier: dict[str, Earlier] = {}
        self._looked = False
        self._wraps = Wraps()

    # What it is told

    def know(self, directory: Directory) -> None:
        """People, reasons and queues as they are now."""
        self._directory = directory
        self._regroup = True

    def all_told(self) -> None:
        """Asterisk has told of all its members, and which phones their hints stand for."""
        self.listed = True
        self._regroup = True

    def remember(self, earlier: Iterable[Earlier]) -> None:
        """The states that were going on when the last process stopped."""
        self._earlier = {one.device.casefold(): one for one in earlier}

    def member(self, told: Mapping[str, Any]) -> None:
        """A member changed; without queues it is none any more."""
        seat = seat_of(told)
        before = self._seats.pop(seat.interface, None)
        if seat.queues:
            self._seats[seat.interface] = seat
        if before is None or not seat.queues or (before.device, before.name) != (seat.device, seat.name):
            self._regroup = True
            return
        agent = self._agents.get(self._at.get(seat.interface.casefold(), ""))
        if agent is not None:
            agent.seats = [seat if one.interface == seat.interface else one for one in agent.seats]
            self._wraps.told(agent.key, agent.seats)
            self._touched.add(agent.key)

    def call(self, call: str, lines: Iterable[tuple[str, Line]]) -> None:
        """The phones a call is at now; none: it is over."""
        before = self._calls.pop(call, set())
        for name in before:
            self._phones[name].pop(call, None)
            if not self._phones[name]:
                del self._phones[name]
        now: set[str] = set()
        for device, line in lines:
            for name in _names_of(device):
                there = self._phones.setdefault(name, {})
                there[call] = min(there.get(call, line), line, key=_urgent)
                now.add(name)
        if now:
            self._calls[call] = now
        self._touched.update(key for name in before | now if (key := self._at.get(name)))

    def not_held(self, key: str) -> None:
        """Asterisk did not take the pause that was to hold a wrap-up: there is none."""
        self._wraps.forget(key)
        self._touched.add(key)

    # What it tells

    def seats(self, device: str) -> list[Seat]:
        """The members that stand for a phone."""
        agent = self._agents.get(self._key_at(device) or "")
        found = agent.seats if agent is not None else list(self._seats.values())
        return [seat for seat in found if is_same_phone(seat.device, device) or is_same_phone(seat.interface, device)]

    def missed(self, queue: str) -> int:
        """How many calls of a queue somebody may miss in a row, 0: as many as they like."""
        return self._directory.missed.get((self.server, queue), 0)

    def settle(self, now: float) -> Settled:
        """Look at who was touched."""
        settled = Settled()
        if self._regroup:
            self._group(settled)
        settled.due = [agent for key in self._wraps.due(self.states, now) if (agent := self._held(key)) is not None]
        for key in sorted(self._touched):
            agent = self._agents.get(key)
            if agent is not None:
                self._look(agent, now, settled)
        self._touched.clear()
        self._looked = True
        if self.listed:
            settled.away, self._earlier = [one.device for one in self._earlier.values()], {}
        return settled

    def soonest(self, now: float) -> float | None:
        """When somebody's time is up next: a wrap-up's, a pause's limit."""
        limits = (state.since + state.limit for state in self.states.values() if state.limit)
        ends = [*(end for end in limits if end > now), self._wraps.soonest()]
        return min((end for end in ends if end is not None), default=None)

    def over_limit(self, since: float, now: float) -> list[AgentState]:
        """Those whose pause or wrap-up passed its limit between two moments."""
        return [state for state in self.states.values() if state.limit and since < state.since + state.limit <= now]

    # Inside

    def _look(self, agent: Agent, now: float, settled: Settled) -> None:
        before = self.states.get(agent.key)
        earlier = None if before is not None else self._earlier.pop(agent.device.casefold(), None)
        line = self._line(agent)
        if queue := has_ended(agent.line, line):
            seconds = self._directory.wrap(self.server, queue)
            if self._wraps.begin(agent.key, agent.seats, seconds, now):
                settled.wraps.append(agent)
        agent.line = line
        begun = before.since if before is not None else earlier.since if earlier is not None else now
        longest = max((self._directory.wrap(self.server, queue) for s in agent.seats for queue in s.queues), default=0)
        state = state_of(
            agent.seats,
            line,
            key=agent.key,
            server=self.server,
            now=now,
            user_id=agent.person.id,
            name=agent.person.name,
            device=agent.device,
            reasons=self._directory.reasons,
            wrap=self._wraps.of(agent.key, agent.seats, since=begun, seconds=longest, now=now),
            before=before,
        )
        if earlier is not None and (earlier.state, earlier.reason) == (state.state, state.reason):
            state = msgspec.structs.replace(state, since=min(earlier.since, state.since))
        elif before is None and self._looked and line is None:
            state = msgspec.structs.replace(state, since=now)  # who has just come has been here since now
        if state != before:
            self.states[agent.key] = state
            settled.changed.append(state)

    def _held(self, key: str) -> Agent | None:
        """The agent whose wrap-up is over, if the pause that held it is still there."""
        agent = self._agents.get(key)
        if agent is not None and holds(agent.seats):
            return agent
        self.not_held(key)
        return None

    def _line(self, agent: Agent) -> Line | None:
        """The call at the agent's phones that counts: talked on before held before ringing, the older first."""
        names = {name for one in (agent.device, *(seat.device for seat in agent.seats)) for name in _names_of(one)}
        # An extension's number names a phone only where a Local channel stands for it.
        found = [line for name in names if self._at.get(name) for line in self._phones.get(name, {}).values()]
        return min(found, key=_urgent, default=None)

    def _key_at(self, device: str) -> str | None:
        return next((key for name in _names_of(device) if (key := self._at.get(name))), None)

    def _group(self, settled: Settled) -> None:
        """Members into agents, anew; all of them are looked at. Those of a hint wait until its phone is known."""
        self._regroup = False
        before = self._agents
        self._agents, self._at = {}, {}
        told = (seat for seat in self._seats.values() if self.listed or not seat.device.startswith(_HINT))
        for seat in sorted(told, key=_phones_first):
            agent = self._agent_of(seat)
            agent.seats.append(seat)
            for name in (seat.interface, seat.device, agent.device):
                self._at.setdefault(name.casefold(), agent.key)
                if name.casefold().startswith("local/"):
                    self._at.setdefault(_names_of(name)[-1], agent.key)
        for key, agent in self._agents.items():
            agent.line = before[key].line if key in before else None
        for key in [key for key in self.states if key not in self._agents]:
            settled.gone.append(self.states.pop(key))
            self._wraps.forget(key)
        self._touched.update(self._agents)

    def _agent_of(self, seat: Seat) -> Agent:
        person, phone = self._directory.who(self.server, seat.device, seat.interface)
        key = f"{self.server}:{phone if person is NOBODY else person.id}"
        if key not in self._agents:
            self._agents[key] = Agent(key=key, device=phone, person=person)
        return self._agents[key]


def _names_of(device: str) -> tuple[str, ...]:
    """What a phone is looked up by: its name, and its number with a mark, where it has one."""
    name, number = device.casefold(), number_of(device)
    return (name, f"#{number}") if number else (name,)


def _urgent(line: Line) -> tuple[int, float]:
    return _FIRST[line.state], line.since


def _phones_first(seat: Seat) -> tuple[bool, bool, str]:
    """A phone's own name before the Local channels and hints that stand for it."""
    return seat.interface.casefold().startswith("local/"), seat.interface != seat.device, seat.interface
