"""Trying a survey on one's own phone: it rings, the draft is asked, and nothing is kept but what the page shows."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from cxcall.asterisk import shared_disk
from cxcall.asterisk.agi.errors import AgiError
from cxcall.asterisk.agi.results import Recording
from cxcall.asterisk.agi.session import Session
from cxcall.asterisk.surveys import comments
from cxcall.asterisk.surveys.asking import LONGEST_S, LOOK_UP_S, hand_back
from cxcall.asterisk.surveys.question import server_of
from cxcall.asterisk.surveys.ringing import is_phone, ring
from cxcall.asterisk.surveys.runner import Runner, Stopped
from cxcall.asterisk.surveys.tokens import Tokens
from cxcall.asterisk.surveys.voice import Prompts, language_of
from cxcall.bus import CommandRefused, Commands, NoAnswer
from cxcall.settings import Settings
from cxcall.store.errors import reason
from cxcall.surveys.dialogue import Facts, Given
from cxcall.surveys.script import Script

log = structlog.get_logger(__name__)

RINGS_S = 25.0
SPARE_S = 10.0
KEPT_S = 600.0
"""How long a page may ask what came of a trial."""

State = Literal["ringing", "running", "done", "failed"]


@dataclass(slots=True, kw_only=True)
class Trial:
    """One call to somebody's own phone; `token` names it, `began` is monotonic."""

    server: str
    token: str = ""
    state: State = "ringing"
    error: str = ""
    began: float = field(default_factory=time.monotonic)
    what: Mapping[str, Any] = field(default_factory=dict)
    part: str = ""
    given: list[Given] = field(default_factory=list)
    end: str = ""
    seconds: float = 0.0

    def look(self) -> None:
        """A phone that nobody picked up has failed."""
        if self.state == "ringing" and time.monotonic() - self.began > RINGS_S + SPARE_S:
            self.fail("Nobody answered the phone.")

    def fail(self, error: str) -> None:
        self.state, self.error = "failed", error


class Trials:
    """Rings phones and remembers what came of it. `script` is what the call runs, `prefix` begins its channel's id."""

    def __init__(self, settings: Settings, commands: Commands, script: str) -> None:
        self._settings = settings
        self._commands = commands
        self._script = script
        self._tokens: Tokens[Trial] = Tokens(RINGS_S + SPARE_S)
        self._kept: dict[str, Trial] = {}

    async def start(self, said: Mapping[str, Any]) -> Trial:
        """Ring the phone `extension` on `server`. Raises CommandRefused with a sentence."""
        extension = str(said.get("extension") or "")
        if not is_phone(extension):
            raise CommandRefused("Say which phone to ring: its number.")
        trial = Trial(server=server_of(self._settings, str(said.get("server") or ""), ""), what=said)
        trial.token = self._tokens.issue(trial)
        self._forget()
        self._kept[trial.token] = trial
        try:
            await ring(
                self._commands, trial.server, extension, script=self._script, token=trial.token,
                channel_id=f"cxtest-{trial.token}", seconds=RINGS_S,
            )  # fmt: skip
        except NoAnswer as error:
            raise CommandRefused("There is no connection to Asterisk now. Nothing was done.") from error
        return trial

    def take(self, session: Session) -> Trial | None:
        """The trial whose phone was picked up; None for a token that is not ours any more."""
        trial = self._tokens.take(session.request.arg(1))
        if trial is not None:
            trial.state = "running"
        return trial

    def of(self, said: Mapping[str, Any]) -> Trial:
        """The trial a page asks about. Raises CommandRefused for one that is forgotten."""
        trial = self._kept.get(str(said.get("token") or ""))
        if trial is None:
            raise CommandRefused("This call is over for a while.")
        trial.look()
        return trial

    def _forget(self) -> None:
        old = time.monotonic() - KEPT_S
        for token in [token for token, trial in self._kept.items() if trial.began < old]:
            del self._kept[token]


class TestCalls:
    """`survey:test` and the script `/survey-test`."""

    def __init__(self, *, settings: Settings, engine: AsyncEngine, commands: Commands, prompts: Prompts) -> None:
        self._settings = settings
        self._engine = engine
        self._prompts = prompts
        self._trials = Trials(settings, commands, "survey-test")

    async def start(self, said: Mapping[str, Any]) -> dict[str, str]:
        """Ring and run `script` (a Script): extension, server, language, queue, tier."""
        if not isinstance(said.get("script"), Script):
            raise CommandRefused("There is no script to try.")
        return {"token": (await self._trials.start(said)).token}

    async def state(self, said: Mapping[str, Any]) -> dict[str, Any]:
        """How far a test call is."""
        trial = self._trials.of(said)
        given = [{"part": one.part, "result": one.result, "keys": one.keys, "value": one.value} for one in trial.given]
        return {"state": trial.state, "part": trial.part, "given": given, "end": trial.end, "error": trial.error}

    async def answered(self, session: Session) -> None:
        """`/survey-test`: the phone was picked up."""
        trial = self._trials.take(session)
        if trial is None:
            await hand_back(session, "not_asked")
            return
        folder = _Folder(self._settings, trial)
        try:
            await self._run(session, trial, folder)
        except (Stopped, TimeoutError, SQLAlchemyError, OSError, AgiError) as error:
            log.warning("a survey on trial was broken off", error=reason(error))
            trial.fail("The survey was broken off; the log of cxcall says why.")
        finally:
            session.end()
            await asyncio.to_thread(folder.remove)

    async def _run(self, session: Session, trial: Trial, folder: _Folder) -> None:
        script: Script = trial.what["script"]
        language = language_of(script, str(trial.what.get("language") or ""))
        async with asyncio.timeout(LOOK_UP_S), self._engine.connect() as conn:
            voice = await self._prompts.voice(conn, trial.server, script, language)
        facts = Facts(
            queue=str(trial.what.get("queue") or ""), language=language, tier=str(trial.what.get("tier") or "")
        )
        async with asyncio.timeout(LONGEST_S):
            done = await Runner(session, script, facts, voice, folder, stopping=session.stopping).run()
        trial.end, trial.state = done.end, "done"
        with contextlib.suppress(AgiError):
            await hand_back(session, done.end, done)


class _Folder:
    """Learns what happens in a trial, and has comments recorded into a folder that goes with it."""

    def __init__(self, settings: Settings, trial: Trial) -> None:
        self._settings = settings
        self._trial = trial

    def reached(self, part: str) -> None:
        self._trial.part = part

    def touched(self) -> None:
        """A trial has no state for it."""

    def given(self, n: int, given: Given) -> None:
        self._trial.given.append(given)

    def comment_path(self, part: str) -> str | None:
        if not shared_disk.shared(self._settings, self._trial.server):
            return None
        with contextlib.suppress(OSError):
            return str(comments.place(self._settings, f"{self._name}/{part}"))
        return None

    def recorded(self, part: str, recording: Recording) -> None:
        """Nobody listens to a trial's comments."""

    def remove(self) -> None:
        shutil.rmtree(comments.folder(self._settings) / self._name, ignore_errors=True)

    @property
    def _name(self) -> str:
        return f"trial-{self._trial.token}"
