"""What moves a score: for each thing known of a call, the values given with it beside those given without it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

import msgspec
from sqlalchemy import Column, ColumnElement, Subquery, and_, case, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.store.survey_figures import Counts, Cut, scores_by_agent, scores_by_queue
from cxcall.store.survey_tables import survey_answers
from cxcall.surveys.script import Measure, Texts

BANDS = (0.0, 20.0, 60.0, 180.0)
"""Waits are put into bands from these seconds on."""

NEWEST = 20_000
"""Of a period with more values than this, the newest are looked at; queues and agents are counted over all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Driver:
    """Values given with something and without it.

    `of` and `key` name it: a queue; an agent's interface; the lower end of a band of waits in seconds; "yes" for calls
    that were passed on, or of customers who had called within 7 days; the keys given to `part` of a survey, with the
    words of the question and the answer. "Without" are the other calls of which the same is known.
    """

    of: Literal["queue", "agent", "wait", "transferred", "repeat", "answer"]
    key: str
    with_: Counts
    without: Counts
    survey_id: str | None = None
    part: str = ""
    title: Texts
    label: Texts


async def drivers(conn: AsyncConnection, measure: Measure, cut: Cut) -> list[Driver]:
    """All that is known of the calls behind a score, in no order; the page shows the differences that are sure."""
    queues = await scores_by_queue(conn, measure, cut)
    agents = await scores_by_agent(conn, measure, cut)
    return [
        *_parted("queue", queues),
        *_parted("agent", agents),
        *await _facts(conn, measure, cut),
        *await _answers(conn, measure, cut),
    ]


def _parted(of: Literal["queue", "agent"], groups: dict[str, Counts]) -> Iterable[Driver]:
    total: Counter[float] = Counter()
    for counts in groups.values():
        total.update(counts)
    for key, counts in groups.items():
        yield Driver(of=of, key=key, with_=counts, without=_less(total, counts), title={}, label={})


async def _facts(conn: AsyncConnection, measure: Measure, cut: Cut) -> list[Driver]:
    """Waits, transfers and repeats."""
    table = survey_answers.c
    newest = _newest(measure, cut, table.wait, table.transferred, table.repeat).c
    bands = list(zip(BANDS, (*BANDS[1:], None), strict=True))
    conditions: list[ColumnElement[bool]] = [
        *(and_(newest.wait >= low, *(() if high is None else (newest.wait < high,))) for low, high in bands),
        newest.transferred.is_(True),
        newest.transferred.is_(False),
        newest.repeat.is_(True),
        newest.repeat.is_(False),
    ]
    sums = [func.count(case((condition, 1))) for condition in conditions]
    rows = (await conn.execute(select(newest.value, *sums).group_by(newest.value))).all()
    counted = [{row[0]: row[1 + place] for row in rows if row[1 + place]} for place in range(len(sums))]
    waits, (passed, stayed, again, anew) = counted[: len(BANDS)], counted[len(BANDS) :]
    known: Counter[float] = Counter()
    for counts in waits:
        known.update(counts)
    found = [
        *(_driver("wait", f"{low:g}", counts, _less(known, counts)) for low, counts in zip(BANDS, waits, strict=True)),
        _driver("transferred", "yes", passed, stayed),
        _driver("repeat", "yes", again, anew),
    ]
    return [driver for driver in found if driver.with_]


async def _answers(conn: AsyncConnection, measure: Measure, cut: Cut) -> list[Driver]:
    """Answers to questions that count nothing themselves ("was it solved?")."""
    newest, other = _newest(measure, cut), survey_answers.alias("other")
    what = (other.c.survey_id, other.c.part, other.c["keys"])
    query = (
        select(*what, func.max(other.c.title), func.max(other.c.label), newest.c.value, func.count())
        .select_from(newest)
        .join(other, other.c.response_id == newest.c.response_id)
        .where(other.c.result == "answered", other.c.measure.is_(None), other.c.kind != "comment")
        .group_by(*what, newest.c.value)
    )
    values: dict[tuple[Any, ...], Counts] = {}
    words: dict[tuple[Any, ...], tuple[str, str]] = {}
    questions: dict[tuple[Any, ...], Counter[float]] = {}
    for survey_id, part, keys, title, label, value, n in await conn.execute(query):
        values.setdefault((survey_id, part, keys), {})[value] = n
        words[survey_id, part, keys] = title, label
        questions.setdefault((survey_id, part), Counter())[value] += n
    return [
        Driver(
            of="answer",
            key=keys,
            survey_id=survey_id,
            part=part,
            with_=counts,
            without=_less(questions[survey_id, part], counts),
            title=msgspec.json.decode(words[survey_id, part, keys][0], type=Texts),
            label=msgspec.json.decode(words[survey_id, part, keys][1], type=Texts),
        )
        for (survey_id, part, keys), counts in values.items()
    ]


def _driver(of: Literal["wait", "transferred", "repeat"], key: str, with_: Counts, without: Counts) -> Driver:
    return Driver(of=of, key=key, with_=with_, without=without, title={}, label={})


def _less(total: Counter[float], some: Counts) -> Counts:
    return {value: n - some.get(value, 0) for value, n in total.items() if n > some.get(value, 0)}


def _newest(measure: Measure, cut: Cut, *columns: Column[Any]) -> Subquery:
    """The newest values of a measure, with more of their columns."""
    table = survey_answers.c
    conditions = [
        table.measure == measure,
        table.value.is_not(None),
        table.given_at >= cut.period.since,
        table.given_at < cut.period.until,
    ]
    conditions += [table.queue == cut.queue] if cut.queue is not None else []
    conditions += [table.survey_id == cut.survey_id] if cut.survey_id is not None else []
    conditions += [table.agent.in_(cut.agents)] if cut.agents else []
    query = select(table.response_id, table.value, *columns).where(*conditions)
    return query.order_by(table.given_at.desc()).limit(NEWEST).subquery("newest")
