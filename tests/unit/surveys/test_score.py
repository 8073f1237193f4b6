"""Scores against figures worked out by hand."""

from __future__ import annotations

import pytest

from cxcall.surveys import score
from cxcall.surveys.score import FEW, Score
from cxcall.surveys.script import Measure


@pytest.mark.parametrize(
    ("counts", "n", "value", "low", "high", "mean"),
    [
        # 50 % promoters, 20 % detractors: variance 0.7 − 0.09 = 0.61; 1.95996 × √(0.61 / 100) = 0.15308
        ({10: 30, 9: 20, 8: 30, 3: 20}, 100, 30.0, 14.692, 45.308, 7.8),
        # half and half: variance 1; 1.95996 / √4 = 0.97998
        ({10: 2, 0: 2}, 4, 0.0, -97.998, 97.998, 5.0),
        # the edges: 6 is a detractor, 7 and 8 are neither, 9 is a promoter; variance 2/4
        ({6: 1, 7: 1, 8: 1, 9: 1}, 4, 0.0, -69.295, 69.295, 7.5),
        # 60 − 10 of 100: variance 0.7 − 0.25 = 0.45; 1.95996 × √0.0045 = 0.13148
        ({9: 60, 7: 30, 5: 10}, 100, 50.0, 36.852, 63.148, 8.0),
        # one of each kind of score at most 100: 3 promoters, 1 neither: 0.75, variance 0.1875; half 0.42435
        ({10: 3, 7: 1}, 4, 75.0, 32.565, 100.0, 9.25),
        ({10: 5}, 5, 100.0, 100.0, 100.0, 10.0),
        ({0: 5}, 5, -100.0, -100.0, -100.0, 0.0),
    ],
)
def test_nps_is_promoters_less_detractors_with_its_range(
    counts: dict[float, int], n: int, value: float, low: float, high: float, mean: float
) -> None:
    _fits(score.nps(counts), n, value, low, high, mean)


@pytest.mark.parametrize(
    ("counts", "n", "value", "low", "high", "mean"),
    [
        # 80 of 100: centre (0.8 + 0.0192073) / 1.0384146 = 0.788902; half 1.8874505 × √(0.0016 + 0.0000960365)
        ({5: 50, 4: 30, 3: 10, 1: 10}, 100, 80.0, 71.117, 86.663, 4.1),
        # 5 of 10: 0.5 ± 0.263405, Wilson's textbook case
        ({4: 5, 3: 5}, 10, 50.0, 23.659, 76.341, 3.5),
        # none and all of 10: 3.84146 / 13.84146 = 0.277533
        ({1: 10}, 10, 0.0, 0.0, 27.753, 1.0),
        ({5: 10}, 10, 100.0, 72.247, 100.0, 5.0),
        # 1 of 1: 1 / (1 + 3.84146) = 0.206543
        ({5: 1}, 1, 100.0, 20.654, 100.0, 5.0),
    ],
)
def test_csat_is_the_share_of_four_and_five(
    counts: dict[float, int], n: int, value: float, low: float, high: float, mean: float
) -> None:
    _fits(score.csat(counts), n, value, low, high, mean)


def test_ces_is_the_share_of_six_and_seven() -> None:
    # 5 of 10 as above; the mean of 7×3, 6×2, 5×4, 1×1 is 5.4
    _fits(score.ces({7: 3, 6: 2, 5: 4, 1: 1}), 10, 50.0, 23.659, 76.341, 5.4)


@pytest.mark.parametrize("measure", ["nps", "csat", "ces"])
def test_nobody_answered_is_no_score(measure: Measure) -> None:
    assert score.of(measure, {}) == score.of(measure, {5: 0}) == Score(measure=measure, n=0)


@pytest.mark.parametrize(("measure", "outside"), [("nps", (-1, 11)), ("csat", (0, 6)), ("ces", (0, 8))])
def test_answers_outside_the_scale_do_not_count(measure: Measure, outside: tuple[int, int]) -> None:
    assert score.of(measure, {5: 3, **dict.fromkeys(outside, 9)}) == score.of(measure, {5: 3})


def test_below_thirty_answers_are_few() -> None:
    assert FEW == 30
    assert score.csat({5: 29}).few
    assert not score.csat({5: 30}).few


def _fits(got: Score, n: int, value: float, low: float, high: float, mean: float) -> None:
    assert got.n == n
    for figure, worked_out, near in ((got.value, value, 1e-9), (got.low, low, 1e-3), (got.high, high, 1e-3)):
        assert figure == pytest.approx(worked_out, abs=near)
    assert got.mean == pytest.approx(mean)
