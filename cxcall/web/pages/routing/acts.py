"""What a button of a rule's form asks for, and what a button of the list does to the rules."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

import msgspec

from cxcall.routing.names import NAMES
from cxcall.routing.rule import Condition, Overflow, Rule, RuleSet, SkillStep
from cxcall.web.pages.queues.form import Reading, Written
from cxcall.web.pages.routing.form import Errors, Sent, read
from cxcall.web.pages.routing.loading import new_rule_id, rule_of

T = TypeVar("T")
MOST_ROWS = 40
MOST_AGE = 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class Edited:
    """A rule after an act. `typed`: the fields as sent, where rows still have their numbers; `focus`: id of what the
    keyboard goes on at."""

    rule: Rule
    errors: Errors = field(default_factory=dict)
    typed: Written = field(default_factory=dict)
    focus: str = ""


def edit(before: Rule, sent: Sent) -> Edited:
    """Take the fields, then do what `do` says."""
    rule, errors = read(before, sent)
    do, _, more = sent.fields.get("do", "save").partition(":")
    n = int(more) if more.isascii() and more.isdecimal() and len(more) < 4 else -1
    focus, then = "", rule.then
    if do == "add-when" and sent.fields.get("new_fact") in NAMES:
        name = NAMES[sent.fields["new_fact"]]
        fact = f"{name.name}:" if name.takes in ("tag", "skill") else name.name
        when = (*rule.when, Condition(fact=fact, op=name.comparisons[0]))[:MOST_ROWS]
        rule, focus = msgspec.structs.replace(rule, when=when), f"when-{len(when) - 1}-op"
    elif do == "drop-when":
        rule, focus = msgspec.structs.replace(rule, when=_without(rule.when, n)), "new_fact"
    elif do == "add-step":
        last = then.skills[-1] if then.skills else None
        step = SkillStep(skill=last.skill if last else "", level=1, after=last.after + 60 if last else 0)
        rule = _giving(rule, skills=(*then.skills, step)[:MOST_ROWS])
        focus = f"skills-{len(rule.then.skills) - 1}-skill"
    elif do == "drop-step":
        rule, focus = _giving(rule, skills=_without(then.skills, n)), "add-step"
    elif do == "add-overflow":
        entry = Overflow(figure="expected_wait", limit=120, to="")
        rule = _giving(rule, overflow=(*then.overflow, entry)[:MOST_ROWS])
        focus = f"overflow-{len(rule.then.overflow) - 1}-figure"
    elif do == "drop-overflow":
        rule, focus = _giving(rule, overflow=_without(then.overflow, n)), "add-overflow"
    return Edited(rule=rule, errors=errors, typed={} if focus else sent.fields, focus=focus)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reordered:
    """The rules after a button of the list; `errors` by field of the ageing."""

    rules: RuleSet
    errors: Errors = field(default_factory=dict)
    typed: Written = field(default_factory=dict)
    focus: str = ""


def reorder(before: RuleSet, written: Written) -> Reordered:
    """Take how who waits rises, then do `do`: `up:ID`, `down:ID`, `toggle:ID`, `remove:ID`, `copy:ID`."""
    reading = Reading(written)
    if "age_every" in written:
        every = reading.whole("age_every", before.age_every, 0, MOST_AGE)
        most = reading.whole("age_most", before.age_most, 0, 1000)
        before = msgspec.structs.replace(before, age_every=every, age_most=most)
    do, _, rule_id = written.get("do", "save").partition(":")
    rule, act = rule_of(before, rule_id), _ACTS.get(do)
    if rule is None or act is None:
        return Reordered(rules=before, errors=reading.errors, typed=written)
    rules, focus = act(list(before.rules), rule)
    return Reordered(rules=msgspec.structs.replace(before, rules=tuple(rules)), errors=reading.errors, focus=focus)


def with_rule(rules: RuleSet, rule: Rule) -> RuleSet:
    """The rules with this one in the place of that with its id, at the end where there is none."""
    if rule_of(rules, rule.id) is None:
        return msgspec.structs.replace(rules, rules=(*rules.rules, rule))
    return msgspec.structs.replace(rules, rules=tuple(rule if one.id == rule.id else one for one in rules.rules))


def without_rule(rules: RuleSet, rule_id: str) -> RuleSet:
    return msgspec.structs.replace(rules, rules=tuple(one for one in rules.rules if one.id != rule_id))


def copy_of(rule: Rule) -> Rule:
    """The same rule as another one, switched off until somebody has changed it."""
    return msgspec.structs.replace(rule, id=new_rule_id(), name=f"{rule.name[:110]} 2", enabled=False, trial=None)


def _giving(rule: Rule, **given: object) -> Rule:
    return msgspec.structs.replace(rule, then=msgspec.structs.replace(rule.then, **given))


def _without(rows: tuple[T, ...], n: int) -> tuple[T, ...]:
    return tuple(row for place, row in enumerate(rows) if place != n)


def _shift(rules: list[Rule], rule: Rule, by: int, name: str) -> tuple[list[Rule], str]:
    at = rules.index(rule)
    to = min(max(at + by, 0), len(rules) - 1)
    rules.insert(to, rules.pop(at))
    return rules, f"{name}-{rule.id}"


def _toggle(rules: list[Rule], rule: Rule) -> tuple[list[Rule], str]:
    rules[rules.index(rule)] = msgspec.structs.replace(rule, enabled=not rule.enabled)
    return rules, f"toggle-{rule.id}"


def _remove(rules: list[Rule], rule: Rule) -> tuple[list[Rule], str]:
    at = rules.index(rule)
    rules.pop(at)
    return rules, f"remove-{rules[min(at, len(rules) - 1)].id}" if rules else "new-rule"


def _copy(rules: list[Rule], rule: Rule) -> tuple[list[Rule], str]:
    made = copy_of(rule)
    rules.insert(rules.index(rule) + 1, made)
    return rules, f"rule-{made.id}"


_ACTS: Mapping[str, Callable[[list[Rule], Rule], tuple[list[Rule], str]]] = {
    "up": lambda rules, rule: _shift(rules, rule, -1, "up"),
    "down": lambda rules, rule: _shift(rules, rule, 1, "down"),
    "toggle": _toggle,
    "remove": _remove,
    "copy": _copy,
}
