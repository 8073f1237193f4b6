"""Takes a survey in a test: what the caller does, in a row, and what came of it."""

from __future__ import annotations

from typing import Any

from cxcall.surveys.dialogue import Digit, Facts, Given, HangUp, Input, Recorded, State, Step, Timeout, begin, step
from cxcall.surveys.script import Comment, Key, Part, Question, QuestionKind, Say, Script, Thank

SILENT = Timeout()
GONE = HangUp()


def said(seconds: float, ended_by: str = "key") -> Recorded:
    match ended_by:
        case "key" | "silence" | "limit" | "hang_up":
            return Recorded(seconds=seconds, ended_by=ended_by)
    raise ValueError(ended_by)


def take(script: Script, *happened: str | Input, facts: Facts | None = None) -> Step:
    """The step after all of it; a text is keys, one after the other."""
    facts = facts or Facts()
    here = begin(script, facts)
    for one in happened:
        for what in [Digit(key) for key in one] if isinstance(one, str) else [one]:
            here = step(script, facts, here.state, what)
    return here


def results(state: State) -> list[tuple[str, str, str, float | None]]:
    return [(one.part, one.result, one.keys, one.value) for one in state.given]


def only(here: Step) -> Given:
    (given,) = here.state.given
    return given


def question(
    part: str = "q", *, keys: str | tuple[Key, ...] = "12345", kind: QuestionKind = "scale", **rest: Any
) -> Question:
    fields: dict[str, Any] = {
        "prompt": f"{part}.prompt",
        "wrong_key_prompt": "wrong",
        "no_input_prompt": "silent",
        "keys": _keys(keys) if isinstance(keys, str) else keys,
    }
    return Question(id=part, kind=kind, **(fields | rest))


def nps(part: str = "nps", **rest: Any) -> Question:
    return question(part, kind="nps", **({"keys": ""} | rest))


def _keys(keys: str) -> tuple[Key, ...]:
    return tuple(Key(key=key, value=float(key) if key.isdigit() else None) for key in keys)


def script(*parts: Part, opt_out_prompt: str = "bye", opt_out_key: str = "9") -> Script:
    return Script(parts=parts, opt_out_prompt=opt_out_prompt, opt_out_key=opt_out_key)


HELLO = Say(id="hello", prompt="hello.prompt")
WORDS = Comment(id="words", prompt="words.prompt", seconds=30, silence=3)
THANKS = Thank(id="thanks", prompt="thanks.prompt")
