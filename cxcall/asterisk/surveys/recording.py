"""A prompt recorded by phone: it rings, beeps, listens, plays back what it heard, and that becomes the draft."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from cxcall.asterisk import shared_disk
from cxcall.asterisk.agi.errors import AgiError, SessionOver
from cxcall.asterisk.agi.session import Session
from cxcall.asterisk.surveys import comments
from cxcall.asterisk.surveys.asking import hand_back
from cxcall.asterisk.surveys.trying import Trial, Trials
from cxcall.bus import CommandRefused, Commands
from cxcall.prompts.made import BadSound
from cxcall.settings import Settings
from cxcall.store import prompt_files, prompts
from cxcall.store.errors import reason

log = structlog.get_logger(__name__)

LONGEST_S = 120.0
SILENCE_S = 3


class Recordings:
    """`prompt:record` and the script `/prompt`."""

    def __init__(self, *, settings: Settings, engine: AsyncEngine, commands: Commands) -> None:
        self._settings = settings
        self._engine = engine
        self._trials = Trials(settings, commands, "prompt")

    async def start(self, said: Mapping[str, Any]) -> dict[str, str]:
        """Ring and record: extension, server, prompt_id, language, by. Raises CommandRefused."""
        if not said.get("prompt_id") or not said.get("language"):
            raise CommandRefused("Say which prompt to record, and in which language.")
        return {"token": (await self._trials.start(said)).token}

    async def state(self, said: Mapping[str, Any]) -> dict[str, Any]:
        """How far a recording is."""
        trial = self._trials.of(said)
        return {"state": trial.state, "seconds": trial.seconds, "error": trial.error}

    async def answered(self, session: Session) -> None:
        """`/prompt`: the phone was picked up."""
        trial = self._trials.take(session)
        if trial is None:
            await hand_back(session, "not_asked")
            return
        if not shared_disk.shared(self._settings, trial.server):
            trial.fail("This Asterisk has a disk of its own: record in the browser or send a file.")
            await hand_back(session, "finished")
            return
        file = comments.folder(self._settings) / f"trial-{trial.token}/prompt.wav"
        try:
            await asyncio.to_thread(comments.place, self._settings, f"{file.parent.name}/{file.name}")
            await self._record(session, trial, file)
            session.end()
            await self._keep(trial, file)
        except BadSound as error:
            trial.fail(str(error))
        except (SQLAlchemyError, OSError, TimeoutError, AgiError) as error:
            trial.fail("The recording could not be kept; the log of cxcall says why.")
            log.warning("a prompt could not be recorded", error=reason(error))
        finally:
            session.end()
            await asyncio.to_thread(_remove, file)

    async def _record(self, session: Session, trial: Trial, file: Path) -> None:
        recording = await session.record_file(str(file.with_suffix("")), seconds=LONGEST_S, silence=SILENCE_S)
        trial.seconds = recording.seconds
        if recording.ended_by == "failed":
            raise BadSound("Asterisk could not write the recording; cxcall doctor says what is missing.")
        try:
            await session.stream_file(str(file.with_suffix("")), "#", limit=LONGEST_S + 10)
            await hand_back(session, "finished")
        except SessionOver:
            return

    async def _keep(self, trial: Trial, file: Path) -> None:
        data = await asyncio.to_thread(file.read_bytes)
        made = await prompt_files.make_and_keep(self._settings, data)
        async with asyncio.timeout(5.0), self._engine.begin() as conn:
            await prompts.set_draft(
                conn, str(trial.what["prompt_id"]), str(trial.what["language"]), made, source="phone",
                by=str(trial.what.get("by") or ""),
            )  # fmt: skip
        trial.seconds, trial.state = made.seconds, "done"


def _remove(file: Path) -> None:
    shutil.rmtree(file.parent, ignore_errors=True)
