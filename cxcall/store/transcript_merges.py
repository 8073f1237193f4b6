"""Transcripts, recordings and hints of a call that turned out to be part of another one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import msgspec
from sqlalchemy import Row, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.store import speech_texts
from cxcall.store.category_tables import category_calls, category_hits, hints, required_checks
from cxcall.store.speech_tables import recordings, speech_jobs, transcripts, turns
from cxcall.store.tables import calls


async def move(conn: AsyncConnection, from_call: str, into_call: str) -> None:
    """What was heard of one call belongs to another one now; where both were heard, one transcript has the turns of
    both. Nothing happens when it was done before.

    What colleagues said to each other while the customer was on hold (a consultation) is part of neither: of a call
    inside the house and one with the outside only the latter's transcript stays.
    """
    for table in (recordings, hints):
        await conn.execute(update(table).where(table.c.call_id == from_call).values(call_id=into_call))
    left = (transcripts.c.call_id == from_call, transcripts.c.kind == "voicemail")
    await conn.execute(update(transcripts).where(*left).values(call_id=into_call))
    gone, stays = await _of(conn, from_call), await _of(conn, into_call)
    if gone is not None and stays is not None:
        inside = await _inside(conn, from_call, into_call)
        if inside == {from_call}:
            await _remove(conn, gone.id, from_call)
            gone = None
        elif inside == {into_call}:
            await _remove(conn, stays.id, into_call)
            stays = None
    if gone is not None and stays is None:
        values: dict[str, Any] = {"subject": into_call, "call_id": into_call}
        await conn.execute(update(transcripts).where(transcripts.c.id == gone.id).values(values))
        await _move_job(conn, from_call, into_call)
    elif gone is not None and stays is not None:
        await _join(conn, gone, stays)
        await conn.execute(delete(speech_jobs).where(*_job(from_call)))


async def _inside(conn: AsyncConnection, *call_ids: str) -> set[str]:
    """Which of these calls nobody outside took part in, as far as it is written yet."""
    mine = (calls.c.id.in_(call_ids), calls.c.direction == "internal")
    return set((await conn.scalars(select(calls.c.id).where(*mine))).all())


async def _remove(conn: AsyncConnection, transcript_id: str, call_id: str) -> None:
    """With all that was found in it."""
    await conn.execute(delete(speech_jobs).where(*_job(call_id)))
    await conn.execute(delete(transcripts).where(transcripts.c.id == transcript_id))


async def _join(conn: AsyncConnection, gone: Row[Any], stays: Row[Any]) -> None:
    """Turns keep their moments: times are counted from whichever began first."""
    began = min(gone.began_at, stays.began_at)
    last = await conn.scalar(select(func.max(turns.c.n)).where(turns.c.transcript_id == stays.id)) or 0
    for transcript, n in ((stays, 0), (gone, last)):
        await _shift(conn, transcript.id, transcript.began_at - began, n)
    for table in (turns, hints):
        await conn.execute(update(table).where(table.c.transcript_id == gone.id).values(transcript_id=stays.id))
    await _join_hits(conn, gone.id, stays.id)
    await _join_found(conn, gone.id, stays.id)
    for table in (category_calls, required_checks):
        await conn.execute(update(table).where(table.c.transcript_id == stays.id).values(began_at=began))
    ends = [ended for ended in (gone.ended_at, stays.ended_at) if ended is not None]
    values = {
        "began_at": began, "ended_at": max(ends) if ends else None, "gaps": _gaps(gone, stays),
        "version": transcripts.c.version + 1, "state": "live" if "live" in (gone.state, stays.state) else stays.state,
    }  # fmt: skip
    await conn.execute(update(transcripts).where(transcripts.c.id == stays.id).values(values))
    await conn.execute(delete(transcripts).where(transcripts.c.id == gone.id))
    words = await speech_texts.write(conn, stays.id)
    await conn.execute(update(transcripts).where(transcripts.c.id == stays.id).values(words=words))


async def _shift(conn: AsyncConnection, transcript_id: str, by: timedelta, n: int) -> None:
    """Count a transcript's times from `by` earlier and its turns from `n`."""
    seconds = by.total_seconds()
    if not seconds and not n:
        return
    said = turns.c
    rows = (await conn.execute(select(said.n, said.words).where(said.transcript_id == transcript_id))).all()
    for row in sorted(rows, key=lambda row: -row.n):
        words = msgspec.json.decode(row.words)  # as turns.words_text keeps them
        moved = [(word, round(start + seconds, 3), round(end + seconds, 3), sure) for word, start, end, sure in words]
        values = {
            "n": row.n + n, "start": said.start + seconds, "end": said.end + seconds,
            "words": msgspec.json.encode(moved).decode(),
        }  # fmt: skip
        await conn.execute(update(turns).where(said.transcript_id == transcript_id, said.n == row.n).values(values))
    for table in (category_hits, category_calls):
        mine = table.c.transcript_id == transcript_id
        await conn.execute(update(table).where(mine).values(start=table.c.start + seconds))
    mine = category_hits.c.transcript_id == transcript_id
    await conn.execute(
        update(category_hits).where(mine).values(n=category_hits.c.n + n, place=category_hits.c.place + n)
    )
    await conn.execute(update(hints).where(hints.c.transcript_id == transcript_id).values(at=hints.c.at + seconds))


