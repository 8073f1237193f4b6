"""Own reports, views of calls, exports and schedules in Chromium: by keys alone, whole and open to everybody."""

from __future__ import annotations

from datetime import UTC, timedelta
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from cxcall.reports.definition import Definition
from cxcall.reports.timetable import Timetable
from cxcall.store import own_reports, report_jobs, report_schedules
from cxcall.store.report_jobs import Reading
from cxcall.store.report_schedules import Plan
from cxcall.web.access import Role
from tests.browser.desk_stage import stage
from tests.support.call_centre import MARYAM, OMID, SARA, CallCentre, ended, past, ringing
from tests.support.chromium import Variant, axe, overflow, shoot, tab
from tests.support.survey_keys import fill, press_on
from tests.support.webapp import World

LOOKS = [Variant(), Variant(language="fa", theme="dark", width=1280, height=720)]


async def some(centre: CallCentre) -> None:
    lost = ringing("02188341190", centre.ago(minutes=20), queue="sales")
    await centre.tell(
        *[past(MARYAM, centre.ago(minutes=40 + n), at=(SARA, OMID)[n % 2]) for n in range(12)],
        ended(lost, centre.ago(minutes=18)),
    )


async def kept(world: World) -> tuple[str, str]:
    """A report with figures and a schedule with a log; their ids."""
    owner, now = world.people[Role.SUPERVISOR], world.clock()
    async with world.engine.begin() as conn:
        report = await own_reports.create(
            conn, name="Billing in the morning", owner_id=owner.id, period="last_week", shared="overseers", by="omid",
            definition=Definition(by=("queue", "weekday")), now=now,
        )  # fmt: skip
        plan = Plan(report=f"own:{report.id}", period="", mail=("boss@example.com", "ali@example.com"),
                    folder="management/weekly", timetable=Timetable(every="week", weekdays=(5, 0)))  # fmt: skip
        one = await report_schedules.create(
            conn,
            name="Every week",
            owner_id=owner.id,
            plan=plan,
            zone=UTC,
            by="omid",
            now=now,
        )
        for n, (trouble, said) in enumerate((("", ""), ("mail", "boss@example.com: 451 try later"))):
            at = now - timedelta(days=2 - n)
            await report_schedules.run_now(conn, one.id, now=at)
            ((run, _one),) = await report_schedules.take(conn, now=at, limit=1)
            await report_schedules.reached(conn, run, ["folder", "mail:ali@example.com"], ["billing_2026-11-14.xlsx"])
            if trouble:
                await report_schedules.fail(conn, run, "mail", said, now=at, for_good=True)
            else:
                await report_schedules.finish(conn, run, now=at)
        for lines in (0, 120_000):
            await report_jobs.make(
                conn, kind="calls", name="calls-2026-11-21", owner_id=owner.id, query="", reader=Reading(),
                format_="csv", lines=lines, now=now,
            )  # fmt: skip
        job = await report_jobs.take(conn, now=now)
        assert job is not None
        await report_jobs.counted(conn, job, 120_000)
        await report_jobs.written(conn, job, done=48_000, place="x", size=1, now=now)
    return report.id, one.id


async def test_a_report_is_put_together_tried_and_saved_by_keys_alone(chromium: Browser, world: World) -> None:
    async with tab(chromium, world, Role.SUPERVISOR) as at:
        page = at.page
        at.expected = ("422",)
        await at.go("/reports/own")
        await expect(page.locator("main")).to_contain_text("No reports of your own yet.")
        await press_on(page, "a[href='/reports/own/new']")
        await press_on(page, "button[value=save]")
        await expect(page.locator("#name-err")).to_be_visible()
        await fill(page, "#name", "Mine")
        await page.locator("#add").focus()
        await page.keyboard.type("Wait, 90")
        await press_on(page, "button[value=add]")
        await expect(page.locator(".picked li").last).to_contain_text("Wait, 90")
        last = await page.locator(".picked li").count() - 1
        await press_on(page, f"button[value='up:{last}']")
        await expect(page.locator(".picked li").nth(last - 1)).to_contain_text("Wait, 90")
        await expect(page.locator("#name")).to_have_value("Mine")
        await press_on(page, "button[value=save].pri")
        await expect(page.locator("h1")).to_have_text("Mine")
        await expect(page.locator(".meanings")).to_contain_text("Wait, 90")
        await press_on(page, "a[href*='schedules/new']")
        await fill(page, "#name", "Daily")
        await fill(page, "#folder", "daily")
        await press_on(page, "main button.pri")
        await expect(page.locator("h1")).to_have_text("Daily")
        await expect(page.locator("main")).to_contain_text("Every day at 08:00")


async def test_the_filters_of_calls_become_a_tab_by_keys_alone(chromium: Browser, tmp_path: Path) -> None:
    async with stage(chromium, tmp_path) as at:
        await some(at.centre)
        page = await at.open("leila", "/calls?queue=sales")
        await press_on(page, ".viewtabs summary")
        await fill(page, "#view-name", "Sales")
        await page.keyboard.press("Enter")
        await expect(page.locator(".viewtabs [aria-current]")).to_have_text("Sales")
        await expect(page.locator(".viewtabs [aria-current]")).to_be_visible()
        await press_on(page, ".viewtabs a.btn")
        await press_on(page, "form[action$='/remove'] button")
        await expect(page.locator(".viewtabs")).to_have_count(0)
        await press_on(page, ".toast button")
        await expect(page.locator(".viewtabs nav")).to_contain_text("Sales")
        assert at.errors == []


@pytest.mark.parametrize("variant", LOOKS, ids=str)
async def test_pages_are_whole_and_open_to_everybody(chromium: Browser, world: World, variant: Variant) -> None:
    report, schedule = await kept(world)
    async with tab(chromium, world, Role.SUPERVISOR, variant) as at:
        page = at.page
        at.expected = ("422",)
        for name, path in (
            ("list", "/reports/own"), ("report", f"/reports/own/{report}"), ("form", f"/reports/own/{report}/edit"),
            ("schedules", "/reports/schedules"), ("schedule", f"/reports/schedules/{schedule}"),
            ("schedule-form", f"/reports/schedules/{schedule}/edit"), ("exports", "/calls/exports"),
            ("tabs", "/calls?queue=billing"),
        ):  # fmt: skip
            await at.go(path)
            await shoot(page, f"own-{name}", variant)
            assert await axe(page) == [], name
            assert await overflow(page) == [], name
        await at.go("/reports/schedules/new")
        await press_on(page, "main button.pri")
        await page.locator("#name-err").wait_for()
        await shoot(page, "own-wrong", variant)
        assert await axe(page) == [], "wrong"
