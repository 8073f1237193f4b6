"""The sentences of a decision: why each field of a result is as it is. English, keys of the word catalogues."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cxcall.routing.decision import Reason
from cxcall.routing.rule import Rule

SENTENCES: Mapping[str, str] = {
    # queue
    "queue_rule": "To the queue “{queue}”.",
    "queue_asked": "No rule names a queue: it stays “{queue}”.",
    "queue_none": "No rule names a queue.",
    "queue_gone": "The queue “{queue}” is not there now: this was left out.",
    "queue_closed": "The queue “{queue}” is closed now: this was left out.",
    "overflow": "On to the queue “{to}”: {figure} is {found}, over {limit}.",
    "overflow_stays": "It stays “{queue}” although {figure} is {found}: nowhere to go on to is better.",
    # priority
    "priority": "Priority {priority}.",
    "priority_capped": "Priority {priority}, the highest there is.",
    # who is rung first
    "agent_last": "{agent} is rung first for {wait}: the agent of the last call.",
    "agent_known": "{agent} is rung first for {wait}: they have talked before.",
    "agent_manager": "{agent} is rung first for {wait}: the customer’s account manager.",
    "agent_user": "{agent} is rung first for {wait}.",
    "agent_not_ready": "{agent} is not rung first: {state}.",
    "agent_absent": "{agent} is not rung first: not signed in to a phone.",
    "agent_none": "Nobody is rung first: no agent has talked with this caller.",
    "agent_long_ago": "Nobody is rung first: the last talk is more than {days} days ago.",
    "agent_badly": "Nobody is rung first: the last call did not go well.",
    "manager_none": "Nobody is rung first: the customer has no account manager.",
    # skills
    "skills": "Asked by skill: {steps}.",
    "skills_not": "The queue “{queue}” can’t choose by skill: everybody in it is asked.",
    # the rest
    "language": "Language: {language}.",
    "language_own": "Language: {language}, as in the customer’s profile.",
    "language_none": "No language: none is in the customer’s profile.",
    "announcement": "“{prompt}” is played first.",
    "accept": "The call is taken.",
    "challenge": "The caller has to press a key first.",
    "block": "The call is turned away.",
    "call_back": "A call-back is offered.",
    "call_back_not": "No call-back is offered.",
    "survey": "A survey is asked afterwards.",
    "survey_not": "No survey is asked afterwards.",
    # trials
    "treated": "Part of the experiment “{trial}”.",
    "control": "Control group of the experiment “{trial}”: as if the rule were not there.",
}
"""By code."""

STATES: Mapping[str, str] = {
    "ringing": "a phone is ringing",
    "on_call": "on a call",
    "wrap_up": "in wrap-up",
    "paused": "paused",
    "offline": "offline",
}
"""Why an agent can't be rung, by the state that queues.presence names."""


def reason(code: str, field: str, rule: Rule | None = None, /, **values: Any) -> Reason:
    """A reason of the catalogue; `rule`: whose doing it is. Raises KeyError for a code that is not in it."""
    sentence = SENTENCES[code]
    if rule is None:
        return Reason(field=field, sentence=sentence, values=values)
    return Reason(field=field, sentence=sentence, values=values, rule=rule.id, rule_name=rule.name)
