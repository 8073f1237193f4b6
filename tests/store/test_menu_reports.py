"""Calls by what callers chose in menus: told from what they said, adding up to all calls, opening as many as told."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from cxcall.calls.record import CallRecord
from cxcall.reports.definition import Narrowing
from cxcall.reports.ready_made import READY_MADE
from cxcall.store import reasons
from cxcall.store.reasons import Reason
from cxcall.store.reporting import behind, menus, reading
from cxcall.store.reporting.run import run
from tests.store.plans import plans_of, reads_all_of
from tests.store.report_day import DAY_SPAN, NOW, SITE, ZONE, fill, the_day

REPORT = READY_MADE["menu"]


async def say(conn: AsyncConnection, call: CallRecord, intent: str, *, n: int, at: datetime | None = None) -> None:
    moment = at or (call.started_at or NOW) + timedelta(seconds=n)
    await reasons.put(conn, Reason(id=f"token-{n}", at=moment, call_id=call.id, intent=intent, how="keyed"))


async def asked(engine: AsyncEngine) -> list[CallRecord]:
    """Of six calls two wanted sales (one said another thing before), one was not understood, three were not asked."""
    day = the_day()
    await fill(engine, day)
    async with engine.begin() as conn:
        await say(conn, day[0], "sales", n=1)
        await say(conn, day[3], "billing", n=2)
        await say(conn, day[3], "sales", n=3)
        await say(conn, day[4], "", n=4)
        await say(conn, day[6], "sales", n=5)  # a week before
    return day


async def test_calls_are_told_by_the_last_choice_and_the_rest_was_not_asked(engine: AsyncEngine) -> None:
    await asked(engine)
    async with engine.connect() as conn:
        answer = await run(conn, REPORT, DAY_SPAN, site=SITE, now=NOW)
    rows = {line.keys[0].value: line.figures for line in answer.lines}
    assert {key: row["calls"].value for key, row in rows.items()} == {"sales": 2, menus.NOT_UNDERSTOOD: 1, "-": 3}
    assert {key: row["calls_answered"].value for key, row in rows.items()} == {"sales": 1, "?": 0, "-": 3}
    assert rows["sales"]["calls_talk"].value == 60
    assert rows["sales"]["calls_wait"].value == 50
    assert answer.total.figures["calls"].value == 6
    for measure in ("calls", "calls_answered", "calls_talk", "calls_wait"):
        whole = answer.total.figures[measure].value or 0
        assert abs(sum(row[measure].value or 0 for row in rows.values()) - whole) < 1e-6, measure


async def test_numbers_dialled_and_choices_together_add_up(engine: AsyncEngine) -> None:
    day = the_day()
    await fill(engine, [replace(call, called="100" if n % 2 else "200") for n, call in enumerate(day)])
    async with engine.begin() as conn:
        await say(conn, day[0], "sales", n=1)
        await say(conn, day[1], "sales", n=2)
        found = await reading.tallies(
            conn, span=DAY_SPAN, by=("did", "menu"), narrowing=Narrowing(), families=frozenset({"calls"}), zone=ZONE,
            calendar="gregorian",
        )  # fmt: skip
    told = {"|".join(key.value for key in keys): tally["calls"] for keys, tally in found.items()}
    assert told == {"200|sales": 1, "100|sales": 1, "200|-": 2, "100|-": 2}


async def test_every_choice_opens_the_calls_it_counts(engine: AsyncEngine) -> None:
    day = await asked(engine)
    async with engine.connect() as conn:
        answer = await run(conn, REPORT, DAY_SPAN, site=SITE, now=NOW)
        found: dict[str, list[str]] = {}
        for line in answer.lines:
            for measure in ("calls", "calls_answered"):
                about: dict[str, Any] = {
                    "measure": measure, "span": DAY_SPAN, "narrowing": REPORT.narrowing, "keys": line.keys,
                    "short": "out", "zone": ZONE, "calendar": "gregorian",
                }  # fmt: skip
                rows = (await behind.calls_behind(conn, **about, limit=50)).rows
                count = await behind.count_behind(conn, **about)
                assert len(rows) == count == line.figures[measure].value
                found[f"{line.keys[0].value} {measure}"] = [row.call_id for row in rows]
    assert found["sales calls"] == [day[3].id, day[0].id]
    assert found["? calls"] == [day[4].id]


async def test_choices_are_read_from_indexes(engine: AsyncEngine) -> None:
    await asked(engine)
    plans: list[str] = []
    async with plans_of(engine, plans) as conn:
        await conn.exec_driver_sql("ANALYZE" if engine.dialect.name == "sqlite" else "SET enable_seqscan = off")
        await reading.tallies(
            conn, span=DAY_SPAN, by=("menu",), narrowing=Narrowing(), families=frozenset({"calls"}), zone=ZONE,
            calendar="gregorian",
        )  # fmt: skip
    told = [plan for plan in plans if "call_reasons" in plan]
    assert told
    assert not any(reads_all_of(table, plan) for plan in told for table in ("calls", "call_reasons", "later"))
