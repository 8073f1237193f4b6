"""What moves the score: facts and answers whose calls score differently from all the others; pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from cxcall.store.survey_drivers import Driver
from cxcall.surveys import score
from cxcall.surveys.score import Score
from cxcall.web.pages.survey_labels import said
from cxcall.web.pages.voice_figures import half
from cxcall.web.pages.voice_view import Moved
from cxcall.web.words import N_
from cxcall.web.words import gettext as _

MOST = 4
"""Shown at most on either side."""
_WAITS = {
    "0": N_("Waited under 20 s"),
    "20": N_("Waited 20 to 60 s"),
    "60": N_("Waited 1 to 3 minutes"),
    "180": N_("Waited over 3 minutes"),
}


def moved(drivers: Iterable[Driver], agents: Mapping[str, str]) -> list[Moved]:
    """What differs by more than chance explains, losses first, the strongest at the ends; few answers never count."""
    found: list[tuple[str, float, int, int]] = []
    for driver in drivers:
        with_, without = score.nps(driver.with_), score.nps(driver.without)
        difference = _difference(with_, without)
        if difference is not None:
            found.append((name_of(driver, agents), difference, with_.n, without.n))
    found.sort(key=lambda one: one[1])
    losses = [one for one in found if one[1] < 0][:MOST]
    gains = [one for one in found if one[1] > 0][-MOST:]
    widest = max((abs(one[1]) for one in losses + gains), default=1.0)
    return [
        Moved(name=name, points=points, n=n, others=others, width=100 * abs(points) / widest)
        for name, points, n, others in losses + gains
    ]


def strongest(shown: Iterable[Moved]) -> list[tuple[str, float]]:
    """Names and points, the strongest first."""
    return [(one.name, one.points) for one in sorted(shown, key=lambda one: -abs(one.points))]


def name_of(driver: Driver, agents: Mapping[str, str]) -> str:
    """A driver in words."""
    if driver.of == "wait":
        return _(_WAITS.get(driver.key, driver.key))
    if driver.of == "transferred":
        return _("Transferred call")
    if driver.of == "repeat":
        return _("Repeat call")
    if driver.of == "queue":
        return _("Queue %(name)s") % {"name": driver.key}
    if driver.of == "agent":
        return agents.get(driver.key, driver.key)
    title, label = said(driver.title) or driver.part, said(driver.label) or driver.key
    return f"{title}: {label}"


def _difference(with_: Score, without: Score) -> float | None:
    if with_.few or without.few or with_.value is None or without.value is None:
        return None
    difference = with_.value - without.value
    explained = float((half(with_) ** 2 + half(without) ** 2) ** 0.5)
    return difference if abs(difference) > explained else None
