"""Whether anybody can answer: members and their phones, and the steps by which more of them are asked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cxcall.problem import Problem
from cxcall.queues.definition import MemberChoice, PenaltyStep, QueueDefinition
from cxcall.queues.facts import Facts
from cxcall.queues.membership import Gap, Member, gaps, origins
from cxcall.queues.problems import problem

HIGHEST_PENALTY = 1000
_NAMED_PHONES = 5
_CHECKED_PHONES = ("PJSIP/", "SIP/", "IAX2/", "DAHDI/")
"""Phones Asterisk can list. Local/… goes through the dialplan, and a hint needs no phone."""


def of_members(definition: QueueDefinition, facts: Facts) -> Iterator[Problem]:
    """Problems of who answers."""
    choices = definition.members
    found = origins(choices, facts.people)
    missing = gaps(choices, facts.people)
    yield from (_gap(gap, facts) for gap in missing)
    for place, choice in enumerate(choices):
        if not 0 <= choice.penalty <= HIGHEST_PENALTY:
            yield problem("out_of_range", f"members.{place}.penalty", low=0, high=HIGHEST_PENALTY)
        if choice.kind == "interface" and choice.value.strip():
            yield from _phone(place, choice, facts)
    reached = [member for _, member in found if _is_there(member.interface, facts)]
    yield from _absent(choices, found, facts)
    yield from _nobody(definition, reached)
    yield from _steps(definition.rule)
    if found and definition.rule:
        yield from _asked(definition.rule, found)


def _gap(gap: Gap, facts: Facts) -> Problem:
    person = facts.people.persons.get(gap.value)
    return problem(
        gap.code,
        f"members.{gap.place}",
        agent=person.name if person else gap.value,
        team=facts.people.teams.get(gap.value, gap.value),
        skill=facts.people.skills.get(gap.value, gap.value),
    )


def _phone(place: int, choice: MemberChoice, facts: Facts) -> Iterator[Problem]:
    phone = choice.value.strip()
    technology, slash, name = phone.partition("/")
    if not (technology and slash and name) or any(mark in phone + choice.state_interface for mark in ", \t\r\n"):
        yield problem("interface_form", f"members.{place}", phone=phone)
    elif facts.phones is not None and phone not in facts.phones and phone.startswith(_CHECKED_PHONES):
        yield problem("unknown_phone", f"members.{place}", phone=phone)


def _is_there(interface: str, facts: Facts) -> bool:
    return facts.phones is None or interface in facts.phones or not interface.startswith(_CHECKED_PHONES)


def _absent(choices: Sequence[MemberChoice], found: Sequence[tuple[int, Member]], facts: Facts) -> Iterator[Problem]:
    """Phones of agents, teams and skills that Asterisk does not have; of a phone chosen by itself that is an error."""
    for place, choice in enumerate(choices):
        missing = [one.interface for n, one in found if n == place and not _is_there(one.interface, facts)]
        if missing and choice.kind != "interface":
            more = ["…"] if len(missing) > _NAMED_PHONES else []
            yield problem("no_such_phone", f"members.{place}", phones=", ".join([*missing[:_NAMED_PHONES], *more]))


def _nobody(definition: QueueDefinition, members: Sequence[Member]) -> Iterator[Problem]:
    """Nobody there: bad where callers can get in and never out, unless somebody may still sign in."""
    if len(members) == 1 and definition.auto_pause != "no":
        yield problem("auto_pause_alone", "auto_pause")
    if members:
        return
    if definition.members:
        yield problem("nobody_now", "members")
    elif definition.enabled and not (definition.longest_wait or definition.join_empty or definition.leave_empty):
        yield problem("waits_for_nobody", "members")
    else:
        yield problem("no_members", "members")


def _steps(rule: Sequence[PenaltyStep]) -> Iterator[Problem]:
    """Problems of steps by themselves."""
    for n, step in enumerate(rule):
        if not 0 <= step.after <= 86_400:
            yield problem("out_of_range", f"rule.{n}.after", low=0, high=86_400)
        if step.most is None and step.least is None:
            yield problem("step_empty", f"rule.{n}")
        elif _crossed(step):
            yield problem("step_crossed", f"rule.{n}", least=step.least, most=step.most)
        if any(other.after == step.after for other in rule[:n]):
            yield problem("step_twice", f"rule.{n}.after", after=step.after)


def _asked(rule: Sequence[PenaltyStep], members: Sequence[tuple[int, Member]]) -> Iterator[Problem]:
    """Times at which the steps leave nobody, and members they never reach."""
    penalties = {member.penalty for _, member in members}
    spans = list(windows(rule))
    for span, (n, after, least, most) in enumerate(spans):
        if n is None or _crossed(rule[n]) or any(_within(penalty, least, most) for penalty in penalties):
            continue
        if after == 0 and len(spans) > 1:
            yield problem("nobody_at_first", f"rule.{n}", seconds=spans[span + 1][1])
        else:
            yield problem("nobody_by_steps", f"rule.{n}", after=after, least=least, most="∞" if most is None else most)
    for place, member in members:
        if not any(_within(member.penalty, least, most) for _, _, least, most in spans):
            name = member.name or member.interface
            yield problem("never_asked", f"members.{place}.penalty", member=name, penalty=member.penalty)


def windows(rule: Sequence[PenaltyStep]) -> Iterator[tuple[int | None, int, int, int | None]]:
    """Which penalties are asked from when on: the step's place (None: before any), seconds, lowest, highest.

    No highest: all. A step leaves what it does not name as it was.
    """
    least, most = 0, None
    ordered = sorted(enumerate(rule), key=lambda numbered: numbered[1].after)
    if not ordered or ordered[0][1].after > 0:
        yield None, 0, least, most
    for n, step in ordered:
        least = least if step.least is None else step.least
        most = most if step.most is None else step.most
        yield n, step.after, least, most


def _crossed(step: PenaltyStep) -> bool:
    return step.most is not None and step.least is not None and step.least > step.most


def _within(penalty: int, least: int, most: int | None) -> bool:
    return least <= penalty and (most is None or penalty <= most)
