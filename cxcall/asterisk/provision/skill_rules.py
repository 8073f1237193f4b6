"""Queue rules that routing needs: skills that widen while a caller waits, beside the queues' own rules. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from cxcall.queues.definition import QueueDefinition
from cxcall.queues.line import Line, Section
from cxcall.queues.membership import People
from cxcall.routing.rule import RuleSet
from cxcall.routing.widening import SkillMembers, rules

_NAME = re.compile(r".+-skills-[0-9a-f]{8}")


def with_skills(
    own: Iterable[Section], published: RuleSet, definitions: Iterable[QueueDefinition], people: People
) -> tuple[Section, ...]:
    """The sections of the file of penalty rules: the queues' own, and what routing rules need now."""
    members = tuple(_members(definitions, people))
    needed = (
        Section(rule.name, tuple(Line(var, value) for var, value in rule.lines)) for rule in rules(published, members)
    )
    kept = (section for section in own if not _NAME.fullmatch(section.name))
    return tuple(sorted((*kept, *needed), key=lambda section: section.name))


def _members(definitions: Iterable[QueueDefinition], people: People) -> Iterator[SkillMembers]:
    for definition in definitions:
        for choice in definition.members if definition.enabled else ():
            if choice.kind == "skill" and choice.value in people.skills:
                yield SkillMembers(
                    queue=definition.name,
                    skill=people.skills[choice.value],
                    base=choice.penalty,
                    level=choice.level,
                    by_level=choice.by_level,
                )
