"""The queue editor's form: a definition as the text of its fields, and the definition that a sent form describes.

One form holds the whole queue, so that it works without scripts. Fields are named as in the definition
(`announcements.every`, `members.0.penalty`). What can't be read is told by field; the rest is taken.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar, get_args

import msgspec

from cxcall.queues.definition import (
    Announcements,
    AutoPause,
    Destination,
    MemberChoice,
    PenaltyStep,
    PlaceTold,
    Presence,
    QueueDefinition,
    QueueLook,
    Strategy,
    Targets,
    Told,
)
from cxcall.web.digits import typed
from cxcall.web.pages.queues.words import BEST_SKILL, COLOURS, NAME_RESERVED, NAME_WRONG
from cxcall.web.words import N_

Written = Mapping[str, str]
C = TypeVar("C", bound=str)

LANGUAGES = ("fa", "en")
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{1,78}", re.ASCII)
NUMBER = re.compile(r"[0-9*#+]{1,20}", re.ASCII)
INTERFACE = re.compile(r"[A-Za-z0-9]{2,20}/[^\s,;&|\[\]]{1,120}", re.ASCII)
CONTEXT = re.compile(r"[A-Za-z0-9_.-]{0,79}", re.ASCII)
KINDS: tuple[Literal["agent", "team", "skill", "interface"], ...] = ("agent", "team", "skill", "interface")

NOT_A_NUMBER = N_("Write a whole number.")
BETWEEN = N_("Write a number from {least} to {most}.")
NUMBERS_WRONG = N_("Numbers are digits, * and #, with a comma between them.")
NUMBER_WRONG = N_("Write the number: digits, * and #.")
CONTEXT_WRONG = N_("A context has letters, digits, - and _.")
RESERVED = frozenset({"general", "default"})
"""Sections of queues.conf that are no queues, and Asterisk's word for "as usual"."""


@dataclass(slots=True)
class Reading:
    """A form being read: its texts, and the problems found by field, each a sentence and its values."""

    written: Written
    errors: dict[str, tuple[str, dict[str, str]]] = field(default_factory=dict)

    def text(self, name: str, most: int = 200) -> str:
        return " ".join(self.written.get(name, "").replace("\0", "").split())[:most]

    def plain(self, name: str) -> str:
        return typed(self.text(name))

    def flag(self, name: str) -> bool:
        return name in self.written

    def whole(self, name: str, before: int, least: int = 0, most: int = 86_400) -> int:
        """The number of a field; `before` when it holds none, which is told."""
        said = self.plain(name)
        if not (said.isascii() and said.isdecimal() and len(said) < 8):
            self.errors[name] = (NOT_A_NUMBER, {})
            return before
        if not least <= int(said) <= most:
            self.errors[name] = (BETWEEN, {"least": str(least), "most": str(most)})
            return before
        return int(said)

    def maybe(self, name: str, before: int | None, most: int) -> int | None:
        return self.whole(name, before or 0, 0, most) if self.plain(name) else None

    def share(self, name: str, before: float) -> float:
        said = self.plain(name).replace("٫", ".").replace("٪", "").replace("%", "")
        try:
            value = float(said)
        except ValueError:
            value = -1.0
        if not 0 <= value <= 100:
            self.errors[name] = (BETWEEN, {"least": "0", "most": "100"})
            return before
        return value

    def one_of(self, name: str, choices: Iterable[C], before: C) -> C:
        said = self.written.get(name)
        return next((choice for choice in choices if choice == said), before)

    def rows(self, name: str) -> list[str]:
        """Prefixes of the rows of a list, in order: members.0, members.1…"""
        numbers = {key.split(".")[1] for key in self.written if key.startswith(name + ".") and key.count(".") >= 2}
        return [f"{name}.{n}" for n in sorted((n for n in numbers if n.isascii() and n.isdecimal()), key=int)]


