"""Imports of customers: lines are staged, written some at a time, and can all be taken back.

A job is a row with its progress; whoever runs it calls `run_some` (or `undo_some`), each time in a transaction of its
own, until it has ended. What was interrupted goes on where it stopped. A line is written whole or not at all.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import Any, Literal

import msgspec
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.customers.profile import Problem
from cxcall.customers.table_import import Candidate, Field, LineProblems, Mapping_
from cxcall.store.ids import new_id
from cxcall.store.import_lines import Refused, foresee, take_back, take_in
from cxcall.store.tables import customer_imports, import_lines

__all__ = [
    "Import",
    "ImportLine",
    "NoSuchImport",
    "Refused",
    "failed_lines",
    "foresee",
    "get",
    "kept_lines",
    "newest",
    "run_some",
    "stage",
    "undo",
    "undo_some",
]

State = Literal["running", "done", "undoing", "undone"]
_AT_ONCE = 1000


class NoSuchImport(Exception):
    """There is no such import, or it is not in the state for this."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Import:
    """A job and how far it is. `kept`: lines whose customer people changed since, left (in part) by the undo."""

    id: str
    file: str
    by: str
    made_at: datetime
    ended_at: datetime | None
    undone_at: datetime | None
    state: State
    mapping: dict[int, Field]
    lines: int
    created: int
    updated: int
    unchanged: int
    failed: int
    undone: int
    kept: int

    @property
    def done(self) -> int:
        """Lines dealt with, for a progress bar over `lines`."""
        return self.created + self.updated + self.unchanged + self.failed


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportLine:
    """A line with something to say: why it failed, or what of it the undo left."""

    line: int
    state: str
    cells: tuple[str, ...]
    problems: tuple[Problem, ...]
    customer_id: str | None


async def stage(
    conn: AsyncConnection, *, file: str, by: str, mapping: Mapping_, lines: Iterable[Candidate | LineProblems]
) -> Import:
    """A new job with all its lines; nothing is written to customers yet. `by` is a login name."""
    id_ = new_id()
    now = datetime.now(UTC)
    zeros = dict.fromkeys(("lines", "created", "updated", "unchanged", "failed", "undone", "kept"), 0)
    await conn.execute(
        customer_imports.insert().values(
            id=id_, file=file, by=by, made_at=now, ended_at=None, undone_at=None, state="running",
            mapping=_text(dict(mapping)), **zeros,
        )
    )  # fmt: skip
    rows = (_staged(id_, line) for line in lines)
    total = failed = 0
    while some := list(islice(rows, _AT_ONCE)):
        await conn.execute(import_lines.insert(), some)
        total += len(some)
        failed += sum(row["state"] == "failed" for row in some)
    await conn.execute(_job(id_).values(lines=total, failed=failed))
    return await _existing(conn, id_)


async def run_some(conn: AsyncConnection, import_id: str, *, at_most: int = 100) -> Import:
    """Write the next lines; the job's `state` is `done` when none is left."""
    job = await _existing(conn, import_id)
    if job.state != "running":
        return job
    rows = await _next(conn, import_id, ("waiting",), at_most)
    counted = {"created": job.created, "updated": job.updated, "unchanged": job.unchanged, "failed": job.failed}
    for row in rows:
        values = await _take_in(conn, import_id, row)
        counted[values["state"]] += 1
        await conn.execute(_line(import_id, row.line).values(**values))
    ended = {"state": "done", "ended_at": datetime.now(UTC)} if len(rows) < at_most else {}
    await conn.execute(_job(import_id).values(**counted, **ended))
    return await _existing(conn, import_id)


async def undo(conn: AsyncConnection, import_id: str) -> Import:
    """Begin to take a whole import back; `undo_some` does it. Stops a job that still runs."""
    job = await _existing(conn, import_id)
    if job.state in ("undoing", "undone"):
        return job
    await conn.execute(_job(import_id).values(state="undoing"))
    return await _existing(conn, import_id)


async def undo_some(conn: AsyncConnection, import_id: str, *, at_most: int = 100) -> Import:
    """Take back the next lines, last first; the job's `state` is `undone` when none is left."""
    job = await _existing(conn, import_id)
    if job.state != "undoing":
        return job
    rows = await _next(conn, import_id, ("created", "updated"), at_most, last_first=True)
    undone, kept = job.undone, job.kept
    for row in rows:
        left = await take_back(conn, row)
        undone, kept = (undone, kept + 1) if left else (undone + 1, kept)
        state = "kept" if left else "undone"
        await conn.execute(_line(import_id, row.line).values(state=state, problem=_text(left)))
    ended = {"state": "undone", "undone_at": datetime.now(UTC)} if len(rows) < at_most else {}
    await conn.execute(_job(import_id).values(undone=undone, kept=kept, **ended))
    return await _existing(conn, import_id)


