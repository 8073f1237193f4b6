"""A call centre's history of a year, made by the database itself: a million customers in a minute.

Indexes go before and are made again after: sorting once is far quicker than finding each row's place.
"""

from __future__ import annotations

import random
import time
from typing import Any

from sqlalchemy import Table, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from sqlalchemy.schema import CreateIndex, DropIndex

from cxcall.store.agent_tables import agent_states
from cxcall.store.call_back_tables import call_backs
from cxcall.store.engine import refresh_statistics
from cxcall.store.follow_up_tables import tasks
from cxcall.store.routing_tables import customer_accounts
from cxcall.store.speech_tables import transcripts
from cxcall.store.survey_tables import survey_answers, survey_responses
from cxcall.store.tables import call_legs, calls, customer_numbers, customer_tags, customers

YEAR = 365 * 86_400
PHONES, SPELLS = 60, 2_000
BUSY = 50
"""One customer in so many is busy; together they make half of the calls."""
FIRST_NUMBER = 9_000_000_000

_TABLES = (customers, customer_numbers, customer_tags, customer_accounts, calls, call_legs, agent_states,
           survey_responses, survey_answers, transcripts, tasks, call_backs)  # fmt: skip


def number_of(chance: random.Random, total: int) -> str:
    """The number of a random call's customer; one in ten is nobody's."""
    if chance.random() < 0.1:
        return f"+98{FIRST_NUMBER + total + chance.randrange(total)}"
    n = chance.randrange(total)
    return f"+98{FIRST_NUMBER + (n - n % BUSY if chance.random() < 0.5 else n)}"


async def fill(engine: AsyncEngine, total: int) -> None:
    """`total` customers and calls, and what hangs on them."""
    indexes = [index for table in _TABLES for index in sorted(table.indexes, key=lambda each: str(each.name))]
    async with engine.begin() as conn:
        for index in indexes:
            await conn.execute(DropIndex(index))
        await _numbers(conn, total)
    for table, columns, where in _rows(engine.dialect.name, total):
        async with engine.begin() as conn:  # each alone: SQLite's log of all of them would be as large as the data
            if engine.dialect.name == "postgresql":  # or it looks each row's other row up
                await conn.execute(text("SET LOCAL session_replication_role = replica"))
            await _copy(conn, table, columns, where)
    async with engine.begin() as conn:
        if engine.dialect.name == "postgresql":
            await conn.execute(text("SET LOCAL maintenance_work_mem = '256MB'"))
        await conn.execute(text("DROP TABLE numbers"))
        for index in indexes:
            await conn.execute(CreateIndex(index))
    if engine.dialect.name == "postgresql":  # as its own housekeeping would have: new rows are marked as seen
        async with engine.execution_options(isolation_level="AUTOCOMMIT").connect() as conn:
            await conn.execute(text("VACUUM ANALYZE"))
    else:
        await refresh_statistics(engine)


async def _numbers(conn: AsyncConnection, total: int) -> None:
    most = max(total, PHONES * SPELLS)
    await conn.execute(text("CREATE TABLE numbers (i BIGINT)"))
    series = (
        f"WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < {most - 1}) SELECT i FROM n"
        if conn.dialect.name == "sqlite"
        else f"SELECT generate_series(0, {most - 1})"
    )
    await conn.execute(text(f"INSERT INTO numbers {series}"))


async def _copy(conn: AsyncConnection, table: Table, columns: dict[str, str], where: str) -> None:
    names = ", ".join(f'"{name}"' for name in columns)
    await conn.execute(
        text(f"INSERT INTO {table.name} ({names}) SELECT {', '.join(columns.values())} FROM numbers WHERE {where}")
    )


