"""What an experiment shows: its groups by a measure, the verdict in words, and how both went day by day."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.routing.phrases import MEASURES
from cxcall.routing.rule import Trial
from cxcall.routing.trials import LEAST, Comparison, Mean, Measure
from cxcall.routing.trials import MEASURES as ALL
from cxcall.store import trial_outcomes
from cxcall.store.rule_publishing import compared
from cxcall.store.trial_outcomes import Outcome
from cxcall.web.dates import date_text
from cxcall.web.digits import clock_text, number_text
from cxcall.web.presentation import current
from cxcall.web.words import N_
from cxcall.web.words import gettext as _

SECONDS: frozenset[str] = frozenset({"wait", "handle"})
POINTS = 60
"""Days drawn at most; of longer experiments every second, third … one."""

WHAT: Mapping[str, str] = {
    "csat": N_("answers of 4 or 5 out of 5"),
    "nps": N_("promoters less detractors"),
    "wait": N_("mean wait before an agent"),
    "abandoned": N_("calls hung up while waiting"),
    "repeat": N_("customers who called again within 7 days"),
    "handle": N_("mean talk with hold"),
}
EARLY = N_("Too early to say: each group needs %(least)s customers, there are %(treated)s and %(control)s.")
VERDICTS = {
    "few": (N_("too early to say"), "", "clock"),
    "none": (N_("no difference seen yet"), "", "meh"),
    "better": (N_("better with the rule"), "good", "check"),
    "worse": (N_("worse with the rule"), "bad", "alert"),
}
"""Word, colour and icon."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """Both groups up to the end of a day."""

    day: date
    treated: Mean
    control: Mean

    @property
    def label(self) -> str:
        return date_text(self.day, year=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A comparison, as a page shows it."""

    found: Comparison

    @property
    def measure(self) -> Measure:
        return self.found.measure

    @property
    def name(self) -> str:
        return _(MEASURES[self.measure])

    @property
    def what(self) -> str:
        return _(WHAT[self.measure])

    @property
    def label(self) -> tuple[str, str, str]:
        return VERDICTS[self.found.verdict if self.found.enough else "few"]

    @property
    def seconds(self) -> bool:
        return self.measure in SECONDS

    def value(self, value: float | None) -> str:
        return value_text(self.measure, value)

    def interval(self, low: float | None, high: float | None) -> str:
        if low is None or high is None:
            return ""
        return _("%(low)s to %(high)s") % {"low": self.value(low), "high": self.value(high)}

    @property
    def difference(self) -> str:
        """With its sign."""
        value = self.found.difference
        if value is None:
            return ""
        return ("+" if value > 0 else "−" if value < 0 else "") + self.value(abs(value))

    @property
    def reach(self) -> str:
        """The interval of the difference, with signs."""
        low, high = self.found.low, self.found.high
        if low is None or high is None:
            return ""
        signed = [
            f"\u2066{'+' if one > 0 else '−' if one < 0 else ''}{self.value(abs(one))}\u2069" for one in (low, high)
        ]  # the sign stays before its number, whichever way the sentence runs
        return _("%(low)s to %(high)s") % {"low": signed[0], "high": signed[1]}

    @property
    def finding(self) -> str:
        """The verdict in one sentence."""
        found = self.found
        if not found.enough:
            return _(EARLY) % {
                "least": number_text(LEAST), "treated": number_text(found.treated.customers),
                "control": number_text(found.control.customers),
            }  # fmt: skip
        values = {
            "measure": self.name, "treated": self.value(found.treated.value),
            "control": self.value(found.control.value), "reach": self.reach,
        }  # fmt: skip
        sentence = {
            "none": _(
                "No difference seen yet in %(measure)s: %(treated)s with the rule, %(control)s without; "
                "the difference is somewhere from %(reach)s."
            ),
            "better": _(
                "Better in %(measure)s: %(treated)s with the rule, %(control)s without; "
                "the difference is from %(reach)s."
            ),
            "worse": _(
                "Worse in %(measure)s: %(treated)s with the rule, %(control)s without; "
                "the difference is from %(reach)s."
            ),
        }[found.verdict]
        return sentence % values


@dataclass(frozen=True, slots=True, kw_only=True)
class Results:
    """All measures, the experiment's own first, and the days of the one that is looked at."""

    chosen: Shown
    others: Sequence[Shown]
    points: Sequence[Point]


def value_text(measure: Measure, value: float | None) -> str:
    """A figure of a measure; a dash where there is nothing to count."""
    if value is None:
        return "–"
    if measure in SECONDS:
        return clock_text(max(value, 0))
    shown = number_text(round(value, 1) + 0.0, 1)
    if measure == "nps":
        return shown
    return f"{shown}٪" if current().persian_digits else f"{shown}%"


async def results(conn: AsyncConnection, trial: Trial, measure: Measure, *, now: datetime, zone: ZoneInfo) -> Results:
    """What the experiment shows by now, by each measure."""
    shown: dict[Measure, Shown] = {}
    points: Sequence[Point] = ()
    for one in ALL:
        outcomes = await trial_outcomes.of_trial(conn, trial.name, one, now=now)
        shown[one] = Shown(found=await asyncio.to_thread(compared, one, outcomes))
        if one == measure:
            points = await asyncio.to_thread(by_day, measure, outcomes, zone)
    return Results(chosen=shown[measure], others=[one for name, one in shown.items() if name != measure], points=points)


def by_day(measure: Measure, outcomes: Sequence[Outcome], zone: ZoneInfo) -> list[Point]:
    """Both groups as they stood after each day with outcomes."""
    days: dict[date, int] = {}
    for n, one in enumerate(outcomes, 1):
        days[one.at.astimezone(zone).date()] = n
    ends = list(days.items())
    step = -(-len(ends) // POINTS) or 1
    drawn = ends[::-1][::step][::-1]
    points = []
    for day, n in drawn:
        found = compared(measure, outcomes[:n])
        points.append(Point(day=day, treated=found.treated, control=found.control))
    return points
