from datetime import UTC, date

import pytest

from cxcall.reports.checking import SENTENCES, problems
from cxcall.reports.measures import MEASURES, find
from cxcall.reports.period import span_of
from cxcall.reports.ready_made import KINDS, READY_MADE, kind_of
from cxcall.web import report_names, report_problems

A_DAY = span_of(date(2026, 11, 21), date(2026, 11, 21), UTC)


@pytest.mark.parametrize("name", READY_MADE)
def test_nothing_is_wrong_with_a_ready_made_report(name: str) -> None:
    assert problems(READY_MADE[name], A_DAY) == []


def test_every_report_measure_and_row_has_a_name_and_a_sentence() -> None:
    assert set(report_names.READY_MADE) == set(READY_MADE)
    assert set(report_names.MEASURES) == set(MEASURES)
    assert {row for one in MEASURES.values() for row in one.rows} <= set(report_names.ROWS)
    assert {one.unit for one in MEASURES.values()} <= set(report_names.UNITS)


def test_the_sentences_of_problems_are_those_that_are_translated() -> None:
    assert report_problems.PROBLEMS == SENTENCES


def test_a_report_is_a_table_unless_it_is_shown_in_its_own_way() -> None:
    assert kind_of("queues") == "table"
    assert kind_of("heat") == "heat"
    assert set(KINDS) <= set(READY_MADE)


def test_each_figure_of_the_reports_is_known() -> None:
    assert all(find(name) for one in READY_MADE.values() for name in one.measures)
