"""The words of surveys as people read them: states, reasons why a call was not asked, how a survey ended, answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cxcall.surveys.asking import Reason
from cxcall.surveys.script import Measure, Texts
from cxcall.web.pages.labels import Label
from cxcall.web.presentation import current
from cxcall.web.words import N_

MEASURES: dict[Measure, str] = {
    "csat": N_("Satisfaction (CSAT)"),
    "nps": N_("Net promoter (NPS)"),
    "ces": N_("Ease (CES)"),
}
OUT_OF: dict[Measure, int] = {"csat": 5, "nps": 10, "ces": 7}
_GOOD_FROM: dict[Measure, float] = {"csat": 4, "nps": 9, "ces": 6}
_BAD_TO: dict[Measure, float] = {"csat": 2, "nps": 6, "ces": 3}

STATES: dict[str, Label] = {
    "not_asked": Label(text=N_("Not asked"), icon="x"),
    "offered": Label(text=N_("Asked, no answer"), kind="warn", icon="star"),
    "started": Label(text=N_("Left in the middle"), kind="warn", icon="star"),
    "finished": Label(text=N_("Finished"), kind="good", icon="check"),
}
GOING_ON = Label(text=N_("Being asked now"), kind="acc", icon="star")
HANDED_OVER = Label(text=N_("Finished, handed over"), kind="good", icon="transfer")
OPTED_OUT = Label(text=N_("Does not want to be asked again"), kind="warn", icon="shield")
LOST = Label(text=N_("Cut off: cxcall stopped"), kind="warn", icon="alert")
REASONS: dict[Reason, str] = {
    "ask": N_("Asked"),
    "no_survey": N_("The queue has no survey"),
    "off": N_("Asking was turned off"),
    "share": N_("Not in the share of calls that are asked"),
    "too_short": N_("The talk was too short"),
    "recently_asked": N_("Was asked not long ago"),
    "opted_out": N_("Does not want to be asked"),
    "closed": N_("Outside the hours of asking"),
    "caller_hung_up": N_("The caller hung up first"),
    "transferred": N_("Transferred away"),
    "not_answered": N_("No agent answered"),
    "unavailable": N_("cxcall could not be reached"),
}
RESULTS: dict[str, str] = {
    "answered": N_("Answered"),
    "skipped": N_("Skipped"),
    "no_input": N_("Nothing pressed"),
    "wrong_key": N_("Only wrong keys"),
    "hung_up": N_("Hung up here"),
    "opted_out": N_("Does not want to be asked again"),
}
COMMENT_STATES: dict[str, str] = {
    "no_model": N_("Not transcribed: there is no speech model."),
    "waiting": N_("Waits to be transcribed."),
    "failed": N_("Could not be transcribed."),
}


def said(texts: Texts) -> str:
    """A text of a survey in the reader's language, else in any it has."""
    return texts.get(current().language) or next((text for text in texts.values() if text), "")


def mood(measure: Measure, value: float) -> str:
    """Colour class of one answer: good, bad or neither."""
    if value >= _GOOD_FROM[measure]:
        return "good"
    return "bad" if value <= _BAD_TO[measure] else ""


def state_of(response: Any) -> Label:
    """What became of a response: its state, sharpened by how it ended."""
    ends: Mapping[str, Label] = {"handed_over": HANDED_OVER, "opted_out": OPTED_OUT, "lost": LOST}
    if response.end in ends:
        return ends[response.end]
    going = not response.end and response.state in ("offered", "started")
    return GOING_ON if going else STATES[response.state]
