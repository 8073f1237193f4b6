"""Everything about speech that runs in a process of the role `media`, put together.

Start: the models are looked for, and where a queue is heard the site's is loaded, while calls already come. Stop: the
tap closes the streams first; then the last texts are waited for a moment, what was said is written, the workers end,
the models are given back.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import time
from collections.abc import Callable, Sequence
from typing import Literal

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from cxcall.bus import Bus, Commands
from cxcall.bus.speech import SPEECH
from cxcall.media import catalogues
from cxcall.media.answers import Answers
from cxcall.media.cards import Cards
from cxcall.media.concluding import Concluded
from cxcall.media.engines import Engines
from cxcall.media.jobs import Jobs
from cxcall.media.live import LiveSpeech
from cxcall.media.pool import Pool
from cxcall.media.room import Room
from cxcall.media.sentences import Judge, SentenceEar
from cxcall.media.spool import Spool
from cxcall.settings import Settings
from cxcall.speech.catalogue import Catalogue
from cxcall.speech.engines import models, opening
from cxcall.speech.engines.engine import Engine, EngineError
from cxcall.speech.engines.models import Model
from cxcall.speech.gate import Voices
from cxcall.speech.intents import Intents
from cxcall.speech.sentence import Heard, Wanted
from cxcall.speech.utterance import Utterances
from cxcall.store import speech_settings
from cxcall.store.ledger import Ledger, NotWritten

log = structlog.get_logger(__name__)

TEND_EVERY_S = 2.0
LOOK_EVERY_S = 30.0
"""How often new models are looked for."""

VOICES = 4
"""Detectors of voices that are ready before the first call; more are made when more people speak at once."""

LIMIT_S = 5.0
LAST_S = 3.0
"""For what is still to be written when we stop."""


class MediaEdge:
    """`live` takes the streams of the tap, `refusal` tells it whether a call can be heard; `run` does all the rest.

    Serves `speech:status`, `speech:live`, `speech:hint`, `speech:try` and `speech:job` on `commands`.
    """

    def __init__(
        self,
        *,
        settings: Settings,
        engine: AsyncEngine,
        bus: Bus,
        commands: Commands,
        find: Callable[[], Sequence[Model]] | None = None,
        load: Callable[[Model], Engine] | None = None,
    ) -> None:
        workers = settings.speech.workers or max(1, (os.cpu_count() or 2) - 1)
        self._bus = bus
        self._commands = commands
        self._engine = engine
        self._voices: Voices | None = None
        self._making: asyncio.Future[None] | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self.looked = asyncio.Event()
        """Set once it is known which models there are."""
        self._engines = Engines(
            find=find or (lambda: models.find(settings.speech_models)),
            load=load or (lambda model: opening.open_engine(model, workers=workers)),
        )
        self._engines.changed = self._engines_changed
        self._room = Room(
            bus=bus,
            pool=Pool(self._engines, workers=workers),
            spool=Spool(settings.data_dir / "speech"),
            ledger=Ledger(engine, of="talks"),
            language=settings.speech.language or settings.site.language,
            engine=settings.speech.engine,
            page_language=settings.site.language,
            cut=lambda: Utterances(voices=self._voices),
            card=Cards(commands).heard,
        )
        self.live = LiveSpeech(room=self._room, engine=engine, ended=self._ended)
        self._jobs = Jobs(
            settings=settings, engine=engine, room=self._room, ended=self._ended, commented=self._commented
        )
        self._answers = Answers(settings=settings, engine=engine, room=self._room, live=self.live)

    def refusal(self, language: str, engine: str = "") -> Literal["", "no_model", "overload"]:
        """Why a call of this language can't be heard now; "" when it can. Its model is loaded while the phone rings."""
        why = self.live.refusal(language, engine)
        if not why:
            self._prepare(language, engine)
        return why

    def understands(self, language: str, engine: str) -> bool:
        """Whether sound of this language can be written down."""
        return self._room.understands(language, engine)

    def sentence(self, wanted: Wanted, judge: Judge, told: Callable[[Heard], None]) -> SentenceEar:
        """Hear one sentence of a caller; nothing of it is kept here."""
        return SentenceEar(wanted, self._room, judge, told)

    async def run(self) -> None:
        """Run until cancelled; then what was said is kept."""
        room = self._room
        self._loop = asyncio.get_running_loop()
        room.pool.start()
        keepers = [asyncio.create_task(room.ledger.run()), asyncio.create_task(room.spool.run())]
        with contextlib.ExitStack() as served:
            for name, handler in self._answers.handlers.items():
                served.callback(self._commands.serve(name, handler))
            try:
                await self._begin()
                async with asyncio.TaskGroup() as group:
                    group.create_task(catalogues.follow(self._engine, self._bus, self._take))
                    group.create_task(self.live.run())
                    group.create_task(self._jobs.run())
                    group.create_task(self._tend())
            finally:
                await self.live.stop()
                await self._stop(keepers)

    async def _begin(self) -> None:
        """See what there is; where calls are heard, what the site speaks is ready before the first of them."""
        await asyncio.to_thread(self._engines.look)
        self.looked.set()
        if not self._engines.models:
            log.warning("no model is on this machine: nothing that is said is written down")
        elif await self._anything_heard():
            self._prepare(self._room.language, self._room.engine)

    async def _anything_heard(self) -> bool:
        """Whether any queue is heard live; a site that does not listen has no use for the memory."""
        try:
            async with asyncio.timeout(LIMIT_S), self._engine.connect() as conn:
                return any(one.listening.live for one in await speech_settings.everything(conn))
        except (SQLAlchemyError, OSError, TimeoutError):
            return False  # it is loaded for the first call then

    def _prepare(self, language: str, engine: str) -> None:
        """Begin to load a model, and the detectors of voices with the first."""
        with contextlib.suppress(EngineError):
            self._engines.get(self._room.model(language, engine))
        if self._voices is None and self._loop is not None and self._making is None:
            self._making = self._loop.run_in_executor(None, self._make_voices)

    def _make_voices(self) -> None:
        self._voices = Voices(ready=VOICES)

    async def _stop(self, keepers: Sequence[asyncio.Task[None]]) -> None:
        with contextlib.suppress(TimeoutError, NotWritten):
            async with asyncio.timeout(LAST_S):
                await self._room.ledger.put(_nothing)
        await self._room.spool.flush(LAST_S)
        for keeper in keepers:
            keeper.cancel()
        await asyncio.gather(*keepers, return_exceptions=True)
        await self._room.pool.stop()
        await asyncio.to_thread(self._engines.close)

    async def _tend(self) -> None:
        """Models that broke are loaded again, those that rest give memory back, new ones are found."""
        looked = time.monotonic()
        while True:
            await asyncio.sleep(TEND_EVERY_S)
            await asyncio.to_thread(self._engines.tend)
            if time.monotonic() - looked >= LOOK_EVERY_S:
                looked = time.monotonic()
                await asyncio.to_thread(self._engines.look)

    def _take(self, catalogue: Catalogue, intents: Intents) -> None:
        self._room.catalogue, self._room.intents = catalogue, intents

    def _engines_changed(self) -> None:
        """From any thread: who waits for a model tries again, pages hear of it."""
        self._room.pool.wake()
        if self._loop is not None:
            with contextlib.suppress(RuntimeError):  # the loop is closed
                self._loop.call_soon_threadsafe(self._bus.publish, SPEECH, {"status": True})

    def _ended(self, concluded: Concluded) -> None:
        """A transcript is finished, or will be by a job: pages of its call show it."""
        call_id = concluded.transcript.call_id
        if call_id is not None:
            self._bus.publish(f"call:{call_id}", {"id": call_id, "transcript": concluded.transcript.state})

    def _commented(self, response_id: str, part: str) -> None:
        """A spoken comment has its text."""
        self._bus.publish("survey_comments", {"response": response_id, "part": part})


async def _nothing(_: object) -> None:
    """An entry of the ledger after all before it."""
