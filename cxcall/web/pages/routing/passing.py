"""Rules that did nothing for a call that is tried, each with what stood in its way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cxcall.routing.conditions import fits
from cxcall.routing.decide import is_read
from cxcall.routing.decision import Decision
from cxcall.routing.facts import Facts
from cxcall.routing.names import split_fact
from cxcall.routing.phrases import condition_told, value_told
from cxcall.routing.rule import Condition, Rule, RuleSet
from cxcall.web.pages.routing.words import NEW_RULE, Reader
from cxcall.web.words import gettext as _


@dataclass(frozen=True, slots=True, kw_only=True)
class Passed:
    """A rule and why it counted for nothing."""

    id: str
    name: str
    why: str


def passed_over(rules: RuleSet, decision: Decision, facts: Facts, reader: Reader) -> Sequence[Passed]:
    """Rules that did not hold, in their order."""
    matched = set(decision.matched)
    found: list[Passed] = []
    stopped = ""
    for rule in rules.rules:
        if rule.id in matched:
            stopped = stopped or (rule.name or _(NEW_RULE) if rule.stop else "")
            continue
        why = _("not read: “%(name)s” was the last one") % {"name": stopped} if stopped else _why(rule, facts, reader)
        found.append(Passed(id=rule.id, name=rule.name or _(NEW_RULE), why=why))
    return found


def _why(rule: Rule, facts: Facts, reader: Reader) -> str:
    """The first thing in the way of a rule."""
    if not rule.enabled:
        return _("switched off")
    if not is_read(rule, facts):
        expired = rule.expires is not None and rule.expires < facts.at.date()
        return _("expired") if expired else _("its experiment is not going on that day")
    for condition in rule.when:
        told = _missed(condition, facts, reader)
        if told:
            return told
    return _("in the control group of its experiment")


def _missed(condition: Condition, facts: Facts, reader: Reader) -> str:
    """What a condition asks and what was found, "" when it holds."""
    name, argument = split_fact(condition.fact)
    value = name.read(facts, argument) if name is not None else None
    if name is not None and fits(condition, name.kind, value):
        return ""
    asked = condition_told(condition, reader)
    if value is None:
        return _("asks: %(condition)s; not known") % {"condition": asked}
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return _("asks: %(condition)s; it is not so") % {"condition": asked}
    found = value_told(name, value, reader)
    return _("asks: %(condition)s; it is %(value)s") % {"condition": asked, "value": found}