async def _join_hits(conn: AsyncConnection, gone: str, stays: str) -> None:
    """The places of each category, counted anew by when they were."""
    these = category_hits.c.transcript_id.in_((gone, stays))
    rows = [dict(row._mapping) for row in await conn.execute(select(category_hits).where(these))]
    await conn.execute(delete(category_hits).where(these))
    places: dict[str, int] = {}
    for row in sorted(rows, key=lambda row: (row["start"], row["n"])):
        place = places[row["category_id"]] = places.get(row["category_id"], -1) + 1
        row |= {"transcript_id": stays, "place": place}
    if rows:
        await conn.execute(category_hits.insert(), rows)


async def _join_found(conn: AsyncConnection, gone: str, stays: str) -> None:
    """One row a category where both had one: all its hits, from the first on; said if it was said in either."""
    for table in (category_calls, required_checks):
        rows = {row.category_id: row for row in await conn.execute(select(table).where(table.c.transcript_id == gone))}
        theirs = (await conn.execute(select(table).where(table.c.transcript_id == stays))).all()
        for row in theirs:
            other = rows.pop(row.category_id, None)
            if other is not None:
                key = (table.c.transcript_id == stays, table.c.category_id == row.category_id)
                await conn.execute(update(table).where(*key).values(_both(row, other)))
        mine = (table.c.transcript_id == gone, table.c.category_id.in_(sorted(rows)))
        await conn.execute(update(table).where(*mine).values(transcript_id=stays))


def _both(one: Row[Any], other: Row[Any]) -> Mapping[str, Any]:
    if "said" in one._mapping:
        return {"said": one.said or other.said}
    return {"hits": one.hits + other.hits, "start": min(one.start, other.start)}


def _gaps(gone: Row[Any], stays: Row[Any]) -> str:
    began = min(gone.began_at, stays.began_at)
    gaps = [
        {**gap, "from": gap["from"] + by, "to": gap["to"] + by}
        for transcript in (gone, stays)
        for by in [(transcript.began_at - began).total_seconds()]
        for gap in msgspec.json.decode(transcript.gaps)
    ]
    return msgspec.json.encode(sorted(gaps, key=lambda gap: gap["from"])).decode()


async def _move_job(conn: AsyncConnection, from_call: str, into_call: str) -> None:
    has_one = select(speech_jobs.c.id).where(*_job(into_call))
    if await conn.scalar(has_one) is None:
        await conn.execute(update(speech_jobs).where(*_job(from_call)).values(subject=into_call))
    else:
        await conn.execute(delete(speech_jobs).where(*_job(from_call)))


def _job(call_id: str) -> tuple[Any, ...]:
    return speech_jobs.c.kind == "call", speech_jobs.c.subject == call_id


async def _of(conn: AsyncConnection, call_id: str) -> Row[Any] | None:
    mine = (transcripts.c.kind == "call", transcripts.c.subject == call_id)
    return (await conn.execute(select(transcripts).where(*mine).with_for_update())).first()
