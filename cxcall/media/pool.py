"""The threads that decode: one queue for all streams, in which nobody waits longer than the others.

An utterance is worked on a second of its sound at a time, by one worker at a time, in the order it was fed; then the
next utterance has its turn. What is said now goes before the work of jobs. Texts are told on the event loop. Nothing
here waits on the loop, and a model that is loaded or broken stops only those who need it.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Any, TypeVar

import structlog

from cxcall.media import MODEL_THREAD
from cxcall.media.engines import Engines
from cxcall.media.measures import Measures
from cxcall.media.work import BYTES_A_SECOND, Item, Job, Listener, Mark, Utterance
from cxcall.speech.engines.engine import Engine, EngineError
from cxcall.speech.engines.models import Model
from cxcall.speech.stream import RATE

log = structlog.get_logger(__name__)

Result = TypeVar("Result")

TURN_S = 1.0
"""Seconds of sound of one utterance that are decoded before another has its turn."""

JOB_PATIENCE_S, JOB_TURN_S = 10.0, 3.0
"""With one worker jobs let people finish what they are saying; after so long they have a turn of so long."""


class Pool:
    """`workers` threads over `engines`, from `start` to `stop`, both on the event loop."""

    def __init__(self, engines: Engines, *, workers: int, clock: Callable[[], float] = time.monotonic) -> None:
        self.engines = engines
        self.workers = max(1, workers)
        self.measures = Measures()
        self.partials = True
        """Whether partial texts are made; the first thing to go under load."""
        self._clock = clock
        self._changed = threading.Condition()
        self._open: set[Utterance] = set()
        self._ready: deque[Utterance] = deque()
        self._jobs: deque[Job] = deque()
        self._parked: list[Utterance | Job] = []
        self._threads: list[threading.Thread] = []
        self._busy = self._busy_jobs = 0
        self._jobs_until = float("-inf")
        self._stopping = False
        self._loop: asyncio.AbstractEventLoop | None = None

    def start(self) -> None:
        self._loop = asyncio.get_running_loop()
        for n in range(self.workers):
            thread = threading.Thread(target=self._run, name=f"{MODEL_THREAD} {n}", daemon=True)
            self._threads.append(thread)
            thread.start()

    async def stop(self, limit: float = 5.0) -> None:
        """End the workers after what each is at; what waits is not decoded. Returns after `limit` seconds at most."""
        with self._changed:
            self._stopping = True
            jobs = [*self._jobs, *(item for item in self._parked if isinstance(item, Job))]
            self._changed.notify_all()
        for job in jobs:
            job.done.cancel()
        ends = time.monotonic() + limit
        for thread in self._threads:
            await asyncio.to_thread(thread.join, max(0.0, ends - time.monotonic()))
        if any(thread.is_alive() for thread in self._threads):
            log.warning("a worker did not end in time; it is left behind")

    def begin(self, model: Model, listener: Listener) -> Utterance:
        """A new utterance for `model`, as `Engines.choose` gives it."""
        utterance = Utterance(self._add, model, listener)
        with self._changed:
            self._open.add(utterance)
        return utterance

    async def step(self, model: Model, work: Callable[[Engine], Result]) -> Result:
        """Have a worker do a piece of after-call work when nobody speaks that needs it. EngineError."""
        job = Job(model, work, self._clock())
        with self._changed:
            self._jobs.append(job)
            self._changed.notify()
        result: Result = await job.done
        return result

    def wake(self) -> None:
        """An engine's health has changed: those who waited for it try again."""
        with self._changed:
            for item in self._parked:
                if isinstance(item, Job):
                    self._jobs.append(item)
                else:
                    self._ready.append(item)
            self._parked.clear()
            self._changed.notify_all()

    @property
    def backlog(self) -> float:
        """Seconds of sound of live utterances that could be decoded now and are not: a model that is still being loaded
        will soon catch up, and Whisper decodes at the end."""
        with self._changed:
            could = self._open.difference(self._parked)
            waiting = sum(one.waiting for one in could if one.finishing or one.model.engine == "vosk")
        return waiting / BYTES_A_SECOND

    @property
    def held(self) -> float:
        """Seconds of sound that are in memory."""
        with self._changed:
            return sum(one.waiting for one in self._open) / BYTES_A_SECOND

    @property
    def busy(self) -> int:
        return self._busy

    def _add(self, utterance: Utterance, what: Item) -> None:
        with self._changed:
            if utterance not in self._open or (utterance.finishing and what is not Mark.DROP):
                return
            if what is Mark.DROP:
                utterance.gone = True
            elif what is Mark.FINISH:
                utterance.finishing = True
            elif isinstance(what, bytes):
                utterance.waiting += len(what)
            idle = not utterance.items and not utterance.busy  # who is parked has work
            utterance.items.append(what)
            if idle:
                self._ready.append(utterance)
                self._changed.notify()

    def _run(self) -> None:
        while True:
            with self._changed:
                item = self._next()
                if item is None:
                    return
                self._busy += 1
                self._busy_jobs += isinstance(item, Job)
            try:
                self._work(item)
            except Exception:
                log.exception("a worker stumbled")
            finally:
                with self._changed:
                    self._busy -= 1
                    self._busy_jobs -= isinstance(item, Job)
                    self._changed.notify()

    def _next(self) -> Utterance | Job | None:
        """What is to be done next; waits for it. None: stop."""
        while not self._stopping:
            if self._ready:
                utterance = self._ready.popleft()
                utterance.busy = True
                return utterance
            if self._jobs and self._job_may_run():
                return self._jobs.popleft()
            self._changed.wait(1.0 if self._jobs else None)
        return None

    def _job_may_run(self) -> bool:
        """One worker at least stays with those who speak now; an only one serves jobs between utterances."""
        if self.workers > 1:
            return self._busy_jobs < self.workers - 1
        now = self._clock()
        if self._open and now >= self._jobs_until:
            if now - max(self._jobs[0].since, self._jobs_until) < JOB_PATIENCE_S:
                return False
            self._jobs_until = now + JOB_TURN_S
        return True

    def _work(self, item: Utterance | Job) -> None:
        try:
            engine = self.engines.get(item.model)
        except EngineError as error:
            return self._give_up(item, error)
        if engine is None:
            return self._park(item)
        if isinstance(item, Job):
            return self._do(item, engine)
        try:
            self._decode(item, engine)
        except Exception as error:  # an engine is foreign code: it may raise anything
            self.engines.fault(item.model, engine, error)
            self._give_up(item, error)
        finally:
            self._put_back(item)
        return None

    def _park(self, item: Utterance | Job) -> None:
        with self._changed:
            self._parked.append(item)
            if isinstance(item, Utterance):
                item.busy = False
        try:
            loaded = self.engines.get(item.model) is not None
        except EngineError:
            loaded = True
        if loaded:  # between our asking and our parking
            self.wake()

    def _put_back(self, utterance: Utterance) -> None:
        with self._changed:
            utterance.busy = False
            if utterance.items and utterance in self._open:
                self._ready.append(utterance)
                self._changed.notify()

    def _decode(self, utterance: Utterance, engine: Engine) -> None:
        """One turn of an utterance."""
        with self._changed:
            pcm, then = utterance.take(TURN_S, others=bool(self._ready))
        if utterance.gone:
            if utterance.decoding is not None:
                utterance.decoding.drop()
            return self._close(utterance)
        if utterance.decoding is None:
            utterance.decoding = engine.begin(RATE)
        decoding, began = utterance.decoding, time.perf_counter()
        partial, heard = None, None
        if pcm:
            partial = decoding.feed(pcm)
        if then is Mark.PAUSE and self.partials:
            partial = decoding.pause() or partial
        if then is Mark.FINISH:
            heard = decoding.finish()
        self._count(utterance, engine, len(pcm), heard is not None, time.perf_counter() - began)
        if heard is not None:
            self._close(utterance)
            self.engines.fine(utterance.model)
            if not utterance.gone:
                self._tell(utterance.listener.heard, heard)
        elif partial is not None and self.partials:
            self._tell(utterance.listener.partial, partial)
        return None

    def _count(self, utterance: Utterance, engine: Engine, size: int, ended: bool, took: float) -> None:
        """An engine without partial texts decodes at the end: only then its sound counts as done."""
        with self._changed:
            sound = utterance.waiting if ended else size if engine.partials else 0
            utterance.waiting -= sound
            self.measures.worked(self._clock(), sound / BYTES_A_SECOND, took)

    def _do(self, job: Job, engine: Engine) -> None:
        try:
            result = job.work(engine)
        except Exception as error:  # of the work: who asked for it knows what it means
            self._tell(job.settle, None, error)
        else:
            self._tell(job.settle, result, None)

    def _give_up(self, item: Utterance | Job, error: Exception) -> None:
        if isinstance(item, Job):
            return self._tell(item.settle, None, error)
        gone = item.gone
        self._close(item)
        if not gone:
            self._tell(item.listener.failed, str(error))
        return None

    def _close(self, utterance: Utterance) -> None:
        with self._changed:
            self._open.discard(utterance)
            utterance.items.clear()
            utterance.waiting = 0
            self._changed.notify()

    def _tell(self, told: Callable[..., None], *args: Any) -> None:
        assert self._loop is not None  # noqa: S101 - the workers begin with it
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody listens any more
            self._loop.call_soon_threadsafe(told, *args)
