"""How long agents were in which state: the times of METRICS.md, which exclude each other and add up to `login`.

A period takes its part of a spell that goes over its edge. A person with several phones is in one state at a time: in
that of the phone where most goes on.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise

from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.store import agent_states
from cxcall.store.agent_states import AgentSpell

OFFLINE = "offline"
"""The state that is no part of the login time."""

PAUSED = "paused"
"""The state whose reasons count apart."""

BUSIEST_FIRST = ("on_call", "ringing", "wrap_up", "ready", PAUSED, OFFLINE)
"""Which of two phones tells what a person does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentTime:
    """Seconds by state; `paused` by reason. Of a person (`user_id`, with the first of their phones) or of a phone where
    nobody we know sat."""

    user_id: str | None
    server: str
    interface: str
    name: str
    seconds: dict[str, float] = field(default_factory=dict)
    paused: dict[str, float] = field(default_factory=dict)

    @property
    def login(self) -> float:
        """METRICS `login`: all states but being offline."""
        return sum(seconds for state, seconds in self.seconds.items() if state != OFFLINE)


async def times(
    conn: AsyncConnection, *, since: datetime, until: datetime, now: datetime, user_id: str | None = None
) -> list[AgentTime]:
    """How long everybody (or one person) was in each state in a period, up to `now`; who began first comes first."""
    spells: dict[tuple[str | None, str, str], list[AgentSpell]] = {}
    for spell in await agent_states.history(conn, since=since, until=until, user_id=user_id):
        key = (spell.user_id, "", "") if spell.user_id is not None else (None, spell.server, spell.interface)
        spells.setdefault(key, []).append(spell)
    return [_time(theirs, since, min(until, now)) for theirs in spells.values()]


def _time(spells: list[AgentSpell], since: datetime, until: datetime) -> AgentTime:
    first = spells[0]
    time = AgentTime(user_id=first.user_id, server=first.server, interface=first.interface, name=spells[-1].name)
    for state, reason, seconds in _one_at_a_time(spells, since, until):
        time.seconds[state] = time.seconds.get(state, 0.0) + seconds
        if state == PAUSED:
            time.paused[reason] = time.paused.get(reason, 0.0) + seconds
    return time


def _one_at_a_time(spells: list[AgentSpell], since: datetime, until: datetime) -> Iterable[tuple[str, str, float]]:
    """State, reason and seconds between each two moments at which anything changed."""
    begins = sorted(spells, key=lambda spell: spell.since)
    edges = {max(spell.since, since) for spell in spells} | {min(spell.until or until, until) for spell in spells}
    moments = sorted(edge for edge in edges if since <= edge <= until)
    lasting: list[AgentSpell] = []
    for begin, end in pairwise(moments):
        while begins and begins[0].since <= begin:
            lasting.append(begins.pop(0))
        lasting = [spell for spell in lasting if spell.until is None or spell.until > begin]
        if lasting:
            tells = min(lasting, key=_rank)
            yield tells.state, tells.reason, (end - begin).total_seconds()


def _rank(spell: AgentSpell) -> int:
    return BUSIEST_FIRST.index(spell.state) if spell.state in BUSIEST_FIRST else len(BUSIEST_FIRST)
