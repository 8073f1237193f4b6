"""Rows that are not what the others are stand last, under a heading, and no picture or sentence is of them."""

from __future__ import annotations

import pytest

from cxcall.reports.answer import Answer, Figure, Key, Line
from cxcall.reports.definition import Definition
from cxcall.store.reporting.menus import NOT_ASKED
from cxcall.web.pages.report_lists.shared import Topics
from cxcall.web.pages.reports import aside
from cxcall.web.pages.reports.asking import Asked
from cxcall.web.pages.reports.chart import chart
from cxcall.web.pages.reports.table import table
from cxcall.web.report_reading import Question
from tests.web.test_report_findings import WEEK, reader  # noqa: F401 - an English reader

pytestmark = pytest.mark.usefixtures("reader")
REQUIRED = frozenset({"greeting"})


def answer(row: str, counts: dict[str, int]) -> Answer:
    def line(value: str, n: int) -> Line:
        keys = (Key(row=row, value=value, title=value),) if value else ()  # type: ignore[arg-type]  # a kind of rows
        return Line(keys=keys, figures={"calls": Figure(value=n, n=n)})

    definition = Definition(by=(row,), measures=("calls",))  # type: ignore[arg-type]  # a kind of rows
    lines = tuple(line(value, n) for value, n in counts.items())
    return Answer(definition=definition, span=WEEK, before=None, lines=lines, total=line("", sum(counts.values())))


def asked(one: Answer) -> Asked:
    question = Question(definition=one.definition, span=WEEK, calendar="gregorian", when="")
    return Asked(name="menu", words={}, question=question)


def values(one: Answer) -> list[str]:
    return [line.keys[0].value for line in one.lines]


def test_what_agents_have_to_say_stands_below_the_topics_under_its_own_heading():
    one = aside.put_last(answer("category", {"greeting": 90, "refund": 40, "bill": 30}), REQUIRED)
    assert values(one) == ["refund", "bill", "greeting"]
    assert [row.aside for row in table(one, asked(one), REQUIRED).rows] == ["", "", "What agents have to say"]
    assert values(aside.without(one, REQUIRED)) == ["refund", "bill"]


def test_callers_whom_no_menu_asked_dwarf_nobody():
    one = aside.put_last(answer("menu", {NOT_ASKED: 1654, "bill": 48, "cancel": 20}), ())
    figures = table(one, asked(one))
    drawn = chart(one, figures, asked(one), "calls")
    assert drawn is not None
    assert [(point.title, point.value) for point in drawn.points] == [("bill", 48), ("cancel", 20)]
    assert figures.rows[-1].aside == "Called without a menu"
    assert figures.rows[-1].cells[0].text == "1,654"


def test_where_nothing_else_is_left_it_is_drawn_and_told_of_all_the_same():
    one = answer("menu", {NOT_ASKED: 1654, "bill": 48})
    drawn = chart(one, table(one, asked(one)), asked(one), "calls")
    assert drawn is not None
    assert len(drawn.points) == 2
    assert aside.without(one, ()) == one


def test_topics_of_calls_are_without_what_had_to_be_said():
    topics = Topics(names={"greeting": "Greeting", "refund": "Refund"}, required=REQUIRED)
    assert topics.of(["greeting", "refund", "gone"]) == ["Refund", "gone"]
