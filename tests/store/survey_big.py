"""A year of responses, of the size at which a missing index shows: 8 queues, 40 agents, three answers each."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from cxcall.store.survey_tables import (
    survey_answers,
    survey_calls,
    survey_comments,
    survey_opt_outs,
    survey_responses,
    surveys,
)
from cxcall.store.tables import customers

BEGAN = datetime(2025, 11, 22, tzinfo=UTC)
YEAR = timedelta(days=365)
SURVEY = "survey"
AT_ONCE = 2000
CUSTOMERS = 500
RESULTS = ("answered", "answered", "no_input", "wrong_key", "skipped", "hung_up", "opted_out")
REASONS = ("share", "caller_hung_up", "transferred", "recently_asked")

Row = dict[str, Any]


def response(n: int, at: datetime, chance: random.Random) -> Row:
    """The n-th response; a third of the calls are not asked."""
    asked = chance.random() < 0.66
    finished = asked and chance.random() < 0.7
    return {
        "id": f"{n:026x}", "survey_id": SURVEY, "survey_version": 1, "kind": "after_call", "server": "lab",
        "unique_id": f"{n}.1", "call_id": f"lab-{n}.1", "queue": f"queue {chance.randrange(8)}",
        "agent": f"PJSIP/{1001 + chance.randrange(40)}", "agent_name": "Agent",
        "customer_id": f"customer {n % CUSTOMERS}", "number": f"+98912{n % 50_000:07d}", "language": "fa",
        "state": "finished" if finished else "offered" if asked else "not_asked",
        "reason": "ask" if asked else chance.choice(REASONS),
        "end": "finished" if finished else "hung_up" if asked else "",
        "offered_at": at, "started_at": at, "ended_at": at, "handed_to": None, "wait": chance.random() * 300,
        "talk": 60.0, "transferred": chance.random() < 0.1, "repeat": chance.random() < 0.3,
    }  # fmt: skip


def answers(row: Row, chance: random.Random) -> list[Row]:
    """Three answers of one response."""
    copied = {name: row[name] for name in ("survey_id", "queue", "agent", "wait", "transferred", "repeat")}
    given = (("csat", "csat", chance.randrange(1, 6)), ("nps", "nps", chance.randrange(11)), ("solved", None, None))
    return [
        {
            "response_id": row["id"], "n": n, "part": part, "kind": "scale", "measure": measure,
            "title": '{"fa":"چقدر راضی هستید؟","en":"How satisfied are you?"}', "label": "{}",
            "result": "answered" if value is not None else chance.choice(RESULTS),
            "keys": str(chance.randrange(1, 3) if value is None else value), "value": value, "tries": 1,
            "given_at": row["offered_at"] + timedelta(seconds=5 * n), **copied,
        }
        for n, (part, measure, value) in enumerate(given)
    ]  # fmt: skip


async def fill(engine: AsyncEngine, n: int) -> None:
    """Write `n` responses that were finished, with those that were left or not asked, and as many survey calls."""
    chance = random.Random(7)
    total = int(n / 0.66 / 0.7)
    async with engine.begin() as conn:
        await conn.execute(surveys.insert().values(
            id=SURVEY, version=1, name="Survey", name_key="survey", draft="{}", rules="[]", state="active",
            created_at=BEGAN, updated_at=BEGAN, updated_by="",
        ))  # fmt: skip
        await conn.execute(customers.insert(), [customer(i) for i in range(CUSTOMERS)])
    for begin in range(0, total, AT_ONCE):
        rows = [response(i, BEGAN + YEAR * (i / total), chance) for i in range(begin, min(begin + AT_ONCE, total))]
        done = [row for row in rows if row["state"] == "finished"]
        async with engine.begin() as conn:
            await conn.execute(survey_responses.insert(), rows)
            await conn.execute(survey_answers.insert(), [answer for row in done for answer in answers(row, chance)])
            await conn.execute(survey_comments.insert(), [comment(row) for row in done[::2]])
            await conn.execute(survey_calls.insert(), [later(row) for row in rows if row["state"] == "not_asked"])
            await conn.execute(survey_opt_outs.insert(), [opt_out(row) for row in rows[::3]])
    async with engine.connect() as conn:
        await conn.execute(text("ANALYZE"))
        await conn.commit()


def customer(n: int) -> Row:
    """The n-th customer."""
    return {
        "id": f"customer {n}", "version": 1, "name": f"Customer {n}", "name_key": f"customer {n}", "company": "",
        "city": "", "origin": "person", "created_at": BEGAN, "updated_at": BEGAN,
    }  # fmt: skip


def comment(row: Row) -> Row:
    """What was said in a response; one of ten waits to be written down."""
    return {
        "response_id": row["id"], "part": "comment", "file": "", "sha": "", "seconds": 9.0,
        "state": "waiting" if row["id"].endswith("0") else "done", "recorded_at": row["offered_at"],
        "queue": row["queue"], "agent": row["agent"],
    }  # fmt: skip


def later(row: Row) -> Row:
    """The survey call for one that was not asked; one of sixteen still waits."""
    return {
        "id": row["id"], "survey_id": SURVEY, "server": "lab", "queue": row["queue"], "agent": "", "agent_name": "",
        "number": row["number"], "language": "", "for_call_id": row["call_id"], "tries": 1, "reason": "",
        "state": "waiting" if row["id"].endswith("3") else "done", "next_at": row["offered_at"],
        "tried_at": row["offered_at"], "made_at": row["offered_at"],
    }  # fmt: skip


def opt_out(row: Row) -> Row:
    """A caller who is never asked again."""
    return {"number": row["number"] + row["unique_id"], "at": row["offered_at"], "how": "key", "by": ""}
