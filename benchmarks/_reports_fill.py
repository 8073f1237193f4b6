"""Fills a database with years of calls at speed.

Four weeks are written by the product's own code, rollups with them, and surveys and talks beside them as rows. What
follows are copies of those weeks made by SQL, moved by four weeks each, rollups too (the zone has no summer time). The
copies' records are moved as text, and say the id of the call they are copies of.
"""

from __future__ import annotations

import json
import random
import re
import time
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import islice
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Float,
    Index,
    Integer,
    Select,
    Table,
    cast,
    delete,
    func,
    insert,
    literal,
    literal_column,
    select,
    text,
    type_coerce,
)
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from benchmarks._reports_data import BEGAN, Shape, made
from cxcall.calls.record import CallRecord
from cxcall.reports.facts import Counting
from cxcall.speech.category import Category
from cxcall.store import calls, categories, rfm
from cxcall.store.bulk import BulkWrite
from cxcall.store.calls import CallWrite
from cxcall.store.category_tables import category_calls
from cxcall.store.engine import refresh_statistics
from cxcall.store.reporting import due, kept
from cxcall.store.reporting.tables import ROLLUPS, rollup_agents, rollup_queues
from cxcall.store.reporting.writing import MOST, adds
from cxcall.store.schema import UtcDateTime
from cxcall.store.speech_tables import transcripts
from cxcall.store.survey_tables import survey_answers, survey_responses, surveys
from cxcall.store.tables import call_legs, call_records, call_visits
from cxcall.store.tables import calls as calls_table
from cxcall.store.upsert import insert_into

AT_ONCE = 500
RECORDS_AT_ONCE = 5000
_DAY = re.compile(r"\b20\d\d-\d\d-\d\d(?=T)")
DAYS = 28
"""Those that are written."""
ASKED, HEARD = 0.1, 0.1
"""Shares of answered calls with a survey and with a transcript."""

_COPIED: tuple[Table, ...] = (
    calls_table, call_legs, call_visits, survey_responses, survey_answers, transcripts, category_calls,
)  # fmt: skip
_IDS = frozenset(("call_id", "response_id", "transcript_id", "subject", "unique_id"))
_COPY = "~"
"""What ids of copies begin with: above all that ids of the first weeks do."""
_KEPT_APART = 20
"""Added to the grain of rollup rows that are copied."""


