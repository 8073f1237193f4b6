"""Speech in Chromium: files tried and read, the microphone, rules by keys, search and filters without scripts."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest_asyncio
from playwright.async_api import Browser, async_playwright, expect

from cxcall.bus.speech import SPEECH, RecordingAsk, RecordingState
from cxcall.settings import Data, Settings, Site
from cxcall.speech.transcript import Turn
from cxcall.store import speech_jobs, transcripts, turns, understood
from cxcall.store.transcripts import NewTranscript
from cxcall.store.turns import NewTurn
from cxcall.store.understood import Outcome
from cxcall.web.access import Role
from tests.browser.desk_stage import stage
from tests.browser.talk_stage import talking
from tests.support.chromium import ARGS, EXECUTABLE, Language, Theme, Variant, axe, overflow, shoot, tab
from tests.support.sounds import tone, wav
from tests.support.speech_stage import SpeechOfTest
from tests.support.webapp import Clock, World, start_world

MICROPHONE = "--use-fake-device-for-media-stream"
SAID = ("customer", "I was charged twice, please give me a refund."), ("agent", "Your refund is on its way.")


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
    settings = Settings(site=Site(timezone="Asia/Tehran"), data=Data(dir=str(tmp_path)))
    world = await start_world(tmp_path, template, settings=settings, clock=clock)
    yield world
    await world.close()


def speech_of(world: World) -> SpeechOfTest:
    return SpeechOfTest(world.commands, world.engine, datetime.now(UTC))


async def talk(world: World, subject: str, minutes: int) -> None:
    """A spoken comment, written down: a talk without a call's page."""
    now = datetime.now(UTC)
    new = NewTranscript(
        kind="comment", subject=subject, began_at=now - timedelta(minutes=minutes), state="running", source="file",
        queue="billing", agent="PJSIP/1001", agent_name="Sara Karimi", language="en",
    )  # fmt: skip
    async with world.engine.begin() as conn:
        made = await transcripts.begin(conn, new, now=now)
        said = [
            Turn(n=n, speaker="customer" if who == "customer" else "agent", start=4.0 * n, end=4.0 * n + 3, text=text,
                 sentiment=-0.6 if who == "customer" else None)
            for n, (who, text) in enumerate(SAID, start=1)
        ]  # fmt: skip
        await turns.put(conn, made.id, [NewTurn(turn=turn) for turn in said])
        outcome = Outcome(turns=[NewTurn(turn=turn) for turn in said], hits=[], said={}, sentiment=-0.6, trend=None,
                          figures={})  # fmt: skip
        await understood.keep(conn, made.id, outcome, now=now)
        await transcripts.finish(conn, made.id, now=now)


async def test_a_file_is_tried_and_its_text_appears_by_itself(speaking: Browser, world: World) -> None:
    speech = speech_of(world)
    async with tab(speaking, world, Role.ADMIN) as at:
        page = at.page
        await at.go("/admin/speech")
        await page.locator("#try-file").set_input_files(
            {"name": "said.wav", "mimeType": "audio/wav", "buffer": wav(tone())}
        )
        await page.locator("#try-language").select_option("en")
        await page.get_by_role("button", name="Write it down").focus()
        await page.keyboard.press("Enter")
        await page.locator("h1", has_text="said.wav").wait_for()
        await page.locator("progress").wait_for()
        await speech.write(page.url.rpartition("/")[2], "This is what was said.", done=False)
        await page.locator(".script p", has_text="This is what was said.").wait_for()
        await page.locator(".foot-line", has_text="40%").wait_for()
        assert await axe(page) == []


async def test_what_the_microphone_hears_is_tried(speaking: Browser, world: World) -> None:
    speech = speech_of(world)
    async with tab(speaking, world, Role.ADMIN) as at:
        page = at.page
        await page.context.grant_permissions(["microphone"], origin=at.origin)
        await at.go("/admin/speech")
        await page.locator("#try-engine").select_option("whisper")
        await page.locator("[data-record]").click()
        await page.locator("[data-time]", has_text="0:01").wait_for()
        await page.locator("text=Stop and listen").click()
        await page.locator("h1", has_text="recording.wav").wait_for()
        await speech.write(page.url.rpartition("/")[2], "Beep.")
        await page.locator(".script p", has_text="Beep.").wait_for()
    assert [request.engine for request in speech.tried] == ["whisper"]


