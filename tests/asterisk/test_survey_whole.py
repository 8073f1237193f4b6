"""A survey from its first card to somebody's task: built by keys alone, asked on a real call, seen at once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest
from playwright.async_api import Browser, Locator, Page, async_playwright, expect

from cxcall.demo.switch import Site, Switch, Tree
from tests.asterisk.conftest import Phones, connect_phones
from tests.asterisk.site import CALLER, SUPPORT, ami_of
from tests.asterisk.surveys import hurried
from tests.support.chromium import ARGS, EXECUTABLE
from tests.support.serving import PASSWORD, Serving

STEP_MS = 60_000


@asynccontextmanager
async def site(folder: Path, tree: Tree) -> AsyncIterator[tuple[Serving, Phones]]:
    """Asterisk and `cxcall serve` that know of each other both ways, an administrator and a supervisor."""
    async with AsyncExitStack() as running:
        cxcall = Serving(folder, {"CXCALL_PROMPTS__ESPEAK": str(tree.espeak)})
        asks = Site(name="lab", web=f"127.0.0.1:{cxcall.port}", agi=f"127.0.0.1:{cxcall.agi_port}")
        switch = await running.enter_async_context(Switch.start(folder / "switch", tree, asks))
        running.push_async_callback(switch.kill)
        cxcall.environ |= ami_of(switch)
        await cxcall.add_user("admin", "admin")
        await cxcall.add_user("leila", "supervisor")
        phones = await connect_phones(switch, running)
        await cxcall.start()
        running.push_async_callback(cxcall.stop)
        await cxcall.connected()
        yield cxcall, phones


async def signed_in(browser: Browser, address: str, name: str) -> Page:
    context = await browser.new_context(locale="en", reduced_motion="reduce")
    context.set_default_timeout(STEP_MS)
    page = await context.new_page()
    await page.goto(address + "/login")
    await page.fill("input[name=name]", name)
    await page.fill("input[name=password]", PASSWORD)
    await page.press("input[name=password]", "Enter")
    await page.wait_for_url(lambda url: "/login" not in url)
    return page


class Keys:
    """A person without a mouse: what is used gets the focus and then keys."""

    def __init__(self, page: Page) -> None:
        self.page = page

    async def press(self, what: Locator, key: str = "Enter") -> None:
        await what.focus()
        await self.page.keyboard.press(key)

    async def type(self, where: Locator, text: str) -> None:
        await where.focus()
        await self.page.keyboard.press("Control+A")
        await self.page.keyboard.type(text)

    async def choose(self, where: Locator, text: str) -> None:
        """Choose in a list by its arrows: what is typed letter by letter is a new word after each second's rest."""
        await where.focus()
        texts = [each.strip() for each in await where.locator("option").all_inner_texts()]
        away = texts.index(text) - texts.index((await where.locator("option:checked").inner_text()).strip())
        for _ in range(abs(away)):
            await self.page.keyboard.press("ArrowDown" if away > 0 else "ArrowUp")
        await expect(where.locator("option:checked")).to_have_text(text)


async def build(page: Page) -> None:
    """A question for satisfaction and thanks, said by the machine, published."""
    keys = Keys(page)
    await keys.press(page.get_by_role("link", name="New survey").first)
    await page.wait_for_url("**/admin/surveys/new")
    await page.keyboard.type("How was it")
    await keys.press(page.get_by_role("radio", name="An empty one"), "Space")
    await page.keyboard.press("Enter")
    await page.get_by_text("No parts yet. Add").wait_for()
    for n, (button, text) in enumerate(
        (("Scale question", "How was it? Press one to five."), ("Thanks", "Thank you."))
    ):
        await keys.press(page.locator("#adder").get_by_role("button", name=button))
        card = page.locator("form.part:not(#survey)").nth(n)
        await card.wait_for()
        await keys.press(card.get_by_text("Write a new prompt here"))
        await keys.type(card.locator("textarea[lang=fa]"), "لطفاً عددی را فشار دهید.")
        await keys.type(card.locator("textarea[lang=en]"), text)
        await keys.press(card.get_by_role("button", name="Make speech of it"))
        await card.locator(".heard", has_text=text).wait_for()
    await expect(page.locator("#bar")).to_contain_text("Draft, never published")
    await keys.press(page.locator("#bar").get_by_role("link", name="Publish"))
    await keys.press(page.get_by_role("button", name="Publish now"))
    await page.wait_for_url(lambda url: not url.endswith("/publish"))


