"""What pages and API do alike with prompts: take a sound in, have a text said, write down who did what."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Collection
from typing import Any

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.prompts.made import Made
from cxcall.store import audit, prompt_files, prompts
from cxcall.store.prompts import Prompt, Source
from cxcall.web.access import user_of
from cxcall.web.keys import ENGINE, SETTINGS
from cxcall.web.observe import address_of

SPEAK_S = 15.0
"""Seconds an engine has; a request has 20."""

_AT_ONCE = 2
"""Texts said at a time: each keeps a processor busy."""


async def take_in(
    request: web.Request, prompt_id: str, language: str, data: bytes, *, source: Source, draft: bool = True
) -> Prompt:
    """A file's sound becomes the draft, or what callers hear. Raises BadSound, NoSuchPrompt."""
    made = await prompt_files.make_and_keep(request.app[SETTINGS], data)
    return await _put(request, prompt_id, language, made, source=source, draft=draft)


async def say(request: web.Request, prompt_id: str, language: str, text: str, *, draft: bool = True) -> Prompt:
    """A text said by an engine becomes the draft, or what callers hear. Raises CannotSpeak, BadSound, NoSuchPrompt."""
    settings = request.app[SETTINGS]
    made, engine = await prompt_files.speak_and_keep(settings, text, language, timeout=SPEAK_S)
    return await _put(request, prompt_id, language, made, source="text", engine=engine, text=text, draft=draft)


async def say_missing(request: web.Request, ids: Collection[str]) -> None:
    """Have the texts of these prompts said that callers can't hear yet, as far as a request has time for.

    What can't be said stays without a sound, which the pages show as a problem.
    """
    async with request.app[ENGINE].connect() as conn:
        found = [prompt for prompt in await prompts.everything(conn) if prompt.id in ids]
    room = asyncio.Semaphore(_AT_ONCE)

    async def say_one(prompt: Prompt, language: str) -> None:
        async with room:
            await say(request, prompt.id, language, prompt.texts[language], draft=False)

    wanted = [(one, language) for one in found for language in one.missing(tuple(one.texts))]
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(SPEAK_S):
            await asyncio.gather(*(say_one(*each) for each in wanted), return_exceptions=True)


async def _put(
    request: web.Request, prompt_id: str, language: str, made: Made, *, source: Source, draft: bool, engine: str = "",
    text: str = "",
) -> Prompt:  # fmt: skip
    put = prompts.set_draft if draft else prompts.set_variant
    async with request.app[ENGINE].begin() as conn:
        prompt = await put(
            conn, prompt_id, language, made, source=source, engine=engine, text=text, by=user_of(request).name
        )
        act = "prompt.draft" if draft else "prompt.sound"
        await note(request, conn, act, prompt, language=language, source=source, sha=made.sha)
    return prompt


async def note(request: web.Request, conn: AsyncConnection, act: str, prompt: Prompt, **details: Any) -> None:
    """Write down an act, in the transaction that does it."""
    await audit.add(
        conn,
        actor=user_of(request).name,
        act=act,
        subject=f"prompt:{prompt.id}",
        details={"name": prompt.name, **details},
        address=address_of(request),
    )
