"""Figures worked out elsewhere: examples that others published, with the figures they came to.

Where an author counts otherwise than METRICS.md does, the test says which of their figures ours is.
"""

from __future__ import annotations

import pytest

from cxcall.reports.definition import Short
from cxcall.reports.measures import MEASURES
from cxcall.reports.tally import Tally, total


def value(name: str, sums: dict[str, float], short: Short = "out") -> float | None:
    return MEASURES[name].value(Tally(sums=sums), short)


ICMI: dict[str, float] = {
    "offered": 1060, "answered": 1000, "abandoned": 60, "short_abandoned": 10, "answered_in_time": 860,
    "abandoned_in_time": 20,
}  # fmt: skip
"""1,000 answered, 860 of them within the threshold, 60 given up, 20 of them within it and 10 within 5 s."""


@pytest.mark.parametrize(
    ("name", "counted", "expected", "per_cent"),
    [
        ("sl_fair", "with those who gave up in time: formula 1", (860 + 20) / (1000 + 60), 83),
        ("sl_answered", "of the answered: formula 2", 860 / 1000, 86),
        ("sl_strict", "of all: formula 3", 860 / (1000 + 60), 81),
    ],
)
def test_service_levels_are_those_of_the_call_managers_institute(name, counted, expected, per_cent):
    """ICMI, QueueTips, "Service Level Calculations" (July 2002), its example of five formulas."""
    found = value(name, ICMI)
    assert found == pytest.approx(expected), counted
    assert round(100 * (found or 0)) == per_cent, counted


def test_who_gave_up_within_the_threshold_may_be_left_out():
    """The same example, formula 4: 860 / (1,000 + 40) = 83 %: ours with a short abandon as long as the target."""
    found = value("sl_offered", {**ICMI, "short_abandoned": 20})
    assert found == pytest.approx(860 / (1000 + 40))
    assert round(100 * (found or 0)) == 83


def test_short_abandons_are_taken_from_what_was_offered():
    """sggu.com, forum on Genesys, "Service factor" (topic 83): 400 calls, 300 answered, 200 of them within 20 s, 50
    given up in less than 10 s and 50 later: 100 × 200 / ((300 + 100) − 50) = 57.14."""
    sums: dict[str, float] = {
        "offered": 400,
        "answered": 300,
        "answered_in_time": 200,
        "abandoned": 100,
        "short_abandoned": 50,
    }
    assert round(100 * (value("sl_offered", sums) or 0), 2) == 57.14
    assert value("sl_offered", sums, "in") == value("sl_strict", sums) == 0.5
    assert value("abandon_rate", sums) == pytest.approx(50 / 350)


def test_calls_given_up_within_the_threshold_are_ignored_held_against_or_counted_for():
    """Cisco, ICM Software 4.5, "Service data", p. 143, names three ways; with its 50 answered in time of 130, and
    20 more who gave up in time: ignored 50 / 130 = 38 %, against 50 / 150, for 70 / 150."""
    sums: dict[str, float] = {
        "offered": 150, "answered": 130, "answered_in_time": 50, "abandoned": 20, "short_abandoned": 20,
        "abandoned_in_time": 20,
    }  # fmt: skip
    assert round(100 * (value("sl_offered", sums) or 0)) == 38
    assert value("sl_strict", sums) == pytest.approx(1 / 3)
    assert value("sl_fair", sums) == pytest.approx(70 / 150)


def test_ten_of_a_hundred_gave_up():
    """The usual example of abandonment: 90 answered and 10 who gave up are 10 / (10 + 90) = 10 %."""
    assert value("abandon_rate", {"offered": 100, "answered": 90, "abandoned": 10}) == pytest.approx(0.10)


def test_days_are_weighed_by_their_calls_and_not_alike():
    """TechTarget SearchCRM, "Using weighted averages to calculate ASA and abandonment rate": Monday 550 calls at 80 %,
    Tuesday 300 at 65 %, Wednesday 150 at 90 % are (440 + 195 + 135) / 1,000 = 77 %, not their mean of 78.3 %."""
    days = [(550, 440), (300, 195), (150, 135)]
    tallies = [Tally(sums={"answered": n, "offered": n, "answered_in_time": met}) for n, met in days]
    assert [MEASURES["sl_answered"].value(one, "out") for one in tallies] == pytest.approx([0.8, 0.65, 0.9])
    assert MEASURES["sl_answered"].value(total(tallies), "out") == pytest.approx(0.77)