def _rows(dialect: str, total: int) -> list[tuple[Table, dict[str, str], str]]:
    """Tables with an expression of `i` for each column, and which `i` have a row."""
    now = int(time.time())

    def at(ago: str) -> str:
        """So many seconds ago."""
        if dialect == "sqlite":
            return f"(({now} - ({ago})) * 1000000)"
        return f"to_timestamp({now} - ({ago}))"

    # Calls from the newest to the oldest; every second one is of a busy customer.
    whose = f"(CASE WHEN i % 2 = 0 THEN (i * 7919) % {total} / {BUSY} * {BUSY} ELSE (i * 7919) % {total} END)"
    ago = f"i * {YEAR} / {total} + 1"
    phone = "'PJSIP/' || (1001 + i % 60)"
    everybody = f"i < {total}"
    tenth = f"{everybody} AND i % 10 = 3"
    own = f"'+98' || ({FIRST_NUMBER} + i)"
    number = f"'+98' || ({FIRST_NUMBER} + {whose})"
    long_ago = at(f"{YEAR}")
    customer = {
        "id": "'c' || i", "version": "2", "name": "'Customer ' || i", "name_key": "'customer ' || i", "company": "''",
        "city": "''", "tier": "CASE i % 9 WHEN 0 THEN 'gold' WHEN 1 THEN 'silver' END", "language": "'fa'",
        "origin": "'import'", "created_at": long_ago, "updated_at": long_ago,
    }  # fmt: skip
    call: dict[str, Any] = {
        "id": "'lab-' || i", "server": "'lab'", "revision": "1", "started_at": at(f"{ago} + 180"),
        "answered_at": f"CASE WHEN i % 5 > 0 THEN {at(f'{ago} + 120')} END", "ended_at": at(ago),
        "direction": "'inbound'", "outcome": "CASE WHEN i % 5 > 0 THEN 'answered' ELSE 'abandoned' END",
        "ended_by": "'caller'", "caller_number": number, "party_number": number, "customer_id": f"'c' || {whose}",
        "queue": "'queue ' || (i % 12)", "agent": phone, "wait": "60", "talk": "60", "legs": "2", "visits": "1",
    }  # fmt: skip
    leg = {
        "call_id": "'lab-' || i", "n": "1", "server": "'lab'", "started_at": at(f"{ago} + 180"), "role": "'agent'",
        "channel": f"{phone} || '-' || i", "unique_id": "i || '.2'", "device": phone,
        "answered_at": at(f"{ago} + 120"), "ended_at": at(ago), "list_device": phone,
    }  # fmt: skip
    spell = f"(i / {PHONES})"
    length = YEAR // SPELLS
    state = {
        "id": "'s' || i", "server": "'lab'", "interface": phone, "user_id": "'user ' || (i % 60)", "name": "''",
        "state": f"CASE WHEN {spell} % 2 = 0 THEN 'ready' ELSE 'on_call' END", "reason": "''", "queues": "'[]'",
        "since": at(f"{spell} * {length} + {length}"),
        "until": f"CASE WHEN {spell} > 0 THEN {at(f'{spell} * {length}')} END",
    }  # fmt: skip
    response = {
        "id": "'r' || i", "kind": "'after_call'", "server": "'lab'", "unique_id": "i || '.1'", "call_id": "'lab-' || i",
        "queue": "'queue 1'", "agent": phone, "agent_name": "''", "customer_id": f"'c' || {whose}", "number": number,
        "language": "'fa'", "state": "'finished'", "reason": "'ask'", "end": "'finished'", "offered_at": at(ago),
    }  # fmt: skip
    answer = {
        "response_id": "'r' || i", "n": "1", "part": "'csat'", "kind": "'scale'", "measure": "'csat'", "title": "'{}'",
        "label": "'{}'", "result": "'answered'", "keys": "'4'", "value": "1 + i % 5", "tries": "1",
        "given_at": at(ago), "queue": "'queue 1'", "agent": phone,
    }  # fmt: skip
    heard = {
        "id": "'t' || i", "kind": "'call'", "subject": "'lab-' || i", "call_id": "'lab-' || i", "server": "'lab'",
        "queue": "'queue 1'", "agent": phone, "agent_name": "''", "customer_id": f"'c' || {whose}", "number": number,
        "language": "'fa'", "engine": "''", "model": "''", "state": "'done'", "source": "'live'", "began_at": at(ago),
        "progress": "1", "problem": "''", "words": "0", "sentiment": "(i % 21 - 10) / 10.0", "gaps": "'[]'",
        "consent": "''", "updated_at": at(ago), "version": "1",
    }  # fmt: skip
    task = {
        "id": "'k' || i", "version": "1", "kind": "'follow_up'", "title": "''", "reason": "'{}'",
        "customer_id": f"'c' || {whose}", "number": number, "queue": "''", "due_at": at("0"), "promise": "''",
        "state": "CASE WHEN i % 1000 < 100 THEN 'open' ELSE 'done' END", "outcome": "''", "made_at": at(ago),
        "made_by": "''", "ended_by": "''",
    }  # fmt: skip
    promise = {
        "id": "'b' || i", "version": "1", "server": "'lab'", "queue": "'queue 1'", "number": own,
        "customer_id": "'c' || i", "state": "'waiting'", "reason": "''", "tries": "0", "joined_at": at("60"),
        "made_at": at("60"), "next_at": at("0"), "first_call": "''", "body": "'{}'",
    }  # fmt: skip
    return [
        (customers, customer, everybody),
        (customer_numbers, {"number": own, "customer_id": "'c' || i", "n": "0"}, everybody),
        (customer_tags, {"customer_id": "'c' || i", "tag": "'vip'", "n": "0"}, f"{everybody} AND i % 5 = 0"),
        (customer_accounts, {"customer_id": "'c' || i", "value": "i % 997"}, tenth),
        (calls, call, everybody),
        (call_legs, leg, f"{everybody} AND i % 5 > 0"),
        (agent_states, state, f"i < {PHONES * SPELLS}"),
        (survey_responses, response, tenth),
        (survey_answers, answer, tenth),
        (transcripts, heard, tenth),
        (tasks, task, f"{everybody} AND i % 50 = 0"),
        (call_backs, promise, f"{everybody} AND i % 5000 = 0"),
    ]  # fmt: skip
