"""A database of the size at which a missing index shows: 20,000 calls with 4,000 customers over 60 days."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncEngine

from cxcall.calls.record import CallRecord
from cxcall.store import calls
from cxcall.store.schema import metadata
from tests.store.make import REGION, queue_call, ringing, write

CALLS = 20_000
NAMES = ("مریم حسینی", "Reza Mohammadi", "شیرین نظری", "Arash Company", "زهرا ابراهیمی")


def call(n: int) -> CallRecord:
    """The n-th call: agents, queues, directions and outcomes in steady shares, some of them rare."""
    number = f"0912{(n * 7919) % 4000:07d}"
    record = queue_call(n, at=n * 250, number=number, name=NAMES[n % 5])
    agent, device = f"Agent {n % 40}", f"PJSIP/{1001 + n % 40}"
    rare = n % 1000 == 0
    sara = replace(record.legs[2], agent=agent, channel=f"{device}-{n:08x}")
    visits = tuple(replace(v, queue="rare" if rare else f"queue {n % 6}", agent=agent) for v in record.queue_visits)
    record = replace(record, legs=(*record.legs[:2], sara), queue_visits=visits)
    if rare:
        record = replace(record, direction="outbound", outcome="congestion", called=number)
    return ringing(record) if n > CALLS - 10 else record


async def fill(engine: AsyncEngine) -> None:
    """Write all calls and let the database count them."""
    for begin in range(0, CALLS, 500):
        async with engine.begin() as conn:
            await calls.apply(conn, [write(call(n)) for n in range(begin, begin + 500)], region=REGION)
    await count(engine)


async def copy(source: AsyncEngine, target: AsyncEngine) -> None:
    """Write every row of `source` into the empty tables of `target`, a PostgreSQL: quicker than making them again."""
    async with source.connect() as there, target.begin() as here:
        driver = (await here.get_raw_connection()).driver_connection
        assert driver is not None
        for table in metadata.sorted_tables:
            rows = (await there.execute(select(table))).all()
            if not rows:
                continue
            as_sent = [column.type.dialect_impl(target.dialect).bind_processor(target.dialect) for column in table.c]
            records = [tuple(send(v) if send else v for send, v in zip(as_sent, row, strict=True)) for row in rows]
            await driver.copy_records_to_table(table.name, records=records, columns=list(table.c.keys()))
    await count(target)


async def count(engine: AsyncEngine) -> None:
    """Let the database look at how much there is."""
    async with engine.connect() as conn:
        await conn.execute(text("ANALYZE"))
        await conn.commit()
