"""A queue as lines of queues.conf, and back.

Written and read back, nothing is lost: a definition becomes lines, lines become that definition, and lines cxcall has
no word for stay as they are (`extra`). Only of the wrap-up, which cxcall holds itself, Asterisk has no more than its
first seconds.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

import msgspec

from cxcall.queues.definition import Announcements, MemberChoice, QueueDefinition, Targets
from cxcall.queues.line import Line, Section, file_text
from cxcall.queues.membership import Member, clean_name
from cxcall.queues.rules import rule_lines, rule_name, rule_steps
from cxcall.queues.settings import BY_NAME, FIXED, SETTINGS, Setting, value_of, with_value

__all__ = [
    "Line",
    "Parsed",
    "Planned",
    "Section",
    "beside",
    "file_text",
    "lines",
    "member",
    "member_line",
    "parse",
    "queue_file",
    "rule_lines",
    "rule_name",
    "rules_file",
]

_BREAK = re.compile(r"[\x00-\x1f\x7f]+")
"""What would end a line: checks refuse it, and whatever comes past them is written without."""
_RULE = "defaultrule"
_MEMBER = "member"
_PERIODIC = "announcements.periodic"
_PERIODIC_EVERY = "announcements.periodic_every"
_UNSET = QueueDefinition(
    name="",
    strategy="ringall",
    retry=5,
    autofill=False,
    ring_busy=True,
    announcements=Announcements(place="yes", wait="yes", first_at=False, periodic_every=0),
    targets=Targets(),
)
"""What Asterisk takes where a queue says nothing."""


class Planned(msgspec.Struct, frozen=True, kw_only=True):
    """A queue with its members as they are resolved."""

    definition: QueueDefinition
    members: tuple[Member, ...] = ()


class Parsed(msgspec.Struct, frozen=True, kw_only=True):
    """A queue as read: its members are in `members` and, as phones, in the definition; `unknown` is its `extra`."""

    definition: QueueDefinition
    members: tuple[Member, ...]
    unknown: tuple[Line, ...]


def lines(definition: QueueDefinition, members: Iterable[Member], sounds: Mapping[str, str] = {}) -> tuple[Line, ...]:
    """All lines of the queue. `sounds`: what Asterisk plays for a prompt; one not in it is written as it is."""
    written = (
        *_settings(definition, sounds),
        Line(_RULE, rule_name(definition)),
        *(Line(var, value) for var, value in FIXED.items()),
        *(Line(var, value) for var, value in definition.extra),
        *(member_line(member) for member in members),
    )
    return tuple(Line(line.var, _BREAK.sub(" ", line.value).strip()) for line in written)


def parse(
    name: str,
    lines: Iterable[Line],
    *,
    rule: Iterable[Line] = (),
    names: Mapping[str, str] = {},
    general: Iterable[Line] = (),
) -> Parsed:
    """The queue that lines describe. `rule`: its penalty rule's lines. `names`: our prompt for what Asterisk plays.

    `general`: the file's [general] section, for what queues take from it. Fields Asterisk's files don't know (title,
    numbers, hours, destinations) have their defaults.
    """
    steps = rule_steps(rule)
    definition = msgspec.structs.replace(_start(general), name=name, rule=steps)
    members: list[Member] = []
    unknown: list[Line] = []
    for line in lines:
        if line.var == _MEMBER and (found := member(line.value)):
            members.append(found)
        elif (setting := BY_NAME.get(line.var)) and (read := _read(definition, setting, line.value, names)):
            definition = read
        elif FIXED.get(line.var) != line.value and not (line.var == _RULE and (steps or not line.value)):
            unknown.append(line)
    definition = msgspec.structs.replace(
        definition,
        members=tuple(_choice(member) for member in members),
        extra=tuple((line.var, line.value) for line in unknown),
    )
    return Parsed(definition=_canonical(definition), members=tuple(members), unknown=tuple(unknown))


def member_line(member: Member) -> Line:
    """A member's line: interface, penalty, name, whose state counts; empty fields at the end are left out."""
    fields = [member.interface, str(member.penalty), clean_name(member.name), member.state_interface]
    while len(fields) > 2 and not fields[-1]:
        fields.pop()
    return Line(_MEMBER, ",".join(fields))


