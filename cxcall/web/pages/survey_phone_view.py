"""The phone beside the builder: the draft's own dialogue, stepped by what was pressed so far, as a caller hears it.

What happened is one letter each: a key, `t` nothing pressed in time, `r` something was said into the recording, `h` the
caller hung up. The whole dialogue is gone through again for each letter: nothing is kept between two requests.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cxcall.surveys.dialogue import (
    Digit,
    Done,
    Facts,
    Given,
    HangUp,
    Input,
    Listen,
    Record,
    Recorded,
    Step,
    Timeout,
    begin,
    step,
)
from cxcall.surveys.script import Question, Script
from cxcall.web.digits import digits
from cxcall.web.pages import survey_words as words
from cxcall.web.pages.prompts_view import LANGUAGE_NAMES
from cxcall.web.pages.survey_labels import RESULTS
from cxcall.web.pages.survey_loading import Heard
from cxcall.web.prompt_files import url_of
from cxcall.web.words import N_
from cxcall.web.words import gettext as _

KEYS = "123456789*0#"
LETTERS = frozenset(KEYS + "trh")
MOST = 400
"""Letters that are gone through at most."""
SPOKEN_S = 5.0
ENDS = {
    "finished": N_("The survey is over."),
    "hung_up": N_("The caller hung up."),
    "opted_out": N_("The caller is never asked again."),
    "handed_over": N_("The caller is sent on: %(to)s."),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One prompt as it is heard now; `url` is "" where callers would hear silence."""

    text: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PhoneView:
    """The phone. `begun` is whether a call is on; `said` what happened in it till now."""

    survey_id: str
    languages: Sequence[tuple[str, str]]
    begun: bool = False
    said: str = ""
    language: str = ""
    queue: str = ""
    tier: str = ""
    part: str = ""
    title: str = ""
    lines: Sequence[Line] = ()
    wait: float = 0.0
    recording: bool = False
    over: str = ""
    given: Sequence[tuple[str, str]] = ()
    keys: Sequence[tuple[str, str]] = ()
    typed: str = ""

    @property
    def pad(self) -> str:
        return KEYS


def idle(survey_id: str, script: Script, language: str = "") -> PhoneView:
    """A phone that nobody has picked up."""
    languages = [(code, _(LANGUAGE_NAMES.get(code, code))) for code in script.languages]
    known = language in script.languages
    return PhoneView(survey_id=survey_id, languages=languages, language=language if known else "")


def phone(survey_id: str, script: Script, heard: Heard, facts: Facts, said: str) -> PhoneView:
    """The phone after all that was `said`; letters after the end, and those that mean nothing, do nothing."""
    said = "".join(letter for letter in said if letter in LETTERS)[:MOST]
    here = begin(script, facts)
    for letter in said:
        if isinstance(here.command, Done):
            break
        here = step(script, facts, here.state, _input(letter, here))
    view = idle(survey_id, script, facts.language)
    part = script.part(here.state.part)
    recording = isinstance(here.command, Record)
    return PhoneView(
        survey_id=survey_id,
        languages=view.languages,
        begun=True,
        said=said,
        language=facts.language,
        queue=facts.queue,
        tier=facts.tier,
        part=part.id if part and not here.state.over else "",
        title=words.title_of(part) if part and not here.state.over else "",
        lines=[_line(heard, prompt, facts.language) for prompt in here.command.prompts],
        wait=here.command.seconds if isinstance(here.command, Listen) else SPOKEN_S,
        recording=recording,
        over=_over(here.command, script),
        given=[_given(script, given) for given in here.state.given],
        keys=_keys(part) if isinstance(part, Question) and not here.state.over else (),
        typed=here.state.keys,
    )


def _input(letter: str, here: Step) -> Input:
    if letter == "h":
        return HangUp()
    if isinstance(here.command, Record):
        spoken = letter == "r"
        return Recorded(seconds=SPOKEN_S if spoken else 0.0, ended_by="silence" if letter == "t" else "key")
    return Timeout() if letter in "tr" else Digit(letter)


def _line(heard: Heard, prompt_id: str, language: str) -> Line:
    prompt = heard.prompts.get(prompt_id)
    if prompt is None:
        return Line(text="", url="")
    sound = prompt.variant(language).sound
    text = prompt.texts.get(language) or words.said(dict(prompt.texts)) or prompt.name
    return Line(text=text, url=url_of(sound.sha) if sound else "")


def _over(command: object, script: Script) -> str:
    if not isinstance(command, Done):
        return ""
    to = _(words.TO[command.to]) if command.to else ""
    return _(ENDS[command.end]) % {"to": f"{to} {command.target}".strip()}


def _given(script: Script, given: Given) -> tuple[str, str]:
    part = script.part(given.part)
    title = words.title_of(part) if part else given.part
    if given.result != "answered" or not isinstance(part, Question):
        return title, _(RESULTS[given.result])
    meaning = next((words.said(key.label) for key in part.keys if key.key == given.keys), "")
    return title, f"{digits(given.keys.rstrip('#'))} {meaning}".strip()


def _keys(question: Question) -> list[tuple[str, str]]:
    return [(key.key, words.said(key.label)) for key in question.keys]
