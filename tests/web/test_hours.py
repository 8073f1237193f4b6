"""/admin/hours without scripts: weeks and holidays typed, previewed, told to Asterisk; queues closed now and opened."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from cxcall.bus import CommandRefused
from cxcall.bus.queues import Applied, CloseQueue, OpenQueue, RenewQueues
from cxcall.queues.definition import QueueDefinition
from cxcall.queues.hours import Holiday, Span
from cxcall.store import calendars, closures, queue_servers, queues
from cxcall.web.access import Role
from tests.support.queue_stage import SERVER, settings
from tests.support.webapp import Browser, World, start_world

PATH = "/admin/hours"
FIELD = re.compile(r'<input[^>]*name="(?P<name>(?:day|holiday|name|zone|version)[^"]*)"[^>]*value="(?P<value>[^"]*)"')


@dataclass(slots=True)
class Asterisk:
    """What it was asked; `refuses`: why it takes nothing."""

    refuses: str = ""
    asked: list[Any] = field(default_factory=list)

    async def __call__(self, act: Any) -> Applied:
        if self.refuses:
            raise CommandRefused(self.refuses)
        self.asked.append(act)
        return Applied(outcome="applied", version=2)


@pytest.fixture
async def world(tmp_path: Path, template: Path) -> AsyncIterator[World]:
    world = await start_world(tmp_path, template, settings=settings(tmp_path))
    yield world
    await world.close()


@pytest.fixture
async def asterisk(world: World) -> Asterisk:
    """A server whose queue "billing" cxcall writes."""
    now, asterisk = world.clock(), Asterisk()
    definition = QueueDefinition(name="billing", title={"en": "Billing"})
    async with world.engine.begin() as conn:
        await queue_servers.save(conn, SERVER, mode="managed", by="leila", now=now)
        await queues.create(conn, SERVER, definition, by="leila", now=now)
        await queues.applied(conn, SERVER, [definition], by="leila", now=now)
        await queues.observe(conn, SERVER, ["sales"], now=now)
    for name in ("queues:close", "queues:open", "queues:renew"):
        world.commands.serve(name, asterisk)
    return asterisk


async def form_of(browser: Browser, path: str) -> dict[str, str]:
    page = (await browser.get(path)).text
    return {found["name"]: found["value"] for found in FIELD.finditer(page)}


async def test_a_week_is_typed_previewed_and_saved(world: World, asterisk: Asterisk, admin: Browser) -> None:
    sent = await form_of(admin, f"{PATH}/new")
    assert (sent["day.0.0.since"], sent["day.5.0.since"], sent["zone"]) == ("09:00", "", "Asia/Tehran")
    typed = {**sent, "name": "Office", "day.0.0.since": "۸", "day.0.0.to": "1630", "day.5.0.since": "10:00",
             "day.5.0.to": "", "waiting": "leave"}  # fmt: skip
    wrong = await admin.post(f"{PATH}/new", {**typed, "do": "save"})
    assert wrong.status == 422
    assert "is not a time of day" in wrong.text
    typed |= {"day.5.0.to": "14:00"}
    added = await admin.post(f"{PATH}/new", {**typed, "do": "add-holiday"})
    assert re.search(r'id="holiday-0-date"[^>]* autofocus', added.text)
    typed |= {"holiday.0.date": "۱۴۰۵/۹/۱", "holiday.0.calendar": "jalali", "holiday.0.title": "Stocktaking",
              "holiday.0.since": "", "holiday.0.to": ""}  # fmt: skip
    preview = await admin.post(f"{PATH}/new", {**typed, "do": "preview"})
    # It is Saturday the 21st of November 2026, 10:42 in Tehran; 1 Azar 1405 is the Sunday after it.
    for words in ("Open until 14:00", "Sat 21 Nov 14:00", "Mon 23 Nov 08:00"):
        assert words in preview.text, words
    saved = await admin.post(f"{PATH}/new", {**typed, "do": "save"})
    assert (saved.status, saved.headers["Location"]) == (303, f"{PATH}?done=saved")
    async with world.engine.connect() as conn:
        (kept,) = await calendars.everything(conn)
    assert kept.calendar.week[0] == (Span(since="08:00", to="16:30"),)
    assert kept.calendar.holidays == (Holiday(date="1405-09-01", calendar="jalali", title="Stocktaking"),)
    assert kept.calendar.waiting == "leave"
    assert asterisk.asked == [], "no queue goes by it yet"
    same = await admin.post(f"{PATH}/{kept.id}", {**await form_of(admin, f"{PATH}/{kept.id}"), "do": "same:1"})
    assert re.search(r'name="day.1.0.since" value="08:00"', same.text)
    again = await admin.post(f"{PATH}/new", {**typed, "do": "save"})
    assert (again.status, "hours of this name already" in again.text) == (409, True)


async def test_asterisk_is_told_of_hours_that_queues_go_by_and_what_it_did_not_take_is_said(
    world: World, asterisk: Asterisk, admin: Browser
) -> None:
    sent = await form_of(admin, f"{PATH}/new")
    await admin.post(f"{PATH}/new", {**sent, "name": "Office", "do": "save"})
    async with world.engine.begin() as conn:
        (kept,) = await calendars.everything(conn)
        definition = QueueDefinition(name="billing", title={"en": "Billing"}, calendar=kept.id)
        await queues.save_draft(conn, SERVER, "billing", definition, version=1, by="leila", now=world.clock())
        await queues.applied(conn, SERVER, [definition], by="leila", now=world.clock())
    path = f"{PATH}/{kept.id}"
    sent = {**await form_of(admin, path), "day.0.0.to": "18:00", "do": "save"}
    assert (await admin.post(path, sent)).status == 303
    assert asterisk.asked == [RenewQueues(server=SERVER, by="leila")]
    assert (await admin.post(path, sent)).status == 409, "the version is an older one"
    asterisk.refuses = "Nothing listens on here:5038."
    page = await admin.post(path, {**await form_of(admin, path), "do": "save"})
    assert "has not taken it" in page.text
    assert "Try again" in page.text
    asterisk.refuses = ""
    assert (await admin.post(f"{path}/tell")).status == 303
    refused = await admin.post(f"{path}/remove")
    assert (refused.status, "Queues go by these hours: billing" in refused.text) == (409, True)
    listed = await admin.get(PATH)
    assert "Billing" in listed.text
    async with world.engine.begin() as conn:
        await queues.applied(conn, SERVER, [QueueDefinition(name="billing")], by="leila", now=world.clock())
    gone = await admin.post(f"{path}/remove", follow=True)
    assert f'action="{path}/restore"' in gone.text
    assert (await admin.post(f"{path}/restore")).status == 303
    assert (await admin.post(f"{path}/restore")).status == 404, "only once"
    assert (await admin.get(path)).status == 200, "the same hours under the same address"


async def test_a_queue_is_closed_now_with_a_reason_and_a_time_and_opened_again(
    world: World, asterisk: Asterisk, supervisor: Browser
) -> None:
    page = await supervisor.get(f"{PATH}?queue={SERVER}:billing")
    assert f'value="{SERVER}:billing" selected' in page.text
    assert f'value="{SERVER}:sales"' not in page.text, "Asterisk would not ask there"
    bad = await supervisor.post(f"{PATH}/close", {"queue": f"{SERVER}:sales", "until": "at", "until_time": "25"})
    assert bad.status == 422
    assert "Choose what to close" in bad.text
    assert "That is no time" in bad.text
    asked = {
        "queue": f"{SERVER}:billing",
        "until": "at",
        "until_time": "۱۲:۰۰",
        "why": "Fire drill",
        "waiting": "leave",
    }
    asterisk.refuses = "Nothing was done. Nothing listens on here:5038."
    away = await supervisor.post(f"{PATH}/close", asked)
    assert (away.status, "Asterisk did not take it" in away.text, "Fire drill" in away.text) == (409, True, True)
    asterisk.refuses = ""
    noon = (world.clock().replace(second=0, microsecond=0) + timedelta(minutes=78)).timestamp()
    assert (await supervisor.post(f"{PATH}/close", asked)).status == 303
    assert asterisk.asked == [CloseQueue(server=SERVER, queue="billing", until=noon)]
    async with world.engine.connect() as conn:
        (kept,) = await closures.standing(conn, now=world.clock())
    assert (kept.closure.why, kept.closure.waiting, kept.closure.by) == ("Fire drill", "leave", "Omid Rahimi")
    page = await supervisor.get(PATH)
    for words in ("Fire drill", "Billing", "who waits leaves", "12:00"):
        assert words in page.text, words
    opened = await supervisor.post(f"{PATH}/open", {"closure": kept.id, "next": "/alerts"})
    assert opened.headers["Location"] == "/alerts"
    assert asterisk.asked[-1] == OpenQueue(server=SERVER, queue="billing")
    async with world.engine.connect() as conn:
        assert await closures.standing(conn, now=world.clock()) == []


async def test_hours_are_read_in_persian_from_saturday_on(world: World, asterisk: Asterisk, admin: Browser) -> None:
    await world.prefer(Role.ADMIN, language="fa")
    sent = await form_of(admin, f"{PATH}/new")
    assert (sent["day.4.0.since"], sent["day.5.0.since"]) == ("", "۰۹:۰۰")
    page = (await admin.post(f"{PATH}/new", {**sent, "name": "دفتر", "do": "iran"})).text
    assert page.index("شنبه") < page.index("پنجشنبه")
    assert 'value="نوروز"' in page
    assert (await admin.post(f"{PATH}/new", {**sent, "name": "دفتر", "do": "save"})).status == 303
    async with world.engine.connect() as conn:
        (kept,) = await calendars.everything(conn)
    assert kept.calendar.week[5] == (Span(since="09:00", to="17:00"),)


async def test_agents_close_nothing_and_supervisors_change_no_hours(
    asterisk: Asterisk, agent: Browser, supervisor: Browser
) -> None:
    assert (await agent.get(PATH)).status == 403
    assert (await agent.post(f"{PATH}/close", {"queue": f"{SERVER}:billing"})).status == 403
    assert (await supervisor.get(PATH)).status == 200
    assert (await supervisor.post(f"{PATH}/new", {"name": "x", "do": "save"})).status == 403
    assert asterisk.asked == []
