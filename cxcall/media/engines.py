"""The models of this machine: which there are, which are in memory, and how they are.

A model is loaded in a thread of its own when it is first needed; whoever needs it meanwhile waits without blocking. One
that breaks is closed and loaded again after a while, longer each time. All methods may be called from any thread.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import structlog

from cxcall.backoff import Backoff
from cxcall.bus.speech import EngineStatus, Health
from cxcall.media import MODEL_THREAD
from cxcall.speech.engines.engine import Engine, EngineError
from cxcall.speech.engines.models import Model, choose

log = structlog.get_logger(__name__)

FAULTS = 3
"""Decodings that break one after the other before the model is loaded anew."""

FIRST_RETRY_S = 5.0
LONGEST_RETRY_S = 300.0

IDLE_S = 60.0
"""A model that decoded nothing for so long is asked to give memory back."""


@dataclass(slots=True)
class _Slot:
    model: Model
    health: Health = "idle"
    engine: Engine | None = None
    problem: str = ""
    faults: int = 0
    in_a_row: int = 0
    load: float | None = None
    retry_at: float = 0.0
    used_at: float = 0.0
    rested: bool = True
    backoff: Backoff = field(default_factory=lambda: Backoff(FIRST_RETRY_S, LONGEST_RETRY_S))


class Engines:
    """`find` lists the models (looks at files), `load` makes the engine of one (takes seconds).

    `changed` is called from any thread when the health of one has changed; it must not block.
    """

    def __init__(
        self,
        *,
        find: Callable[[], Sequence[Model]],
        load: Callable[[Model], Engine],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._find = find
        self._load = load
        self._clock = clock
        self._lock = threading.Lock()
        self._loading = threading.Lock()  # one at a time: loading takes a processor and half a gigabyte
        self._slots: dict[tuple[str, str, str], _Slot] = {}
        self._models: tuple[Model, ...] = ()
        self._closed = False
        self.changed: Callable[[], None] = lambda: None

    def look(self) -> None:
        """See which models there are now (blocking, a moment)."""
        models = tuple(self._find())
        with self._lock:
            other = models != self._models
            self._models = models
            for model in models:
                self._slots.setdefault(_key(model), _Slot(model))
        if other:
            self.changed()

    @property
    def models(self) -> tuple[Model, ...]:
        return self._models

    def choose(self, language: str, engine: str = "") -> Model:
        """The model for a language: by the engine that is wanted, else by another. EngineError when there is none."""
        try:
            return choose(self._models, language, engine)
        except EngineError:
            if not engine:
                raise
            return choose(self._models, language, "")

    def get(self, model: Model) -> Engine | None:
        """The engine of a model; None while it is being loaded, which begins now if need be.

        Raises EngineError while it can't be used.
        """
        with self._lock:
            slot = self._slots.setdefault(_key(model), _Slot(model))
            if slot.engine is not None:
                slot.used_at, slot.rested = self._clock(), False
                return slot.engine
            if slot.health == "failed" and self._clock() < slot.retry_at:
                raise EngineError(slot.problem)
            if self._closed:
                raise EngineError("cxcall is stopping.")
            if slot.health != "loading":
                self._begin(slot)
            return None

    def fine(self, model: Model) -> None:
        """A decoding went well."""
        with self._lock:
            slot = self._slots[_key(model)]
            slot.in_a_row = 0
            slot.backoff.reset()
            recovered, slot.problem = bool(slot.problem), ""
        if recovered:
            self.changed()

    def fault(self, model: Model, engine: Engine, error: BaseException) -> None:
        """A decoding broke. After some in a row the engine is given up and loaded again."""
        with self._lock:
            slot = self._slots[_key(model)]
            slot.faults += 1
            if slot.engine is not engine:
                return  # it was given up already
            slot.in_a_row += 1
            slot.problem = f"{type(error).__name__}: {error}"
            given_up = slot.in_a_row >= FAULTS
            if given_up:
                self._give_up(slot, slot.problem)
        log.error("an engine broke", model=model.name, error=repr(error), given_up=given_up)
        if given_up:
            engine.close()
        self.changed()

    def usable(self, model: Model) -> bool:
        """Whether sound may be sent to it: it is ready, or may become so."""
        with self._lock:
            slot = self._slots.get(_key(model))
            return slot is None or slot.health != "failed" or self._clock() >= slot.retry_at

    def tend(self) -> None:
        """What is due: load again what broke, let those that rest give memory back. Blocking, a moment."""
        now = self._clock()
        resting: list[Engine] = []
        with self._lock:
            for slot in self._slots.values():
                if slot.health == "failed" and slot.retry_at <= now and not self._closed:
                    self._begin(slot)
                elif slot.engine is not None and not slot.rested and now - slot.used_at > IDLE_S:
                    slot.rested = True
                    resting.append(slot.engine)
        for engine in resting:
            engine.idle()

    def statuses(self) -> tuple[EngineStatus, ...]:
        """Each model, those that can't be used with the reason."""
        with self._lock:
            return tuple(_status(slot) for slot in self._slots.values())

    def close(self) -> None:
        """Give the memory back; nothing is loaded any more."""
        with self._lock:
            self._closed = True
            engines = [slot.engine for slot in self._slots.values() if slot.engine is not None]
            for slot in self._slots.values():
                slot.engine, slot.health = None, "idle"
        for engine in engines:
            engine.close()

    def _begin(self, slot: _Slot) -> None:
        slot.health = "loading"
        threading.Thread(
            target=self._run_load, args=(slot,), name=f"{MODEL_THREAD} {slot.model.name}", daemon=True
        ).start()

    def _run_load(self, slot: _Slot) -> None:
        engine, problem, began = None, "", 0.0
        with self._loading:
            began = self._clock()
            try:
                engine = self._load(slot.model)
            except EngineError as error:
                problem = str(error)
            except Exception as error:  # what a library raises for a broken model can be anything
                problem = f"{slot.model.name} can't be loaded: {error}"
                if problem != slot.problem:
                    log.exception("a model can't be loaded", model=slot.model.name)
        with self._lock:
            news = problem != slot.problem  # it is tried again and again, and said once
            if engine is not None and not self._closed:
                slot.engine, slot.health, slot.problem, slot.in_a_row = engine, "ready", "", 0
                slot.load, slot.used_at = self._clock() - began, self._clock()
                engine = None
            elif problem:
                self._give_up(slot, problem)
        if engine is not None:  # we were closed meanwhile
            engine.close()
        if problem and news:
            log.error("a model can't be used", model=slot.model.name, error=problem)
        self.changed()

    def _give_up(self, slot: _Slot, problem: str) -> None:
        slot.engine, slot.health, slot.problem = None, "failed", problem
        slot.retry_at = self._clock() + slot.backoff.next()


def _key(model: Model) -> tuple[str, str, str]:
    return model.language, model.engine, model.path


def _status(slot: _Slot) -> EngineStatus:
    return EngineStatus(
        language=slot.model.language, engine=slot.model.engine, model=slot.model.name, path=slot.model.path,
        health="failed" if slot.model.problem else slot.health, problem=slot.model.problem or slot.problem,
        licence=slot.model.licence, partials=slot.engine is not None and slot.engine.partials, faults=slot.faults,
        load=slot.load,
    )  # fmt: skip
