"""One call while it is heard: the texts of its streams become the numbered turns of its transcript.

The transcript may be there already (cxcall was restarted in the middle of the call, or two calls became one): then the
numbers go on, and what was not heard in between is a gap. Until the store has said so, what happens waits.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Callable
from typing import Any, Literal

import msgspec
import structlog

from cxcall.bus import speech as bus
from cxcall.media import keeping, telling
from cxcall.media.keeping import Opened, Step, Written
from cxcall.media.narrator import Narrator
from cxcall.media.placing import placed
from cxcall.media.room import Room, moment
from cxcall.media.sink import Saying, StreamSink
from cxcall.speech.engines.engine import Heard
from cxcall.speech.stream import Closed, Stream
from cxcall.speech.transcript import Turn
from cxcall.store.transcripts import NewTranscript, Transcript, Unheard

log = structlog.get_logger(__name__)

WAIT_EVERY_S = 5.0
"""How often a silent talk is looked at for what has become late."""

NEAR_S = 3.0
"""Gaps of one reason this near to each other are one."""

LEAVING_S = 3.0
"""A talk whose last stream ends so soon after a pause was not on hold: its people were leaving one by one."""

MOST_EARLY = 5_000
"""What waits for the store of one call; beyond it the oldest is forgotten."""


class Conversation:
    """A call that is heard (`cxcall.media.sink.Owner`). Everything runs on the event loop and returns at once."""

    def __init__(self, stream: Stream, at: float, room: Room) -> None:
        self.call_id = stream.call_id
        self.transcript: Transcript | None = None
        self.sinks: list[StreamSink] = []
        self.later = False
        self.held = False
        self.opened_at = at
        self.quiet_since = at
        """When the last stream was closed."""
        self.gaps: list[Unheard] = []
        self.opened = asyncio.Event()
        self._all_here = asyncio.Event()
        self._first = stream
        self._room = room
        self._began = at
        self._n = 0
        self._unwritten: dict[int, Turn] = {}
        self._early: deque[Callable[[], None]] = deque(maxlen=MOST_EARLY)
        self._language = stream.language or room.language
        self._narrator = Narrator(stream, self._language, room, self._write)
        self._held_since = at
        self._lost: dict[tuple[str, str], float] = {}
        self._looked_at = at
        self.reopen()

    def attach(self, stream: Stream, at: float) -> StreamSink:
        """A stream of this call begins."""
        sink = StreamSink(stream, self, self._room)
        self.sinks = [one for one in self.sinks if one.open or one.pending] + [sink]
        self._narrator.joined(stream)
        since = self._lost.pop(_who(stream), None)
        if since is not None:
            self.missed(since, at, "lost")
        return sink

    def partial(self, sink: StreamSink, start: float, text: str) -> None:
        """What is being said, as it may be shown."""
        if self.transcript is not None:
            self._narrator.partial(sink.stream, max(0.0, start - self._began), text)

    def said(self, sink: StreamSink, saying: Saying, heard: Heard) -> None:
        """An utterance has become text."""
        self._when_open(lambda: self._turn(sink, saying, heard))

    def missed(self, start: float, end: float, why: str) -> None:
        """Nobody has written this down, or not yet."""
        self._when_open(lambda: self._gap(start - self._began, end - self._began, why))

    def paused(self, sink: StreamSink, held: bool, at: float) -> None:
        """The talk is on hold when all that is heard of it is."""
        self._hold(at)

    def closed(self, sink: StreamSink, why: Closed, at: float) -> None:
        """A stream has ended; one that broke may come back, and what is said until then is a gap."""
        if why in ("lost", "broken") and not sink.held:
            self._lost[_who(sink.stream)] = at
        self.quiet_since = at
        self._hold(at)

    def settled(self) -> None:
        """A text has come."""
        if not self.pending:
            self._all_here.set()

    async def texts(self, limit: float) -> None:
        """Wait for the texts of all that was said, at most `limit` seconds; what is missing then is read afterwards."""
        self._all_here.clear()
        if self.pending:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(limit):
                    await self._all_here.wait()
        for sink in self.sinks:
            sink.give_up()

    def tick(self, now: float) -> None:
        """Time passes."""
        for sink in self.sinks:
            sink.tick(now)
        self._narrator.tick(now)
        if self.transcript is not None and not self.held and now - self._looked_at >= WAIT_EVERY_S:
            self._looked_at = now
            self._narrator.wait(now - self._began)

    def leave(self) -> None:
        """Read what is said from now on after the call, for there is too much to do."""
        self.later = True

    def close(self, at: float) -> None:
        """The call is over: no sound comes any more, and what broke off has its end."""
        for sink in self.sinks:
            sink.close("hung_up", at)
        for since in self._lost.values():
            self.missed(since, at, "lost")
        self._lost.clear()

    def told_over(self) -> None:
        """No text comes any more."""
        self._narrator.publish(telling.over())
        self._room.bus.publish(bus.SPEECH, {"call": self.call_id, "over": True})

    @property
    def quiet(self) -> bool:
        """No stream is open."""
        return not any(sink.open for sink in self.sinks)

    @property
    def streams(self) -> int:
        return sum(sink.open for sink in self.sinks)

    @property
    def pending(self) -> int:
        """Utterances whose text is still to come."""
        return sum(len(sink.pending) for sink in self.sinks)

    def move(self, call_id: str) -> None:
        """The call is known by another id now."""
        self.call_id = self._narrator.call_id = call_id

    @property
    def inside(self) -> bool:
        """Colleagues talk with each other: nobody in the call is outside."""
        return self._first.inside

    def forget(self) -> None:
        """Nothing of what was said until now is written down any more; what is written goes with its transcript."""
        for sink in self.sinks:
            sink.forget()
        self._early.clear()
        self._lost.clear()
        self._room.spool.remove(self.call_id)

    def adopt(self, other: Conversation) -> None:
        """Another call has become part of this one: its streams speak here from now on."""
        for sink in other.sinks:
            sink.owner = self
            self._narrator.joined(sink.stream)
        self.sinks += other.sinks
        other.sinks = []

    def reopen(self) -> None:
        """Ask the store what there is of this talk, and go on from there."""
        engine, model = self._room.names(self._first)
        new = NewTranscript(
            kind="call", subject=self.call_id, began_at=moment(self.opened_at), state="live", source="live",
            server=self._first.server, queue=self._first.queue, agent=self._first.agent,
            agent_name=self._first.agent_name, language=self._language, engine=engine, model=model,
            consent=self._first.consent,
        )  # fmt: skip
        self.transcript = None
        self.opened.clear()
        self._room.ledger.put(lambda conn: keeping.open_(conn, new, self._room.now()), self._opened)

    def decide(self, hint_id: str, outcome: Literal["used", "dismissed"]) -> bool:
        """The agent used or dismissed a hint; False when it is not before their eyes."""
        return self._narrator.decide(hint_id, outcome, self._room.clock() - self._began)

    def snapshot(self) -> bus.LiveSnapshot | None:
        """For a page that is opened now; None before the store has said what there is."""
        if self.transcript is None:
            return None
        return self._narrator.snapshot(
            transcript_id=self.transcript.id, began_at=self.transcript.began_at, last_n=self._n, held=self.held,
            later=self.later,
        )  # fmt: skip

    def _opened(self, opened: Opened) -> None:
        """Go on with what there is; what was told but not written gets its number after the rest."""
        again = list(self._unwritten.values())
        self._unwritten.clear()
        self.transcript = opened.transcript
        self._began = opened.transcript.began_at.timestamp()
        self.gaps = list(opened.transcript.gaps)
        self._n = max((said.n for said in opened.said), default=0)
        self._narrator.begin(opened)
        if not opened.fresh:
            self._mark_missed(opened)
        for turn in again:
            self._number(turn)
        early = list(self._early)
        self._early.clear()
        for act in early:
            act()
        self.opened.set()

    def _mark_missed(self, opened: Opened) -> None:
        """What was said between the last that is known and our beginning."""
        until = self.opened_at - self._began
        known = opened.known.timestamp() - self._began
        since = max([min(known, until), *(said.end for said in opened.said)])
        if until - since > 1.0:
            self._gap(since, until, "not_running")

    def _when_open(self, act: Callable[[], None]) -> None:
        if self.transcript is None:
            self._early.append(act)
        else:
            act()

    def _turn(self, sink: StreamSink, saying: Saying, heard: Heard) -> None:
        self._narrator.spoke(sink.stream)
        turn = placed(
            heard, start=saying.start - self._began, spoke=saying.spoke - self._began, end=saying.ended - self._began,
            speaker=sink.stream.speaker, channel=sink.stream.channel, agent=sink.stream.agent,
        )  # fmt: skip
        self._number(turn)

    def _number(self, turn: Turn) -> None:
        self._n += 1
        self._unwritten[self._n] = turn = msgspec.structs.replace(turn, n=self._n)
        self._looked_at = self._room.clock()
        self._narrator.turn(turn)

    def _gap(self, since: float, until: float, why: str) -> None:
        since, until = round(max(0.0, since), 2), round(max(0.0, until), 2)
        near = [
            gap for gap in self.gaps if gap.why == why and since <= gap.until + NEAR_S and until >= gap.since - NEAR_S
        ]
        since, until = min([since, *(gap.since for gap in near)]), max([until, *(gap.until for gap in near)])
        gaps = [gap for gap in self.gaps if gap not in near] + [Unheard(since=since, until=until, why=why)]
        self.gaps = sorted(gaps, key=lambda gap: gap.since)
        self._narrator.publish(telling.gap(since, until, why))
        self._write(Step(gaps=tuple(self.gaps)))

    def _hold(self, at: float) -> None:
        """Whether the talk is on hold after one of its streams has changed."""
        open_ = [sink for sink in self.sinks if sink.open]
        held = bool(open_) and all(sink.held for sink in open_)
        if held == self.held:
            return
        self.held = held
        self._narrator.publish(telling.held(held))
        if held:
            self._held_since = at
        elif open_ or at - self._held_since >= LEAVING_S:
            since = self._held_since
            self._when_open(lambda: self._was_held(since - self._began, at - self._began))

    def _was_held(self, since: float, until: float) -> None:
        """Nobody missed anything, and it counts for nothing in the figures."""
        self._narrator.hold(since, until)
        self._gap(since, until, "held")

    def _write(self, step: Step) -> None:
        transcript = self.transcript
        if transcript is None:
            return
        agent = self._first.agent or next((sink.stream.agent for sink in self.sinks if sink.stream.agent), "")
        self._room.ledger.put(
            lambda conn: keeping.step(conn, transcript, step, self._room.now(), agent),
            lambda written: self._wrote(transcript, step, written),
        )

    def _wrote(self, transcript: Transcript, step: Step, written: Written) -> None:
        if not written.there:
            if self.transcript is not None and self.transcript.id == transcript.id:
                self.reopen()  # it was joined with that of another call
            return
        for said in step.said:
            self._unwritten.pop(said.turn.n, None)
        if written.alert is not None:
            told: dict[str, Any] = {"id": written.alert.id, "open": written.open_alerts}
            self._room.bus.publish("alerts", told)
            self._room.bus.publish(bus.SPEECH, {"call": self.call_id, "alert": True})


def _who(stream: Stream) -> tuple[str, str]:
    return stream.speaker, stream.agent or stream.channel