def read(before: QueueDefinition, written: Written) -> tuple[QueueDefinition, dict[str, tuple[str, dict[str, str]]]]:
    """The definition a form describes, and what could not be read by field; there the value of `before` stays."""
    if "shape" not in written:  # an act without the fields
        return before, {}
    reading = Reading(written)
    members, strategy = _members(reading), reading.written.get("strategy", before.strategy)
    if strategy == BEST_SKILL:
        members = tuple(msgspec.structs.replace(one, by_level=True) if one.kind == "skill" else one for one in members)
        strategy = "leastrecent"
    changed = msgspec.structs.replace(
        before,
        members=members,
        strategy=next((known for known in get_args(Strategy) if known == strategy), before.strategy),
        **_named(reading, before),
        **_ringing(reading, before),
        announcements=_announcements(reading, before.announcements),
        rule=_rule(reading),
        then=destination(reading, "then"),
        when_closed=destination(reading, "when_closed"),
        targets=targets(reading, before.targets),
    )
    return changed, reading.errors


def read_look(before: QueueLook, written: Written) -> tuple[QueueLook, dict[str, tuple[str, dict[str, str]]]]:
    """What a form says about a queue of somebody else's."""
    reading = Reading(written)
    look = msgspec.structs.replace(
        before,
        title=_texts(reading, "title"),
        colour=reading.one_of("colour", COLOURS, before.colour),
        hidden=reading.flag("hidden"),
        wrap_up=reading.whole("wrap_up", before.wrap_up, 0, 3600),
        missed=reading.whole("missed", before.missed, 0, 99),
        targets=targets(reading, before.targets),
    )
    return look, reading.errors


def _named(reading: Reading, before: QueueDefinition) -> dict[str, Any]:
    said = reading.plain("numbers").replace("،", ",").replace(" ", ",")
    numbers = tuple(dict.fromkeys(part for part in said.split(",") if part))
    if not all(NUMBER.fullmatch(number) for number in numbers):
        reading.errors["numbers"] = (NUMBERS_WRONG, {})
        numbers = before.numbers
    return {
        "title": _texts(reading, "title"),
        "numbers": numbers,
        "colour": reading.one_of("colour", COLOURS, before.colour),
        "enabled": reading.flag("enabled"),
    }


def _texts(reading: Reading, name: str) -> dict[str, str]:
    return {code: said for code in LANGUAGES if (said := reading.text(f"{name}.{code}", 100))}


def _ringing(reading: Reading, before: QueueDefinition) -> dict[str, Any]:
    context = reading.plain("exit_context")
    if not CONTEXT.fullmatch(context):
        reading.errors["exit_context"] = (CONTEXT_WRONG, {})
        context = before.exit_context

    def whole(name: str, least: int, most: int) -> int:
        return reading.whole(name, getattr(before, name), least, most)

    return {
        "ring": whole("ring", 1, 600),
        "retry": whole("retry", 1, 600),
        "wrap_up": whole("wrap_up", 0, 3600),
        "weight": whole("weight", 0, 1000),
        "most_callers": whole("most_callers", 0, 10_000),
        "member_delay": whole("member_delay", 0, 60),
        "auto_pause_after": whole("auto_pause_after", 0, 600),
        "longest_wait": whole("longest_wait", 0, 86_400),
        "join_empty": _presence(reading, "join_empty"),
        "leave_empty": _presence(reading, "leave_empty"),
        "music": reading.text("music", 80) or before.music,
        "autofill": reading.flag("autofill"),
        "ring_busy": reading.flag("ring_busy"),
        "restart_ring": reading.flag("restart_ring"),
        "auto_pause": reading.one_of("auto_pause", get_args(AutoPause), before.auto_pause),
        "auto_pause_busy": reading.flag("auto_pause_busy"),
        "auto_pause_unavailable": reading.flag("auto_pause_unavailable"),
        "calendar": reading.text("calendar", 80),
        "exit_context": context,
    }


def _presence(reading: Reading, name: str) -> tuple[Presence, ...] | None:
    """None: callers may always; else the states that are nobody."""
    if reading.written.get(name) != "some":
        return None
    return tuple(state for state in get_args(Presence) if reading.flag(f"{name}.{state}"))


