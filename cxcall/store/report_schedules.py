"""Reports at set times: what to send to whom, and every run with what became of it.

A run is written in the transaction that moves its schedule on, so that none is lost and none comes twice, however many
processes look. What was missed while nothing ran becomes one run, for the newest of its moments.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import Any, Literal

import msgspec
from sqlalchemy import Row, and_, delete, literal_column, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.reports.timetable import Timetable, latest_due, next_after
from cxcall.store.errors import Conflict
from cxcall.store.ids import new_id
from cxcall.store.people_tables import shown_name, users
from cxcall.store.report_tables import report_runs, report_schedules

Format = Literal["csv", "xlsx"]
State = Literal["waiting", "running", "done", "failed"]
Trouble = Literal["", "mail_off", "mail", "folder", "report", "owner", "slow", "database", "lost"]
"""Why a run did not succeed: there is no [mail]; the mail server; the folder; the report is gone or can't be made; the
owner may not read it; it took too long; the database; whoever ran it was lost."""

OWN = "own:"
"""Before the id of a report of somebody's own."""
RETRY_AFTER = tuple(timedelta(seconds=seconds) for seconds in (60, 5 * 60, 30 * 60, 2 * 3600, 6 * 3600))
LEASE = timedelta(minutes=5)
KEPT = timedelta(days=180)
LONGEST_NAME = 100
MOST_RECEIVERS = 50

_s, _n = report_schedules.c, report_runs.c
_OPEN = literal_column("state").in_([literal_column("'waiting'"), literal_column("'running'")])


class NoSuchSchedule(Exception):
    """There is no such schedule (any more)."""


