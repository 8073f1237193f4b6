"""What rules of the floor look at, in words: names, limits, and the sentence of an alert."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from cxcall.queues.alerting import FALLS, PERSONAL, FloorRule, Measure
from cxcall.store.alerts import Alert
from cxcall.web.digits import clock_text, number_text
from cxcall.web.presentation import current
from cxcall.web.queue_titles import titled
from cxcall.web.words import N_
from cxcall.web.words import gettext as _


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasureWords:
    """`name` with its unit for choosing; `said` of one queue with its value; `shown`: a value as people read it."""

    name: str
    said: str
    shown: Callable[[float], str]


def _count(value: float) -> str:
    return number_text(value)


def _share(value: float) -> str:
    return _("%(n)s per cent") % {"n": number_text(value, 0 if value == round(value) else 1)}


def _score(value: float) -> str:
    return number_text(value, 0 if value == round(value) else 2)


MEASURES: Mapping[Measure, MeasureWords] = {
    "waiting": MeasureWords(
        name=N_("Callers who wait"), said=N_("%(queue)s: callers who wait: %(value)s"), shown=_count
    ),
    "longest": MeasureWords(
        name=N_("Longest wait (seconds)"), said=N_("%(queue)s: somebody waits for %(value)s"), shown=clock_text
    ),
    "sl": MeasureWords(
        name=N_("Service level of today (per cent)"), said=N_("%(queue)s: service level %(value)s"), shown=_share
    ),
    "free": MeasureWords(name=N_("Free agents"), said=N_("%(queue)s: free agents: %(value)s"), shown=_count),
    "abandoned": MeasureWords(
        name=N_("Abandoned today (per cent)"), said=N_("%(queue)s: %(value)s of callers gave up"), shown=_share
    ),
    "csat": MeasureWords(
        name=N_("Score of today (1 to 5)"), said=N_("%(queue)s: mean score %(value)s of 5"), shown=_score
    ),
    "mood": MeasureWords(
        name=N_("Mood of a call that gets worse (−1 to 1)"), said=N_("%(queue)s: a mood fell to %(value)s"),
        shown=_score,
    ),
    "pause": MeasureWords(
        name=N_("Pause past its limit (by seconds)"), said=N_("%(agent)s: pause %(reason)s over by %(value)s"),
        shown=clock_text,
    ),
    "wrap_up": MeasureWords(
        name=N_("Wrap-up past its limit (by seconds)"), said=N_("%(agent)s: wrap-up over by %(value)s"),
        shown=clock_text,
    ),
}  # fmt: skip


def limit_text(rule: FloorRule, limit: float) -> str:
    """A limit as the list of rules has it: at most 3, at least 0:30."""
    shown = MEASURES[rule.measure].shown(limit)
    return (_("%(n)s or less") if rule.measure in FALLS else _("%(n)s or more")) % {"n": shown}


def said(alert: Alert) -> str:
    """What an alert of a rule found, in a sentence; "" for alerts of others."""
    measure, value, limit = (alert.params.get(name) for name in ("measure", "value", "limit"))
    words = MEASURES.get(measure) if isinstance(measure, str) else None  # type: ignore[call-overload]  # any text
    if words is None or not isinstance(value, (int, float)):
        return ""
    found = _(words.said) % {
        "queue": _apart(titled(str(alert.params.get("queue") or "")) or _("No queue")),
        "agent": _apart(alert.params.get("agent") or _("Somebody")),
        "reason": _reason(alert.params.get("reason")),
        "value": words.shown(value),
    }
    if measure in PERSONAL or not isinstance(limit, (int, float)):
        return found
    return _("%(found)s (limit %(limit)s)") % {"found": found, "limit": words.shown(limit)}


def _apart(name: object) -> str:
    """A name of whatever letters, which does not turn a Persian sentence around."""
    return f"\u2068{name}\u2069" if current().language == "fa" else str(name)


def _reason(told: object) -> str:
    """A pause reason in quotes: its name in the reader's language, or what another tool wrote."""
    if isinstance(told, Mapping):
        told = told.get(current().language) or next(iter(told.values()), "")
    return _("“%(words)s”") % {"words": told} if told else ""