def _announcements(reading: Reading, before: Announcements) -> Announcements:
    at = "announcements."
    periodic = [reading.text(row + ".prompt") for row in reading.rows("periodic")]
    return msgspec.structs.replace(
        before,
        place=reading.one_of(at + "place", get_args(PlaceTold), before.place),
        place_limit=reading.whole(at + "place_limit", before.place_limit, 1, 100),
        wait=reading.one_of(at + "wait", get_args(Told), before.wait),
        round_seconds=reading.whole(at + "round_seconds", before.round_seconds, 0, 60),
        every=reading.whole(at + "every", before.every, 0, 3600),
        least_every=reading.whole(at + "least_every", before.least_every, 0, 3600),
        first_at=reading.flag(at + "first_at"),
        periodic=tuple(prompt for prompt in periodic if prompt),
        periodic_every=reading.whole(at + "periodic_every", before.periodic_every, 0, 3600),
        to_agent=reading.text(at + "to_agent"),
        wait_to_agent=reading.flag(at + "wait_to_agent"),
    )


def destination(reading: Reading, name: str) -> Destination:
    """`queue:billing`, `prompt:closed`, `voicemail`, `hangup`; `number` with its own field."""
    kind, _, value = reading.written.get(name, "").partition(":")
    if kind == "number":
        number = reading.plain(name + ".number")
        if not NUMBER.fullmatch(number):
            reading.errors[name + ".number"] = (NUMBER_WRONG, {})
        return Destination(kind="number", value=number if NUMBER.fullmatch(number) else "")
    if kind == "queue" and NAME.fullmatch(value):
        return Destination(kind="queue", value=value)
    if kind == "prompt" and value:
        return Destination(kind="prompt", value=value[:200])
    if kind == "voicemail":
        return Destination(kind="voicemail", value=value[:80])
    return Destination()


def targets(reading: Reading, before: Targets) -> Targets:
    at = "targets."
    return msgspec.structs.replace(
        before,
        answer_within=reading.whole(at + "answer_within", before.answer_within, 1, 3600),
        answer_share=reading.share(at + "answer_share", before.answer_share),
        abandon_share=reading.share(at + "abandon_share", before.abandon_share),
        short_abandon=reading.whole(at + "short_abandon", before.short_abandon, 0, 60),
        longest_wait=reading.whole(at + "longest_wait", before.longest_wait, 0, 86_400),
        most_waiting=reading.whole(at + "most_waiting", before.most_waiting, 0, 10_000),
        csat=reading.share(at + "csat", before.csat or 0) if reading.plain(at + "csat") else None,
    )


def _members(reading: Reading) -> tuple[MemberChoice, ...]:
    found = [_member(reading, row) for row in reading.rows("members")]
    return tuple(one for one in found if one is not None)


def _member(reading: Reading, row: str) -> MemberChoice | None:
    kind = next((known for known in KINDS if known == reading.written.get(row + ".kind")), None)
    value = reading.text(row + ".value")
    if kind is None or not value:
        return None
    return MemberChoice(
        kind=kind,
        value=value,
        penalty=reading.whole(row + ".penalty", 0, 0, 1000),
        level=reading.whole(row + ".level", 1, 1, 5) if kind == "skill" else 1,
        by_level=kind == "skill" and reading.flag(row + ".by_level"),
        name=reading.text(row + ".name", 80) if kind == "interface" else "",
        state_interface=reading.text(row + ".state_interface", 140) if kind == "interface" else "",
    )


def _rule(reading: Reading) -> tuple[PenaltyStep, ...]:
    steps = [
        PenaltyStep(
            after=reading.whole(row + ".after", 0, 0, 3600),
            most=reading.maybe(row + ".most", None, 1000),
            least=reading.maybe(row + ".least", None, 1000),
        )
        for row in reading.rows("rule")
    ]
    return tuple(steps)


def name_problem(name: str) -> str:
    """Why a queue can't be called `name`; "" when it can."""
    if not NAME.fullmatch(name):
        return NAME_WRONG
    return NAME_RESERVED if name.casefold() in RESERVED else ""
