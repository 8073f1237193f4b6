"""Counts the calls of a transaction: what they add once they have ended, less what they added before.

A call is counted with the targets its visits were written with, so that what it added can be told at any time from its
rows alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.calls.record import CallRecord
from cxcall.reports.facts import Contributions, Counting
from cxcall.store.reporting import keeping, longest
from cxcall.store.reporting.counted import counted
from cxcall.store.reporting.writing import BOTH, LIVE, Additions


async def count(
    conn: AsyncConnection, *, before: Mapping[str, Contributions], now: Iterable[CallRecord], counting: Counting
) -> None:
    """Add what calls contribute `now` and take away what they contributed `before` this transaction."""
    over = [record for record in now if record.ended_at is not None]
    ended: dict[str, Contributions] = {record.id: counted(record, counting) for record in over}
    if not ended and not before:
        return
    kept = await keeping.shared(conn, str(counting.zone))
    additions = Additions(counting.zone)
    for times, some in ((-1, before), (1, ended)):
        for call_id, found in some.items():
            rebuilt = kept.calls_done is not None and call_id <= kept.calls_done
            additions.add(found, times=times, to=BOTH if rebuilt else LIVE)
    await additions.write(conn)
    if before:
        await longest.correct(conn, before, ended, counting.zone, BOTH if kept.under_way else LIVE)
