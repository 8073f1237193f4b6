"""Definitions, people and calendars become what is to stand in Asterisk: sections of two files and keys. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

import msgspec

from cxcall.asterisk.provision import astdb
from cxcall.asterisk.provision.material import Material
from cxcall.asterisk.provision.skill_rules import with_skills
from cxcall.queues import conf
from cxcall.queues.definition import QueueDefinition
from cxcall.queues.line import Files, Section, read_files
from cxcall.queues.membership import resolve


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What is to be there: sections of queues_cxcall.conf and of queuerules_cxcall.conf, keys of the database."""

    definitions: tuple[QueueDefinition, ...]
    queues: tuple[Section, ...]
    rules: tuple[Section, ...]
    keys: Mapping[str, str] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """As a version keeps it."""
        return Files(self.queues, self.rules).kept


def merged(
    standing: Iterable[QueueDefinition], changed: Iterable[QueueDefinition], remove: Iterable[str]
) -> tuple[QueueDefinition, ...]:
    """All queues of a server after a change, by name; Asterisk takes names that differ in case for one."""
    found = {one.name.casefold(): one for one in standing}
    found |= {one.name.casefold(): one for one in changed}
    gone = {name.casefold() for name in remove}
    return tuple(one for name, one in sorted(found.items()) if name not in gone)


def target(definitions: tuple[QueueDefinition, ...], material: Material, today: date) -> Target:
    """What these queues come to with the people, calendars and prompts there are now."""
    planned = [
        conf.Planned(definition=one, members=resolve(one.members, material.people) if one.enabled else ())
        for one in definitions
    ]
    files = conf.queue_file(planned, material.sounds), conf.rules_file(definitions)
    return with_keys(definitions, *files, material, today)


def restored(text: str, definitions: tuple[QueueDefinition, ...], material: Material, today: date) -> Target:
    """What a kept version said, with the hours as they are now."""
    kept = read_files(text)
    return with_keys(definitions, kept.queues, kept.rules, material, today)


def with_keys(
    definitions: tuple[QueueDefinition, ...],
    queues: tuple[Section, ...],
    rules: tuple[Section, ...],
    material: Material,
    today: date,
) -> Target:
    """Files with the keys that belong to these queues today, and the queue rules that routing needs of them."""
    keys = astdb.entries(definitions, material.calendars, material.sounds, today)
    both = with_skills(rules, material.routing, definitions, material.people)
    return Target(definitions=definitions, queues=queues, rules=both, keys=_signed(keys))


def shown(definitions: Iterable[QueueDefinition], queues: Iterable[Section]) -> tuple[Section, ...]:
    """The sections with the lines beside the file, for people."""
    beside = {one.name: conf.beside(one) for one in definitions}
    return tuple(Section(one.name, (*one.lines, *beside.get(one.name, ()))) for one in queues)


def _signed(keys: dict[str, str]) -> dict[str, str]:
    digest = hashlib.sha256(msgspec.json.encode(sorted(keys.items()))).hexdigest()[:16]
    return {**keys, astdb.DIGEST: digest}
