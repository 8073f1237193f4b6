"""What a plan is made of, from the database: the queues as they stand, people, calendars, prompts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.queues.definition import QueueDefinition
from cxcall.queues.hours import Calendar
from cxcall.queues.membership import People
from cxcall.routing.rule import RuleSet
from cxcall.settings import Settings
from cxcall.store import calendars, queue_people, queue_servers, queue_versions, rule_sets
from cxcall.store.queue_servers import QueueServer
from cxcall.store.queue_sounds import sounds_of
from cxcall.store.queue_versions import QueueVersion


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """`kept`: how the server is kept, None: nobody chose. `standing`: the version Asterisk has; `unfinished`: a later
    one of which nobody knows whether it was written. `sounds`: what Asterisk plays, by a prompt's name. `routing`: the
    routing rules that are published."""

    kept: QueueServer | None
    standing: QueueVersion | None = None
    unfinished: QueueVersion | None = None
    people: People = field(default_factory=People)
    calendars: Mapping[str, Calendar] = field(default_factory=dict)
    sounds: Mapping[str, str] = field(default_factory=dict)
    routing: RuleSet = field(default_factory=RuleSet)

    @property
    def definitions(self) -> tuple[QueueDefinition, ...]:
        """The queues as they stand."""
        return self.standing.definitions if self.standing else ()


async def gather(conn: AsyncConnection, settings: Settings, server: str, *, dial: str = "PJSIP/") -> Material:
    """All of it, for one server."""
    published = await rule_sets.standing(conn)
    return Material(
        kept=await queue_servers.get(conn, server),
        standing=await queue_versions.standing(conn, server),
        unfinished=await queue_versions.unfinished(conn, server),
        people=await queue_people.people(conn, server, dial=dial),
        calendars={kept.id: kept.calendar for kept in await calendars.everything(conn)},
        sounds=await sounds_of(conn, settings, server),
        routing=published.rules if published is not None else RuleSet(),
    )
