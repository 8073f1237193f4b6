"""Which row of a report stands out: the worst of those that enough made, where it is not chance."""

from __future__ import annotations

from collections.abc import Sequence

from cxcall.reports.answer import FEW, Answer, Figure, Line
from cxcall.reports.arranging import Slots
from cxcall.reports.chance import counts_differ, differs_from_rest, shares_differ
from cxcall.reports.measures import Measure, of_seconds
from cxcall.web.pages.reports.fairness import still_open
from cxcall.web.pages.reports.table import titles
from cxcall.web.presentation import current
from cxcall.web.report_words import figure_text, name
from cxcall.web.words import gettext as _

LEADS = (
    "abandon_rate", "sl_offered", "sl_answered", "sl_strict", "sl_fair", "fcr", "csat", "nps", "ces", "csat_mean",
    "answer_rate", "sentiment", "mood_trend", "occupancy", "aht", "asa", "transfer_rate", "repeat_rate", "abandon_wait",
    "response_rate", "utilisation",
)  # fmt: skip
"""Figures that say how things are, the most telling first; counts and sums only say how much there was."""

FEW_S = 3600
"""Seconds below which nothing is said of a share of time."""
FEW_TIMES = 100
"""Of fewer times or marks a mean says little: a single long one moves it."""
_TENTH = 0.1
_MOMENT_S = 2.0
"""Seconds nobody would wait for."""
_POINTS = 0.05
"""How far shares of time are apart before anybody is told."""
_MOOD = 0.2
"""From here on a mood is told to be another (METRICS `mood_trend`)."""


def rate(answer: Answer, measures: Sequence[Measure], times: Slots) -> str:
    """The first telling figure that one row has worse than the rest; "" where none has."""
    known = {measure.id: measure for measure in measures}
    for lead in LEADS:
        measure = known.get(lead)
        if measure is not None and (said := _worst(answer, measure, times)):
            return said
    return ""


def most(answer: Answer, measures: Sequence[Measure], times: Slots) -> str:
    """The row with the most of the first count, where not all is in it."""
    measure = next((one for one in measures if one.unit == "count"), None)
    if measure is None or len(answer.lines) < fewest(answer) or answer.total.figures[measure.id].n < FEW:
        return ""
    top = max(answer.lines, key=lambda line: line.figures[measure.id].value or 0.0)
    value, whole = top.figures[measure.id].value, answer.total.figures[measure.id].value
    if not value or value == whole:
        return ""
    words = {**_words(measure, top, times), "value": figure_text("count", value), "whole": figure_text("count", whole)}
    return _("%(figure)s: most for %(where)s, %(value)s of %(whole)s.") % words


def fewest(answer: Answer) -> int:
    """How many rows a report needs before one of them can stand out."""
    return 2 if answer.definition.by else 1_000_000


def enough(measure: Measure, figure: Figure) -> bool:
    """Whether a figure was made of so many that something can be said of it."""
    return figure.value is not None and figure.n >= (FEW_S if of_seconds(measure) else FEW)


def changed(measure: Measure, figure: Figure, before: Figure) -> bool:
    """Whether a figure differs from what it was by a tenth and by more than chance. Both are known."""
    now, then = figure.value or 0.0, before.value or 0.0
    if measure.unit == "count":
        return _by_a_tenth(now, then) and counts_differ(now, then)
    if measure.unit == "share" and not of_seconds(measure):
        return (_by_a_tenth(now, then) or abs(now - then) >= _POINTS) and shares_differ(now, figure.n, then, before.n)
    return _far(measure, figure, then) and _far(measure, before, now)


def apart(text: str) -> str:
    """A name in a sentence read from right to left: letters of the other direction keep to themselves."""
    return f"\u2068{text}\u2069" if current().rtl else text


def put(text: str) -> str:
    """A figure in a sentence: its sign stays where it belongs."""
    return f"\u2066{text}\u2069" if current().rtl and text[:1] in "+−" else text


def _worst(answer: Answer, measure: Measure, times: Slots) -> str:
    whole = answer.total.figures[measure.id]
    lines = [
        line for line in answer.lines if enough(measure, line.figures[measure.id]) and not still_open(measure, line)
    ]
    if len(lines) < fewest(answer) or not enough(measure, whole) or _by_definition(measure, answer):
        return ""
    low = measure.good == "up"
    top = (min if low else max)(lines, key=lambda line: line.figures[measure.id].value or 0.0)
    if not _differs(measure, top.figures[measure.id], whole, tries=len(lines), low=low):
        return ""
    words = {
        **_words(measure, top, times),
        "value": put(figure_text(measure.unit, top.figures[measure.id].value)),
        "whole": put(figure_text(measure.unit, whole.value)),
    }
    if low:
        return _("%(figure)s: lowest for %(where)s with %(value)s, on the whole %(whole)s.") % words
    return _("%(figure)s: highest for %(where)s with %(value)s, on the whole %(whole)s.") % words


def _by_definition(measure: Measure, answer: Answer) -> bool:
    """Whether rows differ because of what they are: loyal customers are those who come back."""
    return not {"segment", "rfm"}.isdisjoint(answer.definition.by) and measure.id == "repeat_rate"


def _differs(measure: Measure, part: Figure, whole: Figure, *, tries: int, low: bool) -> bool:
    value, mean = part.value or 0.0, whole.value or 0.0
    if value == mean or (value < mean) is not low:
        return False
    if measure.unit == "share" and not of_seconds(measure):
        return differs_from_rest(value, part.n, mean, whole.n, tries=tries)
    return _far(measure, part, mean)


def _far(measure: Measure, figure: Figure, other: float) -> bool:
    """Of figures whose spread nobody keeps: whether they are so far apart that it is worth a word."""
    value = figure.value or 0.0
    if figure.low is not None and figure.high is not None:
        return not figure.low <= other <= figure.high
    if measure.unit == "score":
        return abs(value - other) >= _MOOD
    if measure.unit == "share":
        return abs(value - other) >= _POINTS
    near = measure.unit == "seconds" and abs(value - other) < _MOMENT_S
    return figure.n >= FEW_TIMES and _by_a_tenth(value, other) and not near


def _by_a_tenth(value: float, other: float) -> bool:
    return other > 0 and abs(value / other - 1) >= _TENTH


def _words(measure: Measure, line: Line, times: Slots) -> dict[str, str]:
    return {"figure": name(measure.id), "where": apart(" ".join(titles(line, times)))}
