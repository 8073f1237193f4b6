"""Everything that can be said against a queue before it is written into Asterisk."""

from __future__ import annotations

import re
from collections.abc import Iterator

from cxcall.problem import Problem
from cxcall.queues.definition import QueueDefinition
from cxcall.queues.facts import Facts
from cxcall.queues.hours_checks import never_open
from cxcall.queues.member_checks import of_members
from cxcall.queues.problems import problem
from cxcall.queues.sounds import of_sound
from cxcall.queues.strategies import made_anew
from cxcall.queues.value_checks import of_values
from cxcall.queues.way_checks import NUMBER, leading_to, of_ways

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{1,78}")
RESERVED = frozenset({"general"})
"""Sections of queues.conf that are no queues."""


def problems(definition: QueueDefinition, facts: Facts) -> tuple[Problem, ...]:
    """What is wrong with a queue: errors first. With an error it can't be applied."""
    found = [*_checked(definition, facts)]
    return tuple(sorted(found, key=lambda each: each.severity != "error"))


def of_removal(name: str, facts: Facts) -> tuple[Problem, ...]:
    """What speaks against taking the queue `name` away: callers of others who come to it."""
    return tuple(problem("still_needed", "name", queue=other) for other in leading_to(name, facts))


def _checked(definition: QueueDefinition, facts: Facts) -> Iterator[Problem]:
    yield from _name(definition, facts)
    yield from _numbers(definition, facts)
    yield from of_members(definition, facts)
    yield from of_values(definition)
    yield from _strategy(definition, facts)
    yield from _sounds(definition, facts)
    yield from _hours(definition, facts)
    yield from of_ways(definition, facts)


def _name(definition: QueueDefinition, facts: Facts) -> Iterator[Problem]:
    name = definition.name
    if not NAME.fullmatch(name):
        yield problem("name_form", "name")
    elif name.lower() in RESERVED:
        yield problem("name_reserved", "name", name=name)
    elif name.lower() in {other.lower() for other in facts.foreign}:
        yield problem("name_elsewhere", "name", name=name)
    elif other := next((each for each in facts.queues if each != name and each.lower() == name.lower()), None):
        yield problem("name_taken", "name", name=other)


def _numbers(definition: QueueDefinition, facts: Facts) -> Iterator[Problem]:
    others = {number: queue for queue in facts.queues.values() for number in queue.numbers}
    for n, number in enumerate(definition.numbers):
        field = f"numbers.{n}"
        owner = others.get(number)
        if not NUMBER.fullmatch(number):
            yield problem("number_form", field, number=number)
        elif number in definition.numbers[:n]:
            yield problem("number_twice", field, number=number)
        elif number in facts.numbers:
            yield problem("number_taken", field, number=number, owner=facts.numbers[number])
        elif owner is not None and owner.name.lower() != definition.name.lower():
            yield problem("number_of_queue", field, number=number, queue=owner.name)


def _strategy(definition: QueueDefinition, facts: Facts) -> Iterator[Problem]:
    before = facts.before
    if before is not None and before.enabled and made_anew(before.strategy, definition.strategy):
        yield problem("needs_new_queue", "strategy", before=before.strategy, after=definition.strategy)


def _sounds(definition: QueueDefinition, facts: Facts) -> Iterator[Problem]:
    told = definition.announcements
    sounds = [(f"announcements.periodic.{n}", prompt) for n, prompt in enumerate(told.periodic)]
    sounds += [("announcements.to_agent", told.to_agent)] if told.to_agent else []
    for field, prompt in sounds:
        yield from of_sound(field, prompt, facts)
    if facts.music is not None and definition.music and definition.music not in facts.music:
        yield problem("unknown_music", "music", music=definition.music)
    if facts.contexts is not None and definition.exit_context and definition.exit_context not in facts.contexts:
        yield problem("unknown_context", "exit_context", context=definition.exit_context)


def _hours(definition: QueueDefinition, facts: Facts) -> Iterator[Problem]:
    if not definition.calendar:
        return
    calendar = facts.calendar(definition)
    if calendar is None:
        yield problem("unknown_calendar", "calendar")
    elif never_open(calendar, facts.now):
        yield problem("never_open", "calendar")
