"""The dialogue of a survey as a pure function: what the caller did goes in, what Asterisk is to do comes out.

Theory of operation. `begin` gives the first step, `step` the next one for each thing that happened. A step is the
state after it and one command. The one who runs it (cxcall/asterisk) carries the command out and feeds what came of it:
Listen → Digit, Timeout or HangUp; Record → Recorded or HangUp; Done → nothing any more. A state is a value: any step
can be taken again, and every path of a script can be walked in a test.

What is not heard (branches, parts without a prompt) is gone through at once. A question or comment that was reached
leaves exactly one Given, also when the caller hangs up in it. Any sequence of inputs ends: each question has only so
many tries, and a part reached more than MOST_VISITS times ends the survey, however a draft loops.
"""

from __future__ import annotations

from dataclasses import replace

from cxcall.surveys import answering
from cxcall.surveys.conditions import holds
from cxcall.surveys.script import END, Branch, Comment, HandOver, Part, Question, Say, Script, Thank
from cxcall.surveys.steps import (
    Command,
    Digit,
    Done,
    End,
    Facts,
    Given,
    HangUp,
    Input,
    Listen,
    Record,
    Recorded,
    Result,
    State,
    Step,
    Timeout,
)

__all__ = [
    "MOST_VISITS", "Command", "Digit", "Done", "End", "Facts", "Given", "HangUp", "Input", "Listen", "Record",
    "Recorded", "Result", "State", "Step", "Timeout", "begin", "step",
]  # fmt: skip

MOST_VISITS = 3
"""How often one part may be reached. No script that can be published reaches a part twice; a draft on trial may."""
LEAST_COMMENT = 1.0
"""Seconds a recording must have to be a comment."""
SILENCE_LEFT = 1.0
"""Seconds of the silence that ended it which Asterisk leaves in a recording (res_agi.c, RECORD FILE)."""


def begin(script: Script, facts: Facts) -> Step:
    """The first step. A script without parts is over at once."""
    return _go_on(script, facts, State(part=""), script.parts[0].id if script.parts else END)


def step(script: Script, facts: Facts, state: State, happened: Input) -> Step:
    """The step after something happened. What can't happen to the command given before is silence; after Done, nothing.

    `script` and `facts` are those of `begin`. Never raises.
    """
    if state.over:
        return Step(state=state, command=Done(end=state.end or "finished"))
    match script.part(state.part):
        case Question() as question:
            return _question(script, facts, state, question, happened)
        case Comment() as comment:
            return _comment(script, facts, state, comment, happened)
        case _ if _gone(happened):
            return _over(state, Done(end="hung_up"))
        case Say() as said:
            return _go_on(script, facts, state, script.goes_on(said))
        case _:  # a state of another script
            return _over(state, Done(end="finished"))


def _question(script: Script, facts: Facts, state: State, question: Question, happened: Input) -> Step:
    gone = _gone(happened)
    match happened:
        case _ if gone:
            heard = answering.left(question, state.keys)
        case Digit(key=key):
            heard = answering.pressed(question, state.keys, key, script.opt_out_key)
        case _:
            heard = answering.silent(question, state.keys)
    match heard:
        case answering.More(keys=keys):
            return Step(
                state=replace(state, keys=keys), command=Listen(part=question.id, prompts=(), seconds=question.pause)
            )
        case answering.Chosen():
            given = _given(state, question, heard.result, keys=heard.keys, value=heard.value)
            then = script.goes_on(question) if heard.next is None else heard.next
        case answering.Wrong(keys=keys) if gone:
            given, then = _given(state, question, "hung_up", keys=keys), END
        case answering.Wrong(keys=keys):
            if state.tries <= question.retries:
                return _again(state, question, question.wrong_key_prompt if keys else question.no_input_prompt)
            given, then = (
                _given(state, question, "wrong_key" if keys else "no_input", keys=keys),
                script.goes_on(question),
            )
    state = _with(state, given)
    if gone:
        return _over(state, Done(end="hung_up"))
    if given.result == "opted_out":
        return _over(state, Done(end="opted_out", prompts=_prompts(script.opt_out_prompt)))
    return _go_on(script, facts, state, then)


def _again(state: State, question: Question, why: str) -> Step:
    listen = Listen(part=question.id, prompts=_prompts(why, question.prompt), seconds=question.seconds)
    return Step(state=replace(state, keys="", tries=state.tries + 1), command=listen)


def _comment(script: Script, facts: Facts, state: State, comment: Comment, happened: Input) -> Step:
    result, seconds = _spoken(happened)
    state = _with(state, Given(part=comment.id, result=result, seconds=seconds))
    if _gone(happened):
        return _over(state, Done(end="hung_up"))
    return _go_on(script, facts, state, script.goes_on(comment))


def _spoken(happened: Input) -> tuple[Result, float]:
    """Whether something was said: kept also when the caller hung up after it."""
    if not isinstance(happened, Recorded):
        return ("hung_up" if _gone(happened) else "no_input"), 0.0
    silence = SILENCE_LEFT if happened.ended_by == "silence" else 0.0
    if happened.seconds - silence >= (LEAST_COMMENT / 2 if silence else LEAST_COMMENT):
        return "answered", happened.seconds
    nothing: dict[str, Result] = {"key": "skipped", "hang_up": "hung_up"}
    return nothing.get(happened.ended_by, "no_input"), happened.seconds


def _go_on(script: Script, facts: Facts, state: State, target: str) -> Step:
    """Goes to a part, through all that is not heard, to the next command."""
    while True:
        part = script.part(target)
        if part is None or state.path.count(target) >= MOST_VISITS:
            return _over(state, Done(end="finished"))
        state = replace(state, part=target, keys="", tries=1, path=(*state.path, target))
        command = _command(part)
        if isinstance(command, Done):
            return _over(state, command)
        if command is not None:
            return Step(state=state, command=command)
        target = _chosen(script, part, facts, state) if isinstance(part, Branch) else script.goes_on(part)


def _command(part: Part) -> Command | None:
    """What a part begins with; None when nothing of it is heard."""
    match part:
        case Say(prompt=""):
            return None
        case Say():
            return Listen(part=part.id, prompts=(part.prompt,), seconds=0.0)
        case Question():
            return Listen(part=part.id, prompts=_prompts(part.prompt), seconds=part.seconds)
        case Comment():
            prompts = _prompts(part.prompt)
            return Record(part=part.id, prompts=prompts, seconds=part.seconds, silence=part.silence, beep=part.beep)
        case Thank():
            return Done(end="finished", prompts=_prompts(part.prompt))
        case HandOver():
            return Done(end="handed_over", prompts=_prompts(part.prompt), to=part.to, target=part.target)
        case Branch():
            return None


def _chosen(script: Script, branch: Branch, facts: Facts, state: State) -> str:
    return next((case.next for case in branch.cases if holds(case.when, facts, state.given)), script.goes_on(branch))


def _over(state: State, done: Done) -> Step:
    return Step(state=replace(state, keys="", over=True, end=done.end), command=done)


def _given(state: State, question: Question, result: Result, *, keys: str, value: float | None = None) -> Given:
    return Given(part=question.id, result=result, keys=keys, value=value, tries=state.tries)


def _with(state: State, given: Given) -> State:
    return replace(state, given=(*state.given, given))


def _gone(happened: Input) -> bool:
    return isinstance(happened, HangUp) or (isinstance(happened, Recorded) and happened.ended_by == "hang_up")


def _prompts(*ids: str) -> tuple[str, ...]:
    return tuple(prompt for prompt in ids if prompt)
