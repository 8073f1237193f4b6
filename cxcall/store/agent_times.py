"""How long agents were in which state: the times of METRICS.md, which exclude each other and add up to `login`.

A period takes its part of a spell that goes over its edge. A person with several phones is in one state at a time
(`cxcall.reports.states`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.reports.states import OFFLINE, PAUSED, telling
from cxcall.store import agent_states
from cxcall.store.agent_states import AgentSpell


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
    for spell, begin, end in telling(spells, since, until):
        seconds = (end - begin).total_seconds()
        time.seconds[spell.state] = time.seconds.get(spell.state, 0.0) + seconds
        if spell.state == PAUSED:
            time.paused[spell.reason] = time.paused.get(spell.reason, 0.0) + seconds
    return time
