"""The sentences above reports, of figures made by hand: true, of enough, more than chance, and fair to time."""

from __future__ import annotations

from collections.abc import Iterator
from contextvars import copy_context
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest

from cxcall.reports.answer import Answer, Figure, Key, Line
from cxcall.reports.definition import Definition
from cxcall.reports.measures import find
from cxcall.reports.period import span_of
from cxcall.reports.ready_made import READY_MADE
from cxcall.web import presentation
from cxcall.web.pages.reports.fairness import unfair
from cxcall.web.pages.reports.finding import finding
from cxcall.web.presentation import Presentation

ZONE = ZoneInfo("UTC")
WEEK = span_of(date(2026, 11, 9), date(2026, 11, 15), ZONE)
AFTER = datetime(2026, 11, 30, tzinfo=UTC)
FEW = "There are too few calls to say what stands out."
Figures = dict[str, tuple[float | None, int]]


@pytest.fixture(autouse=True)
def reader() -> Iterator[None]:
    before = presentation.current()
    presentation.use(Presentation(zone=ZONE, now=AFTER))
    yield
    presentation.use(before)


def line(row: str, value: str, figures: dict[str, Figure], *, incomplete: bool = False) -> Line:
    keys = (Key(row=row, value=value, title=value),) if row else ()  # type: ignore[arg-type]  # a kind of rows
    return Line(keys=keys, figures=figures, incomplete=incomplete)


def made(figures: Figures, before: Figures | None = None) -> dict[str, Figure]:
    then = before or {}
    return {
        name: Figure(value=value, n=n, before=then.get(name, (None, 0))[0], before_n=then.get(name, (None, 0))[1])
        for name, (value, n) in figures.items()
    }


def answer(
    total: Figures, rows: dict[str, Figures] | None = None, *, before: Figures | None = None, by: str = "queue",
    incomplete: bool = False, **more: Any,
) -> Answer:  # fmt: skip
    definition = Definition(by=(by,), measures=tuple(total), compare="before" if before else "", **more)  # type: ignore[arg-type]  # names of figures and rows
    lines = tuple(line(by, value, made(figures)) for value, figures in (rows or {}).items())
    return Answer(
        definition=definition, span=WEEK, before=WEEK if before else None, lines=lines,
        total=line("", "", made(total, before), incomplete=incomplete),
    )  # fmt: skip


def said(one: Answer) -> str:
    return finding(one, {})


def test_the_queue_that_loses_more_than_chance_is_named():
    rows: dict[str, Figures] = {"sales": {"abandon_rate": (0.20, 200)}, "support": {"abandon_rate": (0.05, 300)}}
    text = said(answer({"abandon_rate": (0.11, 500)}, rows))
    assert text == (
        "55 of 500 callers hung up while waiting (11.0%). 72.7% of them: sales."
        " Abandonment: highest for sales with 20.0%, on the whole 11.0%."
    )


def test_what_may_be_chance_is_not_named():
    """12 of 100 and 10 of 100 are 0.45 spreads apart."""
    rows: dict[str, Figures] = {"sales": {"abandon_rate": (0.12, 100)}, "support": {"abandon_rate": (0.10, 100)}}
    assert said(answer({"abandon_rate": (0.11, 200)}, rows)).startswith("22 of 200 callers hung up while waiting")
    assert "highest" not in said(answer({"abandon_rate": (0.11, 200)}, rows))


def test_where_a_high_figure_is_good_the_lowest_is_named():
    rows: dict[str, Figures] = {"sales": {"sl_offered": (0.60, 200)}, "support": {"sl_offered": (0.95, 300)}}
    assert said(answer({"sl_offered": (0.81, 500)}, rows)) == (
        "Service level: lowest for sales with 60.0%, on the whole 81.0%."
    )


