"""A web application with people and made-up calls, and no Asterisk: what a listener would do is done by hand."""

from __future__ import annotations

import dataclasses
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy.ext.asyncio import AsyncEngine

from cxcall.asterisk.publishing import Publisher
from cxcall.bus import Bus, Commands
from cxcall.calls.record import Attempt, Caller, CallId, CallRecord, Hold, Leg, QueueVisit, Talk
from cxcall.customers.profile import Profile
from cxcall.settings import Ami, Data, Settings, Site
from cxcall.store import calls, customers, pause_reasons, sessions, users
from cxcall.store.calls import CallWrite
from cxcall.store.engine import open_engine
from cxcall.web.app import init_app
from cxcall.web.session import SESSION_COOKIE
from tests.support.floor import Floor
from tests.support.schema import new_database

SERVER = "lab"
SARA, OMID = "PJSIP/1001", "PJSIP/1002"
MARYAM = "09123456789"


@dataclass(slots=True)
class CallCentre:
    """The application and what stands behind it; `members` is what the listener says of the queues' members."""

    engine: AsyncEngine
    bus: Bus
    commands: Commands
    folder: Path
    now: datetime
    app: Any = None
    acts: list[Any] = field(default_factory=list)
    refuse: Exception | None = None
    members: list[dict[str, Any]] = field(default_factory=list)
    statuses: list[Any] = field(default_factory=list)
    publisher: Publisher = field(init=False)
    revisions: dict[str, int] = field(default_factory=dict)
    ids: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.publisher = Publisher(self.bus)

    def ago(self, **how_long: float) -> datetime:
        return self.now - timedelta(**how_long)

    async def listen(self) -> None:
        """Serve what a listener serves."""
        self.commands.serve(f"members:{SERVER}", self._members)
        self.commands.serve(f"ami:{SERVER}", self._act)
        self.commands.serve("asterisk:status", self._statuses)
        Floor(SERVER, self.engine, self.commands, lambda: self.members).serve()

    async def tell(self, *records: CallRecord) -> None:
        """Write records and publish them, as the listener's writer does."""
        writes = []
        for record in records:
            self.revisions[record.id] = self.revisions.get(record.id, 0) + 1
            writes.append(CallWrite(record=record, revision=self.revisions[record.id]))
        async with self.engine.begin() as conn:
            applied = await calls.apply(conn, writes, region="IR")
        self.publisher.calls(applied)

    async def person(self, name: str, role: Any, *extensions: str, shown: str = "", language: str | None = None) -> str:
        """A user; returns the id."""
        async with self.engine.begin() as conn:
            made = await users.create(
                conn, name=name, role=role, password_hash="!", display_name=shown or name,
                extensions=extensions, language=language,
            )  # fmt: skip
        self.ids[name] = made.id
        return made.id

    async def cookie(self, name: str) -> dict[str, str]:
        """The session cookie of a user."""
        async with self.engine.begin() as conn:
            secret = await sessions.start(conn, self.ids[name], now=datetime.now(UTC), lifetime=timedelta(days=1))
        return {SESSION_COOKIE: secret}

    async def customer(self, profile: Profile) -> str:
        async with self.engine.begin() as conn:
            return (await customers.create(conn, profile)).id

    async def _members(self, _: object) -> list[dict[str, Any]]:
        return self.members

    async def _statuses(self, _: object) -> list[Any]:
        return self.statuses

    async def _act(self, act: Any) -> None:
        if self.refuse is not None:
            raise self.refuse
        self.acts.append(act)


@asynccontextmanager
async def call_centre(folder: Path, *, language: str = "en", listening: bool = True) -> AsyncIterator[CallCentre]:
    """A call centre in `folder` with Sara and Omid (agents), Leila (supervisor) and Admin."""
    engine = open_engine(new_database(folder / "cxcall.sqlite"))
    now = datetime.now(UTC)
    centre = CallCentre(
        engine=engine, bus=Bus(int(now.timestamp() * 1000)), commands=Commands(), folder=folder, now=now
    )
    settings = Settings(
        ami=(Ami(name=SERVER, secret="x"),),
        site=Site(language="fa" if language == "fa" else "en", timezone="Asia/Tehran", country="IR"),
        data=Data(dir=str(folder)),
    )
    centre.app = init_app(settings=settings, engine=engine, bus=centre.bus, commands=centre.commands)
    if listening:
        await centre.listen()
    persian = language == "fa"
    async with engine.begin() as conn:
        await pause_reasons.seed(conn)
    await centre.person("sara", "agent", SARA, shown="سارا کریمی" if persian else "Sara Karimi")
    await centre.person("omid", "agent", OMID, shown="امید رحیمی" if persian else "Omid Rahimi")
    await centre.person("newcomer", "agent", shown="New Comer")
    await centre.person("leila", "supervisor", shown="لیلا احمدی" if persian else "Leila Ahmadi")
    await centre.person("admin", "admin", shown="Admin")
    try:
        yield centre
    finally:
        await engine.dispose()


