"""The frame in a real browser: keyboard, language and theme, live connection, looks in every variant."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from cxcall.settings import Settings
from cxcall.web.access import Role
from tests.support.chromium import VARIANTS, Variant, axe, overflow, shoot, tab
from tests.support.webapp import PASSWORD, World, start_world

MINE: list[tuple[str, str, Role | None]] = [
    ("login", "/login", None),
    ("settings", "/settings", Role.AGENT),
    ("users", "/admin/users", Role.ADMIN),
    ("users-none", "/admin/users?q=zzz", Role.ADMIN),
    ("user-new", "/admin/users/new", Role.ADMIN),
    ("user", "/admin/users/{sara}", Role.ADMIN),
    ("keys", "/help/keys", Role.SUPERVISOR),
    ("search", "/search?q=set", Role.SUPERVISOR),
    ("search-none", "/search?q=zzz", Role.SUPERVISOR),
    ("not-found", "/nowhere", Role.SUPERVISOR),
    ("forbidden", "/admin/users", Role.SUPERVISOR),
]


LOOKS = [variant for variant in VARIANTS if variant.width == 1440]
SIZES = ((1280, 720), (900, 720), (640, 720), (320, 720))


@pytest.mark.parametrize("role", [None, *Role], ids=lambda role: role or "guest")
async def test_every_page_is_accessible_and_fits_in_every_look_and_size(
    chromium: Browser, world: World, role: Role | None
) -> None:
    faults: list[str] = []
    async with tab(chromium, world, role) as it:
        it.expected = ("404 (Not Found)", "403 (Forbidden)")
        for variant in LOOKS:
            await it.wear(variant)
            for name, path in [(name, path) for name, path, who in MINE if who is role]:
                await it.go(path.format(sara=world.people[Role.AGENT].id))
                found = (await axe(it.page) if variant.full else []) + await overflow(it.page)
                await shoot(it.page, name, variant)
                found += await _smaller(it.page, name, variant)
                faults += [f"{name} {variant}: {fault}" for fault in found]
    assert not faults, "\n".join(faults)


async def _smaller(page: Page, name: str, variant: Variant) -> list[str]:
    """What does not fit in smaller windows; under 1280 px only the page itself must not scroll sideways."""
    faults: list[str] = []
    for width, height in SIZES:
        await page.set_viewport_size({"width": width, "height": height})
        found = await overflow(page)
        faults += [f"at {width}: {fault}" for fault in found if width == 1280 or fault.startswith("page")]
        await shoot(page, name, replace(variant, width=width, height=height))
    await page.set_viewport_size({"width": variant.width, "height": variant.height})
    return faults


async def test_signing_in_and_out_by_keys_alone(chromium: Browser, world: World) -> None:
    async with tab(chromium, world) as it:
        await it.go("/settings")
        page = it.page
        await expect(page.locator("#name")).to_be_focused()
        await page.keyboard.type("omid")
        await page.keyboard.press("Tab")
        await page.keyboard.type(PASSWORD)
        await page.keyboard.press("Enter")
        await expect(page.locator("h1")).to_have_text("Settings")
        menu = page.locator("summary.ava")
        await menu.focus()
        await page.keyboard.press("ArrowDown")
        await expect(page.locator(".pop-menu a").first).to_be_focused()
        await page.keyboard.press("Escape")
        await expect(menu).to_be_focused()
        await page.keyboard.press("ArrowDown")
        await page.keyboard.press("End")
        await page.keyboard.press("Enter")
        await expect(page.locator("h1")).to_have_text("Sign in")


async def test_everything_that_takes_the_focus_shows_a_ring(chromium: Browser, world: World) -> None:
    frames = "e.closest('.search, .fchip, .quick label, cx-file') ?? e"
    async with tab(chromium, world, Role.ADMIN, Variant(theme="dark")) as it:
        for path in ("/settings", "/admin/users", "/admin/users/{sara}", "/customers", "/customers/import", "/calls"):
            await it.go(path.format(sara=world.people[Role.AGENT].id))
            ring = await it.page.evaluate("getComputedStyle(document.documentElement).getPropertyValue('--accent')")
            red, green, blue = (int(ring.strip()[at : at + 2], 16) for at in (1, 3, 5))
            for _ in range(40):
                await it.page.keyboard.press("Tab")
                what, shadow = await it.page.evaluate(
                    f"(() => {{ const e = document.activeElement; const f = {frames};"
                    " return [e.outerHTML.slice(0, 120), getComputedStyle(f).boxShadow]; })()"
                )
                if what.startswith("<body"):
                    break
                assert f"rgb({red}, {green}, {blue})" in shadow, f"{path}: {what}"


async def test_the_skip_link_is_the_first_stop_and_leads_to_the_content(chromium: Browser, world: World) -> None:
    async with tab(chromium, world, Role.SUPERVISOR) as it:
        await it.go("/settings")
        await it.page.keyboard.press("Tab")
        await expect(it.page.locator(".skip")).to_be_focused()
        await it.page.keyboard.press("Enter")
        await expect(it.page.locator("#main")).to_be_focused()


async def test_language_and_theme_are_switched_from_the_top_bar_and_stay(chromium: Browser, world: World) -> None:
    async with tab(chromium, world, Role.SUPERVISOR) as it:
        await it.go("/settings")
        page = it.page
        await page.locator("button.to-dark").click()
        await expect(page.locator("html")).to_have_attribute("data-theme", "dark")
        await expect(page.locator("button.to-light")).to_be_focused()
        assert await background(page) == "rgb(12, 15, 20)"
        await page.get_by_role("button", name="فارسی").click()
        await expect(page.locator("html")).to_have_attribute("dir", "rtl")
        await expect(page.locator("h1")).to_have_text("تنظیمات")
        assert await background(page) == "rgb(12, 15, 20)", "the theme was kept"


async def test_everything_is_read_and_saved_without_scripts(chromium: Browser, world: World) -> None:
    async with tab(chromium, world, Role.ADMIN, scripts=False) as it:
        await it.page.goto(it.origin + "/admin/users")
        page = it.page
        await page.locator("button.to-dark").click()
        await expect(page.locator("html")).to_have_attribute("data-theme", "dark")
        await page.locator("input[name=q]").last.fill("sara")
        await page.get_by_role("button", name="Show").click()
        await page.get_by_role("link", name="Sara Karimi").click()
        await page.locator("#display_name").fill("Sara K.")
        await page.get_by_role("button", name="Save").click()
        await expect(page.locator("h1")).to_have_text("Sara K.")
        await page.locator("summary.ava").click()
        await page.get_by_role("button", name="Sign out", exact=True).click()
        await expect(page.locator("h1")).to_have_text("Sign in")


async def test_a_disabled_person_is_let_in_again_by_the_undo_of_the_toast(chromium: Browser, world: World) -> None:
    async with tab(chromium, world, Role.ADMIN) as it:
        await it.go("/admin/users")
        page = it.page
        await page.get_by_role("button", name="Disable Sara Karimi").click()
        await expect(page.locator(".toast")).to_contain_text("can't sign in any more")
        await expect(page).not_to_have_url(re.compile("done="))  # reloading does not say it again
        await page.locator(".toast button").click()
        await expect(page.locator(".toast")).to_contain_text("can sign in again")


async def test_the_keys_go_to_pages_and_do_nothing_while_typing_or_when_turned_off(
    chromium: Browser, world: World
) -> None:
    async with tab(chromium, world, Role.ADMIN) as it:
        page = it.page
        await it.go("/settings")
        await page.keyboard.press("KeyG")
        await page.keyboard.press("KeyP")
        await page.wait_for_url("**/admin/users")
        await page.locator("main input[name=q]").focus()
        await page.keyboard.type("gs?")
        await expect(page.locator("main input[name=q]")).to_have_value("gs?")
        await page.locator("h1").click()
        await page.keyboard.press("Shift+Slash")
        await page.wait_for_url("**/help/keys")
        await world.prefer(Role.ADMIN, shortcuts="off")
        await it.go("/help/keys")
        await page.keyboard.press("KeyG")
        await page.keyboard.press("KeyS")
        await asyncio.sleep(0.3)
        assert page.url.endswith("/help/keys")


async def test_search_and_commands_by_ctrl_k_in_both_languages(chromium: Browser, world: World) -> None:
    async with tab(chromium, world, Role.ADMIN, Variant("fa", "dark")) as it:
        page = it.page
        await it.go("/help/keys")
        for typed in ("تنظیم", "sett"):
            await page.keyboard.press("Control+KeyK")
            await page.locator("#palette input").fill(typed)
            await expect(page.locator("#palette a[aria-selected=true]")).to_contain_text("تنظیمات")
            assert not await axe(page)
            await shoot(page, "palette", Variant("fa", "dark"))
            await page.keyboard.press("Enter")
            await page.wait_for_url("**/settings")
            await it.go("/help/keys")


async def test_copying_a_shown_secret_and_a_toast_that_says_so(chromium: Browser, world: World) -> None:
    async with tab(chromium, world, Role.ADMIN) as it:
        await it.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        await it.go(f"/admin/users/{world.people[Role.AGENT].id}")
        await it.page.get_by_role("button", name="Make up a new password").click()
        secret = await it.page.locator("code").text_content()
        await shoot(it.page, "secret", Variant())
        await it.page.locator("cx-copy button").click()
        await expect(it.page.locator(".toast")).to_have_text("Copied")
        assert await it.page.evaluate("navigator.clipboard.readText()") == secret


async def test_eight_tabs_are_open_at_once_and_all_live(chromium: Browser, world: World) -> None:
    async with tab(chromium, world, Role.SUPERVISOR) as it:
        pages = [it.page] + [await it.page.context.new_page() for _ in range(7)]
        for page in pages:
            await page.goto(it.origin + "/settings")
        for page in pages:
            await expect(page.locator("html")).to_have_attribute("data-live", "live")


async def test_when_the_server_is_gone_for_ten_seconds_the_page_says_so_and_recovers(
    chromium: Browser, world: World, tmp_path: Path, template: Path
) -> None:
    async with tab(chromium, world, Role.SUPERVISOR) as it:
        it.expected = ("WebSocket connection", "ERR_CONNECTION_REFUSED")
        page, port = it.page, world.server.port
        await page.clock.install()
        async with page.expect_websocket() as opened:
            await it.go("/settings")
        pill = page.locator("cx-live")
        await expect(pill).to_have_text("Live")
        await page.clock.pause_at(datetime.now(UTC) + timedelta(minutes=1))  # the page's time is ours from here
        async with (await opened.value).expect_event("close"):
            await world.server.close()
        await page.clock.run_for(2_900)
        await expect(pill).to_have_text("Live")
        await _in_time(page, "Reconnecting, data from")
        await shoot(page, "reconnecting", Variant())
        await page.clock.run_for(7_000)
        again = await start_world(tmp_path, template, settings=Settings(), clock=world.clock, port=port or 0)
        try:
            await _in_time(page, "Live")
        finally:
            await page.close()
            await again.close()


async def _in_time(page: Page, text: str) -> None:
    """Let the page's time run until its pill begins with `text`: at most 12 s of it, after what is under way."""
    for _ in range(48):
        if (await page.locator("cx-live").inner_text()).strip().startswith(text):
            return
        await page.clock.run_for(250)
        await asyncio.sleep(0.05)
    pytest.fail(f"the pill does not say: {text}")


async def test_signing_out_elsewhere_is_said_and_offers_the_way_back(chromium: Browser, world: World) -> None:
    secret = await world.session(Role.AGENT)
    async with tab(chromium, world, Role.AGENT, session=secret) as it:
        await it.go("/settings")
        await expect(it.page.locator("cx-live")).to_have_text("Live")
        async with tab(chromium, world, Role.AGENT, session=secret) as other:
            await other.go("/help/keys")
            await other.page.locator("summary.ava").click()
            await other.page.get_by_role("button", name="Sign out").click()
            await expect(other.page.locator("h1")).to_have_text("Sign in")
        await expect(it.page.locator(".toast")).to_contain_text("You were signed out.")
        await it.page.get_by_role("button", name="Sign in").click()
        await it.page.wait_for_url("**/login?next=%2Fsettings")


async def background(page: Page) -> str:
    color: str = await page.evaluate("getComputedStyle(document.body).backgroundColor")
    return color
