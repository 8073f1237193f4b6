"""The arithmetic and the sentences of the pages about surveys: periods, differences, sparklines, findings."""

from __future__ import annotations

from datetime import UTC, date, datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from cxcall.surveys import score
from cxcall.web import presentation
from cxcall.web.pages import voice_figures, voice_filter, voice_findings
from cxcall.web.pages.voice_filter import Asked
from cxcall.web.presentation import Presentation

TEHRAN = ZoneInfo("Asia/Tehran")
NOW = datetime(2026, 11, 21, 7, 12, tzinfo=UTC)  # Saturday 30 Aban 1405
ENGLISH = Presentation(zone=TEHRAN, now=NOW)
PERSIAN = Presentation(language="fa", digits="persian", calendar="jalali", zone=TEHRAN, now=NOW)


def nps(promoters: int, passives: int, detractors: int) -> score.Score:
    return score.nps({10: promoters, 8: passives, 2: detractors})


def span(asked: Asked, *, jalali: bool = False) -> voice_filter.Span:
    return voice_filter.span(asked, NOW, TEHRAN, jalali=jalali)


@pytest.mark.parametrize(
    ("when", "jalali", "first", "last"),
    [
        ("", False, date(2026, 11, 1), date(2026, 11, 21)),
        ("", True, date(2026, 10, 23), date(2026, 11, 21)),
        ("today", False, date(2026, 11, 21), date(2026, 11, 21)),
        ("week", False, date(2026, 11, 15), date(2026, 11, 21)),
        ("last_month", False, date(2026, 10, 1), date(2026, 10, 31)),
        ("last_month", True, date(2026, 9, 23), date(2026, 10, 22)),
        ("quarter", False, date(2026, 8, 24), date(2026, 11, 21)),
    ],
)
def test_a_quick_period_is_of_the_readers_calendar(when: str, jalali: bool, first: date, last: date) -> None:
    found = span(voice_filter.read({"when": when}), jalali=jalali)
    assert (found.first, found.last) == (first, last)


def test_days_are_whole_days_of_the_site_and_the_period_before_is_as_long() -> None:
    period = span(voice_filter.read({"from": "1405/08/01", "to": "1405/08/30"}))
    assert (period.first, period.last, period.days) == (date(2026, 10, 23), date(2026, 11, 21), 30)
    assert period.since == datetime(2026, 10, 22, 20, 30, tzinfo=UTC)
    before = voice_filter.before(period, TEHRAN)
    assert (before.days, before.until) == (30, period.since)


def test_days_given_the_wrong_way_round_and_unreadable_ones_harm_nothing() -> None:
    turned = span(voice_filter.read({"from": "2026-11-20", "to": "2026-11-10"}))
    assert (turned.first, turned.last) == (date(2026, 11, 10), date(2026, 11, 20))
    asked = voice_filter.read({"from": "soon", "when": "ever"})
    assert (asked.problems, asked.quick) == ((("since", "soon"),), "month")
    assert span(voice_filter.read({"from": "1700-01-01"})).days == voice_filter.LONGEST_DAYS + 1


@pytest.mark.parametrize(("jalali", "weekday"), [(False, 0), (True, 5)])
def test_weeks_begin_on_monday_or_saturday_and_end_with_the_period(jalali: bool, weekday: int) -> None:
    weeks = voice_filter.weeks(span(Asked(), jalali=jalali), TEHRAN, jalali=jalali)
    assert len(weeks) == voice_filter.WEEKS
    assert all(week.first.weekday() == weekday for week in weeks)
    assert all(one.until == other.since for one, other in pairwise(weeks))
    assert weeks[-1].last == date(2026, 11, 21)


def test_a_long_period_shows_all_its_weeks() -> None:
    period = span(voice_filter.read({"from": "2026-06-01", "to": "2026-11-21"}))
    assert len(voice_filter.weeks(period, TEHRAN, jalali=False)) == 25


