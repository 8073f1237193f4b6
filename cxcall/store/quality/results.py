"""Results of reviews in a period, by when the calls began; beside them what callers said (CSAT) of the same.

Evaluations are made by people and are few: they are read and counted here, so that the number told and the evaluations
listed behind it are the same ones.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from typing import Literal

from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.quality.agreement import Agreement, agreement
from cxcall.reports.definition import Narrowing
from cxcall.reports.period import CalendarName, Span, week_start
from cxcall.reports.tally import Tally
from cxcall.store.paging import Slice
from cxcall.store.quality import scorecards
from cxcall.store.quality.evaluations import Evaluation, not_blind, of_row
from cxcall.store.quality.paged import page
from cxcall.store.quality.tables import evaluations
from cxcall.store.reporting import reading

By = Literal["agent", "queue", "scorecard", "item", "week"]
BY: tuple[By, ...] = ("agent", "queue", "scorecard", "item", "week")
MOST = 20_000
"""Evaluations a period is told by, the newest."""

NONE_MISSED = "[]"
"""As evaluations keep the ids of critical items missed."""
NO_QUEUE = "-"
"""The key of the row of calls that were in no queue."""

_its = evaluations.c


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """A row. `key`: an agent's name, a queue (`NO_QUEUE`: none), a scorecard's id, SCORECARD/ITEM, or the first day of
    a week. `score`: the mean from 0 to 1 of the `n` evaluations that have one (of an item: of what was reached of it),
    None: none has. `critical`: evaluations with a critical item missed. `csat`: the share of good answers to surveys in
    the same period of this agent, queue or week, of `csat_n`; None where there are none, and of scorecards and items.
    """

    key: str
    n: int
    score: float | None
    critical: int
    csat: float | None
    csat_n: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Only:
    """What results are narrowed to; "" and () are all."""

    agents: tuple[str, ...] = ()
    queues: tuple[str, ...] = ()
    scorecard_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemAgreement:
    """How far reviewers agree over an item of a version of a scorecard."""

    item_id: str
    title: dict[str, str]
    highest: int
    agreement: Agreement
    pairs: tuple[tuple[Evaluation, Evaluation], ...]


async def results(
    conn: AsyncConnection,
    span: Span,
    *,
    by: By,
    only: Only,
    reader: str,
    zone: tzinfo,
    calendar: CalendarName,
) -> list[Result]:
    """Rows by key. `reader` (user id) does not see what they must not know of yet."""
    found = await _read(conn, span, only, reader)
    cards = await _cards(conn, found)
    groups: dict[str, list[tuple[Evaluation, float | None]]] = defaultdict(list)
    for one in found:
        for key, reached in _keys(one, by, cards, zone, calendar):
            groups[key].append((one, reached))
    said = await _csat(conn, span, by, only, zone, calendar)
    return [_result(key, some, said.get(key)) for key, some in sorted(groups.items())]


async def evaluations_behind(
    conn: AsyncConnection,
    span: Span,
    *,
    by: By,
    key: str,
    only: Only,
    reader: str,
    zone: tzinfo,
    calendar: CalendarName,
    missed: bool = False,
    after: str | None = None,
    limit: int = 50,
) -> Slice[Evaluation]:
    """The evaluations a row counts, the newest call first; `key` "": all; `missed`: only those with a critical item
    missed, as many as `critical`. Raises `BadCursor`."""
    where = _where(span, only, reader)
    if missed:
        where.append(_its.missed != NONE_MISSED)
    if key:
        found = await _read(conn, span, only, reader)
        cards = await _cards(conn, found)
        ids = [one.id for one in found if any(key == its for its, _ in _keys(one, by, cards, zone, calendar))]
        where.append(_its.id.in_(ids))
    return await page(conn, evaluations, where, of_row, after=after, limit=limit)


async def agreements(conn: AsyncConnection, span: Span, scorecard_id: str, *, reader: str) -> list[ItemAgreement]:
    """Per item of the newest version that two people scored by: whether they agree. [] without such pairs."""
    found = await _read(conn, span, Only(scorecard_id=scorecard_id), reader)
    parts: dict[str, list[Evaluation]] = defaultdict(list)
    for one in sorted(found, key=lambda each: (each.submitted_at or each.created_at, each.id)):
        parts[one.review_id].append(one)
    pairs = [(some[0], some[1]) for some in parts.values() if len(some) > 1]
    same = [(one, other) for one, other in pairs if one.scorecard_version == other.scorecard_version]
    if not same:
        return []
    version = max(one.scorecard_version for one, _ in same)
    card = await scorecards.published(conn, scorecard_id, version)
    of_version = tuple((one, other) for one, other in same if one.scorecard_version == version)
    return [
        ItemAgreement(
            item_id=item.id, title=item.title, highest=item.highest, pairs=of_version,
            agreement=agreement(
                [(one.answers[item.id].value, other.answers[item.id].value) for one, other in of_version],
                highest=item.highest,
            ),
        )
        for item in (card.items() if card else ())
    ]  # fmt: skip


def _where(span: Span, only: Only, reader: str) -> list[ColumnElement[bool]]:
    where = [_its.state == "submitted", _its.began_at >= span.since, _its.began_at < span.until, not_blind(reader)]
    if only.agents:
        where.append(_its.agent.in_(only.agents))
    if only.queues:
        where.append(_its.queue.in_(only.queues))
    if only.scorecard_id:
        where.append(_its.scorecard_id == only.scorecard_id)
    return where


async def _read(conn: AsyncConnection, span: Span, only: Only, reader: str) -> list[Evaluation]:
    query = select(evaluations).where(*_where(span, only, reader))
    rows = await conn.execute(query.order_by(_its.began_at.desc(), _its.id.desc()).limit(MOST))
    return [of_row(row) for row in rows]


_Cards = dict[tuple[str, int], dict[str, int]]
"""By scorecard and version: the highest step of each item, 0 of yes/no."""


async def _cards(conn: AsyncConnection, found: Sequence[Evaluation]) -> _Cards:
    cards: _Cards = {}
    for id_, version in sorted({(one.scorecard_id, one.scorecard_version) for one in found}):
        card = await scorecards.published(conn, id_, version)
        cards[id_, version] = {item.id: item.highest for item in card.items()} if card else {}
    return cards


def _keys(
    one: Evaluation, by: By, cards: _Cards, zone: tzinfo, calendar: CalendarName
) -> Iterator[tuple[str, float | None]]:
    """The rows an evaluation is in, and what was reached there."""
    if by == "item":
        highest = cards[one.scorecard_id, one.scorecard_version]
        for id_, answer in one.answers.items():
            if id_ in highest and answer.value is not None:
                most = highest[id_]
                reached = (answer.value - 1) / (most - 1) if most else float(answer.value)
                yield f"{one.scorecard_id}/{id_}", reached
        return
    keys = {"agent": one.agent, "queue": one.queue or NO_QUEUE, "scorecard": one.scorecard_id}
    week = week_start(one.began_at.astimezone(zone).date(), calendar).isoformat()
    yield keys.get(by, week), one.score


def _result(key: str, some: Sequence[tuple[Evaluation, float | None]], said: Tally | None) -> Result:
    reached = [score for _, score in some if score is not None]
    n = round(said["csat_n"]) if said else 0
    return Result(
        key=key,
        n=len(some),
        score=sum(reached) / len(reached) if reached else None,
        critical=sum(bool(one.missed) for one, _ in some),
        csat=said["csat_good"] / n if said and n else None,
        csat_n=n,
    )


async def _csat(
    conn: AsyncConnection, span: Span, by: By, only: Only, zone: tzinfo, calendar: CalendarName
) -> dict[str, Tally]:
    if by not in ("agent", "queue", "week"):
        return {}
    found = await reading.tallies(
        conn, span=span, by=(by,), narrowing=Narrowing(queues=only.queues, agents=only.agents),
        families=frozenset(("answers",)), zone=zone, calendar=calendar, waits=False,
    )  # fmt: skip
    told: dict[str, Tally] = {}
    for keys, tally in found.items():
        told.setdefault(keys[0].value or NO_QUEUE, Tally()).add(tally)
    return told
