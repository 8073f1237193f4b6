"""What pages and API do alike with prompts: take a sound in, have a text said, write down who did what."""

from __future__ import annotations

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
