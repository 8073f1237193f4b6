"""Who is in a trial, and what its calls say: against made-up truth, looked at every day."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxcall.routing.experiment import group_of, key_of, running
from cxcall.routing.rule import Trial
from cxcall.routing.trials import LEAST, MEASURES, Measure, Sample, compare, sample, score, to_stop
from tests.unit.routing.made import call

Draw = st.DrawFn


def test_a_share_of_the_customers_is_treated() -> None:
    treated = sum(group_of("Gold first", 20, f"c{n}") == "treated" for n in range(5000))
    assert 900 <= treated <= 1100


@given(st.text(), st.text(), st.floats(0, 100), st.floats(0, 100))
def test_who_is_treated_stays_so_when_the_share_grows(trial: str, key: str, one: float, other: float) -> None:
    small, large = sorted((one, other))
    if group_of(trial, small, key) == "treated":
        assert group_of(trial, large, key) == "treated"
    assert group_of(trial, 0, key) == "control"
    assert group_of(trial, 100, key) == "treated"


def test_two_trials_divide_customers_independently() -> None:
    both = sum(group_of("a", 50, str(n)) == group_of("b", 50, str(n)) == "treated" for n in range(4000))
    assert 900 <= both <= 1100


def test_a_caller_nobody_knows_is_divided_by_number_then_by_call() -> None:
    assert key_of(call()) == "c-mina"
    assert key_of(call(customer=None)) == "+989121234567"
    assert key_of(call(customer=None, number="")) == "1700000000.1"


def test_a_trial_goes_on_from_its_first_day_until_its_end() -> None:
    trial = Trial(name="t", share=50, began=date(2026, 11, 1), ended=date(2026, 11, 3))
    days = [running(trial, date(2026, 10 + (day > 0), day or 31)) for day in range(4)]
    assert days == [False, True, True, False]
    assert running(Trial(name="t", share=50), date(2026, 1, 1))


@pytest.mark.parametrize(
    ("measure", "values", "scores"),
    [
        ("csat", [1, 3, 4, 5], [0, 0, 100, 100]),
        ("nps", [0, 6, 7, 8, 9, 10], [-100, -100, 0, 0, 100, 100]),
        ("abandoned", [0, 1], [0, 100]),
        ("repeat", [0, 1], [0, 100]),
        ("wait", [12.5], [12.5]),
        ("handle", [300], [300]),
    ],
)
def test_each_measure_counts_as_its_definition_says(measure: Measure, values: list[float], scores: list[float]) -> None:
    assert [score(measure, value) for value in values] == scores


def test_a_sample_adds_up_its_customers() -> None:
    made = sample("wait", [("a", 10), ("b", 20), ("a", 30)])
    assert made == Sample(customers=2, n=3, total=60, squares=1600 + 400, cross=2 * 40 + 20, counts=5)
    assert compare("wait", made, Sample()).treated.value == 20


def test_a_mean_has_its_usual_interval() -> None:
    group = sample("csat", [(str(n), 5 if n % 4 else 1) for n in range(400)])
    mean = compare("csat", group, group).treated
    assert mean.value == 75
    assert (mean.low, mean.high) == pytest.approx((75 - 4.25, 75 + 4.25), abs=0.02)
    assert mean.n == mean.customers == 400


def test_calls_of_one_customer_do_not_count_as_many_customers() -> None:
    once = sample("csat", [(str(n), 5 if n % 2 else 1) for n in range(100)])
    often = sample("csat", [(str(n % 100), 5 if n % 2 else 1) for n in range(1000)])
    first, second = compare("csat", once, once).treated, compare("csat", often, often).treated
    assert (second.n, second.customers) == (1000, 100)
    assert (first.low, first.high) == pytest.approx((second.low, second.high))


def test_with_few_customers_nothing_is_said() -> None:
    good, bad = ([(str(n), value) for n in range(LEAST - 1)] for value in (5, 1))
    found = compare("csat", sample("csat", good), sample("csat", bad))
    assert (found.verdict, found.enough, found.difference) == ("none", False, None)
    assert found.treated.value == 100
    assert compare("csat", Sample(), Sample()).control.value is None
    assert compare("csat", sample("csat", [("a", 5)]), Sample()).treated.low is None


@pytest.mark.parametrize("measure", MEASURES)
def test_better_and_worse_are_what_the_measure_means(measure: Measure) -> None:
    more = sample(measure, [(str(n), 9.0 if measure in ("csat", "nps") else 1.0) for n in range(300)])
    less = sample(measure, [(str(n), 0.0) for n in range(300)])
    rises = measure in ("csat", "nps")
    assert compare(measure, more, less).verdict == ("better" if rises else "worse")
    assert compare(measure, less, more).verdict == ("worse" if rises else "better")


def test_only_a_trial_that_goes_on_and_does_harm_is_ended() -> None:
    good, bad = (sample("csat", [(str(n), value) for n in range(300)]) for value in (5.0, 1.0))
    harm, help_ = compare("csat", bad, good), compare("csat", good, bad)
    day, trial = date(2026, 11, 24), Trial(name="t", share=50)
    assert to_stop(trial, harm, day)
    assert not to_stop(trial, help_, day)
    assert not to_stop(trial, compare("csat", good, good), day)
    assert not to_stop(Trial(name="t", share=50, stop_worse=False), harm, day)
    assert not to_stop(Trial(name="t", share=50, ended=day), harm, day)


def test_answers_that_are_all_the_same_are_not_beyond_doubt() -> None:
    same = sample("csat", [(str(n), 5) for n in range(LEAST)])
    nearly = sample("csat", [(str(n), 5 if n else 1) for n in range(LEAST)])
    assert compare("csat", same, nearly).verdict == "none"
    assert compare("csat", same, same).verdict == "none"


DAYS, CALLS_A_DAY, CUSTOMERS = 15, 40, 250
"""Of each group; the verdict is asked for at the end of each day. Some customers call once, others every other day."""


@dataclass(frozen=True)
class Truth:
    """How calls of a measure come out: `draw(rng, mood, effect)` gives each call's score; `mood`, standard normal, is
    its customer's own and the same in all their calls."""

    draw: Callable[[np.random.Generator, np.ndarray, float], np.ndarray]
    better: float
    worse: float
    """Effects that 600 calls a group are enough for."""


