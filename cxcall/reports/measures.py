"""The figures of METRICS.md: what each is made of, how it is worked out, and how it may be told apart.

A measure works on a `Tally`, never on other figures: the figure of a whole is that of the tallies of its parts added.
Names of sums are those of the families that read them (`cxcall.store.reporting`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from typing import Literal

from cxcall.reports.answer import FEW, Figure
from cxcall.reports.definition import Row, Short
from cxcall.reports.tally import Tally
from cxcall.reports.waits import percentile

Unit = Literal["count", "share", "seconds", "points", "score", "mean", "per_minute"]
"""Shares are of one, points are those of NPS (−100 to 100), a score is −1 to 1, a mean one of answers 1 to 5."""

Good = Literal["up", "down", ""]
"""Which way is better."""

Of = Callable[[Tally, Short], float | None]
Many = Callable[[Tally, Short], float]

PAUSED = "paused:"
_TIMES: tuple[Row, ...] = ("interval", "hour", "day", "week", "month", "weekday", "hour_of_day")
_QUEUES: frozenset[Row] = frozenset((*_TIMES, "server", "queue"))
_PARTS: frozenset[Row] = frozenset((*_TIMES, "server", "queue", "agent", "team"))
_STATES: frozenset[Row] = frozenset((*_TIMES, "server", "agent", "team"))
_CALLS: frozenset[Row] = frozenset((*_TIMES, "server", "did", "direction", "outcome", "menu"))
_TRANSFERS: frozenset[Row] = frozenset(("day", "week", "month", "weekday", "server", "queue", "agent", "transfer_kind"))
_ANSWERS: frozenset[Row] = frozenset((*_TIMES, "server", "queue", "agent", "team", "survey"))
_SPEECH: frozenset[Row] = frozenset((*_TIMES, "server", "queue", "agent", "team", "category"))
_CONTACTS: frozenset[Row] = frozenset(
    ("day", "week", "month", "weekday", "server", "queue", "agent", "team", "segment")
)

_STATE_NAMES = ("ready", "ringing", "on_call", "wrap_up")
_KINDS = ("blind", "attended", "semi_attended", "redirect")


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """A figure. `families`: where its sums are read. `rows`: what it may be told by. `behind`: whether the calls
    counted in it can be listed. `scored`: below FEW it is grey and has no delta."""

    id: str
    unit: Unit
    families: frozenset[str]
    rows: frozenset[Row]
    good: Good
    of: Of
    many: Many
    behind: bool
    scored: bool

    def value(self, tally: Tally, short: Short) -> float | None:
        """The figure, None where there is nothing to divide by."""
        return self.of(tally, short)

    def n(self, tally: Tally, short: Short) -> int:
        """What it was made of: the denominator of a share or mean, else what was counted."""
        return round(self.many(tally, short))

    def figure(self, tally: Tally, short: Short) -> Figure:
        n = self.n(tally, short)
        return Figure(value=self.value(tally, short), n=n, few=self.scored and n < FEW)


def find(name: str) -> Measure | None:
    """A measure by id, also `paused:REASON` of any reason; None: there is none."""
    return MEASURES.get(name) or (_paused(name) if name.startswith(PAUSED) and len(name) > len(PAUSED) else None)


def _sum(*names: str) -> Many:
    return lambda tally, _short: sum(tally[name] for name in names)


def _offered(tally: Tally, short: Short) -> float:
    """Who counts as offered in abandonment and service level."""
    return tally["offered"] - (tally["short_abandoned"] if short == "out" else 0)


def _abandoned(tally: Tally, short: Short) -> float:
    return tally["abandoned"] - (tally["short_abandoned"] if short == "out" else 0)


def _ratio(above: Many, below: Many) -> Of:
    def of(tally: Tally, short: Short) -> float | None:
        n = below(tally, short)
        return above(tally, short) / n if n > 0 else None

    return of


def _count(
    name: str, family: str, rows: frozenset[Row], *, good: Good = "", of: str = "", behind: bool = True
) -> Measure:
    many = _sum(of or name)
    return Measure(
        id=name, unit="count", families=frozenset((family,)), rows=rows, good=good, of=many, many=many, behind=behind,
        scored=False,
    )  # fmt: skip


def _seconds(
    name: str, families: Iterable[str], rows: frozenset[Row], *names: str, n: Many, good: Good = ""
) -> Measure:
    return Measure(
        id=name, unit="seconds", families=frozenset(families), rows=rows, good=good, of=_sum(*names), many=n,
        behind=False, scored=False,
    )  # fmt: skip


def _share(
    name: str, families: Iterable[str], rows: frozenset[Row], above: Many, below: Many, *, good: Good = "up",
    unit: Unit = "share", scored: bool = False,
) -> Measure:  # fmt: skip
    return Measure(
        id=name, unit=unit, families=frozenset(families), rows=rows, good=good, of=_ratio(above, below), many=below,
        behind=False, scored=scored,
    )  # fmt: skip


def _percentile(percent: float) -> Of:
    return lambda tally, _short: percentile(tally.waits, percent)


def _waited(tally: Tally, short: Short) -> float:
    return sum(tally.waits.values())


def _wait(name: str, of: Of, many: Many) -> Measure:
    return Measure(
        id=name, unit="seconds", families=frozenset(("visits",)), rows=_QUEUES, good="down", of=of, many=many,
        behind=False, scored=False,
    )  # fmt: skip


def _longest(tally: Tally, short: Short) -> float | None:
    return tally.most.get("wait_max") if tally["offered"] else None


def _visits() -> Iterable[Measure]:
    v = ("visits",)
    yield _count("offered", "visits", _QUEUES)
    yield _count("answered", "visits", _QUEUES, good="up")
    for name in ("abandoned", "short_abandoned", "timed_out", "full", "closed"):
        yield _count(name, "visits", _QUEUES, good="down")
    yield _count("left", "visits", _QUEUES)
    yield _share("abandon_rate", v, _QUEUES, _abandoned, _offered, good="down")
    yield _share("sl_answered", v, _QUEUES, _sum("answered_in_time"), _sum("answered"))
    yield _share("sl_offered", v, _QUEUES, _sum("answered_in_time"), _offered)
    yield _share("sl_strict", v, _QUEUES, _sum("answered_in_time"), _sum("offered"))
    yield _share("sl_fair", v, _QUEUES, _sum("answered_in_time", "abandoned_in_time"), _sum("offered"))
    yield _wait("asa", _ratio(_sum("wait_answered"), _sum("answered")), _sum("answered"))
    yield _wait("abandon_wait", _ratio(_sum("wait_abandoned"), _sum("abandoned")), _sum("abandoned"))
    yield _wait("wait_p50", _percentile(50), _waited)
    yield _wait("wait_p90", _percentile(90), _waited)
    yield _wait("wait_max", _longest, _sum("offered"))


def _handling() -> Iterable[Measure]:
    p, both = ("parts",), ("parts", "states")
    handled = _sum("handled")
    wrapped = ("acw", "state:wrap_up")
    yield _count("handled", "parts", _PARTS)
    yield _seconds("talk", p, _PARTS, "talk", n=handled)
    yield _seconds("hold", p, _PARTS, "hold", n=handled)
    yield _seconds("acw", both, _STATES, *wrapped, n=handled)
    yield _share("aht", both, _STATES, _sum("talk", "hold", *wrapped), handled, good="down", unit="seconds")
    yield _count("ring_no_answer", "parts", _PARTS, good="down", of="missed")
    yield _seconds("missed_ring", p, _PARTS, "missed_ring", n=_sum("missed"), good="down")
    passed = tuple(f"transferred_{kind}" for kind in _KINDS)
    yield _share("transfer_rate", p, _PARTS, _sum(*passed), handled, good="down")
    for name in passed:
        yield _count(name, "parts", _PARTS)
    yield _count("parked", "parts", _PARTS)
    yield _count("calls_in", "parts", _PARTS)
    yield _count("calls_out", "parts", _PARTS)


def _login(tally: Tally, short: Short) -> float:
    """METRICS `login`: all states but being offline."""
    return sum(seconds for name, seconds in tally.sums.items() if name.startswith(("state:", PAUSED)))


def _paused_all(tally: Tally, short: Short) -> float:
    return sum(seconds for name, seconds in tally.sums.items() if name.startswith(PAUSED))


def _at_work(tally: Tally, short: Short) -> float:
    return _login(tally, short) - _paused_all(tally, short)


def _busy(tally: Tally, short: Short) -> float:
    """Talk, hold and wrap-up: an agent is on a call from answer to hang-up, held or not."""
    return tally["state:on_call"] + tally["state:wrap_up"]


def _states() -> Iterable[Measure]:
    s = ("states",)
    yield _time("login", _login)
    for name in _STATE_NAMES:
        yield _time(name, _sum(f"state:{name}"))
    yield _time("paused", _paused_all)
    yield _share("occupancy", s, _STATES, lambda t, x: _busy(t, x) + t["state:ringing"], _at_work, good="")
    yield _share("utilisation", s, _STATES, _busy, _login, good="")


def _time(name: str, of: Many) -> Measure:
    """Seconds in a state; n is the seconds signed in, of which they are a part."""
    return Measure(
        id=name, unit="seconds", families=frozenset(("states",)), rows=_STATES, good="", of=of, many=_login,
        behind=False, scored=False,
    )  # fmt: skip


@cache
def _paused(name: str) -> Measure:
    return _time(name, _sum(name))


def _of_calls() -> Iterable[Measure]:
    c = ("calls",)
    yield _count("calls", "calls", _CALLS)
    yield _count("calls_answered", "calls", _CALLS, good="up")
    yield _share("answer_rate", c, _CALLS, _sum("calls_answered"), _sum("calls"))
    yield _seconds("calls_talk", c, _CALLS, "calls_talk", n=_sum("calls_answered"))
    yield _seconds("calls_wait", c, _CALLS, "calls_wait", n=_sum("calls"))
    yield _count("transfers", "transfers", _TRANSFERS, behind=False)


def _nps(tally: Tally, short: Short) -> float | None:
    n = _nps_n(tally, short)
    return (tally["nps_promoters"] - tally["nps_detractors"]) / n * 100 if n > 0 else None


def _nps_n(tally: Tally, short: Short) -> float:
    return tally["nps_promoters"] + tally["nps_passives"] + tally["nps_detractors"]


def _of_answers() -> Iterable[Measure]:
    a = ("answers",)
    yield _share("csat", a, _ANSWERS, _sum("csat_good"), _sum("csat_n"), scored=True)
    yield _share("csat_mean", a, _ANSWERS, _sum("csat_sum"), _sum("csat_n"), unit="mean", scored=True)
    yield Measure(id="nps", unit="points", families=frozenset(a), rows=_ANSWERS, good="up", of=_nps, many=_nps_n,
                  behind=False, scored=True)  # fmt: skip
    yield _share("ces", a, _ANSWERS, _sum("ces_good"), _sum("ces_n"), scored=True)
    for name in ("survey_offered", "survey_started", "survey_finished"):
        yield _count(name, "answers", _ANSWERS, behind=False)
    yield _share("response_rate", a, _ANSWERS, _sum("survey_finished"), _sum("survey_offered"))


def _of_speech() -> Iterable[Measure]:
    s = ("speech",)
    spoken = _sum("own_s", "customer_s")
    yield _count("talks", "speech", _SPEECH, behind=False)
    yield _share("talk_share", s, _SPEECH, _sum("own_s"), spoken, good="")
    yield _share("silence", s, _SPEECH, _sum("silence_s"), _sum("talk_s"), good="down")
    yield _share("overlap", s, _SPEECH, _sum("overlap_s"), _sum("talk_s"), good="down")
    yield _share("interruptions", s, _SPEECH, _sum("interruptions_agent", "interruptions_customer"), _sum("talks"),
                 good="down", unit="count")  # fmt: skip
    yield _share("pace", s, _SPEECH, lambda t, _short: t["words_agent"] * 60, _sum("own_s"), good="", unit="per_minute")
    yield _share("sentiment", s, _SPEECH, _sum("sentiment_sum"), _sum("sentiment_n"), unit="score", scored=True)
    moods = _sum("mood_improving", "mood_steady", "mood_worsening")
    yield _share("mood_trend", s, _SPEECH, _sum("trend_sum"), moods, unit="score", scored=True)


def _of_contacts() -> Iterable[Measure]:
    c = ("contacts",)
    yield _share("fcr", c, _CONTACTS, _sum("fcr_resolved"), _sum("fcr_n"), scored=True)
    yield _count("repeat", "contacts", _CONTACTS, good="down", of="repeat_customers", behind=False)
    yield _count("customers", "contacts", _CONTACTS, behind=False)
    yield _share("repeat_rate", c, _CONTACTS, _sum("repeat_customers"), _sum("customers"), good="down")


MEASURES: dict[str, Measure] = {
    measure.id: measure
    for several in (_visits, _handling, _states, _of_calls, _of_answers, _of_speech, _of_contacts)
    for measure in several()
}
"""By id; `paused:REASON` beside them (`find`)."""
