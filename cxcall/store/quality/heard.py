"""What was heard in a call, as items of a scorecard ask."""

from __future__ import annotations

import msgspec
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.quality.from_speech import Heard
from cxcall.store.category_tables import category_calls, required_checks
from cxcall.store.speech_tables import transcripts


class _Silence(msgspec.Struct, frozen=True):
    seconds: float = 0.0


class _Agent(msgspec.Struct, frozen=True):
    interruptions: int = 0


class _Figures(msgspec.Struct, frozen=True):
    """Of a transcript's figures (`speech.figures.Figures`) what is asked here."""

    talk: float = 0.0
    silence: _Silence = _Silence()
    agent: _Agent = _Agent()


_figures = msgspec.json.Decoder(_Figures)


async def heard_in(conn: AsyncConnection, call_id: str) -> Heard:
    """Nothing known while the call's transcript is not done, or where there is none."""
    its = transcripts.c
    row = (
        await conn.execute(
            select(its.id, its.figures).where(its.call_id == call_id, its.kind == "call", its.state == "done")
        )
    ).first()
    if row is None:
        return Heard()
    found = await conn.scalars(select(category_calls.c.category_id).where(category_calls.c.transcript_id == row.id))
    required = await conn.scalars(
        select(required_checks.c.category_id).where(
            required_checks.c.transcript_id == row.id, required_checks.c.said.is_(True)
        )
    )
    said = frozenset([*found, *required])
    if row.figures is None:
        return Heard(said=said)
    figures = _figures.decode(row.figures)
    return Heard(
        said=said,
        silence=figures.silence.seconds / figures.talk if figures.talk > 0 else None,
        interruptions=figures.agent.interruptions,
    )
