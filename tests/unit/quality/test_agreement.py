"""Agreement between two reviewers, worked by hand."""

from __future__ import annotations

import pytest

from cxcall.quality.agreement import Agreement, agreement


def test_fifty_pairs_of_which_chance_explains_half():
    # 20 yes/yes, 5 yes/no, 10 no/yes, 15 no/no: po = 35/50 = 0.7; pe = 0.5*0.6 + 0.5*0.4 = 0.5; kappa = 0.2/0.5.
    found = agreement([(1, 1)] * 20 + [(1, 0)] * 5 + [(0, 1)] * 10 + [(0, 0)] * 15)
    assert (found.n, found.share) == (50, 0.7)
    assert found.kappa == pytest.approx(0.4)


def test_worse_than_chance_is_below_zero():
    assert agreement([(1, 0), (0, 1)]).kappa == -1


def test_without_pairs_nothing_is_known():
    assert agreement([]) == Agreement(n=0, share=None, kappa=None)


def test_kappa_is_undefined_where_both_always_say_the_same():
    assert agreement([(1, 1)] * 3) == Agreement(n=3, share=1.0, kappa=None)


def test_steps_apart_on_a_scale_count_as_they_are_far():
    # Apart 0, 1, 0: 1 in 3. By chance, over the 9 crossings of (1, 2, 3) and (1, 3, 3): 0+2+2+1+1+1+2+0+0 = 9 in 9.
    # kappa = 1 - (1/3)/(9/9) = 2/3. Unweighted: po = 2/3, pe = (1*1 + 0 + 1*2)/9 = 1/3, kappa = 1/2.
    pairs = [(1, 1), (2, 3), (3, 3)]
    assert agreement(pairs, highest=3).kappa == pytest.approx(2 / 3)
    assert agreement(pairs).kappa == pytest.approx(1 / 2)


def test_not_applying_is_an_answer_of_its_own_except_on_a_scale():
    assert agreement([(None, None), (1, None)]).n == 2
    assert agreement([(None, 4), (4, 4), (1, 1)], highest=5) == Agreement(n=2, share=1.0, kappa=1.0)
