"""Skills that widen while a caller waits, as Asterisk can do it: a rule of queuerules.conf on members' penalties.

Asterisk knows no skills. Where the members of a queue come by a skill, a higher level has a lower penalty, and "level 3
or more, after 60 s level 1" is "penalty up to 2, after 60 s up to 4". The rule's name follows from what is in it, so a
new one can be written beside one that waiting callers still go by.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

import msgspec

from cxcall.letters import search_key
from cxcall.routing.names import HIGHEST_LEVEL
from cxcall.routing.rule import RuleSet, SkillStep

PENALTY_CHANGE = "penaltychange"
EVERYBODY = 9999
"""A highest penalty that leaves nobody out; a rule can't take a limit away again."""


class SkillMembers(msgspec.Struct, frozen=True, kw_only=True):
    """Members a queue has by a skill (its name): those of at least `level`. `base`: their penalty; `by_level`: plus one
    for each level below the highest."""

    queue: str
    skill: str
    base: int = 0
    level: int = 1
    by_level: bool = False


class QueueRule(msgspec.Struct, frozen=True, kw_only=True):
    """A section of queuerules.conf: its name, and lines as variable and value (seconds, highest penalty, lowest)."""

    name: str
    lines: tuple[tuple[str, str], ...]


class Note(msgspec.Struct, frozen=True, kw_only=True):
    """What Asterisk can't do of it: `code` of NOTES, its sentence and values."""

    code: str
    sentence: str
    values: dict[str, str]


NOTES = {
    "skill_not_in": "No members of “{queue}” come by the skill {skill}: its steps leave nobody out there.",
    "level_not_apart": "In “{queue}” the levels of {skill} can’t be told apart, as its members are not asked by level.",
    "several_skills": "“{queue}” has one order of members for all skills: others as early in it are asked too.",
}


def rule_name(queue: str, steps: Sequence[SkillStep]) -> str:
    """What the rule of these steps is called for a queue; "" without steps."""
    if not steps:
        return ""
    content = "\n".join(f"{step.after} {search_key(step.skill)} {step.level}" for step in in_order(steps))
    return f"{queue}-skills-{hashlib.sha256(content.encode()).hexdigest()[:8]}"


def in_order(steps: Iterable[SkillStep]) -> tuple[SkillStep, ...]:
    """Steps by their time; of two at one time the last counts."""
    by_time = {max(step.after, 0): step for step in steps}
    return tuple(msgspec.structs.replace(by_time[after], after=after) for after in sorted(by_time))


def rule(queue: str, steps: Sequence[SkillStep], members: Iterable[SkillMembers]) -> QueueRule | None:
    """The rule for a queue; None when its members come by none of these skills."""
    own = [one for one in members if one.queue.lower() == queue.lower()]
    ordered = in_order(steps)
    if not any(_has(step, own) for step in ordered):
        return None
    limits = [(step.after, _highest(step, own)) for step in ordered]
    lines = tuple((PENALTY_CHANGE, f"{after},{most},") for after, most in limits)
    return QueueRule(name=rule_name(queue, steps), lines=lines)


def rules(rule_set: RuleSet, members: Iterable[SkillMembers]) -> tuple[QueueRule, ...]:
    """All rules that published rules need, for every queue a call with such steps may end in, by name."""
    known = tuple(members)
    queues = sorted({one.queue for one in known})
    all_steps = [each.then.skills for each in rule_set.rules if each.enabled and each.then.skills]
    made = (rule(queue, steps, known) for queue in queues for steps in all_steps)
    return tuple(sorted({one.name: one for one in made if one is not None}.values(), key=lambda one: one.name))


def first_penalty(queue: str, steps: Sequence[SkillStep], members: Iterable[SkillMembers]) -> int | None:
    """The highest penalty asked at the beginning (QUEUE_MAX_PENALTY); None: nobody is left out then."""
    own = [one for one in members if one.queue.lower() == queue.lower()]
    ordered = in_order(steps)
    if not ordered or ordered[0].after > 0:
        return None
    most = _highest(ordered[0], own)
    return None if most == EVERYBODY else most


def notes(queue: str, steps: Sequence[SkillStep], members: Iterable[SkillMembers]) -> tuple[Note, ...]:
    """What these steps can't do in a queue."""
    own = [one for one in members if one.queue.lower() == queue.lower()]
    found: dict[tuple[str, str], Note] = {}
    for step in in_order(steps):
        code = _wanting(step, own)
        if code:
            found.setdefault((code, search_key(step.skill)), _note(code, queue, step.skill))
    skills = {search_key(step.skill) for step in steps if step.level > 0}
    if len(skills) > 1:
        found["several_skills", ""] = _note("several_skills", queue, "")
    return tuple(found.values())


def _note(code: str, queue: str, skill: str) -> Note:
    return Note(code=code, sentence=NOTES[code], values={"queue": queue, "skill": skill})


def _wanting(step: SkillStep, own: Iterable[SkillMembers]) -> str:
    """Why a step does not do in a queue what it says, "" when it does."""
    if step.level <= 0:
        return ""
    able = [one for one in own if search_key(one.skill) == search_key(step.skill)]
    if not able:
        return "skill_not_in"
    apart = any(one.by_level or one.level >= step.level for one in able)
    return "" if apart and _has(step, able) else "level_not_apart"


def _has(step: SkillStep, own: Iterable[SkillMembers]) -> bool:
    return step.level > 0 and _highest(step, own) != EVERYBODY


def _highest(step: SkillStep, own: Iterable[SkillMembers]) -> int:
    """The highest penalty of those with the skill at that level; everybody's where it can't be told."""
    if step.level <= 0:
        return EVERYBODY
    wanted, level = search_key(step.skill), min(step.level, HIGHEST_LEVEL)
    penalties = [
        one.base + (HIGHEST_LEVEL - max(level, one.level) if one.by_level else 0)
        for one in own
        if search_key(one.skill) == wanted and (one.by_level or one.level >= level)
    ]
    return max(penalties, default=EVERYBODY)
