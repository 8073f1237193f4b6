"""Why a call went where it went: on its page and, while it rings, on the agent's desk, in the reader's words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.calls.record import CallRecord
from cxcall.routing import explain
from cxcall.store import intents, routing_decisions, users
from cxcall.store.routing_decisions import KeptDecision
from cxcall.web.pages.routing.trying import facts_told
from cxcall.web.pages.routing.words import Reader, titles_of


@dataclass(frozen=True, slots=True, kw_only=True)
class WhyView:
    """One decision of a call; `version` of the rules, 0: none were published."""

    at: datetime
    version: int
    asked: str
    queue: str
    story: Sequence[explain.Told]
    facts: Sequence[tuple[str, str]]

    @property
    def moved(self) -> bool:
        """Whether it went to another queue than the dialplan asked for."""
        return bool(self.asked and self.queue and self.asked.lower() != self.queue.lower())


async def of_call(conn: AsyncConnection, record: CallRecord) -> list[WhyView]:
    """The decisions of a call, oldest first."""
    kept = await _kept(conn, record)
    reader = await reader_for(conn) if kept else Reader()
    return [_view(one, reader) for one in kept]


async def short(conn: AsyncConnection, record: CallRecord) -> tuple[str, ...]:
    """Why the newest decision has the call ring whom it rings, in a few sentences; () where no rule says so."""
    kept = await _kept(conn, record)
    return explain.why_them(kept[-1].decision, await reader_for(conn)) if kept else ()


async def reader_for(conn: AsyncConnection) -> Reader:
    return Reader(
        {user.id: user.display_name or user.name for user in await users.everyone(conn)},
        titles_of(await intents.everything(conn)),
    )


async def _kept(conn: AsyncConnection, record: CallRecord) -> list[KeptDecision]:
    channels = [leg.unique_id for leg in record.legs if leg.unique_id]
    return await routing_decisions.of_call(conn, record.id, server=record.server, unique_ids=channels)


def _view(kept: KeptDecision, reader: Reader) -> WhyView:
    return WhyView(
        at=kept.at,
        version=kept.version,
        asked=kept.asked,
        queue=kept.queue,
        story=explain.story(kept.decision, reader),
        facts=facts_told(kept.decision, reader),
    )
