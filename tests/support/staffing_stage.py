"""Ten weeks of calls of one queue, a roster, and what two agents did: what pages of staffing are made of."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from cxcall.queues.definition import MemberChoice, QueueDefinition, Targets
from cxcall.staffing.shift import Activity, Shift, moments
from cxcall.store import queue_servers, queues, rosters, users
from cxcall.store.agent_tables import agent_states
from cxcall.store.ids import new_id
from cxcall.store.reporting.tables import rollup_agents, rollup_queues

SERVER, QUEUE = "lab", "support"
WEEKS = 10
HANDLE_S = 240
WAIT_US = 25_000_000
ZONE = ZoneInfo("Asia/Tehran")


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """`day`: yesterday, a day of the roster with what was done; `next`: a day to come."""

    sara: str
    reza: str
    day: date
    next: date


async def staged(engine: AsyncEngine, now: datetime, *, roster: bool = True) -> Stage:
    """Fill a database in which nobody called yet; Thursday and Friday are quiet."""
    today = now.astimezone(ZONE).date()
    async with engine.begin() as conn:
        await _history(conn, today)
        people = [
            await users.create(conn, name=name, role="agent", password_hash="!", display_name=shown,
                               extensions=(f"PJSIP/{phone}",))
            for name, shown, phone in (("mina", "Mina Kiani", 1011), ("reza", "رضا کریمی", 1012))
        ]  # fmt: skip
        mina, reza = (one.id for one in people)
        members = tuple(MemberChoice(kind="agent", value=one) for one in (mina, reza))
        definition = QueueDefinition(
            name=QUEUE, title={"en": "Support", "fa": "پشتیبانی"}, members=members, targets=Targets(answer_within=15)
        )
        await queue_servers.save(conn, SERVER, mode="managed", by="leila", now=now)
        await queues.create(conn, SERVER, definition, by="leila", now=now)
        await queues.applied(conn, SERVER, [definition], by="leila", now=now)
        day = today - timedelta(days=1)
        if roster:
            shifts = [
                one for n in range(-1, 8) for agent in (mina, reza) for one in day_of(agent, today + timedelta(days=n))
            ]
            await rosters.merge(conn, shifts, by="leila", now=now, file="week.csv")
            await _states(conn, mina, "PJSIP/1011", day, late=12, lunch=45)
            await _states(conn, reza, "PJSIP/1012", day, late=0, lunch=30)
    return Stage(sara=mina, reza=reza, day=day, next=today + timedelta(days=1))


def day_of(agent: str, day: date) -> list[Shift]:
    return [
        shift(agent, day, time(8), time(16)),
        shift(agent, day, time(12), time(12, 30), "lunch"),
    ]


def shift(agent: str, day: date, since: time, until: time, activity: Activity = "work") -> Shift:
    begin, end = moments(day, since, until, ZONE)
    return Shift(agent=agent, since=begin, until=end, activity=activity)


def calls_in(day: date, hour: float) -> int:
    """A day from 8 to 17 with two peaks; more on Saturdays."""
    if day.weekday() in (3, 4) or not 8 <= hour < 17:
        return 0
    shape = 4 + 8 * math.exp(-((hour - 10.5) ** 2)) + 5 * math.exp(-((hour - 15) ** 2))
    return round(shape * (1.4 if day.weekday() == 5 else 1.0)) + (day.toordinal() * 7 + int(hour * 4)) % 3 - 1


async def _history(conn: AsyncConnection, today: date) -> None:
    visits: list[dict[str, Any]] = []
    parts: list[dict[str, Any]] = []
    zero = {column.name: 0 for table in (rollup_queues, rollup_agents) for column in table.c if not column.primary_key}
    for n in range(1, WEEKS * 7 + 1):
        day = today - timedelta(days=n)
        for quarter in range(96):
            offered = calls_in(day, quarter / 4)
            if not offered:
                continue
            at = datetime.combine(day, time(quarter // 4, quarter % 4 * 15), ZONE)
            key = {"grain": 0, "slot": int(at.timestamp()) // 900, "server": SERVER, "queue": QUEUE}
            gone = 1 if quarter % 4 == 0 else 0
            counts = {
                "offered": offered,
                "answered": offered - gone,
                "abandoned": gone,
                "wait_all": offered * 25_000_000,
            }
            visits.append({column.name: {**zero, **key, **counts}[column.name] for column in rollup_queues.c})
            handled = {
                "handled": offered - gone,
                "talk": (offered - gone) * HANDLE_S * 1_000_000,
                "agent": "Mina Kiani",
            }
            parts.append({column.name: {**zero, **key, **handled}[column.name] for column in rollup_agents.c})
    await conn.execute(rollup_queues.insert(), visits)
    await conn.execute(rollup_agents.insert(), parts)


async def _states(conn: AsyncConnection, user: str, phone: str, day: date, *, late: int, lunch: int) -> None:
    """Late by so many minutes, so long at lunch, then at work until the end; the night before at home."""

    def at(hours: int, minutes: int = 0) -> datetime:
        return datetime.combine(day, time(), ZONE) + timedelta(hours=hours, minutes=minutes)

    spells = [
        ("offline", "", at(0), at(8, late)), ("ready", "", at(8, late), at(10)), ("on_call", "", at(10), at(12)),
        ("paused", "lunch", at(12), at(12, lunch)), ("ready", "", at(12, lunch), at(16)),
        ("offline", "", at(16), at(24)),
    ]  # fmt: skip
    rows = [
        {"id": new_id(), "server": SERVER, "interface": phone, "user_id": user, "name": phone, "state": state,
         "reason": reason, "queues": "[]", "since": since, "until": until}
        for state, reason, since, until in spells
    ]  # fmt: skip
    await conn.execute(agent_states.insert(), rows)
