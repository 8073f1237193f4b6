"""Past calls through other rules: what would have changed, for whom.

What was known of a call then is kept with its decision, as far as rules may ask for it: the caller and their past, the
queues and agents that mattered. A draft may ask for more; what was not kept is counted, not guessed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import msgspec

from cxcall.routing.decide import decide
from cxcall.routing.decision import Decision, Result
from cxcall.routing.facts import Facts
from cxcall.routing.names import queue_named, split_fact
from cxcall.routing.references import named, names_of
from cxcall.routing.rule import RuleSet

MOST_QUEUES = 30
"""Queues kept with a call: those that rules name first."""

FIELDS = (
    "queue", "priority", "agent_user", "skills", "language", "announcement", "treat", "call_back", "survey",
)  # fmt: skip
"""What is compared of two results."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PastCall:
    """A call as it was: an id to show it by, what was known, what it got."""

    id: str
    facts: Facts
    result: Result


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """A call that the draft would have treated otherwise: in which fields of the result."""

    id: str
    fields: tuple[str, ...]
    before: Result
    after: Decision


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """How many calls were read, those that change, how often each field changes and each rule holds.

    `unknown`: facts a draft asks for that were not kept, with how many calls lack them.
    """

    calls: int
    changed: tuple[Changed, ...]
    by_field: Mapping[str, int]
    by_rule: Mapping[str, int]
    unknown: Mapping[str, int]


def kept(facts: Facts, rules: RuleSet) -> Facts:
    """The facts of a call that are worth keeping: without queues and agents that nothing turned on."""
    names = names_of(rules)
    first = [facts.queue, *sorted(names.get("queue", ()))]
    queues = {queue.name: queue for name in first if (queue := queue_named(facts.queues, name)) is not None}
    for name, queue in facts.queues.items():
        if len(queues) >= MOST_QUEUES:
            break
        queues.setdefault(name, queue)
    manager = facts.customer.manager if facts.customer is not None else None
    users = {facts.past.last_agent, *facts.past.known_agents, manager, *names.get("user", ())}
    agents = {user: agent for user, agent in facts.agents.items() if user in users}
    return msgspec.structs.replace(facts, queues=queues, agents=agents)


def replay(calls: Iterable[PastCall], draft: RuleSet) -> Replay:
    """Each call decided anew; trials divide the same customers the same way."""
    n = 0
    changed: list[Changed] = []
    fields: Counter[str] = Counter()
    rules: Counter[str] = Counter()
    unknown: Counter[str] = Counter()
    asked = named(draft, "fact")
    for call in calls:
        n += 1
        decision = decide(draft, call.facts)
        rules.update(decision.matched)
        unknown.update(fact for fact in asked if _lacks(fact, call.facts))
        other = differing(call.result, decision.result)
        if other:
            fields.update(other)
            changed.append(Changed(id=call.id, fields=other, before=call.result, after=decision))
    return Replay(calls=n, changed=tuple(changed), by_field=fields, by_rule=rules, unknown=unknown)


def differing(before: Result, after: Result) -> tuple[str, ...]:
    """The fields in which two results differ."""
    return tuple(field for field in FIELDS if getattr(before, field) != getattr(after, field))


def _lacks(fact: str, facts: Facts) -> bool:
    """Whether a figure of a queue was not kept."""
    name, argument = split_fact(fact)
    if name is None or name.group != "queue":
        return False
    wanted = argument if name.takes == "queue?" and argument else facts.queue
    return bool(wanted) and queue_named(facts.queues, wanted) is None
