"""How long agents were in which state, from the spells at their phones: seconds that exclude each other.

A person with several phones is in one state at a time: in that of the phone where most goes on. All states but being
offline add up to the time they were signed in (METRICS `login`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import pairwise
from typing import Protocol, TypeVar

from cxcall.reports.tally import Tally

OFFLINE = "offline"
"""The state that is no part of the login time."""
PAUSED = "paused"
"""The state whose reasons count apart."""
BUSIEST_FIRST = ("on_call", "ringing", "wrap_up", "ready", PAUSED, OFFLINE)
"""Which of two phones tells what a person does."""


class Spell(Protocol):
    """A state at a phone, [since, until); `until` None while it lasts."""

    @property
    def state(self) -> str: ...
    @property
    def reason(self) -> str: ...
    @property
    def since(self) -> datetime: ...
    @property
    def until(self) -> datetime | None: ...


S = TypeVar("S", bound=Spell)


def telling(spells: Sequence[S], since: datetime, until: datetime) -> Iterator[tuple[S, datetime, datetime]]:
    """Which of a person's spells tells what they do between each two moments of a period at which anything changed.

    Of two in the same state the one that began first does, of those the first given.
    """
    begins = sorted(spells, key=lambda spell: spell.since)
    edges = {max(spell.since, since) for spell in spells} | {min(spell.until or until, until) for spell in spells}
    lasting: list[S] = []
    for begin, end in pairwise(sorted(edge for edge in edges if since <= edge <= until)):
        while begins and begins[0].since <= begin:
            lasting.append(begins.pop(0))
        lasting = [spell for spell in lasting if spell.until is None or spell.until > begin]
        if lasting:
            yield min(lasting, key=rank), begin, end


def rank(spell: Spell) -> int:
    """How little goes on in its state; states nobody knows come last."""
    return BUSIEST_FIRST.index(spell.state) if spell.state in BUSIEST_FIRST else len(BUSIEST_FIRST)


def sum_name(state: str, reason: str) -> str:
    """What a tally calls the seconds of a state: `paused:REASON`, else `state:NAME`."""
    return f"{PAUSED}:{reason}" if state == PAUSED else f"state:{state}"


def tally_of(spells: Sequence[Spell], since: datetime, until: datetime) -> Tally:
    """A person's seconds by state in a period; being offline is no state of an agent."""
    found = Tally()
    for spell, begin, end in telling(spells, since, until):
        if spell.state != OFFLINE:
            found.add(Tally(sums={sum_name(spell.state, spell.reason): (end - begin).total_seconds()}))
    return found
