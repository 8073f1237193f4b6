"""Notes people write on a customer: each stays as it was written, with author and time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.store.ids import new_id
from cxcall.store.tables import customer_notes

LONGEST = 20_000
"""Letters of a note."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerNote:
    """One note; `author` is a user id, or `import:ID` of the import that brought it."""

    id: str
    customer_id: str
    author: str
    text: str
    written_at: datetime


async def add(conn: AsyncConnection, customer_id: str, author: str, text: str) -> CustomerNote:
    """Write a note. The customer must exist."""
    note = CustomerNote(
        id=new_id(),
        customer_id=customer_id,
        author=author,
        text=text.replace("\0", "").strip()[:LONGEST],
        written_at=datetime.now(UTC),
    )
    await conn.execute(
        customer_notes.insert().values(
            id=note.id, customer_id=customer_id, author=author, text=note.text, written_at=note.written_at
        )
    )
    return note


async def of_customer(conn: AsyncConnection, customer_id: str, *, limit: int = 50) -> list[CustomerNote]:
    """The newest notes on a customer, newest first."""
    query = (
        select(customer_notes)
        .where(customer_notes.c.customer_id == customer_id)
        .order_by(customer_notes.c.written_at.desc(), customer_notes.c.id.desc())
        .limit(limit)
    )
    return [CustomerNote(**row._mapping) for row in await conn.execute(query)]


async def remove(conn: AsyncConnection, customer_id: str, note_id: str, *, author: str) -> bool:
    """Take back one's own note on a customer; False when it is not there or someone else's."""
    here = (customer_notes.c.id == note_id, customer_notes.c.customer_id == customer_id)
    return (await conn.execute(delete(customer_notes).where(*here, customer_notes.c.author == author))).rowcount > 0
