"""What is known of a caller, read by their number in one statement."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from cxcall.calls.record import CallRecord
from cxcall.customers.profile import Profile
from cxcall.routing.facts import Past
from cxcall.store import agent_states, calls, customer_merges, customers, routing_facts, tasks, understood, users
from cxcall.store.agent_states import StateChange
from cxcall.store.call_back_tables import call_backs
from cxcall.store.errors import is_away
from cxcall.store.routing_facts import KnownFacts
from cxcall.store.tasks import NewTask
from cxcall.store.understood import Outcome
from tests.store.make import MORNING, REGION, after, queue_call, ringing, write
from tests.store.speech_make import spoken
from tests.store.survey_make import answered

MARYAM = "+989123456789"
TEHRAN = ZoneInfo("Asia/Tehran")
NOW = after(8 * 3600).astimezone(TEHRAN)
"""Six in the evening of the day that began with MORNING, ten o'clock in Tehran."""
DAY = 86_400


async def known(conn: AsyncConnection, number: str = MARYAM, **owners: str) -> KnownFacts:
    """`owners` by the number of their phone: _1001."""
    phones = {("lab", f"PJSIP/{phone[1:]}"): user for phone, user in owners.items()}
    return await routing_facts.of_number(conn, number, now=NOW, owners=phones)


async def told(conn: AsyncConnection, *records: CallRecord) -> None:
    await calls.apply(conn, [write(record) for record in records], region=REGION)


def abandoned(n: int, at: float) -> CallRecord:
    record = ringing(queue_call(n, at=at))
    visit = replace(record.queue_visits[0], left_at=after(at + 20), result="abandoned", wait=20.0)
    return replace(record, ended_at=after(at + 20), outcome="abandoned", ended_by="caller", queue_visits=(visit,))


def promise(n: int, **columns: Any) -> dict[str, Any]:
    at = after(60)
    return {
        "id": f"b{n}", "version": 1, "server": "lab", "queue": "support", "number": f"+98935{n:07d}",
        "state": "waiting", "reason": "", "tries": 0, "joined_at": at, "made_at": at, "next_at": at,
        "first_call": "x", "body": "{}",
    } | columns  # fmt: skip


async def test_nothing_is_known_of_a_number_nobody_has_nor_of_one_that_was_withheld(engine: AsyncEngine) -> None:
    async with engine.begin() as conn:
        await told(conn, queue_call(1))
        assert await known(conn, "+982100000000") == await known(conn, "") == KnownFacts(customer=None, past=Past())


async def test_a_profile_the_present_call_has_just_made_is_nobody_known(engine: AsyncEngine) -> None:
    async with engine.begin() as conn:
        await told(conn, ringing(queue_call(1)))
        assert await known(conn) == KnownFacts(customer=None, past=Past())
        made = await customers.by_number(conn, MARYAM)
        assert made is not None
        await customers.change(conn, made.id, replace(made.profile, city="Qom"))
        found = (await known(conn)).customer
        assert found is not None
        assert (found.id, found.segment) == (made.id, "new")


async def test_the_profile_is_told_with_value_manager_tags_in_order_and_segment(engine: AsyncEngine) -> None:
    async with engine.begin() as conn:
        sara = await users.create(conn, name="sara", role="agent", password_hash="x")
        profile = Profile(
            name="مریم حسینی", numbers=("+982188341190", MARYAM), tier="gold", language="fa", tags=("vip", "late", "a"),
            value=12_500.5, manager=sara.id,
        )  # fmt: skip
        made = await customers.create(conn, profile)
        await told(conn, *(queue_call(n, at=-DAY * days) for n, days in enumerate((5, 40, 80, 120, 200, 300))))
        for number in profile.numbers:
            found = (await known(conn, number)).customer
            assert found is not None
            assert (found.id, found.name, found.tier, found.language, found.tags, found.value, found.manager) == (
                made.id, "مریم حسینی", "gold", "fa", ("vip", "late", "a"), 12_500.5, sara.id
            )  # fmt: skip
            assert found.segment == "loyal"


