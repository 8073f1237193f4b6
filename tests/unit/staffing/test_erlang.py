"""Erlang B, C and A: published values, identities, and a queue played through."""

from __future__ import annotations

import heapq
import math
import random

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from cxcall.staffing.erlang import (
    Goal,
    Load,
    agents_needed,
    erlang_b,
    erlang_c,
    outcome,
    scheduled,
    with_patience,
    with_patience_without_end,
)

TABLE_B = [
    # Traffic tables (offered erlangs at which so many lines lose so much): lines, erlangs, loss.
    (1, 0.0101, 0.01), (2, 0.153, 0.01), (5, 1.361, 0.01), (10, 4.461, 0.01), (20, 12.03, 0.01), (100, 84.06, 0.01),
    (5, 2.218, 0.05), (10, 6.216, 0.05), (20, 15.25, 0.05), (10, 5.084, 0.02), (30, 21.93, 0.02), (10, 10.0, 0.2146),
]  # fmt: skip


@pytest.mark.parametrize(("lines", "erlangs", "loss"), TABLE_B)
def test_erlang_b_is_what_the_traffic_tables_say(lines, erlangs, loss):
    assert erlang_b(erlangs, lines) == pytest.approx(loss, rel=0.006)


@pytest.mark.parametrize(("agents", "erlangs"), [(1, 0.5), (3, 2.0), (7, 5.5), (12, 10.0)])
def test_erlang_b_and_c_are_their_sums_written_out(agents, erlangs):
    terms = [erlangs**n / math.factorial(n) for n in range(agents + 1)]
    assert erlang_b(erlangs, agents) == pytest.approx(terms[-1] / sum(terms))
    last = terms[-1] * agents / (agents - erlangs)
    assert erlang_c(erlangs, agents) == pytest.approx(last / (sum(terms[:-1]) + last))


def test_one_agent_waits_as_long_as_the_simplest_queue_says():
    # M/M/1: P(wait) = ρ, mean wait = ρ/(1−ρ) × handle time.
    found = with_patience_without_end(Load(calls=12, handle=60, seconds=900), 1, 30)
    assert found.waits == pytest.approx(0.8)
    assert found.asa == pytest.approx(0.8 / 0.2 * 60)
    assert found.service == pytest.approx(1 - 0.8 * math.exp(-0.2 / 60 * 30))


def test_a_hundred_calls_of_three_minutes_in_half_an_hour():
    # The example found in most introductions: 100 calls in 30 minutes of 180 s are 10 erlangs; 80 % in 20 s takes 14.
    load = Load(calls=100, handle=180, seconds=1800)
    assert load.erlangs == pytest.approx(10)
    assert agents_needed(load, Goal(within=20, answered=0.8)) == 14
    found = outcome(load, 14, 20)
    assert found.waits == pytest.approx(0.1741, abs=0.0005)
    assert found.service == pytest.approx(0.888, abs=0.001)
    assert found.asa == pytest.approx(7.8, abs=0.1)
    assert found.occupancy == pytest.approx(0.714, abs=0.001)
    assert outcome(load, 13, 20).service < 0.8
    assert scheduled(14, 0.30) == 20


def test_without_calls_nobody_is_needed():
    assert agents_needed(Load(calls=0, handle=180), Goal()) == 0
    assert agents_needed(Load(calls=10, handle=0), Goal(), 60) == 0
    assert outcome(Load(calls=0, handle=180), 0, 20).service == 1.0


def test_too_few_agents_are_said_to_be_too_few():
    load = Load(calls=100, handle=180, seconds=1800)
    assert outcome(load, 10, 20).service == 0.0
    assert outcome(load, 9, 20).asa == math.inf
    assert with_patience(load, 0, 20, 60).abandoned == 1.0


def test_a_limit_of_occupancy_asks_for_more_agents():
    load = Load(calls=1000, handle=180)
    free = agents_needed(load, Goal(answered=0.8))
    held = agents_needed(load, Goal(answered=0.8, occupancy=0.85))
    assert held > free
    assert held == math.ceil(200 / 0.85)


def test_patience_without_end_is_erlang_c():
    load = Load(calls=100, handle=180, seconds=1800)
    one, other = outcome(load, 12, 20), outcome(load, 12, 20, 1e7)
    assert other.waits == pytest.approx(one.waits, rel=1e-3)
    assert other.service == pytest.approx(one.service, rel=1e-3)
    assert other.asa == pytest.approx(one.asa, rel=1e-3)


def test_patience_as_long_as_the_talk_makes_the_number_in_the_system_poisson():
    # θ = μ: as with agents without end, so P(all busy) is the tail of a Poisson with the load as its mean.
    load, agents = Load(calls=50, handle=120, seconds=900), 6
    below = sum(math.exp(-load.erlangs) * load.erlangs**n / math.factorial(n) for n in range(agents))
    assert with_patience(load, agents, 0, 120).waits == pytest.approx(1 - below)


