"""What a rule gives: are its numbers within their ranges, and does it say all that is needed?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from cxcall.routing.names import HIGHEST_LEVEL
from cxcall.routing.preferred import MOST_WAIT
from cxcall.routing.problems import Problem, problem
from cxcall.routing.rule import MOST_PRIORITY, Rule, SkillStep, Trial

LATEST_STEP = 3600


def of_results(rule: Rule) -> Iterator[Problem]:
    """Problems of a rule's results and of its trial."""
    then = rule.then
    if then.priority is not None and not 0 <= then.priority <= MOST_PRIORITY:
        yield problem("priority_range", rule.id, "then.priority", most=MOST_PRIORITY)
    if then.agent is not None:
        if not 1 <= then.agent.wait <= MOST_WAIT:
            yield problem("wait_range", rule.id, "then.agent", most=MOST_WAIT)
        if then.agent.who == "user" and not then.agent.user:
            yield problem("no_person", rule.id, "then.agent")
    yield from _steps(rule.id, then.skills)
    for n, entry in enumerate(then.overflow):
        field = f"then.overflow.{n}"
        if not entry.limit >= 0:
            yield problem("limit_range", rule.id, field)
        if not entry.to:
            yield problem("unknown_queue", rule.id, field, name="")
        elif then.queue and entry.to.lower() == then.queue.lower():
            yield problem("overflow_self", rule.id, field, queue=entry.to)
    if rule.trial is not None:
        yield from _trial(rule.id, rule.trial)


def _steps(rule: str, steps: tuple[SkillStep, ...]) -> Iterator[Problem]:
    times = Counter(step.after for step in steps)
    for n, step in enumerate(steps):
        field = f"then.skills.{n}"
        if not 0 <= step.level <= HIGHEST_LEVEL:
            yield problem("level_range", rule, field, most=HIGHEST_LEVEL)
        if not 0 <= step.after <= LATEST_STEP:
            yield problem("after_range", rule, field)
        if times[step.after] > 1 and step.after in {other.after for other in steps[:n]}:
            yield problem("step_twice", rule, field, after=step.after)


def _trial(rule: str, trial: Trial) -> Iterator[Problem]:
    if not trial.name.strip():
        yield problem("trial_name", rule, "trial")
    if not 0 < trial.share < 100:
        yield problem("share_range", rule, "trial")
    if trial.began is not None and trial.ended is not None and trial.ended < trial.began:
        yield problem("trial_dates", rule, "trial")
