"""Who is called back is accounted for once, when they were reached: not for asking, nor for each try in vain."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from cxcall.asterisk.surveys.follower import Follower
from cxcall.asterisk.surveys.news import News
from cxcall.bus import Bus
from cxcall.calls.record import CallId, CallRecord, Leg
from cxcall.routing.call_back import CallBack
from cxcall.store import call_backs, calls, survey_responses
from cxcall.store.calls import CallWrite
from cxcall.store.engine import open_engine
from cxcall.store.ledger import Ledger
from cxcall.store.survey_askings import QueueAsking
from cxcall.store.survey_responses import NewResponse, Response
from cxcall.store.survey_tables import survey_responses as rows
from cxcall.surveys.script import Script, Thank
from tests.store.make import after, queue_call
from tests.store.survey_make import CSAT
from tests.support.schema import new_database
from tests.support.survey_line import prepare


@pytest.fixture
async def engine(tmp_path: Path) -> AsyncIterator[AsyncEngine]:
    engine = open_engine(new_database(tmp_path / "x.sqlite"))
    yield engine
    await engine.dispose()


def a_try(n: int, *, reached: bool) -> CallRecord:
    """The call of a try: an agent has it, and the customer is dialled."""
    made = queue_call(n, at=100 * n)
    customer = Leg(channel=f"PJSIP/trunk-{n}", unique_id=f"dialled-{n}", role="callee", number="09123456789")
    return replace(
        made, id=CallId(f"lab-cxcb-b-{n}"), linked_ids=(f"cxcb-b-{n}",), direction="outbound",
        legs=(*made.legs[1:], customer), talks=made.talks if reached else (),
    )  # fmt: skip


async def test_a_customer_who_is_called_back_is_accounted_for_once(engine: AsyncEngine) -> None:
    survey, planned = await prepare(engine, Script(parts=(CSAT, Thank(id="thanks")))), list[str]()

    async def unasked(conn: AsyncConnection, response: Response, asking: QueueAsking) -> None:
        planned.append(response.call_id or "")

    follower = Follower(
        engine=engine, bus=(bus := Bus(epoch=1)), ledger=Ledger(engine), news=News(bus), running=(), unasked=unasked
    )
    asked = queue_call(1)
    asked = replace(asked, talks=(), queue_visits=(replace(asked.queue_visits[0], result="left"),))
    in_vain, reached = a_try(2, reached=False), a_try(3, reached=True)
    promise = CallBack(
        id="b", server="lab", queue="support", number="+989123456789", joined_at=after(0), made_at=after(5),
        next_at=after(5), first_call=asked.id, last_call=reached.id,
    )  # fmt: skip
    new = NewResponse(
        server="lab", unique_id="dialled-3", survey_id=survey, survey_version=1, call_id=reached.id, queue="support",
        at=after(400),
    )  # fmt: skip
    async with engine.begin() as conn:
        await calls.apply(conn, [CallWrite(record=one, revision=1) for one in (asked, in_vain, reached)], region="IR")
        await call_backs.add(conn, promise)
        response = await survey_responses.offer(conn, new)
    for one in (asked, in_vain, reached):
        async with engine.begin() as conn:
            await follower.account(conn, one.id)
    async with engine.connect() as conn:
        assert (await conn.scalars(select(rows.c.id))).all() == [response.id]
    assert planned == []
