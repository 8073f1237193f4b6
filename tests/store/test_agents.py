"""Agents: what they are good at, their teams, where they sit, why they pause, what they did all day."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from cxcall.store import agent_states, pause_reasons, sign_ins, skills, teams, users
from cxcall.store.agent_states import PastSpell, StateChange
from cxcall.store.agent_tables import agent_states as states_table
from cxcall.store.agent_times import times
from cxcall.store.engine import open_engine, upgrade
from cxcall.store.errors import Conflict
from cxcall.store.pause_reasons import NoSuchPauseReason, PauseReasonTaken
from cxcall.store.reporting.tables import rollup_states
from cxcall.store.skills import NoSuchSkill, SkillNameTaken
from cxcall.store.teams import NoSuchTeam, TeamNameTaken

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


async def person(conn: AsyncConnection, name: str, *extensions: str) -> str:
    made = await users.create(conn, name=name, role="agent", password_hash="hash", extensions=extensions)
    return made.id


async def test_skills_have_levels_and_go_with_their_people(engine: AsyncEngine) -> None:
    async with engine.begin() as conn:
        sara, omid = await person(conn, "sara"), await person(conn, "omid")
        french, arabic = await skills.create(conn, " French "), await skills.create(conn, "عربی")
        await skills.set_of_user(conn, sara, {french.id: 5, arabic.id: 2})
        await skills.set_of_user(conn, omid, {french.id: 1})
        await skills.set_of_user(conn, sara, {french.id: 4})
        assert await skills.levels(conn) == {sara: {french.id: 4}, omid: {french.id: 1}}
        assert await skills.of_user(conn, sara) == {french.id: 4}
        with pytest.raises(ValueError, match="1 to 5"):
            await skills.set_of_user(conn, sara, {french.id: 6})
        with pytest.raises(NoSuchSkill):
            await skills.set_of_user(conn, sara, {"none": 1})
        await users.remove(conn, omid)
        assert await skills.levels(conn) == {sara: {french.id: 4}}
        with pytest.raises(SkillNameTaken):
            await skills.create(conn, "FRENCH")
        renamed = await skills.rename(conn, french.id, "Français", version=1)
        assert await skills.everything(conn) == [renamed, arabic]
        with pytest.raises(Conflict):
            await skills.remove(conn, french.id, version=1)
        await skills.remove(conn, french.id, version=2)
        assert await skills.levels(conn) == {}
        with pytest.raises(NoSuchSkill):
            await skills.rename(conn, french.id, "x", version=2)


STEP = st.tuples(
    st.sampled_from(["PJSIP/1001", "PJSIP/1002"]), st.sampled_from(["ready", "on_call", "paused", "offline"]),
    st.sampled_from(["", "lunch"]), st.sampled_from([None, "u1", "u2"]), st.integers(-90, 300),
)  # fmt: skip


def test_spells_of_a_phone_never_overlap_and_add_up_whatever_comes_in_whatever_order(tmp_path: Path) -> None:
    async def opened() -> AsyncEngine:
        made = open_engine(f"sqlite:///{tmp_path / 'cxcall.db'}")
        await upgrade(made)
        return made

    async def check(engine: AsyncEngine, steps: list[tuple[str, str, str, str | None, int]], batch: int) -> None:
        at, changes = NOW, []
        for phone, state, reason, user, seconds in steps:
            at += timedelta(seconds=seconds)  # the clock may be set back
            changes.append(StateChange(server="lab", interface=phone, state=state, reason=reason, user_id=user, at=at))
        async with engine.begin() as conn:
            await conn.execute(delete(states_table))
            for n in range(0, len(changes), batch):
                await agent_states.write(conn, changes[n : n + batch])
            spells = await agent_states.history(conn, since=NOW - 99 * HOUR, until=NOW + 99 * HOUR)
        for phone in {change.interface for change in changes}:
            mine = [spell for spell in spells if spell.interface == phone]
            told = [change for change in changes if change.interface == phone]
            assert [spell.until for spell in mine[:-1]] == [spell.since for spell in mine[1:]], "end to end"
            assert all(spell.until is not None and spell.since < spell.until for spell in mine[:-1])
            assert mine[-1].until is None
            assert (mine[-1].state, mine[-1].reason, mine[-1].user_id) == (
                told[-1].state, told[-1].reason, told[-1].user_id
            )  # fmt: skip
            assert mine[0].since == told[0].at

    with asyncio.Runner() as runner:
        engine = runner.run(opened())

        @settings(max_examples=50, deadline=None)
        @given(st.lists(STEP, min_size=1, max_size=25), st.integers(1, 10))
        def whatever(steps: list[tuple[str, str, str, str | None, int]], batch: int) -> None:
            runner.run(check(engine, steps, batch))

        whatever()
        runner.run(engine.dispose())


async def test_days_that_are_over_are_forgotten_a_few_at_a_time_and_what_lasts_stays(
    engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(agent_states, "SWEPT", 2)
    states = ("ready", "on_call", "ready", "paused", "ready")
    async with engine.begin() as conn:
        await agent_states.write(
            conn,
            [
                StateChange(server="lab", interface="PJSIP/1001", state=state, at=NOW - (9 - n) * HOUR)
                for n, state in enumerate(states)
            ],
        )
        assert [await agent_states.sweep(conn, before=NOW - 5 * HOUR) for _ in range(3)] == [2, 1, 0]
        left = await agent_states.history(conn, since=NOW - 20 * HOUR, until=NOW)
        assert [spell.state for spell in left] == ["paused", "ready"]
        assert await agent_states.sweep(conn, before=NOW) == 1, "what lasts stays, however old"


async def test_a_team_has_a_leader_and_members_by_name(engine: AsyncEngine) -> None:
    async with engine.begin() as conn:
        zahra, omid, ali = [await person(conn, name) for name in ("zahra", "omid", "ali")]
        team = await teams.create(conn, name="Front", leader_id=zahra, members=[zahra, omid, zahra])
        assert (team.members, team.leader_id) == ((omid, zahra), zahra)
        with pytest.raises(TeamNameTaken):
            await teams.create(conn, name="front ")
        changed = await teams.change(conn, team.id, version=1, members=[ali], leader_id="")
        assert (changed.members, changed.leader_id, changed.name, changed.version) == ((ali,), None, "Front", 2)
        with pytest.raises(Conflict) as met:
            await teams.change(conn, team.id, version=1, name="Back")
        assert met.value.args == (changed,)
        await teams.change(conn, team.id, version=2, leader_id=omid)
        await users.remove(conn, omid)
        (kept,) = await teams.of_user(conn, ali)
        assert kept.leader_id is None
        await teams.remove(conn, team.id, version=3)
        assert (await teams.everything(conn), await teams.of_user(conn, ali)) == ([], [])
        with pytest.raises(NoSuchTeam):
            await teams.remove(conn, team.id, version=3)


async def test_a_site_begins_with_reasons_to_pause_and_makes_them_its_own(engine: AsyncEngine) -> None:
    async with engine.begin() as conn:
        assert await pause_reasons.seed(conn) == 5
        assert await pause_reasons.seed(conn) == 0
        ready = await pause_reasons.everything(conn)
        assert [reason.id for reason in ready] == ["lunch", "break", "meeting", "training", "paperwork"]
        assert all(reason.name["fa"] and reason.name["en"] for reason in ready)
        prayer = await pause_reasons.create(conn, name={"fa": "نماز", "en": "Prayer"}, limit_s=900)
        assert await pause_reasons.get(conn, prayer.id) == prayer
        with pytest.raises(PauseReasonTaken):
            await pause_reasons.create(conn, name={}, reason_id="lunch")
        changed = await pause_reasons.change(
            conn, "lunch", version=1, limit_s=0, enabled=False, name={"en": "Lunch break"}, counts_as="work"
        )
        assert (changed.limit_s, changed.enabled, changed.name, changed.counts_as, changed.version) == (
            0, False, {"en": "Lunch break"}, "work", 2,
        )  # fmt: skip
        with pytest.raises(Conflict):
            await pause_reasons.change(conn, "lunch", version=1, enabled=True)
        with pytest.raises(NoSuchPauseReason):
            await pause_reasons.change(conn, "none", version=1)
        await pause_reasons.order(conn, [prayer.id, "none", "training"])
        shown = await pause_reasons.everything(conn, enabled_only=True)
        assert [reason.id for reason in shown] == [prayer.id, "training", "break", "meeting", "paperwork"]


async def test_who_signs_in_at_a_phone_has_it_until_somebody_else_does(engine: AsyncEngine) -> None:
    async with engine.begin() as conn:
        sara = await person(conn, "sara", "PJSIP/1001", "PJSIP/1005")
        omid = await person(conn, "omid", "PJSIP/1002")
        everyone = {"PJSIP/1001": sara, "PJSIP/1005": sara, "PJSIP/1002": omid}
        assert await sign_ins.owners(conn, "lab") == everyone
        assert await sign_ins.phones(conn, sara, "lab") == ("PJSIP/1001", "PJSIP/1005")
        sat = await sign_ins.sign_in(conn, omid, "lab", "PJSIP/1001", now=NOW)
        assert await sign_ins.sign_in(conn, omid, "lab", "PJSIP/1001", now=NOW + HOUR) == sat
        assert await sign_ins.at(conn, "lab", "PJSIP/1001") == await sign_ins.of_user(conn, omid) == sat
        assert await sign_ins.owners(conn, "lab") == {"PJSIP/1001": omid, "PJSIP/1005": sara}
        assert await sign_ins.owners(conn, "other") == {"PJSIP/1001": sara, "PJSIP/1005": sara}
        assert await sign_ins.phones(conn, omid, "lab") == ("PJSIP/1001",)
        assert await sign_ins.phones(conn, omid, "other") == ()
        assert await sign_ins.phones(conn, sara, "lab") == ("PJSIP/1005",)
        await sign_ins.sign_in(conn, sara, "lab", "PJSIP/1001", now=NOW + HOUR)
        assert await sign_ins.of_user(conn, omid) is None
        assert [each.user_id for each in await sign_ins.open_ones(conn, "lab")] == [sara]
        left = await sign_ins.sign_out(conn, sara, now=NOW + 2 * HOUR)
        assert left is not None
        assert (left.since, left.until) == (NOW + HOUR, NOW + 2 * HOUR)
        assert await sign_ins.sign_out(conn, sara, now=NOW) is None
        assert await sign_ins.owners(conn, "lab") == everyone
        assert [each.until for each in await sign_ins.history(conn, omid)] == [NOW + HOUR]


async def test_two_who_sign_in_at_one_phone_at_once_do_not_both_sit_there(engine: AsyncEngine) -> None:
    async def one(user_id: str) -> None:
        try:
            async with engine.begin() as conn:
                await sign_ins.sign_in(conn, user_id, "lab", "PJSIP/1001", now=NOW)
        except Conflict:
            return

    async with engine.begin() as conn:
        people = [await person(conn, name) for name in ("a", "b", "c")]
    await asyncio.gather(*(one(user_id) for user_id in people))
    async with engine.begin() as conn:
        assert len(await sign_ins.open_ones(conn)) == 1


def change(state: str, seconds: float, interface: str = "PJSIP/1001", **more: Any) -> StateChange:
    return StateChange(server="lab", interface=interface, state=state, at=NOW + timedelta(seconds=seconds), **more)


async def spells(conn: AsyncConnection) -> list[tuple[str, float, float | None]]:
    found = await agent_states.history(conn, since=NOW - HOUR, until=NOW + 9 * HOUR)
    return [
        (each.state, (each.since - NOW).total_seconds(), (each.until - NOW).total_seconds() if each.until else None)
        for each in found
    ]


async def test_states_follow_each_other_and_the_same_again_changes_nothing(engine: AsyncEngine) -> None:
    day = [change("ready", 0), change("ringing", 60), change("on_call", 65), change("wrap_up", 300)]
    expected = [("ready", 0, 60), ("ringing", 60, 65), ("on_call", 65, 300), ("wrap_up", 300, None)]
    async with engine.begin() as conn:
        assert len(await agent_states.write(conn, day)) == 4
        assert await spells(conn) == expected
        assert await agent_states.write(conn, [change("wrap_up", 400)]) == []
        assert await spells(conn) == expected
        await agent_states.write(conn, day)
        assert await spells(conn) == expected
        await agent_states.write(conn, [change("wrap_up", 400, queues=("support",), name="Sara")])
        (now,) = await agent_states.now_in(conn, "lab")
        assert (now.queues, now.name, now.since) == (("support",), "Sara", NOW + timedelta(seconds=300))
        await agent_states.write(conn, [change("paused", 310, reason="lunch"), change("paused", 310, reason="break")])
        assert (await spells(conn))[3:] == [("wrap_up", 300, 310), ("paused", 310, None)]


async def test_what_nobody_watches_any_more_ends(engine: AsyncEngine) -> None:
    async with engine.begin() as conn:
        await agent_states.write(conn, [change("ready", 0), change("ready", 0, "PJSIP/1002")])
        assert await agent_states.end(conn, "lab", "PJSIP/1001", at=NOW + HOUR)
        assert not await agent_states.end(conn, "lab", "PJSIP/1001", at=NOW + HOUR)
        assert await agent_states.end_all(conn, "lab", at=NOW - HOUR) == 1
        assert await spells(conn) == [("ready", 0, 3600)]
        assert await agent_states.now_in(conn) == []


async def test_times_take_their_part_of_a_period_and_add_up_to_login(engine: AsyncEngine) -> None:
    async with engine.begin() as conn:
        await agent_states.write(
            conn,
            [
                change("ready", -100, user_id="sara", name="Sara"),
                change("on_call", 50, user_id="sara", name="Sara"),
                change("paused", 80, user_id="sara", name="Sara", reason="lunch"),
                change("paused", 90, user_id="sara", name="Sara", reason="break"),
                change("offline", 100, user_id="sara", name="Sara"),
                # Another phone of hers rings on while she talks at the first.
                change("ringing", 40, "PJSIP/1005", user_id="sara", name="Sara"),
                change("ready", 60, "PJSIP/1005", user_id="sara", name="Sara"),
                change("offline", 85, "PJSIP/1005", user_id="sara", name="Sara"),
                change("ready", 10, "PJSIP/1009"),
            ],
        )
        until = NOW + timedelta(seconds=200)
        sara, nobody = await times(conn, since=NOW, until=until, now=NOW + timedelta(seconds=120))
        assert sara.seconds == {"ready": 45, "ringing": 10, "on_call": 30, "paused": 15, "offline": 20}
        assert (sara.paused, sara.login, sara.name) == ({"lunch": 5, "break": 10}, 100, "Sara")
        assert (nobody.user_id, nobody.interface, nobody.seconds) == (None, "PJSIP/1009", {"ready": 110})
        assert await times(conn, since=NOW, until=until, now=NOW + HOUR, user_id="omid") == []


async def test_spells_that_were_over_before_are_counted_as_those_that_were_written_live(engine: AsyncEngine) -> None:
    live = [change("ready", 0), change("paused", 900, reason="lunch"), change("ready", 2400), change("offline", 5000)]
    rows = select(rollup_states).order_by(*rollup_states.primary_key)
    async with engine.connect() as conn:
        async with conn.begin() as written:
            await agent_states.write(conn, live)
            expected = [tuple(row) for row in await conn.execute(rows)]
            await written.rollback()
        past = [
            PastSpell(
                server=one.server, interface=one.interface, user_id=one.user_id, name=one.name, state=one.state,
                reason=one.reason, queues=("support",), since=one.at, until=after.at,
            )
            for one, after in pairwise(live)
        ]  # fmt: skip
        async with conn.begin():
            await agent_states.add_past(conn, past)
            await agent_states.add_past(conn, [])
            assert expected == [tuple(row) for row in await conn.execute(rows)] != []
            kept = await agent_states.history(conn, since=NOW, until=NOW + 9 * HOUR)
        assert [(one.state, one.reason, one.queues, one.since, one.until) for one in kept] == [
            (one.state, one.reason, one.queues, one.since, one.until) for one in past
        ]
