"""What a rule set names outside itself: queues, people, skills, prompts, intents, languages, tags, facts; and where."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from cxcall.routing.names import Name, split_fact, split_skill
from cxcall.routing.rule import OWN_LANGUAGE, Condition, Rule, RuleSet, Then

Kind = Literal["queue", "user", "skill", "prompt", "intent", "language", "tag", "fact"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """One name in a rule; `field` as problems name it (`when.2`, `then.queue`)."""

    kind: Kind
    name: str
    field: str


def of_rule(rule: Rule) -> Iterator[Reference]:
    """All names in a rule, conditions first."""
    for n, condition in enumerate(rule.when):
        yield from _of_condition(condition, f"when.{n}")
    yield from _of_then(rule.then)
    if rule.owner:
        yield Reference(kind="user", name=rule.owner, field="owner")


def named(rules: RuleSet, kind: Kind) -> frozenset[str]:
    """All names of a kind in rules that are switched on."""
    return names_of(rules).get(kind, frozenset())


@lru_cache(maxsize=8)
def names_of(rules: RuleSet) -> Mapping[Kind, frozenset[str]]:
    """All names in rules that are switched on. They are asked for with each call, and the rules stay the same."""
    found: dict[Kind, set[str]] = {}
    for rule in rules.rules:
        for each in of_rule(rule) if rule.enabled else ():
            found.setdefault(each.kind, set()).add(each.name)
    return {kind: frozenset(names) for kind, names in found.items()}


def _of_condition(condition: Condition, field: str) -> Iterator[Reference]:
    yield Reference(kind="fact", name=condition.fact, field=field)
    name, argument = split_fact(condition.fact)
    if name is None:
        return
    if argument:
        yield Reference(
            kind=_takes(name), name=split_skill(argument)[0] if name.takes == "skill" else argument, field=field
        )
    refers = name.refers
    if refers and name.takes not in ("tag", "skill") and condition.op not in ("known", "holds"):
        yield from (Reference(kind=refers, name=str(value), field=field) for value in condition.value)


def _takes(name: Name) -> Kind:
    match name.takes:
        case "tag":
            return "tag"
        case "skill":
            return "skill"
    return "queue"


def _of_then(then: Then) -> Iterator[Reference]:
    if then.queue:
        yield Reference(kind="queue", name=then.queue, field="then.queue")
    if then.agent is not None and then.agent.who == "user" and then.agent.user:
        yield Reference(kind="user", name=then.agent.user, field="then.agent")
    for n, step in enumerate(then.skills):
        if step.level > 0:
            yield Reference(kind="skill", name=step.skill, field=f"then.skills.{n}")
    for n, entry in enumerate(then.overflow):
        yield Reference(kind="queue", name=entry.to, field=f"then.overflow.{n}")
    if then.language and then.language != OWN_LANGUAGE:
        yield Reference(kind="language", name=then.language, field="then.language")
    if then.announcement:
        yield Reference(kind="prompt", name=then.announcement, field="then.announcement")
