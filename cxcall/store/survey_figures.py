"""Figures of surveys as counts, from which `cxcall.surveys.score` makes scores. Each counts what happened in a period.

A score counts values by when they were given, the funnel counts calls by when they were, or would have been, offered.
Tests count nowhere.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, get_args

from sqlalchemy import Column, ColumnElement, Integer, Table, and_, column, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.store import tally
from cxcall.store.held import Phones, had_call, had_response, names_of, spells_of
from cxcall.store.schema import UtcDateTime
from cxcall.store.sign_ins import Held
from cxcall.store.survey_responses import Ended, Kind, State
from cxcall.store.survey_tables import survey_answers, survey_comments, survey_responses
from cxcall.store.tables import BYTES
from cxcall.surveys.asking import Reason
from cxcall.surveys.dialogue import Result
from cxcall.surveys.script import Measure

Counts = dict[float, int]
"""How often each value was given."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """`since` ≤ time < `until`."""

    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """What a figure is about; what is None or empty does not matter. `agents`: interfaces, of one person or several;
    with `held`, only the calls of these times at them."""

    period: Period
    queue: str | None = None
    agents: tuple[str, ...] = ()
    held: tuple[Held, ...] = ()
    survey_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FunnelCount:
    """How many calls went this far: `reason` tells why not asked, `end` how the survey ended."""

    kind: Kind
    state: State
    reason: Reason
    end: Ended
    n: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PartCount:
    """How often a part came to `result`; answers are counted by their keys."""

    part: str
    result: Result
    keys: str
    n: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentResults:
    """What an agent's callers said: the funnel of their calls, values by measure, and how many spoke a comment."""

    funnel: list[FunnelCount]
    scores: dict[Measure, Counts]
    comments: int


_KINDS: tuple[Kind, ...] = ("after_call", "later")
_OUTCOMES = [
    (kind, *outcome)
    for kind in _KINDS
    for outcome in (
        *(("not_asked", reason, "") for reason in get_args(Reason) if reason != "ask"),
        *((state, "ask", end) for state in ("offered", "started") for end in ("", "hung_up", "opted_out", "lost")),
        *(("finished", "ask", end) for end in ("finished", "handed_over")),
    )
]
"""Every way a response can stand (`survey_responses` writes no other)."""


async def funnel(conn: AsyncConnection, cut: Cut) -> list[FunnelCount]:
    """How far calls went, and why not further."""
    groups = await (funnel_by_agent if cut.agents else funnel_by_queue)(conn, cut)
    total: Counter[tuple[Kind, State, Reason, Ended]] = Counter()
    for counts in groups.values():
        for count in counts:
            total[count.kind, count.state, count.reason, count.end] += count.n
    return [
        FunnelCount(kind=kind, state=state, reason=reason, end=end, n=n)
        for (kind, state, reason, end), n in total.items()
    ]


async def funnel_by_queue(conn: AsyncConnection, cut: Cut) -> dict[str, list[FunnelCount]]:
    """The funnel of each queue."""
    return await _funnels(conn, survey_responses.c.queue, cut, (cut.queue,) if cut.queue is not None else ())


async def funnel_by_agent(conn: AsyncConnection, cut: Cut) -> dict[str, list[FunnelCount]]:
    """The funnel of each agent, by interface; calls that reached none are in no one's.

    Who ended the talk first is told by the reasons: `ask` and `unavailable` by the agent, `caller_hung_up`,
    `transferred`.
    """
    found = await _funnels(conn, survey_responses.c.agent, cut, cut.agents)
    return {agent: counts for agent, counts in found.items() if agent}


async def parts(conn: AsyncConnection, cut: Cut) -> list[PartCount]:
    """What came of each part of the survey `cut.survey_id`: the steps of its funnel, and how often each key came."""
    table = survey_answers.c
    mine = table.survey_id == cut.survey_id
    period = (*_in(table.given_at, cut.period), *_narrowed(survey_answers, cut))
    part = tally.each(table.part, mine)
    silent = tally.given(
        "came", (column("result", BYTES),), [(each,) for each in get_args(Result) if each != "answered"]
    )
    n = tally.count_those(
        survey_answers, and_(*period), mine, table.part == part.c.value, table.result == silent.c.result
    )
    query = tally.crossed([part.c.value, silent.c.result], n, part, silent)
    rows = (await conn.execute(query)).all()
    found = [PartCount(part=part, result=result, keys="", n=n) for part, result, n in rows if n]
    for name in dict.fromkeys(row.value for row in rows):
        answered = (mine, table.part == name, table.result == "answered")
        keys = tally.each(table["keys"], *answered)
        n = tally.count(survey_answers, *answered, table["keys"] == keys.c.value, *period)
        counted = await conn.execute(tally.crossed([keys.c.value], n, keys))
        found += [PartCount(part=name, result="answered", keys=key, n=n) for key, n in counted if n]
    return found


async def scores(conn: AsyncConnection, measure: Measure, cut: Cut) -> Counts:
    """How often each value of a measure was given."""
    value = tally.each(survey_answers.c.value, survey_answers.c.measure == measure)
    n = tally.count(survey_answers, *_scored(measure, cut, value.c.value))
    rows = await conn.execute(tally.crossed([value.c.value], n, value))
    return {value: n for value, n in rows if n}


async def scores_by_queue(conn: AsyncConnection, measure: Measure, cut: Cut) -> dict[str, Counts]:
    """The values of each queue."""
    return await _scores(conn, survey_answers.c.queue, measure, cut, (cut.queue,) if cut.queue is not None else ())


async def scores_by_agent(conn: AsyncConnection, measure: Measure, cut: Cut) -> dict[str, Counts]:
    """The values of each agent, by interface; those of calls that reached none are in no one's."""
    found = await _scores(conn, survey_answers.c.agent, measure, cut, cut.agents)
    return {agent: counts for agent, counts in found.items() if agent}