def _share(base: float, swing: float) -> Callable[[np.random.Generator, np.ndarray, float], np.ndarray]:
    def draw(rng: np.random.Generator, mood: np.ndarray, effect: float) -> np.ndarray:
        return np.where(rng.random(mood.shape) < base + effect + swing * np.tanh(mood), 100.0, 0.0)

    return draw


def _seconds(middle: float, spread: float) -> Callable[[np.random.Generator, np.ndarray, float], np.ndarray]:
    """Skewed: half of the calls below `middle`, few of them many times that."""

    def draw(rng: np.random.Generator, mood: np.ndarray, effect: float) -> np.ndarray:
        return middle * np.exp(spread * (0.5 * mood + rng.normal(size=mood.shape))) * (1 + effect)

    return draw


def _recommend(rng: np.random.Generator, mood: np.ndarray, effect: float) -> np.ndarray:
    felt = mood + rng.normal(size=mood.shape) + effect
    return np.where(felt > 0, 100.0, np.where(felt < -1, -100.0, 0.0))


TRUTHS: dict[Measure, Truth] = {
    "csat": Truth(_share(0.7, 0.2), 0.18, -0.2),
    "nps": Truth(_recommend, 0.9, -0.9),
    "wait": Truth(_seconds(55, 1.0), -0.45, 0.7),
    "abandoned": Truth(_share(0.08, 0.06), -0.065, 0.12),
    "repeat": Truth(_share(0.3, 0.2), -0.17, 0.18),
    "handle": Truth(_seconds(240, 0.5), -0.25, 0.3),
}


