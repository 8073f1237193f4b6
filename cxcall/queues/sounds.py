"""Sounds a queue names: prompts of cxcall, and Asterisk's own."""

from __future__ import annotations

from collections.abc import Iterator

from cxcall.problem import Problem
from cxcall.queues.facts import Facts
from cxcall.queues.problems import problem

OF_ASTERISK = frozenset(
    f"queue-{name}"
    for name in (
        "callswaiting", "holdtime", "less-than", "minute", "minutes", "periodic-announce", "quantity1", "quantity2",
        "reporthold", "seconds", "thankyou", "thereare", "youarenext",
    )
) | {"beep", "beeperr"}  # fmt: skip
"""What app_queue itself plays, by its documentation; every Asterisk with its core sounds has them."""


def is_elsewhere(sound: str) -> bool:
    """Whether Asterisk finds it without cxcall: a sound of its own, a path below its sounds (custom/…), an address."""
    return sound in OF_ASTERISK or "/" in sound


def of_sound(field: str, sound: str, facts: Facts) -> Iterator[Problem]:
    """What is wrong with a sound that callers or agents are to hear."""
    if is_elsewhere(sound) or facts.prompts is None:
        return
    if sound not in facts.prompts:
        yield problem("unknown_prompt", field, prompt=sound)
    elif sound in facts.silent:
        yield problem("silent_prompt", field, prompt=sound)
