"""Whatever the batches: applied twice, in pieces or out of turn, the rows are the same."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from itertools import pairwise
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from cxcall.calls.record import CallId, CallRecord
from cxcall.store import calls
from cxcall.store.calls import CallWrite
from cxcall.store.tables import call_aliases, call_legs, call_visits, customer_numbers, customer_words, customers
from cxcall.store.tables import calls as calls_table
from tests.store.make import REGION, queue_call, ringing

NUMBERS = ["09123456789", "00989123456789", "+982188341190", "anonymous", "1001", "09351112233"]


@st.composite
def histories(draw: st.DrawFn) -> list[CallWrite]:
    """Revisions of up to four calls as a tracker tells them: each grows, ends once, one may join another."""
    writes: list[CallWrite] = []
    for n in range(draw(st.integers(1, 4))):
        number = draw(st.sampled_from(NUMBERS))
        call = queue_call(n, at=n, number=number, direction=draw(st.sampled_from(["inbound", "outbound", "internal"])))
        revisions = draw(st.integers(1, 3))
        for revision in range(1, revisions + 1):
            record: CallRecord = call if revision == revisions and draw(st.booleans()) else ringing(call)
            writes.append(CallWrite(record=replace(record, called=f"{revision}"), revision=revision))
        if n and draw(st.booleans()):
            writes.append(CallWrite(record=queue_call(0), revision=10 + n, merged=(CallId(call.id),)))
    return writes


async def apply_in(conn: AsyncConnection, pieces: list[list[CallWrite]]) -> None:
    for piece in pieces:
        await calls.apply(conn, piece, region=REGION)


async def rows(conn: AsyncConnection) -> dict[str, Any]:
    """All rows, with customers named by their numbers instead of their chance ids."""
    owners = {row.customer_id: row.number for row in await conn.execute(select(customer_numbers))}
    result: dict[str, Any] = {"numbers": sorted(owners.values())}
    for table in (calls_table, call_legs, call_visits, call_aliases):
        found = [dict(row._mapping) for row in await conn.execute(select(table))]
        for row in found:
            if row.get("customer_id"):
                row["customer_id"] = owners[row["customer_id"]]
        result[table.name] = sorted(found, key=str)
    return result


async def clear(conn: AsyncConnection) -> None:
    for table in (call_legs, call_visits, call_aliases, calls_table, customer_words, customer_numbers, customers):
        await conn.execute(delete(table))


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(writes=histories(), cuts=st.lists(st.integers(1, 12), max_size=3))
async def test_applying_twice_or_in_pieces_gives_the_same_rows(
    engine: AsyncEngine, writes: list[CallWrite], cuts: list[int]
) -> None:
    edges = [0, *sorted({cut for cut in cuts if cut < len(writes)}), len(writes)]
    pieces = [writes[begin:end] for begin, end in pairwise(edges)]
    async with asyncio.timeout(30), engine.begin() as conn:
        await apply_in(conn, [writes])
        at_once = await rows(conn)
        await apply_in(conn, [writes])
        twice = await rows(conn)
        await clear(conn)
        await apply_in(conn, pieces)
        in_pieces = await rows(conn)
        await clear(conn)
        await apply_in(conn, [[one] for one in writes])
        await apply_in(conn, pieces)
        one_by_one = await rows(conn)
        await clear(conn)
    assert twice == at_once
    assert in_pieces == at_once
    assert one_by_one == at_once
