"""Files somebody sent to have them written down."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.store.ids import new_id
from cxcall.store.speech_tables import speech_jobs, speech_uploads


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


async def in_folder(
    conn: AsyncConnection, folder: str, *, limit: int = 50, before: datetime | None = None
) -> list[Upload]:
    """Files that lie right in `folder` of the data folder, newest first; `before`: sent earlier than that."""
    table = speech_uploads.c
    inside = table.file.startswith(folder + "/", autoescape=True)
    deeper = table.file.like(folder + "/%/%")
    query = select(speech_uploads).where(inside, ~deeper, *((table.at < before,) if before else ()))
    query = query.order_by(table.at.desc(), table.id.desc()).limit(limit)
    return [Upload(**row._mapping) for row in await conn.execute(query)]


async def moved(conn: AsyncConnection, upload_id: str, file: str) -> Upload | None:
    """Its sound lies elsewhere now; work on it is dropped. None for no such file."""
    jobs = speech_jobs.c
    await conn.execute(delete(speech_jobs).where(jobs.kind == "upload", jobs.subject == upload_id))
    await conn.execute(update(speech_uploads).where(speech_uploads.c.id == upload_id).values(file=file))
    return await get(conn, upload_id)


async def remove(conn: AsyncConnection, upload_id: str) -> Upload | None:
    """Forget a file; what it was, so that its sound is deleted."""
    upload = await get(conn, upload_id)
    await conn.execute(delete(speech_uploads).where(speech_uploads.c.id == upload_id))
    return upload
