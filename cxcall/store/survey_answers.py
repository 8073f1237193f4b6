"""Responses with what was answered and said in them, as pages and exports show them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Select, desc, select
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.store.notes import surviving
from cxcall.store.survey_comments import Comment
from cxcall.store.survey_responses import Response
from cxcall.store.survey_tables import survey_answers, survey_comments, survey_responses
from cxcall.store.tables import customers
from cxcall.surveys.dialogue import Result
from cxcall.surveys.script import Measure, QuestionKind, Texts


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came of one part. `title` and `label` are the words of that time, per language; `kind` "comment" for one."""

    n: int
    part: str
    kind: QuestionKind | str
    measure: Measure | None
    title: Texts
    label: Texts
    result: Result
    keys: str
    value: float | None
    tries: int
    given_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponseRow:
    """A response as one line: whose it is, its answers in the order they were given, its comments."""

    response: Response
    customer_name: str | None
    answers: tuple[Answer, ...]
    comments: tuple[Comment, ...]

    def score(self, measure: Measure) -> float | None:
        """The last value given for a measure."""
        given = [a.value for a in self.answers if a.measure == measure and a.value is not None]
        return given[-1] if given else None


async def get(conn: AsyncConnection, response_id: str) -> ResponseRow | None:
    """One response."""
    rows = await read(conn, query().where(survey_responses.c.id == response_id))
    return rows[0] if rows else None


async def of_call(conn: AsyncConnection, call_id: str) -> list[ResponseRow]:
    """What came of a call, also by the id of one merged into it: after it, then in a call of its own."""
    call_id = await surviving(conn, call_id)
    return await read(
        conn, query().where(survey_responses.c.call_id == call_id).order_by(survey_responses.c.offered_at)
    )


async def of_customer(conn: AsyncConnection, customer_id: str, *, limit: int = 20) -> list[ResponseRow]:
    """What a customer was asked, newest first."""
    table = survey_responses.c
    mine = query().where(table.customer_id == customer_id, table.state != "not_asked")
    return await read(conn, mine.order_by(desc(table.offered_at), desc(table.id)).limit(limit))


def query() -> Select[Any]:
    """Responses with the name of their customer, for `read`."""
    source = survey_responses.outerjoin(customers, customers.c.id == survey_responses.c.customer_id)
    return select(survey_responses, customers.c.name.label("customer_name")).select_from(source)


async def read(conn: AsyncConnection, wanted: Select[Any]) -> list[ResponseRow]:
    """The responses of a `query`, in its order, with all that belongs to them."""
    rows = (await conn.execute(wanted)).all()
    ids = [row.id for row in rows]
    answers, comments = await _answers(conn, ids), await _comments(conn, ids)
    return [
        ResponseRow(
            response=Response(**{name: value for name, value in row._mapping.items() if name != "customer_name"}),
            customer_name=row.customer_name,
            answers=tuple(answers.get(row.id, ())),
            comments=tuple(comments.get(row.id, ())),
        )
        for row in rows
    ]


async def many(conn: AsyncConnection, ids: Sequence[str]) -> dict[str, ResponseRow]:
    """Responses by id."""
    return {row.response.id: row for row in await read(conn, query().where(survey_responses.c.id.in_(ids)))}


async def _answers(conn: AsyncConnection, ids: Sequence[str]) -> dict[str, list[Answer]]:
    table = survey_answers.c
    found: dict[str, list[Answer]] = {}
    wanted = select(*(table[name] for name in ("response_id", *Answer.__dataclass_fields__)))
    for row in await conn.execute(wanted.where(table.response_id.in_(ids)).order_by(table.response_id, table.n)):
        values = dict(row._mapping)
        id_ = values.pop("response_id")
        values |= {name: msgspec.json.decode(values[name], type=Texts) for name in ("title", "label")}
        found.setdefault(id_, []).append(Answer(**values))
    return found


async def _comments(conn: AsyncConnection, ids: Sequence[str]) -> dict[str, list[Comment]]:
    found: dict[str, list[Comment]] = {}
    wanted = select(survey_comments).where(survey_comments.c.response_id.in_(ids))
    for row in await conn.execute(wanted.order_by(survey_comments.c.recorded_at)):
        found.setdefault(row.response_id, []).append(Comment(**row._mapping))
    return found
