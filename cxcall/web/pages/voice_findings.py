"""What the figures of surveys say, in one sentence each, in the reader's words, digits and calendar."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from cxcall.surveys.score import FEW, Score
from cxcall.web.dates import date_text
from cxcall.web.digits import number_text
from cxcall.web.pages import voice_figures
from cxcall.web.pages.voice_filter import Span
from cxcall.web.words import gettext as _
from cxcall.web.words import ngettext


def signed(value: float, decimals: int = 0) -> str:
    """+34, −5, 0: a score or a difference with its sign."""
    rounded = round(value, decimals)
    return ("+" if rounded > 0 else "") + number_text(rounded or 0.0, decimals)


def of_scale(value: float, most: int) -> str:
    """An answer as 4 of 5."""
    return _("%(value)s of %(most)s") % {"value": number_text(value), "most": number_text(most)}


def trend(weeks: Sequence[date], scores: Sequence[Score], goal: float | None) -> str:
    """What the NPS did over the weeks that begin on these days."""
    told = voice_figures.trend(scores, goal)
    if told is None:
        total = sum(one.n for one in scores)
        return ngettext(
            "%(n)s answer in these weeks: too few for a trend.",
            "%(n)s answers in these weeks: too few for a trend.",
            total,
        ) % {"n": number_text(total)}
    now, then = scores[told.last].value or 0.0, scores[told.at].value or 0.0
    sentence = {
        "up": _("NPS rose from %(then)s in the week of %(week)s to %(now)s in the week of %(last)s."),
        "down": _("NPS fell from %(then)s in the week of %(week)s to %(now)s in the week of %(last)s."),
        "flat": _("NPS is steady at %(now)s: the weeks differ no more than chance explains."),
    }[told.way] % {
        "then": signed(then),
        "now": signed(now),
        "week": date_text(weeks[told.at], year=False),
        "last": date_text(weeks[told.last], year=False),
    }
    if told.goal is None or goal is None:
        return sentence
    against = {
        "above": _("It is above the goal of %(goal)s."),
        "below": _("It is below the goal of %(goal)s."),
        "within": _("The goal of %(goal)s lies within its range."),
    }[told.goal]
    return f"{sentence} {against % {'goal': number_text(goal)}}"


def period(span: Span) -> str:
    """1 – 21 Nov 2026, or one day."""
    if span.first == span.last:
        return date_text(span.last)
    same = span.first.year == span.last.year
    return f"{date_text(span.first, year=not same)} – {date_text(span.last)}"


def compared(span: Span) -> str:
    """What a period is compared with."""
    return ngettext(
        "compared with the %(n)s day before", "compared with the %(n)s days before", span.days
    ) % {"n": number_text(span.days)}  # fmt: skip


def who_answered(promoters: float, passives: float, detractors: float) -> str:
    """The stacked bar in words; shares 0–1."""
    values = {
        "promoters": number_text(promoters * 100),
        "passives": number_text(passives * 100),
        "detractors": number_text(detractors * 100),
    }
    return (
        _("%(promoters)s per cent promoters, %(passives)s per cent passive, %(detractors)s per cent detractors")
        % values
    )


def drivers(names: Sequence[tuple[str, float]]) -> str:
    """What moves the score most, from (name, points) pairs, the strongest first."""
    if not names:
        return _("Nothing moves the score that %(n)s answers on both sides can show.") % {"n": number_text(FEW)}
    name, moved = names[0]
    text = (
        _("“%(what)s” raises the score most: %(points)s points.")
        if moved > 0
        else _("“%(what)s” lowers the score most: %(points)s points.")
    )
    return text % {"what": name, "points": signed(moved)}
