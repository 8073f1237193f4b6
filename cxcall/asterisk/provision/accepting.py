"""What somebody else wrote into our file, taken over as it stands: lines become definitions. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import msgspec

from cxcall.asterisk.provision.material import Material
from cxcall.asterisk.provision.planning import Target, with_keys
from cxcall.queues import conf
from cxcall.queues.definition import QueueDefinition
from cxcall.queues.line import Section
from cxcall.queues.membership import resolve
from cxcall.queues.settings import bridged

_OURS = ("title", "numbers", "colour", "longest_wait", "then", "calendar", "when_closed")
"""What no file of queues says."""


def accepted(queues: Sequence[Section], rules: Sequence[Section], material: Material, today: date) -> Target:
    """What stands in the files, as a version of ours. What they can't say stays as it was, and so do queues that are
    switched off; members stay chosen as they were where they are still the same."""
    known = {one.name: one for one in material.definitions}
    lines = {rule.name: rule.lines for rule in rules}
    names = {sound: prompt for prompt, sound in material.sounds.items()}
    found = [_definition(section, lines, names, known.get(section.name), material) for section in queues]
    there = {one.name for one in found}
    off = [one for one in material.definitions if not one.enabled and one.name not in there]
    definitions = tuple(sorted((*found, *off), key=lambda one: one.name))
    return with_keys(definitions, tuple(queues), tuple(rules), material, today)


def _definition(
    section: Section,
    rules: Mapping[str, tuple[conf.Line, ...]],
    names: Mapping[str, str],
    known: QueueDefinition | None,
    material: Material,
) -> QueueDefinition:
    rule = next((rules[line.value] for line in section.lines if line.var == "defaultrule" and line.value in rules), ())
    parsed = conf.parse(section.name, section.lines, rule=rule, names=names)
    if known is None:
        return parsed.definition
    kept: dict[str, Any] = {field: getattr(known, field) for field in _OURS}
    if parsed.definition.wrap_up == bridged(known.wrap_up):
        kept["wrap_up"] = known.wrap_up
    kept["targets"] = msgspec.structs.replace(known.targets, answer_within=parsed.definition.targets.answer_within)
    if resolve(known.members, material.people) == parsed.members:
        kept["members"] = known.members
    return msgspec.structs.replace(parsed.definition, **kept)
