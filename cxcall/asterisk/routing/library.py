"""What decisions go by and that changes seldom: the published rules, people's skills, prompts, calendars, queues.

Read at the start, at once when somebody says that rules were published, and every so often, so that a decision reads
nothing of it. A database that is away leaves what was read before.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from cxcall.backoff import Backoff
from cxcall.bus import Bus
from cxcall.bus.routing import CHANGED
from cxcall.letters import search_key
from cxcall.queues.hours import Calendar
from cxcall.queues.opening import holiday_of
from cxcall.routing.rule import RuleSet
from cxcall.store import calendars, handle_times, prompts, queues, rule_sets, skills
from cxcall.store.errors import reason

log = structlog.get_logger(__name__)

Place = tuple[str, str]

LOOK_S = 5.0
"""How often it is looked whether other rules were published."""

READ_S = 30.0
"""How often all of it is read."""

HANDLED = timedelta(hours=4)
"""The calls that tell how long an agent is busy with one."""

_LIMIT_S = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """As last read. `levels`: by user and skill; `sounds`: files by prompt (as `search_key`) and language; `queues`:
    names by server; `hours`: calendar ids by queue; `handle`: mean seconds of a call by queue."""

    version: int = 0
    rules: RuleSet = field(default_factory=RuleSet)
    levels: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    sounds: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    queues: Mapping[str, frozenset[str]] = field(default_factory=dict)
    hours: Mapping[Place, str] = field(default_factory=dict)
    calendars: Mapping[str, Calendar] = field(default_factory=dict)
    handle: Mapping[Place, float] = field(default_factory=dict)

    def holiday(self, server: str, queue: str, day: date) -> bool:
        """Whether a day is a holiday of the queue's own calendar; without one, of any that the site has."""
        own = self.calendars.get(self.hours.get((server, queue), ""))
        asked = (own,) if own is not None else tuple(self.calendars.values())
        return any(holiday_of(calendar, day) is not None for calendar in asked)

    def sound(self, prompt: str, *languages: str) -> str:
        """The file of a prompt in the first of these languages it was recorded in, else in any; "" none."""
        spoken = self.sounds.get(search_key(prompt), {})
        wished = (language.replace("_", "-").partition("-")[0].lower() for language in languages)
        return next((spoken[one] for one in wished if one in spoken), next(iter(spoken.values()), ""))


class Library:
    """Reads while `run` runs; `ready` once it was read."""

    def __init__(self, *, engine: AsyncEngine, bus: Bus, now: Callable[[], datetime]) -> None:
        self._engine = engine
        self._bus = bus
        self._now = now
        self._due = asyncio.Event()
        self.ready = asyncio.Event()
        self.known = Known()

    async def run(self) -> None:
        """Until cancelled."""
        backoff = Backoff(0.2, 10.0)
        whole_at: datetime | None = None
        with contextlib.ExitStack() as listening:
            listening.callback(self._bus.subscribe(CHANGED, lambda _: self._due.set()))
            while True:
                self._due.clear()
                try:
                    async with asyncio.timeout(_LIMIT_S), self._engine.connect() as conn:
                        now = self._now()
                        due = whole_at is None or now - whole_at >= timedelta(seconds=READ_S)
                        if due or await rule_sets.standing_n(conn) != self.known.version:
                            self.known, whole_at = await read(conn, now), now
                except (SQLAlchemyError, OSError, TimeoutError) as error:
                    log.warning("routing rules can't be read now", error=reason(error))
                    await asyncio.sleep(backoff.next())
                    continue
                backoff.reset()
                self.ready.set()
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(LOOK_S):
                        await self._due.wait()


async def read(conn: AsyncConnection, now: datetime) -> Known:
    """All of it as the database has it now."""
    stands = await rule_sets.standing(conn)
    called = {skill.id: skill.name for skill in await skills.everything(conn)}
    levels = {
        user: {called[skill]: level for skill, level in own.items() if skill in called}
        for user, own in (await skills.levels(conn)).items()
    }
    names: dict[str, set[str]] = {}
    hours: dict[Place, str] = {}
    for queue in await queues.everything(conn):
        if queue.kind != "observed" and queue.applied is None:
            continue  # only drafted: Asterisk does not have it
        names.setdefault(queue.server, set()).add(queue.name)
        if queue.applied is not None and queue.applied.calendar:
            hours[queue.server, queue.name] = queue.applied.calendar
    return Known(
        version=stands.n if stands is not None else 0,
        rules=stands.rules if stands is not None else RuleSet(),
        levels=levels,
        sounds=await _sounds(conn),
        queues={server: frozenset(found) for server, found in names.items()},
        hours=hours,
        calendars={kept.id: kept.calendar for kept in await calendars.everything(conn)},
        handle=await handle_times.means(conn, since=now - HANDLED),
    )


async def _sounds(conn: AsyncConnection) -> dict[str, dict[str, str]]:
    return {
        search_key(prompt.name): {
            language: variant.sound.sha for language, variant in prompt.variants.items() if variant.sound is not None
        }
        for prompt in await prompts.everything(conn)
    }
