"""The survey builder in Chromium: built by keys alone, problems in place, the phone that plays, both languages."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio
from playwright.async_api import Browser, Page

from cxcall.settings import Data, Prompts, Settings, Site
from cxcall.store import prompts, surveys
from cxcall.store.prompt_files import make_and_keep
from cxcall.store.surveys import Survey
from cxcall.surveys.script import Script
from cxcall.surveys.template import PROMPTS, default_script, with_prompts
from cxcall.web.access import Role
from cxcall.web.keys import SETTINGS
from tests.support import speech, survey_keys
from tests.support.chromium import Language, Theme, Variant, axe, overflow, shoot, tab
from tests.support.sounds import tone, wav
from tests.support.survey_keys import PATIENCE_MS, add_part, choose, open_details, press_on, saved
from tests.support.webapp import Clock, World, start_world

PATH = "/admin/surveys"


@pytest_asyncio.fixture(loop_scope="session")
async def world(tmp_path: Path, template: Path) -> AsyncIterator[World]:
    clock = Clock()
    clock.real()
    settings = Settings(site=Site(), data=Data(dir=str(tmp_path)), prompts=Prompts(espeak=speech.espeak()))
    world = await start_world(tmp_path, template, settings=settings, clock=clock)
    yield world
    await world.close()


async def heard(world: World, *names: str, languages: tuple[str, ...] = ("fa", "en")) -> dict[str, str]:
    """Prompts with a short sound; ids by name."""
    sound = await make_and_keep(world.app[SETTINGS], wav(tone(300, 0.4)))
    ids = {}
    async with world.engine.begin() as conn:
        for name in names:
            texts = PROMPTS.get(name, {"fa": "پرسش", "en": name})
            ids[name] = (await prompts.create(conn, name=name, texts=texts)).id
            for language in languages:
                await prompts.set_variant(conn, ids[name], language, sound, source="upload", by="leila")
    return ids


async def survey(world: World, draft: Script | None = None) -> Survey:
    if draft is None:
        draft = with_prompts(default_script(), await heard(world, *PROMPTS))
    async with world.engine.begin() as conn:
        return await surveys.create(conn, name="After a call", draft=draft, by="leila", now=world.clock())


async def stored(world: World, survey_id: str) -> Survey:
    async with world.engine.connect() as conn:
        found = await surveys.get(conn, survey_id)
    assert found is not None
    return found


def focus_of(page: Page) -> object:
    return page.evaluate("document.activeElement.value || document.activeElement.id")


async def test_a_whole_survey_is_built_and_published_by_keys_alone(chromium: Browser, world: World) -> None:
    await heard(world, "Question")
    async with tab(chromium, world, Role.ADMIN) as at:
        await at.go(f"{PATH}/new")
        await survey_keys.build_and_publish(at.page)
        survey_id = at.page.url.split("?")[0].rpartition("/")[2]
    async with world.engine.connect() as conn:
        live = await surveys.live(conn, survey_id)
    assert live is not None
    assert [part.id for part in live[1].parts] == ["scale", "nps", "thank"]
    assert all(getattr(part, "prompt", "") for part in live[1].parts)


async def test_cards_move_and_go_by_keys_the_focus_stays_and_undo_brings_them_back(
    chromium: Browser, world: World
) -> None:
    one = await survey(world)
    async with tab(chromium, world, Role.ADMIN) as at:
        page = at.page
        await at.go(f"{PATH}/{one.id}")
        await press_on(page, "#part-csat button[value=down]")
        await page.wait_for_function(
            "() => document.querySelectorAll('.flow > [data-part]')[3].id === 'part-csat'", timeout=PATIENCE_MS
        )
        await page.wait_for_function("() => document.activeElement?.value === 'down'", timeout=PATIENCE_MS)
        assert await page.evaluate("document.activeElement.form.id") == "part-csat"
        await page.keyboard.press("Alt+ArrowDown")
        await page.wait_for_function(
            "() => document.querySelectorAll('.flow > [data-part]')[4].id === 'part-csat'", timeout=PATIENCE_MS
        )
        await page.keyboard.press("ControlOrMeta+z")
        await page.wait_for_function(
            "() => document.querySelectorAll('.flow > [data-part]')[3].id === 'part-csat'", timeout=PATIENCE_MS
        )
        await press_on(page, "#part-comment button[value=remove]")
        await page.locator("#part-comment").wait_for(state="detached", timeout=PATIENCE_MS)
        await page.locator(".toast", has_text="The part was deleted.").wait_for(timeout=PATIENCE_MS)
        await press_on(page, ".toast button")
        await page.locator("#part-comment").wait_for(timeout=PATIENCE_MS)
        await press_on(page, "#bar button[form=undo]")
        await page.wait_for_function(
            "() => document.querySelectorAll('.flow > [data-part]')[2].id === 'part-csat'", timeout=PATIENCE_MS
        )
    assert (await stored(world, one.id)).draft == one.draft


async def test_what_is_typed_is_saved_by_itself_and_a_problem_comes_and_goes_in_its_place(
    chromium: Browser, world: World
) -> None:
    await heard(world, "Only Persian", languages=("fa",))
    await heard(world, "Both")
    one = await survey(world, Script())
    async with tab(chromium, world, Role.ADMIN) as at:
        page = at.page
        await at.go(f"{PATH}/{one.id}")
        await add_part(page, "scale", "scale")
        card = page.locator("#part-scale")
        await card.locator("text=Callers would hear nothing here.").wait_for(timeout=PATIENCE_MS)
        await choose(page, "#scale-prompt", "Only")
        await card.locator("text=no recording in English").wait_for(timeout=PATIENCE_MS)
        await page.locator(".toc .mark-bad").first.wait_for()
        assert await card.locator("a[href^='/admin/prompts/']").first.is_visible()
        await choose(page, "#scale-prompt", "Both")
        await card.locator("text=no recording in English").wait_for(state="detached", timeout=PATIENCE_MS)
        await open_details(page, "scale")
        await survey_keys.fill(page, "#scale-title-en", "How was")
        await saved(page)
        await page.keyboard.type(" it?")  # typed on while the first words came back
        await page.locator(".toc", has_text="How was it?").wait_for(timeout=PATIENCE_MS)
        assert await page.locator("#scale-title-en").input_value() == "How was it?"
        assert await page.evaluate("document.activeElement.id") == "scale-title-en"
        await press_on(page, "#part-scale button[value=add-key]")
        await page.locator("#scale-keys-5-key").wait_for(timeout=PATIENCE_MS)
        await press_on(page, "#part-scale button[value='drop-key:0']")
        await page.locator("#scale-keys-5-key").wait_for(state="detached", timeout=PATIENCE_MS)
        assert await page.locator("#scale-keys-0-key").input_value() == "2"


async def test_a_change_of_somebody_else_is_said_and_nothing_typed_is_lost(chromium: Browser, world: World) -> None:
    one = await survey(world)
    async with tab(chromium, world, Role.ADMIN) as at:
        page = at.page
        await at.go(f"{PATH}/{one.id}?part=csat")
        async with world.engine.begin() as conn:
            theirs = with_prompts(one.draft, {})
            await surveys.change(
                conn, one.id, version=1, by="omid", now=world.clock(), draft=theirs, name="Changed meanwhile"
            )
        await survey_keys.fill(page, "#csat-title-en", "Mine")
        await page.locator("#said", has_text="Somebody else changed this survey").wait_for(timeout=PATIENCE_MS)
        assert await page.locator("#csat-title-en").input_value() == "Mine"
        assert await page.locator("#name").input_value() == "Changed meanwhile"
        await page.keyboard.press("Enter")
        await page.locator("#said").wait_for(state="detached", timeout=PATIENCE_MS)
        await page.locator(".toc", has_text="Mine").wait_for(timeout=PATIENCE_MS)


async def test_the_phone_plays_the_prompts_waits_and_takes_keys(chromium: Browser, world: World) -> None:
    one = await survey(world)
    async with tab(chromium, world, Role.ADMIN) as at:
        page = at.page
        await at.go(f"{PATH}/{one.id}")
        await press_on(page, "cx-phone .btn.go")
        await page.wait_for_function(
            "() => [...document.querySelectorAll('cx-phone audio')].some(a => a.currentTime > 0)", timeout=PATIENCE_MS
        )
        title = page.locator("cx-phone .screen .muted")
        await page.wait_for_function(
            "() => document.querySelector('cx-phone form').dataset.part === 'csat'", timeout=PATIENCE_MS
        )
        assert await title.text_content() == "Satisfaction with the call"
        await page.locator("cx-phone .pad button").first.focus()
        await page.keyboard.press("2")
        await page.locator("cx-phone dl", has_text="Dissatisfied").wait_for(timeout=PATIENCE_MS)
        await page.keyboard.press("1")
        await page.locator("cx-phone .screen .big", has_text="1").wait_for(timeout=PATIENCE_MS)
        await page.keyboard.press("0")
        await page.locator("cx-phone dl", has_text="10").wait_for(timeout=PATIENCE_MS)
        await page.locator("cx-phone button[value=r]").wait_for(timeout=PATIENCE_MS)
        await page.keyboard.press("#")
        await page.wait_for_function(
            "() => document.querySelector('cx-phone form').dataset.part === 'offer'", timeout=PATIENCE_MS
        )
        await press_on(page, "cx-phone button[value=h]")
        await page.locator("cx-phone", has_text="The caller hung up.").wait_for(timeout=PATIENCE_MS)


async def test_without_scripts_cards_are_added_and_saved_and_the_phone_takes_keys(
    chromium: Browser, world: World
) -> None:
    one = await survey(world)
    async with tab(chromium, world, Role.ADMIN, scripts=False) as at:
        page = at.page
        await at.go(f"{PATH}/{one.id}")
        await page.locator("#adder button[value='insert:say']").click()
        await page.locator("#part-say").wait_for()
        await page.locator("#say-prompt").select_option(label="survey.welcome")
        await page.locator("#part-say .scriptless button").click()
        await page.locator("#part-say .heard").wait_for()
        await page.locator("cx-phone .btn.go").click()
        await page.locator("cx-phone button[value=t]").click()
        await page.locator("cx-phone button[value='5']").click()
        assert "Very satisfied" in (await page.locator("cx-phone dl").text_content() or "")


async def test_pages_of_surveys_are_accessible_and_fit_in_both_languages_and_themes(
    chromium: Browser, world: World
) -> None:
    one = await survey(world)
    empty = Script()
    async with world.engine.begin() as conn:
        await surveys.publish(conn, one.id, version=1, by="leila", now=world.clock())
        bare = await surveys.create(conn, name="خالی", draft=empty, by="leila", now=world.clock())
    builder = f"{PATH}/{one.id}?part=csat&said=t&key="
    pages = {
        "surveys": PATH, "survey": builder, "survey-empty": f"{PATH}/{bare.id}", "survey-new": f"{PATH}/new",
        "survey-publish": f"{PATH}/{bare.id}/publish", "survey-version": f"{PATH}/{one.id}/versions/1",
        "survey-rules": f"{PATH}/{one.id}/rules", "survey-asking": f"{PATH}/asking", "survey-out": f"{PATH}/opt-outs",
    }  # fmt: skip
    languages: tuple[Language, ...] = ("en", "fa")
    themes: tuple[Theme, ...] = ("light", "dark")
    for variant in [Variant(language, theme, 1280, 720) for language in languages for theme in themes]:
        async with tab(chromium, world, Role.ADMIN, variant) as at:
            for name, path in pages.items() if variant.full else [("survey", builder)]:
                await at.go(path)
                if variant.full:
                    assert await axe(at.page) == [], f"{name} {variant}"
                assert await overflow(at.page) == [], f"{name} {variant}"
                await shoot(at.page, name, variant)
