"""The decision on a call: rules are read from the top, each that holds gives what those above left open.

*Theory of operation.* A rule that can't give what it says now (its queue is gone or closed, its agent is on a call)
leaves that open for the rules below, and says so in a reason. When all are read, what is still open has its default:
the queue the dialplan asked for, no priority, nobody rung first. Last comes overflow, which needs the queue. Nothing
here raises, whatever the rules and facts are: a call always gets a result.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

import msgspec

from cxcall.routing.conditions import fits
from cxcall.routing.decision import Decision, Reason, Result
from cxcall.routing.experiment import Group, group_of, key_of, running
from cxcall.routing.facts import Facts
from cxcall.routing.names import queue_named, split_fact
from cxcall.routing.overflow import Over, settle
from cxcall.routing.preferred import choose
from cxcall.routing.reasons import reason
from cxcall.routing.rule import MOST_PRIORITY, OWN_LANGUAGE, Condition, Overflow, Rule, RuleSet, Then
from cxcall.routing.widening import in_order, rule_name

BECAUSE = "because"
"""The value of a rule's first reason that tells its conditions: fact, comparison, asked values, what was found."""


def decide(rules: RuleSet, facts: Facts, *, version: int = 0, widens: Collection[str] | None = None) -> Decision:
    """What becomes of a call. `widens`: names of queue rules that Asterisk has; None: all that are needed."""
    run = _Run(facts)
    for rule in rules.rules:
        if run.holds(rule):
            run.give(rule)
            if rule.stop:
                break
    run.settle(rules, widens)
    return Decision(
        at=facts.at,
        result=msgspec.structs.replace(Result(), **run.given),
        reasons=tuple(run.reasons),
        matched=tuple(run.matched),
        facts=tuple(run.asked.items()),
        groups=run.groups,
        version=version,
    )


def is_read(rule: Rule, facts: Facts) -> bool:
    """Whether a rule counts on the day of the call: not switched off, expired, or a trial that is not going on."""
    day = facts.at.date()
    expired = rule.expires is not None and rule.expires < day
    return rule.enabled and not expired and (rule.trial is None or running(rule.trial, day))