async def test_calls_are_counted_by_the_sites_day_without_those_that_go_on_and_those_we_made(
    engine: AsyncEngine,
) -> None:
    ours = replace(queue_call(9, at=3600), direction="outbound", called=MARYAM)
    async with engine.begin() as conn:
        night = -10 * 3600 + 1800  # half an hour after midnight in Tehran, the day before in UTC
        await told(
            conn, abandoned(1, night), abandoned(2, 0), queue_call(3, at=60), queue_call(4, at=night - 3600),
            queue_call(5, at=-DAY * 6), queue_call(6, at=-DAY * 8), ours, ringing(queue_call(7, at=7200)),
        )  # fmt: skip
        past = (await known(conn)).past
        assert (past.calls_today, past.abandoned_today, past.calls_week) == (3, 2, 5)
        assert past.last_call_at == after(60)
        assert (past.last_outcome, past.last_queue) == ("answered", "support")
        assert past.last_call_at.tzinfo is TEHRAN


async def test_the_last_agent_is_who_sat_at_the_phone_then_else_whose_it_is_now(engine: AsyncEngine) -> None:
    """Sara's phone is 1001 in every call; who sat there changes. The oldest call was before anybody wrote it down."""
    at = {"early": -30 * DAY, "omid": -20 * DAY, "nobody": -10 * DAY, "leila": -5 * DAY}
    spells = [("omid", -25), ("", -15), ("leila", -6)]
    async with engine.begin() as conn:
        for user, day in spells:
            change = StateChange(
                server="lab", interface="PJSIP/1001", state="ready", at=after(day * DAY), user_id=user or None
            )
            await agent_states.write(conn, [change])
        await told(conn, *(queue_call(n, at=seconds) for n, seconds in enumerate(at.values())))
        past = (await known(conn, _1001="owner")).past
        assert past.known_agents == ("leila", "omid", "owner")
        assert (past.last_agent, past.last_agent_at) == ("leila", after(-5 * DAY + 20))
        assert (await known(conn)).past.known_agents == ("leila", "omid")
        assert (await known(conn, _1002="omid 2")).past.known_agents == ("leila", "omid")  # 1002 only rang


async def test_who_rang_the_customer_back_is_an_agent_they_know(engine: AsyncEngine) -> None:
    caller, _, sara = queue_call(1).legs
    legs = (replace(sara, role="caller"), replace(caller, role="callee"))
    ours = replace(queue_call(1), direction="outbound", called=MARYAM, legs=legs, queue_visits=())
    async with engine.begin() as conn:
        await told(conn, ours)
        past = (await known(conn, _1001="sara")).past
        assert (past.last_agent, past.calls_week, past.last_call_at) == ("sara", 0, None)


async def test_scores_and_moods_are_the_newest_and_the_last_agents_are_told_apart(engine: AsyncEngine) -> None:
    async with engine.begin() as conn:
        older, newer = queue_call(1, at=-3 * DAY), queue_call(2, at=-2 * DAY)
        newer = replace(
            newer, legs=tuple(replace(leg, channel=leg.channel.replace("1001", "1003")) for leg in newer.legs)
        )
        await told(conn, older, newer)
        phones = {"_1001": "sara", "_1003": "omid"}
        maryam = await customers.by_number(conn, MARYAM)
        assert maryam is not None
        whose: dict[str, Any] = {"customer_id": maryam.id}
        assert (await known(conn, **phones)).past.last_agent == "omid"
        await answered(conn, 1, csat=1, nps=10, at=-3 * DAY + 90, call_id=older.id, **whose)
        past = (await known(conn, **phones)).past
        assert (past.last_score, past.last_agent_score, past.last_mood) == (0.0, None, None)
        await answered(conn, 2, csat=4, at=-2 * DAY + 90, call_id=newer.id, **whose)
        past = (await known(conn, **phones)).past
        assert (past.last_score, past.last_agent_score) == (75.0, 75.0)
        await answered(conn, 3, nps=5, at=-DAY, **whose)
        past = (await known(conn, **phones)).past
        assert (past.last_score, past.last_agent_score) == (50.0, 75.0)
        for n, (at, sentiment) in enumerate(((-3 * DAY, 0.9), (-2 * DAY, -0.5), (-DAY, None))):
            talk = await spoken(conn, n, "hello", at=at, subject=f"talk {n}", **whose)
            await understood.keep(conn, talk.id, Outcome(sentiment=sentiment), now=NOW)
        assert (await known(conn)).past.last_mood == "negative"


