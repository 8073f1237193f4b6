"""The intents as they are now, and the sounds that ask for them: read when somebody changed them, never for a call."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping

import msgspec
import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from cxcall.bus import Bus
from cxcall.bus.reasons import CHANGED
from cxcall.settings import Settings
from cxcall.speech.intents import Intent, Intents, intent_of
from cxcall.store import intents, prompt_files, prompts
from cxcall.store.errors import reason
from cxcall.store.prompts import Sound

log = structlog.get_logger(__name__)

EVERY_S = 15.0
LIMIT_S = 10.0
_UNPLAYABLE = frozenset(',|&"${}()\\\n')
"""What would be read as something else in the dialplan's line."""


class Known:
    """`intents` as of the last read; empty before the first."""

    def __init__(self, settings: Settings, engine: AsyncEngine) -> None:
        self._settings = settings
        self._engine = engine
        self._read: tuple[Intent, ...] = ()
        self._sounds: Mapping[str, Mapping[str, Sound]] = {}
        self.intents = Intents(())

    def question(self, server: str, intent: str, language: str) -> str:
        """What asks "is it about …?" for an intent, as the Asterisk `server` is told to play it; "" for none."""
        known = self.intents.by_name.get(intent)
        variants = self._sounds.get(known.prompt, {}) if known is not None else {}
        spoken = language.replace("_", "-").partition("-")[0].lower()
        sound = variants.get(spoken) or next(iter(variants.values()), None)
        address = prompt_files.address(self._settings, server, sound.sha) if sound is not None else ""
        return "" if _UNPLAYABLE.intersection(address) else address

    async def load(self) -> None:
        """Read them. Raises what the database raises; broken ones are left out."""
        async with asyncio.timeout(LIMIT_S), self._engine.connect() as conn:
            rows = await intents.everything(conn, enabled_only=True)
            found = tuple(intent for row in rows if (intent := _intent(row)) is not None)
            wanted = frozenset(one.prompt for one in found if one.prompt)
            self._sounds = await prompts.variants_of(conn, wanted) if wanted else {}
        if found != self._read:
            self.intents = await asyncio.to_thread(Intents, found)
            self._read = found

    async def follow(self, bus: Bus) -> None:
        """Read them now and after every change, until cancelled."""
        changed = asyncio.Event()
        with contextlib.ExitStack() as heard:
            heard.callback(bus.subscribe(CHANGED, lambda _: changed.set()))
            while True:
                changed.clear()
                try:
                    await self.load()
                except (SQLAlchemyError, OSError, TimeoutError) as error:
                    log.warning("intents can't be read now", error=reason(error))
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(EVERY_S):
                        await changed.wait()


def _intent(row: intents.Intent) -> Intent | None:
    try:
        return intent_of(row.name, row.body)
    except msgspec.ValidationError as error:
        log.warning("an intent can't be read; it is left out", intent=row.name, error=str(error))
        return None
