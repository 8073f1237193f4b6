"""Why a call went where it went, in words: the reasons of a decision, rule by rule."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from cxcall.routing.decide import BECAUSE
from cxcall.routing.decision import Decision, Reason
from cxcall.routing.names import split_fact
from cxcall.routing.phrases import Words, condition_told, fact_told, steps_told, value_told
from cxcall.routing.reasons import SENTENCES, STATES
from cxcall.routing.rule import Condition, SkillStep

_KINDS: Mapping[str, str] = {
    "queue": "queue", "to": "queue", "wait": "seconds", "days": "number", "priority": "number",
    "language": "language", "prompt": "prompt", "trial": "text",
}  # fmt: skip
"""What the values of reasons are, by their names."""

_WHY_THEM = frozenset(
    SENTENCES[code]
    for code in (
        "queue_rule", "overflow", "priority", "priority_capped", "agent_last", "agent_known", "agent_manager",
        "agent_user", "skills",
    )
)  # fmt: skip
"""What sends a call to somebody; the rest is of language, sounds and surveys, or of what did not come about."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What one rule did ("" is the default): why it held, and a sentence for each thing it did."""

    rule: str
    rule_name: str
    because: tuple[str, ...]
    does: tuple[str, ...]


def told(reason: Reason, words: Words) -> str:
    """A reason's sentence in the reader's words."""
    return words.text(reason.sentence).format(**_shown(reason.values, words))


def because(reason: Reason, words: Words) -> tuple[str, ...]:
    """Why the reason's rule holds, condition by condition; only the first reason of a rule has it."""
    conditions = reason.values.get(BECAUSE, ())
    return tuple(
        condition_told(
            Condition(fact=one["fact"], op=one["op"], value=tuple(one["value"])), words, found=one.get("found")
        )
        for one in conditions
    )


def story(decision: Decision, words: Words) -> tuple[Told, ...]:
    """The whole decision, rules in the order they were read, the default last."""
    by_rule: dict[str, list[Reason]] = {}
    for reason in decision.reasons:
        by_rule.setdefault(reason.rule, []).append(reason)
    ordered = sorted(by_rule.items(), key=lambda each: not each[0])
    return tuple(_of_rule(rule, reasons, words) for rule, reasons in ordered)


def why_them(decision: Decision, words: Words) -> tuple[str, ...]:
    """Why the call rings this agent, rather than another or later: what rules said of queue, place and person."""
    telling = (reason for reason in decision.reasons if reason.rule and reason.sentence in _WHY_THEM)
    return tuple(told(reason, words) for reason in telling)


def _of_rule(rule: str, reasons: Iterable[Reason], words: Words) -> Told:
    first, *rest = reasons
    return Told(
        rule=rule,
        rule_name=first.rule_name,
        because=because(first, words),
        does=tuple(told(one, words) for one in (first, *rest)),
    )


def _shown(values: Mapping[str, Any], words: Words) -> dict[str, str]:
    """A reason's values as they are read."""
    shown = {name: words.value(value, _KINDS[name]) for name, value in values.items() if name in _KINDS}
    if "user" in values:
        shown["agent"] = str(values.get("agent") or "") or words.value(values["user"], "user")
    if "state" in values:
        shown["state"] = words.text(STATES.get(values["state"], values["state"]))
    if "steps" in values:
        shown["steps"] = steps_told((msgspec.convert(step, SkillStep) for step in values["steps"]), words)
    if "figure" in values:
        name, _ = split_fact(values["figure"])
        shown["figure"] = fact_told(values["figure"], words)
        shown |= {key: value_told(name, values[key], words) for key in ("found", "limit") if key in values}
    return shown
