"""The edge that asks, with everything around it going wrong: who calls hears no long silence, what was said is kept."""

from __future__ import annotations

import asyncio
import gc
import sqlite3
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from cxcall.asterisk.surveys import offers
from cxcall.bus import CommandRefused
from cxcall.customers.profile import Profile
from cxcall.store import (
    customer_merges,
    customers,
    survey_askings,
    survey_comments,
    survey_opt_outs,
    surveys,
    tasks,
    users,
)
from cxcall.store.engine import open_engine
from cxcall.store.survey_tables import survey_responses
from cxcall.store.tasks import TaskFilter
from cxcall.surveys.closing import MakeTask, Rule, When
from cxcall.surveys.script import Script, Thank
from tests.store.survey_make import COMMENT, CSAT, SOLVED
from tests.support.schema import new_database
from tests.support.survey_line import Desk, desk, prepare

SCRIPT = Script(parts=(CSAT, SOLVED, COMMENT, Thank(id="thanks")), opt_out_key="9")
NOW = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)
LOUDEST_SILENCE = 2.0
"""Seconds a caller may hear nothing."""

MOST_OBJECTS = 40
"""A survey that is over leaves behind: its name, and its news until newer ones come."""


@pytest.fixture
async def engine(tmp_path: Path) -> AsyncIterator[AsyncEngine]:
    engine = open_engine(new_database(tmp_path / "x.sqlite"))
    yield engine
    await engine.dispose()


@pytest.fixture
async def asking(engine: AsyncEngine, tmp_path: Path) -> AsyncIterator[Desk]:
    async with desk(engine, tmp_path, await prepare(engine, SCRIPT)) as running:
        yield running


def told(row: Any) -> list[tuple[str, str]]:
    return [(answer.part, answer.keys) for answer in row.answers]


async def test_the_database_is_locked_for_five_seconds_in_mid_survey(asking: Desk, tmp_path: Path) -> None:
    call = asking.ring(1)
    other = sqlite3.connect(tmp_path / "x.sqlite", isolation_level=None)

    async def lock(command: str) -> None:
        if command.startswith("WAIT FOR DIGIT") and not other.in_transaction and not done:
            other.execute("BEGIN IMMEDIATE")
            asyncio.get_running_loop().call_later(5.0, other.execute, "ROLLBACK")
            done.append(command)

    done: list[str] = []
    heard = await asking.take(call, ["4", "1"], happening=lock)
    assert (heard.how, other.in_transaction) == ("finished", True)
    assert heard.silence < LOUDEST_SILENCE
    assert told(await asking.ended(call))[:2] == [("csat", "4"), ("solved", "1")]
    other.close()


