"""The figures of METRICS.md: what each is made of, how it is worked out, and how it may be told apart.

Sums by family, as readers (`cxcall.store.reporting`) name them; times in seconds:

* visits: offered, answered, abandoned, short_abandoned, timed_out, full, closed, left, answered_in_time,
  abandoned_in_time, wait_answered, wait_abandoned, wait_all; the longest wait_max; waits as a histogram
* parts: handled, talk, hold, acw, missed, missed_ring, transferred_KIND, parked, calls_in, calls_out
* states: state:on_call, state:ringing, state:ready, state:wrap_up, paused:REASON. acw is state:wrap_up where no part of
  a call has its own
* calls: calls, calls_answered, calls_talk, calls_wait · transfers: transfers
* answers, speech, contacts: see `opinions`
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from cxcall.reports import opinions
from cxcall.reports.definition import Row, Short
from cxcall.reports.measuring import TIMES, Good, Many, Measure, Of, Unit, count, ratio, seconds, share, summed
from cxcall.reports.tally import Tally
from cxcall.reports.waits import percentile

__all__ = [
    "MEASURES", "PAUSED", "SHORT_COUNTS", "USUAL_LEVEL", "Good", "Measure", "Unit", "find", "grows", "of_seconds",
]  # fmt: skip

PAUSED = "paused:"
SHORT_COUNTS = frozenset(("abandon_rate", "sl_offered"))
"""Measures that the switch of short abandons changes."""
USUAL_LEVEL = "sl_offered"
"""The service level that goals and pages speak of where they don't say which."""
_STATE_TIMES = ("login", "ready", "ringing", "on_call", "wrap_up", "paused")
_SUMS = frozenset(("talk", "hold", "acw", "missed_ring", "calls_talk", "calls_wait", *_STATE_TIMES))
_OF_SECONDS = frozenset(("occupancy", "utilisation", "talk_share", "silence", "overlap", "pace", *_STATE_TIMES))
_QUEUES: frozenset[Row] = frozenset((*TIMES, "server", "queue"))
_PARTS: frozenset[Row] = frozenset((*TIMES, "server", "queue", "agent", "team"))
_STATES: frozenset[Row] = frozenset((*TIMES, "server", "agent", "team"))
_CALLS: frozenset[Row] = frozenset((*TIMES, "server", "did", "direction", "outcome", "menu"))
_TRANSFERS: frozenset[Row] = frozenset(("day", "week", "month", "weekday", "server", "queue", "agent", "transfer_kind"))

_KINDS = ("blind", "attended", "semi_attended", "redirect")
_WRAP_UP = ("acw", "state:wrap_up")


def find(name: str) -> Measure | None:
    """A measure by id, also `paused:REASON` of any reason, "" that of none given; None: there is none."""
    return MEASURES.get(name) or (_paused(name) if name.startswith(PAUSED) else None)


def grows(measure: Measure) -> bool:
    """Whether a figure is the larger the longer its time is: counts and sums, unlike shares, means and the longest."""
    return measure.unit == "count" or measure.id in _SUMS or measure.id.startswith(PAUSED)


def of_seconds(measure: Measure) -> bool:
    """Whether the n of a figure is seconds, not things."""
    return measure.id in _OF_SECONDS or measure.id.startswith(PAUSED)


def _offered(tally: Tally, short: Short) -> float:
    """Who counts as offered in abandonment and service level."""
    return tally["offered"] - (tally["short_abandoned"] if short == "out" else 0)


def _abandoned(tally: Tally, short: Short) -> float:
    return tally["abandoned"] - (tally["short_abandoned"] if short == "out" else 0)


def _percentile(percent: float) -> Of:
    return lambda tally, _short: percentile(tally.waits, percent)


def _waited(tally: Tally, short: Short) -> float:
    return sum(tally.waits.values())


def _longest(tally: Tally, short: Short) -> float | None:
    return tally.most.get("wait_max") if tally["offered"] else None


def _visits() -> Iterable[Measure]:
    v = ("visits",)
    in_time = summed("answered_in_time")
    yield count("offered", "visits", _QUEUES)
    yield count("answered", "visits", _QUEUES, good="up")
    for name in ("abandoned", "short_abandoned", "timed_out", "full", "closed"):
        yield count(name, "visits", _QUEUES, good="down")
    yield count("left", "visits", _QUEUES)
    yield share("abandon_rate", v, _QUEUES, _abandoned, _offered, good="down", behind="abandoned")
    yield share("sl_answered", v, _QUEUES, in_time, summed("answered"), behind="answered_in_time")
    yield share("sl_offered", v, _QUEUES, in_time, _offered, behind="answered_in_time")
    yield share("sl_strict", v, _QUEUES, in_time, summed("offered"), behind="answered_in_time")
    both = summed("answered_in_time", "abandoned_in_time")
    yield share("sl_fair", v, _QUEUES, both, summed("offered"), behind="in_time")
    yield from _waits()


