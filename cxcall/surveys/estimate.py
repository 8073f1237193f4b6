"""How long a survey takes, in seconds: what the editor shows, from the length of its prompts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from cxcall.surveys.flow import ways
from cxcall.surveys.script import Branch, Comment, HandOver, Part, Question, Say, Script, Thank

QUICK = 1.0
"""Seconds a quick caller takes to press a key once the prompt is over."""
THINKING = 2.5
"""Seconds a caller usually takes to press a key."""
SPOKEN = 15.0
"""Seconds of a usual comment, if the part allows as many."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """Seconds of a caller who hears it through: by the shortest way, by the way of the cards, and at the very most.

    Shortest: every prompt heard, keys pressed at once, no comment. Usual: the way the cards' own `next` gives (no
    key's way, no branch's case), with time to think and comments of SPOKEN seconds. Longest: all tries used up by
    silence or wrong keys, comments up to their limit.
    """

    shortest: float
    usual: float
    longest: float


def seconds(script: Script, prompt_seconds: Mapping[str, float]) -> Estimate:
    """The estimate, from the length of each prompt: one that is not known takes no time, a ring is passed once."""
    costs = {part.id: _cost(part, prompt_seconds) for part in script.parts}
    first = script.parts[0].id if script.parts else ""
    return Estimate(
        shortest=-_longest(script, {part: -cost.shortest for part, cost in costs.items()}, first),
        usual=_usual(script, costs, first),
        longest=_longest(script, {part: cost.longest for part, cost in costs.items()}, first),
    )


def _longest(script: Script, costs: Mapping[str, float], first: str) -> float:
    """Sum of costs along the dearest way; way and sum of each part are worked out once, rings are cut."""
    known: dict[str, float] = {}
    entered: set[str] = set()

    def of(part_id: str) -> float:
        part = script.part(part_id)
        if part is None or (part_id in entered and part_id not in known):
            return 0.0
        if part_id not in known:
            entered.add(part_id)
            known[part_id] = costs[part_id] + max((of(way.to) for way in ways(script, part)), default=0.0)
        return known[part_id]

    return of(first)


def _usual(script: Script, costs: Mapping[str, Estimate], first: str) -> float:
    total, target, seen = 0.0, first, set[str]()
    while (part := script.part(target)) is not None and target not in seen:
        seen.add(target)
        total += costs[target].usual
        target = script.goes_on(part)
    return total


def _cost(part: Part, prompts: Mapping[str, float]) -> Estimate:
    match part:
        case Branch():
            return Estimate(shortest=0.0, usual=0.0, longest=0.0)
        case Question():
            return _question(part, prompts)
        case Comment():
            heard, beep = prompts.get(part.prompt, 0.0), 0.5 if part.beep else 0.0
            usual = min(SPOKEN, part.seconds)
            return Estimate(
                shortest=heard + beep + QUICK, usual=heard + beep + usual, longest=heard + beep + part.seconds
            )
        case Say() | Thank() | HandOver():
            heard = prompts.get(part.prompt, 0.0)
            return Estimate(shortest=heard, usual=heard, longest=heard)


def _question(question: Question, prompts: Mapping[str, float]) -> Estimate:
    heard = prompts.get(question.prompt, 0.0)
    pause = question.pause if question.kind == "nps" else 0.0
    again = max(prompts.get(question.no_input_prompt, 0.0), prompts.get(question.wrong_key_prompt, 0.0))
    retries = max(question.retries, 0)
    longest = (heard + question.seconds + pause) * (retries + 1) + again * retries
    return Estimate(shortest=heard + QUICK, usual=heard + THINKING + pause, longest=longest)
