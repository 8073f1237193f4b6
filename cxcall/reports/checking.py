"""What is wrong with the question a report puts, before anything is read: each thing with its field and sentence.

Fields are those of `Definition`, `measures.2` for the third measure; `span` is the period.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta

from cxcall.problem import Problem
from cxcall.reports.definition import Definition, Row
from cxcall.reports.measures import find
from cxcall.reports.period import Span

MOST_LINES = 5000
"""Rows of one report; longer ones are for exports of calls."""
MOST_MEASURES = 40
INTERVAL_DAYS, HOUR_DAYS, MOST_DAYS = 31, 200, 3700
"""How long a period may be by quarters of an hour, by hours, and at all (ten years)."""

TIMES: tuple[Row, ...] = ("interval", "hour", "day", "week", "month", "weekday", "hour_of_day")

SENTENCES: dict[str, str] = {
    "no_measures": "Choose at least one figure.",
    "many_measures": "A report shows at most {most} figures. Leave some out.",
    "unknown_measure": "There is no figure {measure}.",
    "measure_twice": "{measure} is asked for twice.",
    "cannot_split": "{measure} can't be told by {row}. Leave out one of them.",
    "cannot_narrow": "{measure} can't be narrowed to {row}. Leave out one of them.",
    "many_rows": "A report has at most two kinds of rows.",
    "row_twice": "Rows by {row} are asked for twice.",
    "two_times": "Rows by {row} and {other} together say the same twice. Choose one of them.",
    "long_for_interval": "Rows of 15 minutes need a period of at most {most} days.",
    "long_for_hour": "Rows of hours need a period of at most {most} days.",
    "long_period": "A period has at most {most} days.",
    "many_lines": "That would be {n} rows; a report has at most {most}. Choose longer times, or a shorter period.",
    "two_comparisons": "A report is compared either with another queue or with another time.",
    "other_queue_rows": "Compared with another queue, rows can't be queues.",
    "other_queue_narrowing": "To compare with another queue, choose the queue that is compared.",
    "wrong_hour": "Hours are 0 to 23 and weekdays 0 (Monday) to 6.",
}
"""By code; values stand in {braces}."""


class BadReport(Exception):
    """The report can't be made as it is asked for; `problems` says why, one entry a thing."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__(" ".join(problem.text for problem in self.problems))


def problem(field: str, code: str, **values: object) -> Problem:
    """One thing that is wrong."""
    shown = {name: str(value) for name, value in values.items()}
    return Problem(field=field, code=code, severity="error", sentence=SENTENCES[code], values=shown)


def problems(definition: Definition, span: Span) -> list[Problem]:
    """All that is wrong with a report, without asking a database."""
    return [*_of_measures(definition), *_of_rows(definition), *_of_period(definition, span), *_of_rest(definition)]


def _of_measures(definition: Definition) -> Iterator[Problem]:
    if not definition.measures:
        yield problem("measures", "no_measures")
    if len(definition.measures) > MOST_MEASURES:
        yield problem("measures", "many_measures", most=MOST_MEASURES)
    for n, name in enumerate(definition.measures[:MOST_MEASURES]):
        measure = find(name)
        if measure is None:
            yield problem(f"measures.{n}", "unknown_measure", measure=name)
            continue
        if name in definition.measures[:n]:
            yield problem(f"measures.{n}", "measure_twice", measure=name)
        for row in definition.by:
            if row not in measure.rows:
                yield problem(f"measures.{n}", "cannot_split", measure=name, row=row)


def _of_rows(definition: Definition) -> Iterator[Problem]:
    if len(definition.by) > 2:
        yield problem("by", "many_rows")
    if len(set(definition.by)) < len(definition.by):
        yield problem("by", "row_twice", row=next(row for row in definition.by if definition.by.count(row) > 1))
        return
    times = [row for row in definition.by if row in TIMES]
    if len(times) == 2 and set(times) != {"weekday", "hour_of_day"}:
        yield problem("by", "two_times", row=times[0], other=times[1])


def _of_period(definition: Definition, span: Span) -> Iterator[Problem]:
    if span.days > MOST_DAYS:
        yield problem("span", "long_period", most=MOST_DAYS)
    elif "interval" in definition.by and span.days > INTERVAL_DAYS:
        yield problem("span", "long_for_interval", most=INTERVAL_DAYS)
    elif "hour" in definition.by and span.days > HOUR_DAYS:
        yield problem("span", "long_for_hour", most=HOUR_DAYS)


def _of_rest(definition: Definition) -> Iterator[Problem]:
    only = definition.narrowing
    if not all(0 <= hour <= 23 for hour in only.hours) or not all(0 <= day <= 6 for day in only.weekdays):
        yield problem("narrowing", "wrong_hour")
    if not definition.other_queue:
        return
    if definition.compare in ("before", "year"):
        yield problem("compare", "two_comparisons")
    if "queue" in definition.by:
        yield problem("other_queue", "other_queue_rows")
    if not only.queues:
        yield problem("other_queue", "other_queue_narrowing")


def too_many(lines: int) -> BadReport:
    """More rows than a report has."""
    return BadReport([problem("by", "many_lines", n=lines, most=MOST_LINES)])


REPEAT_WINDOW = timedelta(days=7)
"""METRICS.md `fcr`: whether a customer comes back is known after this."""
