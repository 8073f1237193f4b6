"""The floor: what the board starts from, rights, rules and levels of alerts, big screens, messages."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from alembic import command
from sqlalchemy import Connection, select, text
from sqlalchemy.ext.asyncio import AsyncEngine

from cxcall.store import (
    alert_rules,
    alerts,
    board_figures,
    calls,
    floor_messages,
    migrate,
    role_rights,
    screens,
    users,
)
from cxcall.store.alert_rules import NoSuchAlertRule
from cxcall.store.alerts import NewAlert
from cxcall.store.board_figures import AgentDay
from cxcall.store.engine import upgrade
from cxcall.store.errors import Conflict
from cxcall.store.floor_tables import screens as screens_table
from cxcall.store.screens import NoSuchScreen
from tests.store.make import MORNING, REGION, after, queue_call, ringing, write

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


async def test_the_board_starts_from_todays_visits_and_those_of_calls_that_go_on(engine: AsyncEngine) -> None:
    yesterday, today, waiting = queue_call(1, at=-90_000), queue_call(2), ringing(queue_call(3, at=-70))
    abandoned = queue_call(4, at=300)
    (visit,) = abandoned.queue_visits
    abandoned = replace(
        abandoned,
        queue_visits=(replace(visit, queue="sales", result="abandoned", interface=None, wait=9.0, talk=0.0),),
        legs=abandoned.legs[:2],
    )
    async with engine.begin() as conn:
        await calls.apply(conn, [write(record) for record in (yesterday, today, waiting, abandoned)], region=REGION)
        found = await board_figures.visits(conn, since=MORNING)
        assert [(fact.call_id, fact.queue, fact.result, fact.wait) for fact in found] == [
            (today.id, "support", "answered", 20.0),
            (abandoned.id, "sales", "abandoned", 9.0),
        ]
        assert (found[0].joined_at, found[0].interface, found[0].talk) == (after(0), "PJSIP/1001", 60.0)
        assert all(fact.call_ended for fact in found)
        (open_,) = await board_figures.under_way(conn)
        assert (open_.call_id, open_.left_at, open_.result, open_.call_ended) == (waiting.id, None, None, False)
        assert await board_figures.visits(conn, since=MORNING - HOUR, until=MORNING) == [open_]
        assert await board_figures.visits(conn, since=MORNING, server="other") == []
        assert await board_figures.under_way(conn, server="other") == []


async def test_what_came_to_each_phone_today_is_answered_or_missed(engine: AsyncEngine) -> None:
    async with engine.begin() as conn:
        records = [queue_call(n, at=n * 100) for n in range(3)]
        await calls.apply(conn, [write(record) for record in records], region=REGION)
        assert await board_figures.agents(conn, since=after(50)) == {
            ("lab", "PJSIP/1001"): AgentDay(answered=2, talk=120.0),
            ("lab", "PJSIP/1002"): AgentDay(missed=2),
        }
        assert await board_figures.agents(conn, since=after(50), until=after(90), server="lab") == {}
        assert await board_figures.csat(conn, since=after(0), until=after(900)) == {}


async def test_rights_are_kept_where_they_differ(engine: AsyncEngine) -> None:
    async with engine.begin() as conn:
        await role_rights.put(conn, "supervisor", "listen", False)
        await role_rights.put(conn, "agent", "listen", True)
        await role_rights.put(conn, "agent", "listen", False)
        assert await role_rights.everything(conn) == {("supervisor", "listen"): False, ("agent", "listen"): False}
        await role_rights.put(conn, "agent", "listen", None)
        assert await role_rights.everything(conn) == {("supervisor", "listen"): False}


async def test_rules_of_the_floor_are_changed_by_one_at_a_time(engine: AsyncEngine) -> None:
    body = {"when": "waiting", "yellow": 5, "red": 10, "queues": ["lab:support"]}
    async with engine.begin() as conn:
        made = await alert_rules.create(conn, body, by="x", now=NOW)
        other = await alert_rules.create(conn, {}, enabled=False, by="x", now=NOW)
        assert await alert_rules.get(conn, made.id) == made
        assert (made.body, await alert_rules.everything(conn, enabled_only=True)) == (body, [made])
        saved = await alert_rules.save(conn, made.id, {"red": 1}, enabled=False, version=1, by="y", now=NOW + HOUR)
        with pytest.raises(Conflict) as met:
            await alert_rules.save(conn, made.id, body, enabled=True, version=1, by="x", now=NOW)
        assert met.value.args == (saved,)
        assert {rule.id for rule in await alert_rules.everything(conn)} == {saved.id, other.id}
        await alert_rules.remove(conn, made.id, version=2)
        with pytest.raises(NoSuchAlertRule):
            await alert_rules.remove(conn, made.id, version=2)


async def test_an_alert_of_a_rule_turns_red_though_snoozed_and_is_over_by_itself(engine: AsyncEngine) -> None:
    yellow = NewAlert(key="floor:r1:lab:support", title="Waiting", level="yellow", rule_id="r1", queue="support")
    async with engine.begin() as conn:
        raised = await alerts.raise_(conn, yellow, now=NOW)
        assert (raised.level, raised.rule_id, raised.queue) == ("yellow", "r1", "support")
        await alerts.snooze(conn, raised.id, until=NOW + HOUR)
        again = await alerts.raise_(conn, yellow, now=NOW)
        assert (again.state, again.n) == ("snoozed", 2)
        worse = await alerts.raise_(conn, replace(yellow, level="red"), now=NOW)
        assert (worse.state, worse.level, worse.is_heard(NOW)) == ("open", "red", True)
        await alerts.snooze(conn, raised.id, until=NOW + HOUR)
        red = await alerts.raise_(conn, replace(yellow, level="red"), now=NOW)
        assert red.state == "snoozed"
        await alerts.raise_(conn, NewAlert(key="rule:1", title="Low score"), now=NOW)
        assert await alerts.of_rules(conn) == [red]
        over = await alerts.clear(conn, yellow.key, now=NOW + HOUR)
        assert over is not None
        assert (over.id, over.state, over.closed_at, over.closed_by) == (raised.id, "closed", NOW + HOUR, "")
        assert await alerts.clear(conn, yellow.key, now=NOW) is None
        assert await alerts.of_rules(conn) == []


async def test_an_alert_is_counted_as_often_as_it_is_raised_on_one_connection(engine: AsyncEngine) -> None:
    async with engine.begin() as conn:
        for n in range(1, 13):  # PostgreSQL plans a statement anew only five times
            raised = await alerts.raise_(conn, NewAlert(key="k", title="t"), now=NOW)
            assert raised.n == n


async def test_a_screens_address_is_known_only_to_its_maker_and_can_be_ended(engine: AsyncEngine) -> None:
    async with engine.begin() as conn:
        made, secret = await screens.make(conn, name=" Hall ", body={"groups": [["support"]]}, by="x", now=NOW)
        assert (made.name, made.body, made.seen_at) == ("Hall", {"groups": [["support"]]}, None)
        assert await screens.find(conn, secret) == await screens.get(conn, made.id) == made
        assert secret not in str((await conn.execute(select(screens_table))).all())
        assert await screens.find(conn, "guessed") is None
        for seconds in (0, 30, 60):
            await screens.seen(conn, made.id, now=NOW + timedelta(seconds=seconds))
            kept = await screens.get(conn, made.id)
            assert kept is not None
            assert kept.seen_at == NOW + timedelta(seconds=60 if seconds == 60 else 0)
        changed = await screens.change(conn, made.id, name="Door", body={"rotate_s": 20})
        assert (changed.name, changed.body) == ("Door", {"rotate_s": 20})
        assert await screens.revoke(conn, made.id, now=NOW)
        assert not await screens.revoke(conn, made.id, now=NOW)
        assert await screens.find(conn, secret) is None
        with pytest.raises(NoSuchScreen):
            await screens.change(conn, made.id, name="x")
        assert [screen.revoked_at for screen in await screens.everything(conn)] == [NOW]


async def test_a_message_waits_until_its_reader_read_it(engine: AsyncEngine) -> None:
    async with engine.begin() as conn:
        sara, omid = [
            (await users.create(conn, name=name, role="agent", password_hash="x")).id for name in ("sara", "omid")
        ]
        first, _ = await floor_messages.send(conn, [sara, omid, sara], from_name="Ali", text="سلام", now=NOW)
        (later,) = await floor_messages.send(conn, [sara], from_name="Ali", text="Lunch?", now=NOW + HOUR)
        assert await floor_messages.unread(conn, sara) == [first, later]
        assert not await floor_messages.read(conn, first.id, user_id=omid, now=NOW)
        assert await floor_messages.read(conn, first.id, user_id=sara, now=NOW)
        assert not await floor_messages.read(conn, first.id, user_id=sara, now=NOW)
        assert await floor_messages.unread(conn, sara) == [later]
        assert [message.text for message in await floor_messages.sent(conn)] == ["Lunch?", "سلام", "سلام"]
        assert await floor_messages.sweep(conn, before=NOW + HOUR) == 2
        await users.remove(conn, sara)
        assert await floor_messages.sent(conn) == []


async def test_alerts_of_before_the_levels_are_red_afterwards(empty: AsyncEngine) -> None:
    def before(connection: Connection) -> None:
        config = migrate._config(migrate._folder())
        config.attributes["connection"] = connection
        command.upgrade(config, "0008")

    columns = "id, key, title, params, link, n, raised_at, last_at, state, closed_by"
    moment = "'2026-11-22T09:00:00Z'" if empty.dialect.name == "postgresql" else "1795338000000000"
    async with empty.begin() as conn:
        await conn.run_sync(before)
        row = f"'a', 'rule:1', 'Low score', '{{}}', '', 3, {moment}, {moment}, 'open', ''"
        await conn.execute(text(f"INSERT INTO alerts ({columns}) VALUES ({row})"))
    await upgrade(empty)
    async with empty.begin() as conn:
        (kept,) = await alerts.heard(conn, now=NOW)
        assert (kept.id, kept.n, kept.raised_at, kept.level, kept.rule_id) == ("a", 3, NOW, "red", "")
        again = await alerts.raise_(conn, NewAlert(key="rule:1", title="Low score"), now=NOW)
        assert (again.id, again.n) == ("a", 4)