def test_a_row_of_few_never_stands_out():
    rows: dict[str, Figures] = {
        "sales": {"abandon_rate": (0.9, 29)}, "support": {"abandon_rate": (0.01, 300)},
        "gold": {"abandon_rate": (0.01, 300)},
    }  # fmt: skip
    assert "Abandonment" not in said(answer({"abandon_rate": (0.051, 629)}, rows))


def test_callers_are_counted_as_the_switch_says():
    """40 came, 10 hung up, 4 of them within the threshold: 6 of 36."""
    total: Figures = {"offered": (40, 40), "abandoned": (10, 10), "abandon_rate": (6 / 36, 36)}
    assert said(answer(total)) == ("10 of 40 callers hung up while waiting; without 4 short abandons 6 of 36 (16.7%).")
    assert said(answer({"short_abandoned": (4, 4), "abandon_rate": (6 / 36, 36)})) == (
        "6 of 36 callers hung up while waiting (16.7%). Short abandons are left out of both."
    )
    counting: Figures = {**total, "abandon_rate": (0.25, 40)}
    assert said(answer(counting, short="in")) == "10 of 40 callers hung up while waiting (25.0%)."


def test_the_sentence_and_the_total_line_name_the_same_callers():
    """24 of 196 hung up, one of them at once."""
    total: Figures = {"offered": (196, 196), "abandoned": (24, 24), "abandon_rate": (23 / 195, 195)}
    assert said(answer(total)) == (
        "24 of 196 callers hung up while waiting; without 1 short abandon 23 of 195 (11.8%)."
    )


def test_one_call_less_is_no_fall():
    """4 of 95 and 1 of 36: 0.38 spreads."""
    text = said(answer({"abandon_rate": (1 / 36, 36)}, before={"abandon_rate": (4 / 95, 95)}))
    assert text == "1 of 36 callers hung up while waiting (2.8%)."


def test_a_change_beyond_chance_comes_first():
    text = said(answer({"abandon_rate": (0.06, 500)}, before={"abandon_rate": (0.13, 500)}))
    assert text.startswith("Abandonment fell from 13.0% to 6.0%.")


def test_another_queue_is_no_earlier_time():
    one = answer({"abandon_rate": (0.06, 500)}, before={"abandon_rate": (0.13, 500)})
    definition = msgspec.structs.replace(one.definition, compare="", other_queue="sales")
    assert said(replace(one, definition=definition)).startswith("Abandonment: 6.0%, in sales 13.0%.")


def test_half_a_day_is_not_held_against_a_whole_one():
    total: Figures = {"offered": (36, 36)}
    over = answer(total, before={"offered": (95, 95)})
    assert said(over) == "Offered fell from 95 to 36."
    presentation.use(Presentation(zone=ZONE, now=WEEK.since + timedelta(days=6)))
    assert "fell" not in said(over)
    share = answer({"abandon_rate": (0.06, 500)}, before={"abandon_rate": (0.13, 500)})
    assert "fell" in said(share), "a share may be compared"
    presentation.use(Presentation(zone=ZONE, now=WEEK.since + timedelta(days=6.8)))
    assert said(over) == "Offered fell from 95 to 36.", "nearly over"


def test_the_day_that_is_today_is_not_compared_in_numbers():
    offered, rate = find("offered"), find("abandon_rate")
    assert offered is not None
    assert rate is not None
    one = answer({"offered": (95, 95)}, before={"offered": (95, 95)}, by="day")
    today = line("day", "2026-11-15", {}, incomplete=True)
    assert unfair(offered, today, one)
    assert not unfair(rate, today, one)
    assert not unfair(offered, replace(today, incomplete=False), one)


def test_what_customers_may_still_do_is_not_told_as_done():
    """Of the last seven days nobody knows yet who calls again."""
    total: Figures = {"fcr": (0.71, 300)}
    open_ = answer(total, before={"fcr": (0.45, 300)}, incomplete=True)
    assert said(open_) == "First-contact resolution so far: 71.0%, n 300."
    assert said(answer(total, before={"fcr": (0.45, 300)})).startswith(
        "First-contact resolution rose from 45.0% to 71.0%."
    )


