"""What is known of a call before it enters a queue. Edges gather it; nothing here is looked up.

Every fact has a name a rule can ask for (`customer.tier`, `queue.waiting` …): `names.NAMES` tells each one's type.
None means not known; a condition on what is not known does not hold.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec

Segment = Literal["new", "regular", "loyal", "at_risk", "lapsed"]
"""From how long ago and how often a customer was in contact (customers.segments)."""

Mood = Literal["negative", "neutral", "positive"]


class Caller(msgspec.Struct, frozen=True, kw_only=True):
    """The customer behind the number; `value` is the site's own figure (money a year, points), as it was imported.

    `manager`: user id of the person who looks after this customer.
    """

    id: str
    name: str = ""
    tier: str | None = None
    segment: Segment | None = None
    value: float | None = None
    language: str | None = None
    tags: tuple[str, ...] = ()
    manager: str | None = None


class Past(msgspec.Struct, frozen=True, kw_only=True):
    """The caller's calls until now. Counts are of the site's local day; `last_agent` is a user id where somebody is
    signed in to the phone, else "". Scores are 0–100 per cent of their scale; `known_agents`: user ids of those who
    talked with them lately, the newest first; `last_agent_at`: when they talked with the newest of them."""

    calls_today: int = 0
    abandoned_today: int = 0
    calls_week: int = 0
    last_call_at: datetime | None = None
    last_outcome: str | None = None
    last_queue: str | None = None
    last_agent: str | None = None
    last_agent_at: datetime | None = None
    known_agents: tuple[str, ...] = ()
    last_score: float | None = None
    last_agent_score: float | None = None
    last_mood: Mood | None = None
    open_tasks: int = 0
    call_back_promised: bool = False


class QueueNow(msgspec.Struct, frozen=True, kw_only=True):
    """A queue at this moment, from the board. `expected_wait` in seconds, None where nothing can be said;
    `free_by_skill`: skill name → free agents who have it, per level from 1 on those of at least that level."""

    name: str
    open: bool = True
    waiting: int = 0
    longest: float = 0.0
    free: int = 0
    signed_in: int = 0
    expected_wait: float | None = None
    free_by_skill: dict[str, tuple[int, ...]] = {}

    @property
    def per_agent(self) -> float | None:
        """Callers who wait, per agent who is signed in; None without any agent."""
        return self.waiting / self.signed_in if self.signed_in else None


class AgentNow(msgspec.Struct, frozen=True, kw_only=True):
    """An agent at this moment: `state` as queues.presence names it, `interface` of the phone they sit at."""

    user: str
    name: str
    interface: str
    state: str
    queues: tuple[str, ...] = ()


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """What the caller said or keyed before the queue; `confidence` 0–1 of the intent."""

    intent: str = ""
    text: str = ""
    confidence: float = 0.0
    keys: str = ""


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """Everything about one call. `at` is aware, in the site's zone; `queue`: where the dialplan would send it without
    us; `called`: the number dialled (DID). `holiday`: by the site's own calendar."""

    at: datetime
    server: str
    call: str
    number: str = ""
    called: str = ""
    queue: str = ""
    holiday: bool = False
    customer: Caller | None = None
    past: Past = Past()
    queues: dict[str, QueueNow] = {}
    agents: dict[str, AgentNow] = {}
    said: Said | None = None
