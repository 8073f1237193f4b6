"""What people read where a queue is named: its title in their language, Asterisk's name where it has none.

Pages name queues in many places, and templates can't wait for a database: `{{ name|queue }}` looks up what was read
before the page was begun. Calls and figures go by the name alone, so of two servers' queues of one name with two titles
the name is shown. Addresses, forms, exports and the API keep the name.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping

import structlog
from aiohttp import web
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from cxcall.queues.definition import QueueLook
from cxcall.store import queues
from cxcall.web.keys import ENGINE
from cxcall.web.presentation import Language, current

log = structlog.get_logger(__name__)

KEPT_S = 2.0
"""A title that was changed is read anew after so long."""
LIMIT_S = 0.5
"""A page is not kept waiting for titles."""


class Titles:
    """Titles of all queues by language and name."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._by_language: dict[str, dict[str, str]] = {}
        self._read_at = -KEPT_S
        self._reading = asyncio.Lock()

    async def of(self, language: Language) -> Mapping[str, str]:
        """Names with their titles in `language`, else in any; what can't be read now is as it was."""
        if time.monotonic() - self._read_at >= KEPT_S and not self._reading.locked():
            async with self._reading:
                await self._read()
        return self._by_language.get(language, {})

    async def _read(self) -> None:
        try:
            async with asyncio.timeout(LIMIT_S), self._engine.connect() as conn:
                looks = await queues.looks(conn)
        except (TimeoutError, OSError, SQLAlchemyError) as error:
            log.warning("queue_titles_unread", error=type(error).__name__)
        else:
            self._by_language = {language: in_language(looks, language) for language in ("en", "fa")}
        self._read_at = time.monotonic()


def in_language(looks: Mapping[tuple[str, str], QueueLook], language: str) -> dict[str, str]:
    """Each queue's one title in `language`, else in the first it has; those of two titles or none are left out."""
    found: dict[str, set[str]] = {}
    for (_server, name), look in looks.items():
        text = look.title.get(language) or next((text for text in look.title.values() if text), name)
        found.setdefault(name, set()).add(text)
    return {name: next(iter(texts)) for name, texts in found.items() if len(texts) == 1}


def titled(name: str | None) -> str:
    """What the reader of this request reads for a queue's name; nothing for None."""
    return current().queues.get(name, name) if name else ""


TITLES = web.AppKey("queue_titles", Titles)


def setup(app: web.Application) -> None:
    """Let pages of `app` read titles."""
    app[TITLES] = Titles(app[ENGINE])
