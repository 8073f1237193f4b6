"""Messages in Asterisk's mailboxes are kept, written down, and let go when their owners delete them.

The sound is copied, so that a message is read in peace while its mailbox is listened to and put in order. Whose message
is gone from all mailboxes is gone here too: nothing is kept that its owner threw away.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import soundfile
import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from cxcall.bus import Bus
from cxcall.bus.speech import JOBS
from cxcall.media.voicemail_folder import Left, Seen, look, place_of
from cxcall.settings import Settings
from cxcall.speech.engines.sound import SoundError, open_sound
from cxcall.store import speech_jobs, transcripts, voicemail_files, voicemails
from cxcall.store.errors import reason

EVERY_S = 30.0
LOOK_S = 60.0
"""For one look at a folder that may lie on another machine."""

MOST_AT_ONCE = 10
MOST_WAITING = 50
"""While so many jobs wait no message is taken: a mailbox full of old ones must not hold up the calls of today."""

LONGEST_S = 2 * 3600
MOST_TOLD = 10
"""Lines in the log for what can't be used, each look."""

_ASKED_AT_ONCE = 500
_LIMIT_S = 10.0
_KEEPING_S = 60.0

log = structlog.get_logger(__name__)


class Mailboxes:
    """Follows the folder `voicemail.dir` while `run` runs. `refused` counts messages that can't be used."""

    def __init__(
        self,
        *,
        settings: Settings,
        engine: AsyncEngine,
        bus: Bus,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._settings = settings
        self._folder = Path(settings.voicemail.dir)
        self._language = settings.speech.language or settings.site.language
        self._engine = engine
        self._bus = bus
        self._now = now
        self._looking: asyncio.Future[Seen] | None = None
        self._settled: set[str] = set()
        self._missing: set[str] = set()
        self._told: set[Path] = set()
        self._unusable: dict[Path, str] = {}
        self.refused = 0

    async def run(self) -> None:
        """Run until cancelled."""
        while True:
            await self.look()
            await asyncio.sleep(EVERY_S)

    async def look(self) -> int:
        """Take what is new, let go of what is gone; how many messages were taken."""
        taken = 0
        try:
            seen = await self._seen()
            self._tell(seen)
            for left in await self._new(seen):
                taken += await self._take(left)
            await self._let_go(seen)
        except (SQLAlchemyError, OSError, TimeoutError) as error:
            log.warning("voice messages can't be looked after now", folder=str(self._folder), error=reason(error))
        return taken

    async def _seen(self) -> Seen:
        """A look in a thread of its own; one that hangs is waited for again and never doubled."""
        if self._looking is None:
            asked = asyncio.to_thread(look, self._folder, self._settings.site.country, self._now().timestamp())
            self._looking = asyncio.ensure_future(asked)
        async with asyncio.timeout(LOOK_S):
            seen = await asyncio.shield(self._looking)
        self._looking = None
        return seen

    def _tell(self, seen: Seen) -> None:
        """What can't be used is counted and told once, for as long as it is there."""
        wrong = seen.bad | self._unusable | dict.fromkeys(seen.unread, "It can't be read: cxcall may not.")
        self._told &= wrong.keys()
        for file in sorted(wrong.keys() - self._told)[:MOST_TOLD]:
            self._told.add(file)
            self.refused += 1
            log.warning("a voice message can't be used", file=str(file), why=wrong[file])

    async def _new(self, seen: Seen) -> list[Left]:
        """Messages without a text, the newest first, as many as may be taken now."""
        sounds = {left.sound for left in seen.left.values()}
        self._unusable = {file: why for file, why in self._unusable.items() if file in sounds}
        unknown = sorted(seen.left.keys() - self._settled)
        async with asyncio.timeout(_LIMIT_S), self._engine.connect() as conn:
            for begin in range(0, len(unknown), _ASKED_AT_ONCE):
                ids = unknown[begin : begin + _ASKED_AT_ONCE]
                self._settled.update(await transcripts.of_subjects(conn, "voicemail", ids))
            waiting = (await speech_jobs.counts(conn))["waiting"]
        new = [seen.left[id_] for id_ in unknown if id_ not in self._settled]
        new = [left for left in new if left.sound not in self._unusable]
        new.sort(key=lambda left: left.message.at, reverse=True)
        return new[: max(0, min(MOST_AT_ONCE, MOST_WAITING - waiting))]

    async def _take(self, left: Left) -> bool:
        """Keep a message and make its job; False when it has one, or can't be used."""
        message_id = left.message.id
        async with asyncio.timeout(_LIMIT_S), self._engine.connect() as conn:
            job = await speech_jobs.of_subject(conn, "voicemail", message_id)
        if job is not None:
            self._settled.add(message_id)
            return False
        try:
            async with asyncio.timeout(_KEEPING_S):
                await asyncio.to_thread(_keep, self._settings, left)
        except SoundError as error:
            self._unusable[left.sound] = str(error)
            return False
        async with asyncio.timeout(_LIMIT_S), self._engine.begin() as conn:
            job = await speech_jobs.make(conn, "voicemail", message_id, now=self._now(), language=self._language)
        self._settled.add(message_id)
        self._bus.publish(JOBS, {"id": job.id})
        return True

    async def _let_go(self, seen: Seen) -> None:
        """Delete what was gone at two looks: while Asterisk moves messages, one may be missed at a single look."""
        if not seen.there:
            return
        kept = await asyncio.to_thread(voicemail_files.kept, self._settings)
        missing = {
            message.id
            for message in kept
            if message.id not in seen.left and not seen.hides(place_of(self._folder, message.mailbox))
        }
        for message_id in missing & self._missing:
            async with asyncio.timeout(_LIMIT_S), self._engine.begin() as conn:
                await voicemails.forget(conn, message_id)
            await asyncio.to_thread(voicemail_files.remove, self._settings, message_id)
            missing.discard(message_id)
            log.info("a voice message is gone from its mailbox, and here", message=message_id)
        self._missing = missing
        self._settled &= seen.left.keys()


def _keep(settings: Settings, left: Left) -> None:
    """Copy the sound as FLAC, which every browser plays, and what is known of it. SoundError, OSError."""
    target = voicemail_files.sound_of(settings, left.message.id)
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = target.with_suffix(".part")
    try:
        with (
            open_sound(left.sound) as sound,
            soundfile.SoundFile(part, "w", sound.rate, 1, "PCM_16", format="FLAC") as out,
        ):
            for block in sound.blocks():
                out.write(np.frombuffer(block[0], "<i2"))
                if out.frames > LONGEST_S * sound.rate:
                    break
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
    voicemail_files.write(settings, left.message)