def test_customers_that_came_back_are_told_as_a_share():
    total: Figures = {"customers": (197, 197), "repeat": (131, 131), "repeat_rate": (131 / 197, 197)}
    assert said(answer(total)) == "131 of 197 customers called more than once (66.5%)."
    rows: dict[str, Figures] = {
        "loyal": {"customers": (120, 120), "repeat": (120, 120), "repeat_rate": (1.0, 120)},
        "new": {"customers": (77, 77), "repeat": (11, 11), "repeat_rate": (1 / 7, 77)},
    }
    assert "highest" not in said(answer(total, rows, by="segment")), "loyal customers are those who come back"


def test_means_of_few_times_do_not_rise():
    """One long wait moves the mean of forty."""
    assert "rose" not in said(answer({"asa": (14, 40)}, before={"asa": (11, 90)}))
    assert said(answer({"asa": (14, 400)}, before={"asa": (11, 900)})).startswith(
        "Average speed of answer rose from 0:11 to 0:14."
    )


def test_a_second_more_is_not_worth_a_word():
    rows: dict[str, Figures] = {"gold": {"asa": (10.4, 160)}, "support": {"asa": (8.8, 1100)}}
    assert said(answer({"asa": (9.0, 1260)}, rows)) == "Average speed of answer on the whole: 0:09, n 1,260."
    slow: dict[str, Figures] = {**rows, "gold": {"asa": (13, 160)}}
    assert said(answer({"asa": (9.3, 1260)}, slow)) == (
        "Average speed of answer: highest for gold with 0:13, on the whole 0:09."
    )


def test_waits_are_told_by_their_halves():
    total: Figures = {"wait_p50": (6, 619), "wait_p90": (35, 619)}
    assert said(answer(total)) == ("Half of all callers waited no longer than 0:06, nine of ten no longer than 0:35.")


@pytest.mark.parametrize("now", [(0.60, 539), (None, 0)])
def test_nothing_and_too_few_are_different(now: tuple[float | None, int]):
    nothing = answer({"csat": (None, 0), "survey_offered": (0, 0)}, {"form": {"csat": now, "survey_offered": now}})
    assert said(nothing) == "Nothing was counted in this time."
    assert said(answer({"csat": (0.6, 29), "survey_offered": (29, 29)})) == FEW


def test_a_single_row_does_not_mean_too_few():
    total: Figures = {"survey_offered": (240, 240), "csat": (0.606, 180)}
    assert said(answer(total, {"form": total}, by="survey")) == "Satisfaction (CSAT) on the whole: 60.6%, n 180."


def test_where_all_of_a_count_is_in_one_row_it_is_no_news():
    total: Figures = {"talks": (888, 888)}
    assert said(answer(total, {"greeting": total, "refund": {"talks": (90, 90)}}, by="category")) == FEW


@pytest.mark.parametrize("report", READY_MADE)
@pytest.mark.parametrize("language", ["en", "fa"])
def test_every_report_has_a_sentence_in_both_languages(report: str, language: Any):
    """Of two rows that differ a lot, of many; agents' time is in hours."""

    def told() -> str:
        presentation.use(Presentation(language=language, zone=ZONE, now=AFTER))
        measures = READY_MADE[report].measures
        rows: dict[str, Figures] = {}
        for name, share in (("1", 0.2), ("2", 0.8)):
            rows[name] = {one: (900.0 * share, 900) if _is_count(one) else (share, 90_000) for one in measures}
        total: Figures = {one: (900.0, 900) if _is_count(one) else (0.5, 180_000) for one in measures}
        return said(answer(total, rows, by="queue"))

    text = copy_context().run(told)
    assert "%(" not in text
    assert text not in ("", FEW, "تماس‌ها برای گفتن اینکه چه چیزی چشمگیر است کم‌اند.")
    assert (not text.isascii()) == (language == "fa")


def _is_count(measure: str) -> bool:
    found = find(measure)
    return found is not None and found.unit == "count"
