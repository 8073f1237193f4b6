"""Numbers out of their range, and settings that work against each other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from cxcall.problem import Problem
from cxcall.queues.definition import Announcements, QueueDefinition
from cxcall.queues.problems import problem
from cxcall.queues.settings import value_of

RANGES: Mapping[str, tuple[int, int]] = {
    "ring": (1, 300),
    "retry": (1, 300),  # Asterisk takes 5 for 0
    "wrap_up": (0, 3600),
    "weight": (0, 1000),
    "most_callers": (0, 10_000),
    "member_delay": (0, 60),
    "auto_pause_after": (0, 86_400),
    "longest_wait": (0, 86_400),
    "announcements.place_limit": (1, 100),
    "announcements.every": (0, 3600),
    "announcements.least_every": (0, 3600),
    "announcements.periodic_every": (1, 3600),
    "targets.answer_within": (1, 3600),
    "targets.answer_share": (1, 100),
    "targets.abandon_share": (0, 100),
    "targets.short_abandon": (0, 3600),
    "targets.longest_wait": (1, 86_400),
    "targets.most_waiting": (1, 10_000),
}
"""Lowest and highest value by field; pages limit their inputs by it."""

ROUNDS = (0, 5, 10, 15, 20, 30)
"""What Asterisk rounds seconds to."""
OFTEN = 15
"""Announcements that come more often than every so many seconds leave callers little else to hear."""


def of_values(definition: QueueDefinition) -> Iterator[Problem]:
    """Problems of single values, and of values that don't fit together."""
    for field, (low, high) in RANGES.items():
        if not low <= value_of(definition, field) <= high:
            yield problem("out_of_range", field, low=low, high=high)
    for n, (var, value) in enumerate(definition.extra):
        if not var.strip() or any(mark in var + value for mark in "\r\n") or set(var) & set("=;[]"):
            yield problem("line_form", f"extra.{n}", line=f"{var} = {value}")
    yield from _texts(definition)
    yield from _hidden(definition)
    yield from _waiting(definition)
    yield from _told(definition.announcements)


def _texts(definition: QueueDefinition) -> Iterator[Problem]:
    """Texts that would begin another line of the file, or another field of the message that writes it."""
    told = definition.announcements
    texts = {
        "music": definition.music,
        "exit_context": definition.exit_context,
        "calendar": definition.calendar,
        "announcements.to_agent": told.to_agent,
        "then.value": definition.then.value,
        "when_closed.value": definition.when_closed.value,
        **{f"announcements.periodic.{n}": prompt for n, prompt in enumerate(told.periodic)},
        **{f"members.{n}": choice.value + choice.state_interface for n, choice in enumerate(definition.members)},
    }
    for field, text in texts.items():
        if any(ord(mark) < 32 or ord(mark) == 127 for mark in text):
            yield problem("text_form", field)


def _hidden(definition: QueueDefinition) -> Iterator[Problem]:
    """States that count as nobody being there although somebody soon will be."""
    for field in ("join_empty", "leave_empty"):
        states = value_of(definition, field) or ()
        if definition.wrap_up and not {"wrapup", "paused"}.isdisjoint(states):  # wrap-up is a pause
            yield problem("wrap_up_hides", field)
        if "inuse" in states:
            yield problem("calls_hide", field)


def _waiting(definition: QueueDefinition) -> Iterator[Problem]:
    wait = definition.longest_wait
    if not wait:
        if not definition.leave_empty:
            yield problem("waits_for_good", "longest_wait")
        return
    if wait < definition.ring:
        yield problem("wait_shorter_than_ring", "longest_wait", wait=wait, ring=definition.ring)
    if definition.then.kind == "hangup":
        yield problem("hangs_up", "then", wait=wait)


def _told(told: Announcements) -> Iterator[Problem]:
    says = told.place != "no" or told.wait != "no"
    if told.round_seconds not in ROUNDS:
        yield problem("round_seconds", "announcements.round_seconds")
    if says and not told.every:
        yield problem("never_told", "announcements.every")
    elif told.every and not says:
        yield problem("tells_nothing", "announcements.every", every=told.every)
    elif 0 < told.every < told.least_every:
        yield problem("announced_less_often", "announcements.every", least=told.least_every, every=told.every)
    elif 0 < told.every < OFTEN:
        yield problem("announced_too_often", "announcements.every", every=told.every)
    if told.periodic and 0 < told.periodic_every < OFTEN:
        yield problem("periodic_too_often", "announcements.periodic_every", every=told.periodic_every)
