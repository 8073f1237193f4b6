"""Writes call records: a batch in one transaction, as often as you like with the same result.

A record is kept whole as JSON; the columns beside it, the legs and the queue visits are what lists and reports read.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Insert, Select, Table, and_, delete, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.calls.record import CallId, CallRecord, Gap, Outcome
from cxcall.reports.facts import Contributions, Counting
from cxcall.store.bulk import BulkWrite, Row, write_together
from cxcall.store.call_filters import CallFilter
from cxcall.store.call_pages import (
    CallPage,
    CallRow,
    CallSummary,
    count,
    for_customer,
    newer_than,
    page,
    rows_in_progress,
    summary,
)
from cxcall.store.call_rows import (
    call_row,
    leg_rows,
    party_number,
    record_from,
    record_text,
    started,
    storable,
    visit_rows,
)
from cxcall.store.first_contact import Contact, forget_strangers, owners, welcome
from cxcall.store.merged_calls import merge_away, survivors
from cxcall.store.reporting import due, records
from cxcall.store.tables import call_aliases, call_legs, call_records, call_visits, calls
from cxcall.store.upsert import insert_into

__all__ = [
    "AppliedCall",
    "CallFilter",
    "CallPage",
    "CallRow",
    "CallSummary",
    "CallWrite",
    "apply",
    "count",
    "end_forgotten",
    "for_customer",
    "get",
    "in_progress",
    "newer_than",
    "page",
    "revision_of",
    "rows_in_progress",
    "summary",
]

COUNTED_BY_UTC = Counting()
"""For who knows no site: its days are those of UTC, queues have the usual targets."""

_AT_ONCE = 500
"""Calls a statement: PostgreSQL and SQLite both take some 32,000 values, a leg row has 18."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallWrite:
    """The newest record of a call, its revision, and the calls that turned out to be part of it."""

    record: CallRecord
    revision: int
    merged: tuple[CallId, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AppliedCall:
    """A record that was written, tied to its customer; `new_customer` when this call made the profile."""

    record: CallRecord
    revision: int
    new_customer: bool


@dataclass(frozen=True, slots=True)
class _Stored:
    revision: int
    ended: bool
    party: str | None
    customer_id: str | None
    legs: int
    visits: int


async def apply(
    conn: AsyncConnection, batch: Sequence[CallWrite], *, region: str, counting: Counting = COUNTED_BY_UTC
) -> list[AppliedCall]:
    """Write a batch; returns what was new, in the order given.

    A revision that is not higher than the one stored changes nothing, nor does a record in progress of a call
    that has ended. Merged calls become other names of the call they belong to. The person outside is found by
    number or gets a profile (`region`: country of numbers written without one). That ended calls are to be counted in
    reports is noted with them (`counting`: by which zone and targets).
    """
    applied: list[AppliedCall] = []
    for begin in range(0, len(batch), _AT_ONCE):
        applied += await _apply(conn, batch[begin : begin + _AT_ONCE], region, counting)
    return applied


async def get(conn: AsyncConnection, call_id: str) -> CallRecord | None:
    """The record of a call, also by the id of a call that was merged into it."""
    row = (await conn.execute(_by_id(call_id))).first()
    if row is None:
        alias = select(call_aliases.c.call_id).where(call_aliases.c.alias == call_id).scalar_subquery()
        row = (await conn.execute(_by_id(alias))).first()
    return record_from(row.record, row.customer_id) if row else None


async def revision_of(conn: AsyncConnection, call_id: str) -> int | None:
    """The revision stored of a call, None when there is no such call."""
    revision: int | None = await conn.scalar(select(calls.c.revision).where(calls.c.id == call_id))
    return revision


async def in_progress(conn: AsyncConnection, server: str | None = None) -> list[CallRecord]:
    """Every call that has not ended, oldest first; of one server or of all."""
    query = (
        _records()
        .where(calls.c.ended_at.is_(None), *((calls.c.server == server,) if server else ()))
        .order_by(calls.c.started_at, calls.c.id)
    )
    return [record_from(row.record, row.customer_id) for row in await conn.execute(query)]


async def end_forgotten(
    conn: AsyncConnection,
    server: str,
    still_up: Collection[str],
    at: datetime,
    *,
    region: str,
    counting: Counting = COUNTED_BY_UTC,
) -> list[AppliedCall]:
    """End the calls of `server` that the switch no longer knows: their end was not seen, so it is a gap up to `at`.

    For the start after a resync, when neither the tracker nor the journal can tell how they ended.
    """
    lost = [record for record in await in_progress(conn, server) if record.id not in still_up]
    writes = [
        CallWrite(record=_ended_unseen(record, at), revision=(await revision_of(conn, record.id) or 0) + 1)
        for record in lost
    ]
    return await apply(conn, writes, region=region, counting=counting)


async def _apply(
    conn: AsyncConnection, batch: Sequence[CallWrite], region: str, counting: Counting
) -> list[AppliedCall]:
    newest = _newest(batch)
    stored = await _stored(conn, newest)
    merged_away, counted = await _merge(conn, batch, stored, counting)
    news = (write for id_, write in newest.items() if id_ not in merged_away and _is_news(write, stored.get(id_)))
    changed = [_Changed.of(write, region) for write in news]
    corrected = [call.record.id for call in changed if call.record.id in stored and stored[call.record.id].ended]
    if corrected:
        counted |= await records.contributed(conn, corrected, counting.zone)
    await _find_customers(conn, changed, stored)
    notes = due.noted(before=counted, now=(call.record for call in changed))
    await _write(conn, changed, stored, counting, notes)
    await forget_strangers(conn, _left(changed, stored))
    return [
        AppliedCall(record=call.record_with_customer(), revision=call.revision, new_customer=call.new_customer)
        for call in changed
    ]


async def _merge(
    conn: AsyncConnection, batch: Sequence[CallWrite], stored: Mapping[str, _Stored], counting: Counting
) -> tuple[Collection[str], dict[str, Contributions]]:
    """Carry out the merges of a batch; the ids that are only names of other calls, and what those had added."""
    merges: dict[str, str] = {merged: write.record.id for write in batch for merged in write.merged}
    # A call that has a row of its own is no name of another one.
    unknown = [*(write.record.id for write in batch if write.record.id not in stored), *merges]
    aliases = await survivors(conn, unknown) if unknown else {}
    if not merges:
        return aliases, {}
    counted = await records.contributed(conn, merges, counting.zone)
    gone = await merge_away(conn, merges, aliases)
    return aliases | gone, {id_: found for id_, found in counted.items() if id_ in gone}


@dataclass(slots=True)
class _Changed:
    """A call on its way into the tables."""

    record: CallRecord
    revision: int
    party: str | None
    customer_id: str | None = None
    new_customer: bool = False

    @classmethod
    def of(cls, write: CallWrite, region: str) -> _Changed:
        record = storable(write.record)
        return cls(record=record, revision=write.revision, party=party_number(record, region))

    def contact(self, now: datetime) -> Contact | None:
        """Whom to make a profile for; a call whose direction nobody could tell makes none."""
        if self.party is None or self.record.direction == "unknown":
            return None
        name = self.record.caller.name if self.record.direction == "inbound" else None
        return Contact(number=self.party, name=name, at=started(self.record, now))

    def record_with_customer(self) -> CallRecord:
        return dataclasses.replace(
            self.record, caller=dataclasses.replace(self.record.caller, customer_id=self.customer_id)
        )


def _newest(writes: Iterable[CallWrite]) -> dict[str, CallWrite]:
    """One write a call, the one of the highest revision, in order of first mention."""
    newest: dict[str, CallWrite] = {}
    for write in writes:
        known = newest.get(write.record.id)
        if known is None or write.revision > known.revision:
            newest[write.record.id] = write
    return newest


async def _stored(conn: AsyncConnection, ids: Iterable[str]) -> dict[str, _Stored]:
    table = calls.c
    rows = await conn.execute(
        select(
            table.id, table.revision, table.ended_at, table.party_number, table.customer_id, table.legs, table.visits
        )
        .where(table.id.in_(sorted(ids)))
        .order_by(table.id)
        .with_for_update()
    )
    return {id_: _Stored(revision, ended is not None, *rest) for id_, revision, ended, *rest in rows}


def _is_news(write: CallWrite, stored: _Stored | None) -> bool:
    if stored is None:
        return True
    return write.revision > stored.revision and not (stored.ended and write.record.ended_at is None)


async def _find_customers(conn: AsyncConnection, changed: Sequence[_Changed], stored: Mapping[str, _Stored]) -> None:
    for call in changed:
        before = stored.get(call.record.id)
        if before is not None and before.party == call.party:
            call.customer_id = before.customer_id
    open_ = [call for call in changed if call.party and call.customer_id is None]
    known = await owners(conn, (call.party for call in open_ if call.party))
    now = datetime.now(UTC)
    strangers: dict[str, Contact] = {}
    for call in open_:
        contact = call.contact(now)
        if contact is not None and contact.number not in known and contact.number not in strangers:
            strangers[contact.number] = contact
            call.new_customer = True
    made = await welcome(conn, list(strangers.values()))
    if len(made) < len(strangers):
        known |= await owners(conn, strangers)
    for call in open_:
        if call.party:
            call.customer_id = made.get(call.party) or known.get(call.party)
            call.new_customer = call.new_customer and call.party in made


async def _write(
    conn: AsyncConnection,
    changed: Sequence[_Changed],
    stored: Mapping[str, _Stored],
    counting: Counting,
    notes: list[Row],
) -> None:
    now = datetime.now(UTC)
    in_order = sorted(changed, key=lambda call: call.record.id)
    writes: list[tuple[BulkWrite, list[Row]]] = [
        (_write_calls, [call_row(call.record, call.revision, call.party, call.customer_id, now) for call in in_order]),
        (_write_records, [{"call_id": call.record.id, "record": record_text(call.record)} for call in in_order]),
        (_write_legs, [row for call in in_order for row in leg_rows(call.record, now)]),
        (_write_visits, [row for call in in_order for row in visit_rows(call.record, now, counting)]),
        (due.write_notes, notes),
    ]
    await write_together(conn, writes)
    for call in in_order:
        before = stored.get(call.record.id)
        if before is not None:
            await _cut(conn, call_legs, call.record.id, before.legs, len(call.record.legs))
            await _cut(conn, call_visits, call.record.id, before.visits, len(call.record.queue_visits))


async def _cut(conn: AsyncConnection, table: Table, call_id: str, before: int, now: int) -> None:
    """Remove the rows a call has no more; a call hardly ever shrinks."""
    if now < before:
        await conn.execute(delete(table).where(table.c.call_id == call_id, table.c.n >= now))


def _upsert_call(conn: AsyncConnection) -> Insert:
    insert = insert_into(conn, calls)
    new = insert.excluded
    return insert.on_conflict_do_update(
        index_elements=["id"],
        set_={column.name: new[column.name] for column in calls.c if column.name != "id"},
        where=and_(new.revision > calls.c.revision, or_(calls.c.ended_at.is_(None), new.ended_at.is_not(None))),
    )


def _upsert(table: Table, *key: str) -> Callable[[AsyncConnection], Insert]:
    def build(conn: AsyncConnection) -> Insert:
        insert = insert_into(conn, table)
        changed = {column.name: insert.excluded[column.name] for column in table.c if column.name not in key}
        return insert.on_conflict_do_update(index_elements=key, set_=changed)

    return build


_write_calls = BulkWrite(_upsert_call)
_write_records = BulkWrite(_upsert(call_records, "call_id"))
_write_legs = BulkWrite(_upsert(call_legs, "call_id", "n"))
_write_visits = BulkWrite(_upsert(call_visits, "call_id", "n"))


def _left(changed: Iterable[_Changed], stored: Mapping[str, _Stored]) -> set[str]:
    """Customers that lost a call of this batch because its number was corrected."""
    before = ((stored[call.record.id].customer_id, call.customer_id) for call in changed if call.record.id in stored)
    return {old for old, new in before if old is not None and old != new}


def _records() -> Select[Any]:
    return select(call_records.c.record, calls.c.customer_id).join_from(calls, call_records)


def _by_id(call_id: Any) -> Select[Any]:
    return _records().where(calls.c.id == call_id)


def _ended_unseen(record: CallRecord, at: datetime) -> CallRecord:
    gap = Gap(to=at, why="listener down")
    outcome: Outcome = "answered" if record.answered_at else "failed"
    return dataclasses.replace(record, ended_at=at, outcome=outcome, gaps=(*record.gaps, gap))