async def fill(engine: AsyncEngine, total: int, shape: Shape, counting: Counting) -> dict[str, Any]:
    """Write about `total` calls in `shape.days`; seconds it took, and bytes a call of the weeks the product wrote."""
    copies = max(0, -(-shape.days // DAYS) - 1)
    empty, began = await size(engine), time.perf_counter()
    first = made(total // (copies + 1), replace(shape, days=DAYS))
    written = await _write(engine, first, counting)
    took = time.perf_counter() - began
    found = {"written": written, "write_s": round(took, 1), "ms_a_call": round(took / written * 1e3, 3),
             "bytes_a_call": round((await size(engine) - empty) / written)}  # fmt: skip
    await _surveys_and_talks(engine)
    began = time.perf_counter()
    await _copy_all(engine, copies)
    async with engine.connect() as conn:
        found |= {name: await conn.scalar(query) for name, query in _counts().items()}
    await refresh_statistics(engine)
    if engine.dialect.name == "postgresql":
        async with engine.execution_options(isolation_level="AUTOCOMMIT").connect() as conn:
            await conn.execute(text("VACUUM ANALYZE"))
    found["copy_s"] = round(time.perf_counter() - began, 1)
    began, now = time.perf_counter(), BEGAN + timedelta(days=shape.days)
    found["days_kept"] = await kept.keep(engine, counting.zone, now=now, at_once=10_000, settle_s=0.0, pause_s=0.0)
    found["keep_s"] = round(time.perf_counter() - began, 1)
    began = time.perf_counter()
    await rfm.work_out(engine, counting.zone, now=now, pause_s=0.0)
    return found | {"rfm_s": round(time.perf_counter() - began, 1), "bytes": await size(engine)}


def _counts() -> dict[str, Select[Any]]:
    """What there is, and that rollups say the same."""
    visits, queues, agents = call_visits, rollup_queues.c, rollup_agents.c
    found = {table.name: select(func.count()).select_from(table) for table in _COPIED}
    for grain in (0, 2, 3):
        found[f"offered_by_rollup_{grain}"] = select(func.sum(queues.offered)).where(queues.grain == grain)
        found[f"handled_by_rollup_{grain}"] = select(func.sum(agents.handled)).where(agents.grain == grain)
    found["handled"] = select(func.count()).select_from(visits).where(visits.c.result == "answered")
    return found


async def size(engine: AsyncEngine) -> int:
    """Bytes of the whole database."""
    sqlite = "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()"
    async with engine.connect() as conn:
        query = sqlite if engine.dialect.name == "sqlite" else "SELECT pg_database_size(current_database())"
        return int(await conn.scalar(text(query)) or 0)


async def _write(engine: AsyncEngine, records: Iterable[CallRecord], counting: Counting) -> int:
    source, n = iter(records), 0
    while some := list(islice(source, AT_ONCE)):
        async with engine.begin() as conn:
            writes = [CallWrite(record=record, revision=1) for record in some]
            await calls.apply(conn, writes, region="IR", counting=counting)
        await due.count(engine, counting.zone)
        n += len(some)
    return n


async def _surveys_and_talks(engine: AsyncEngine) -> None:
    """Rows of surveys that were answered and of talks that were heard, of some of the calls."""
    chance = random.Random(11)
    its = calls_table.c
    query = select(its.id, its.started_at, its.queue, its.agent, its.customer_id, its.talk).where(its.talk > 0)
    async with engine.connect() as conn:
        answered = (await conn.execute(query.order_by(its.id))).all()
        now = answered[0].started_at
    ids = [f"category{n}" for n in range(12)]
    async with engine.begin() as conn:
        survey = _row(surveys, id="survey", name="After the call", name_key="after the call", at=now)
        await conn.execute(insert(surveys).values(survey))
        await categories.seed(conn, [Category(id=one, name={"en": one}) for one in ids], now=now)
    for begin in range(0, len(answered), 5000):
        found: dict[str, list[dict[str, Any]]] = {table.name: [] for table in _COPIED}
        for call in answered[begin : begin + 5000]:
            if chance.random() < ASKED:
                _survey(found, call, chance)
            if chance.random() < HEARD:
                _talk(found, call, chance, ids)
        async with engine.begin() as conn:
            for table in _COPIED:
                if found[table.name]:
                    await conn.execute(insert(table), found[table.name])


def _survey(found: dict[str, list[dict[str, Any]]], call: Any, chance: random.Random) -> None:
    done = chance.random() < 0.4
    response = _row(
        survey_responses, id=f"r-{call.id}", survey_id="survey", survey_version=1, kind="phone", server="lab",
        unique_id=call.id, call_id=call.id, queue=call.queue, agent=call.agent, agent_name=call.agent,
        customer_id=call.customer_id, state="finished" if done else "offered", end="finished" if done else "hung_up",
        at=call.started_at,
    )  # fmt: skip
    found["survey_responses"].append(response)
    if done:
        value = chance.choice((1, 2, 3, 4, 4, 5, 5, 5))
        found["survey_answers"].append(
            _row(survey_answers, response_id=response["id"], n=0, part="csat", kind="keys", measure="csat", value=value,
                 queue=call.queue, agent=call.agent, at=call.started_at)
        )  # fmt: skip


def _talk(found: dict[str, list[dict[str, Any]]], call: Any, chance: random.Random, ids: list[str]) -> None:
    side = {"seconds": call.talk / 2, "words": int(call.talk), "interruptions": chance.randrange(3)}
    figures = {
        "talk": call.talk, "agent": side, "customer": side, "silence": {"seconds": call.talk / 10, "count": 2},
        "overlap": {"seconds": 1.0, "count": 1},
    }  # fmt: skip
    mood = round(chance.gauss(0, 0.4), 3)
    talk = _row(
        transcripts, id=f"t-{call.id}", kind="call", subject=call.id, call_id=call.id, server="lab", queue=call.queue,
        agent=call.agent, agent_name=call.agent, customer_id=call.customer_id, state="done", progress=1.0,
        sentiment=mood, trend=round(chance.gauss(0, 0.3), 3), figures=json.dumps(figures), at=call.started_at,
    )  # fmt: skip
    found["transcripts"].append(talk)
    for category in chance.sample(ids, 2):
        found["category_calls"].append(
            _row(category_calls, transcript_id=talk["id"], category_id=category, kind="call", queue=call.queue,
                 agent=call.agent, hits=1, sentiment=mood, at=call.started_at)
        )  # fmt: skip


def _row(table: Table, at: datetime, **values: Any) -> dict[str, Any]:
    """A row with nothing in the columns that must not be empty."""
    return {column.name: values.get(column.name, _nothing(column, at)) for column in table.c}


def _nothing(column: Column[Any], at: datetime) -> Any:
    if isinstance(column.type, UtcDateTime):
        return at
    if column.nullable:
        return None
    return 0 if isinstance(column.type, Integer | Float) else False if str(column.type) == "BOOLEAN" else ""


async def _copy_all(engine: AsyncEngine, copies: int) -> None:
    """Copies without indexes, which are made anew after them."""
    async with engine.begin() as conn:
        for index in _indexes():
            await conn.run_sync(index.drop)
        for table in ROLLUPS:
            await conn.execute(_put_apart(table))
    for n in range(1, copies + 1):
        for table in _COPIED:
            async with engine.begin() as conn:
                await conn.execute(_copied(conn, table, n))
        await _copy_records(engine, n)
        async with engine.begin() as conn:
            for table in ROLLUPS:
                for grain, slots_a_day in ((0, 96), (1, 24), (2, 1)):
                    await conn.execute(_moved(conn, table, grain, slots_a_day * DAYS * n))
    async with engine.begin() as conn:
        for table in ROLLUPS:
            await conn.execute(delete(table).where((table.c.grain >= _KEPT_APART) | (table.c.grain == 3)))
            await conn.execute(_sixteens(conn, table))
    for index in _indexes():
        async with engine.begin() as conn:
            await conn.run_sync(index.create)


async def _copy_records(engine: AsyncEngine, n: int) -> None:
    """Records of the n-th copy: every day in them is one of four weeks times `n` later."""
    its, days = call_records.c, {}
    after: str = ""

    def later(found: re.Match[str]) -> str:
        day = found[0]
        if day not in days:
            days[day] = str(date.fromisoformat(day) + timedelta(days=DAYS * n))
        return days[day]

    while True:
        query = select(its.call_id, its.record).where(its.call_id > after, its.call_id < _COPY)
        async with engine.begin() as conn:
            rows = (await conn.execute(query.order_by(its.call_id).limit(RECORDS_AT_ONCE))).all()
            if not rows:
                return
            moved = [{"call_id": f"{_COPY}{n:02}-{id_}", "record": _DAY.sub(later, record)} for id_, record in rows]
            await _insert_records(conn, moved)
        after = rows[-1].call_id


_insert_records = BulkWrite(lambda conn: insert_into(conn, call_records))


def _indexes() -> list[Index]:
    return [
        index
        for table in (*_COPIED, call_records, *ROLLUPS)
        for index in sorted(table.indexes, key=lambda one: str(one.name))
    ]


def _copied(conn: AsyncConnection, table: Table, n: int) -> Any:
    """The n-th copy of the rows of the first weeks."""
    first = next(iter(table.primary_key.columns))
    columns = {column.name: _changed(conn, table, column, n) for column in table.c}
    query = select(*columns.values()).where(first < _COPY).order_by(*table.primary_key.columns)
    return insert(table).from_select(list(columns), query)


def _changed(conn: AsyncConnection, table: Table, column: Column[Any], n: int) -> ColumnElement[Any]:
    if isinstance(column.type, UtcDateTime):
        later = timedelta(days=DAYS * n)
        if conn.dialect.name == "postgresql":
            return column + literal(later)
        return type_coerce(column, BigInteger) + later // timedelta(microseconds=1)
    own = column.name == "id" or (column.name in _IDS and table is not call_legs) or column.name == "call_id"
    return literal(f"{_COPY}{n:02}-").concat(column) if own else column


def _put_apart(table: Table) -> Any:
    return insert(table).from_select(
        list(table.c.keys()),
        select(*(column + _KEPT_APART if column.name == "grain" else column for column in table.c)),
    )


def _moved(conn: AsyncConnection, table: Table, grain: int, by: int) -> Any:
    """Slots of the first weeks, so much later, added to those that are there."""
    new = {"grain": literal(grain, Integer), "slot": table.c.slot + by}
    query = select(*(new.get(column.name, column) for column in table.c)).where(table.c.grain == grain + _KEPT_APART)
    return adds(insert_into(conn, table).from_select(list(table.c.keys()), query), table)


def _sixteens(conn: AsyncConnection, table: Table) -> Any:
    """Sixteen days from the days."""
    its: dict[str, ColumnElement[Any]] = {}
    for column in table.c:
        if column.primary_key:
            its[column.name] = column
        else:
            its[column.name] = func.max(column) if column.name == MOST else cast(func.sum(column), column.type)
    block = table.c.slot // literal_column("16")  # the very text, or PostgreSQL takes them for two
    its |= {"grain": literal(3, Integer), "slot": block}
    keys = [column for column in table.primary_key.columns if column.name not in ("grain", "slot")]
    query = select(*its.values()).where(table.c.grain == 2).group_by(block, *keys)
    return insert(table).from_select(list(its), query)