def member(device: str = SARA, **changes: Any) -> dict[str, Any]:
    """What the listener says of one member."""
    return {
        "interface": device, "device": device, "name": "Sara Karimi", "status": "free", "paused": False, "reason": "",
        "since": datetime.now(UTC).timestamp() - 120, "queues": ["billing", "general"], "paused_in": [], **changes,
    }  # fmt: skip


def ringing(
    number: str, started: datetime, *, name: str | None = None, wait: float = 41, at: str = SARA, queue: str = "billing"
) -> CallRecord:
    """A call that waited `wait` seconds in a queue and rings at `at`."""
    id_ = CallId(f"{SERVER}-{started.timestamp():.3f}{number[-2:]}")
    joined, rang = started + timedelta(seconds=1), started + timedelta(seconds=wait)
    trunk = f"PJSIP/trunk-{id_[-8:]}"
    leg = Leg(
        channel=f"{at}-{id_[-8:]}", unique_id=f"{id_}b", role="agent", number=at[-4:], agent=_agent(at), rang_at=rang
    )
    return CallRecord(
        id=id_, server=SERVER, direction="inbound", caller=Caller(number=number or None, name=name, channel=trunk),
        called="100", started_at=started,
        legs=(Leg(channel=trunk, unique_id=f"{id_}a", role="caller", number=number or None, name=name), leg),
        queue_visits=(
            QueueVisit(
                queue=queue, joined_at=joined, position=1, wait=None,
                attempts=(Attempt(agent=_agent(at), at=rang),),
            ),
        ),
    )  # fmt: skip


def answered(record: CallRecord, when: datetime) -> CallRecord:
    """`record` picked up at `when` by the phone that rings."""
    caller, leg = record.legs[0], record.legs[-1]
    visit = record.queue_visits[-1] if record.queue_visits else None
    visits: Sequence[QueueVisit] = record.queue_visits
    if visit is not None and visit.joined_at is not None and leg.rang_at is not None:
        ring = (when - leg.rang_at).total_seconds()
        attempt = dataclasses.replace(visit.attempts[-1], ring=ring, result="answered")
        visits = (*record.queue_visits[:-1], dataclasses.replace(
            visit, result="answered", agent=leg.agent, interface=leg.channel.rpartition("-")[0],
            wait=(when - visit.joined_at).total_seconds(), ring=ring, attempts=(*visit.attempts[:-1], attempt),
        ))  # fmt: skip
    return dataclasses.replace(
        record, answered_at=when, outcome="answered",
        legs=(*record.legs[:-1], dataclasses.replace(leg, answered_at=when, result="answered")),
        talks=(
            *record.talks,
            Talk(channels=(caller.channel, leg.channel), numbers=(caller.number, leg.number), from_=when),
        ),
        queue_visits=tuple(visits),
    )  # fmt: skip


def held(record: CallRecord, begin: datetime, end: datetime | None = None, *, by: int = -1) -> CallRecord:
    """`record` put on hold by its leg `by`."""
    return dataclasses.replace(
        record, holds=(*record.holds, Hold(channel=record.legs[by].channel, from_=begin, to=end))
    )


def ended(record: CallRecord, when: datetime, *, by: Any = "caller", outcome: Any = None) -> CallRecord:
    """`record` over at `when`; without an answer it is abandoned."""
    reached = record.answered_at is not None
    legs = tuple(
        leg if leg.ended_at else dataclasses.replace(
            leg, ended_at=when, hangup_cause=16,
            result=leg.result or ("answered" if reached or leg.role == "caller" else "cancelled"),
        ) for leg in record.legs
    )  # fmt: skip
    visits = tuple(
        dataclasses.replace(
            visit, left_at=when, result=visit.result or "abandoned",
            wait=visit.wait if visit.wait is not None else (when - (visit.joined_at or when)).total_seconds(),
            talk=(when - record.answered_at).total_seconds() if record.answered_at else 0.0,
        ) for visit in record.queue_visits
    )  # fmt: skip
    return dataclasses.replace(
        record, ended_at=when, ended_by=by, hangup_cause=16, legs=legs, queue_visits=visits,
        outcome=outcome or ("answered" if reached else "abandoned"),
        talks=tuple(dataclasses.replace(talk, to=talk.to or when) for talk in record.talks),
        holds=tuple(dataclasses.replace(hold, to=hold.to or when) for hold in record.holds),
    )  # fmt: skip


def past(number: str, started: datetime, *, talk: float = 240, at: str = SARA, name: str | None = None) -> CallRecord:
    """A call of the past: waited, answered, ended."""
    picked = started + timedelta(seconds=48)
    return ended(answered(ringing(number, started, at=at, name=name), picked), picked + timedelta(seconds=talk))


def _agent(device: str) -> str:
    return {SARA: "Sara Karimi", OMID: "Omid Rahimi"}.get(device, device)