async def get(conn: AsyncConnection, import_id: str) -> Import | None:
    """A job by id."""
    row = (await conn.execute(select(customer_imports).where(customer_imports.c.id == import_id))).first()
    return _import(row) if row else None


async def newest(conn: AsyncConnection, *, limit: int = 50) -> list[Import]:
    """The history of imports, newest first."""
    query = select(customer_imports).order_by(customer_imports.c.made_at.desc()).limit(limit)
    return [_import(row) for row in await conn.execute(query)]


async def failed_lines(conn: AsyncConnection, import_id: str, *, after: int = 0, limit: int = 100) -> list[ImportLine]:
    """Lines that were not taken, in the order of the file, after line `after`."""
    return await _lines(conn, import_id, "failed", after, limit)


async def kept_lines(conn: AsyncConnection, import_id: str, *, after: int = 0, limit: int = 100) -> list[ImportLine]:
    """Lines the undo left, at least in part, because people changed their customer since."""
    return await _lines(conn, import_id, "kept", after, limit)


def _staged(import_id: str, line: Candidate | LineProblems) -> dict[str, Any]:
    failed = isinstance(line, LineProblems)
    return {
        "import_id": import_id,
        "line": line.line,
        "state": "failed" if failed else "waiting",
        "candidate": _text(line.cells if isinstance(line, LineProblems) else line),
        "problem": _text(line.problems if isinstance(line, LineProblems) else ()),
        "customer_id": None,
        "before": None,
        "after": None,
    }


async def _take_in(conn: AsyncConnection, import_id: str, row: Any) -> dict[str, Any]:
    """The values a line has after it was written, or after it was refused and left no trace."""
    candidate = msgspec.json.decode(row.candidate, type=Candidate)
    try:
        async with conn.begin_nested():
            return await take_in(conn, import_id, candidate)
    except Refused as refused:
        return {"state": "failed", "problem": _text((refused.problem,))}


async def _next(
    conn: AsyncConnection, import_id: str, states: Sequence[str], at_most: int, *, last_first: bool = False
) -> Sequence[Any]:
    order = import_lines.c.line.desc() if last_first else import_lines.c.line
    query = select(import_lines).where(import_lines.c.import_id == import_id, import_lines.c.state.in_(states))
    return (await conn.execute(query.order_by(order).limit(at_most))).all()


async def _lines(conn: AsyncConnection, import_id: str, state: str, after: int, limit: int) -> list[ImportLine]:
    query = (
        select(import_lines)
        .where(import_lines.c.import_id == import_id, import_lines.c.state == state, import_lines.c.line > after)
        .order_by(import_lines.c.line)
        .limit(limit)
    )
    return [
        ImportLine(
            line=row.line,
            state=row.state,
            cells=_cells(row.candidate),
            problems=msgspec.json.decode(row.problem, type=tuple[Problem, ...]),
            customer_id=row.customer_id,
        )
        for row in await conn.execute(query)
    ]


def _cells(candidate: str) -> tuple[str, ...]:
    """What the line said: the cells of one that could not be read, the profile of one that could not be written."""
    kept = msgspec.json.decode(candidate)
    if isinstance(kept, list):
        return tuple(kept)
    profile = kept["profile"]
    return tuple(text for text in (profile["name"], *profile["numbers"], *profile["emails"]) if text)


async def _existing(conn: AsyncConnection, import_id: str) -> Import:
    job = await get(conn, import_id)
    if job is None:
        raise NoSuchImport(NoSuchImport.__doc__)
    return job


def _job(import_id: str) -> Any:
    return update(customer_imports).where(customer_imports.c.id == import_id)


def _line(import_id: str, line: int) -> Any:
    return update(import_lines).where(import_lines.c.import_id == import_id, import_lines.c.line == line)


def _text(value: Any) -> str:
    return msgspec.json.encode(value).decode()


def _import(row: Any) -> Import:
    mapping = msgspec.json.decode(row.mapping, type=dict[int, Field])
    return Import(**{**row._mapping, "mapping": mapping})
