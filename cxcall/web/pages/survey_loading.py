"""What the pages of surveys read and write alike: the survey of the address, prompts that can be heard, acts noted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.store import audit, prompts, surveys
from cxcall.store.prompts import Prompt
from cxcall.store.surveys import Survey
from cxcall.surveys import checking
from cxcall.surveys.problems import Problem
from cxcall.surveys.script import Script
from cxcall.web.access import user_of
from cxcall.web.keys import ENGINE
from cxcall.web.observe import address_of
from cxcall.web.pages.survey_words import DONE
from cxcall.web.presentation import current
from cxcall.web.render import Done
from cxcall.web.words import gettext as _


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """All prompts there are, by id, as of one moment."""

    prompts: Mapping[str, Prompt]

    def languages(self) -> dict[str, tuple[str, ...]]:
        """Languages each prompt can be heard in."""
        return {
            prompt_id: tuple(code for code, variant in prompt.variants.items() if variant.sound)
            for prompt_id, prompt in self.prompts.items()
        }

    def seconds(self, language: str) -> dict[str, float]:
        """Length of each prompt in a language, else in any."""
        found: dict[str, float] = {}
        for prompt_id, prompt in self.prompts.items():
            sounds = {code: variant.sound.seconds for code, variant in prompt.variants.items() if variant.sound}
            if sounds:
                found[prompt_id] = sounds.get(language, next(iter(sounds.values())))
        return found

    def problems(self, script: Script) -> list[Problem]:
        return checking.problems(script, self.languages())


async def heard(conn: AsyncConnection) -> Heard:
    return Heard(prompts={prompt.id: prompt for prompt in await prompts.everything(conn)})


async def opened(conn: AsyncConnection, request: web.Request) -> Survey:
    """The survey the address names. Raises 404."""
    survey = await surveys.get(conn, request.match_info["id"])
    if survey is None:
        raise web.HTTPNotFound
    return survey


async def survey_of(request: web.Request) -> Survey:
    async with request.app[ENGINE].connect() as conn:
        return await opened(conn, request)


async def note_act(request: web.Request, conn: AsyncConnection, act: str, subject: str, **details: Any) -> None:
    """Write down who did what, in the transaction that does it."""
    await audit.add(
        conn,
        actor=user_of(request).name,
        act=act,
        subject=subject,
        details=details or None,
        address=address_of(request),
        at=current().now,
    )


def done_of(request: web.Request, undo: str = "") -> Done | None:
    """The sentence for what was just done."""
    text = DONE.get(request.query.get("done", ""))
    return Done(text=_(text), undo=undo) if text else None


def number_in(text: str) -> int:
    """A version of a form; 0 for what is none."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0
