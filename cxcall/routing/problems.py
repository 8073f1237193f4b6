"""What can be wrong with rules, in one sentence each: the catalogue pages show and translate."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from cxcall.problem import Problem as FieldProblem
from cxcall.problem import Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem(FieldProblem):
    """A problem and the rule it is in, by id ("": the whole set). With an error rules can't be published."""

    rule: str


ERRORS: Mapping[str, str] = {
    # the rule itself
    "no_id": "This rule has no id.",
    "same_id": "Two rules have the id “{id}”.",
    "no_name": "Give the rule a name.",
    "gives_nothing": "This rule gives nothing. Say what it does.",
    "too_many": "There are {count} rules; more than {most} would keep callers waiting.",
    # conditions
    "unknown_fact": "There is no fact “{fact}”.",
    "comparison": "“{fact}” can’t be compared like that.",
    "no_value": "Say with what it is compared.",
    "two_values": "From and to: two values are needed.",
    "value_form": "“{value}” is not a value of “{fact}”.",
    "crossed": "Nothing is from {low} up to {high}.",
    "contradiction": "This can never hold together with “{other}”.",
    # what no longer exists
    "unknown_queue": "There is no queue “{name}”.",
    "unknown_user": "This person does not exist any more, or is not an agent.",
    "unknown_skill": "There is no skill “{name}”.",
    "unknown_prompt": "There is no prompt “{name}”: callers would hear nothing.",
    "unknown_intent": "There is no intent “{name}”.",
    "unknown_language": "Callers can’t be spoken to in “{name}”.",
    # results
    "priority_range": "Priority is from 0 to {most}.",
    "wait_range": "An agent rings for 1 to {most} seconds before the queue.",
    "no_person": "Say who is rung first.",
    "level_range": "A level is from 1 to {most}; 0 is everybody.",
    "after_range": "Steps begin after 0 to 3600 seconds.",
    "step_twice": "Two steps begin after {after} seconds.",
    "limit_range": "The limit must be 0 or more.",
    "overflow_self": "Callers would go on from “{queue}” to “{queue}”.",
    # ageing and trials
    "age_range": "Priority must grow each 10 to 3600 seconds, or 0: never.",
    "age_low": "Who waits is lifted up to {most} only, but a rule gives {given}: some would wait for good.",
    "trial_name": "Give the experiment a name.",
    "trial_twice": "Two rules have the experiment “{trial}”.",
    "share_range": "The share must be over 0 and under 100 per cent.",
    "trial_dates": "The experiment ends before it begins.",
}
"""Sentences of problems that keep rules from being published, by code."""

WARNINGS: Mapping[str, str] = {
    "unused_tag": "No customer has the tag “{name}”.",
    "expired": "This rule has expired and is not read any more.",
    "expires_soon": "This rule expires in {days} days.",
    "unread": "This rule is never read: “{other}” holds before it and ends the rules.",
    "nothing_left": "All this gives has been given by “{other}” before it.",
    "no_ageing": "Rules give priority, and nobody is lifted by waiting: some may wait for good.",
    "overflow_round": "When all of these are full, callers stay where they are: {path}.",
    "block_all": "Every call would be turned away.",
    "number_form": "“{value}” does not begin with + and the country: numbers are compared as +989121234567.",
    "skill_not_in": "No members of “{queue}” come by the skill {skill}: its steps leave nobody out there.",
    "level_not_apart": "In “{queue}” the levels of {skill} can’t be told apart, as its members are not asked by level.",
    "several_skills": "“{queue}” has one order of members for all skills: others as early in it are asked too.",
    "trial_ended": "The experiment has ended and the rule is not read any more. Let it hold for all, or take it out.",
}
"""Sentences of problems rules can be published with, by code."""


def problem(code: str, rule: str, field: str, /, **values: object) -> Problem:
    """A problem of the catalogue. Raises KeyError for a code that is not in it."""
    severity: Severity = "error" if code in ERRORS else "warning"
    sentence = ERRORS[code] if severity == "error" else WARNINGS[code]
    said = {name: format(value, "g") if isinstance(value, float) else str(value) for name, value in values.items()}
    return Problem(rule=rule, field=field, code=code, severity=severity, sentence=sentence, values=said)
