"""Survey calls afterwards, with the telephone and everything behind it going wrong: nobody is rung twice on a day."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from cxcall.asterisk.status import ServerStatus, State
from cxcall.asterisk.surveys import later
from cxcall.asterisk.surveys.planning import Planner
from cxcall.bus import CommandRefused
from cxcall.bus.acts import Originate
from cxcall.routing.decision import Decision, Result
from cxcall.settings import Settings
from cxcall.store import routing_decisions, survey_askings, survey_calls, survey_responses
from cxcall.store.engine import open_engine
from cxcall.store.routing_decisions import NewDecision
from cxcall.store.survey_calls import NewSurveyCall, SurveyCall
from cxcall.store.survey_responses import NewResponse
from cxcall.store.survey_tables import survey_calls as survey_calls_table
from cxcall.surveys.asking import Asking, Later
from cxcall.surveys.script import Script, Thank
from tests.store.survey_make import CSAT
from tests.support.agi_peer import connect, header
from tests.support.schema import new_database
from tests.support.survey_line import Desk, desk, prepare

SCRIPT = Script(parts=(CSAT, Thank(id="thanks")))
NUMBER = "+989121100071"


class Telephone:
    """What Asterisk is asked to ring; `refuse` says why it does not."""

    def __init__(self) -> None:
        self.rung: list[Originate] = []
        self.ready = True
        self.refuse = ""

    async def act(self, act: Originate) -> None:
        self.rung.append(act)
        if self.refuse:
            raise CommandRefused(self.refuse)

    async def status(self, _: object) -> list[ServerStatus]:
        state: State = "connected" if self.ready else "waiting"
        return [ServerStatus(server="lab", address="", state=state, since=datetime.now(UTC))]

    def token(self, n: int = 0) -> str:
        return str(self.rung[n].variables["CX_TOKEN"])


@pytest.fixture(autouse=True)
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(later, "EVERY_S", 0.05)


@pytest.fixture
async def engine(tmp_path: Path) -> AsyncIterator[AsyncEngine]:
    engine = open_engine(new_database(tmp_path / "x.sqlite"))
    yield engine
    await engine.dispose()


@pytest.fixture
async def survey(engine: AsyncEngine) -> str:
    """A survey whose queue rings people afterwards, at any hour, twice."""
    survey = await prepare(engine, SCRIPT)
    async with engine.begin() as conn:
        asking = Asking(survey_id=survey, later=Later(hours=(), tries=2))
        await survey_askings.save(conn, "", "support", asking, version=1)
    return survey


@asynccontextmanager
async def calling(engine: AsyncEngine, folder: Path, survey: str, telephone: Telephone) -> AsyncIterator[Desk]:
    async with desk(engine, folder, survey) as running:
        running.commands.serve("ami:lab", telephone.act)
        running.commands.serve("asterisk:status", telephone.status)
        yield running


async def plan(engine: AsyncEngine, survey: str, n: int = 1, number: str = NUMBER) -> SurveyCall:
    now = datetime.now(UTC) - timedelta(minutes=1)
    async with engine.begin() as conn:
        return await survey_calls.plan(
            conn,
            NewSurveyCall(
                survey_id=survey, server="lab", queue="support", number=number, for_call_id=f"lab-{n}", next_at=now,
                made_at=now,
            ),
        )  # fmt: skip


async def until(engine: AsyncEngine, call: SurveyCall, which: Callable[[SurveyCall], bool]) -> SurveyCall:
    async with asyncio.timeout(30):
        while True:
            async with engine.connect() as conn:
                now = await survey_calls.get(conn, call.id)
            if now is not None and which(now):
                return now
            await asyncio.sleep(0.02)


async def rings(telephone: Telephone, n: int = 1) -> None:
    async with asyncio.timeout(30):
        while len(telephone.rung) < n:
            await asyncio.sleep(0.02)


def another_day(call: SurveyCall) -> bool:
    return call.state == "waiting" and call.tries == 1 and call.next_at > datetime.now(UTC)


@pytest.mark.parametrize("outcome", ["busy", "no_answer", "failed"])
async def test_a_number_that_does_not_answer_is_tried_another_day(
    engine: AsyncEngine, tmp_path: Path, survey: str, outcome: str
) -> None:
    call, telephone = await plan(engine, survey), Telephone()
    async with calling(engine, tmp_path, survey, telephone) as running:
        await rings(telephone)
        ended: dict[str, Any] = {"id": f"lab-cxlater-{telephone.token()}", "ended_at": "now", "outcome": outcome}
        async with asyncio.timeout(30):
            while (await until(engine, call, lambda _: True)).state != "waiting":
                running.bus.publish("calls", ended)
                await asyncio.sleep(0.02)
        assert another_day(found := await until(engine, call, another_day)), found
        assert (found.reason, len(telephone.rung)) == (outcome, 1)


async def test_what_asterisk_refuses_is_tried_another_day_and_given_up_after_the_last_try(
    engine: AsyncEngine, tmp_path: Path, survey: str
) -> None:
    call, telephone = await plan(engine, survey), Telephone()
    telephone.refuse = "There is no such extension."
    async with calling(engine, tmp_path, survey, telephone):
        assert (await until(engine, call, another_day)).reason == "refused"
        yesterday = datetime.now(UTC) - timedelta(days=1)
        await _set(engine, call, tried_at=yesterday, next_at=yesterday)
        assert (await until(engine, call, lambda call: call.state == "given_up")).tries == 2
        assert len(telephone.rung) == 2


async def test_two_calls_to_one_number_ring_once_and_none_while_asterisk_is_away(
    engine: AsyncEngine, tmp_path: Path, survey: str
) -> None:
    calls, telephone = [await plan(engine, survey, n) for n in (1, 2)], Telephone()
    telephone.ready = False
    async with calling(engine, tmp_path, survey, telephone):
        await asyncio.sleep(0.3)
        assert [(await until(engine, call, lambda _: True)).tries for call in calls] == [0, 0]
        telephone.ready = True
        await rings(telephone)
        put_off = await until(engine, calls[1], lambda call: call.next_at > datetime.now(UTC))
        assert (put_off.state, put_off.tries, len(telephone.rung)) == ("waiting", 0, 1)


async def test_who_was_rung_when_we_died_is_not_rung_again_that_day(
    engine: AsyncEngine, tmp_path: Path, survey: str
) -> None:
    call, telephone = await plan(engine, survey), Telephone()
    async with calling(engine, tmp_path, survey, telephone):
        await rings(telephone)
    async with calling(engine, tmp_path, survey, telephone) as again:
        assert (await until(engine, call, another_day)).reason == "lost"
        async with connect(again.address, header("survey-later", telephone.token())) as peer:
            assert await peer.answers("200 result=1") == ["SET VARIABLE CX_SURVEY not_asked"]
    assert len(telephone.rung) == 1


async def test_who_picks_up_when_the_queue_has_stopped_asking_is_let_go_and_the_call_does_not_ring_for_ever(
    engine: AsyncEngine, tmp_path: Path, survey: str
) -> None:
    call, telephone = await plan(engine, survey), Telephone()
    async with calling(engine, tmp_path, survey, telephone) as running:
        await rings(telephone)
        async with engine.begin() as conn:
            await survey_askings.remove(conn, "", "support")
        async with connect(running.address, header("survey-later", telephone.token())) as peer:
            assert await peer.answers("200 result=1") == ["SET VARIABLE CX_SURVEY not_asked"]
        assert (await until(engine, call, lambda call: call.state != "ringing")).reason == "unavailable"


async def test_an_outcome_the_database_did_not_take_leaves_no_call_ringing(
    engine: AsyncEngine, tmp_path: Path, survey: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {"_LIMIT_S": 0.3, "RINGS_S": 0.2, "SPARE_S": 0.1, "LOOKS": 1}.items():
        monkeypatch.setattr(later, name, value)
    monkeypatch.setattr(later, "LOST_AFTER", timedelta(seconds=2))
    call, telephone = await plan(engine, survey), Telephone()
    other = sqlite3.connect(tmp_path / "x.sqlite", isolation_level=None)
    async with calling(engine, tmp_path, survey, telephone):
        await rings(telephone)
        other.execute("BEGIN IMMEDIATE")
        await asyncio.sleep(1.5)
        other.execute("ROLLBACK")
        other.close()
        assert another_day(await until(engine, call, another_day))
    assert len(telephone.rung) == 1


@pytest.mark.parametrize(("wanted", "planned"), [(None, 1), (False, 0)])
async def test_who_is_not_to_be_asked_by_a_routing_rule_is_not_rung_afterwards_either(
    engine: AsyncEngine, survey: str, wanted: bool | None, planned: int
) -> None:
    now = datetime.now(UTC)
    decided = Decision(at=now, result=Result(queue="support", survey=wanted), matched=("r1",))
    new = NewResponse(
        survey_id=survey, server="lab", unique_id="1.1", queue="support", number=NUMBER, call_id="lab-1.1", at=now
    )
    async with engine.begin() as conn:
        await routing_decisions.add(conn, [NewDecision(decision=decided, server="lab", unique_id="1.1")])
        response = await survey_responses.not_asked(conn, new, "caller_hung_up")
        found = await survey_askings.of(conn, "lab", "support")
        assert found is not None
        await Planner(Settings()).unasked(conn, response, found)
        assert await conn.scalar(select(func.count()).select_from(survey_calls_table)) == planned


async def _set(engine: AsyncEngine, call: SurveyCall, **values: Any) -> None:
    async with engine.begin() as conn:
        await conn.execute(survey_calls_table.update().where(survey_calls_table.c.id == call.id).values(**values))