def _days(truth: Truth, rng: np.random.Generator, runs: int, effect: float) -> np.ndarray:
    """One group of each simulated trial at the end of each day: (day, run, the six sums of a Sample in their order)."""
    often = np.exp(rng.normal(size=(runs, CUSTOMERS))).cumsum(axis=1)
    moods = rng.normal(size=(runs, CUSTOMERS))
    n, y = np.zeros((runs, CUSTOMERS)), np.zeros((runs, CUSTOMERS))
    all_ = np.arange(runs)
    days = []
    for _ in range(DAYS):
        for _ in range(CALLS_A_DAY):
            who = (often < rng.random((runs, 1)) * often[:, -1:]).sum(axis=1)
            n[all_, who] += 1
            y[all_, who] += truth.draw(rng, moods[all_, who], effect)
        days.append(np.stack([(n > 0).sum(1), n.sum(1), y.sum(1), (y * y).sum(1), (n * y).sum(1), (n * n).sum(1)], 1))
    return np.stack(days)


def _looked_at_daily(measure: Measure, runs: int, effect: float) -> Counter[str]:
    """How often each was the first verdict that is not "none"; "none" where there never is one."""
    rng, truth = np.random.default_rng(7), TRUTHS[measure]
    treated, control = (_days(truth, rng, runs, one).tolist() for one in (effect, 0.0))
    names = Sample.__struct_fields__
    verdicts: Counter[str] = Counter()
    for run in range(runs):
        for day in range(DAYS):
            groups = (Sample(**dict(zip(names, group[day][run], strict=True))) for group in (treated, control))
            verdict = compare(measure, *groups).verdict
            if verdict != "none":
                break
        verdicts[verdict] += 1
    return verdicts


@pytest.mark.parametrize("measure", MEASURES)
def test_without_an_effect_false_alarms_stay_below_five_of_a_hundred(measure: Measure) -> None:
    found = _looked_at_daily(measure, 1000, 0)
    assert found.total() - found["none"] <= 50


@pytest.mark.parametrize("measure", MEASURES)
def test_a_true_effect_is_found_and_never_taken_for_its_opposite(measure: Measure) -> None:
    truth = TRUTHS[measure]
    for effect, verdict, other in ((truth.better, "better", "worse"), (truth.worse, "worse", "better")):
        found = _looked_at_daily(measure, 60, effect)
        assert found[verdict] >= 48, (effect, found)
        assert found[other] == 0


def test_who_looks_daily_at_a_usual_interval_is_wrong_far_more_often() -> None:
    """What the wider interval is for: the same trials without an effect, judged the way that holds for one look."""
    rng, truth = np.random.default_rng(7), TRUTHS["csat"]
    treated, control = (_days(truth, rng, 300, 0) for _ in range(2))
    means, spreads = ([], [])
    for group in (treated, control):
        n, total = group[..., 1], group[..., 2]
        mean = total / n
        means.append(mean)
        spreads.append((group[..., 3] - 2 * mean * group[..., 4] + mean * mean * group[..., 5]) / (n * n))
    beyond = np.abs(means[0] - means[1]) > 1.96 * np.sqrt(spreads[0] + spreads[1])
    assert beyond.any(axis=0).mean() > 0.12


def test_customers_who_call_often_raise_no_false_alarms() -> None:
    """Each customer has a mood of their own and calls ten times: counted as single calls that would be a difference."""
    rng = np.random.default_rng(3)
    alarms = 0
    for _ in range(200):
        groups = []
        for _ in range(2):
            happy = rng.random(80) < 0.7
            groups.append([(str(n), 5.0 if happy[n] else 1.0) for n in range(80) for _ in range(10)])
        alarms += compare("csat", *(sample("csat", group) for group in groups)).verdict != "none"
    assert alarms <= 10