@pytest.mark.parametrize(("calls", "agents", "patience"), [(50, 6, 90), (200, 30, 60), (10, 4, 300), (400, 20, 45)])
def test_erlang_a_is_the_sum_over_its_states(calls, agents, patience):
    """The share that gives up, from the states themselves: θ × mean number waiting / rate."""
    load = Load(calls=calls, handle=150)
    states, weight = [], 1.0
    for n in range(2000):
        states.append(weight)
        leaving = min(n + 1, agents) / load.handle + max(n + 1 - agents, 0) / patience
        weight *= load.rate / leaving
    waiting = sum(max(n - agents, 0) * one for n, one in enumerate(states)) / sum(states)
    found = with_patience(load, agents, 20, patience)
    assert found.abandoned == pytest.approx(waiting / patience / load.rate, rel=1e-7)
    assert found.waits == pytest.approx(sum(states[agents:]) / sum(states), rel=1e-7)


@given(calls=st.floats(0.1, 3000), handle=st.floats(5, 900), agents=st.integers(1, 400), patience=st.floats(5, 1800))
@example(calls=1.0, handle=82.0, agents=1, patience=5.0)
def test_shares_stay_shares_and_one_agent_more_never_hurts(calls, handle, agents, patience):
    load = Load(calls=calls, handle=handle)
    one, more = outcome(load, agents, 20, patience), outcome(load, agents + 1, 20, patience)
    for found in (one, more):
        assert 0 <= found.service <= 1 + 1e-9
        assert 0 <= found.abandoned <= 1
        assert 0 <= found.occupancy <= 1
        assert found.asa >= 0
    assert more.service >= one.service - 1e-9
    assert more.abandoned <= one.abandoned + 1e-9
    # What is answered and what is given up are all the calls: offered wait is answered by those who stay.
    assert one.service + one.abandoned <= 1 + 1e-9


@given(calls=st.floats(1, 2000), handle=st.floats(10, 600), share=st.floats(0.1, 0.99))
def test_the_agents_needed_are_the_fewest(calls, handle, share):
    load, goal = Load(calls=calls, handle=handle), Goal(within=20, answered=share)
    for patience in (None, 120.0):
        needed = agents_needed(load, goal, patience)
        assert outcome(load, needed, 20, patience).reaches(goal)
        assert needed == 1 or not outcome(load, needed - 1, 20, patience).reaches(goal)


@pytest.mark.parametrize(("calls", "agents", "patience"), [(90, 14, 60.0), (120, 14, 90.0)])
def test_a_queue_played_through_ends_within_what_erlang_a_says(calls, agents, patience):
    load = Load(calls=calls, handle=120)
    said, played = with_patience(load, agents, 20, patience), _play(load, agents, 20, patience, 60_000)
    n = played["offered"]
    for name, share in (("service", said.service), ("abandoned", said.abandoned)):
        # Neighbours in a queue wait alike, so the range is five times that of independent ones.
        spread = 5 * math.sqrt(share * (1 - share) / n)
        assert played[name] == pytest.approx(share, abs=1.96 * spread)
    assert played["asa"] == pytest.approx(said.asa, rel=0.12)


def _play(load: Load, agents: int, within: float, patience: float, offered: int) -> dict[str, float]:
    """A first-come line with patience: who would wait longer than they can gives up."""
    chance = random.Random(7)
    free = [0.0] * agents
    now, answered, soon, waited = 0.0, 0, 0, 0.0
    for _ in range(offered):
        now += chance.expovariate(load.rate)
        wait = max(free[0] - now, 0.0)
        if wait > chance.expovariate(1 / patience):
            continue
        heapq.heapreplace(free, now + wait + chance.expovariate(1 / load.handle))
        answered, soon, waited = answered + 1, soon + (wait <= within), waited + wait
    return {
        "offered": offered, "service": soon / offered, "abandoned": 1 - answered / offered, "asa": waited / answered,
    }  # fmt: skip


def test_huge_loads_are_reckoned_without_overflow():
    load = Load(calls=90_000, handle=180)
    needed = agents_needed(load, Goal(answered=0.8), 120)
    # So many that waits hardly vary: all wait 20 s when exp(−20/120) of the calls are as many as the agents can take.
    assert 18_000 * math.exp(-20 / 120) < needed < 18_000 * math.exp(-15 / 120)
    assert with_patience(load, 1000, 20, 600).abandoned == pytest.approx(1 - 1000 / 18_000, abs=0.001)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: Load(calls=-1, handle=1), lambda: Load(calls=1, handle=math.nan),
        lambda: Load(calls=1, handle=1, seconds=0),
        lambda: Goal(answered=1.0), lambda: Goal(occupancy=0), lambda: scheduled(5, 1.0), lambda: erlang_b(1, -1),
        lambda: with_patience(Load(calls=1, handle=1), 1, 20, 0),
    ],
)  # fmt: skip
def test_what_can_not_be_is_refused(wrong):
    with pytest.raises(ValueError):
        wrong()