class _Run:
    """One call going through the rules."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self.given: dict[str, Any] = {}
        self.overflow: tuple[Overflow, ...] = ()
        self.overflow_by: dict[str, Rule] = {}
        self.reasons: list[Reason] = []
        self.matched: list[str] = []
        self.asked: dict[str, Any] = {}
        self.groups: dict[str, Group] = {}
        self.skills_rule: Rule | None = None

    def holds(self, rule: Rule) -> bool:
        """Whether a rule counts for this call; who is in a trial's control group is without it."""
        if not is_read(rule, self.facts) or not all(self._fits(condition) for condition in rule.when):
            return False
        trial = rule.trial
        if trial is None:
            return True
        group = self.groups.setdefault(trial.name, group_of(trial.name, trial.share, key_of(self.facts)))
        self._tell(group, "trial", rule, trial=trial.name)
        return group == "treated"

    def give(self, rule: Rule) -> None:
        """All that is still open."""
        self.matched.append(rule.id)
        for field, giver in _GIVERS.items():
            if field not in self.given:
                giver(self, rule, rule.then)
        if rule.then.overflow and not self.overflow:
            self.overflow, self.overflow_by[""] = rule.then.overflow, rule

    def settle(self, rules: RuleSet, widens: Collection[str] | None) -> None:
        """What is left open, and what depends on the queue."""
        if "queue" not in self.given:
            queue = self.facts.queue
            self.given["queue"] = queue
            self.reasons.append(reason("queue_asked", "queue", queue=queue) if queue else reason("queue_none", "queue"))
        asked = self.given["queue"]
        queue, passed = settle(asked, lambda name: self._overflow_of(rules, name, asked), self.facts.queues)
        self.given["queue"] = queue
        for over in passed:
            by = self.overflow_by.get("" if over.queue == asked else over.queue)
            self._tell("overflow" if over.to else "overflow_stays", "overflow", by, **_said(over))
        self._skills(queue, widens)

    def skills(self, rule: Rule, then: Then) -> None:
        if then.skills:
            self.given["skills"] = in_order(then.skills)
            self.skills_rule = rule

    def queue(self, rule: Rule, then: Then) -> None:
        if not then.queue:
            return
        found = queue_named(self.facts.queues, then.queue)
        if self.facts.queues and (found is None or not found.open):
            self._tell("queue_gone" if found is None else "queue_closed", "queue", rule, queue=then.queue)
            return
        self._set("queue", found.name if found else then.queue, "queue_rule", rule)

    def priority(self, rule: Rule, then: Then) -> None:
        if then.priority is not None:
            capped = then.priority > MOST_PRIORITY
            priority = min(max(then.priority, 0), MOST_PRIORITY)
            self._set("priority", priority, "priority_capped" if capped else "priority", rule)

    def agent(self, rule: Rule, then: Then) -> None:
        if then.agent is None:
            return
        choice = choose(then.agent, self.facts)
        self._tell(choice.code, "agent", rule, **choice.values)
        if choice.agent is not None:
            self.given |= {"agent": choice.agent.interface, "agent_user": choice.agent.user}
            self.given["agent_wait"] = choice.values["wait"]

    def language(self, rule: Rule, then: Then) -> None:
        if not then.language:
            return
        if then.language != OWN_LANGUAGE:
            self._set("language", then.language, "language", rule)
        elif self.facts.customer is not None and self.facts.customer.language:
            self._set("language", self.facts.customer.language, "language_own", rule)
        else:
            self._tell("language_none", "language", rule)

    def announcement(self, rule: Rule, then: Then) -> None:
        if then.announcement:
            self.given["announcement"] = then.announcement
            self._tell("announcement", "announcement", rule, prompt=then.announcement)

    def treat(self, rule: Rule, then: Then) -> None:
        if then.treat is not None:
            self.given["treat"] = then.treat
            self._tell(then.treat, "treat", rule)

    def call_back(self, rule: Rule, then: Then) -> None:
        if then.call_back is not None:
            self.given["call_back"] = then.call_back
            self._tell("call_back" if then.call_back else "call_back_not", "call_back", rule)

    def survey(self, rule: Rule, then: Then) -> None:
        if then.survey is not None:
            self.given["survey"] = then.survey
            self._tell("survey" if then.survey else "survey_not", "survey", rule)

    def _fits(self, condition: Condition) -> bool:
        name, argument = split_fact(condition.fact)
        if name is None:
            return False
        if condition.fact not in self.asked:
            self.asked[condition.fact] = name.read(self.facts, argument)
        return fits(condition, name.kind, self.asked[condition.fact])

    def _set(self, field: str, value: Any, code: str, rule: Rule) -> None:
        self.given[field] = value
        self._tell(code, field, rule, **{field: value})

    def _tell(self, code: str, field: str, rule: Rule | None, /, **values: Any) -> None:
        """A reason; the first of a rule has why the rule holds."""
        if rule is not None and rule.when and all(one.rule != rule.id for one in self.reasons):
            values[BECAUSE] = [
                {"fact": one.fact, "op": one.op, "value": list(one.value), "found": self.asked.get(one.fact)}
                for one in rule.when
            ]
        self.reasons.append(reason(code, field, rule, **values))

    def _overflow_of(self, rules: RuleSet, queue: str, asked: str) -> tuple[Overflow, ...]:
        """The overflow for the queue the rules gave; for one on the way, of the first rule that would hold for it."""
        if queue == asked:
            return self.overflow
        there = _Run(msgspec.structs.replace(self.facts, queue=queue))
        for rule in rules.rules:
            meant = rule.then.overflow and (not rule.then.queue or rule.then.queue.lower() == queue.lower())
            if meant and there.holds(rule):
                self.overflow_by[queue] = rule
                return rule.then.overflow
        return ()

    def _skills(self, queue: str, widens: Collection[str] | None) -> None:
        """The queue rule for the skills that were given, where Asterisk has one for the queue."""
        steps = self.given.get("skills", ())
        if not steps or not queue:
            return
        name = rule_name(queue, steps)
        if widens is not None and name not in widens:
            self._tell("skills_not", "skills", self.skills_rule, queue=queue)
            return
        self.given["rule"] = name
        told = [{"skill": step.skill, "level": step.level, "after": step.after} for step in steps]
        self._tell("skills", "skills", self.skills_rule, steps=told)


_Giver = Callable[[_Run, Rule, Then], None]
_GIVERS: Mapping[str, _Giver] = {
    "queue": _Run.queue,
    "priority": _Run.priority,
    "agent": _Run.agent,
    "skills": _Run.skills,
    "language": _Run.language,
    "announcement": _Run.announcement,
    "treat": _Run.treat,
    "call_back": _Run.call_back,
    "survey": _Run.survey,
}
"""What a rule can give but overflow, by the result's field."""


def _said(over: Over) -> dict[str, Any]:
    fact = f"queue.{over.entry.figure}:{over.queue}"
    return {"queue": over.queue, "to": over.to, "figure": fact, "found": over.found, "limit": over.entry.limit}
