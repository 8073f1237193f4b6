"""The sentences above a report: what changed, how it is on the whole, where it is worst.

Nothing is said of too few, and no difference is named that may be chance (`reports.chance`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from cxcall.reports.answer import FEW, Answer, Figure
from cxcall.reports.arranging import Slots
from cxcall.reports.measures import Measure, find
from cxcall.web.digits import number_text
from cxcall.web.pages.reports import standing_out
from cxcall.web.pages.reports.fairness import still_open, unfair
from cxcall.web.pages.reports.standing_out import LEADS, apart, enough, fewest, put
from cxcall.web.pages.reports.table import delta, n_text, titles
from cxcall.web.queue_titles import titled
from cxcall.web.report_names import SHORT_OUT
from cxcall.web.report_words import figure_text, name
from cxcall.web.words import gettext as _
from cxcall.web.words import ngettext

_WITHOUT_SHORT = SHORT_OUT["abandon_rate"]
MANY = 10
"""Of fewer who hung up it says nothing where most of them did."""


def finding(answer: Answer, times: Slots) -> str:
    """What stands out, in a sentence or two."""
    if not any(figure.n for figure in answer.total.figures.values()):
        return _("Nothing was counted in this time.")
    measures = [measure for one in answer.definition.measures if (measure := find(one)) is not None]
    said = [_changed(answer, measures), _headline(answer, times)]
    if not said[0]:
        said.append(standing_out.rate(answer, measures, times))
    found = [text for text in said if text]
    if not found:
        found = [text for text in (_whole(answer, measures), standing_out.most(answer, measures, times)) if text][:1]
    return " ".join(found) or _("There are too few calls to say what stands out.")


def _changed(answer: Answer, measures: Sequence[Measure]) -> str:
    """The first figure of the whole that differs from what it is compared with by more than chance."""
    other, order = answer.definition.other_queue, {one: n for n, one in enumerate(LEADS)}
    for measure in sorted(measures, key=lambda one: order.get(one.id, len(order))):
        figure = answer.total.figures[measure.id]
        change = delta(measure, figure)
        if change is None or not change.way or unfair(measure, answer.total, answer) or not _by_more(measure, figure):
            continue
        words = {
            "figure": name(measure.id),
            "before": put(figure_text(measure.unit, figure.before)),
            "now": put(figure_text(measure.unit, figure.value)),
        }
        if not other:
            text = _("%(figure)s rose from %(before)s to %(now)s.")
            return (text if change.way == "up" else _("%(figure)s fell from %(before)s to %(now)s.")) % words
        if measure.unit != "count":
            return _("%(figure)s: %(now)s, in %(queue)s %(before)s.") % {**words, "queue": apart(titled(other))}
    return ""


def _by_more(measure: Measure, figure: Figure) -> bool:
    before = Figure(value=figure.before, n=figure.before_n)
    if not enough(measure, figure) or not enough(measure, before) or figure.value is None or figure.before is None:
        return False
    return standing_out.changed(measure, figure, before)


def _headline(answer: Answer, times: Slots) -> str:
    """How the whole is, of what reports are most often about."""
    several: tuple[Callable[[], str], ...] = (
        lambda: _abandoned(answer, times),
        lambda: _repeated(answer.total.figures),
        lambda: _waits(answer.total.figures),
    )
    return next((text for say in several if (text := say())), "")


def _lost(figures: dict[str, Figure]) -> tuple[int, int] | None:
    """How many hung up of how many, as the figures beside the sentence count them; None where none tells."""
    rate = figures.get("abandon_rate")
    if rate is not None:
        return round((rate.value or 0.0) * rate.n), rate.n
    if "abandoned" in figures and "offered" in figures:
        return figures["abandoned"].n, figures["offered"].n
    return None


def _abandoned(answer: Answer, times: Slots) -> str:
    """How many hung up, and where most of them did."""
    found = _lost(answer.total.figures)
    if found is None or found[1] < FEW:
        return ""
    lost, offered = found
    share = put(figure_text("share", lost / offered))
    words = {"lost": number_text(lost), "offered": number_text(offered), "share": share}
    text = _both(answer, words, lost) or _("%(lost)s of %(offered)s callers hung up while waiting (%(share)s).") % words
    counts = [((_lost(line.figures) or (0, 0))[0], line) for line in answer.lines]
    most, worst = max(counts, key=lambda one: one[0], default=(0, None))
    if worst is None or len(answer.lines) < fewest(answer) or lost < MANY or most * 2 < lost:
        return text
    told = {"where": apart(" ".join(titles(worst, times))), "share": put(figure_text("share", most / lost))}
    return text + " " + _("%(share)s of them: %(where)s.") % told


def _both(answer: Answer, words: dict[str, str], lost: int) -> str:
    """Where short abandons don't count in the share: all who hung up, as the columns have it, and then the share's own
    counts; "" where the same are counted in both."""
    if not _without_short(answer):
        return ""
    figures = answer.total.figures
    short = figures["abandoned"].n - lost if "abandoned" in figures and "offered" in figures else 0
    if short <= 0:
        return _("%(lost)s of %(offered)s callers hung up while waiting (%(share)s).") % words + " " + _(_WITHOUT_SHORT)
    more = {"short": number_text(short), "all": number_text(lost + short), "of": number_text(figures["offered"].n)}
    return ngettext(
        "%(all)s of %(of)s callers hung up while waiting; without %(short)s short abandon %(lost)s of %(offered)s "
        "(%(share)s).",
        "%(all)s of %(of)s callers hung up while waiting; without %(short)s short abandons %(lost)s of %(offered)s "
        "(%(share)s).",
        short,
    ) % {**words, **more}


def _without_short(answer: Answer) -> bool:
    """Whether short abandons there are don't count in abandonment."""
    figures = answer.total.figures
    if answer.definition.short == "in" or "abandon_rate" not in figures:
        return False
    short, offered = figures.get("short_abandoned"), figures.get("offered")
    return bool(short and short.n) or bool(offered and offered.n > figures["abandon_rate"].n)


