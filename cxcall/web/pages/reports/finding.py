"""The sentence above a report: what stands out in its figures. Of few calls nothing is claimed."""

from __future__ import annotations

from collections.abc import Sequence

from cxcall.reports.answer import FEW, Answer, Line
from cxcall.reports.arranging import Slots
from cxcall.reports.measures import Measure, find
from cxcall.web.digits import number_text
from cxcall.web.pages.reports.table import delta, titles
from cxcall.web.presentation import current
from cxcall.web.queue_titles import titled
from cxcall.web.report_words import figure_text, name
from cxcall.web.words import gettext as _


def finding(answer: Answer, times: Slots) -> str:
    """What stands out, in a sentence or two."""
    if not answer.lines:
        return _("Nothing was counted in this time.")
    measures = [measure for one in answer.definition.measures if (measure := find(one)) is not None]
    found = [said for said in (_changed(answer, measures), _abandoned(answer, times)) if said]
    if not found:
        found = [said for measure in measures[:3] if (said := _stands_out(answer, measure, times))][:1]
    return " ".join(found) or _("There are too few calls to say what stands out.")


def _changed(answer: Answer, measures: Sequence[Measure]) -> str:
    """The first figure of the whole that is off by a tenth or more from what it is compared with."""
    other = answer.definition.other_queue
    for measure in measures:
        figure = answer.total.figures[measure.id]
        change = delta(measure, figure)
        enough = figure.n >= FEW and figure.before_n >= FEW
        if change is None or not change.way or not enough or figure.value is None or not figure.before:
            continue
        if abs(figure.value / figure.before - 1) >= 0.1:
            words = {
                "figure": name(measure.id),
                "before": figure_text(measure.unit, figure.before),
                "now": figure_text(measure.unit, figure.value),
            }
            if other:
                return _("%(figure)s: %(now)s, in %(queue)s %(before)s.") % {**words, "queue": _apart(titled(other))}
            text = _("%(figure)s rose from %(before)s to %(now)s.")
            return (text if change.way == "up" else _("%(figure)s fell from %(before)s to %(now)s.")) % words
    return ""


def _abandoned(answer: Answer, times: Slots) -> str:
    """How many hung up, and where most of them did."""
    figures = answer.total.figures
    if "abandoned" not in figures or "offered" not in figures or figures["offered"].n < FEW:
        return ""
    lost, offered = figures["abandoned"].n, figures["offered"].n
    share = figure_text("share", lost / offered)
    words = {"lost": number_text(lost), "offered": number_text(offered), "share": share}
    text = _("%(lost)s of %(offered)s callers hung up while waiting (%(share)s).") % words
    worst = max(answer.lines, key=lambda line: line.figures["abandoned"].n)
    most = worst.figures["abandoned"].n
    if len(answer.lines) < 2 or lost < 5 or most * 2 < lost:
        return text
    told = {"where": _apart(" ".join(titles(worst, times))), "share": figure_text("share", most / lost)}
    return text + " " + _("%(share)s of them: %(where)s.") % told


def _stands_out(answer: Answer, measure: Measure, times: Slots) -> str:
    """The row with the highest figure; of shares and means, only among rows that many calls made."""
    lines = [line for line in answer.lines if _known(line, measure)]
    if len(lines) < 2 or answer.total.figures[measure.id].n < FEW:
        return ""
    top = max(lines, key=lambda line: line.figures[measure.id].value or 0.0)
    figure = top.figures[measure.id]
    words = {
        "figure": name(measure.id),
        "where": _apart(" ".join(titles(top, times))),
        "value": figure_text(measure.unit, figure.value),
        "whole": figure_text(measure.unit, answer.total.figures[measure.id].value),
    }
    if measure.unit == "count":
        return _("%(figure)s: most in %(where)s, %(value)s of %(whole)s.") % words
    return _("%(figure)s: highest in %(where)s with %(value)s, on the whole %(whole)s.") % words


def _apart(text: str) -> str:
    """A name in a sentence read from right to left: letters of the other direction keep to themselves."""
    return f"\u2068{text}\u2069" if current().rtl else text


def _known(line: Line, measure: Measure) -> bool:
    figure = line.figures[measure.id]
    return figure.value is not None and (measure.unit == "count" or figure.n >= FEW)
