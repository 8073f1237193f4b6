"""Reports made of a day that was counted by hand (`report_day`)."""

from __future__ import annotations

from datetime import date, timedelta

import msgspec
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from cxcall.queues.definition import QueueLook, Targets
from cxcall.reports.answer import Answer
from cxcall.reports.checking import BadReport
from cxcall.reports.definition import Definition, Narrowing
from cxcall.reports.period import Span
from cxcall.reports.ready_made import READY_MADE
from cxcall.store import queues
from cxcall.store.reporting import notes
from cxcall.store.reporting.run import run
from cxcall.store.tables import journal_positions
from tests.store.plans import plans_of
from tests.store.report_day import DAY, DAY_SPAN, NOW, SITE, days, fill, the_day, visitor

WEEK_BEFORE = days(date(2026, 11, 14), date(2026, 11, 14))
FIGURES = ("offered", "answered", "abandoned", "short_abandoned", "abandon_rate", "sl_offered", "asa", "wait_max")


async def made(engine: AsyncEngine, definition: Definition, span: Span = DAY_SPAN) -> Answer:
    async with engine.connect() as conn:
        return await run(conn, definition, span, site=SITE, now=NOW)


def values(answer: Answer) -> dict[str, dict[str, float | None]]:
    return {
        "|".join(key.value for key in line.keys): {name: figure.value for name, figure in line.figures.items()}
        for line in answer.lines
    }


async def test_the_figures_of_a_day_are_those_counted_by_hand(engine: AsyncEngine) -> None:
    await fill(engine)
    answer = await made(engine, Definition(measures=FIGURES))
    assert values(answer) == {
        "support": {
            "offered": 5, "answered": 3, "abandoned": 2, "short_abandoned": 1, "abandon_rate": 0.25,
            "sl_offered": 0.5, "asa": 20.0, "wait_max": 40.0,
        },
        "sales": {
            "offered": 1, "answered": 1, "abandoned": 0, "short_abandoned": 0, "abandon_rate": 0.0,
            "sl_offered": 1.0, "asa": 5.0, "wait_max": 5.0,
        },
    }  # fmt: skip
    assert [line.keys[0].value for line in answer.lines] == ["support", "sales"], "the most offered first"
    total = {name: figure.value for name, figure in answer.total.figures.items()}
    assert total["offered"] == 6
    assert total["asa"] == pytest.approx(65 / 4), "of all answered, not the mean of the queues' means"
    assert answer.total.figures["sl_offered"].n == 5


async def test_short_abandons_count_when_the_switch_says_so(engine: AsyncEngine) -> None:
    await fill(engine)
    answer = await made(engine, Definition(by=(), measures=("abandon_rate",), short="in"))
    figure = answer.total.figures["abandon_rate"]
    assert figure.value == pytest.approx(2 / 6)
    assert figure.n == 6


async def test_a_report_is_compared_with_the_period_before_row_by_row(engine: AsyncEngine) -> None:
    await fill(engine)
    span = days(DAY - timedelta(days=6), DAY)
    answer = await made(engine, Definition(by=("day",), measures=("offered",), compare="before"), span)
    assert answer.before == days(DAY - timedelta(days=13), DAY - timedelta(days=7))
    assert [(line.keys[0].value, line.figures["offered"].value, line.figures["offered"].before)
            for line in answer.lines][-1] == ("2026-11-21", 6, 2)  # fmt: skip
    assert [line.figures["offered"].value for line in answer.lines] == [0, 0, 0, 0, 0, 0, 6]
    assert (answer.total.figures["offered"].value, answer.total.figures["offered"].before) == (6, 2)


async def test_a_queue_is_compared_with_another_one(engine: AsyncEngine) -> None:
    await fill(engine)
    definition = Definition(
        by=("hour_of_day",), measures=("offered",), narrowing=Narrowing(queues=("support",)), other_queue="sales"
    )
    answer = await made(engine, definition)
    assert answer.total.figures["offered"].value == 5
    assert answer.total.figures["offered"].before == 1
    assert [(line.keys[0].value, line.figures["offered"].value, line.figures["offered"].before)
            for line in answer.lines] == [("8", 2, 0), ("9", 3, 0)]  # fmt: skip


async def test_rows_of_one_kind_add_up_to_the_whole(engine: AsyncEngine) -> None:
    await fill(engine)
    for row in ("queue", "interval", "hour", "day", "weekday", "hour_of_day"):
        answer = await made(engine, Definition(by=(row,), measures=("offered", "answered")))
        for name in ("offered", "answered"):
            rows = sum(line.figures[name].value or 0 for line in answer.lines)
            assert rows == answer.total.figures[name].value, row


async def test_a_day_that_is_not_over_says_until_when_it_is_complete(engine: AsyncEngine) -> None:
    today = days(NOW.date(), NOW.date())
    answer = await made(engine, Definition(by=("hour",), measures=("offered",)), today)
    assert [(note.code, note.at) for note in answer.notes] == [("complete_until", NOW)]
    assert answer.total.incomplete
    assert [line.incomplete for line in answer.lines] == [False] * 6 + [True]
    assert (await made(engine, Definition(measures=("offered",)))).notes == ()


async def test_recovered_calls_are_counted_in_the_notes(engine: AsyncEngine) -> None:
    await fill(engine)
    answer = await made(engine, Definition(measures=("offered",)), WEEK_BEFORE)
    assert [(note.code, note.n) for note in answer.notes] == [("recovered", 1)]
    assert (await made(engine, Definition(measures=("offered",)))).notes == ()


