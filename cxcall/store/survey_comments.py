"""Spoken comments: where the sound lies, who heard it, and its text once there is one.

The sounds are files under `<data_dir>/comments`; this keeps their names.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal, get_args

from sqlalchemy import ColumnElement, exists, func, literal_column, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.store.survey_responses import Response
from cxcall.store.survey_tables import survey_comments, survey_responses
from cxcall.store.upsert import insert_into

State = Literal["no_model", "waiting", "done", "failed"]
"""Of the text: nothing on this machine can write it down, it will be, it is, it could not be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Comment:
    """What a caller said. `file` is below the comments' folder, `sha` the sha256 of its bytes, `seconds` its length."""

    response_id: str
    part: str
    file: str
    sha: str
    seconds: float
    recorded_at: datetime
    queue: str
    agent: str
    state: State
    text: str | None
    transcribed_at: datetime | None
    listened_at: datetime | None
    listened_by: str | None


def file_name(response_id: str, part: str, at: datetime) -> str:
    """Where a comment's sound belongs, below the comments' folder: a folder a month (UTC)."""
    return f"{at.astimezone(UTC):%Y-%m}/{response_id}-{part}.wav"


async def add(
    conn: AsyncConnection,
    response: Response,
    part: str,
    *,
    sha: str,
    seconds: float,
    at: datetime,
    state: State = "no_model",
) -> Comment:
    """Keep a comment that was recorded; one that is there already stays as it is."""
    row = {
        "response_id": response.id, "part": part, "file": file_name(response.id, part, at), "sha": sha,
        "seconds": seconds, "recorded_at": at, "queue": response.queue, "agent": response.agent, "state": state,
    }  # fmt: skip
    await conn.execute(insert_into(conn, survey_comments).values(row).on_conflict_do_nothing())
    found = await get(conn, response.id, part)
    assert found is not None  # noqa: S101 - just written
    return found


async def get(conn: AsyncConnection, response_id: str, part: str) -> Comment | None:
    """One comment."""
    row = (await conn.execute(select(survey_comments).where(*_key(response_id, part)))).first()
    return Comment(**row._mapping) if row else None


async def waiting(conn: AsyncConnection, *, limit: int = 20, languages: Collection[str] | None = None) -> list[Comment]:
    """Comments to be written down, oldest first; `languages`: only of callers who heard one of these."""
    query = (
        select(survey_comments)
        .where(survey_comments.c.state == literal_column("'waiting'"))  # spelled as in the index
        .order_by(survey_comments.c.recorded_at)
        .limit(limit)
    )
    if languages is not None:
        query = query.where(_spoken(languages))
    return [Comment(**row._mapping) for row in await conn.execute(query)]


async def wake(conn: AsyncConnection, *, languages: Collection[str] | None = None) -> int:
    """There is a model now: comments nothing could write down wait to be; how many."""
    unwritten = update(survey_comments).where(survey_comments.c.state == "no_model")
    if languages is not None:
        unwritten = unwritten.where(_spoken(languages))
    return (await conn.execute(unwritten.values(state="waiting"))).rowcount


async def states(conn: AsyncConnection) -> dict[State, int]:
    """How many comments there are of each state of their text."""
    query = select(survey_comments.c.state, func.count().label("n")).group_by(survey_comments.c.state)
    found = {row.state: row.n for row in await conn.execute(query)}
    return {state: found.get(state, 0) for state in get_args(State)}


async def transcribed(conn: AsyncConnection, response_id: str, part: str, written: str | None, at: datetime) -> bool:
    """Keep the text of a comment; None when it could not be written down. False for no such comment."""
    state: State = "failed" if written is None else "done"
    values = {"state": state, "text": written, "transcribed_at": at}
    done = await conn.execute(update(survey_comments).where(*_key(response_id, part)).values(values))
    return done.rowcount > 0


async def heard(conn: AsyncConnection, response_id: str, part: str, by: str, at: datetime) -> None:
    """Somebody listened to it; the first one is kept."""
    unheard = survey_comments.c.listened_at.is_(None)
    await conn.execute(
        update(survey_comments).where(*_key(response_id, part), unheard).values(listened_at=at, listened_by=by)
    )


def _spoken(languages: Collection[str]) -> ColumnElement[bool]:
    response = survey_responses.c
    return exists().where(response.id == survey_comments.c.response_id, response.language.in_(sorted(languages)))


def _key(response_id: str, part: str) -> tuple[Any, ...]:
    return survey_comments.c.response_id == response_id, survey_comments.c.part == part
