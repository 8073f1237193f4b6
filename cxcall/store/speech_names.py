"""Names to choose from on pages about speech: queues and agents of the talks that were heard."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.store.speech_tables import transcripts
from cxcall.store.survey_names import distinct


async def queues(conn: AsyncConnection) -> list[str]:
    """Queues of talks, by name."""
    return await distinct(conn, transcripts.c.queue)


async def agents(conn: AsyncConnection) -> dict[str, str]:
    """Interface → name of the agents of talks, as in the newest that has it; else the interface."""
    its, names = transcripts.c, {}
    for interface in await distinct(conn, its.agent):
        named = select(its.agent_name).where(its.agent == interface, its.agent_name != "")
        names[interface] = await conn.scalar(named.order_by(its.began_at.desc()).limit(1)) or interface
    return names


async def ever(conn: AsyncConnection) -> bool:
    """Whether any call was ever heard."""
    return await conn.scalar(select(transcripts.c.id).where(transcripts.c.kind == "call").limit(1)) is not None
