"""A past day through the draft, in the background: one run at a time, a few hundred calls at once.

A run belongs to this process: a restart ends it, and whoever asked may begin it again. Nothing is kept of it.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

import structlog
from aiohttp import web
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from cxcall.routing.replay import Changed, PastCall
from cxcall.routing.replay import replay as play
from cxcall.routing.rule import RuleSet
from cxcall.store import routing_past
from cxcall.store.errors import reason
from cxcall.store.routing_past import PastFacts
from cxcall.web.keys import ENGINE

AT_ONCE = 250
REST_S = 0.02
"""Pause between two handfuls, in which live calls get their turn."""
MOST_SHOWN = 200
MOST_CALLS = 200_000

log = structlog.get_logger("cxcall.web")


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A day played through a draft. `rows`: the first calls that change, each with what was known of it; `by_rule`:
    for how many calls each rule of the draft holds; `before`: for how many it held that day. `problem`: why it ended
    early, "" if it did not."""

    day: date
    by: str
    version: int
    total: int
    rules: RuleSet
    done: int = 0
    changed: int = 0
    by_field: Mapping[str, int] = field(default_factory=dict)
    by_rule: Mapping[str, int] = field(default_factory=dict)
    before: Mapping[str, int] = field(default_factory=dict)
    unknown: Mapping[str, int] = field(default_factory=dict)
    rows: Sequence[tuple[PastFacts, Changed]] = ()
    running: bool = True
    problem: str = ""


class Replays:
    """The last run of this process, under way or over."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._task: asyncio.Task[None] | None = None
        self.last: Run | None = None

    def begin(self, run: Run, *, since: datetime, until: datetime) -> bool:
        """Begin a run over what was decided in this time; False while another one is under way."""
        if self.last is not None and self.last.running:
            return False
        self.last = run
        self._task = asyncio.get_running_loop().create_task(self._run(run, since, until))
        return True

    async def close(self) -> None:
        """End with the application."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self, run: Run, since: datetime, until: datetime) -> None:
        problem = "stopped"
        after: PastFacts | None = None
        try:
            while run.done < MOST_CALLS:
                async with self._engine.connect() as conn:
                    some = await routing_past.past(conn, since=since, until=until, limit=AT_ONCE, after=after)
                if not some:
                    break
                run = self.last = await asyncio.to_thread(_with, run, some)
                after = some[-1]
                await asyncio.sleep(REST_S)
            problem = ""
        except (SQLAlchemyError, OSError) as error:
            problem = "database"
            log.warning("a past day can't be played through the rules now", error=reason(error))
        finally:
            self.last = replace(run, running=False, problem=problem)


def _with(run: Run, some: Sequence[PastFacts]) -> Run:
    """The run with some more calls."""
    by_id = {one.id: one for one in some}
    found = play((PastCall(id=one.id, facts=one.facts, result=one.decision.result) for one in some), run.rules)
    rows = [*run.rows, *((by_id[one.id], one) for one in found.changed)][:MOST_SHOWN]
    held = Counter(rule for one in some for rule in one.decision.matched)
    return replace(
        run,
        done=run.done + found.calls,
        changed=run.changed + len(found.changed),
        by_field=Counter(run.by_field) + Counter(found.by_field),
        by_rule=Counter(run.by_rule) + Counter(found.by_rule),
        before=Counter(run.before) + held,
        unknown=Counter(run.unknown) + Counter(found.unknown),
        rows=rows,
    )


REPLAYS: web.AppKey[Replays] = web.AppKey("routing_replays", Replays)


def setup(app: web.Application) -> None:
    """Give `app` its runner, which ends with it."""
    app[REPLAYS] = Replays(app[ENGINE])

    async def close(_: web.Application) -> None:
        await app[REPLAYS].close()

    app.on_shutdown.append(close)
