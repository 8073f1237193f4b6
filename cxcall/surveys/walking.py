"""Every path of a script: what callers can do in it, walked to the end."""

from __future__ import annotations

from collections.abc import Iterator

from cxcall.surveys.answering import MOST
from cxcall.surveys.dialogue import begin, step
from cxcall.surveys.script import Comment, Question, Script
from cxcall.surveys.steps import Digit, Done, Facts, HangUp, Input, Recorded, Step, Timeout

TELEPHONE = "0123456789*#"
PATHS = 10_000
"""How many paths are walked at most, unless said otherwise."""

Path = tuple[Input, ...]


def paths(script: Script, facts: Facts, most: int = PATHS) -> Iterator[tuple[Path, Done]]:
    """What callers can do, and how it ends each time: at most so many, in the order of the keys.

    In each question: every answer, the skip key, the key of no more surveys, silence and wrong keys until the tries
    are used up, a hang-up. In each comment: something said, nothing said, a hang-up. A mix of wrong keys and answers
    ends where the answer alone does and is left out, as is a key that cuts a prompt short.
    """
    waiting: list[tuple[Path, Step]] = [((), begin(script, facts))]
    while waiting and most > 0:
        happened, here = waiting.pop()
        if isinstance(here.command, Done):
            most -= 1
            yield happened, here.command
            continue
        for moves in reversed(_moves(script, here)):
            after = here
            for move in moves:
                after = step(script, facts, after.state, move)
            waiting.append(((*happened, *moves), after))


def _moves(script: Script, here: Step) -> list[Path]:
    """What a caller can do now, each up to where the part is over."""
    part = script.part(here.state.part)
    if isinstance(part, Question):
        return [*_keys(script, part), *_failures(script, part), (HangUp(),)]
    if isinstance(part, Comment):
        spoken = Recorded(seconds=float(part.seconds), ended_by="limit")
        return [(spoken,), (Recorded(seconds=0.0, ended_by="key"),), (HangUp(),)]
    return [(Timeout(),), (HangUp(),)]


def _keys(script: Script, question: Question) -> list[Path]:
    if question.kind == "nps":
        answers: list[Path] = [(*map(Digit, str(number)), Timeout()) for number in range(MOST)]
        answers.append(tuple(map(Digit, str(MOST))))
    else:
        answers = [(Digit(key),) for key in dict.fromkeys(key.key for key in question.keys)]
    leaving = dict.fromkeys(key for key in (question.skip_key, script.opt_out_key) if key not in _used(question, ""))
    return [*answers, *((Digit(key),) for key in leaving)]


def _failures(script: Script, question: Question) -> list[Path]:
    tries = max(question.retries, 0) + 1
    failures: list[Path] = [(Timeout(),) * tries]
    used = _used(question, question.skip_key, script.opt_out_key)
    wrong = next((key for key in reversed(TELEPHONE) if key not in used), None)
    return failures if wrong is None else [*failures, (Digit(wrong),) * tries]


def _used(question: Question, *others: str) -> set[str]:
    """Keys that mean something: answers and `others`; the empty key is none."""
    keys = set("0123456789") if question.kind == "nps" else {key.key for key in question.keys}
    return keys | set(others) | {""}
