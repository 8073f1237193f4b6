"""Penalty steps as a rule of queuerules.conf: after so many seconds of waiting, more members are asked."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from cxcall.queues.definition import PenaltyStep, QueueDefinition
from cxcall.queues.line import Line

_CHANGE = "penaltychange"


def rule_name(definition: QueueDefinition) -> str:
    """The rule's name, "" without steps. It changes with the steps: a new rule can be written beside the one in use,
    and callers who wait go on with theirs."""
    if not definition.rule:
        return ""
    content = "\n".join(line.value for line in rule_lines(definition))
    return f"{definition.name}-{hashlib.sha256(content.encode()).hexdigest()[:8]}"


def rule_lines(definition: QueueDefinition) -> tuple[Line, ...]:
    """The rule's lines, by time: seconds, highest penalty, lowest penalty; an empty one stays as it is."""
    steps = sorted(definition.rule, key=lambda step: step.after)
    return tuple(Line(_CHANGE, f"{step.after},{_or_empty(step.most)},{_or_empty(step.least)}") for step in steps)


def rule_steps(lines: Iterable[Line]) -> tuple[PenaltyStep, ...]:
    """The steps in a rule's lines. Relative changes (+3) and raised penalties are no steps: such lines are left out."""
    steps = (_step(line.value) for line in lines if line.var == _CHANGE)
    return tuple(step for step in steps if step is not None)


def _or_empty(penalty: int | None) -> str:
    return "" if penalty is None else str(penalty)


def _step(value: str) -> PenaltyStep | None:
    after, most, least, *more = [*(field.strip() for field in value.split(",")), "", ""]
    if any(more) or not after.isdecimal() or not all(field.isdecimal() for field in (most, least) if field):
        return None
    return PenaltyStep(after=int(after), most=int(most) if most else None, least=int(least) if least else None)
