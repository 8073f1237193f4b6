"""The longest wait of a slot: the one figure that can't be taken away from, only looked for again.

That is needed when the call that had it is corrected or merged away, which is rare: the quarter of an hour is looked
for in its calls, longer slots in the slots they consist of.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta, tzinfo
from typing import NamedTuple

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.reports.facts import Contributions
from cxcall.reports.period import midnight
from cxcall.store.reporting.records import contributed
from cxcall.store.reporting.slots import DAY, HOUR, QUARTER, SECONDS, SIXTEEN
from cxcall.store.reporting.tables import rollup_queues
from cxcall.store.reporting.writing import MOST
from cxcall.store.tables import call_visits

_its = rollup_queues.c


class _Place(NamedTuple):
    server: str
    queue: str


async def correct(
    conn: AsyncConnection,
    before: Mapping[str, Contributions],
    now: Mapping[str, Contributions],
    zone: tzinfo,
    to: Iterable[int],
) -> None:
    """Look again where calls of `before` had the longest wait that none of `now` has; `to`: see `Additions.add`."""
    fresh = _longest(now)
    lost = sorted(key for key, wait in _longest(before).items() if wait > fresh.get(key, 0))
    for slot, server, queue in lost:
        place = _Place(server, queue)
        wait = await _in_calls(conn, slot, place, zone)
        for above in to:
            await _set(conn, QUARTER + above, slot, place, wait)
            await _correct_longer(conn, slot, place, zone, above)


def _longest(found: Mapping[str, Contributions]) -> dict[tuple[int, str, str], float]:
    """By quarter of an hour, server and queue."""
    waits: dict[tuple[int, str, str], float] = {}
    for one in found.values():
        for (slot, server, queue), sums in one.queues.items():
            if MOST in sums:
                waits[slot, server, queue] = max(waits.get((slot, server, queue), 0), sums[MOST])
    return waits


async def _in_calls(conn: AsyncConnection, slot: int, place: _Place, zone: tzinfo) -> int:
    begin = datetime.fromtimestamp(slot * SECONDS, UTC)
    visits = call_visits.c
    ids = await conn.scalars(
        select(visits.call_id).where(
            visits.joined_at.is_not(None),
            visits.joined_at >= begin,
            visits.joined_at < begin + timedelta(seconds=SECONDS),
            visits.queue == place.queue,
            visits.server == place.server,
        )
    )
    waits = _longest(await contributed(conn, set(ids.all()), zone))
    return round(waits.get((slot, *place), 0) * 1_000_000)


async def _correct_longer(conn: AsyncConnection, slot: int, place: _Place, zone: tzinfo, above: int) -> None:
    at = datetime.fromtimestamp(slot * SECONDS, zone)
    day = at.date()
    since, until = midnight(day, zone), midnight(day + timedelta(days=1), zone)
    first, after = (int(edge.timestamp()) // SECONDS for edge in (since, until))
    quarters = await _kept(conn, QUARTER + above, first, after - 1, place)
    hours = {other: datetime.fromtimestamp(other * SECONDS, zone).hour for other in quarters}
    same_hour = [wait for other, wait in quarters.items() if hours[other] == at.hour]
    ordinal = day.toordinal()
    await _set(conn, HOUR + above, ordinal * 24 + at.hour, place, max(same_hour, default=0))
    await _set(conn, DAY + above, ordinal, place, max(quarters.values(), default=0))
    days = await _kept(conn, DAY + above, ordinal // 16 * 16, ordinal // 16 * 16 + 15, place)
    await _set(conn, SIXTEEN + above, ordinal // 16, place, max(days.values(), default=0))


async def _kept(conn: AsyncConnection, grain: int, first: int, last: int, place: _Place) -> dict[int, int]:
    its = (_its.grain == grain, _its.slot.between(first, last), _its.server == place.server, _its.queue == place.queue)
    rows = await conn.execute(select(_its.slot, func.max(_its.wait_max)).where(*its).group_by(_its.slot))
    return {slot: int(wait) for slot, wait in rows}


async def _set(conn: AsyncConnection, grain: int, slot: int, place: _Place, wait: int) -> None:
    its = (_its.grain == grain, _its.slot == slot, _its.server == place.server, _its.queue == place.queue)
    await conn.execute(update(rollup_queues).where(*its).values(wait_max=wait))