async def test_the_page_of_speech_follows_what_happens(speaking: Browser, world: World) -> None:
    speech = speech_of(world)
    async with tab(speaking, world, Role.SUPERVISOR) as at:
        await at.go("/admin/speech")
        await expect(at.page.locator("#now .chip").first).to_have_text("Everything")
        speech.be(level="finals")
        world.bus.publish(SPEECH, {"status": True})
        await expect(at.page.locator("#now .chip").first).to_have_text("Whole sentences only")


async def test_rules_are_set_by_keys_and_taken_back(speaking: Browser, world: World) -> None:
    speech_of(world)
    async with tab(speaking, world, Role.ADMIN) as at:
        page = at.page
        await at.go("/admin/speech/queues")
        card = page.locator("form.card").first
        await card.locator("input[name=live]").focus()
        await page.keyboard.press("Space")
        await page.keyboard.press("Enter")
        await page.locator(".toast", has_text="Saved. It holds from the next call on.").wait_for()
        await card.locator("p", has_text="All calls are heard live.").wait_for()
        await page.locator(".toast >> text=Undo").click()
        await card.locator("p", has_text="Nothing is listened to").wait_for()


async def test_without_scripts_what_was_said_is_found_and_filtered(speaking: Browser, world: World) -> None:
    await talk(world, "c1-said", 5)
    async with tab(speaking, world, Role.SUPERVISOR, scripts=False) as at:
        page = at.page
        await at.go("/speech/search")
        await page.locator("main input[name=q]").fill("refund")
        await page.keyboard.press("Enter")
        await expect(page.locator(".saidlist mark")).to_have_count(2)
        await page.locator(".filtermenu summary").click()
        await page.locator("label", has_text="The agent").click()
        await page.locator(".filterbox .btn.pri").click()
        await expect(page.locator(".fchip.on")).to_have_count(2)
        await expect(page.locator(".saidlist mark")).to_have_count(1)


async def test_the_desk_tells_that_the_call_is_recorded_and_pauses_it(speaking: Browser, tmp_path: Path) -> None:
    async with stage(speaking, tmp_path) as at:
        paused = False

        def serve(act: str, then: bool | None) -> None:
            async def answer(ask: RecordingAsk) -> RecordingState:
                nonlocal paused
                paused = paused if then is None else then
                return RecordingState(call_id=ask.call_id, recording=True, paused=paused)

            at.centre.commands.serve(f"recording:{act}", answer)

        for act, then in (("state", None), ("pause", True), ("resume", False)):
            serve(act, then)
        await talking(at)
        page = await at.open("sara", "/desk")
        chip = page.locator(".rec .chip")
        await expect(chip).to_have_text("Recorded")
        await page.get_by_role("button", name="Pause recording").focus()
        await page.keyboard.press("Enter")
        await expect(chip).to_have_text("Recording is paused")
        assert await at.faults(page) == []
        await page.get_by_role("button", name="Go on recording").click()
        await expect(chip).to_have_text("Recorded")
        assert at.errors == []


async def test_pages_of_speech_are_accessible_and_fit_in_both_languages_and_themes(
    speaking: Browser, world: World
) -> None:
    speech = speech_of(world)
    for n in range(3):
        await talk(world, f"c{n}-said", 7 * n)
    async with world.engine.begin() as conn:
        await speech_jobs.make(conn, "recording", "r1", now=datetime.now(UTC))
        job = await speech_jobs.take(conn, now=datetime.now(UTC))
        assert job is not None
        await speech_jobs.fail(conn, job, "The file is torn.", now=datetime.now(UTC), for_good=True)
    paths = (
        ("said", "/speech/search?q=refund&feeling=negative"), ("said-none", "/speech/search?q=nothing&queue=billing"),
        ("speech", "/admin/speech"), ("listening", "/admin/speech/queues"), ("files", "/speech/uploads"),
    )  # fmt: skip
    looks: tuple[tuple[Language, Theme], ...] = (("en", "light"), ("fa", "dark"), ("fa", "light"), ("en", "dark"))
    for place, (language, theme) in enumerate(looks):
        variant = Variant(language, theme, *((1280, 720) if place < 2 else (1440, 900)))
        async with tab(speaking, world, Role.ADMIN, variant) as at:
            for name, path in paths:
                await at.go(path)
                if variant.full:
                    assert await axe(at.page) == [], f"{path} {variant}"
                assert await overflow(at.page) == [], f"{path} {variant}"
                await shoot(at.page, name, variant)
            speech.be(problem="no_language", language="fa")
            await at.go("/admin/speech")
            assert await overflow(at.page) == []
            await shoot(at.page, "speech-problem", variant)
            speech.be(problem=None, language="en")
