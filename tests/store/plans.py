"""How the database would answer: the plans of the very statements a function sends."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine


@asynccontextmanager
async def plans_of(engine: AsyncEngine, plans: list[str]) -> AsyncIterator[AsyncConnection]:
    """A connection; at the end, `plans` has the plan of each SELECT that was sent through it."""
    sent: list[tuple[str, Any]] = []

    def note(conn: Any, cursor: Any, statement: str, parameters: Any, context: Any, many: bool) -> None:
        if statement.lstrip().startswith(("SELECT", "WITH")):
            sent.append((statement, parameters))

    async with engine.connect() as conn:
        sync = conn.sync_connection
        assert sync is not None
        event.listen(sync, "before_cursor_execute", note)
        try:
            yield conn
        finally:
            event.remove(sync, "before_cursor_execute", note)
        explain = "EXPLAIN QUERY PLAN " if engine.dialect.name == "sqlite" else "EXPLAIN (COSTS OFF) "
        for statement, parameters in sent:
            rows = (await conn.exec_driver_sql(explain + statement, parameters)).all()
            plans.append("\n".join(str(row[-1]) for row in rows))


def reads_all_of(table: str, plan: str) -> bool:
    """Whether the plan reads the whole table; reading an index from one end until a page is full is fine."""
    lines = [line.strip().removeprefix("->").strip() for line in plan.splitlines()]
    return any(line == f"SCAN {table}" or line.startswith(f"Seq Scan on {table}") for line in lines)


def sorts(plan: str) -> bool:
    """Whether the plan sorts what it found."""
    return "TEMP B-TREE FOR ORDER BY" in plan or "Sort" in plan
