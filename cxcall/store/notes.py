"""Notes on a call, one per author, saved as they are typed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import and_, delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.store.tables import call_aliases, call_notes
from cxcall.store.upsert import insert_into

LONGEST = 20_000
"""Letters of a note."""


class NoteConflict(Exception):
    """The note was changed in another window; its text there is newer."""

    def __init__(self, theirs: CallNote) -> None:
        super().__init__(NoteConflict.__doc__)
        self.theirs = theirs


@dataclass(frozen=True, slots=True, kw_only=True)
class CallNote:
    """`version` counts the saves; whoever saves tells which one they began from."""

    call_id: str
    author: str
    version: int
    text: str
    saved_at: datetime


async def of_call(conn: AsyncConnection, call_id: str) -> list[CallNote]:
    """All notes of a call, oldest first."""
    query = select(call_notes).where(call_notes.c.call_id == await surviving(conn, call_id))
    return [CallNote(**row._mapping) for row in await conn.execute(query.order_by(call_notes.c.saved_at))]


async def save(conn: AsyncConnection, call_id: str, author: str, text: str, *, version: int) -> CallNote:
    """Save the author's note (user id) over `version`, 0 for the first time; an empty text removes it.

    Raises `NoteConflict` with the other text when another window saved meanwhile. Saving again what is there
    already changes nothing, so a request may be repeated.
    """
    call_id = await surviving(conn, call_id)
    text = text[:LONGEST].replace("\0", "")
    key = and_(call_notes.c.call_id == call_id, call_notes.c.author == author)
    row = (await conn.execute(select(call_notes).where(key).with_for_update())).first()
    known = CallNote(**row._mapping) if row else None
    if known is not None and known.text == text:
        return known
    if known is not None and known.version != version:
        raise NoteConflict(known)
    note = CallNote(call_id=call_id, author=author, version=version + 1, text=text, saved_at=datetime.now(UTC))
    if not text.strip():
        await conn.execute(delete(call_notes).where(key))
        return note
    insert = insert_into(conn, call_notes).values(
        call_id=call_id, author=author, version=note.version, text=text, saved_at=note.saved_at
    )
    await conn.execute(
        insert.on_conflict_do_update(
            index_elements=["call_id", "author"],
            set_={name: insert.excluded[name] for name in ("version", "text", "saved_at")},
        )
    )
    return note


async def surviving(conn: AsyncConnection, call_id: str) -> str:
    """The call a merged call belongs to, else the call itself."""
    found: str | None = await conn.scalar(select(call_aliases.c.call_id).where(call_aliases.c.alias == call_id))
    return found or call_id
