"""Who answers, as the editor's table shows it: a row a choice, below it the people it stands for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cxcall.letters import sort_key
from cxcall.queues.definition import MemberChoice, QueueDefinition
from cxcall.queues.membership import Member, People, Person, origins
from cxcall.web.digits import number_text
from cxcall.web.pages.queues.acts import key_of
from cxcall.web.pages.queues.words import WHAT
from cxcall.web.words import N_, pgettext
from cxcall.web.words import gettext as _

SHOWN = 8
STATES: Mapping[str, tuple[str, str]] = {
    "ready": ("ready", N_("Ready")), "ringing": ("ring", N_("Ringing")), "on_call": ("talk", N_("On a call")),
    "wrap_up": ("wrap", N_("Wrap-up")), "paused": ("pause", N_("Paused")), "offline": ("off", N_("Offline")),
}  # fmt: skip
State = tuple[str, str]
Agents = Mapping[tuple[str, str], Mapping[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A problem beside its field. `section` is where the field stands."""

    field: str
    text: str
    error: bool
    section: str


@dataclass(frozen=True, slots=True, kw_only=True)
class One:
    """A person that a team or a skill stands for."""

    key: str
    name: str
    phones: Sequence[str]
    priority: str
    level: int
    state: State | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A choice of the definition. `count` of people for teams and skills, else None; `more` are not shown."""

    n: int
    choice: MemberChoice
    title: str
    what: str
    initials: str
    icon: str
    phones: Sequence[str]
    count: int | None
    skill: int
    state: State | None
    people: Sequence[One]
    more: int
    problems: Sequence[Found]

    @property
    def key(self) -> str:
        return key_of(self.choice)

    @property
    def kind(self) -> str:
        return self.choice.kind

    @property
    def value(self) -> str:
        return self.choice.value

    @property
    def name(self) -> str:
        return self.choice.name

    @property
    def state_interface(self) -> str:
        return self.choice.state_interface

    @property
    def penalty(self) -> int:
        return self.choice.penalty

    @property
    def level(self) -> int:
        return self.choice.level

    @property
    def by_level(self) -> bool:
        return self.choice.by_level


def rows(server: str, definition: QueueDefinition, people: People, agents: Agents, found: Sequence[Found]) -> list[Row]:
    """The table, in the order of the definition."""
    members: dict[int, list[Member]] = {}
    for place, member in origins(definition.members, people):
        members.setdefault(place, []).append(member)
    skill = next((one.value for one in definition.members if one.kind == "skill"), "")
    made = []
    for n, choice in enumerate(definition.members):
        wrong = [one for one in found if one.field == f"members.{n}"]
        made.append(_row(server, n, choice, members.get(n, []), people, agents, skill, wrong))
    return made


def priority(penalty: int) -> str:
    """Who is asked first, in words as far as words go."""
    named = _named_priorities()
    return named[penalty] if penalty < len(named) else number_text(penalty + 1)


def priorities(penalty: int) -> list[tuple[int, str]]:
    """Choices of a member's priority; `penalty` is among them."""
    return [(n, priority(n)) for n in sorted({*range(len(_named_priorities())), penalty})]


def _named_priorities() -> Sequence[str]:
    return (_("First"), pgettext("priority", "Second"), _("Third"), _("Fourth"), _("Fifth"), _("Sixth"))


def pools(definition: QueueDefinition, people: People) -> list[tuple[str, str, list[tuple[str, str, str]]]]:
    """Who could be added: agents, teams and skills that are no members yet, each (id, name, phone)."""
    taken = {key_of(one) for one in definition.members}
    persons = [(one.id, one.name, one.interfaces[0] if one.interfaces else "") for one in people.persons.values()]
    lists = (
        (_("Agents"), "agent", persons),
        (_("Teams"), "team", [(id_, name, "") for id_, name in people.teams.items()]),
        (_("Skills"), "skill", [(id_, name, "") for id_, name in people.skills.items()]),
    )
    return [
        (
            title,
            kind,
            sorted((one for one in made if f"{kind}:{one[0]}" not in taken), key=lambda one: sort_key(one[1])),
        )
        for title, kind, made in lists
    ]


def state_of(agents: Agents, server: str, *names: str) -> State | None:
    """What somebody does now, as a chip; the reason stands with a pause."""
    known = next((agents[server, name] for name in names if (server, name) in agents), None)
    if known is None:
        return None
    kind, text = STATES.get(str(known["state"]), ("off", str(known["state"])))
    return kind, _(text)


def initials(name: str) -> str:
    """Two letters, of Persian names one: two would join."""
    parts = name.split()
    if not parts:
        return ""
    return parts[0][0] if len(parts) == 1 or not parts[0].isascii() else (parts[0][0] + parts[-1][0]).upper()


def _row(
    server: str, n: int, choice: MemberChoice, members: Sequence[Member], people: People, agents: Agents, skill: str,
    wrong: Sequence[Found],
) -> Row:  # fmt: skip
    title, what, icon = _named(choice, people)
    person = people.persons.get(choice.value) if choice.kind == "agent" else None
    group = choice.kind in ("team", "skill")
    by_phone = {phone: one for one in people.persons.values() for phone in one.interfaces}
    ones = [_one(server, member, by_phone.get(member.interface), agents, skill) for member in members] if group else []
    phones = [] if group else [member.interface for member in members]
    watched = (person.id, *phones) if person else tuple(phones)
    return Row(
        n=n, choice=choice, title=title, what=what, icon=icon, initials=initials(title) if person else "",
        phones=phones or ([choice.value] if choice.kind == "interface" else []), count=len(members) if group else None,
        skill=person.skills.get(skill, 0) if person else 0, state=state_of(agents, server, *watched),
        people=ones[:SHOWN], more=max(len(ones) - SHOWN, 0), problems=wrong,
    )  # fmt: skip


def _one(server: str, member: Member, person: Person | None, agents: Agents, skill: str) -> One:
    return One(
        key=member.interface,
        name=person.name if person else member.name or member.interface,
        phones=[member.interface],
        priority=priority(member.penalty),
        level=person.skills.get(skill, 0) if person else 0,
        state=state_of(agents, server, *([person.id] if person else []), member.interface),
    )


def _named(choice: MemberChoice, people: People) -> tuple[str, str, str]:
    """Title, what it is, icon."""
    if choice.kind == "agent":
        person = people.persons.get(choice.value)
        return (person.name if person else _("Somebody who is gone"), "", "user")
    if choice.kind == "team":
        return (people.teams.get(choice.value, _("A team that is gone")), _(WHAT[choice.kind]), "users")
    if choice.kind == "skill":
        return (people.skills.get(choice.value, _("A skill that is gone")), _(WHAT[choice.kind]), "spark")
    return (choice.name or choice.value, _(WHAT[choice.kind]) if choice.name else "", "phone")
