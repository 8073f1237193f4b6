"""Problems within one part: keys, measures, limits, conditions, where a caller is sent."""

from __future__ import annotations

import re
from collections.abc import Iterator

from cxcall.surveys.answering import DIGITS, MOST
from cxcall.surveys.flow import Flow
from cxcall.surveys.problems import Problem, problem
from cxcall.surveys.score import SCALES
from cxcall.surveys.script import Branch, Comment, Condition, HandOver, Key, Part, Question, Script

TELEPHONE = frozenset(DIGITS) | {"*", "#"}
"""The keys of a telephone."""
WAIT = (1.0, 30.0)
PAUSE = (0.5, 10.0)
RETRIES = (0, 5)
COMMENT = (5, 300)
SILENCE = (1, 10)
NUMBER = re.compile(r"\+?[0-9*#]{1,32}")


def of_part(script: Script, flow: Flow, part: Part) -> Iterator[Problem]:
    """Problems of a part that its neighbours have no share in, and of a branch's conditions."""
    match part:
        case Question():
            yield from _keys(part)
            yield from _leaving_keys(script, part)
            yield from _measure(flow, part)
            yield from _limits(part)
            if not any(part.title.values()):
                yield problem("no_title", part.id, "title")
        case Comment():
            yield from _comment(part)
        case Branch():
            yield from _branch(script, flow, part)
        case HandOver():
            yield from _hand_over(part)


def _keys(question: Question) -> Iterator[Problem]:
    if not question.keys and question.kind != "nps":
        yield problem("no_keys", question.id, "keys")
    keys = [key.key for key in question.keys]
    for n, key in enumerate(keys):
        field = f"keys.{n}.key"
        if question.kind == "nps" and key not in map(str, range(MOST + 1)):
            yield problem("not_a_number", question.id, field, key=key)
        elif question.kind != "nps" and key not in TELEPHONE:
            yield problem("not_a_key", question.id, field, key=key)
        elif key in keys[:n]:
            yield problem("same_key", question.id, field, key=key)


def _leaving_keys(script: Script, question: Question) -> Iterator[Problem]:
    """The key that skips and the one that declines further surveys must not be answers."""
    skip, opt_out = question.skip_key, script.opt_out_key
    answers = set(DIGITS) if question.kind == "nps" else {key.key for key in question.keys}
    if skip and skip not in TELEPHONE:
        yield problem("not_a_key", question.id, "skip_key", key=skip)
    elif skip and skip in answers:
        yield problem("skip_answers", question.id, "skip_key", key=skip)
    elif skip and skip == opt_out:
        yield problem("opt_out_skips", question.id, "skip_key", key=skip)
    if opt_out in answers and question.kind not in ("nps", "nps_key"):  # those need all ten digits
        n = next(n for n, key in enumerate(question.keys) if key.key == opt_out)
        yield problem("opt_out_answers", question.id, f"keys.{n}.key", key=opt_out)


def _measure(flow: Flow, question: Question) -> Iterator[Problem]:
    by_number = question.kind in ("nps", "nps_key")
    if by_number and question.measure != "nps":
        yield problem("nps_without_measure", question.id, "measure")
    elif question.measure == "nps" and not by_number:
        yield problem("nps_by_other_kind", question.id, "kind")
    if question.measure is None:
        return
    for n, key in enumerate(question.keys):
        yield from _value(question, n, key)
    for part_id, part in flow.parts.items():
        same = isinstance(part, Question) and part.measure == question.measure and part_id != question.id
        if same and question.id in flow.after(part_id):
            yield problem("same_measure", question.id, "measure", part=part_id)


def _value(question: Question, n: int, key: Key) -> Iterator[Problem]:
    if question.measure is None:
        return
    low, high = SCALES[question.measure]
    if key.value is None and question.kind != "nps":  # there a number counts what it is
        yield problem("counts_nothing", question.id, f"keys.{n}.value", key=key.key)
    elif key.value is not None and not low <= key.value <= high:
        field = f"keys.{n}.value"
        yield problem("off_the_scale", question.id, field, key=key.key, value=key.value, low=low, high=high)


def _limits(question: Question) -> Iterator[Problem]:
    yield from _range("wait_out_of_range", question.id, "seconds", question.seconds, WAIT)
    yield from _range("retries_out_of_range", question.id, "retries", question.retries, RETRIES)
    if question.kind == "nps":
        yield from _range("pause_out_of_range", question.id, "pause", question.pause, PAUSE)


def _comment(comment: Comment) -> Iterator[Problem]:
    yield from _range("comment_out_of_range", comment.id, "seconds", comment.seconds, COMMENT)
    yield from _range("silence_out_of_range", comment.id, "silence", comment.silence, SILENCE)
    if COMMENT[0] <= comment.seconds <= comment.silence <= SILENCE[1]:
        yield problem("silence_too_long", comment.id, "silence")
    if not any(comment.title.values()):
        yield problem("no_title", comment.id, "title")


def _range(code: str, part: str, field: str, value: float, limits: tuple[float, float]) -> Iterator[Problem]:
    low, high = limits
    if not low <= value <= high:
        yield problem(code, part, field, low=low, high=high)


def _branch(script: Script, flow: Flow, branch: Branch) -> Iterator[Problem]:
    if not branch.cases:
        yield problem("no_cases", branch.id, "cases")
    for n, case in enumerate(branch.cases):
        field = f"cases.{n}.when"
        if case.when.of == "answer":
            yield from _by_answer(flow, branch, field, case.when)
        else:
            yield from _by_fact(script, branch, field, case.when)


def _by_fact(script: Script, branch: Branch, field: str, when: Condition) -> Iterator[Problem]:
    if not when.one_of:
        yield problem("compares_nothing", branch.id, f"{field}.one_of")
    for language in when.one_of if when.of == "language" else ():
        if language not in script.languages:
            yield problem("unknown_language", branch.id, f"{field}.one_of", language=language)


def _by_answer(flow: Flow, branch: Branch, field: str, when: Condition) -> Iterator[Problem]:
    asked = flow.parts.get(when.part)
    if asked is None:
        yield problem("unknown_question", branch.id, f"{field}.part")
    elif not isinstance(asked, Question):
        yield problem("not_a_question", branch.id, f"{field}.part", part=when.part)
    elif branch.id not in flow.after(when.part):
        yield problem("asked_later", branch.id, f"{field}.part", part=when.part)
    else:
        yield from _comparison(asked, branch, field, when)


def _comparison(asked: Question, branch: Branch, field: str, when: Condition) -> Iterator[Problem]:
    low, high = when.at_least, when.at_most
    if low is not None and high is not None and low > high:
        yield problem("limits_crossed", branch.id, field, low=low, high=high)
    counts = asked.kind == "nps" or any(key.value is not None for key in asked.keys)
    if (low is not None or high is not None) and not counts:
        yield problem("never_counts", branch.id, field, part=asked.id)
    keys = set(map(str, range(MOST + 1))) if asked.kind == "nps" else {key.key for key in asked.keys}
    for key in when.one_of:
        if key not in keys:
            yield problem("unknown_key", branch.id, f"{field}.one_of", part=asked.id, key=key)


def _hand_over(part: HandOver) -> Iterator[Problem]:
    if part.to == "call_back":
        return
    if not part.target:
        yield problem("no_target", part.id, "target")
    elif part.to == "number" and not NUMBER.fullmatch(part.target):
        yield problem("not_a_target", part.id, "target", target=part.target)
