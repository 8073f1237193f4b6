"""Why agents pause: what they choose from, for how long each is meant, and whether it counts as work.

A reason is never removed, only switched off: the history of states names it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import msgspec
from sqlalchemy import Row, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.store.agent_tables import pause_reasons
from cxcall.store.errors import Conflict
from cxcall.store.ids import new_id
from cxcall.store.upsert import insert_into

CountsAs = Literal["break", "work"]


class NoSuchPauseReason(Exception):
    """There is no such reason to pause."""


class PauseReasonTaken(Exception):
    """There is a reason with this id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PauseReason:
    """A reason. `id` is what Asterisk is told and what states are kept with; `name` by language; `limit_s` seconds
    after which it is too long, 0: never."""

    id: str
    version: int
    name: Mapping[str, str]
    limit_s: int
    counts_as: CountsAs
    enabled: bool
    n: int


READY_MADE: tuple[tuple[str, dict[str, str], int, CountsAs], ...] = (
    ("lunch", {"en": "Lunch", "fa": "ناهار"}, 45 * 60, "break"),
    ("break", {"en": "Break", "fa": "استراحت"}, 15 * 60, "break"),
    ("meeting", {"en": "Meeting", "fa": "جلسه"}, 60 * 60, "work"),
    ("training", {"en": "Training", "fa": "آموزش"}, 0, "work"),
    ("paperwork", {"en": "Paperwork", "fa": "کارهای دفتری"}, 30 * 60, "work"),
)
"""What a site begins with: id, name, limit, kind."""


async def seed(conn: AsyncConnection) -> int:
    """Put the ready-made reasons where there are none at all; how many were added."""
    if await conn.scalar(select(func.count()).select_from(pause_reasons)):
        return 0
    rows = [
        _row(PauseReason(id=id_, version=1, name=name, limit_s=limit_s, counts_as=kind, enabled=True, n=n))
        for n, (id_, name, limit_s, kind) in enumerate(READY_MADE)
    ]
    await conn.execute(insert_into(conn, pause_reasons).on_conflict_do_nothing(), rows)
    return len(rows)


async def create(
    conn: AsyncConnection,
    *,
    name: Mapping[str, str],
    limit_s: int = 0,
    counts_as: CountsAs = "break",
    reason_id: str = "",
) -> PauseReason:
    """A new reason, the last in the list; an empty `reason_id` is made up. Raises `PauseReasonTaken`."""
    last = await conn.scalar(select(func.max(pause_reasons.c.n)))
    made = PauseReason(
        id=reason_id or new_id(), version=1, name=name, limit_s=limit_s, counts_as=counts_as, enabled=True,
        n=0 if last is None else last + 1,
    )  # fmt: skip
    done = await conn.execute(insert_into(conn, pause_reasons).values(_row(made)).on_conflict_do_nothing())
    if not done.rowcount:
        raise PauseReasonTaken(PauseReasonTaken.__doc__)
    return made


async def get(conn: AsyncConnection, reason_id: str) -> PauseReason | None:
    """A reason by id."""
    row = (await conn.execute(select(pause_reasons).where(pause_reasons.c.id == reason_id))).first()
    return _of_row(row) if row else None


async def everything(conn: AsyncConnection, *, enabled_only: bool = False) -> list[PauseReason]:
    """The reasons in their order."""
    query = select(pause_reasons).order_by(pause_reasons.c.n, pause_reasons.c.id)
    if enabled_only:
        query = query.where(pause_reasons.c.enabled)
    return [_of_row(row) for row in await conn.execute(query)]


async def change(
    conn: AsyncConnection,
    reason_id: str,
    *,
    version: int,
    name: Mapping[str, str] | None = None,
    limit_s: int | None = None,
    counts_as: CountsAs | None = None,
    enabled: bool | None = None,
) -> PauseReason:
    """Change what is given. Raises `Conflict` (with the reason now), `NoSuchPauseReason`."""
    given = {
        "name": None if name is None else msgspec.json.encode(name).decode(),
        "limit_s": limit_s, "counts_as": counts_as, "enabled": enabled,
    }  # fmt: skip
    values = {key: value for key, value in given.items() if value is not None}
    over = (pause_reasons.c.id == reason_id, pause_reasons.c.version == version)
    query = update(pause_reasons).where(*over).values(version=version + 1, **values).returning(*pause_reasons.c)
    row = (await conn.execute(query)).first()
    if row is not None:
        return _of_row(row)
    current = await get(conn, reason_id)
    raise NoSuchPauseReason(NoSuchPauseReason.__doc__) if current is None else Conflict(current)


async def order(conn: AsyncConnection, ids: Sequence[str]) -> None:
    """Show the reasons in this order; those not named come after them as they were."""
    known = [reason.id for reason in await everything(conn)]
    wanted = [id_ for id_ in dict.fromkeys(ids) if id_ in known]
    for n, id_ in enumerate([*wanted, *(id_ for id_ in known if id_ not in wanted)]):
        await conn.execute(update(pause_reasons).where(pause_reasons.c.id == id_).values(n=n))


def _row(reason: PauseReason) -> dict[str, Any]:
    values = {column.name: getattr(reason, column.name) for column in pause_reasons.c}
    return {**values, "name": msgspec.json.encode(reason.name).decode()}


def _of_row(row: Row[Any]) -> PauseReason:
    return PauseReason(**{**row._mapping, "name": msgspec.json.decode(row.name, type=dict[str, str])})
