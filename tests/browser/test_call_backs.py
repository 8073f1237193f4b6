"""Call-backs that keep their place, in Chromium: seen, called off, planned and written by keys, in both languages."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
import pytest_asyncio
from playwright.async_api import Browser

from cxcall.bus.call_backs import CANCEL, PLACES, CancelCallBack
from cxcall.routing.call_back import CallBack
from cxcall.routing.call_back_plan import CallBackPlan
from cxcall.store import call_back_plans, call_backs
from cxcall.web.access import Role
from tests.support import queue_stage
from tests.support.chromium import Variant, axe, overflow, shoot, tab
from tests.support.survey_keys import PATIENCE_MS, choose, fill, press_on
from tests.support.webapp import Clock, World, start_world

HOUR = timedelta(hours=1)
LIST, PLANS = "/routing/call-backs", "/admin/routing/call-backs"
LOOKS = [Variant(), Variant("fa", "dark", 1280, 720)]


@pytest_asyncio.fixture(loop_scope="session")
async def world(tmp_path: Path, template: Path) -> AsyncIterator[World]:
    clock = Clock()
    clock.real()
    world = await start_world(tmp_path, template, clock=clock, settings=queue_stage.settings(tmp_path))
    yield world
    await world.close()


def waiting(world: World, n: int, **more: Any) -> CallBack:
    """A customer who waits to be called."""
    now = world.clock()
    one = CallBack(
        id=f"{n:026x}", server="lab", queue="billing", number=f"+98912123456{n}", name=f"Mina {n}",
        joined_at=now - HOUR, made_at=now - HOUR, next_at=now, first_call="lab-1.1",
    )  # fmt: skip
    return msgspec.structs.replace(one, **more)


async def promised(world: World) -> None:
    """Call-backs in every state, and two queues with a plan."""
    now = world.clock()
    ended = {"ended_at": now, "tries": 2}
    async with world.engine.begin() as conn:
        for one in (
            waiting(world, 1), waiting(world, 2, next_at=now + HOUR, reason="busy", tries=1),
            waiting(world, 3, state="calling", agent_name="سارا کریمی"),
            waiting(world, 4, state="task", reason="no_answer", task_id="ab", **ended),
            waiting(world, 6, state="cancelled", reason="supervisor", ended_by="omid", **ended),
        ):  # fmt: skip
            await call_backs.add(conn, one)
        for queue, plan in (("billing", CallBackPlan()), ("sales", CallBackPlan(enabled=False, first="customer"))):
            await call_back_plans.save(conn, "lab", queue, plan, by="leila", now=now)


async def test_a_call_back_appears_without_reload_and_is_called_off_by_keys(chromium: Browser, world: World) -> None:
    async def take(act: object) -> None:
        assert isinstance(act, CancelCallBack)
        ended = msgspec.structs.replace(one, state="cancelled", reason="supervisor", ended_at=world.clock())
        async with world.engine.begin() as conn:
            await call_backs.save(conn, ended)
        world.bus.publish("call_backs", {"id": one.id})

    one = waiting(world, 5)
    world.commands.serve(CANCEL, take)
    async with tab(chromium, world, Role.SUPERVISOR) as at:
        await at.go("/routing/call-backs")
        page = at.page
        await page.get_by_text("Nobody waits for a call.").wait_for()
        async with world.engine.begin() as conn:
            await call_backs.add(conn, one)
        world.bus.publish("call_backs", {"id": one.id})
        await page.get_by_role("button", name="Call off Mina 5").focus()
        await page.keyboard.press("Enter")
        await page.get_by_text("The call-back was called off.").wait_for()
        await page.get_by_text("Nobody waits for a call.").wait_for()


async def test_a_queue_is_planned_and_written_by_keys_alone(chromium: Browser, world: World) -> None:
    switch = await queue_stage.staged(world)
    async with tab(chromium, world, Role.ADMIN) as at:
        page = at.page
        await at.go("/admin/routing")
        await press_on(page, "nav.tabs a[href='/admin/routing/call-backs']")
        await page.get_by_text("No queue calls back yet.").wait_for()
        await fill(page, "#p0-queue", "billing")
        await choose(page, "#p0-key", "5")
        await fill(page, "#p0-tries", "0")
        await press_on(page, "form[aria-labelledby='p0-h'] .btn.pri")
        await page.locator("#p0-tries-err").wait_for(timeout=PATIENCE_MS)
        await fill(page, "#p0-tries", "2")
        await press_on(page, "form[aria-labelledby='p0-h'] .btn.pri")
        await page.locator("ins", has_text="+context = cxcall-key-5").wait_for(timeout=PATIENCE_MS)
        await press_on(page, "button[value=apply]")
        await page.get_by_text("Applied. Asterisk has read it and says the same.").wait_for(timeout=PATIENCE_MS)
        assert await page.locator("ins").count() == 0
        at.expected = ("422",)
    assert switch.applied["billing"].exit_context == "cxcall-key-5"


@pytest.mark.parametrize("variant", LOOKS, ids=str)
async def test_the_pages_are_whole_and_open_to_everybody(chromium: Browser, world: World, variant: Variant) -> None:
    switch = await queue_stage.staged(world)
    async with tab(chromium, world, Role.ADMIN, variant) as at:

        async def look(name: str, path: str = "") -> None:
            if path:
                await at.go(path)
            await shoot(at.page, f"call-backs-{name}", variant)
            assert await axe(at.page) == [], name
            assert await overflow(at.page) == [], name

        await look("nobody", LIST)
        await look("no-plans", PLANS)
        await promised(world)
        await look("nobody-listens", LIST)

        async def places(_: None) -> dict[str, int]:
            return {waiting(world, 1).id: 2}

        world.commands.serve(PLACES, places)
        await look("open", LIST)
        await look("ended", f"{LIST}?tab=ended")
        await look("plans", PLANS)
        switch.foreign = True
        await press_on(at.page, "button[value=apply]")
        await at.page.locator(".banner.bad").wait_for(timeout=PATIENCE_MS)
        await look("not-written")
        at.expected = ("409",)
