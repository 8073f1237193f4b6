"""How long agents were busy with a caller lately."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy.ext.asyncio import AsyncEngine

from cxcall.store import calls, handle_times
from tests.store.make import REGION, after, queue_call, write


async def test_the_mean_of_a_queue_is_of_its_answered_calls_that_joined_since_then(engine: AsyncEngine) -> None:
    records = [queue_call(n) for n in range(1, 4)]
    (visit,) = records[0].queue_visits
    records[0] = replace(records[0], queue_visits=(replace(visit, hold=30.0),))  # of the 60 s of talk
    async with engine.begin() as conn:
        await calls.apply(conn, [write(record) for record in records], region=REGION)
        assert await handle_times.means(conn, since=after(-1)) == {("lab", "support"): 60.0}
        assert await handle_times.means(conn, since=after(86_400)) == {}
