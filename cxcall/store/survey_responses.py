"""Responses: one row for each call that could be asked, from the offer to the end, and the answers given in it.

A row is written whether the caller was asked or not, so that the funnel is a count over rows. Every function may be
called again with the same result: what asks is an edge that can be cut off in the middle.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import msgspec
from sqlalchemy import and_, func, literal, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.store.ids import new_id
from cxcall.store.notes import surviving
from cxcall.store.schema import UtcDateTime
from cxcall.store.survey_tables import survey_answers, survey_responses
from cxcall.store.upsert import insert_into
from cxcall.surveys.asking import Reason
from cxcall.surveys.dialogue import End, Given
from cxcall.surveys.script import Comment, Question

Kind = Literal["after_call", "later", "test"]
"""`later`: in a call of its own afterwards; `test`: somebody tried the script, no figure counts it."""

State = Literal["not_asked", "offered", "started", "finished"]

Ended = End | Literal["", "lost"]
"""How it ended; "" while it runs, `lost` when cxcall was gone before the end."""

FINISHED = frozenset({"finished", "handed_over"})
"""Ends at which the script was heard to its end."""

ACTS = frozenset({"answered", "skipped", "opted_out"})
"""Results for which the caller did something."""

_LONGEST = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class NewResponse:
    """A call that may be asked. `unique_id`: of the caller's channel; `agent`: the interface; `number`: E.164 where it
    is a full number, else as the switch gave it. `wait` and `talk` in seconds, None when not known."""

    server: str
    unique_id: str
    queue: str
    at: datetime
    kind: Kind = "after_call"
    survey_id: str | None = None
    survey_version: int | None = None
    call_id: str | None = None
    agent: str = ""
    agent_name: str = ""
    customer_id: str | None = None
    number: str = ""
    language: str = ""
    wait: float | None = None
    talk: float | None = None
    transferred: bool | None = None
    repeat: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """A response as it stands. `reason` is "ask" unless `state` is `not_asked`."""

    id: str
    survey_id: str | None
    survey_version: int | None
    kind: Kind
    server: str
    unique_id: str
    call_id: str | None
    queue: str
    agent: str
    agent_name: str
    customer_id: str | None
    number: str
    language: str
    state: State
    reason: Reason
    end: Ended
    offered_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    handed_to: str | None
    wait: float | None
    talk: float | None
    transferred: bool | None
    repeat: bool | None


async def offer(conn: AsyncConnection, new: NewResponse) -> Response:
    """The survey of this call begins. For a call that was offered already: what there is, unchanged."""
    row = await _row(conn, new, "offered", "ask")
    insert = insert_into(conn, survey_responses).values(row)
    changed = {name: value for name, value in row.items() if name not in ("id", "server", "unique_id", "kind")}
    await conn.execute(
        insert.on_conflict_do_update(
            index_elements=["server", "unique_id", "kind"],
            set_=changed,
            where=survey_responses.c.state == "not_asked",
        )
    )
    return await _of_channel(conn, new)


async def not_asked(conn: AsyncConnection, new: NewResponse, reason: Reason) -> Response:
    """This call is not asked, for `reason`. One that was offered stays so; a later reason replaces the first."""
    row = await _row(conn, new, "not_asked", reason)
    insert = insert_into(conn, survey_responses).values(row)
    known = {name: value for name, value in row.items() if name in _MAY_BE_KNOWN_LATER and value not in (None, "")}
    await conn.execute(
        insert.on_conflict_do_update(
            index_elements=["server", "unique_id", "kind"],
            set_={"reason": reason, **known},
            where=survey_responses.c.state == "not_asked",
        )
    )
    return await _of_channel(conn, new)


async def begun(conn: AsyncConnection, response_id: str, at: datetime) -> bool:
    """The caller did something: pressed a first key. False when that was known."""
    table = survey_responses.c
    done = await conn.execute(
        update(survey_responses)
        .where(table.id == response_id, table.state == "offered", table.end == "")
        .values(state="started", started_at=at)
    )
    return done.rowcount > 0


async def give(
    conn: AsyncConnection, response: Response, n: int, given: Given, part: Question | Comment, at: datetime
) -> bool:
    """Keep what came of one part, `n` being its place in the dialogue. False when it was kept before.

    Nothing is kept of a test.
    """
    if response.kind == "test":
        return False
    row = answer_row(response, n, given, part, at)
    done = await conn.execute(insert_into(conn, survey_answers).values(row).on_conflict_do_nothing())
    if given.result in ACTS:
        await begun(conn, response.id, at)
    return done.rowcount > 0


async def end(
    conn: AsyncConnection, response_id: str, how: End | Literal["lost"], at: datetime, *, handed_to: str = ""
) -> Response | None:
    """The dialogue is over. Only the first end counts; None for no such response.

    It is `finished` when the script came to its end, also by a hand-over; a caller who hung up or asked never to be
    asked again leaves it as far as it was.
    """
    table = survey_responses.c
    values: dict[str, Any] = {"end": how, "ended_at": at, "handed_to": handed_to or None}
    if how in FINISHED:
        values |= {"state": "finished", "started_at": func.coalesce(table.started_at, literal(at, UtcDateTime))}
    await conn.execute(
        update(survey_responses)
        .where(table.id == response_id, table.end == "", table.state != "not_asked")
        .values(values)
    )
    return await find(conn, response_id)


async def find(conn: AsyncConnection, response_id: str) -> Response | None:
    """A response by id, without its answers."""
    row = (await conn.execute(select(survey_responses).where(survey_responses.c.id == response_id))).first()
    return Response(**row._mapping) if row else None


async def tie(
    conn: AsyncConnection,
    response_id: str,
    *,
    call_id: str | None = None,
    customer_id: str | None = None,
    agent_name: str | None = None,
) -> None:
    """Add what was not known at the offer; what is None stays as it is."""
    values: dict[str, Any] = {"customer_id": customer_id, "agent_name": agent_name}
    if call_id is not None:
        values["call_id"] = await surviving(conn, call_id)
    given = {name: value for name, value in values.items() if value is not None}
    if given:
        await conn.execute(update(survey_responses).where(survey_responses.c.id == response_id).values(given))


async def last_asked(conn: AsyncConnection, *, number: str = "", customer_id: str | None = None) -> datetime | None:
    """When this number, or this customer by any number, was asked last; tests don't count."""
    table = survey_responses.c
    keys = [table.number == number] if number else []
    if customer_id is not None:
        keys.append(table.customer_id == customer_id)
    moments = [await conn.scalar(_newest_asked(key)) for key in keys]
    return max((moment for moment in moments if moment is not None), default=None)


