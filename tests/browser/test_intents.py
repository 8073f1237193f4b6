"""Intents in Chromium: written by keys from an empty list, tried, changed by two at once; the pop."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from cxcall.speech.intents import body_of
from cxcall.speech.templates.intents import READY_MADE
from cxcall.store import intents, reasons
from cxcall.store.reasons import How, Reason
from cxcall.web.access import Role
from tests.browser.desk_stage import stage
from tests.support.call_centre import MARYAM, ringing
from tests.support.chromium import Language, Variant, axe, overflow, shoot, tab
from tests.support.survey_keys import fill, press_on
from tests.support.webapp import World

PATH = "/admin/routing/intents"
LOST = {
    "en": "the thingummy in my kitchen squeaks whenever I walk past it at night",
    "fa": "آن چیز توی آشپزخانه شب‌ها صدا می‌دهد",
}
EXAMPLES = "I need winter tyres\nmy wheel is flat\nthere is a hole in my tyre"


async def lately(world: World) -> str:
    """The ready-made intents, and callers who were understood or not; the id of one intent."""
    async with world.engine.begin() as conn:
        made = [await intents.create(conn, one.name, body_of(one), by="", now=world.clock()) for one in READY_MADE]
        for n in range(12):
            intent, text = (READY_MADE[n % 4].name, "") if n % 4 else ("", LOST["fa" if n % 8 else "en"])
            at = world.clock() - timedelta(hours=n + 1)
            how: How = "keyed" if n == 1 else "confirmed" if n == 2 else "sure" if intent else "none"
            await reasons.put(conn, Reason(id=str(n), at=at, call_id=f"lab-{n}", text=text, intent=intent, how=how))
    return made[0].id


async def test_an_intent_is_written_tried_and_kept_by_keys_alone(chromium: Browser, world: World) -> None:
    async with tab(chromium, world, Role.ADMIN) as at:
        page = at.page
        at.expected = ("422", "409")
        await at.go(PATH)
        await expect(page.locator("main")).to_contain_text("No intents yet.")
        await press_on(page, "a[href$='/new']")
        await expect(page.locator("#title-en")).to_be_visible()
        await fill(page, "#title-en", "New tyres")
        await fill(page, "#name", "new tyres")
        await page.keyboard.press("Enter")
        await expect(page.locator("#name-err")).to_be_visible()
        await fill(page, "#name", "tyres")
        await fill(page, "#phrases-en", "tyre*")
        await page.locator("#examples-en").focus()
        await page.keyboard.insert_text(EXAMPLES)  # as pasted
        await fill(page, "#text", "one of my tyres is flat")
        await page.keyboard.press("Enter")
        await expect(page.locator(".tried.good")).to_contain_text("New tyres")
        assert await page.locator("#examples-en").input_value() == EXAMPLES
        async with world.engine.connect() as conn:
            assert await intents.everything(conn) == [], "trying saves nothing"
        await fill(page, "#text", "")
        await press_on(page, "button[value=save].pri")
        await expect(page.get_by_text("The intent is made.").first).to_be_visible()
        other = await page.context.new_page()
        await other.goto(page.url)
        for one, title in ((other, "Tyres, all"), (page, "Tyres, winter")):
            await fill(one, "#title-en", title)
            await press_on(one, "button[value=save].pri")
        await expect(page.locator("[role=alert]")).to_contain_text("Somebody else changed this intent meanwhile")
        assert await page.input_value("#title-en") == "Tyres, winter", "what was typed stays"
    async with world.engine.connect() as conn:
        (kept,) = await intents.everything(conn)
    assert (kept.body["title"]["en"], kept.body["examples"]["en"]) == ("Tyres, all", EXAMPLES.split("\n"))


@pytest.mark.parametrize("variant", [Variant(), Variant(language="fa", theme="dark", width=1280, height=720)], ids=str)
async def test_pages_of_intents_are_whole_and_open_to_everybody(
    chromium: Browser, world: World, variant: Variant
) -> None:
    async with tab(chromium, world, Role.ADMIN, variant) as at:
        page = at.page
        at.expected = ("422",)

        async def look(name: str) -> None:
            await shoot(page, f"intents-{name}", variant)
            assert await axe(page) == [], name
            assert await overflow(page) == [], name

        await at.go(PATH)
        await look("empty")
        one = await lately(world)
        text = {"en": "where is my order and my bill", "fa": "سفارشم کجاست و قبضم چه شد"}[variant.language]
        await at.go(f"{PATH}?text={text}")
        await look("list")
        await page.locator(".lost button").first.scroll_into_view_if_needed()
        await look("lost")
        await page.locator("#learn-1").select_option(one)
        await press_on(page, ".lost button")
        await expect(page.locator(".lost li")).to_have_count(3)
        await at.go(f"{PATH}/{one}")
        await look("form")
        await fill(page, "#text", text)
        await page.keyboard.press("Enter")
        await page.locator(".tried").wait_for()
        await page.locator(".tried").scroll_into_view_if_needed()
        await look("tried")
        await fill(page, "#text", "")
        await fill(page, "#name", "a b")
        await press_on(page, "button[value=save].pri")
        await page.locator("#name-err").wait_for()
        await look("wrong")


@pytest.mark.parametrize("language", ["en", "fa"])
async def test_the_agent_reads_in_the_pop_what_the_caller_said(
    chromium: Browser, tmp_path: Path, language: Language
) -> None:
    async with stage(chromium, tmp_path, language=language) as at:
        rings = ringing(MARYAM, at.centre.ago(seconds=20))
        said = Reason(
            id="t", at=at.centre.now, call_id=rings.id, text="where is my order I ordered it two weeks ago",
            intent="order_status", confidence=0.9, how="sure",
        )  # fmt: skip
        async with at.centre.engine.begin() as conn:
            for one in READY_MADE:
                await intents.create(conn, one.name, body_of(one), by="", now=at.centre.now)
            await reasons.put(conn, said)
        page = await at.open("sara", "/desk")
        await at.centre.tell(rings)
        await expect(page.locator(".said q")).to_contain_text(said.text)
        await expect(page.locator(".said")).to_contain_text("پیگیری سفارش" if language == "fa" else "Where is my order")
        await shoot(page, "intents-pop", Variant(language=language))
        assert await at.faults(page) == []
        assert at.errors == []
