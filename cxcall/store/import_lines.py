"""One line of an import: whose it is, how it is written, how that is taken back."""

from __future__ import annotations

from typing import Any, Literal

import msgspec
from sqlalchemy import delete, exists, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.customers.merge import completed, unmerged
from cxcall.customers.profile import Problem, Profile
from cxcall.customers.table_import import Candidate
from cxcall.store import customer_notes
from cxcall.store.customers import Customer, NumberTaken, change, create, get, many
from cxcall.store.first_contact import Contact, owners, real_name
from cxcall.store.tables import calls, customer_emails, customers
from cxcall.store.tables import customer_notes as notes_table

Action = Literal["created", "updated", "unchanged"]


class Refused(Exception):
    """A line that can't be written; `problem` says why."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(str(problem))
        self.problem = problem


class Was(msgspec.Struct, frozen=True, kw_only=True):
    """A profile at one moment; `note_id` of the note the line added."""

    profile: Profile
    version: int
    note_id: str | None = None


async def foresee(conn: AsyncConnection, candidate: Candidate) -> tuple[Action, Customer | None]:
    """What a line would do, and to whom; raises `Refused`. For previews: nothing is written."""
    known = await _whose(conn, candidate.profile)
    if known is None:
        return "created", None
    same = completed(known.profile, candidate.profile) == known.profile and not candidate.note
    return ("unchanged" if same else "updated"), known


async def take_in(conn: AsyncConnection, import_id: str, candidate: Candidate) -> dict[str, Any]:
    """Write a line; returns what is kept of it. Raises `Refused`: then the caller rolls back what was begun."""
    action, known = await foresee(conn, candidate)
    if action == "unchanged":
        return {"state": action, "customer_id": known.id if known else None}
    try:
        now = await _written(conn, known, candidate.profile)
    except NumberTaken as taken:
        raise Refused(_taken(taken.number)) from None
    note = await customer_notes.add(conn, now.id, f"import:{import_id}", candidate.note) if candidate.note else None
    before = Was(profile=known.profile, version=known.version) if known else None
    after = Was(profile=now.profile, version=now.version, note_id=note.id if note else None)
    return {
        "state": action,
        "customer_id": now.id,
        "before": msgspec.json.encode(before).decode() if before else None,
        "after": msgspec.json.encode(after).decode(),
    }


async def take_back(conn: AsyncConnection, row: Any) -> tuple[Problem, ...]:
    """Undo a line (a row of `import_lines`); returns what stays as it is because people changed it since."""
    after = msgspec.json.decode(row.after, type=Was)
    now = await get(conn, row.customer_id)
    if now is None:
        return ()
    if now.id != row.customer_id:
        return (Problem(field="name", sentence="Merged into another customer since: stays."),)
    if after.note_id:
        await conn.execute(delete(notes_table).where(notes_table.c.id == after.note_id))
    if row.before is None:
        return await _take_back_new(conn, now, after)
    before = msgspec.json.decode(row.before, type=Was)
    profile, stays = unmerged(now.profile, before.profile, after.profile)
    restored = await change(conn, now.id, profile)
    if now.version == after.version and restored.profile == before.profile:
        # Nobody touched it: it is a first contact again if it was one.
        await conn.execute(update(customers).where(customers.c.id == now.id).values(version=before.version))
    return tuple(
        Problem(field=field, sentence="Changed since: stays.", value=str(getattr(now.profile, field) or ""))
        for field in stays
    )


async def _take_back_new(conn: AsyncConnection, now: Customer, after: Was) -> tuple[Problem, ...]:
    if now.version != after.version:
        return (Problem(field="name", sentence="Changed since: stays.", value=now.profile.name),)
    noted = await conn.scalar(select(exists().where(notes_table.c.customer_id == now.id)))
    if noted:
        return (Problem(field="name", sentence="Has notes since: stays.", value=now.profile.name),)
    first = (
        await conn.execute(
            select(calls.c.started_at, calls.c.caller_name, calls.c.direction)
            .where(calls.c.customer_id == now.id)
            .order_by(calls.c.started_at, calls.c.id)
            .limit(1)
        )
    ).first()
    if first is None:
        await conn.execute(delete(customers).where(customers.c.id == now.id))
        return ()
    await _as_first_contact(conn, now, first)
    return ()


async def _as_first_contact(conn: AsyncConnection, now: Customer, first: Any) -> None:
    """Called since: without the import they would be a first contact with these numbers."""
    named = first.caller_name if first.direction == "inbound" else None
    name = real_name(Contact(number="", name=named, at=first.started_at))
    await change(conn, now.id, Profile(name=name, numbers=now.profile.numbers))
    await conn.execute(
        update(customers)
        .where(customers.c.id == now.id)
        .values(origin="call", version=1, first_contact_at=first.started_at)
    )


async def _whose(conn: AsyncConnection, profile: Profile) -> Customer | None:
    """Who has one of the numbers, else the only one who has one of the e-mail addresses."""
    by_number = await owners(conn, profile.numbers)
    found = await many(conn, set(by_number.values()))
    if len(found) > 1:
        names = sorted(customer.profile.name or customer.profile.numbers[0] for customer in found.values())
        sentence = "These numbers belong to different customers: {value}."
        raise Refused(Problem(field="numbers", sentence=sentence, value=", ".join(names)))
    if found:
        return next(iter(found.values()))
    if not profile.emails:
        return None
    ids = (
        await conn.scalars(
            select(customer_emails.c.customer_id).distinct().where(customer_emails.c.email.in_(profile.emails)).limit(2)
        )
    ).all()
    return await get(conn, ids[0]) if len(ids) == 1 else None


async def _written(conn: AsyncConnection, known: Customer | None, profile: Profile) -> Customer:
    if known is None:
        return await create(conn, profile, origin="import")
    return await change(conn, known.id, completed(known.profile, profile))


def _taken(number: str) -> Problem:
    return Problem(field="numbers", sentence="{value} belongs to another customer.", value=number)
