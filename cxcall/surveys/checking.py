"""What is wrong with a script, before a caller finds out: the problems the editor shows in their place."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from itertools import chain

from cxcall.surveys.flow import Flow, Way, ways
from cxcall.surveys.part_checks import TELEPHONE, of_part
from cxcall.surveys.problems import Problem, problem
from cxcall.surveys.script import END, Comment, HandOver, Part, Question, Say, Script, Thank

__all__ = ["Problem", "can_publish", "problems"]

Prompts = Mapping[str, Collection[str]]
"""Ids of prompts and the languages they can be heard in."""


def problems(script: Script, prompts: Prompts) -> list[Problem]:
    """All problems, the survey's own first, then in the order of the cards."""
    if not script.parts:
        return [problem("no_parts", "", "parts"), *_languages(script)]
    flow = Flow(script)
    found = chain(_languages(script), _ids(script), _opt_out(script, prompts), _asks(script))
    parts = chain.from_iterable(_part(script, flow, prompts, part) for part in script.parts)
    return [*found, *parts]


def can_publish(found: Collection[Problem]) -> bool:
    """Whether none of the problems is an error."""
    return all(one.severity != "error" for one in found)


def _languages(script: Script) -> Iterator[Problem]:
    if not script.languages:
        yield problem("no_language", "", "languages")
    for n, language in enumerate(script.languages):
        if language in script.languages[:n]:
            yield problem("language_twice", "", "languages", language=language)


def _ids(script: Script) -> Iterator[Problem]:
    ids = [part.id for part in script.parts]
    for n, part_id in enumerate(ids):
        if not part_id:
            yield problem("no_id", "", f"parts.{n}.id")
        elif part_id == END:
            yield problem("reserved_id", part_id, "id", id=part_id)
        elif part_id in ids[:n]:
            yield problem("same_id", part_id, "id", id=part_id)


def _opt_out(script: Script, prompts: Prompts) -> Iterator[Problem]:
    key = script.opt_out_key
    if key and key not in TELEPHONE:
        yield problem("opt_out_not_a_key", "", "opt_out_key", key=key)
    if key and not script.opt_out_prompt and any(isinstance(part, Question) for part in script.parts):
        yield problem("no_opt_out_prompt", "", "opt_out_prompt")
    yield from _heard(script, prompts, "", "opt_out_prompt", script.opt_out_prompt)


def _asks(script: Script) -> Iterator[Problem]:
    if not any(isinstance(part, Question | Comment) for part in script.parts):
        yield problem("nothing_asked", "", "parts")


def _part(script: Script, flow: Flow, prompts: Prompts, part: Part) -> Iterator[Problem]:
    yield from _ways(script, flow, part)
    yield from _prompts(script, prompts, part)
    yield from of_part(script, flow, part)


def _ways(script: Script, flow: Flow, part: Part) -> Iterator[Problem]:
    if part.id not in flow.reached:
        yield problem("unreachable", part.id, "id")
    if part.id in flow.rings:
        yield problem("endless", part.id, "next")
    for way in ways(script, part):
        if way.to != END and way.to not in flow.parts:
            yield problem("unknown_next", part.id, way.field, id=way.to)
        elif _ends_by_itself(script, part, way):
            yield problem("no_thanks", part.id, way.field)


def _ends_by_itself(script: Script, part: Part, way: Way) -> bool:
    """Whether nobody chose this end: the card is the last one and does not thank."""
    return way.to == END and way.field == "next" and part is script.parts[-1] and getattr(part, "next", END) is None


def _prompts(script: Script, prompts: Prompts, part: Part) -> Iterator[Problem]:
    if isinstance(part, Say | Question | Comment | Thank | HandOver):
        if not part.prompt:
            yield problem("no_prompt", part.id, "prompt")
        yield from _heard(script, prompts, part.id, "prompt", part.prompt)
    if isinstance(part, Question):
        yield from _heard(script, prompts, part.id, "wrong_key_prompt", part.wrong_key_prompt)
        yield from _heard(script, prompts, part.id, "no_input_prompt", part.no_input_prompt)


def _heard(script: Script, prompts: Prompts, part: str, field: str, prompt: str) -> Iterator[Problem]:
    """Problems of one prompt: it must be there in each language of the survey."""
    if not prompt:
        return
    if prompt not in prompts:
        yield problem("unknown_prompt", part, field, prompt=prompt)
        return
    for language in script.languages:
        if language not in prompts[prompt]:
            yield problem("silent_prompt", part, field, language=language)