def _repeated(figures: dict[str, Figure]) -> str:
    """How many customers came back."""
    if "repeat" not in figures or "customers" not in figures or figures["customers"].n < FEW:
        return ""
    repeat, customers = figures["repeat"].n, figures["customers"].n
    words = {
        "repeat": number_text(repeat), "customers": number_text(customers),
        "share": put(figure_text("share", repeat / customers)),
    }  # fmt: skip
    return _("%(repeat)s of %(customers)s customers called more than once (%(share)s).") % words


def _waits(figures: dict[str, Figure]) -> str:
    """How long half of all callers and nine of ten waited."""
    half, most = figures.get("wait_p50"), figures.get("wait_p90")
    if half is None or most is None or half.n < FEW or half.value is None or most.value is None:
        return ""
    words = {"half": figure_text("seconds", half.value), "most": figure_text("seconds", most.value)}
    return _("Half of all callers waited no longer than %(half)s, nine of ten no longer than %(most)s.") % words


def _whole(answer: Answer, measures: Sequence[Measure]) -> str:
    """The first figure that says how things are, where no row differs from it."""
    known = {measure.id: measure for measure in measures}
    for lead in LEADS:
        measure = known.get(lead)
        figure = answer.total.figures.get(lead)
        if measure is None or figure is None or figure.value is None or not enough(measure, figure):
            continue
        words = {
            "figure": name(lead), "value": put(figure_text(measure.unit, figure.value)), "n": n_text(measure, figure.n),
        }  # fmt: skip
        if still_open(measure, answer.total):
            return _("%(figure)s so far: %(value)s, n %(n)s.") % words
        return _("%(figure)s on the whole: %(value)s, n %(n)s.") % words
    return ""
