"""Examples of staffing that others published, with the figures they came to."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from cxcall.staffing.erlang import (
    Goal,
    Load,
    agents_needed,
    erlang_b,
    erlang_c,
    outcome,
    with_patience,
    with_patience_without_end,
)
from cxcall.staffing.forecast import Past, Seen, learn


def test_fifteen_lines_carry_eight_erlangs():
    """Westbay, Erlang B calculator manual, "How much traffic can a trunk group handle?": 15 lines that turn one call in
    a hundred away can be offered 8.108 erlangs."""
    assert erlang_b(8.108, 15) == pytest.approx(0.01, abs=1e-5)
    assert erlang_b(8.109, 15) > 0.01


def test_twenty_thousand_calls_a_week():
    """jonesthenet.com, "Erlang uplift": 20,000 calls in 80 open hours are 250 an hour; of 330 s each they are 22.9
    erlangs, and 80 % within 30 s takes 28 advisors."""
    load = Load(calls=20_000 / 80, handle=330, seconds=3600)
    assert load.erlangs == pytest.approx(22.9, abs=0.05)
    assert agents_needed(load, Goal(within=30, answered=0.8)) == 28
    assert outcome(load, 27, 30).service < 0.8 <= outcome(load, 28, 30).service


def test_callers_who_give_up_and_those_who_never_would():
    """A. Mandelbaum and S. Zeltyn, "Service engineering in action: the Palm/Erlang-A queue" (2005), its example:
    50 agents, 48 calls a minute of one minute, patience of two minutes. Erlang C: wait 20.8 s, agents busy 96 %.
    Erlang A: 3.1 % give up, wait 3.7 s, agents busy 93 %. Their wait is that of all callers,
    which is patience × the share who give up."""
    load, agents = Load(calls=48, handle=60, seconds=60), 50
    endless, patient = with_patience_without_end(load, agents, 20), with_patience(load, agents, 20, 120)
    assert endless.asa == pytest.approx(20.8, abs=0.05)
    assert endless.occupancy == pytest.approx(0.96)
    assert patient.abandoned == pytest.approx(0.031, abs=0.0005)
    assert patient.abandoned * 120 == pytest.approx(3.7, abs=0.05)
    assert patient.asa < patient.abandoned * 120, "those who are answered waited less than those who gave up"
    assert patient.occupancy == pytest.approx(0.93, abs=0.005)
    assert erlang_c(load.erlangs, agents) == pytest.approx(endless.waits)


def test_errors_of_forecasts_are_weighed_by_what_was_seen():
    """askvity, "What is the weighted average percent error?": seen 100, 200 and 150, said 90, 210 and 140: WAPE is
    (10 + 10 + 10) / 450 = 6.67 %. Their mean of shares (MAPE) is (10/100 + 10/200 + 10/150) / 3 = 7.22 %, and said less
    seen, together, −10 / 450 = −2.22 %.

    Here three intervals of a Sunday: weeks alike are forecast as they were, then one Sunday is as the example saw it.
    """
    said, seen = {600: 90, 615: 210, 630: 140}, {600: 100, 615: 200, 630: 150}
    last = date(2026, 6, 28)
    sundays = {last - timedelta(weeks=n): said for n in range(1, 9)} | {last: seen}
    days = {last - timedelta(days=n): sundays.get(last - timedelta(days=n), {}) for n in range(63)}
    past = Past(days={day: {at: Seen(offered=n) for at, n in calls.items()} for day, calls in days.items()})
    miss = learn(past, last).miss
    assert miss is not None
    # Of the four Sundays tried, three were said rightly: 440 calls each, three intervals each.
    total, right = 450 + 3 * 440, 9
    assert miss.share == pytest.approx(30 / total)
    assert miss.share * total / 450 == pytest.approx(0.0667, abs=0.00005)
    assert miss.mean_share * (right + 3) / 3 == pytest.approx(0.0722, abs=0.00005)
    assert miss.lean * total / 450 == pytest.approx(-10 / 450)
    assert miss.day_share * total == pytest.approx(10)
