"""What all talks of this process share."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Protocol

from cxcall.bus import Bus
from cxcall.media.pool import Pool
from cxcall.media.spool import Spool
from cxcall.speech.catalogue import Catalogue
from cxcall.speech.engines.engine import EngineError
from cxcall.speech.engines.models import Model
from cxcall.speech.intents import Intents
from cxcall.speech.stream import Stream
from cxcall.speech.utterance import Event
from cxcall.store.ledger import Ledger


class Cutter(Protocol):
    """Cuts a stream into utterances, as `cxcall.speech.utterance.Utterances` does."""

    def feed(self, pcm: bytes, at: float) -> list[Event]: ...

    def tick(self, now: float) -> list[Event]: ...

    def close(self, at: float) -> list[Event]: ...


def moment(at: float) -> datetime:
    """Seconds since 1970 as a moment (UTC)."""
    return datetime.fromtimestamp(at, UTC)


@dataclass(slots=True, kw_only=True)
class Room:
    """`language`, `engine`: the site's. `catalogue`: categories and articles as they are now, `intents`: what
    customers may want.

    `cut` makes what cuts a stream into utterances. `clock`: seconds since 1970. `page_language`: of words that are kept
    for people of the site. `card` is called with a call in which a card number is being said.
    """

    bus: Bus
    pool: Pool
    spool: Spool
    ledger: Ledger
    language: str
    engine: str
    page_language: str
    cut: Callable[[], Cutter]
    clock: Callable[[], float] = time.time
    card: Callable[[str], None] = lambda _: None
    catalogue: Catalogue = field(default_factory=lambda: Catalogue(()))
    intents: Intents = field(default_factory=lambda: Intents(()))

    def model(self, language: str, engine: str) -> Model:
        """The model for a language and an engine, "" for the site's. EngineError when there is none."""
        return self.pool.engines.choose(language or self.language, engine or self.engine)

    def understands(self, language: str, engine: str) -> bool:
        """Whether sound of a language can be written down now, if need be by another engine than the one wanted."""
        try:
            return self.pool.engines.usable(self.model(language, engine))
        except EngineError:
            return False

    def names(self, stream: Stream) -> tuple[str, str]:
        """What writes a stream down, as its transcript keeps it: engine and model."""
        try:
            model = self.model(stream.language, stream.engine)
        except EngineError:
            return stream.engine, ""
        return model.engine, model.name

    def now(self) -> datetime:
        return moment(self.clock())
