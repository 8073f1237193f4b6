"""What figures and rows of reports are called, what each figure means in a sentence, and how a figure is written."""

from __future__ import annotations

from cxcall.problem import Problem
from cxcall.reports.answer import Note
from cxcall.reports.definition import Row, Short
from cxcall.web.dates import when_text
from cxcall.web.digits import digits, number_text
from cxcall.web.presentation import current
from cxcall.web.report_names import MEASURES, READY_MADE, ROWS, SHORT_IN, SHORT_OUT, UNITS
from cxcall.web.report_problems import PROBLEMS
from cxcall.web.words import N_, ngettext
from cxcall.web.words import gettext as _

PAUSED = "paused:"
NOTHING = "–"
"""Where there is nothing to divide by."""


def name(measure: str) -> str:
    """What a measure is called; its id where nobody gave it a name."""
    if measure.startswith(PAUSED):
        return _("Paused: %(reason)s") % {"reason": measure.removeprefix(PAUSED) or _("no reason")}
    return _(MEASURES[measure][0]) if measure in MEASURES else measure


def sentence(measure: str, short: Short = "out") -> str:
    """What a measure means (METRICS.md), with what the switch of short abandons does to it."""
    if measure.startswith(PAUSED):
        return _("Time agents were paused for this reason, while signed in.")
    if measure not in MEASURES:
        return ""
    said = _(MEASURES[measure][1])
    switch = (SHORT_OUT if short == "out" else SHORT_IN).get(measure)
    return f"{said} {_(switch)}" if switch else said


def unit_name(unit: str) -> str:
    """What a figure is counted in."""
    return _(UNITS[unit]) if unit in UNITS else unit


def row_name(row: Row) -> str:
    """What rows of a kind are called."""
    return _(ROWS[row])


def report_name(report: str) -> str:
    """What a ready-made report is called."""
    return _(READY_MADE[report][0]) if report in READY_MADE else report


def report_sentence(report: str) -> str:
    """What a ready-made report is for."""
    return _(READY_MADE[report][1]) if report in READY_MADE else ""


def figure_text(unit: str, value: float | None) -> str:
    """A figure as people read it, in their digits: 1,234, 4:06, 81.3%, +0.42."""
    if value is None:
        return NOTHING
    if unit == "seconds":
        return duration_text(value)
    if unit == "share":
        text = number_text(value * 100, 1)
        return f"\u061c{text}٪" if current().persian_digits else f"{text}%"
    if unit == "score":
        return _signed(value, 2)
    if unit == "mean":
        return number_text(value, 2)
    if unit == "points":
        return _signed(value, 0)
    return number_text(value, 0 if float(value).is_integer() else 1)


def duration_text(seconds: float) -> str:
    """Seconds as m:ss or h:mm:ss, to the nearest second."""
    whole = int(abs(seconds) + 0.5)
    minutes, rest = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    text = f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
    return digits(f"−{text}" if seconds < 0 and whole else text)


def problem_text(problem: Problem) -> str:
    """What is wrong with a report, for people."""
    values = dict(problem.values)
    for part in ("row", "other"):
        if values.get(part) in ROWS:
            values[part] = row_name(values[part])  # type: ignore[arg-type]  # looked up just before
    if "measure" in values:
        values["measure"] = name(values["measure"])
    return _(PROBLEMS.get(problem.code, problem.sentence)).format(**values)


def note_text(note: Note) -> str:
    """What is to be said about a report."""
    if note.code == "complete_until" and note.at is not None:
        when = when_text(note.at)  # Today and Yesterday begin lines elsewhere
        return _("Complete until %(when)s.") % {"when": when[:1].lower() + when[1:]}
    if note.code == "recovered":
        text = ngettext(
            "%(n)s call was recovered: nobody listened for a part of it.",
            "%(n)s calls were recovered: nobody listened for a part of them.",
            note.n,
        )
        return text % {"n": number_text(note.n)}
    if note.code == "fcr_open":
        text = ngettext(
            "First-contact resolution of the last %(n)s day may still change.",
            "First-contact resolution of the last %(n)s days may still change.",
            note.n,
        )
        return text % {"n": number_text(note.n)}
    if note.code == "cut":
        text = ngettext("%(n)s more row is not shown.", "%(n)s more rows are not shown.", note.n)
        return text % {"n": number_text(note.n)}
    return _(_ZONE)


_ZONE = N_("Not all calls are counted by the days of this time zone yet. Run: cxcall db rebuild-rollups")


def _signed(value: float, decimals: int) -> str:
    text = number_text(value, decimals)
    return f"+{text}" if value > 0 else text
