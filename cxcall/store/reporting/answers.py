"""What callers answered in surveys, and how far surveys came; by time, queue, agent and survey.

Scores count answers by when they were given, the funnel counts calls by when they were offered, as
`store.survey_figures` does; tests of a script count nowhere. Days that are over are read as they are kept (`kept`), all
others from the rows themselves, so that what is answered late, corrected or deleted is in the next figure.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import ColumnElement, Select, and_, case, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.reports.answer import Key
from cxcall.reports.definition import Row
from cxcall.reports.tally import Tally
from cxcall.store.reporting.answers_rows import GRAIN, QUARTERS, quarter
from cxcall.store.reporting.ask import Ask
from cxcall.store.reporting.kept_reading import parts_of
from cxcall.store.reporting.kept_tables import FUNNEL, SCORES, rollup_answers
from cxcall.store.reporting.ranges import Range, inside
from cxcall.store.reporting.slots import DAY, QUARTER, SIXTEEN
from cxcall.store.reporting.summing import Found, Source, plain, read_source
from cxcall.store.survey_tables import survey_answers, survey_responses, surveys
from cxcall.surveys.score import SCALES

_ROWS: dict[Row, str] = {"server": "server", "queue": "queue", "agent": "agent", "survey": "survey"}

_r, _a = survey_responses.c, survey_answers.c


async def read(conn: AsyncConnection, ask: Ask) -> Found:
    """The family `answers`. An agent is called as records of calls have it, else by the phone."""
    found: Found = {}
    parts = await parts_of(conn, "answers", ask)
    if parts.kept:
        found = await read_source(conn, ask, _KEPT, parts.kept)
    if parts.rest:
        for statement, names in ((scored(conn, parts.rest), SCORES), (offered(conn, parts.rest), FUNNEL)):
            for keys, tally in (await read_source(conn, ask, _source(statement, names))).items():
                found.setdefault(keys, Tally()).add(tally)
    return await _named(conn, found) if "survey" in ask.by else found


def scored(conn: AsyncConnection, times: Sequence[Range]) -> Select[tuple[object, ...]]:
    """Every answer that is a value on the scale of its measure."""
    value = _a.value
    on_scale = [and_(_a.measure == measure, value.between(least, most)) for measure, (least, most) in SCALES.items()]
    sums = {
        "csat_good": _one(_a.measure == "csat", value >= 4),
        "csat_n": _one(_a.measure == "csat"),
        "csat_sum": case((_a.measure == "csat", value), else_=0),
        "nps_promoters": _one(_a.measure == "nps", value >= 9),
        "nps_passives": _one(_a.measure == "nps", value > 6, value < 9),
        "nps_detractors": _one(_a.measure == "nps", value <= 6),
        "ces_good": _one(_a.measure == "ces", value >= 6),
        "ces_n": _one(_a.measure == "ces"),
    }
    return (
        select(
            GRAIN,
            quarter(conn, _a.given_at).label("slot"),
            *_of_response(),
            *(column.label(name) for name, column in sums.items()),
        )
        .join(survey_responses, _r.id == _a.response_id)
        .where(
            _a.measure.is_not(None), value.is_not(None), _a.measure.in_(sorted(SCALES)), inside(_a.given_at, times),
            case(*((each, True) for each in on_scale), else_=False),
        )
    )  # fmt: skip


def offered(conn: AsyncConnection, times: Sequence[Range]) -> Select[tuple[object, ...]]:
    """Every call that was asked, and how far."""
    sums = {
        "survey_offered": _one(_r.state != "not_asked"),
        "survey_started": _one(_r.state.in_(("started", "finished"))),
        "survey_finished": _one(_r.state == "finished"),
    }
    return select(
        GRAIN,
        quarter(conn, _r.offered_at).label("slot"),
        *_of_response(),
        *(column.label(name) for name, column in sums.items()),
    ).where(_r.state != "not_asked", _r.kind != "test", inside(_r.offered_at, times))


def _of_response() -> tuple[ColumnElement[str], ...]:
    agent = func.coalesce(func.nullif(_r.agent_name, ""), _r.agent)
    return _r.server, _r.queue, agent.label("agent"), func.coalesce(_r.survey_id, "").label("survey")


def _one(*where: ColumnElement[bool]) -> ColumnElement[int]:
    return case((and_(*where), 1), else_=0)


def _source(statement: Select[tuple[object, ...]], names: tuple[str, ...]) -> Source:
    return Source(
        family="answers",
        table=statement.subquery("its"),
        rows=_ROWS,
        summed=names,
        make=plain(counts={name: name for name in names}, times={}),
        grains=QUARTERS,
        on_server=frozenset(("queue",)),
    )


_KEPT = Source(
    family="answers",
    table=rollup_answers,
    rows=_ROWS,
    summed=SCORES + FUNNEL,
    make=plain(counts={name: name for name in SCORES + FUNNEL}, times={}),
    grains=frozenset((QUARTER, DAY, SIXTEEN)),
    on_server=frozenset(("queue",)),
)


async def _named(conn: AsyncConnection, found: Found) -> Found:
    """The same with the names of surveys."""
    rows = await conn.execute(select(surveys.c.id, surveys.c.name))
    names = {row.id: row.name for row in rows}

    def named(key: Key) -> Key:
        return replace(key, title=names.get(key.value, "")) if key.row == "survey" else key

    return {tuple(map(named, keys)): tally for keys, tally in found.items()}
