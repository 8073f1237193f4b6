"""Prompts in Chromium: recorded by its microphone, made from text, played, put to use and taken back."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio
from playwright.async_api import Browser, Page, async_playwright

from cxcall.settings import Data, Prompts, Settings, Site
from cxcall.store import prompt_files, prompts
from cxcall.web.access import Role
from cxcall.web.keys import SETTINGS
from tests.support import speech
from tests.support.chromium import ARGS, EXECUTABLE, Language, Tab, Theme, Variant, axe, overflow, shoot, tab
from tests.support.sounds import tone, wav
from tests.support.webapp import Clock, World, start_world

MICROPHONE = "--use-fake-device-for-media-stream"
"""A microphone that beeps once a second; who may use it is decided as with a real one."""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def speaking() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=EXECUTABLE, args=[*ARGS, MICROPHONE])
        yield browser
        await browser.close()


@pytest_asyncio.fixture(loop_scope="session")
async def world(tmp_path: Path, template: Path) -> AsyncIterator[World]:
    clock = Clock()
    clock.real()
    settings = Settings(site=Site(), data=Data(dir=str(tmp_path)), prompts=Prompts(espeak=speech.espeak()))
    world = await start_world(tmp_path, template, settings=settings, clock=clock)
    yield world
    await world.close()


async def add(world: World, name: str = "Thanks", *, sounds: tuple[str, ...] = (), draft: str = "") -> str:
    """A prompt with sounds in some languages; its address."""
    async with world.engine.begin() as conn:
        prompt = await prompts.create(conn, name=name, texts={"fa": "از پاسخ شما سپاسگزاریم.", "en": "Thank you."})
    for n, language in enumerate((*sounds, *filter(None, [draft]))):
        made = await prompt_files.make_and_keep(world.app[SETTINGS], wav(tone(300 + 100 * n, 1.5)))
        put = prompts.set_variant if n < len(sounds) else prompts.set_draft
        async with world.engine.begin() as conn:
            await put(conn, prompt.id, language, made, source="upload", by="leila")
    return f"/admin/prompts/{prompt.id}"


async def playing(page: Page, player: str) -> None:
    await page.wait_for_function(
        "which => { const a = document.querySelector(which + ' audio'); return a.currentTime > 0.05 || a.ended; }",
        arg=player,
    )


async def test_a_prompt_is_recorded_by_the_microphone_heard_put_to_use_and_taken_back(
    speaking: Browser, world: World
) -> None:
    path = await add(world, sounds=("fa",))
    async with tab(speaking, world, Role.ADMIN) as at:
        page = at.page
        await page.context.grant_permissions(["microphone"], origin=at.origin)
        await at.go(path)
        farsi = page.locator("section[aria-labelledby=fa]")
        await farsi.locator("[data-record]").click()
        await page.wait_for_function("() => document.querySelector('section[aria-labelledby=fa] meter').value > 0")
        await farsi.locator("[data-time]", has_text="0:02").wait_for()
        assert await farsi.locator("[data-record]").get_attribute("aria-pressed") == "true"
        await farsi.locator("text=Stop and listen").click()
        await farsi.locator("text=New, not in use yet").wait_for()
        await page.locator("text=Listen to the new one").wait_for()
        await farsi.locator(".newsound .playbtn").click()
        await playing(page, ".newsound")
        await farsi.locator("text=Put to use").click()
        await page.locator(".toast", has_text="Callers hear the new one").wait_for()
        assert await farsi.locator(".newsound").count() == 0
        await farsi.locator("text=Recorded in the browser").wait_for()
        await page.locator(".toast >> text=Undo").click()
        await farsi.locator("text=From a file").wait_for()
    async with world.engine.connect() as conn:
        prompt = await prompts.get(conn, path.rpartition("/")[2])
    assert prompt is not None
    recorded = prompt.variant("fa").previous
    assert recorded is not None
    assert (recorded.source, recorded.by) == ("browser", "leila")
    assert 0.2 < recorded.seconds < 20


async def test_a_refused_microphone_is_said_and_the_page_still_works(speaking: Browser, world: World) -> None:
    path = await add(world)
    async with tab(speaking, world, Role.ADMIN) as at:
        await at.go(path)
        english = at.page.locator("section[aria-labelledby=en]")
        await english.locator("[data-record]").click()
        await english.locator("[role=alert]", has_text="The microphone was refused.").wait_for()
        assert await english.locator("[data-record]").get_attribute("aria-pressed") == "false"
        await english.locator("input[type=file]").set_input_files(
            {"name": "said.wav", "mimeType": "audio/wav", "buffer": wav(tone())}
        )
        await english.locator("text=Send the file").click()
        await english.locator("text=New, not in use yet").wait_for()


async def test_a_prompt_is_made_from_text_by_keys_alone(speaking: Browser, world: World) -> None:
    async with tab(speaking, world, Role.ADMIN) as at:
        page = at.page
        await at.go("/admin/prompts/new")
        assert await page.evaluate("document.activeElement.id") == "name"
        await page.keyboard.type("Goodbye")
        await page.locator("#en").focus()
        await page.keyboard.type("Goodbye, and thank you for calling.")
        await page.keyboard.press("Tab")
        await page.keyboard.press("Enter")
        await page.locator("h1", has_text="Goodbye").wait_for()
        await page.locator("#en-text").focus()
        await page.keyboard.press("Tab")
        await page.keyboard.press("Enter")
        english = page.locator("section[aria-labelledby=en]")
        await english.locator("text=Spoken by espeak-ng").wait_for()
        await english.locator(".newsound .playbtn").focus()
        await page.keyboard.press("Enter")
        await playing(page, ".newsound")
        await english.locator("text=Put to use").focus()
        await page.keyboard.press("Enter")
        await english.locator(".chip.good", has_text="In use").wait_for()


async def test_without_scripts_a_prompt_is_heard_made_and_put_to_use(speaking: Browser, world: World) -> None:
    path = await add(world, sounds=("fa",))
    async with tab(speaking, world, Role.ADMIN, scripts=False) as at:
        await at.go(path)
        assert await at.page.locator("section[aria-labelledby=fa] audio").is_visible()
        assert not await at.page.locator("[data-record]").first.is_visible()
        english = at.page.locator("section[aria-labelledby=en]")
        await english.locator("text=Make speech of it").click()
        await english.locator("text=Put to use").click()
        await english.locator(".chip.good").wait_for()


async def test_pages_of_prompts_are_accessible_and_fit_in_both_languages_and_themes(
    speaking: Browser, world: World
) -> None:
    whole = await add(world, "Thanks after a survey", sounds=("fa", "en"), draft="fa")
    await add(world, "survey.csat", sounds=("en",))
    await add(world, "پیام خوشامد")
    languages: tuple[Language, ...] = ("en", "fa")
    themes: tuple[Theme, ...] = ("light", "dark")
    for variant in [Variant(language, theme, 1280, 720) for language in languages for theme in themes]:
        async with tab(speaking, world, Role.ADMIN, variant) as at:
            for name, path in (("prompts", "/admin/prompts"), ("prompt", whole), ("prompt-new", "/admin/prompts/new")):
                await looked_at(at, name, path, variant)
    async with tab(speaking, world, Role.SUPERVISOR, Variant()) as at:
        await looked_at(at, "prompt-heard", whole, Variant())


async def looked_at(at: Tab, name: str, path: str, variant: Variant) -> None:
    await at.go(path)
    if variant.full:
        assert await axe(at.page) == [], f"{path} {variant}"
    assert await overflow(at.page) == [], f"{path} {variant}"
    await shoot(at.page, name, variant)
