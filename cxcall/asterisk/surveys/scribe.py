"""Writes down what comes of one survey while it runs: answers at once, comments once they are read from the disk."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.asterisk import shared_disk
from cxcall.asterisk.agi.results import Recording
from cxcall.asterisk.surveys import comments
from cxcall.asterisk.surveys.news import News
from cxcall.settings import Settings
from cxcall.store import survey_comments, survey_responses
from cxcall.store.ledger import Ledger
from cxcall.store.survey_responses import Response
from cxcall.surveys.dialogue import Given
from cxcall.surveys.script import Comment, Question, Script

log = structlog.get_logger(__name__)

READING_S = 5.0
"""For the comments of one survey to be read from the disk, once it is over."""


class Scribe:
    """What `runner.Told` asks for, kept in the store."""

    def __init__(
        self,
        *,
        settings: Settings,
        response: Response,
        script: Script,
        ledger: Ledger,
        news: News,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.response = response
        self._settings = settings
        self._script = script
        self._ledger = ledger
        self._news = news
        self._now = now
        self._files: dict[str, tuple[Path, datetime]] = {}
        self._reading: list[asyncio.Task[None]] = []
        self.answers: list[Given] = []
        self.commented = False

    def reached(self, part: str) -> None:
        """Nothing is kept of it: answers tell how far a caller came."""

    def touched(self) -> None:
        at = self._now()
        self._ledger.put(lambda conn: survey_responses.begun(conn, self.response.id, at), self._told)

    def given(self, n: int, given: Given) -> None:
        self.answers.append(given)
        part = self._script.part(given.part)
        if not isinstance(part, Question | Comment):
            return
        if isinstance(part, Comment):
            self._recorded_as(given)
        at = self._now()
        self._ledger.put(
            lambda conn: survey_responses.give(conn, self.response, n, given, part, at), lambda _: self._told(True)
        )

    def comment_path(self, part: str) -> str | None:
        if not shared_disk.shared(self._settings, self.response.server):
            _no_disk(self.response.server)
            return None
        at = self._now()
        try:
            file = comments.place(self._settings, survey_comments.file_name(self.response.id, part, at))
        except OSError as error:
            log.warning("a spoken comment can't be recorded: its folder can't be made", error=str(error))
            return None
        self._files[part] = (file, at)
        return str(file.with_suffix(""))

    def recorded(self, part: str, recording: Recording) -> None:
        if recording.ended_by == "failed":
            log.error(
                "Asterisk could not record a spoken comment: let it write into the folder of the comments",
                folder=str(comments.folder(self._settings)),
            )
            del self._files[part]

    def _recorded_as(self, given: Given) -> None:
        """The dialogue has said what a recording is: a comment, or nothing worth keeping."""
        recorded = self._files.pop(given.part, None)
        if recorded is None:
            return
        file, at = recorded
        if given.result == "answered":
            self._reading.append(asyncio.create_task(self._read(given.part, file, at)))
        else:
            self._reading.append(asyncio.create_task(asyncio.to_thread(file.unlink, missing_ok=True)))

    async def read_all(self) -> None:
        """Wait until the comments are read from the disk (not until they are written to the database)."""
        if self._reading:
            _, late = await asyncio.wait(self._reading, timeout=READING_S)
            if late:
                log.error("the disk of the comments does not answer", waiting=len(late))

    async def _read(self, part: str, file: Path, at: datetime) -> None:
        sound = await asyncio.to_thread(comments.look, file)
        if sound is None:
            return
        self.commented = True
        response = self.response

        async def add(conn: AsyncConnection) -> Any:
            return await survey_comments.add(conn, response, part, sha=sound.sha, seconds=sound.seconds, at=at)

        self._ledger.put(add, lambda _: self._told(True))

    def _told(self, new: Any) -> None:
        if new:
            self._news.started(self.response)


@functools.cache
def _no_disk(server: str) -> None:
    """Say it once; `cxcall doctor` says it whenever it is asked."""
    log.warning("spoken comments are passed over: this Asterisk has a disk of its own", server=server)