def _waits() -> Iterable[Measure]:
    def wait(name: str, of: Of, n: Many, behind: str) -> Measure:
        return seconds(name, ("visits",), _QUEUES, of, n=n, good="down", behind=behind)

    answered, abandoned = summed("answered"), summed("abandoned")
    yield wait("asa", ratio(summed("wait_answered"), answered), answered, "answered")
    yield wait("abandon_wait", ratio(summed("wait_abandoned"), abandoned), abandoned, "abandoned")
    yield wait("wait_p50", _percentile(50), _waited, "offered")
    yield wait("wait_p90", _percentile(90), _waited, "offered")
    yield wait("wait_max", _longest, summed("offered"), "offered")


def _handling() -> Iterable[Measure]:
    p, both = ("parts",), ("parts", "states")
    handled = summed("handled")
    yield count("handled", "parts", _PARTS)
    yield seconds("talk", p, _PARTS, summed("talk"), n=handled, behind="handled")
    yield seconds("hold", p, _PARTS, summed("hold"), n=handled, behind="handled")
    yield seconds("acw", both, _STATES, summed(*_WRAP_UP), n=handled, behind="handled")
    aht = ratio(summed("talk", "hold", *_WRAP_UP), handled)
    yield seconds("aht", both, _STATES, aht, n=handled, good="down", behind="handled")
    yield count("ring_no_answer", "parts", _PARTS, good="down", of="missed")
    yield seconds("missed_ring", p, _PARTS, summed("missed_ring"), n=summed("missed"), good="down", behind="missed")
    passed = tuple(f"transferred_{kind}" for kind in _KINDS)
    yield share("transfer_rate", p, _PARTS, summed(*passed), handled, good="down", behind="transferred")
    for name in (*passed, "parked", "calls_in", "calls_out"):
        yield count(name, "parts", _PARTS)


_LOOSE = 1.05
"""Calls and states begin at the moments of different events: so much more time in calls than signed in is nothing."""


def _login(tally: Tally, short: Short) -> float:
    """METRICS `login`: all states but being offline."""
    return sum(amount for name, amount in tally.sums.items() if name.startswith(("state:", PAUSED)))


def _paused_all(tally: Tally, short: Short) -> float:
    return sum(amount for name, amount in tally.sums.items() if name.startswith(PAUSED))


def _at_work(tally: Tally, short: Short) -> float:
    return _login(tally, short) - _paused_all(tally, short)


def _states() -> Iterable[Measure]:
    both = ("parts", "states")
    busy = ("talk", "hold", *_WRAP_UP)
    yield _time("login", _login)
    for name in ("ready", "ringing", "on_call", "wrap_up"):
        yield _time(name, summed(f"state:{name}"))
    yield _time("paused", _paused_all)
    yield share("occupancy", both, _STATES, summed(*busy, "state:ringing"), _known(summed(*busy), _at_work), good="")
    yield share("utilisation", both, _STATES, summed(*busy), _known(summed(*busy), _login), good="")


def _known(busy: Many, of: Many) -> Many:
    """Seconds signed in, none where calls took clearly more than that: calls of a time whose states nobody knows, as
    before the first day of an installation, would be held against the minutes that are known."""
    return lambda tally, short: of(tally, short) if busy(tally, short) <= of(tally, short) * _LOOSE else 0.0


def _time(name: str, of: Many) -> Measure:
    """Seconds in a state; n is the seconds signed in, of which they are a part."""
    return seconds(name, ("states",), _STATES, of, n=_login)


@cache
def _paused(name: str) -> Measure:
    return _time(name, summed(name))


def _of_calls() -> Iterable[Measure]:
    c = ("calls",)
    answered = summed("calls_answered")
    yield count("calls", "calls", _CALLS)
    yield count("calls_answered", "calls", _CALLS, good="up")
    yield share("answer_rate", c, _CALLS, answered, summed("calls"), behind="calls_answered")
    yield seconds("calls_talk", c, _CALLS, summed("calls_talk"), n=answered, behind="calls_answered")
    yield seconds("calls_wait", c, _CALLS, summed("calls_wait"), n=summed("calls"), behind="calls")
    yield count("transfers", "transfers", _TRANSFERS, opens=False)


MEASURES: dict[str, Measure] = {
    measure.id: measure
    for several in (_visits, _handling, _states, _of_calls, opinions.all_of_them)
    for measure in several()
}
"""By id; `paused:REASON` beside them (`find`)."""
