"""Rosters as people set them up: read by period, changed by files and by hand, every change taken back in one go."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Any, Literal, cast

from sqlalchemy import ColumnElement, Row, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.letters import search_key
from cxcall.staffing.roster import People
from cxcall.staffing.shift import Activity, Shift, clash
from cxcall.store.ids import new_id
from cxcall.store.people_tables import user_extensions, users
from cxcall.store.roster_tables import roster_changes, roster_entries

Kind = Literal["replace", "merge", "edit"]

KEPT = timedelta(days=90)
"""How long a change can be taken back."""
LONGEST = timedelta(hours=25)
_AT_ONCE = 1000
_LOCK = 7287235
_its = roster_entries.c
_change = roster_changes.c


class NoSuchChange(Exception):
    """There is no such change of a roster (any more), or it was taken back already."""


class NoSuchEntry(Exception):
    """There is no such entry of the roster (any more)."""


class Clash(Exception):
    """It would lie over what is on the roster already."""

    def __init__(self, shift: Shift, others: Sequence[Shift]) -> None:
        super().__init__(Clash.__doc__)
        self.shift = shift
        self.others = tuple(others)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An entry with its id."""

    id: str
    shift: Shift


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What was done to rosters at once: `added` and `removed` entries. `undone_at`: when it was taken back."""

    id: str
    at: datetime
    by: str
    kind: Kind
    file: str
    added: int
    removed: int
    undone_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Undone:
    """What taking back did: entries that went, that came back, and that could not since others lie there by now."""

    gone: int
    back: int
    left: int


async def people(conn: AsyncConnection) -> People:
    """Whom a file can name: logins, names, extensions."""
    ids: dict[str, set[str]] = {}
    rows = await conn.execute(select(users.c.id, users.c.name, users.c.display_name))
    for id_, *names in rows:
        for name in names:
            if key := search_key(name or ""):
                ids.setdefault(key, set()).add(id_)
    for id_, extension in await conn.execute(select(user_extensions.c.user_id, user_extensions.c.extension)):
        for name in (extension, extension.rpartition("/")[2]):
            ids.setdefault(search_key(name), set()).add(id_)
    return People(ids={key: tuple(sorted(found)) for key, found in ids.items()})


async def entries(
    conn: AsyncConnection, *, since: datetime, until: datetime, users_ids: Collection[str] | None = None
) -> list[Entry]:
    """What touches a period, of these people or of all, by person and time."""
    query = select(roster_entries).where(*_now_in(since, until)).order_by(_its.user_id, _its.since, _its.id)
    if users_ids is not None:
        query = query.where(_its.user_id.in_(users_ids))
    return [_entry(row) for row in await conn.execute(query)]


async def ever(conn: AsyncConnection) -> bool:
    """Whether there is any roster."""
    return (await conn.execute(select(_its.id).where(_its.removed_by.is_(None)).limit(1))).first() is not None


async def replace(
    conn: AsyncConnection, shifts: Sequence[Shift], *, since: datetime, until: datetime, by: str, now: datetime,
    file: str = "", agents: Collection[str] | None = None,
) -> Change:  # fmt: skip
    """Put these in place of all that begins in [since, until), of `agents` (None: of those named in `shifts`)."""
    await _one_at_a_time(conn)
    change = new_id()
    whom = sorted(set(agents) if agents is not None else {shift.agent for shift in shifts})
    removed = 0
    for some in _some(whom):
        where = (_its.removed_by.is_(None), _its.user_id.in_(some), _its.since >= since, _its.since < until)
        removed += (await conn.execute(update(roster_entries).where(*where).values(removed_by=change))).rowcount
    await _refuse_clashes(conn, shifts)
    return await _write(conn, change, shifts, removed, by=by, now=now, kind="replace", file=file)


async def merge(
    conn: AsyncConnection, shifts: Sequence[Shift], *, by: str, now: datetime, file: str = ""
) -> Change:  # fmt: skip
    """Add these to the roster; what they can't stand beside they take the place of."""
    await _one_at_a_time(conn)
    change = new_id()
    over = [entry.id for entry, _ in await _clashing(conn, shifts)]
    for some in _some(over):
        await conn.execute(update(roster_entries).where(_its.id.in_(some)).values(removed_by=change))
    return await _write(conn, change, shifts, len(over), by=by, now=now, kind="merge", file=file)


async def edit(
    conn: AsyncConnection, *, by: str, now: datetime, put: Sequence[Shift] = (), remove: Collection[str] = ()
) -> Change:  # fmt: skip
    """Add entries and take others off by hand. Raises `NoSuchEntry`, `Clash`."""
    await _one_at_a_time(conn)
    change = new_id()
    where = (_its.id.in_(sorted(remove)), _its.removed_by.is_(None))
    gone = (
        (await conn.execute(update(roster_entries).where(*where).values(removed_by=change))).rowcount if remove else 0
    )
    if gone != len(remove):
        raise NoSuchEntry(NoSuchEntry.__doc__)
    await _refuse_clashes(conn, put)
    return await _write(conn, change, put, gone, by=by, now=now, kind="edit", file="")