def _newest_asked(key: Any) -> Any:
    table = survey_responses.c
    asked = and_(key, table.state != "not_asked", table.kind != "test")
    return select(table.offered_at).where(asked).order_by(table.offered_at.desc()).limit(1)


_MAY_BE_KNOWN_LATER = frozenset({
    "survey_id", "survey_version", "call_id", "agent", "agent_name", "customer_id", "number", "language",
    "wait", "talk", "transferred", "repeat",
})  # fmt: skip


def response_row(new: NewResponse, state: State, reason: Reason) -> dict[str, Any]:
    """The row of a response that begins now."""
    row = {field.name: _storable(getattr(new, field.name)) for field in dataclasses.fields(new)}
    row |= {"id": new_id(), "offered_at": row.pop("at"), "state": state, "reason": reason, "end": ""}
    return row | {"started_at": None, "ended_at": None, "handed_to": None}


async def _row(conn: AsyncConnection, new: NewResponse, state: State, reason: Reason) -> dict[str, Any]:
    row = response_row(new, state, reason)
    if new.call_id is not None:
        row["call_id"] = await surviving(conn, new.call_id)
    return row


def _storable(value: Any) -> Any:
    """A switch may say anything; a text column takes no NUL and no halves of letters, an index no long text."""
    if not isinstance(value, str):
        return value
    return value.replace("\0", "").encode("utf-8", "replace").decode()[:_LONGEST]


async def _of_channel(conn: AsyncConnection, new: NewResponse) -> Response:
    table = survey_responses.c
    key = (table.server == _storable(new.server), table.unique_id == _storable(new.unique_id), table.kind == new.kind)
    row = (await conn.execute(select(survey_responses).where(*key))).one()
    return Response(**row._mapping)


def answer_row(response: Response, n: int, given: Given, part: Question | Comment, at: datetime) -> dict[str, Any]:
    """The row of what came of one part."""
    question = part if isinstance(part, Question) else None
    pressed = next((key for key in question.keys if key.key == given.keys), None) if question else None
    return {
        "response_id": response.id,
        "n": n,
        "part": given.part,
        "kind": question.kind if question else "comment",
        "measure": question.measure if question else None,
        "title": msgspec.json.encode(part.title).decode(),
        "label": msgspec.json.encode(pressed.label if pressed else {}).decode(),
        "result": given.result,
        "keys": given.keys,
        "value": given.value,
        "tries": given.tries,
        "given_at": at,
        "survey_id": response.survey_id,
        "queue": response.queue,
        "agent": response.agent,
        "wait": response.wait,
        "transferred": response.transferred,
        "repeat": response.repeat,
    }
