"""Everything that can be said against rules before they are published."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date

import msgspec

from cxcall.letters import search_key
from cxcall.routing import references
from cxcall.routing.condition_checks import of_conditions
from cxcall.routing.order_checks import of_order
from cxcall.routing.problems import Problem, problem
from cxcall.routing.result_checks import of_results
from cxcall.routing.rule import Rule, RuleSet, Then
from cxcall.routing.widening import SkillMembers, notes

__all__ = ["Known", "Problem", "can_publish", "problems"]

MOST_RULES = 300
SOON = 14
"""Days before its last day a rule is said to expire."""


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """What there is beside the rules; None is not known, and what would need it is not checked.

    `users`: ids of people who can answer. `members`: which queues have members by skill. `today`: the site's day.
    """

    queues: frozenset[str] | None = None
    users: frozenset[str] | None = None
    skills: frozenset[str] | None = None
    prompts: frozenset[str] | None = None
    intents: frozenset[str] | None = None
    languages: frozenset[str] | None = None
    tags: frozenset[str] | None = None
    members: tuple[SkillMembers, ...] | None = None
    today: date | None = None


def problems(rules: RuleSet, known: Known) -> tuple[Problem, ...]:
    """What is wrong with the rules, errors first, in the order of the rules."""
    found = [*_checked(rules, known)]
    return tuple(sorted(found, key=lambda each: each.severity != "error"))


def can_publish(found: Collection[Problem]) -> bool:
    """Whether none of the problems is an error."""
    return all(one.severity != "error" for one in found)


def _checked(rules: RuleSet, known: Known) -> Iterator[Problem]:
    if len(rules.rules) > MOST_RULES:
        yield problem("too_many", "", "rules", count=len(rules.rules), most=MOST_RULES)
    yield from _ids(rules)
    for rule in rules.rules:
        yield from _rule(rule)
        yield from of_conditions(rule)
        yield from of_results(rule)
        if rule.enabled:
            yield from _names(rule, known)
            yield from _skills(rule, known)
            yield from _dates(rule, known.today)
    yield from of_order(rules, known.today)


def _ids(rules: RuleSet) -> Iterator[Problem]:
    ids = [rule.id for rule in rules.rules]
    for n, rule_id in enumerate(ids):
        if not rule_id:
            yield problem("no_id", "", f"rules.{n}")
        elif rule_id in ids[:n]:
            yield problem("same_id", rule_id, "id", id=rule_id)


def _rule(rule: Rule) -> Iterator[Problem]:
    if not rule.name.strip():
        yield problem("no_name", rule.id, "name")
    if rule.enabled and rule.then == Then() and not rule.stop:
        yield problem("gives_nothing", rule.id, "then")
    if rule.enabled and rule.then.treat == "block" and not rule.when and rule.trial is None:
        yield problem("block_all", rule.id, "then.treat")


def _names(rule: Rule, known: Known) -> Iterator[Problem]:
    """Names of what does not exist; of a rule that is switched off they do no harm."""
    there: dict[str, frozenset[str] | None] = {
        "queue": known.queues, "user": known.users, "skill": known.skills, "prompt": known.prompts,
        "intent": known.intents, "language": known.languages, "tag": known.tags,
    }  # fmt: skip
    for each in references.of_rule(rule):
        names = there.get(each.kind)
        if names is None or each.field == "owner" or not each.name:
            continue
        exact = each.kind in ("user", "language")
        if each.name not in names and (exact or search_key(each.name) not in {search_key(name) for name in names}):
            code = "unused_tag" if each.kind == "tag" else f"unknown_{each.kind}"
            yield problem(code, rule.id, each.field, name=each.name)


def _skills(rule: Rule, known: Known) -> Iterator[Problem]:
    """What Asterisk can't do of the steps, in the queue the rule names, else in each that has the skill."""
    steps = rule.then.skills
    if not steps or known.members is None:
        return
    wanted = {search_key(step.skill) for step in steps}
    able = sorted({one.queue for one in known.members if search_key(one.skill) in wanted})
    for queue in [rule.then.queue] if rule.then.queue else able:
        for note in notes(queue, steps, known.members):
            yield problem(note.code, rule.id, "then.skills", **note.values)


def _dates(rule: Rule, today: date | None) -> Iterator[Problem]:
    if today is None:
        return
    if rule.expires is not None and rule.expires < today:
        yield problem("expired", rule.id, "expires")
    elif rule.expires is not None and (rule.expires - today).days <= SOON:
        yield problem("expires_soon", rule.id, "expires", days=(rule.expires - today).days)
    if rule.trial is not None and rule.trial.ended is not None and rule.trial.ended <= today:
        yield problem("trial_ended", rule.id, "trial")
