"""A survey built in the builder by keys alone: what a test presses, and nothing it could only do with a pointer."""

from __future__ import annotations

from playwright.async_api import Page

PATIENCE_MS = 30_000


async def press_on(page: Page, selector: str, key: str = "Enter") -> None:
    """Put the focus on a control and press a key, as Tab and Enter do."""
    control = page.locator(selector).first
    await control.wait_for(state="attached", timeout=PATIENCE_MS)
    await control.focus()
    await page.keyboard.press(key)


async def saved(page: Page) -> None:
    """Until the server has what was typed."""
    await page.locator("[data-saved]", has_text="Saved").wait_for(timeout=PATIENCE_MS)


async def new_survey(page: Page, name: str, begin: str = "empty") -> None:
    """From the page of a new survey (open) to its builder."""
    await page.locator("#name").focus()
    await page.keyboard.press("ControlOrMeta+a")
    await page.keyboard.type(name)
    await press_on(page, f"input[name=begin][value={begin}]", "Space")
    await press_on(page, "main form .btn.pri")
    await page.locator("cx-builder .flow").wait_for(timeout=PATIENCE_MS)


async def add_part(page: Page, kind: str, part: str) -> None:
    """Add a part below the card one was in last; the focus is on its heading then."""
    await press_on(page, f"#adder button[value='insert:{kind}']")
    await page.locator(f"#part-{part}").wait_for(timeout=PATIENCE_MS)
    await page.wait_for_function("id => document.activeElement?.id === id", arg=f"{part}-h", timeout=PATIENCE_MS)


async def choose(page: Page, selector: str, text: str) -> None:
    """Choose an option of a closed select by typing how it begins."""
    await page.locator(selector).focus()
    await page.keyboard.type(text)
    await page.wait_for_function(
        "([s, t]) => document.querySelector(s)?.selectedOptions[0]?.text.startsWith(t)",
        arg=[selector, text], timeout=PATIENCE_MS,
    )  # fmt: skip
    await page.keyboard.press("Tab")


async def fill(page: Page, selector: str, text: str) -> None:
    """Type a text into a field in place of what stands there."""
    await page.locator(selector).focus()
    await page.keyboard.press("ControlOrMeta+a")
    await page.keyboard.type(text)


async def open_details(page: Page, part: str, key: str = "fine") -> None:
    """Open a card's further fields if they are closed."""
    details = page.locator(f"#part-{part} details[data-key={key}]")
    if await details.get_attribute("open") is None:
        await press_on(page, f"#part-{part} details[data-key={key}] > summary")


async def publish(page: Page) -> None:
    """From the builder through the page of changes, back to the builder."""
    await press_on(page, "#bar a.btn.pri")
    await press_on(page, "main form button.btn.pri")
    await page.locator("#bar .chip.good", has_text="Published").wait_for(timeout=PATIENCE_MS)


async def build_and_publish(page: Page, name: str = "By keys", prompt: str = "Question") -> None:
    """A whole survey from the page of a new one: satisfaction 1–5, NPS, thanks; each plays the prompt `prompt`.

    The prompt has to be there, heard in Persian and English.
    """
    await new_survey(page, name)
    for kind, part in (("scale", "scale"), ("nps", "nps"), ("thank", "thank")):
        await add_part(page, kind, part)
        await choose(page, f"#{part}-prompt", prompt)
        await page.locator(f"#part-{part} .heard").wait_for(timeout=PATIENCE_MS)
        if part != "thank":
            await open_details(page, part)
            await fill(page, f"#{part}-title-en", f"Title of {part}")
            await page.keyboard.press("Tab")
            await page.locator(".toc", has_text=f"Title of {part}").wait_for(timeout=PATIENCE_MS)
    await publish(page)