async def scores_by_edges(conn: AsyncConnection, measure: Measure, edges: Sequence[datetime], cut: Cut) -> list[Counts]:
    """The values between each two of `edges` (weeks of the site's zone, say), one less than edges; not `cut.period`."""
    spans = list(zip(range(len(edges)), edges, edges[1:], strict=False))
    if not spans:
        return []
    columns = (column("place", Integer), column("since", UtcDateTime), column("until", UtcDateTime))
    span = tally.given("span", columns, spans)
    value = tally.each(survey_answers.c.value, survey_answers.c.measure == measure)
    given_at = survey_answers.c.given_at
    where = (
        survey_answers.c.measure == measure,
        survey_answers.c.value == value.c.value,
        given_at >= span.c.since,
        given_at < span.c.until,
        *_narrowed(survey_answers, cut),
        *_of_survey(survey_answers, cut),
    )
    query = tally.crossed([span.c.place, value.c.value], tally.count(survey_answers, *where), span, value)
    found: list[Counts] = [{} for _ in spans]
    for place, value_, n in await conn.execute(query):
        if n:
            found[place][value_] = n
    return found


async def results_of_agent(conn: AsyncConnection, phones: Phones, period: Period) -> AgentResults:
    """What the callers of one agent said, on all their phones, while they were theirs."""
    cut = Cut(period=period, agents=tuple(sorted(names_of(phones))), held=spells_of(phones))
    if not cut.agents:
        return AgentResults(funnel=[], scores={}, comments=0)
    table = survey_comments.c
    mine = [had_response(table.response_id, cut.held)] if cut.held else []
    spoken = select(func.count()).where(table.agent.in_(cut.agents), *_in(table.recorded_at, period), *mine)
    return AgentResults(
        funnel=await funnel(conn, cut),
        scores={measure: await scores(conn, measure, cut) for measure in get_args(Measure)},
        comments=await conn.scalar(spoken) or 0,
    )


async def agent_names(conn: AsyncConnection, interfaces: Iterable[str]) -> dict[str, str]:
    """What each agent was called when asked for last, by interface; without those that had no name."""
    wanted = tally.given("wanted", (column("agent", BYTES),), [(each,) for each in sorted(set(interfaces))] or [("",)])
    table = survey_responses.c
    newest = (
        select(table.agent_name)
        .where(table.agent == wanted.c.agent, table.state != "not_asked", table.agent_name != "")
        .order_by(table.offered_at.desc())
        .limit(1)
    )
    rows = await conn.execute(select(wanted.c.agent, newest.scalar_subquery()))
    return {agent: name for agent, name in rows if name}


async def _funnels(
    conn: AsyncConnection, by: Column[str], cut: Cut, only: tuple[str, ...]
) -> dict[str, list[FunnelCount]]:
    table = survey_responses.c
    group = tally.given("wanted", (column("value", BYTES),), [(key,) for key in only]) if only else tally.each(by)
    names = ("kind", "state", "reason", "end")
    outcome = tally.given("outcome", [column(name, BYTES) for name in names], _OUTCOMES)
    where = (
        by == group.c.value,
        *(table[name] == outcome.c[name] for name in names),
        *_in(table.offered_at, cut.period),
        *_narrowed(survey_responses, cut),
        *_of_survey(survey_responses, cut),
    )
    keys = [group.c.value, *(outcome.c[name] for name in names)]
    query = tally.crossed(keys, tally.count(survey_responses, *where), group, outcome)
    found: dict[str, list[FunnelCount]] = {}
    for key, kind, state, reason, end, n in await conn.execute(query):
        if n:
            found.setdefault(key, []).append(FunnelCount(kind=kind, state=state, reason=reason, end=end, n=n))
    return found


async def _scores(
    conn: AsyncConnection, by: Column[str], measure: Measure, cut: Cut, only: tuple[str, ...]
) -> dict[str, Counts]:
    table = survey_answers.c
    some = (table.measure.is_not(None), table.value.is_not(None))
    group = (
        tally.given("wanted", (column("value", BYTES),), [(key,) for key in only]) if only else tally.each(by, *some)
    )
    value = tally.each(table.value, table.measure == measure)
    where = (by == group.c.value, *_scored(measure, cut, value.c.value))
    query = tally.crossed([group.c.value, value.c.value], tally.count(survey_answers, *where), group, value)
    found: dict[str, Counts] = {}
    for key, value_, n in await conn.execute(query):
        if n:
            found.setdefault(key, {})[value_] = n
    return found


def _scored(measure: Measure, cut: Cut, value: Any) -> list[ColumnElement[bool]]:
    table = survey_answers.c
    return [
        table.measure == measure,
        table.value == value,
        *_in(table.given_at, cut.period),
        *_narrowed(survey_answers, cut),
        *_of_survey(survey_answers, cut),
    ]


def _in(moment: Column[datetime], period: Period) -> tuple[ColumnElement[bool], ...]:
    return moment >= period.since, moment < period.until


def _narrowed(table: Table, cut: Cut) -> list[ColumnElement[bool]]:
    queue = [table.c.queue == cut.queue] if cut.queue is not None else []
    agent: list[ColumnElement[bool]] = [table.c.agent.in_(cut.agents)] if cut.agents else []
    if cut.held and table is survey_responses:
        agent.append(had_call(table.c.call_id, cut.held))
    elif cut.held:
        agent.append(had_response(table.c.response_id, cut.held))
    return [*queue, *agent]


def _of_survey(table: Table, cut: Cut) -> list[ColumnElement[bool]]:
    return [table.c.survey_id == cut.survey_id] if cut.survey_id is not None else []
