"""A customer's surveys on their page: the last scores in the header, what was answered in the history."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from cxcall.store.survey_answers import ResponseRow
from cxcall.surveys.script import Measure
from cxcall.web.dates import day_text
from cxcall.web.digits import number_text
from cxcall.web.pages import voice_lines
from cxcall.web.pages.labels import Label
from cxcall.web.pages.survey_labels import OUT_OF, state_of
from cxcall.web.pages.voice_view import Given
from cxcall.web.words import N_
from cxcall.web.words import gettext as _

_NAMES: dict[Measure, str] = {"csat": N_("Last survey"), "nps": N_("Recommend score"), "ces": N_("Ease score")}


@dataclass(frozen=True, slots=True, kw_only=True)
class SurveyLine:
    """One survey in the history; `kind` is the colour of its worst score, `seconds` and `said` of what was spoken."""

    at: datetime
    state: Label
    scores: Sequence[Given]
    kind: str
    seconds: float
    said: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LastScore:
    """The newest answer of a measure; `foot` says when, and what it was before."""

    name: str
    value: float
    out_of: int
    foot: str


def last_scores(asked: Sequence[ResponseRow]) -> list[LastScore]:
    """The newest answer of each measure the customer ever answered, from responses with the newest first."""
    found = []
    for measure, name in _NAMES.items():
        given = [(row.score(measure), row.response.offered_at) for row in asked]
        values = [(value, at) for value, at in given if value is not None]
        if not values:
            continue
        value, at = values[0]
        foot = day_text(at)
        if len(values) > 1:
            foot = _("%(when)s, was %(value)s before") % {"when": foot, "value": number_text(values[1][0])}
        found.append(LastScore(name=name, value=value, out_of=OUT_OF[measure], foot=foot))
    return found


def lines(found: Mapping[str, Sequence[ResponseRow]]) -> dict[str, list[SurveyLine]]:
    """Surveys by the call they belong to, the newest first."""
    return {call: [_line(row) for row in reversed(rows)] for call, rows in found.items()}


def _line(row: ResponseRow) -> SurveyLine:
    scores = voice_lines.scores(row)
    kinds = {given.kind for given in scores}
    return SurveyLine(
        at=row.response.ended_at or row.response.offered_at,
        state=state_of(row.response),
        scores=scores,
        kind="bad" if "bad" in kinds else "good" if "good" in kinds else "",
        seconds=sum(comment.seconds for comment in row.comments),
        said=" ".join(comment.text for comment in row.comments if comment.text),
    )
