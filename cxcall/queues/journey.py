"""What a caller goes through in a queue, step by step, in the order it happens to them.

Each step is a kind and its values; pages put the sentence of the kind around them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

import msgspec

from cxcall.problem import Problem
from cxcall.queues.checks import problems
from cxcall.queues.definition import Destination, QueueDefinition
from cxcall.queues.facts import Facts
from cxcall.queues.member_checks import windows
from cxcall.queues.membership import Member, resolve
from cxcall.queues.opening import Closed, Open, applying, state_at
from cxcall.queues.strategies import STRATEGIES
from cxcall.queues.way_checks import can_leave

Kind = Literal[
    "dials", "closed", "hours", "full", "nobody", "waits", "told", "periodic", "key", "rings", "widens", "agent_hears",
    "stays", "then", "queue_open", "queue_closed", "loops",
]  # fmt: skip
"""Kinds and their values; `kind` and `value` are a destination's, moments are epoch seconds, "" is unknown or none.

`dials`: numbers. `closed` now: why (hours, holiday, closure), title (holiday's), opens, prompt, kind, value. `hours`,
open now: calendar, until, kind, value. `full`: most, kind, value. `nobody`: states, kind, value. `waits`: music.
`told`: every, place, wait. `periodic`: prompts, every. `key`: context. `rings`: strategy, effect, ring, first (how many
are asked first), members (how many at all at the beginning). `widens`: after, least, most, members. `agent_hears`:
prompt, wait. `stays`: nothing sends them on. `then`: after, kind, value. `queue_open`, `queue_closed`: what that queue
does with them then: queue, after or why and opens, kind, value. `loops`: path.
"""

_FIELDS: Mapping[str, tuple[str, ...]] = {
    "dials": ("numbers", "name"),
    "closed": ("when_closed", "calendar"),
    "hours": ("calendar", "when_closed"),
    "full": ("most_callers",),
    "nobody": ("join_empty", "leave_empty"),
    "waits": ("music",),
    "told": ("announcements.every", "announcements.place", "announcements.wait", "announcements.round_seconds"),
    "periodic": ("announcements.periodic",),
    "rings": ("members", "strategy", "ring", "auto_pause"),
    "widens": ("rule",),
    "agent_hears": ("announcements.to_agent",),
    "key": ("exit_context",),
    "stays": ("longest_wait",),
    "then": ("then", "longest_wait"),
}
"""Fields whose problems are shown with a step."""


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One step, the field of a definition that decides about it (`rule.1`; "" none), and the worst problem of it."""

    kind: Kind
    field: str = ""
    values: Mapping[str, str] = {}
    problem: Problem | None = None


def steps(definition: QueueDefinition, facts: Facts) -> tuple[Step, ...]:
    """The way of a caller who dials now (`facts.now`; without it nothing is said about now)."""
    found = problems(definition, facts)
    return tuple(_told(step, found) for step in _way(definition, facts))


def _told(step: Step, found: Sequence[Problem]) -> Step:
    """The step with its field and its worst problem; errors come first in `found`."""
    fields = (step.field,) if step.field else _FIELDS.get(step.kind, ())
    worst = (each for each in found if any(f"{each.field}.".startswith(f"{field}.") for field in fields))
    return msgspec.structs.replace(step, field=fields[0] if fields else "", problem=next(worst, None))


def _way(definition: QueueDefinition, facts: Facts) -> Iterator[Step]:
    yield Step(kind="dials", values={"numbers": ", ".join(definition.numbers)})
    yield from _door(definition, facts)
    if definition.most_callers:
        yield Step(kind="full", values={"most": str(definition.most_callers), **_to(definition.then)})
    if definition.join_empty:
        yield Step(kind="nobody", values={"states": ", ".join(definition.join_empty), **_to(definition.then)})
    yield from _waiting(definition)
    yield from _ringing(definition, resolve(definition.members, facts.people))
    yield from _end(definition, facts)


def _door(definition: QueueDefinition, facts: Facts) -> Iterator[Step]:
    """Open or closed now; without a time, that there are hours."""
    calendar = facts.calendar(definition)
    if facts.now is None:
        if calendar is not None:
            yield Step(kind="hours", values={"calendar": calendar.name, **_to(definition.when_closed)})
        return
    match state_at(calendar, applying(facts.closures, definition.name), facts.now):
        case Closed(opens=opens, why=why, title=title, closure=closure):
            values = {"why": why, "title": title, "opens": _number(opens), **_to(definition.when_closed)}
            yield Step(kind="closed", values=values | ({"prompt": closure.prompt} if closure else {}))
        case Open(until=until) if calendar is not None:
            values = {"calendar": calendar.name, "until": _number(until), **_to(definition.when_closed)}
            yield Step(kind="hours", values=values)


def _waiting(definition: QueueDefinition) -> Iterator[Step]:
    told = definition.announcements
    yield Step(kind="waits", values={"music": definition.music})
    if told.every and (told.place != "no" or told.wait != "no"):
        yield Step(kind="told", values={"every": str(told.every), "place": told.place, "wait": told.wait})
    if told.periodic:
        values = {"prompts": ", ".join(told.periodic), "every": str(told.periodic_every)}
        yield Step(kind="periodic", values=values)
    if definition.exit_context:
        yield Step(kind="key", values={"context": definition.exit_context})


def _ringing(definition: QueueDefinition, members: Sequence[Member]) -> Iterator[Step]:
    """Who is rung first, and who joins them later."""
    first, *later = windows(definition.rule)
    asked = [member for member in members if _in(member, first[2], first[3])]
    lowest = min((member.penalty for member in asked), default=0)
    yield Step(
        kind="rings",
        values={
            "strategy": definition.strategy,
            "effect": STRATEGIES[definition.strategy].effect,
            "ring": str(definition.ring),
            "first": str(sum(member.penalty == lowest for member in asked)),
            "members": str(len(asked)),
        },
    )
    for n, after, least, most in later:
        values = {"after": str(after), "least": str(least), "most": "" if most is None else str(most)}
        count = sum(_in(member, least, most) for member in members)
        yield Step(kind="widens", field=f"rule.{n}", values=values | {"members": str(count)})
    told = definition.announcements
    if told.to_agent or told.wait_to_agent:
        yield Step(kind="agent_hears", values={"prompt": told.to_agent, "wait": "yes" if told.wait_to_agent else "no"})


def _in(member: Member, least: int, most: int | None) -> bool:
    return least <= member.penalty and (most is None or member.penalty <= most)


def _end(definition: QueueDefinition, facts: Facts) -> Iterator[Step]:
    """After the longest wait, and what the queues they come to do with them then."""
    if not can_leave(definition):
        yield Step(kind="stays")
        return
    yield Step(kind="then", values={"after": str(definition.longest_wait or ""), **_to(definition.then)})
    destination: Destination | None = definition.then
    way = [definition.name]
    while destination and destination.kind == "queue" and (queue := facts.queue(destination.value)) and queue.enabled:
        way.append(queue.name)
        if queue.name.lower() in {name.lower() for name in way[:-1]}:
            yield Step(kind="loops", values={"path": " → ".join(way)})
            return
        step, destination = _at(queue, facts)
        yield step


def _at(queue: QueueDefinition, facts: Facts) -> tuple[Step, Destination | None]:
    """A queue callers come to: open or closed now, and where it sends them; None: they stay there."""
    calendar = facts.calendar(queue)
    state = Open(None) if facts.now is None else state_at(calendar, applying(facts.closures, queue.name), facts.now)
    if isinstance(state, Closed):
        values = {"queue": queue.name, "why": state.why, "opens": _number(state.opens), **_to(queue.when_closed)}
        return Step(kind="queue_closed", values=values), queue.when_closed
    way = queue.then if can_leave(queue) else None
    values = {"queue": queue.name, "after": str(queue.longest_wait or ""), **(_to(way) if way else {})}
    return Step(kind="queue_open", values=values), way


def _to(destination: Destination) -> dict[str, str]:
    return {"kind": destination.kind, "value": destination.value}


def _number(moment: float | None) -> str:
    return "" if moment is None else f"{moment:.0f}"