@pytest.mark.parametrize(
    ("talk", "hold", "acw", "handled", "seconds"),
    [
        # Call Centre Helper, "How to Calculate Average Handling Time": a day of a whole centre, 224 s.
        (668_205, 99_153, 198_306, 4311, 224),
        # JustCall, glossary, "Average handle time", example 2: (180 + 60 + 90) min / 30 = 11 min.
        (180 * 60, 60 * 60, 90 * 60, 30, 11 * 60),
        # The same, example 1: 5 min of talk, 2 on hold, 3 afterwards are 10 min.
        (5 * 60, 2 * 60, 3 * 60, 1, 10 * 60),
    ],
)
def test_handle_time_is_talk_hold_and_wrap_up(talk, hold, acw, handled, seconds):
    sums: dict[str, float] = {"talk": talk, "hold": hold, "state:wrap_up": acw, "handled": handled}
    assert value("aht", sums) == pytest.approx(seconds, abs=0.001)


@pytest.mark.parametrize(
    ("busy", "ready", "paused", "occupancy", "utilisation"),
    [
        # Fonolo, "Demystifying the occupancy rate": 45 min of 60 are 75 %.
        (45, 15, 0, 0.75, 0.75),
        # Fonolo, "Occupancy rate vs utilization rate": handling / (handling + available); 54 min of an hour are 90 %.
        (54, 6, 60, 0.90, 0.45),
    ],
)
def test_occupancy_leaves_pauses_out_and_utilisation_does_not(busy, ready, paused, occupancy, utilisation):
    """Talk, hold and wrap-up are the busy time; METRICS.md adds ringing to occupancy, of which there is none here."""
    talk, hold, acw = busy * 60 * 0.7, busy * 60 * 0.1, busy * 60 * 0.2
    sums: dict[str, float] = {
        "talk": talk, "hold": hold, "state:on_call": talk + hold, "state:wrap_up": acw, "state:ready": ready * 60,
        "paused:lunch": paused * 60,
    }  # fmt: skip
    assert value("occupancy", sums) == pytest.approx(occupancy)
    assert value("utilisation", sums) == pytest.approx(utilisation)


def test_net_promoters_of_1162():
    """talkstats.com, "Net Promoter Score: calculating confidence intervals": 291 promoters, 476 passives and 395
    detractors are −9 with a margin of 4.4. By hand: p = 0.2504, d = 0.3399, (p + d − (p − d)²) / n = 0.000501;
    1.96 × √ of it × 100 = 4.39."""
    tally = Tally(sums={"nps_promoters": 291, "nps_passives": 476, "nps_detractors": 395})
    found = MEASURES["nps"].figure(tally, "out")
    assert found.value is not None
    assert found.low is not None
    assert found.high is not None
    assert (round(found.value), found.n) == (-9, 1162)
    assert (found.high - found.low) / 2 == pytest.approx(4.4, abs=0.05)


@pytest.mark.parametrize("n", [300, 1200, 30_000])
def test_a_third_each_has_the_widest_usual_range_of_net_promoters(n):
    """A. Engelhardt, CYBAEA, "Net Promoter Score confidence intervals: maths and stats" (January 2016): with p = d = ⅓
    the 95 % interval is about 320 / √n points wide (2 × 1.96 × 100 × √⅔)."""
    tally = Tally(sums={"nps_promoters": n / 3, "nps_passives": n / 3, "nps_detractors": n / 3})
    found = MEASURES["nps"].figure(tally, "out")
    assert found.low is not None
    assert found.high is not None
    assert found.high - found.low == pytest.approx(320 / n**0.5, rel=0.01)


def test_satisfaction_is_the_share_of_fours_and_fives():
    """Mindmesh, glossary, "Customer satisfaction score": 30 fours and 20 fives of 100 answers are 50 %."""
    assert value("csat", {"csat_good": 30 + 20, "csat_n": 100}) == 0.5


def test_contacts_for_each_problem_are_the_other_side_of_resolution():
    """Call Centre Helper forum, "Formula to calculate the call resolution": 1 − repeat calls / all calls. Of 190 calls
    about 100 problems 90 were repeats: 53 %."""
    assert round(100 * (value("fcr", {"fcr_resolved": 190 - 90, "fcr_n": 190}) or 0)) == 53
