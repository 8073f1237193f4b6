"""Files somebody sent to have them written down."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.store.ids import new_id
from cxcall.store.speech_tables import speech_uploads


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """A file: what the user calls it, where it lies below the data folder, `seconds` of sound (0: not known yet)."""

    id: str
    name: str
    file: str
    by: str
    at: datetime
    language: str
    engine: str
    seconds: float


async def add(
    conn: AsyncConnection,
    *,
    name: str,
    file: str,
    by: str,
    now: datetime,
    language: str = "",
    engine: str = "",
    seconds: float = 0.0,
) -> Upload:
    """A file that was sent."""
    upload = Upload(id=new_id(), name=name, file=file, by=by, at=now, language=language, engine=engine, seconds=seconds)
    row = {name: getattr(upload, name) for name in upload.__slots__}
    await conn.execute(speech_uploads.insert().values(row))
    return upload


async def get(conn: AsyncConnection, upload_id: str) -> Upload | None:
    """A file by id."""
    row = (await conn.execute(select(speech_uploads).where(speech_uploads.c.id == upload_id))).first()
    return Upload(**row._mapping) if row else None


async def newest(conn: AsyncConnection, *, limit: int = 20, before: datetime | None = None) -> list[Upload]:
    """The last files, newest first; `before`: sent earlier than that."""
    table = speech_uploads.c
    query = select(speech_uploads).where(*((table.at < before,) if before else ()))
    query = query.order_by(table.at.desc(), table.id.desc()).limit(limit)
    return [Upload(**row._mapping) for row in await conn.execute(query)]


async def remove(conn: AsyncConnection, upload_id: str) -> Upload | None:
    """Forget a file; what it was, so that its sound is deleted."""
    upload = await get(conn, upload_id)
    await conn.execute(delete(speech_uploads).where(speech_uploads.c.id == upload_id))
    return upload