class Plan(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is sent when to whom. `report`: a ready-made one's name, or `own:ID`. `period`: a quick name, as of the day
    the run stands for; "" that of the own report. `folder`: below the data folder's `reports`, "" none. `language`:
    words of the mail and the files; `calendar`: of dates and months."""

    report: str
    period: str = "yesterday"
    formats: tuple[Format, ...] = ("xlsx",)
    timetable: Timetable = Timetable()
    mail: tuple[str, ...] = ()
    folder: str = ""
    language: Literal["en", "fa"] = "en"
    calendar: Literal["gregorian", "jalali"] = "gregorian"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportFile:
    """A file that was made: its name, media type and content."""

    name: str
    kind: str
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """What a run sends: the files, and the words of the mail around them."""

    subject: str
    text: str
    files: tuple[ReportFile, ...]
    rtl: bool = False


class CannotMake(Exception):
    """The report can't be made; `trouble` says why, the text what was said."""

    def __init__(self, trouble: Trouble, said: str = "") -> None:
        super().__init__(said)
        self.trouble = trouble


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """A schedule. `next_at` None while it is paused. `owner_name`: what people call its owner."""

    id: str
    version: int
    name: str
    owner_id: str
    owner: str
    owner_name: str
    plan: Plan
    enabled: bool
    next_at: datetime | None
    made_at: datetime
    updated_at: datetime
    updated_by: str
    removed_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One run. `reached`: who has it already (`mail:ADDRESS`, `folder`). `asked`: by a person, out of turn."""

    id: str
    schedule_id: str
    due_at: datetime
    state: State
    asked: bool
    tries: int
    next_at: datetime | None
    lease_until: datetime | None
    ended_at: datetime | None
    reached: tuple[str, ...]
    files: tuple[str, ...]
    problem: Trouble
    said: str


_COLUMNS = (*_s, users.c.name.label("owner"), shown_name.label("owner_name"))
_SOURCE = report_schedules.join(users, users.c.id == _s.owner_id)


async def create(
    conn: AsyncConnection, *, name: str, owner_id: str, plan: Plan, zone: tzinfo, by: str, now: datetime
) -> Schedule:
    """A new schedule, which runs from its next moment on."""
    row = {
        "id": new_id(), "version": 1, "owner_id": owner_id, "enabled": True, "made_at": now, "removed_at": None,
        "next_at": next_after(plan.timetable, now, zone), **_values(name, plan, by, now),
    }  # fmt: skip
    await conn.execute(report_schedules.insert().values(row))
    made = await get(conn, str(row["id"]))
    assert made is not None  # noqa: S101 - just written
    return made


async def get(conn: AsyncConnection, schedule_id: str) -> Schedule | None:
    """A schedule by id."""
    query = select(*_COLUMNS).select_from(_SOURCE).where(_s.id == schedule_id, _s.removed_at.is_(None))
    row = (await conn.execute(query)).first()
    return _schedule(row) if row else None


async def everything(conn: AsyncConnection) -> list[Schedule]:
    """All schedules, by name."""
    query = select(*_COLUMNS).select_from(_SOURCE).where(_s.removed_at.is_(None)).order_by(_s.name, _s.id)
    return [_schedule(row) for row in await conn.execute(query)]


async def save(
    conn: AsyncConnection,
    schedule_id: str,
    *,
    version: int,
    name: str,
    plan: Plan,
    zone: tzinfo,
    by: str,
    now: datetime,
) -> Schedule:
    """Save over `version`; it runs next at its next moment from now. Raises `Conflict`, `NoSuchSchedule`."""
    known = await get(conn, schedule_id)
    following = next_after(plan.timetable, now, zone) if known is not None and known.enabled else None
    return await _change(conn, schedule_id, version, {**_values(name, plan, by, now), "next_at": following})


async def pause(
    conn: AsyncConnection, schedule_id: str, *, paused: bool, version: int, zone: tzinfo, by: str, now: datetime
) -> Schedule:
    """Stop a schedule, or let it go on from its next moment. Raises `Conflict`, `NoSuchSchedule`."""
    known = await get(conn, schedule_id)
    if known is None:
        raise NoSuchSchedule(NoSuchSchedule.__doc__)
    following = None if paused else next_after(known.plan.timetable, now, zone)
    values = {"enabled": not paused, "next_at": following, "updated_at": now, "updated_by": by}
    return await _change(conn, schedule_id, version, values)


async def remove(conn: AsyncConnection, schedule_id: str, *, version: int, now: datetime) -> None:
    """Take a schedule away; what waits to be sent is not sent. Raises `Conflict`, `NoSuchSchedule`."""
    there = (_s.id == schedule_id, _s.version == version, _s.removed_at.is_(None))
    values = {"removed_at": now, "next_at": None, "version": version + 1}
    if not (await conn.execute(update(report_schedules).where(*there).values(values))).rowcount:
        raise await _refusal(conn, schedule_id)
    await conn.execute(delete(report_runs).where(_n.schedule_id == schedule_id, _n.state == "waiting"))


async def restore(conn: AsyncConnection, schedule_id: str, *, zone: tzinfo, now: datetime) -> bool:
    """Bring back what was removed; False when there is nothing to."""
    query = select(*_COLUMNS).select_from(_SOURCE).where(_s.id == schedule_id, _s.removed_at.is_not(None))
    row = (await conn.execute(query)).first()
    if row is None:
        return False
    known = _schedule(row)
    following = next_after(known.plan.timetable, now, zone) if known.enabled else None
    values = {"removed_at": None, "next_at": following, "version": known.version + 1}
    there = (_s.id == schedule_id, _s.removed_at.is_not(None))
    return (await conn.execute(update(report_schedules).where(*there).values(values))).rowcount > 0


async def run_now(conn: AsyncConnection, schedule_id: str, *, now: datetime) -> Run:
    """A run out of turn, for this moment."""
    return await _add_run(conn, schedule_id, due_at=now, asked=True, now=now)


async def again(conn: AsyncConnection, run_id: str, *, now: datetime) -> bool:
    """Have a failed run tried again now, to those it has not reached; False when it has not failed."""
    values = {"state": "waiting", "tries": 0, "next_at": now, "lease_until": None, "ended_at": None}
    there = (_n.id == run_id, _n.state == "failed")
    return (await conn.execute(update(report_runs).where(*there).values(values))).rowcount > 0


async def start_due(conn: AsyncConnection, *, now: datetime, zone: tzinfo) -> int:
    """Write a run for every schedule whose moment has come, and move the schedule on; returns how many."""
    # By the moment: SQLite reads the index of what runs next, which an order by id would keep it from.
    query = select(*_COLUMNS).select_from(_SOURCE).where(_s.next_at <= now).order_by(_s.next_at, _s.id)
    count = 0
    for row in (await conn.execute(query)).all():
        one = _schedule(row)
        assert one.next_at is not None  # noqa: S101 - asked for
        due = latest_due(one.plan.timetable, one.next_at, now, zone)
        following = next_after(one.plan.timetable, due, zone)
        there = (_s.id == one.id, _s.next_at == one.next_at)
        if (await conn.execute(update(report_schedules).where(*there).values(next_at=following))).rowcount:
            await _add_run(conn, one.id, due_at=due, asked=False, now=now)
            count += 1
    return count


async def take(
    conn: AsyncConnection, *, now: datetime, limit: int, busy: Collection[str] = ()
) -> list[tuple[Run, Schedule]]:
    """Runs to be done now, this worker's until `now` + LEASE; one at a time of a schedule (`busy`: being run)."""
    free = and_(_n.state == "waiting", _n.next_at <= now)
    left = and_(_n.state == "running", _n.lease_until < now)
    await _give_up_lost(conn, now)
    query = select(_n.id, _n.schedule_id).where(_OPEN, or_(free, left)).order_by(_n.next_at, _n.id)
    taken: list[tuple[Run, Schedule]] = []
    at_work = set(busy)
    for found in (await conn.execute(query)).all():
        if len(taken) >= limit or found.schedule_id in at_work:
            continue
        there = (_n.id == found.id, or_(free, left))
        values = {"state": "running", "tries": _n.tries + 1, "lease_until": now + LEASE}
        row = (await conn.execute(update(report_runs).where(*there).values(values).returning(*_n))).first()
        schedule = await get(conn, found.schedule_id)
        if row is not None and schedule is not None:
            taken.append((_run(row), schedule))
            at_work.add(found.schedule_id)
    return taken


async def reached(conn: AsyncConnection, run: Run, receivers: Collection[str], files: Collection[str]) -> None:
    """Write down who has it, so that a next try leaves them alone."""
    values = {"reached": _json(tuple(receivers)), "files": _json(tuple(files))}
    await conn.execute(update(report_runs).where(*_mine(run)).values(values))


async def finish(conn: AsyncConnection, run: Run, *, now: datetime) -> None:
    """It reached everybody."""
    values = {"state": "done", "ended_at": now, "next_at": None, "lease_until": None, "problem": "", "said": ""}
    await conn.execute(update(report_runs).where(*_mine(run)).values(values))


async def fail(
    conn: AsyncConnection, run: Run, trouble: Trouble, said: str, *, now: datetime, for_good: bool = False
) -> None:
    """A try failed: it is tried again after the next wait, or given up (`for_good`: at once)."""
    again_ = not for_good and run.tries <= len(RETRY_AFTER)
    values: dict[str, Any] = {
        "state": "waiting" if again_ else "failed",
        "next_at": now + RETRY_AFTER[run.tries - 1] if again_ else None,
        "ended_at": None if again_ else now,
        "lease_until": None,
        "problem": trouble,
        "said": said.replace("\0", "")[:500],
    }
    await conn.execute(update(report_runs).where(*_mine(run)).values(values))


async def runs(conn: AsyncConnection, schedule_id: str, *, limit: int = 50) -> list[Run]:
    """The newest runs of a schedule, newest first."""
    query = select(report_runs).where(_n.schedule_id == schedule_id)
    query = query.order_by(_n.due_at.desc(), _n.id.desc()).limit(limit)
    return [_run(row) for row in await conn.execute(query)]


async def sweep(conn: AsyncConnection, *, before: datetime) -> int:
    """Throw away runs that ended, and schedules that were removed, before then; returns how many."""
    ended = await conn.execute(delete(report_runs).where(_n.ended_at < before))
    removed = await conn.execute(delete(report_schedules).where(_s.removed_at < before))
    return ended.rowcount + removed.rowcount


async def _give_up_lost(conn: AsyncConnection, now: datetime) -> None:
    lost = and_(_OPEN, _n.state == "running", _n.lease_until < now, _n.tries > len(RETRY_AFTER))
    values = {"state": "failed", "ended_at": now, "lease_until": None, "next_at": None, "problem": "lost"}
    await conn.execute(update(report_runs).where(lost).values(values))


async def _add_run(conn: AsyncConnection, schedule_id: str, *, due_at: datetime, asked: bool, now: datetime) -> Run:
    row = {
        "id": new_id(), "schedule_id": schedule_id, "due_at": due_at, "state": "waiting", "asked": asked, "tries": 0,
        "next_at": now, "reached": "[]", "files": "[]", "problem": "", "said": "",
    }  # fmt: skip
    made = await conn.execute(report_runs.insert().values(row).returning(*_n))
    return _run(made.one())


async def _change(conn: AsyncConnection, schedule_id: str, version: int, values: dict[str, Any]) -> Schedule:
    there = (_s.id == schedule_id, _s.version == version, _s.removed_at.is_(None))
    done = await conn.execute(update(report_schedules).where(*there).values(**values, version=version + 1))
    if not done.rowcount:
        raise await _refusal(conn, schedule_id)
    saved = await get(conn, schedule_id)
    assert saved is not None  # noqa: S101 - just written
    return saved


async def _refusal(conn: AsyncConnection, schedule_id: str) -> Exception:
    current = await get(conn, schedule_id)
    return NoSuchSchedule(NoSuchSchedule.__doc__) if current is None else Conflict(Conflict.__doc__)


def _mine(run: Run) -> tuple[Any, ...]:
    return _n.id == run.id, _n.state == "running", _n.tries == run.tries


def _values(name: str, plan: Plan, by: str, now: datetime) -> dict[str, Any]:
    shown = name.replace("\0", "").strip()[:LONGEST_NAME]
    return {"name": shown, "body": _json(plan), "updated_at": now, "updated_by": by}


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()


def _schedule(row: Row[Any]) -> Schedule:
    values = {name: value for name, value in row._mapping.items() if name != "body"}
    return Schedule(**values, plan=msgspec.json.decode(row.body, type=Plan))


def _run(row: Row[Any]) -> Run:
    lists = {name: msgspec.json.decode(row._mapping[name], type=tuple[str, ...]) for name in ("reached", "files")}
    return Run(**{**row._mapping, **lists})