def member(value: str) -> Member | None:
    """The member in the value of a line, None for one with settings of its own (ringinuse, wrap-up, paused)."""
    interface, penalty, name, state, *more = [*(field.strip() for field in value.split(",")), "", "", ""]
    if not interface or any(more) or (penalty and not penalty.lstrip("-").isdecimal()):
        return None
    return Member(interface=interface, penalty=max(int(penalty or 0), 0), name=name, state_interface=state)


def queue_file(planned: Iterable[Planned], sounds: Mapping[str, str] = {}) -> tuple[Section, ...]:
    """The sections of cxcall's file of queues, by name; queues that are switched off are not in it."""
    enabled = sorted((each for each in planned if each.definition.enabled), key=lambda each: each.definition.name)
    return tuple(Section(each.definition.name, lines(each.definition, each.members, sounds)) for each in enabled)


def rules_file(definitions: Iterable[QueueDefinition]) -> tuple[Section, ...]:
    """The sections of cxcall's file of penalty rules, by name."""
    ruled = (definition for definition in definitions if definition.enabled and definition.rule)
    return tuple(sorted((Section(rule_name(each), rule_lines(each)) for each in ruled), key=lambda each: each.name))


def beside(definition: QueueDefinition) -> tuple[Line, ...]:
    """What is not in queues.conf but in Asterisk's database, or held by cxcall, as lines to show what changes."""
    then, closed = definition.then, definition.when_closed
    return (
        *(Line("number", number) for number in definition.numbers),
        Line("wrap-up", str(definition.wrap_up)),
        Line("wait", str(definition.longest_wait)),
        Line("then", f"{then.kind} {then.value}".strip()),
        Line("hours", definition.calendar),
        Line("closed", f"{closed.kind} {closed.value}".strip()),
    )


def _settings(definition: QueueDefinition, sounds: Mapping[str, str]) -> Iterator[Line]:
    for setting in SETTINGS:
        value = value_of(definition, setting.field)
        if setting.field == _PERIODIC:
            if value:
                yield Line(setting.var, setting.write(tuple(sounds.get(prompt, prompt) for prompt in value)))
        elif setting.field == _PERIODIC_EVERY:
            yield Line(setting.var, str(value) if definition.announcements.periodic else "0")
        else:
            yield Line(setting.var, setting.write(sounds.get(value, value) if setting.sound else value))


def _read(
    definition: QueueDefinition, setting: Setting, value: str, names: Mapping[str, str]
) -> QueueDefinition | None:
    try:
        meant = setting.read(value.strip())
    except ValueError:
        return None
    if setting.field == _PERIODIC:
        meant = tuple(names.get(sound, sound) for sound in meant)
    elif setting.sound:
        meant = names.get(meant, meant)
    return with_value(definition, setting.field, meant)


def _start(general: Iterable[Line]) -> QueueDefinition:
    """Asterisk's own defaults; of [general] only autofill is one."""
    autofill = next((line.value for line in general if line.var == "autofill"), "no")
    return with_value(_UNSET, "autofill", BY_NAME["autofill"].read(autofill))


def _canonical(definition: QueueDefinition) -> QueueDefinition:
    """Without periodic prompts (or when they never come) there is nothing to repeat: the field has its default."""
    told = definition.announcements
    if told.periodic and told.periodic_every:
        return definition
    quiet = msgspec.structs.replace(told, periodic=(), periodic_every=Announcements().periodic_every)
    return msgspec.structs.replace(definition, announcements=quiet)


def _choice(member: Member) -> MemberChoice:
    return MemberChoice(
        kind="interface",
        value=member.interface,
        penalty=member.penalty,
        name=member.name,
        state_interface=member.state_interface,
    )