async def undo(conn: AsyncConnection, change_id: str, *, now: datetime) -> Undone:
    """Take a change back: what it added goes, what it removed comes back where nothing else lies by now. Raises
    `NoSuchChange`."""
    await _one_at_a_time(conn)
    found = (_change.id == change_id, _change.undone_at.is_(None))
    if not (await conn.execute(update(roster_changes).where(*found).values(undone_at=now))).rowcount:
        raise NoSuchChange(NoSuchChange.__doc__)
    added = _its.added_by == change_id
    gone = (await conn.execute(delete(roster_entries).where(added, _its.removed_by.is_(None)))).rowcount
    await conn.execute(delete(roster_entries).where(added))  # also what another change removed: it never was
    before = _its.removed_by == change_id
    back = [_entry(row) for row in await conn.execute(select(roster_entries).where(before).order_by(_its.id))]
    shifts = [entry.shift for entry in back]
    taken = {id(shift) for _, shift in await _clashing(conn, shifts)}
    free = [entry.id for entry in back if id(entry.shift) not in taken]
    for some in _some(free):
        await conn.execute(update(roster_entries).where(_its.id.in_(some)).values(removed_by=None))
    return Undone(gone=gone, back=len(free), left=len(back) - len(free))


async def changes(conn: AsyncConnection, *, limit: int = 10) -> list[Change]:
    """The newest changes, newest first."""
    query = select(roster_changes).order_by(_change.at.desc(), _change.id.desc()).limit(limit)
    return [_of_row(row) for row in await conn.execute(query)]


async def sweep(conn: AsyncConnection, *, now: datetime) -> int:
    """Forget changes that can't be taken back any more, with what they removed; how many entries went."""
    old = select(_change.id).where(_change.at < now - KEPT)
    gone = await conn.execute(delete(roster_entries).where(_its.removed_by.in_(old)))
    await conn.execute(delete(roster_changes).where(_change.at < now - KEPT))
    return gone.rowcount


def _now_in(since: datetime, until: datetime) -> tuple[ColumnElement[bool], ...]:
    """No entry is longer than LONGEST, so that an index finds those that touch a period by their begin."""
    return (_its.removed_by.is_(None), _its.since > since - LONGEST, _its.since < until, _its.until > since)


async def _write(
    conn: AsyncConnection, change: str, shifts: Sequence[Shift], removed: int, *, by: str, now: datetime, kind: Kind,
    file: str,
) -> Change:  # fmt: skip
    await sweep(conn, now=now)
    rows = (
        {"id": new_id(), "user_id": shift.agent, "since": shift.since, "until": shift.until,
         "activity": shift.activity, "added_by": change, "removed_by": None}
        for shift in shifts
    )  # fmt: skip
    while some := list(islice(rows, _AT_ONCE)):
        await conn.execute(roster_entries.insert(), some)
    made = Change(
        id=change, at=now, by=by, kind=kind, file=file, added=len(shifts), removed=removed, undone_at=None
    )  # fmt: skip
    await conn.execute(roster_changes.insert().values({name: getattr(made, name) for name in _change.keys()}))  # noqa: SIM118 - columns
    return made


async def _refuse_clashes(conn: AsyncConnection, shifts: Sequence[Shift]) -> None:
    found = await _clashing(conn, shifts)
    if found:
        shift = found[0][1]
        raise Clash(shift, [entry.shift for entry, other in found if other is shift])


async def _clashing(conn: AsyncConnection, shifts: Sequence[Shift]) -> list[tuple[Entry, Shift]]:
    """Entries of the roster that can't stand beside one of `shifts`, each once, with the first it clashes with."""
    if not shifts:
        return []
    since, until = min(one.since for one in shifts), max(one.until for one in shifts)
    mine: dict[str, list[Shift]] = {}
    for shift in sorted(shifts, key=lambda one: one.since):
        mine.setdefault(shift.agent, []).append(shift)
    found = []
    for some in _some(sorted(mine)):
        there = await entries(conn, since=since, until=until, users_ids=some)
        by_agent: dict[str, list[Entry]] = {}
        for entry in there:
            by_agent.setdefault(entry.shift.agent, []).append(entry)
        for agent, standing in by_agent.items():
            found += list(_pairs(standing, mine[agent]))
    return found


def _pairs(standing: Sequence[Entry], mine: Sequence[Shift]) -> Iterable[tuple[Entry, Shift]]:
    """Both sorted by begin, and nothing longer than LONGEST: each is compared with those near it."""
    first = 0
    for entry in standing:
        while first < len(mine) and mine[first].since < entry.shift.since - LONGEST:
            first += 1
        for shift in mine[first:]:
            if shift.since >= entry.shift.until:
                break
            if clash(entry.shift, shift):
                yield entry, shift
                break


async def _one_at_a_time(conn: AsyncConnection) -> None:
    """Two changes at once would not see each other's entries; on SQLite a writer is alone anyway."""
    if conn.dialect.name == "postgresql":
        await conn.execute(select(func.pg_advisory_xact_lock(_LOCK)))


def _some(ids: Sequence[str]) -> Iterable[Sequence[str]]:
    return (ids[n : n + _AT_ONCE] for n in range(0, len(ids), _AT_ONCE))


def _entry(row: Row[Any]) -> Entry:
    shift = Shift(agent=row.user_id, since=row.since, until=row.until, activity=cast("Activity", row.activity))
    return Entry(id=row.id, shift=shift)


def _of_row(row: Row[Any]) -> Change:
    return Change(**row._mapping)
