"""The wallboard in Chromium: as wide as it must be in both languages and themes, live, by keys, and on a wall."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from playwright.async_api import Browser, Page, expect

from cxcall.store import pause_reasons, screens
from cxcall.web.access import Role
from tests.support.chromium import VARIANTS, Tab, Variant, axe, overflow, shoot, tab
from tests.support.wallboard import Floor
from tests.support.webapp import World

KIOSK = [Variant("en", "dark", 1920, 1080), Variant("fa", "dark", 1920, 1080)]


async def _words(world: World) -> None:
    async with world.engine.begin() as conn:
        await pause_reasons.seed(conn)


async def _keys(page: Page, attribute: str) -> list[str]:
    found: list[str] = await page.eval_on_selector_all(
        f"[{attribute}]", f"all => all.map((one) => one.getAttribute('{attribute}'))"
    )
    return found


async def _live(at: Tab) -> None:
    await expect(at.page.locator("html")).to_have_attribute("data-live", "live")


async def test_the_board_is_accessible_and_fits_in_every_look(chromium: Browser, world: World) -> None:
    await _words(world)
    Floor(world)
    async with tab(chromium, world, Role.SUPERVISOR) as at:
        for variant in VARIANTS:
            await at.wear(variant)
            await at.page.set_viewport_size({"width": variant.width, "height": variant.height})
            table = variant.width == 1280 and variant.full
            for view in ("", "?view=table") if table else ("",):
                await at.go("/wallboard" + view)
                assert await overflow(at.page) == [], f"{variant} {view}"
                await shoot(at.page, "wallboard" + view.strip("?"), variant)
                if not view:
                    await at.page.locator('[data-agent="lab:1001"] a.nm').click()
                    await at.page.locator(".row-acts").wait_for()
                    assert await overflow(at.page) == [], f"{variant} with a row open"
                if view or (variant.full and variant.width == 1440):
                    assert await axe(at.page) == [], f"{variant} {view}"


async def test_the_browser_writes_the_same_as_the_server(chromium: Browser, world: World) -> None:
    """Everything is told once more: nothing on the page may look otherwise than the server made it."""
    await _words(world)
    floor = Floor(world)
    told = "document.querySelector('cx-board').innerText.replace(/\\d+:\\d\\d(:\\d\\d)?|[۰-۹]+:[۰-۹]+/g, 'T')"
    shapes = (
        "[...document.querySelectorAll('[data-tile], [data-v], [data-k]')].map((e) => e.getAttribute('class')).join()"
    )
    for language, query in (("en", ""), ("fa", "?queue=lab:general&queue=lab:billing")):
        async with tab(chromium, world, Role.SUPERVISOR, scripts=False) as bare:
            await world.prefer(Role.SUPERVISOR, language=language)
            await bare.go("/wallboard" + query)
            plain = await bare.page.locator("cx-board .wb").inner_text()
        async with tab(chromium, world, Role.SUPERVISOR) as at:
            await world.prefer(Role.SUPERVISOR, language=language)
            await at.go("/wallboard" + query)
            await _live(at)
            before = (await at.page.evaluate(told), await at.page.evaluate(shapes))
            waiting = at.page.locator('[data-tile="lab:general"] [data-v="waiting"]')
            floor.change("general", waiting=1)
            await expect(waiting).to_have_text("1" if language == "en" else "۱")
            floor.change("general", waiting=0)
            floor.tell(queues=floor.tiles, agents=floor.seats, calls=floor.calls)
            await expect(waiting).to_have_text("0" if language == "en" else "۰")
            assert (await at.page.evaluate(told), await at.page.evaluate(shapes)) == before
            drawn = await at.page.locator("cx-board .wb").inner_text()
        clock = re.compile(r"[\d۰-۹]+:[\d۰-۹]+(:[\d۰-۹]+)?")
        assert clock.sub("T", drawn).split() == clock.sub("T", plain).split()


async def test_patches_change_numbers_at_once_and_places_slowly(chromium: Browser, world: World) -> None:
    floor = Floor(world)
    async with tab(chromium, world, Role.SUPERVISOR) as at:
        page = at.page
        await at.go("/wallboard")
        await _live(at)
        general = page.locator('[data-tile="lab:general"]')
        before = await _keys(page, "data-tile")
        assert before[3] == "lab:general"
        floor.change("general", waiting=4, longest=floor.now - 200, state="act", why=("longest",), sl=40.0)
        await expect(general.locator('[data-v="waiting"]')).to_have_text("4")
        await expect(general.locator(".for-act")).to_be_visible()
        await expect(general.locator('[data-v="longest"] cx-clock')).to_have_text(re.compile(r"3:2\d"))
        assert await _keys(page, "data-tile") == before, "nothing moves at once"
        await page.evaluate("document.querySelector('cx-board').dataset.orderMs = '50'")
        await page.reload()
        await _live(at)
        await page.evaluate("document.querySelector('cx-board').dataset.orderMs = '50'")
        floor.change("sales", waiting=9, longest=floor.now - 900, state="act", why=("longest",))
        await expect(page.locator("[data-tile]").first).to_have_attribute("data-tile", "lab:sales")
        floor.seat("lab:1006", state="on_call", call="lab-1.9", queue="general", since=floor.now, caller_name="Mina")
        seat = page.locator('[data-agent="lab:1006"]')
        await expect(seat).to_contain_text("General · Mina")
        await seat.locator("a.nm").focus()
        await expect(seat.locator("[data-steps]")).to_have_css("opacity", "1")
        await expect(seat.locator("input[name=call]")).to_have_value("lab-1.9")
        floor.calls = floor.calls[:1]
        floor.tell(calls=floor.calls)
        await expect(page.locator("[data-needy]")).to_have_count(1)
        added = floor.tiles["lab:gold"]
        floor.tiles["lab:new"] = type(added)(server="lab", name="new", title={"en": "Brand new"})
        floor.tell(queues={"lab:new": floor.tiles["lab:new"]})
        await expect(page.locator('[data-tile="lab:new"]')).to_contain_text("Brand new")
        floor.live = False
        floor.tell(servers={"lab": {"live": False, "since": floor.now}})
        await expect(page.get_by_text("has not been heard since")).to_be_visible()


async def test_the_board_is_used_by_keys(chromium: Browser, world: World) -> None:
    floor = Floor(world)
    async with tab(chromium, world, Role.SUPERVISOR) as at:
        page = at.page
        await at.go("/calls")
        await page.keyboard.press("KeyG")
        await page.keyboard.press("KeyW")
        await page.wait_for_url("**/wallboard")
        await page.locator("[data-agents]").wait_for()
        row = page.locator('[data-agent="lab:1001"] a.nm')
        await row.focus()
        await page.keyboard.press("KeyL")
        await page.locator("dialog.ask").wait_for()
        await page.keyboard.press("Escape")
        await expect(page.locator("dialog.ask")).to_have_count(0)
        await row.press("Enter")
        await expect(page.locator(".row-acts button", has_text="Listen")).to_be_focused()
        floor.seat("lab:1001", state="wrap_up", call="", held_since=None)
        await expect(page.locator('[data-agent="lab:1001"] [data-v="state"]')).to_have_text("Wrap-up")
        await expect(page.locator(".row-acts select[name=to]")).to_be_visible()
        await page.keyboard.press("Escape")
        await expect(row).to_be_focused()
        await expect(page.locator(".row-acts")).to_have_count(0)
        await page.locator("summary", has_text="Needs attention first").press("ArrowDown")
        await page.keyboard.press("ArrowDown")
        await page.keyboard.press("Enter")
        await page.wait_for_url("**/wallboard?sort=name")
        assert (await _keys(page, "data-agent"))[0] == "lab:1005"
        await page.get_by_role("button", name="Snooze 10 min").press("Enter")
        await expect(page.locator("[data-banner]")).to_have_count(0)
        await page.wait_for_url("**/wallboard?sort=name")
        await page.keyboard.press("KeyF")
        await expect(page.locator("cx-board:fullscreen")).to_have_count(1)
        await page.keyboard.press("KeyF")
        await expect(page.locator("cx-board:fullscreen")).to_have_count(0)
        await page.locator("summary", has_text="All queues").press("Enter")
        await page.get_by_label("Gold line").press("Space")
        await page.get_by_role("button", name="Show").press("Enter")
        await page.wait_for_url("**queue=lab*gold*")
        assert await _keys(page, "data-tile") == ["lab:gold"]


@pytest.mark.parametrize("variant", KIOSK, ids=str)
async def test_a_wall_shows_group_after_group_large_and_says_when_it_is_cut_off(
    chromium: Browser, world: World, variant: Variant
) -> None:
    floor = Floor(world)
    groups = {"lab:billing": "Front", "lab:gold": "Front"}
    body = {"queues": [], "groups": groups, "each": 4, "rotate_s": 1, "language": variant.language}
    async with world.engine.begin() as conn:
        screen, key = await screens.make(conn, name="Hall", body=body, by="omid", now=world.clock())
    async with tab(chromium, world, None, variant) as at:
        page = at.page
        await at.go(f"/wallboard/screen?key={key}")
        shown = page.locator(".group:not([hidden])")
        await expect(shown).to_have_count(1)
        await expect(page.locator(".dots i")).to_have_count(2)
        await expect(page.locator(".dots i.on")).to_have_count(1)
        await expect(page.locator("[data-group]")).to_have_text("Front")
        assert await overflow(page) == []
        assert await axe(page) == []
        size = await page.locator(".tile .m dd").first.evaluate("one => parseFloat(getComputedStyle(one).fontSize)")
        assert size >= 3 * 22
        below = await page.evaluate("document.documentElement.scrollHeight - innerHeight")
        assert below <= 0, "all of it is seen without scrolling"
        await shoot(page, "wallboard-screen", variant)
        first = await shown.get_attribute("data-queues")
        await expect(shown).not_to_have_attribute("data-queues", first or "")
        floor.change("billing", waiting=13)
        await expect(page.locator('[data-tile="lab:billing"] [data-v="waiting"]')).to_have_text(
            "۱۳" if variant.language == "fa" else "13"
        )
        at.expected = ("Failed to load resource", "ERR_")
        await page.route("**/wallboard/screen/now", lambda route: route.abort())
        lost = page.locator(".lost:not([hidden])")
        await expect(lost).to_have_text(re.compile(r"[\d۰-۹]+:[\d۰-۹]+:[\d۰-۹]+"))
        await page.unroute("**/wallboard/screen/now")
        await page.locator(".lost:not([hidden])").wait_for(state="detached")
        async with world.engine.begin() as conn:
            await screens.revoke(conn, screen.id, now=world.clock() + timedelta(seconds=1))
        await page.locator(".notice").wait_for()


async def test_screens_are_made_in_both_languages(chromium: Browser, world: World) -> None:
    Floor(world)
    async with tab(chromium, world, Role.SUPERVISOR) as at:
        for variant in (Variant("en", "light", 1280, 720), Variant("fa", "dark", 1280, 720)):
            await at.wear(variant)
            await at.go("/admin/screens")
            await at.page.locator("#screen-name").fill("Hall")
            await at.page.locator(".screens-new .btn.pri").click()
            await at.page.locator("#screen-made").wait_for()
            assert await axe(at.page) == []
            assert await overflow(at.page) == []
            await shoot(at.page, "screens", variant)