async def test_recovered_calls_are_found_by_their_index(engine: AsyncEngine) -> None:
    await fill(engine)
    plans: list[str] = []
    async with plans_of(engine, plans) as conn:
        if engine.dialect.name == "postgresql":
            await conn.exec_driver_sql("SET enable_seqscan = off")
        await conn.scalar(notes.recovered_in(WEEK_BEFORE))
    assert "ix_call_records_recovered" in plans[-1]


async def test_goals_are_told_where_all_queues_agree(engine: AsyncEngine) -> None:
    await fill(engine)
    async with engine.begin() as conn:
        await queues.observe(conn, "lab", ["support", "sales"], now=NOW)
    definition = Definition(measures=("sl_offered", "abandon_rate", "asa"))
    assert (await made(engine, definition)).goals == {"sl_offered": 0.8, "abandon_rate": 0.05}
    async with engine.begin() as conn:
        look = QueueLook(targets=Targets(answer_share=90))
        await queues.save_look(conn, "lab", "sales", look, version=1, by="admin", now=NOW)
    assert (await made(engine, definition)).goals == {"abandon_rate": 0.05}
    only = msgspec.structs.replace(definition, narrowing=Narrowing(queues=("sales",)))
    assert (await made(engine, only)).goals["sl_offered"] == 0.9


async def test_holidays_of_the_country_are_named(engine: AsyncEngine) -> None:
    answer = await made(engine, Definition(measures=("offered",)), days(date(2026, 3, 21), date(2026, 3, 22)))
    assert [(day, bool(title)) for day, title in answer.holidays] == [
        (date(2026, 3, 21), True),
        (date(2026, 3, 22), True),
    ]


@pytest.mark.parametrize(
    ("definition", "span", "problems"),
    [
        (Definition(measures=()), DAY_SPAN, [("measures", "no_measures")]),
        (Definition(measures=("offered", "nope")), DAY_SPAN, [("measures.1", "unknown_measure")]),
        (Definition(measures=("asa", "asa")), DAY_SPAN, [("measures.1", "measure_twice")]),
        (Definition(by=("agent",), measures=("asa",)), DAY_SPAN, [("measures.0", "cannot_split")]),
        (Definition(by=("queue", "day", "server"), measures=("asa",)), DAY_SPAN, [("by", "many_rows")]),
        (Definition(by=("day", "hour"), measures=("asa",)), DAY_SPAN, [("by", "two_times")]),
        (Definition(by=("queue", "queue"), measures=("asa",)), DAY_SPAN, [("by", "row_twice")]),
        (
            Definition(by=("interval",), measures=("asa",)),
            days(DAY - timedelta(days=31), DAY),
            [("span", "long_for_interval")],
        ),
        (
            Definition(measures=("asa",), narrowing=Narrowing(hours=(24,))),
            DAY_SPAN,
            [("narrowing", "wrong_hour")],
        ),
        (Definition(measures=("asa",), other_queue="sales"), DAY_SPAN,
         [("other_queue", "other_queue_rows"), ("other_queue", "other_queue_narrowing")]),
        (Definition(measures=("asa",), narrowing=Narrowing(agents=("Sara",))), DAY_SPAN,
         [("measures.0", "cannot_narrow")]),
    ],
)  # fmt: skip
async def test_what_cant_be_asked_is_said_with_its_field(
    engine: AsyncEngine, definition: Definition, span: Span, problems: list[tuple[str, str]]
) -> None:
    with pytest.raises(BadReport) as refused:
        await made(engine, definition, span)
    assert [(problem.field, problem.code) for problem in refused.value.problems] == problems
    assert "{" not in str(refused.value)


async def test_every_ready_made_report_can_be_made_of_any_period(engine: AsyncEngine) -> None:
    await fill(engine)
    for name, definition in READY_MADE.items():
        answer = await made(engine, definition)
        assert set(answer.total.figures) == set(definition.measures), name


async def test_hours_by_weekdays_tell_where_the_load_is(engine: AsyncEngine) -> None:
    await fill(engine)
    answer = await made(engine, READY_MADE["heat"])
    assert {key: figures["offered"] for key, figures in values(answer).items()} == {"5|8": 2, "5|9": 3, "5|10": 1}


async def test_an_hour_in_which_nobody_called_is_there_between_those_with_calls(engine: AsyncEngine) -> None:
    await fill(engine, [*the_day(), visitor(9, at=DAY_SPAN.since + timedelta(hours=12))])
    answer = await made(engine, Definition(by=("hour_of_day",), measures=("offered",)))
    assert [(key, figures["offered"]) for key, figures in values(answer).items()] == [
        ("8", 2), ("9", 3), ("10", 1), ("11", 0), ("12", 1),
    ]  # fmt: skip


async def test_a_server_silent_for_long_is_said_not_guessed(engine: AsyncEngine) -> None:
    silent = DAY_SPAN.since + timedelta(hours=9)
    async with engine.begin() as conn:
        await conn.execute(journal_positions.insert().values(server="lab", position=1, saved_at=silent))
    assert [(note.code, note.at) for note in (await made(engine, Definition(measures=("offered",)))).notes] == [
        ("complete_until", silent)
    ]