async def test_open_tasks_and_promises_are_counted_also_those_of_a_profile_that_was_merged(engine: AsyncEngine) -> None:
    due = NOW + timedelta(hours=1)
    async with engine.begin() as conn:
        kept = await customers.create(conn, Profile(name="Maryam", numbers=(MARYAM,)))
        gone = await customers.create(conn, Profile(name="M", numbers=("+989350000001",)))
        for kind, owner in (("follow_up", kept), ("follow_up", gone)):
            new = NewTask(kind=kind, title="x", due_at=due, made_by="sara", customer_id=owner.id)  # type: ignore[arg-type]  # of this test
            made = await tasks.create(conn, new, now=NOW)
        await customer_merges.merge(conn, kept.id, gone.id, by="sara")
        past = (await known(conn)).past
        assert (past.open_tasks, past.call_back_promised) == (2, False)
        await tasks.end(conn, made.id, version=1, state="done", outcome="", by="sara", now=NOW)
        await tasks.create(
            conn, NewTask(kind="call_back", title="x", due_at=due, made_by="sara", customer_id=kept.id), now=NOW
        )
        past = (await known(conn)).past
        assert (past.open_tasks, past.call_back_promised) == (2, True)


async def test_a_call_back_is_promised_while_it_is_open_by_number_or_customer(engine: AsyncEngine) -> None:
    async with engine.begin() as conn:
        maryam = await customers.create(conn, Profile(name="Maryam", numbers=(MARYAM,)))
        await conn.execute(call_backs.insert().values(promise(1, number="+982100000000")))
        assert (await known(conn, "+982100000000")).past.call_back_promised
        assert not (await known(conn)).past.call_back_promised
        await conn.execute(call_backs.insert().values(promise(2, customer_id=maryam.id)))
        assert (await known(conn)).past.call_back_promised
        await conn.execute(call_backs.update().values(ended_at=NOW))
        assert not (await known(conn)).past.call_back_promised


async def test_call_backs_follow_a_merge_but_one_customer_waits_for_one_only(engine: AsyncEngine) -> None:
    async with engine.begin() as conn:
        kept = await customers.create(conn, Profile(name="Maryam", numbers=(MARYAM,)))
        gone = await customers.create(conn, Profile(name="M", numbers=("+989350000002",)))
        waits = promise(1, number=MARYAM, customer_id=kept.id)
        for row in (waits, promise(2, customer_id=gone.id), promise(3, customer_id=gone.id, ended_at=MORNING)):
            await conn.execute(call_backs.insert().values(row))
        merge = await customer_merges.merge(conn, kept.id, gone.id, by="sara")
        owners = {row.id: row.customer_id for row in await conn.execute(call_backs.select())}
        assert owners == {"b1": kept.id, "b2": gone.id, "b3": kept.id}
        await customer_merges.undo_merge(conn, merge.id)
        owners = {row.id: row.customer_id for row in await conn.execute(call_backs.select())}
        assert owners == {"b1": kept.id, "b2": gone.id, "b3": gone.id}


async def test_a_database_that_can_not_be_asked_is_told_as_one_that_is_away(empty: AsyncEngine) -> None:
    async with empty.connect() as conn:  # without its tables
        with pytest.raises(OperationalError) as away:
            await known(conn)
    assert is_away(away.value)
