"""Two profiles of one person made one, and that taken back when it was a mistake."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import msgspec
from sqlalchemy import ColumnElement, Table, exists, select, true, update
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.customers.merge import merged, unmerged
from cxcall.customers.profile import Profile
from cxcall.store.call_back_tables import call_backs
from cxcall.store.customers import Customer, NoSuchCustomer, change, get
from cxcall.store.ids import new_id
from cxcall.store.speech_tables import transcripts
from cxcall.store.survey_tables import survey_calls, survey_responses
from cxcall.store.tables import calls, customer_merges, customer_notes, customers


class CannotMerge(Exception):
    """These two can't be made one; the text says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Merge:
    """A merge that was done: `gone` became part of `kept`."""

    id: str
    kept: str
    gone: str
    by: str
    merged_at: datetime
    undone_at: datetime | None


class Moved(msgspec.Struct, frozen=True, kw_only=True):
    """What is needed to take a merge back: both profiles before it, and the ids of all that moved."""

    kept_before: Profile
    gone_before: Profile
    kept_after: Profile
    calls: tuple[str, ...]
    notes: tuple[str, ...]
    responses: tuple[str, ...] = ()
    survey_calls: tuple[str, ...] = ()
    transcripts: tuple[str, ...] = ()
    call_backs: tuple[str, ...] = ()


async def merge(conn: AsyncConnection, kept_id: str, gone_id: str, *, by: str) -> Merge:
    """Make `gone` part of `kept`: what belongs to it moves, gaps of the profile are filled, links still work.

    `by` is a login name. Raises `CannotMerge` for a customer and itself, `NoSuchCustomer`.
    """
    kept, gone = await _existing(conn, kept_id), await _existing(conn, gone_id)
    if kept.id == gone.id:
        msg = "These are one customer already."
        raise CannotMerge(msg)
    now = datetime.now(UTC)
    joined = merged(kept.profile, gone.profile)
    moved = Moved(
        kept_before=kept.profile,
        gone_before=gone.profile,
        kept_after=joined,
        calls=await _move(conn, calls, gone.id, kept.id),
        notes=await _move(conn, customer_notes, gone.id, kept.id),
        responses=await _move(conn, survey_responses, gone.id, kept.id),
        survey_calls=await _move(conn, survey_calls, gone.id, kept.id),
        transcripts=await _move(conn, transcripts, gone.id, kept.id),
        call_backs=await _move_call_backs(conn, gone.id, kept.id),
    )
    await change(conn, gone.id, Profile(name=gone.profile.name))
    await conn.execute(update(customers).where(customers.c.id == gone.id).values(merged_into=kept.id))
    await change(conn, kept.id, joined)
    done = Merge(id=new_id(), kept=kept.id, gone=gone.id, by=by, merged_at=now, undone_at=None)
    await conn.execute(
        customer_merges.insert().values(
            id=done.id, kept=done.kept, gone=done.gone, by=by, merged_at=now, undone_at=None,
            moved=msgspec.json.encode(moved).decode(),
        )
    )  # fmt: skip
    return done


async def of_customer(conn: AsyncConnection, customer_id: str) -> list[Merge]:
    """Merges into a customer that can still be taken back, newest first."""
    columns = [column for column in customer_merges.c if column.name != "moved"]
    query = (
        select(*columns)
        .where(customer_merges.c.kept == customer_id, customer_merges.c.undone_at.is_(None))
        .order_by(customer_merges.c.merged_at.desc())
    )
    return [Merge(**row._mapping) for row in await conn.execute(query)]


async def undo_merge(conn: AsyncConnection, merge_id: str) -> tuple[Customer, Customer, tuple[str, ...]]:
    """Take a merge back: each has its numbers, calls, notes and surveys again, later calls go by their number.

    Returns both customers, and the fields of the kept one that people changed since and that stay as they are.
    Raises `CannotMerge` when it was taken back before, or the kept one was itself merged since.
    """
    row = (
        await conn.execute(select(customer_merges).where(customer_merges.c.id == merge_id).with_for_update())
    ).first()
    if row is None or row.undone_at is not None:
        msg = "This merge was taken back already."
        raise CannotMerge(msg)
    kept = await _existing(conn, row.kept)
    if kept.id != row.kept:
        msg = "This customer was merged into another one since. Take that back first."
        raise CannotMerge(msg)
    moved = msgspec.json.decode(row.moved, type=Moved)
    back, stays = unmerged(kept.profile, moved.kept_before, moved.kept_after)
    # A number taken from the customer since is free or another's by now: only those still here go back.
    theirs = tuple(n for n in moved.gone_before.numbers if n in kept.profile.numbers and n not in back.numbers)
    kept = await change(conn, row.kept, back)
    await conn.execute(update(customers).where(customers.c.id == row.gone).values(merged_into=None))
    gone = await change(conn, row.gone, replace(moved.gone_before, numbers=theirs))
    await _give_back(conn, moved, row.kept, row.gone, theirs)
    await conn.execute(
        update(customer_merges).where(customer_merges.c.id == merge_id).values(undone_at=datetime.now(UTC))
    )
    return kept, gone, stays


async def _existing(conn: AsyncConnection, customer_id: str) -> Customer:
    customer = await get(conn, customer_id)
    if customer is None:
        raise NoSuchCustomer(NoSuchCustomer.__doc__)
    return customer


async def _move(
    conn: AsyncConnection, table: Table, from_id: str, to_id: str, *only: ColumnElement[bool]
) -> tuple[str, ...]:
    theirs = (table.c.customer_id == from_id, *only)
    moving = (await conn.scalars(select(table.c.id).where(*theirs))).all()
    await conn.execute(update(table).where(*theirs).values(customer_id=to_id))
    return tuple(moving)


async def _move_call_backs(conn: AsyncConnection, from_id: str, to_id: str) -> tuple[str, ...]:
    """Both may wait to be rung back, a customer only once: then the second one goes on under its old id."""
    open_ = call_backs.c.ended_at.is_(None)
    waits = await conn.scalar(select(exists().where(call_backs.c.customer_id == to_id, open_)))
    return await _move(conn, call_backs, from_id, to_id, *([~open_] if waits else []))


async def _give_back(conn: AsyncConnection, moved: Moved, kept_id: str, gone_id: str, numbers: Sequence[str]) -> None:
    """What moved and is still there goes back, and what came since by one of the numbers."""
    for column, ids in (
        (calls.c.party_number, moved.calls),
        (survey_responses.c.number, moved.responses),
        (survey_calls.c.number, moved.survey_calls),
        (transcripts.c.number, moved.transcripts),
    ):
        at_kept = column.table.c.customer_id == kept_id
        await _give_back_these(conn, column.table, ids, gone_id, at_kept)
        await conn.execute(update(column.table).where(at_kept, column.in_(numbers)).values(customer_id=gone_id))
    await _give_back_these(conn, customer_notes, moved.notes, gone_id, true())
    # Not those asked for since: one that waits may stand in the way of another that waits.
    await _give_back_these(conn, call_backs, moved.call_backs, gone_id, call_backs.c.customer_id == kept_id)


async def _give_back_these(
    conn: AsyncConnection, table: Table, ids: Sequence[str], gone_id: str, where: ColumnElement[bool]
) -> None:
    for some in _pieces(ids):
        await conn.execute(update(table).where(where, table.c.id.in_(some)).values(customer_id=gone_id))


def _pieces(ids: Sequence[str], at_once: int = 1000) -> list[Sequence[str]]:
    return [ids[begin : begin + at_once] for begin in range(0, len(ids), at_once)]
