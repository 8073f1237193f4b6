"""From definitions to a written version: conflicts are found before, what broke on the way is found out after.

A version is kept as `applying` before Asterisk is asked for anything. If the connection breaks, the file itself tells
afterwards whose text it is: the new version's (then the rest is finished), or still the old one's (then it failed).
When Asterisk does not answer at all, that is told later, by `settle`, as soon as it does.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Literal
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy.ext.asyncio import AsyncEngine

from cxcall.asterisk.ami.message import text
from cxcall.asterisk.probe import Probe, ProbeFailed
from cxcall.asterisk.provision import astdb, files
from cxcall.asterisk.provision.accepting import accepted
from cxcall.asterisk.provision.edits import TooLong
from cxcall.asterisk.provision.material import Material, gather
from cxcall.asterisk.provision.planning import Target, merged, restored, target
from cxcall.asterisk.provision.sections import compare, same
from cxcall.asterisk.provision.session import CannotReach, session
from cxcall.asterisk.provision.skill_rules import with_skills
from cxcall.asterisk.provision.writing import (
    STANDARD_FILE,
    NotTaken,
    Progress,
    finish,
    live_queues,
    put_rules,
    rules_file,
    write,
)
from cxcall.bus import CommandRefused
from cxcall.bus.queues import AcceptQueues, Applied, ApplyQueues, RenewQueues, RollBackQueues
from cxcall.queues.line import Section, read_files
from cxcall.settings import Ami, Settings
from cxcall.store import queue_servers, queue_versions, queues
from cxcall.store.errors import Conflict
from cxcall.store.queue_versions import QueueVersion, State

_WATCHED = "The queues of this server are only watched. Switch it to managed first."
_OTHERS = "Somebody else changed the file since cxcall wrote it. Nothing was written."
_NEWER = "Another version was applied meanwhile. Look at it before you apply yours."
_BROKE = "The connection to Asterisk broke. The queues are as they were before."
_OPEN = "The connection to Asterisk broke in the middle. cxcall looks what was written as soon as Asterisk answers."
_NOT_REACHED = "Nothing was written. {why}"
_SETTLE_S = 6.0
"""How long it is tried at once to find out what became of a writing that broke."""
_ON_ITS_WAY_S, _LOOK_AGAIN_S = 3.0, 0.2
"""How long the last action is given to take effect after the connection broke, and how often that is looked at."""

log = structlog.get_logger(__name__)

Kind = Literal["apply", "renew", "rollback"]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Job:
    """What is to be written, for whom, over which version (None: whichever stands)."""

    goal: Target
    by: str
    base: int | None
    restores: int | None = None
    kind: Kind = "apply"


class Applier:
    """Writes versions into one Asterisk, one at a time."""

    def __init__(self, *, server: Ami, settings: Settings, engine: AsyncEngine) -> None:
        self.server = server
        self._settings = settings
        self._engine = engine
        self._one = asyncio.Lock()

    async def apply(self, ask: ApplyQueues) -> Applied:
        """Write queues that are new or changed. Raises CommandRefused."""

        def job(material: Material) -> _Job:
            definitions = merged(material.definitions, ask.definitions, ask.remove)
            return _Job(goal=target(definitions, material, self._today()), by=ask.by, base=ask.base)

        return await self._run(job)

    async def renew(self, ask: RenewQueues) -> Applied:
        """Write what people and calendars come to now. Raises CommandRefused."""

        def job(material: Material) -> _Job:
            goal = target(material.definitions, material, self._today())
            return _Job(goal=goal, by=ask.by, base=None, kind="renew")

        return await self._run(job)

    async def roll_back(self, ask: RollBackQueues) -> Applied:
        """Write an older version's lines again. Raises CommandRefused."""
        async with self._engine.connect() as conn:
            version = await queue_versions.get(conn, self.server.name, ask.version)
        if version is None:
            raise CommandRefused("There is no such version.")

        def job(material: Material) -> _Job:
            goal = restored(version.text, version.definitions, material, self._today())
            return _Job(goal=goal, by=ask.by, base=None, restores=version.n, kind="rollback")

        return await self._run(job)

    async def accept(self, ask: AcceptQueues) -> Applied:
        """Take over what somebody else wrote into the file. Raises CommandRefused."""
        try:
            async with session(self.server) as probe:
                material = await self._material(await dial_of(probe))
                file = (material.kept.file if material.kept else "") or STANDARD_FILE
                found = await files.there(probe, file), await files.there(probe, rules_file(file))
        except (CannotReach, ProbeFailed) as error:
            raise CommandRefused(_NOT_REACHED.format(why=error)) from error

        def job(material: Material) -> _Job:
            return _Job(goal=accepted(*found, material, self._today()), by=ask.by, base=None)

        return await self._run(job)

    async def renew_hours(self) -> None:
        """Write the hours of the standing version anew when they, or the whole database, are not as they should be.

        Raises CannotReach, ProbeFailed.
        """
        async with self._one:
            material = await self._material()
            standing = material.standing
            if standing is None or material.unfinished is not None:
                return
            goal = target(standing.definitions, material, self._today())
            async with session(self.server) as probe:
                if not await self._has_keys(probe, goal):
                    await self._renew_keys(probe, goal, standing)

    async def renew_rules(self) -> bool:
        """Write the queue rules that published routing rules need of the standing version; whether any was missing.

        Raises CannotReach, ProbeFailed, TooLong.
        """
        async with self._one:
            material = await self._material()
            standing = material.standing
            if standing is None or material.unfinished is not None:
                return False
            name = rules_file((material.kept.file if material.kept else "") or STANDARD_FILE)
            async with session(self.server) as probe:
                there = await files.there(probe, name)
                wanted = with_skills(there, material.routing, standing.definitions, material.people)
                return await put_rules(probe, name, there, wanted)

    async def settle(self) -> None:
        """Find out what became of a writing that broke. Raises CannotReach, ProbeFailed."""
        async with self._one:
            material = await self._material()
            if material.unfinished is not None:
                async with session(self.server) as probe:
                    await self._settle(probe, material)

    async def _managed(self) -> None:
        """Raises CommandRefused where the queues are only watched."""
        async with self._engine.connect() as conn:
            kept = await queue_servers.get(conn, self.server.name)
        if kept is None or kept.mode != "managed":
            raise CommandRefused(_WATCHED)

    def _today(self) -> date:
        return datetime.now(ZoneInfo(self._settings.site.timezone)).date()

    async def _run(self, job: Callable[[Material], _Job]) -> Applied:
        async with self._one:
            await self._managed()
            try:
                async with session(self.server) as probe:
                    material = await self._material(await dial_of(probe))
                    if material.unfinished is not None:
                        await self._settle(probe, material)
                        material = await self._material(await dial_of(probe))
                    return await self._begin(probe, await asyncio.to_thread(job, material), material)
            except CannotReach as error:
                raise CommandRefused(_NOT_REACHED.format(why=error)) from error
            except (ProbeFailed, TooLong) as error:  # before a version was begun
                raise CommandRefused(_NOT_REACHED.format(why=error)) from error

    async def _begin(self, probe: Probe, job: _Job, material: Material) -> Applied:
        """Look for conflicts; without any, begin a version and write it."""
        kept, standing = material.kept, material.standing
        stands = standing.n if standing else None
        if job.base is not None and job.base != stands:
            return Applied(outcome="conflict", version=stands, problem=_NEWER)
        file = (kept.file if kept else "") or STANDARD_FILE
        wrote = read_files(standing.text).queues if standing else ()
        there = await files.there(probe, file)
        if not same(there, wrote) and not same(there, job.goal.queues):
            return Applied(outcome="conflict", version=stands, problem=_OTHERS, diff=compare(wrote, there))
        await self._no_clash(probe, job.goal, there)
        unchanged = same(there, job.goal.queues) and standing is not None
        if unchanged and standing and standing.definitions == job.goal.definitions and job.restores is None:
            if await self._has_keys(probe, job.goal):
                return Applied(outcome="unchanged", version=stands)
            if job.kind == "renew":
                return await self._renew_keys(probe, job.goal, standing)
        try:
            version = await self._keep(job, stands)
        except Conflict:
            return Applied(outcome="conflict", version=stands, problem=_NEWER)
        return await self._write(probe, version, job.goal, there, material, file)

    async def _write(
        self,
        probe: Probe,
        version: QueueVersion,
        goal: Target,
        there: tuple[Section, ...],
        material: Material,
        file: str,
    ) -> Applied:
        began = time.monotonic()
        progress = Progress(file=file)
        generation = str(version.n)
        try:
            await write(probe, goal, there, generation=generation, progress=progress, standing=material.definitions)
        except (NotTaken, TooLong, files.Refused) as error:
            return await self._ended(version, "failed", began, str(error))
        except ProbeFailed as error:
            log.warning("writing queues broke", server=self.server.name, version=version.n, error=str(error))
            return await self._broken(version, goal, progress, began, str(error))
        return await self._ended(version, "applied", began)

    async def _broken(self, version: QueueVersion, goal: Target, progress: Progress, began: float, why: str) -> Applied:
        """The connection is gone: the file tells how far it came, if Asterisk answers again soon.

        The last action may still be on its way when the connection is gone, so it is waited for.
        """
        broke = time.monotonic()
        try:
            async with asyncio.timeout(_SETTLE_S), session(self.server) as probe:
                while progress.switched:
                    if same(await files.there(probe, progress.file), goal.queues):
                        await finish(probe, goal, generation=str(version.n), progress=progress)
                        return await self._ended(version, "applied", began)
                    if time.monotonic() - broke > _ON_ITS_WAY_S:
                        break
                    await asyncio.sleep(_LOOK_AGAIN_S)
        except (CannotReach, ProbeFailed, TimeoutError):
            if progress.switched:
                return Applied(outcome="failed", version=version.n, problem=_OPEN, seconds=time.monotonic() - began)
        return await self._ended(version, "failed", began, f"{_BROKE} {why}")

    async def _settle(self, probe: Probe, material: Material) -> None:
        """Whose text is in the file: the unfinished version's, or still the one's before?"""
        version = material.unfinished
        if version is None:
            return
        progress = Progress(file=(material.kept.file if material.kept else "") or STANDARD_FILE)
        goal = restored(version.text, version.definitions, material, self._today())
        there = await files.there(probe, progress.file)
        began = time.monotonic()
        if same(there, goal.queues):
            await finish(probe, goal, generation=str(version.n), progress=progress)
            await self._ended(version, "applied", began)
        else:
            await self._ended(version, "failed", began, _BROKE)

    async def _ended(self, version: QueueVersion, state: State, began: float, problem: str = "") -> Applied:
        """Keep how it ended."""
        seconds = time.monotonic() - began
        async with self._engine.begin() as conn:
            await queue_versions.end(conn, version.id, state=state, seconds=seconds, problem=problem)
            if state == "applied":
                now = datetime.now(UTC)
                await queues.applied(conn, self.server.name, version.definitions, by=version.by, now=now)
        outcome: Literal["applied", "failed"] = "applied" if state == "applied" else "failed"
        return Applied(outcome=outcome, version=version.n, problem=problem, seconds=seconds)

    async def _keep(self, job: _Job, base: int | None) -> QueueVersion:
        """The version, before anything is written. Raises Conflict."""
        async with self._engine.begin() as conn:
            return await queue_versions.begin(
                conn, self.server.name, text=job.goal.text, definitions=job.goal.definitions, by=job.by,
                now=datetime.now(UTC), base=base, restores=job.restores,
            )  # fmt: skip

    async def _material(self, dial: str = "PJSIP/") -> Material:
        async with self._engine.connect() as conn:
            return await gather(conn, self._settings, self.server.name, dial=dial)

    async def _no_clash(self, probe: Probe, goal: Target, there: tuple[Section, ...]) -> None:
        """A queue somebody else defines is never written over. Raises CommandRefused."""
        own = {section.name.casefold() for section in there}
        foreign = {name.casefold(): name for name in await live_queues(probe) if name.casefold() not in own}
        taken = [foreign[name] for section in goal.queues if (name := section.name.casefold()) in foreign]
        if taken:
            raise CommandRefused(f"Asterisk already has a queue {taken[0]} that another file defines.")

    async def _has_keys(self, probe: Probe, goal: Target) -> bool:
        return await astdb.in_force(probe) == goal.keys[astdb.DIGEST]

    async def _renew_keys(self, probe: Probe, goal: Target, standing: QueueVersion) -> Applied:
        """Only hours changed: a generation of its own, no version."""
        generation = f"{standing.n}.{int(time.time())}"
        await astdb.put(probe, generation, goal.keys)
        await astdb.switch(probe, generation)
        return Applied(outcome="applied", version=standing.n)


async def dial_of(probe: Probe) -> str:
    """How this site dials its phones."""
    return text((await probe.ask("Getvar", Variable="CXCALL_DIAL")).answer, "Value") or "PJSIP/"
