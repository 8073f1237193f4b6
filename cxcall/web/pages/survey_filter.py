"""The filter `survey=` of the list of calls: which calls by what came of their survey.

`any`, `asked`, `begun`, `finished`, `not_asked`, `not_asked:REASON`, `low`, `comment`, `csat:4-5` (`nps`, `ces`; also
without values) and `part:ID` (that question was answered, of the survey `of=ID`). Days, queue and agent of the list
are then those of the answer, so that a list holds as many calls as the figure that opened it.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import cast, get_args

from cxcall.store.survey_choice import Answered, Surveyed
from cxcall.store.survey_responses import Kind, State
from cxcall.surveys.asking import Reason
from cxcall.surveys.script import Measure
from cxcall.web.digits import number_text
from cxcall.web.pages.survey_labels import REASONS
from cxcall.web.words import N_
from cxcall.web.words import gettext as _

_SCORE = re.compile(r"(csat|nps|ces)(?::(\d{1,2})-(\d{1,2}))?")
_ASKED: tuple[State, ...] = ("offered", "started", "finished")
LOW = (
    Answered(measure="csat", most=2),
    Answered(measure="nps", most=6),
    Answered(measure="ces", most=3),
)
_STATES: dict[str, tuple[State, ...]] = {
    "any": (*_ASKED, "not_asked"),
    "asked": _ASKED,
    "begun": ("started", "finished"),
    "finished": ("finished",),
    "not_asked": ("not_asked",),
}
WORDS: dict[str, str] = {
    "any": N_("In queues that ask"),
    "asked": N_("Asked"),
    "begun": N_("Began to answer"),
    "finished": N_("Finished"),
    "not_asked": N_("Not asked"),
    "low": N_("A bad answer"),
    "comment": N_("A voice comment"),
}


def wanted(text: str, within: Surveyed) -> Surveyed | None:
    """The filter as the store takes it, with the days, queue, agents and survey of `within`; None if it is none."""
    kind, _colon, detail = text.partition(":")
    if text in _STATES:
        kinds: tuple[Kind, ...] = ("after_call",) if text == "any" else within.kinds
        return replace(within, states=_STATES[text], kinds=kinds)
    if kind == "not_asked" and detail in get_args(Reason):
        return replace(within, states=("not_asked",), reason=cast("Reason", detail))
    if text == "low":
        return replace(within, scores=LOW)
    if text == "comment":
        return replace(within, commented=True)
    if kind == "part" and detail:
        return replace(within, part=detail)
    found = _SCORE.fullmatch(text)
    if found is None:
        return None
    measure, least, most = found.groups()
    return replace(within, scores=(Answered(measure=cast("Measure", measure), least=_float(least), most=_float(most)),))


def said(text: str) -> str:
    """The filter in words, for its chip."""
    kind, _colon, detail = text.partition(":")
    if text in WORDS:
        return _(WORDS[text])
    if kind == "not_asked":
        return f"{_(WORDS['not_asked'])}: {_(REASONS[cast('Reason', detail)])}"
    if kind == "part":
        return _("Answered the question %(part)s") % {"part": detail}
    found = _SCORE.fullmatch(text)
    if found is None or found[2] is None:
        return kind.upper()
    return _("%(score)s from %(least)s to %(most)s") % {
        "score": kind.upper(), "least": number_text(int(found[2])), "most": number_text(int(found[3])),
    }  # fmt: skip


def _float(text: str | None) -> float | None:
    return None if text is None else float(text)