def test_the_address_holds_what_was_asked_and_leaves_out_what_is_usual() -> None:
    asked = voice_filter.read({"from": "۱۴۰۵/۸/۱", "queue": "sales", "agent": "PJSIP/1001", "survey": "abc"})
    assert asked.address("/surveys") == "/surveys?from=2026-10-23&queue=sales&agent=PJSIP%2F1001&survey=abc"
    assert asked.but(when="month").address("/surveys") == "/surveys?queue=sales&agent=PJSIP%2F1001&survey=abc"
    assert asked.but(when="week", queue="", agent="", survey="").address("/surveys") == "/surveys?when=week"


def test_a_difference_needs_enough_answers_on_both_sides() -> None:
    assert voice_figures.delta(nps(20, 5, 5), nps(15, 5, 10)) == voice_figures.Delta(points=33.3, way="up")
    assert voice_figures.delta(nps(15, 5, 10), nps(15, 5, 10)) == voice_figures.Delta(points=0.0, way="flat")
    assert voice_figures.delta(nps(20, 5, 4), nps(15, 5, 10)) is None
    assert voice_figures.delta(score.nps({}), score.nps({})) is None
    assert voice_figures.share_delta((12, 40), (8, 40)) == voice_figures.Delta(points=10.0, way="up")
    assert voice_figures.share_delta((12, 40), (0, 0)) is None


def test_a_sparkline_skips_weeks_without_answers() -> None:
    assert voice_figures.spark([None, 3.0]) is None
    found = voice_figures.spark([10.0, None, 30.0])
    assert found is not None
    assert found.line == "M0.0 21.0L75.0 3.0"
    level = voice_figures.spark([5.0, 5.0])
    assert level is not None
    assert level.y == 12.0


def test_a_trend_is_said_only_when_chance_does_not_explain_it() -> None:
    high, low, like = nps(300, 60, 40), nps(150, 100, 150), nps(290, 70, 40)
    assert voice_figures.trend([high, low], None) == voice_figures.Trend(way="down", at=0, last=1, goal=None)
    assert voice_figures.trend([low, score.nps({}), high], 20) == voice_figures.Trend(
        way="up", at=0, last=2, goal="above"
    )
    assert voice_figures.trend([high, like], 65) == voice_figures.Trend(way="flat", at=0, last=1, goal="within")
    assert voice_figures.trend([nps(20, 5, 4), high], 40) is None, "one week has too few answers"


def test_the_finding_names_weeks_and_goal_in_the_readers_words() -> None:
    weeks, scores = [date(2026, 11, 9), date(2026, 11, 16)], [nps(300, 60, 40), nps(150, 100, 150)]
    presentation.use(ENGLISH)
    assert voice_findings.trend(weeks, scores, 40) == (
        "NPS fell from +65 in the week of 9 Nov to 0 in the week of 16 Nov. It is below the goal of 40."
    )
    assert voice_findings.trend(weeks, [nps(1, 0, 0), nps(1, 1, 0)], 40) == (
        "3 answers in these weeks: too few for a trend."
    )
    presentation.use(PERSIAN)
    said = voice_findings.trend(weeks, scores, 40)
    assert "+۶۵" in said
    assert "۱۸ آبان" in said
    assert not any(letter.isascii() and letter.isalnum() for letter in said)


def test_a_period_is_said_in_the_readers_calendar() -> None:
    presentation.use(ENGLISH)
    assert voice_findings.period(span(Asked())) == "1 Nov – 21 Nov 2026"
    assert voice_findings.compared(span(Asked())) == "compared with the 21 days before"
    presentation.use(PERSIAN)
    assert voice_findings.period(span(Asked(), jalali=True)) == "۱ آبان – ۳۰ آبان ۱۴۰۵"


def test_promoters_passives_and_detractors_add_up() -> None:
    assert voice_figures.parts_of_nps({0.0: 2, 6.0: 1, 7.0: 3, 8.0: 1, 9.0: 4, 10.0: 5}) == (9, 4, 3)


def test_a_part_is_behind_only_when_its_range_ends_below_the_whole() -> None:
    whole = score.csat({5: 700, 1: 300})
    assert voice_figures.is_behind(score.csat({5: 40, 1: 60}), whole)
    assert not voice_figures.is_behind(score.csat({5: 65, 1: 35}), whole)
    assert not voice_figures.is_behind(score.csat({5: 2, 1: 27}), whole), "few answers prove nothing"
