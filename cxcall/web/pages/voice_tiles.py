"""The tiles on top of the pages about surveys: CSAT, NPS, CES, response rate, calls owed; pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from cxcall.surveys import score
from cxcall.surveys.score import FEW, Score
from cxcall.surveys.script import Measure
from cxcall.web.digits import number_text
from cxcall.web.pages import voice_figures
from cxcall.web.pages.survey_labels import MEASURES
from cxcall.web.pages.voice_figures import Counts
from cxcall.web.pages.voice_view import Tile
from cxcall.web.words import gettext as _
from cxcall.web.words import ngettext

Link = Callable[[str], str]
"""The address of the calls with a `survey=` filter."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """How many gave each value: in the period, in the one before, and in each week of the trend."""

    measure: Measure
    now: Counts
    before: Counts
    weeks: Sequence[Counts]

    @property
    def score(self) -> Score:
        return score.of(self.measure, self.now)

    @property
    def by_week(self) -> list[Score]:
        return [score.of(self.measure, counts) for counts in self.weeks]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """How many were asked, and how many of them finished."""

    asked: int
    finished: int


def of_score(measured: Measured, link: Link) -> Tile:
    """A score with what it means, its n, its mean beside it, and its range where it is NPS."""
    measure, found = measured.measure, measured.score
    means = {"csat": _("gave 4–5"), "nps": _("promoters less detractors"), "ces": _("gave 6–7")}
    answers = ngettext("%(n)s answer", "%(n)s answers", found.n) % {"n": number_text(found.n)}
    if measure != "nps" and found.mean is not None:
        mean = _("mean %(mean)s") % {"mean": number_text(found.mean, 1)}
        answers = f"{answers} · {mean}"
    share = measure != "nps"
    return Tile(
        name=_(MEASURES[measure]),
        value=None if found.value is None else found.value / 100 if share else found.value,
        kind="share" if share else "signed",
        n=found.n,
        unit=answers,
        url=link(measure),
        about="" if measure == "nps" and found.n else means[measure],
        spread=voice_figures.half(found) if measure == "nps" and found.n else None,
        delta=voice_figures.delta(found, score.of(measure, measured.before)),
        spark=voice_figures.spark([one.value for one in measured.by_week]),
        few=found.few,
    )


def of_response(now: Asking, before: Asking, weeks: Sequence[Asking], link: Link) -> Tile:
    """Finished / offered."""
    return Tile(
        name=_("Response rate"),
        value=now.finished / now.asked if now.asked else None,
        kind="share",
        n=now.asked,
        unit=ngettext("of %(n)s call asked", "of %(n)s calls asked", now.asked) % {"n": number_text(now.asked)},
        url=link("finished"),
        about=_("%(n)s finished") % {"n": number_text(now.finished)},
        delta=voice_figures.share_delta((now.finished, now.asked), (before.finished, before.asked)),
        spark=voice_figures.spark([week.finished / week.asked if week.asked else None for week in weeks]),
        few=now.asked < FEW,
    )


def of_call_backs(owed: int, overdue: int) -> Tile:
    """Callers somebody promised to call back because of an answer; of all days, for a promise does not end."""
    late = ngettext("%(n)s overdue", "%(n)s overdue", overdue) % {"n": number_text(overdue)} if overdue else ""
    return Tile(
        name=_("To call back"),
        value=float(owed),
        kind="number",
        n=owed,
        unit=_("open promises of any day"),
        url="/surveys/call-backs",
        about="" if late else _("none overdue"),
        alarm=late,
    )