async def test_a_locked_database_at_the_offer_costs_a_caller_no_more_than_two_seconds(
    asking: Desk, tmp_path: Path
) -> None:
    call = asking.ring(1)
    other = sqlite3.connect(tmp_path / "x.sqlite", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    heard = await asking.take(call)
    assert (heard.how, other.in_transaction) == ("failed", True)
    assert heard.silence < LOUDEST_SILENCE
    other.execute("ROLLBACK")
    other.close()
    second = asking.ring(2)
    assert (await asking.take(second, ["4"])).how == "finished"
    assert await asking.row(call) is None  # given up, so neither offered nor asked lately


@pytest.mark.parametrize(
    "arguments",
    [
        (), ("",), ("1763700001.1",), ("1763700001.1", ""), ("support", "1763700001.1"), ("no such call", "support"),
        ("1763700001.1", "no such queue"), ("1763700001.1" * 300, "support"), ("1763700001.1", "پشتیبانی ‌" * 50),
        ("x\0y", "support\0"), ("1763700001.1\udce9", "support\udcff"), ("'; drop table calls; --", "%s %(x)s {0}"),
    ],
)  # fmt: skip
async def test_arguments_that_name_no_call_of_ours_are_not_asked_and_leave_nothing(
    asking: Desk, arguments: tuple[str, ...]
) -> None:
    asking.ring(1)
    raw = tuple(argument.encode("utf-8", "surrogateescape").decode("latin-1") for argument in arguments)
    heard = await asking.take("", arguments=raw)
    assert heard.how in ("not_asked", "failed", "")
    async with asking.engine.connect() as conn:
        assert (await conn.scalars(select(survey_responses.c.id))).all() == []
    assert (await asking.take(asking.ring(2), ["4"])).how == "finished"


async def test_a_server_nobody_knows_is_taken_for_the_only_one(asking: Desk) -> None:
    heard = await asking.take("", ["4"], arguments=(asking.ring(1), "support", "PJSIP/1001", "mars", "xx"))
    assert heard.how == "finished"


async def test_the_same_call_twice_at_once_is_asked_once(asking: Desk) -> None:
    call = asking.ring(1)
    heard = await asyncio.gather(*(asking.take(call, ["4", "1"]) for _ in range(5)))
    assert sorted(one.how for one in heard) == ["finished", *["not_asked"] * 4]
    assert told(await asking.ended(call))[:2] == [("csat", "4"), ("solved", "1")]


async def test_two_hundred_offers_at_once_are_decided_or_refused_in_time(asking: Desk) -> None:
    async def offer(said: dict[str, str]) -> str:
        try:
            return str((await asking.commands.ask("survey:offer", said, timeout=20.0))["reason"])
        except CommandRefused:
            return "refused"

    async def offered() -> int:
        async with asking.engine.connect() as conn:
            return len((await conn.scalars(select(survey_responses.c.id))).all())

    for first in (0, 100, 200):  # a machine that stands still for a second makes all of one flood late
        calls = [asking.ring(first + n) for n in range(100)]
        asked = [{"call": call, "queue": "support"} for call in calls] * 2
        reasons = await asyncio.gather(*(offer(said) for said in asked))
        assert set(reasons) <= {"ask", "refused"}
        if (made := await offered()) >= 2:
            break
    assert 2 <= made <= 100  # a flood does not make all of them late
    assert reasons.count("ask") <= 2 * made


async def test_the_queue_stops_asking_and_the_survey_is_changed_while_a_caller_answers(asking: Desk) -> None:
    call = asking.ring(1)

    async def change(command: str) -> None:
        if command.startswith("WAIT FOR DIGIT") and not changed:
            changed.append(command)
            async with asking.engine.begin() as conn:
                found = await survey_askings.of(conn, "lab", "support")
                assert found is not None
                await survey_askings.remove(conn, "", "support")
                now = await surveys.get(conn, asking.survey_id)
                assert now is not None
                short = msgspec.structs.replace(SCRIPT, parts=(SOLVED, Thank(id="thanks")))
                now = await surveys.save_draft(conn, now.id, short, version=now.version, by="x", now=NOW)
                now = await surveys.publish(conn, now.id, version=now.version, by="x", now=NOW)
                await surveys.archive(conn, now.id, version=now.version, by="x", now=NOW)

    changed: list[str] = []
    heard = await asking.take(call, ["4", "1"], happening=change)
    row = await asking.ended(call)
    assert (heard.how, row.response.survey_version, told(row)[:2]) == ("finished", 1, [("csat", "4"), ("solved", "1")])
    assert (await asking.take(asking.ring(2))).how == "not_asked"


async def test_a_customer_merged_in_mid_survey_keeps_the_answers_and_gets_the_task(asking: Desk) -> None:
    call, changed = asking.ring(1), list[str]()
    async with asking.engine.begin() as conn:
        gone = await customers.create(conn, Profile(name="Maryam", numbers=("+989123456789",)))
        kept = await customers.create(conn, Profile(name="Maryam R.", numbers=("+989123456780",)))
        await _tasks_for_low(asking, conn)

    async def merge(command: str) -> None:
        if command.startswith("WAIT FOR DIGIT") and not changed:
            changed.append(command)
            async with asking.engine.begin() as conn:
                await customer_merges.merge(conn, kept.id, gone.id, by="x")

    heard = await asking.take(call, ["1", "1"], happening=merge)
    row = await asking.ended(call)
    assert (heard.how, row.response.customer_id) == ("finished", kept.id)
    async with asking.engine.connect() as conn:
        [task] = await tasks.of_response(conn, row.response.id)
    assert (task.customer_id, task.owner_id) == (kept.id, None)  # its owner has left us


async def test_a_caller_who_withholds_the_number_and_opts_out_speaks_for_nobody_else(asking: Desk) -> None:
    first = asking.ring(1, number="anonymous")
    assert (await asking.take(first, ["9"])).how == "opted_out"
    row = await asking.ended(first)
    assert (row.response.end, row.response.number) == ("opted_out", "")
    async with asking.engine.connect() as conn:
        assert not (await survey_opt_outs.page(conn)).rows
    assert (await asking.take(asking.ring(2, number="anonymous"), ["4"])).how == "finished"


async def test_a_folder_of_comments_that_cannot_be_made_passes_the_comment_over(asking: Desk, tmp_path: Path) -> None:
    (tmp_path / "comments").write_text("a file in the way")
    call = asking.ring(1)
    heard = await asking.take(call, ["4", "1"])
    assert heard.how == "finished"
    assert not [command for command in heard.commands if command.startswith("RECORD")]
    assert [(answer.part, answer.result) for answer in (await asking.ended(call)).answers][2:] == [
        ("comment", "no_input")
    ]


async def test_what_was_answered_before_a_crash_sets_off_its_task(engine: AsyncEngine, tmp_path: Path) -> None:
    survey = await prepare(engine, SCRIPT)
    async with desk(engine, tmp_path, survey) as first:
        async with engine.begin() as conn:
            await _tasks_for_low(first, conn)
        call = first.ring(1)
        caller = asyncio.create_task(first.take(call, ["1"], happening=_forever_after("WAIT FOR DIGIT", 1)))
        row = await first.until(call, lambda row: len(row.answers) == 1)
        async with desk(engine, tmp_path, survey) as second:  # as after a kill: nobody ended it
            row = await second.ended(call)
            assert (row.response.end, told(row)) == ("lost", [("csat", "1")])
            async with engine.connect() as conn:
                assert len(await tasks.of_response(conn, row.response.id)) == 1
            caller.cancel()
    async with engine.connect() as conn:  # the first end is the only one
        assert len(await tasks.of_response(conn, row.response.id)) == 1


async def test_twenty_surveys_at_once_leave_the_event_loop_its_turns_and_the_memory_flat(
    asking: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(offers, "LIMIT", 60.0)  # a machine that stands still for a second is not what is shown here
    delays: list[float] = []

    async def watch() -> None:
        loop = asyncio.get_running_loop()
        while True:
            began = loop.time()
            await asyncio.sleep(0.01)
            delays.append(loop.time() - began - 0.01)

    async def pause(_: str) -> None:
        await asyncio.sleep(0.1)

    async def some(first: int, n: int) -> None:
        for number in range(first, first + n):
            call = asking.ring(number)
            assert (await asking.take(call, ["4", "1"], happening=pause)).how == "finished"
            del asking.records[call]

    async def round_of(first: int, each: int) -> int:
        await asyncio.gather(*(some(first + 1_000 * line, each) for line in range(20)))
        while asking.edge.status().waiting or asking.edge.status().running:
            await asyncio.sleep(0.01)
        gc.collect()
        return len(gc.get_objects())

    watching = asyncio.create_task(watch())
    try:
        before = await round_of(0, 2)
        after = await round_of(100, 4)
    finally:
        watching.cancel()
    assert sorted(delays)[int(len(delays) * 0.98)] < 0.1
    assert after - before < 80 * MOST_OBJECTS
    assert (asking.edge.status().broken, asking.edge.status().lost) == (0, 0)


def _forever_after(command: str, times: int) -> Any:
    """Stand still when a command comes that often."""
    seen = 0

    async def happening(said: str) -> None:
        nonlocal seen
        if said.startswith(command):
            if seen >= times:
                await asyncio.Event().wait()
            seen += 1

    return happening


async def _tasks_for_low(asking: Desk, conn: Any) -> None:
    """Low scores become a task of somebody who may not sign in any more."""
    left = await users.create(conn, name="sara", role="agent", password_hash="x", display_name="Sara", extensions=())
    await users.change(conn, left.id, disabled=True)
    now = await surveys.get(conn, asking.survey_id)
    assert now is not None
    low = Rule(
        id="low", name="Low", when=(When(of="score", measure="csat", at_most=2.0),),
        then=(MakeTask(owner=left.id, due_minutes=10),),
    )  # fmt: skip
    await surveys.save_rules(conn, now.id, [low], version=now.version, by="x", now=NOW)


async def test_rules_that_ask_for_words_act_once_the_comment_is_text(asking: Desk) -> None:
    async with asking.engine.begin() as conn:
        now = await surveys.get(conn, asking.survey_id)
        assert now is not None
        rules = [
            Rule(id="late", name="Late", when=(When(of="words", one_of=("late",)),), then=(MakeTask(),)),
            Rule(id="any", name="Any", then=(MakeTask(),)),
        ]
        await surveys.save_rules(conn, now.id, rules, version=now.version, by="x", now=NOW)
    call = asking.ring(1)
    await asking.take(call, ["4", "1"])
    response = (await asking.ended(call)).response
    async with asking.engine.begin() as conn:
        await survey_comments.add(conn, response, "comment", sha="0" * 64, seconds=2.0, at=NOW)
        await survey_comments.transcribed(conn, response.id, "comment", "My parcel came late.", NOW)

    async def reasons() -> list[str]:
        async with asking.engine.connect() as conn:
            return sorted(task.made_by for task in (await tasks.page(conn, TaskFilter())).rows)

    assert await reasons() == ["rule:any"]
    asking.bus.publish("survey_comments", {"response": response.id, "part": "comment"})
    async with asyncio.timeout(20):
        while await reasons() != ["rule:any", "rule:late"]:
            await asyncio.sleep(0.02)
