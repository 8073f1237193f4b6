"""Plans: of which calls how many are drawn for review, and by which scorecard they are scored."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import msgspec
from sqlalchemy import Row, delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.quality.sampling import Wish
from cxcall.store.errors import Conflict
from cxcall.store.ids import new_id
from cxcall.store.quality import versioned
from cxcall.store.quality.tables import quality_plans
from cxcall.store.upsert import insert_into

Needs = Literal["any", "recording", "transcript"]
_its = quality_plans.c


class Drawn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a plan draws: `random` calls of each agent a week; of all calls of a week the `worst_mood` below 0, the
    `longest` from `long_from` seconds on, the lowest CSAT up to `csat_to`. `queues`, `teams` (ids) and `category` (id)
    empty: all. `double`: the share (0 to 1) that two people score without knowing of each other's answers."""

    name: str
    scorecard_id: str
    queues: tuple[str, ...] = ()
    teams: tuple[str, ...] = ()
    category: str = ""
    needs: Needs = "any"
    random: int = 2
    worst_mood: int = 0
    longest: int = 0
    long_from: float = 600.0
    low_csat: int = 0
    csat_to: float = 2.0
    double: float = 0.0

    @property
    def wish(self) -> Wish:
        """How many of each week, and which."""
        return Wish(
            random=self.random, worst_mood=self.worst_mood, longest=self.longest, long_from=self.long_from,
            low_csat=self.low_csat, csat_to=self.csat_to,
        )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A plan as it is kept; `version` counts its changes. `drawn_until`: of which weeks it has drawn by itself."""

    id: str
    version: int
    drawn: Drawn
    paused: bool
    drawn_until: datetime | None
    updated_at: datetime
    updated_by: str


class NoSuchPlan(Exception):
    """There is no such plan (any more)."""


_drawn = msgspec.json.Decoder(Drawn)


async def create(conn: AsyncConnection, drawn: Drawn, *, by: str, now: datetime, plan_id: str = "") -> Plan:
    """A new plan; with `plan_id` one that was deleted, again."""
    row = {"id": plan_id or new_id(), "version": 1, "body": _json(drawn), "paused": False, "updated_at": now,
           "updated_by": by}  # fmt: skip
    return _of_row((await conn.execute(quality_plans.insert().values(row).returning(*_its))).one())


async def get(conn: AsyncConnection, plan_id: str) -> Plan | None:
    """A plan by id."""
    row = (await conn.execute(select(quality_plans).where(_its.id == plan_id))).first()
    return _of_row(row) if row else None


async def everything(conn: AsyncConnection) -> list[Plan]:
    """All plans, the last changed first."""
    rows = await conn.execute(select(quality_plans).order_by(_its.updated_at.desc(), _its.id))
    return [_of_row(row) for row in rows]


async def save(conn: AsyncConnection, plan_id: str, drawn: Drawn, *, version: int, by: str, now: datetime) -> Plan:
    """Raises `Conflict` (with the plan now), `NoSuchPlan`."""
    return await _change(conn, plan_id, {"body": _json(drawn)}, version=version, by=by, now=now)


async def pause(conn: AsyncConnection, plan_id: str, paused: bool, *, version: int, by: str, now: datetime) -> Plan:
    """Draw no more, or again. Raises `Conflict`, `NoSuchPlan`."""
    return await _change(conn, plan_id, {"paused": paused}, version=version, by=by, now=now)


async def drew(conn: AsyncConnection, plan_id: str, until: datetime) -> None:
    """Note up to which calls a plan has drawn by itself; that is no change of it, and nothing if it is gone."""
    await conn.execute(update(quality_plans).where(_its.id == plan_id).values(drawn_until=until))


async def remove(conn: AsyncConnection, plan_id: str, *, version: int) -> None:
    """Delete a plan; what it drew stays. Raises `Conflict`, `NoSuchPlan`."""
    gone = await conn.execute(delete(quality_plans).where(_its.id == plan_id, _its.version == version))
    if not gone.rowcount:
        raise await _refused(conn, plan_id)


async def put_back(conn: AsyncConnection, plan: Plan) -> None:
    """A plan that was removed, as it was, under its id; nothing if it is there."""
    row = {
        "id": plan.id, "version": plan.version, "body": _json(plan.drawn), "paused": plan.paused,
        "drawn_until": plan.drawn_until, "updated_at": plan.updated_at, "updated_by": plan.updated_by,
    }  # fmt: skip
    await conn.execute(insert_into(conn, quality_plans).values(row).on_conflict_do_nothing())


async def _change(
    conn: AsyncConnection, plan_id: str, values: dict[str, Any], *, version: int, by: str, now: datetime
) -> Plan:
    row = await versioned.change(conn, quality_plans, plan_id, values, version=version, by=by, now=now)
    if row is None:
        raise await _refused(conn, plan_id)
    return _of_row(row)


async def _refused(conn: AsyncConnection, plan_id: str) -> Exception:
    current = await get(conn, plan_id)
    return NoSuchPlan(NoSuchPlan.__doc__) if current is None else Conflict(current)


def _json(drawn: Drawn) -> str:
    return msgspec.json.encode(drawn).decode()


def _of_row(row: Row[Any]) -> Plan:
    return Plan(
        id=row.id, version=row.version, drawn=_drawn.decode(row.body), paused=row.paused,
        drawn_until=row.drawn_until, updated_at=row.updated_at, updated_by=row.updated_by,
    )  # fmt: skip
