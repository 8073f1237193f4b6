"""One speaker's stream: sound is cut into utterances as it comes, and each goes its way to become text.

Everything here runs on the event loop and returns at once. An utterance goes to the pool; when its call is read only
after the end, or the engine breaks, its sound goes to the spool instead; when there is no room there, a gap is marked.
"""

from __future__ import annotations

import time
from typing import Protocol

import structlog

from cxcall.media.room import Room
from cxcall.media.spool import Kept
from cxcall.media.work import Utterance
from cxcall.speech.engines.engine import EngineError, Heard
from cxcall.speech.stream import Closed, Stream
from cxcall.speech.utterance import Begun, Chunk, Ended, Event, Paused

log = structlog.get_logger(__name__)

MOST_HELD_S = 900.0
"""Seconds of sound in memory, of all streams (14 MB); what comes then goes to disk at once."""


class Owner(Protocol):
    """The talk a stream belongs to; told of everything at the times of the wall clock."""

    call_id: str

    @property
    def later(self) -> bool:
        """Whether it is read only after its end."""

    def partial(self, sink: StreamSink, start: float, text: str) -> None:
        """What is being said; an empty text withdraws it."""

    def said(self, sink: StreamSink, saying: Saying, heard: Heard) -> None:
        """An utterance has become text."""

    def missed(self, start: float, end: float, why: str) -> None:
        """Nobody has written this down, or not yet."""

    def paused(self, sink: StreamSink, held: bool, at: float) -> None:
        """The talk is on hold, or goes on."""

    def closed(self, sink: StreamSink, why: Closed, at: float) -> None:
        """The stream has ended."""

    def settled(self) -> None:
        """An utterance has got its text, or will have none for now."""


class Saying:
    """An utterance from its first sample until its text; hears from the pool. Times are of the wall clock."""

    def __init__(self, sink: StreamSink, begun: Begun) -> None:
        self._sink = sink
        self.start, self.spoke = begun.start, begun.spoke
        self.end: float | None = None
        self.sound: list[bytes] = []
        self.utterance: Utterance | None = None
        self.shown = False
        """A partial text of it is before people's eyes."""

    @property
    def ended(self) -> float:
        """When the voice ended, or began while it still goes on."""
        return self.spoke if self.end is None else self.end

    def partial(self, text: str) -> None:
        if text:
            self.shown = True
            self._sink.owner.partial(self._sink, self.spoke, text)

    def heard(self, heard: Heard) -> None:
        self._sink.settle(self, heard)

    def failed(self, why: str) -> None:
        self._sink.fail(self, why)


class StreamSink:
    """Takes one stream (`cxcall.speech.stream.Sink`)."""

    def __init__(self, stream: Stream, owner: Owner, room: Room) -> None:
        self.stream = stream
        self.owner = owner
        self.open = True
        self.held = False
        self.pending: set[Saying] = set()
        """Utterances without a text yet."""
        self.last = room.clock()
        self._room = room
        self._cutter = room.cut()
        self._now: Saying | None = None
        self._told = False

    @property
    def speaking(self) -> bool:
        return self._now is not None

    def audio(self, pcm: bytes, at: float) -> None:
        """Samples as they came."""
        if self.open and not self.held:
            self.last = at
            self._take(self._cutter.feed(pcm, at))

    def tick(self, now: float) -> None:
        """Time passes, also when a silent phone sends nothing."""
        if self.open and not self.held:
            self._take(self._cutter.tick(now))

    def hold(self, held: bool, at: float) -> None:
        """On hold, or not any more."""
        if not self.open or held == self.held:
            return
        if held:
            self._take(self._cutter.close(at))
        self.held = held
        self.owner.paused(self, held, at)

    def close(self, why: Closed, at: float) -> None:
        """The end; a second one changes nothing."""
        if not self.open:
            return
        if not self.held:
            self._take(self._cutter.close(at))
        self.open = False
        self.owner.closed(self, why, at)

    def give_up(self) -> None:
        """The call is over and its texts are overdue: what is pending is read afterwards."""
        for saying in tuple(self.pending):
            if saying.utterance is not None:
                saying.utterance.drop()
            self._put_off(saying, "overload")

    def forget(self) -> None:
        """What has no text yet gets none, nor does what is just being said; what is said from now on does."""
        self._cutter.close(self.last)
        self._now = None
        for saying in tuple(self.pending):
            if saying.utterance is not None:
                saying.utterance.drop()
            if saying.shown:
                self.owner.partial(self, saying.spoke, "")
            self._settled(saying)

    def settle(self, saying: Saying, heard: Heard) -> None:
        """The text of an utterance has come."""
        if saying not in self.pending:
            return
        room = self._room
        room.pool.measures.delayed(time.monotonic(), max(0.0, room.clock() - saying.ended))
        if heard.text.strip():
            self.owner.said(self, saying, heard)
        elif saying.shown:
            self.owner.partial(self, saying.spoke, "")
        self._settled(saying)

    def fail(self, saying: Saying, why: str) -> None:
        """The engine broke at it. If it still goes on, the rest is kept for after the call too."""
        log.warning("an utterance has no text yet", call=self.owner.call_id, why=why)
        if saying.end is None:
            saying.utterance = None
        else:
            self._put_off(saying, "engine")
        if saying.shown:
            self.owner.partial(self, saying.spoke, "")

    def _take(self, events: list[Event]) -> None:
        for event in events:
            match event:
                case Begun():
                    self._begin(event)
                case Chunk(pcm=pcm):
                    self._feed(pcm)
                case Paused():
                    if self._now is not None and self._now.utterance is not None:
                        self._now.utterance.pause()
                case Ended(end=end):
                    self._end(end)

    def _begin(self, begun: Begun) -> None:
        self._now = saying = Saying(self, begun)
        self.pending.add(saying)
        if self.owner.later or self._room.pool.held > MOST_HELD_S:
            return
        stream = self.stream
        try:
            model = self._room.model(stream.language, stream.engine)
        except EngineError as error:
            if not self._told:
                log.warning("nothing here can write this down now", call=self.owner.call_id, why=str(error))
            self._told = True
            return
        if self._room.pool.engines.usable(model):
            saying.utterance = self._room.pool.begin(model, saying)

    def _feed(self, pcm: bytes) -> None:
        if self._now is not None:
            self._now.sound.append(pcm)
            if self._now.utterance is not None:
                self._now.utterance.feed(pcm)

    def _end(self, end: float) -> None:
        saying, self._now = self._now, None
        if saying is None:
            return
        saying.end = end
        if saying.utterance is not None:
            saying.utterance.finish()
        else:
            self._put_off(saying, "overload" if self.owner.later else "engine")

    def _put_off(self, saying: Saying, why: str) -> None:
        """Keep the sound for after the call, or mark that it is lost."""
        end = saying.end if saying.end is not None else self.last
        kept = Kept(
            start=saying.start, spoke=saying.spoke, end=end, speaker=self.stream.speaker, channel=self.stream.channel,
            agent=self.stream.agent, language=self.stream.language, engine=self.stream.engine,
        )  # fmt: skip
        there_is_room = self._room.spool.keep(self.owner.call_id, kept, b"".join(saying.sound))
        self.owner.missed(saying.spoke, end, why if there_is_room else "full")
        self._settled(saying)

    def _settled(self, saying: Saying) -> None:
        self.pending.discard(saying)
        saying.sound.clear()  # its text may wait long for the database
        self.owner.settled()
