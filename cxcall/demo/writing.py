"""The demo's queues given to its Asterisk, as the product gives them: once, and what people change later stays."""

from __future__ import annotations

import time

import msgspec
import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from cxcall import service
from cxcall.asterisk.provision.edge import QueueEdge
from cxcall.bus import Bus, CommandRefused, Commands
from cxcall.bus.queues import Applied, ApplyQueues, RenewQueues
from cxcall.demo import floor, surveys
from cxcall.demo.furnish import AUTHOR
from cxcall.demo.staff import SERVER
from cxcall.demo.switch import Switch
from cxcall.queues.conf import Planned, file_text, queue_file, rules_file
from cxcall.queues.definition import QueueDefinition
from cxcall.queues.membership import resolve
from cxcall.settings import Settings
from cxcall.store import queue_people, queue_servers, queue_versions, queues

log = structlog.get_logger(__name__)


async def write_queues(settings: Settings, switch: Switch) -> str:
    """Before anybody calls; returns the sentence that says why Asterisk did not take them, "" when it did.

    The first time the drafts are applied; later only members, prompts and hours are looked after, so that whatever was
    changed, rolled back or released on the pages stays. Refused, the queues are written by hand, and calls are taken.
    """
    async with service.database(settings) as engine:
        edge = QueueEdge(settings=settings, engine=engine, bus=Bus(epoch=time.time_ns()), commands=Commands())
        async with engine.connect() as conn:
            kept, begun = await queue_servers.get(conn, SERVER), await queue_versions.standing(conn, SERVER) is not None
        if kept is None or kept.mode != "managed":
            return ""  # somebody has switched to watching
        try:
            applied = await _renew(edge) if begun else await _apply(edge, engine, settings)
        except (CommandRefused, SQLAlchemyError, OSError) as error:
            why = str(error)
        else:
            why = applied.problem
        if why:
            log.warning("Asterisk did not take the demo's queues", why=why)
        if why and not begun:
            await _by_hand(engine, switch)
        return why


async def _renew(edge: QueueEdge) -> Applied:
    return await edge.renew(RenewQueues(server=SERVER, by=AUTHOR))


async def _apply(edge: QueueEdge, engine: AsyncEngine, settings: Settings) -> Applied:
    silent = await surveys.speak(engine, settings, only=tuple(floor.PROMPT.values()))
    async with engine.connect() as conn:
        drafts = [kept.draft for kept in await queues.of_server(conn, SERVER) if kept.draft is not None]
    if silent:
        drafts = [_without_prompts(draft) for draft in drafts]
    return await edge.apply(ApplyQueues(server=SERVER, by=AUTHOR, definitions=tuple(drafts)))


def _without_prompts(draft: QueueDefinition) -> QueueDefinition:
    """Nothing can be said here: callers hear music all the time."""
    heard = msgspec.structs.replace(draft.announcements, periodic=())
    return msgspec.structs.replace(draft, announcements=heard)


async def _by_hand(engine: AsyncEngine, switch: Switch) -> None:
    """As somebody would who has no cxcall: in queues.conf itself, with numbers that always lead there."""
    async with engine.connect() as conn:
        drafts = [kept.draft for kept in await queues.of_server(conn, SERVER) if kept.draft is not None]
        people = await queue_people.people(conn, SERVER)
    planned = [
        Planned(definition=_without_prompts(one), members=resolve(one.members, people)) for one in drafts
    ]  # fmt: skip
    for name, sections in (("queues", queue_file(planned)), ("queuerules", rules_file(drafts))):
        switch.append(f"{name}.conf", file_text(sections))
    await switch.cli("database put cxcall generation by-hand")
    for draft in drafts:
        for number in draft.numbers:
            await switch.cli(f"database put cxcall/by-hand number/{number} {draft.name}")
    await switch.cli("queue reload all")
