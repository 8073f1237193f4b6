"""Who answers in a queue, as Asterisk is told: choices (agents, teams, skills, phones) become members.

One phone is one member: chosen more than once, it keeps its first place and its lowest penalty.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Literal

import msgspec

from cxcall.letters import sort_key, tidy
from cxcall.queues.definition import MemberChoice

HIGHEST_LEVEL = 5
"""The highest level of a skill (1–5): whoever has it is asked first where levels decide."""

_NOT_IN_A_NAME = re.compile(r"[,\x00-\x1f\x7f]+")

Missing = Literal[
    "unknown_agent", "no_phone", "unknown_team", "empty_team", "unknown_skill", "empty_skill", "no_interface"
]
"""Why a choice brings nobody."""


class Member(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A member as app_queue has it: what is dialled, when it is asked, its name, and whose device state counts."""

    interface: str
    penalty: int = 0
    name: str = ""
    state_interface: str = ""


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who may answer. The first of `interfaces` is where they answer now (the phone they sit at, else their
    first extension); `state_interface`: whose state counts for it, "" its own. `skills`: level by skill id."""

    id: str
    name: str
    interfaces: tuple[str, ...] = ()
    state_interface: str = ""
    skills: Mapping[str, int] = {}
    teams: frozenset[str] = frozenset()


class People(msgspec.Struct, frozen=True, kw_only=True):
    """Everybody who may answer, by id; teams and skills with their names."""

    persons: Mapping[str, Person] = {}
    teams: Mapping[str, str] = {}
    skills: Mapping[str, str] = {}


class Gap(msgspec.Struct, frozen=True, kw_only=True):
    """A choice that brings nobody: its place in the list, why, and its value."""

    place: int
    code: Missing
    value: str


def resolve(choices: Iterable[MemberChoice], people: People) -> tuple[Member, ...]:
    """Members in the order of the choices: a team by its people's names, a skill by level, then name."""
    return tuple(member for _, member in origins(choices, people))


def origins(choices: Iterable[MemberChoice], people: People) -> tuple[tuple[int, Member], ...]:
    """Members with the place of the choice that brought each first."""
    found: dict[str, tuple[int, Member]] = {}
    for place, choice in enumerate(choices):
        for member in _members(choice, people):
            first = found.setdefault(member.interface, (place, member))
            if member.penalty < first[1].penalty:
                found[member.interface] = first[0], msgspec.structs.replace(first[1], penalty=member.penalty)
    return tuple(found.values())


def gaps(choices: Iterable[MemberChoice], people: People) -> tuple[Gap, ...]:
    """Choices that bring nobody, with the reason."""
    found = ((place, choice, _missing(choice, people)) for place, choice in enumerate(choices))
    return tuple(Gap(place=place, code=code, value=choice.value) for place, choice, code in found if code is not None)


def clean_name(name: str) -> str:
    """A name that fits into a member line: no comma (it would end there), nothing invisible, 80 characters at most."""
    return tidy(_NOT_IN_A_NAME.sub(" ", name))[:80].strip()


def _members(choice: MemberChoice, people: People) -> Iterator[Member]:
    if choice.kind == "interface":
        if interface := choice.value.strip():
            yield Member(
                interface=interface,
                penalty=choice.penalty,
                name=clean_name(choice.name),
                state_interface=choice.state_interface.strip(),
            )
        return
    for person in _persons(choice, people):
        if person.interfaces:
            yield Member(
                interface=person.interfaces[0],
                penalty=choice.penalty + _later(choice, person),
                name=clean_name(choice.name or person.name),
                state_interface=choice.state_interface or person.state_interface,
            )


def _persons(choice: MemberChoice, people: People) -> list[Person]:
    everybody = people.persons.values()
    match choice.kind:
        case "agent":
            return [person] if (person := people.persons.get(choice.value)) else []
        case "team":
            return sorted((person for person in everybody if choice.value in person.teams), key=_by_name)
        case _:
            skilled = (person for person in everybody if person.skills.get(choice.value, 0) >= max(choice.level, 1))
            return sorted(skilled, key=lambda person: (-person.skills[choice.value], *_by_name(person)))


def _by_name(person: Person) -> tuple[str, str]:
    return sort_key(person.name), person.id


def _later(choice: MemberChoice, person: Person) -> int:
    """How much later than a master of the skill somebody is asked, where levels decide."""
    if choice.kind != "skill" or not choice.by_level:
        return 0
    return max(HIGHEST_LEVEL - person.skills[choice.value], 0)


def _missing(choice: MemberChoice, people: People) -> Missing | None:
    match choice.kind:
        case "interface":
            return None if choice.value.strip() else "no_interface"
        case "agent" if choice.value not in people.persons:
            return "unknown_agent"
        case "team" if choice.value not in people.teams:
            return "unknown_team"
        case "skill" if choice.value not in people.skills:
            return "unknown_skill"
    if any(person.interfaces for person in _persons(choice, people)):
        return None
    if choice.kind == "agent":
        return "no_phone"
    return "empty_team" if choice.kind == "team" else "empty_skill"
