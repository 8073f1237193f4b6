"""Voice messages in the database: the call one was left in, their texts, and what goes with a message."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, delete, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.store.speech_tables import speech_jobs, transcripts
from cxcall.store.tables import calls
from cxcall.store.transcripts import Transcript, of_row

NEAR = timedelta(minutes=1)
"""Between the end of a message and the end of its call, both ways."""

LONGEST = timedelta(hours=4)
"""A call that began earlier is not looked at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftIn:
    """The call a message was left in."""

    id: str
    server: str
    customer_id: str | None


async def call_of(conn: AsyncConnection, number: str, at: datetime, seconds: float) -> LeftIn | None:
    """The call of this number that ended when the message did, or goes on since; None without a number."""
    if not number:
        return None
    end = at + timedelta(seconds=seconds)
    rows = (await conn.execute(calls_near(number, at, end))).all()
    found = min(rows, key=lambda row: abs((row.ended_at or end + NEAR) - end), default=None)
    return LeftIn(id=found.id, server=found.server, customer_id=found.customer_id) if found is not None else None


def calls_near(number: str, at: datetime, end: datetime) -> Select[Any]:
    """Calls of a number (E.164, else as it was dialled) that may have left a message from `at` to `end`."""
    table = calls.c
    whose = table.party_number if number.startswith("+") else table.caller_number
    return select(table.id, table.server, table.customer_id, table.ended_at).where(
        whose == number,
        table.started_at.between(at - LONGEST, at + NEAR),
        or_(table.ended_at.is_(None), table.ended_at.between(end - NEAR, end + NEAR)),
    )


async def of_call(conn: AsyncConnection, call_id: str) -> list[Transcript]:
    """Texts of the messages that were left in a call, in their order."""
    mine = (transcripts.c.call_id == call_id, transcripts.c.kind == "voicemail")
    query = select(transcripts).where(*mine).order_by(transcripts.c.began_at, transcripts.c.id)
    return [of_row(row) for row in await conn.execute(query)]


async def forget(conn: AsyncConnection, message_id: str) -> None:
    """Remove the text of a message, all that was found in it, and work on it."""
    jobs, texts = speech_jobs.c, transcripts.c
    await conn.execute(delete(speech_jobs).where(jobs.kind == "voicemail", jobs.subject == message_id))
    await conn.execute(delete(transcripts).where(texts.kind == "voicemail", texts.subject == message_id))