async def ask_and_follow(page: Page) -> None:
    """A low mark becomes a call-back; the queue asks every caller."""
    keys = Keys(page)
    await keys.press(page.get_by_role("link", name="Rules"))
    await keys.press(page.get_by_role("button", name="Add a rule"))
    rule = page.locator("section.rule")
    await keys.type(rule.locator("input[name='rules.0.name']"), "Unhappy caller")
    if not await rule.locator("select[name$='when.0.of']").count():
        await keys.press(rule.get_by_role("button", name="Add a condition"))
    await keys.choose(page.locator("select[name='rules.0.when.0.of']"), "Satisfaction (CSAT)")
    await keys.type(page.locator("input[name='rules.0.when.0.at_most']"), "2")
    if not await rule.locator("select[name$='then.0.do']").count():
        await keys.press(rule.get_by_role("button", name="Add an act"))
    await keys.choose(page.locator("select[name='rules.0.then.0.do']"), "Task: call back")
    await keys.press(page.get_by_role("button", name="Save the rules"))
    await expect(page.locator("input[name='rules.0.when.0.at_most']")).to_have_value("2")
    await page.goto(page.url.partition("/admin/")[0] + "/admin/surveys/asking")
    await keys.type(page.locator("#queue"), "support")
    fresh = page.locator("form", has=page.locator("#queue"))
    await keys.choose(fresh.locator("select[name=survey_id]"), "How was it")
    await keys.type(fresh.locator("input[name=min_talk]"), "0")
    await keys.press(fresh.get_by_role("button", name="Add the queue"))
    await page.get_by_role("heading", name="support").wait_for()


@pytest.mark.timeout(300)
async def test_a_survey_is_built_by_keys_taken_on_a_real_call_and_its_answer_becomes_a_task_before_ones_eyes(
    tmp_path: Path, tree: Tree
) -> None:
    async with site(tmp_path, tree) as (cxcall, phones), async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=EXECUTABLE, args=ARGS)
        admin = await signed_in(browser, cxcall.address, "admin")
        await admin.goto(cxcall.address + "/admin/surveys")
        await build(admin)
        await ask_and_follow(admin)

        supervisor = await signed_in(browser, cxcall.address, "leila")
        await supervisor.goto(cxcall.address + "/surveys/call-backs")
        await supervisor.get_by_text("Nothing due today.").wait_for()
        for number in ("1001", "1002", "1003"):
            hurried(phones[number])
        phones.outside.listen = True
        call = phones.outside.call(SUPPORT, from_number=CALLER)
        http = await cxcall.sign_in("leila")
        async with http, asyncio.timeout(60):
            while True:
                async with http.get("/api/v1/survey-responses") as answer:
                    if any(one["state"] == "offered" for one in (await answer.json())["items"]):
                        break
                await asyncio.sleep(0.1)
        call.press("1")
        row = supervisor.locator("tr", has_text="Unhappy caller")
        await row.wait_for()
        await call.ended()
        assert "1 of 5 for satisfaction" in await row.inner_text()
        await row.get_by_role("link", name="The call").click()
        answers = supervisor.locator("section.answers")
        await answers.wait_for()
        await expect(answers).to_contain_text("1")
        await supervisor.get_by_text("Unhappy caller").first.wait_for()
        await browser.close()
