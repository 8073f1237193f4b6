"""What the dialplan and pages ask of routing, and who hears when rules change or a call was decided.

Commands and what they take → give; each refuses (CommandRefused) with a sentence:

* `route:decide` {call, number, called, queue, server, language, intent, sure, keys} (texts, missing: "") → the answer
  to the dialplan, name → value (`cxcall.routing.answer`)
* `route:try` TryRoute → Tried: decided as a call would be, and nothing is kept of it
* `route:floor` server name, "" for the first → Floor: queues and agents as they are now
* `route:status` None → RouteStatus
* `route:switch_rules` server name → the queue rules its Asterisk really has of those that published rules ask for:
  name → the highest penalty asked at first, None everybody's
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import msgspec

from cxcall.routing.decision import Decision
from cxcall.routing.facts import AgentNow, Facts, QueueNow, Said
from cxcall.routing.rule import RuleSet

CHANGED = "routing"
"""Channel: `{"version": n}` after rules were published."""

DECISIONS = "routing_decisions"
"""Channel: `{"id", "server", "unique_id", "call", "queue", "rules"}` once a decision is kept."""

DECIDE, TRY, FLOOR, STATUS = "route:decide", "route:try", "route:floor", "route:status"
SWITCH_RULES = "route:switch_rules"


class Floor(msgspec.Struct, frozen=True, kw_only=True):
    """The state of a server's queues by name and of agents by user id; `holiday` by the site's calendar."""

    queues: dict[str, QueueNow] = {}
    agents: dict[str, AgentNow] = {}
    holiday: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TryRoute:
    """A call that nobody makes. `at` (aware) None: now; queues and agents are those of now at any rate. `server` "":
    the first. `rules` None: those that are published."""

    number: str = ""
    called: str = ""
    queue: str = ""
    server: str = ""
    language: str = ""
    at: datetime | None = None
    said: Said | None = None
    rules: RuleSet | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """What would become of it; `answer`: what the dialplan would be told; `ms` it took."""

    decision: Decision
    facts: Facts
    answer: Mapping[str, str]
    ms: float


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteStatus:
    """Since this process started: calls `decided`, `failed` (no answer in time), `left_out` values that no dialplan
    takes, decisions `waiting` to be written and `lost`, callers `lifted`. `version`: of the rules that hold."""

    version: int = 0
    decided: int = 0
    failed: int = 0
    left_out: int = 0
    waiting: int = 0
    lost: int = 0
    lifted: int = 0
