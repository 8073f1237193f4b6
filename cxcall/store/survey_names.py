"""Names to choose from on pages about surveys: queues and agents of the calls that might be asked."""

from __future__ import annotations

from sqlalchemy import Column, select
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.store.lists import MOST
from cxcall.store.survey_figures import agent_names
from cxcall.store.survey_tables import survey_responses


async def queues(conn: AsyncConnection) -> list[str]:
    """Queues of responses, by name."""
    return await distinct(conn, survey_responses.c.queue)


async def agents(conn: AsyncConnection) -> dict[str, str]:
    """Interface → name of the agents of responses; of one that has no name, the interface."""
    interfaces = await distinct(conn, survey_responses.c.agent)
    names = await agent_names(conn, interfaces)
    return {interface: names.get(interface, interface) for interface in interfaces}


async def ever(conn: AsyncConnection) -> bool:
    """Whether there is any response."""
    return await conn.scalar(select(survey_responses.c.id).order_by(survey_responses.c.id).limit(1)) is not None


async def distinct(conn: AsyncConnection, column: Column[str]) -> list[str]:
    """Distinct values by one index look-up each, as in `lists`."""
    found: list[str] = []
    last = ""
    while len(found) < MOST:
        value = await conn.scalar(select(column).where(column > last).order_by(column).limit(1))
        if value is None:
            break
        found.append(value)
        last = value
    return found
