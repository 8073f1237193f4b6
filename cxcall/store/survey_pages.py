"""Lists of responses and of comments, newest first."""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Column, ColumnElement, Select, asc, desc, exists, func, literal, literal_column, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.store import survey_answers as responses
from cxcall.store.held import Phones, had_call, had_response, names_of, spells_of
from cxcall.store.paging import MOST_ROWS, BadCursor, Cursor, Slice, cut
from cxcall.store.schema import UtcDateTime, from_micros, to_micros
from cxcall.store.sign_ins import Held
from cxcall.store.survey_answers import ResponseRow
from cxcall.store.survey_comments import Comment
from cxcall.store.survey_responses import Ended, Kind, State
from cxcall.store.survey_tables import survey_answers, survey_comments, survey_responses
from cxcall.store.tables import BYTES
from cxcall.surveys.asking import Reason
from cxcall.surveys.script import Measure

LONGEST_SURVEY = timedelta(days=1)
"""No answer is given later than this after its offer."""

_Compare = Callable[[Any, Any], ColumnElement[bool]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponseFilter:
    """What the responses of a list have in common; what is None or empty does not matter.

    `since` ≤ offered < `until`. `agent`: an interface or several of one person. `state` None: all that were asked;
    "not_asked" with `reason` lists the others. With `measure` or `part`: those that answered it, its value within
    at_least/at_most, or with `keys`, and then the period is that of the answer, as in the figures.
    """

    since: datetime | None = None
    until: datetime | None = None
    queue: str | None = None
    agent: str | Phones | None = None
    survey_id: str | None = None
    server: str | None = None
    customer_id: str | None = None
    number: str | None = None
    kind: Kind | None = None
    state: State | None = None
    reason: Reason | None = None
    end: Ended | None = None
    measure: Measure | None = None
    part: str | None = None
    at_least: float | None = None
    at_most: float | None = None
    keys: str | None = None
    commented: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CommentFilter:
    """`since` ≤ recorded < `until`; `unheard`: nobody listened yet."""

    since: datetime | None = None
    until: datetime | None = None
    queue: str | None = None
    agent: str | Phones | None = None
    survey_id: str | None = None
    unheard: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CommentRow:
    """A comment and the response it was said in."""

    comment: Comment
    row: ResponseRow


async def page(
    conn: AsyncConnection, wanted: ResponseFilter, *, limit: int = 50, after: str | None = None
) -> Slice[ResponseRow]:
    """One page of responses; `after` is the `next` or `previous` of another page. Raises `BadCursor`."""
    limit = max(1, min(limit, MOST_ROWS))
    cursor = Cursor.decode(after) if after else None
    table = survey_responses.c
    query = _paged(responses.query().where(*_conditions(wanted)), table.offered_at, (table.id,), limit, cursor)
    fetched = await responses.read(conn, query)
    return cut(
        fetched, limit, cursor, lambda row: (str(to_micros(row.response.offered_at)), row.response.id)
    )  # fmt: skip


async def count(conn: AsyncConnection, wanted: ResponseFilter, *, at_most: int = 100_000) -> int:
    """How many responses; `at_most` + 1 stands for "more than that"."""
    some = select(literal(1)).select_from(survey_responses).where(*_conditions(wanted)).limit(at_most + 1).subquery()
    return await conn.scalar(select(func.count()).select_from(some)) or 0


async def comments(
    conn: AsyncConnection, wanted: CommentFilter, *, limit: int = 50, after: str | None = None
) -> Slice[CommentRow]:
    """One page of comments, each with its response. Raises `BadCursor`."""
    limit = max(1, min(limit, MOST_ROWS))
    cursor = Cursor.decode(after) if after else None
    table = survey_comments.c
    query = select(survey_comments).where(*_of_comments(wanted))
    query = _paged(query, table.recorded_at, (table.response_id, table.part), limit, cursor)
    found = [Comment(**row._mapping) for row in await conn.execute(query)]
    part = cut(
        found, limit, cursor, lambda c: (str(to_micros(c.recorded_at)), f"{c.response_id} {c.part}")
    )  # fmt: skip
    rows = await responses.many(conn, [comment.response_id for comment in part.rows])
    shown = [CommentRow(comment=comment, row=rows[comment.response_id]) for comment in part.rows]
    return Slice(rows=shown, next=part.next, previous=part.previous)


async def count_comments(conn: AsyncConnection, wanted: CommentFilter, *, at_most: int = 100_000) -> int:
    """How many comments; `at_most` + 1 stands for "more than that"."""
    some = select(literal(1)).select_from(survey_comments).where(*_of_comments(wanted)).limit(at_most + 1).subquery()
    return await conn.scalar(select(func.count()).select_from(some)) or 0


def _paged(
    query: Select[Any], moment: Column[datetime], ids: tuple[Column[str], ...], limit: int, cursor: Cursor | None
) -> Select[Any]:
    """One row more than a page, newest first."""
    back = cursor is not None and cursor.back
    if cursor is not None:
        spot = tuple_(moment, *ids)
        seen = tuple_(literal(_moment(cursor), UtcDateTime), *(literal(id_, BYTES) for id_ in _ids(cursor, len(ids))))
        query = query.where(spot > seen if back else spot < seen)
    way = asc if back else desc
    return query.order_by(way(moment), *(way(id_) for id_ in ids)).limit(limit + 1)


def _moment(cursor: Cursor) -> datetime:
    try:
        return from_micros(int(cursor.key))
    except (ValueError, OverflowError):
        raise BadCursor(BadCursor.__doc__) from None


def _ids(cursor: Cursor, n: int) -> list[str]:
    ids = cursor.id.split(" ")
    if len(ids) != n:
        raise BadCursor(BadCursor.__doc__)
    return ids


def _conditions(wanted: ResponseFilter) -> list[ColumnElement[bool]]:
    table = survey_responses.c
    not_asked = wanted.state == "not_asked"
    # No parameter: spelled as in the indexes that hold only these rows.
    those: ColumnElement[str] = literal_column("'not_asked'")
    which = table.state == those if not_asked else table.state != those
    given: list[tuple[_Compare, Column[Any], Any]] = [
        (operator.eq, table.queue, wanted.queue),
        (operator.eq, table.survey_id, wanted.survey_id),
        (operator.eq, table.server, wanted.server),
        (operator.eq, table.customer_id, wanted.customer_id),
        (operator.eq, table.number, wanted.number),
        (operator.eq, table.kind, wanted.kind),
        (operator.eq, table.state, None if not_asked else wanted.state),
        (operator.eq, table.reason, wanted.reason),
        (operator.eq, table.end, wanted.end),
    ]
    conditions: list[ColumnElement[bool]] = [which, *_agent(table.agent, wanted.agent), *_set(given)]
    if held := _held(wanted.agent):
        conditions.append(had_call(table.call_id, held))
    if wanted.kind is None:
        conditions.append(table.kind != "test")
    if wanted.commented:
        conditions.append(exists().where(survey_comments.c.response_id == table.id))
    if wanted.measure is None and wanted.part is None:
        return [*conditions, *_set(_period(table.offered_at, wanted.since, wanted.until))]
    early = wanted.since - LONGEST_SURVEY if wanted.since else None
    return [*conditions, *_set(_period(table.offered_at, early, wanted.until)), _answered(wanted)]


def _answered(wanted: ResponseFilter) -> ColumnElement[bool]:
    table = survey_answers.c
    given: list[tuple[_Compare, Column[Any], Any]] = [
        (operator.eq, table.measure, wanted.measure),
        (operator.eq, table.part, wanted.part),
        (operator.eq, table["keys"], wanted.keys),
        (operator.ge, table.value, wanted.at_least),
        (operator.le, table.value, wanted.at_most),
        *_period(table.given_at, wanted.since, wanted.until),
    ]
    mine = table.response_id == survey_responses.c.id
    return exists().where(mine, table.result == "answered", *_set(given))


def _of_comments(wanted: CommentFilter) -> list[ColumnElement[bool]]:
    table = survey_comments.c
    conditions: list[ColumnElement[bool]] = [
        *_agent(table.agent, wanted.agent),
        *_set([(operator.eq, table.queue, wanted.queue), *_period(table.recorded_at, wanted.since, wanted.until)]),
    ]
    if held := _held(wanted.agent):
        conditions.append(had_response(table.response_id, held))
    if wanted.unheard:
        conditions.append(table.listened_at.is_(None))
    if wanted.survey_id is not None:
        of_survey = survey_responses.c.survey_id == wanted.survey_id
        conditions.append(exists().where(survey_responses.c.id == table.response_id, of_survey))
    return conditions


def _period(
    column: Column[datetime], since: datetime | None, until: datetime | None
) -> list[tuple[_Compare, Column[Any], Any]]:
    return [(operator.ge, column, since), (operator.lt, column, until)]


def _agent(column: Column[str], wanted: str | Phones | None) -> list[ColumnElement[bool]]:
    if not wanted:
        return []
    phones = (wanted,) if isinstance(wanted, str) else names_of(wanted)
    return [column == phones[0] if len(phones) == 1 else column.in_(phones)]


def _held(wanted: str | Phones | None) -> tuple[Held, ...]:
    return spells_of(wanted) if isinstance(wanted, tuple) else ()


def _set(given: list[tuple[_Compare, Column[Any], Any]]) -> list[ColumnElement[bool]]:
    return [compare(column, value) for compare, column, value in given if value is not None]
