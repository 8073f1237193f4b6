"""Survey calls afterwards: who is to be rung, when, and what came of it. One for a call, whatever happens."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import asc, desc, exists, literal, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.store.ids import new_id
from cxcall.store.notes import surviving
from cxcall.store.paging import MOST_ROWS, BadCursor, Cursor, Slice, cut
from cxcall.store.schema import UtcDateTime, from_micros, to_micros
from cxcall.store.survey_tables import survey_calls
from cxcall.store.tables import BYTES
from cxcall.store.upsert import insert_into

State = Literal["waiting", "ringing", "done", "given_up", "cancelled"]


@dataclass(frozen=True, slots=True, kw_only=True)
class NewSurveyCall:
    """A call to be made for `for_call_id`, not before `next_at`; `queue`, `agent` are those of that call."""

    survey_id: str
    server: str
    queue: str
    number: str
    for_call_id: str
    next_at: datetime
    made_at: datetime
    customer_id: str | None = None
    agent: str = ""
    agent_name: str = ""
    language: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SurveyCall:
    """A call to be made or made. `tries` that rang, the last at `tried_at`; `reason`: why it waits or ended."""

    id: str
    survey_id: str
    server: str
    queue: str
    agent: str
    agent_name: str
    number: str
    customer_id: str | None
    language: str
    for_call_id: str
    response_id: str | None
    state: State
    tries: int
    next_at: datetime
    tried_at: datetime | None
    reason: str
    made_at: datetime


async def plan(conn: AsyncConnection, new: NewSurveyCall) -> SurveyCall:
    """Plan a call; for a call that has one already, that one, unchanged."""
    row = {field.name: getattr(new, field.name) for field in dataclasses.fields(new)}
    row |= {"id": new_id(), "state": "waiting", "tries": 0, "reason": ""}
    row["for_call_id"] = await surviving(conn, new.for_call_id)
    await conn.execute(insert_into(conn, survey_calls).values(row).on_conflict_do_nothing())
    query = select(survey_calls).where(survey_calls.c.for_call_id == row["for_call_id"])
    return _call((await conn.execute(query)).one())


async def get(conn: AsyncConnection, call_id: str) -> SurveyCall | None:
    """A survey call by its id."""
    row = (await conn.execute(select(survey_calls).where(survey_calls.c.id == call_id))).first()
    return _call(row) if row else None


async def due(conn: AsyncConnection, now: datetime, *, server: str | None = None, limit: int = 20) -> list[SurveyCall]:
    """Calls whose time has come, the longest due first."""
    table = survey_calls.c
    query = select(survey_calls).where(table.state == "waiting", table.next_at <= now)
    if server is not None:
        query = query.where(table.server == server)
    return [_call(row) for row in await conn.execute(query.order_by(table.next_at, table.id).limit(limit))]


async def claim(conn: AsyncConnection, call_id: str, *, now: datetime, day_began: datetime) -> SurveyCall | None:
    """Take a call to ring it now. None when it waits no more, or when its number was rung since `day_began`."""
    table, other = survey_calls.c, survey_calls.alias()
    number = select(table.number).where(table.id == call_id).scalar_subquery()
    # Two calls to one number must not be taken at the same moment.
    await conn.execute(select(table.id).where(table.number == number).order_by(table.id).with_for_update())
    rung = exists().where(other.c.number == table.number, other.c.tried_at >= day_began)
    done = await conn.execute(
        update(survey_calls)
        .where(table.id == call_id, table.state == "waiting", ~rung)
        .values(state="ringing", tries=table.tries + 1, tried_at=now)
    )
    return await get(conn, call_id) if done.rowcount else None


async def again(conn: AsyncConnection, call_id: str, next_at: datetime, reason: str) -> None:
    """It rang in vain for `reason`: wait until `next_at`."""
    await _change(conn, call_id, ("ringing",), state="waiting", next_at=next_at, reason=reason)


async def postpone(conn: AsyncConnection, call_id: str, next_at: datetime, reason: str = "") -> None:
    """It can't be rung now: not before `next_at`."""
    await _change(conn, call_id, ("waiting",), next_at=next_at, reason=reason)


async def done(conn: AsyncConnection, call_id: str, response_id: str) -> None:
    """The customer took the call: this is the response."""
    await _change(conn, call_id, ("waiting", "ringing"), state="done", response_id=response_id, reason="")


async def give_up(conn: AsyncConnection, call_id: str, reason: str) -> None:
    """Rung often enough, or it can't be rung."""
    await _change(conn, call_id, ("waiting", "ringing"), state="given_up", reason=reason)


async def cancel(conn: AsyncConnection, call_id: str, reason: str) -> None:
    """It is not wanted any more; one that rings goes on."""
    await _change(conn, call_id, ("waiting",), state="cancelled", reason=reason)


async def cancel_of_number(conn: AsyncConnection, number: str, reason: str) -> int:
    """Cancel what waits for a number: they opted out, or were asked meanwhile. Returns how many."""
    theirs = (survey_calls.c.number == number, survey_calls.c.state == "waiting")
    return (
        await conn.execute(update(survey_calls).where(*theirs).values(state="cancelled", reason=reason))
    ).rowcount  # fmt: skip


async def lose_ringing(conn: AsyncConnection, before: datetime, next_at: datetime) -> int:
    """At the start: what rang when cxcall went away waits again until `next_at`. Returns how many."""
    table = survey_calls.c
    lost = (table.state == "ringing", table.tried_at < before)
    values = {"state": "waiting", "next_at": next_at, "reason": "lost"}
    return (await conn.execute(update(survey_calls).where(*lost).values(values))).rowcount


async def page(
    conn: AsyncConnection, state: State | None = None, *, limit: int = 50, after: str | None = None
) -> Slice[SurveyCall]:
    """Calls of a state by when they are due, or all, newest first. Raises `BadCursor`."""
    limit = max(1, min(limit, MOST_ROWS))
    cursor = Cursor.decode(after) if after else None
    table = survey_calls.c
    moment = table.made_at if state is None else table.next_at
    rising = (state is not None) != (cursor is not None and cursor.back)
    query = select(survey_calls).limit(limit + 1)
    if state is not None:
        query = query.where(table.state == state)
    if cursor is not None:
        spot, seen = tuple_(moment, table.id), tuple_(_moment(cursor), literal(cursor.id, BYTES))
        query = query.where(spot > seen if rising else spot < seen)
    way = asc if rising else desc
    rows = [_call(row) for row in await conn.execute(query.order_by(way(moment), way(table.id)))]
    return cut(rows, limit, cursor, lambda call: (str(to_micros(getattr(call, moment.name))), call.id))


async def _change(conn: AsyncConnection, call_id: str, from_: tuple[State, ...], **values: Any) -> None:
    table = survey_calls.c
    await conn.execute(update(survey_calls).where(table.id == call_id, table.state.in_(from_)).values(values))


def _moment(cursor: Cursor) -> Any:
    try:
        return literal(from_micros(int(cursor.key)), UtcDateTime)
    except (ValueError, OverflowError):
        raise BadCursor(BadCursor.__doc__) from None


def _call(row: Any) -> SurveyCall:
    return SurveyCall(**row._mapping)
