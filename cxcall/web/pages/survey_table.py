"""Responses as rows of a table: columns that are always there, then one for each question; for CSV and XLSX alike.

Times are on the site's clock, dates Gregorian; who reads the Jalali calendar gets the Jalali day beside them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from cxcall.store.survey_answers import Answer, ResponseRow
from cxcall.surveys.script import Texts
from cxcall.web.dates import jalali_text
from cxcall.web.pages.survey_labels import REASONS, RESULTS, said, state_of
from cxcall.web.presentation import current
from cxcall.web.words import N_
from cxcall.web.words import gettext as _

Cell = str | float | datetime | None
"""A time is on the site's clock, without its zone: so spreadsheets take it."""

Key = tuple[str, str]
"""A question: id of its survey, id of its part."""

_FIXED = (
    N_("Response"), N_("Asked at"), N_("State"), N_("How it ended"), N_("Way"), N_("Queue"), N_("Agent"),
    N_("Customer"), N_("Number"), N_("Call"), N_("Survey"), N_("Version"), N_("CSAT"), N_("NPS"), N_("CES"),
)  # fmt: skip
_LAST = (N_("Comment in seconds"), N_("Comment"))
_ENDS = {
    "finished": N_("Finished"), "hung_up": N_("The caller hung up"), "opted_out": N_("Opted out"),
    "handed_over": N_("Handed over"), "lost": N_("Lost"), "": N_("Going on"),
}  # fmt: skip
_KINDS = {"after_call": N_("After the call"), "later": N_("In a call later")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """The questions in the order of their columns, with their titles; names of the surveys by id."""

    questions: Mapping[Key, Texts]
    surveys: Mapping[str, str]

    @property
    def header(self) -> list[str]:
        fixed = [_(word) for word in _FIXED]
        if current().calendar == "jalali":
            fixed.insert(2, _("Jalali day"))
        several = len({survey for survey, _part in self.questions}) > 1
        titles = [
            (f"{self.surveys.get(survey, survey)}: " if several else "") + (said(title) or part)
            for (survey, part), title in self.questions.items()
        ]
        return [*fixed, *titles, *(_(word) for word in _LAST)]

    def cells(self, row: ResponseRow) -> list[Cell]:
        """One response, a cell a column."""
        response = row.response
        asked = current().local(response.offered_at).replace(tzinfo=None)
        jalali: list[Cell] = [jalali_text(asked.date())] if current().calendar == "jalali" else []
        ended = REASONS[response.reason] if response.state == "not_asked" else _ENDS[response.end]
        given = {(response.survey_id or "", answer.part): answer for answer in row.answers}
        return [
            response.id,
            asked,
            *jalali,
            _(state_of(response).text),
            _(ended),
            _(_KINDS.get(response.kind, response.kind)),
            response.queue,
            response.agent_name or response.agent,
            row.customer_name or "",
            response.number,
            response.call_id or "",
            self.surveys.get(response.survey_id or "", ""),
            None if response.survey_version is None else float(response.survey_version),
            row.score("csat"),
            row.score("nps"),
            row.score("ces"),
            *(_answer(given.get(key)) for key in self.questions),
            sum(comment.seconds for comment in row.comments) or None,
            " ".join(comment.text for comment in row.comments if comment.text),
        ]


def _answer(answer: Answer | None) -> Cell:
    """A number where the answer counts something, else the key's meaning, else why there is none."""
    if answer is None:
        return None
    if answer.result != "answered":
        return _(RESULTS[answer.result])
    return answer.value if answer.value is not None else said(answer.label) or answer.keys


def width_of(names: Sequence[str]) -> list[int]:
    """Widths of spreadsheet columns that show their heading."""
    return [min(max(len(name) + 2, 12), 40) for name in names]
