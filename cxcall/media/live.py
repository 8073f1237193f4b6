"""Calls that are heard now: takes their streams from the tap and brings each call's transcript to its end.

`LiveSpeech` is the `Receiver` of `cxcall.speech.stream`: what it is told it does at once, on the event loop; its tasks
do the rest while `run` runs: the clock of silent phones, shedding, the ends of calls, and calls that were left behind
when an earlier process died.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Literal

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from cxcall.backoff import Backoff
from cxcall.bus import speech as bus
from cxcall.media import keeping, shedding
from cxcall.media.concluding import Concluded, conclude
from cxcall.media.conversation import Conversation
from cxcall.media.room import Room, moment
from cxcall.media.shedding import Shed
from cxcall.media.sink import StreamSink
from cxcall.speech.stream import Stream
from cxcall.store import calls, transcripts
from cxcall.store.errors import reason
from cxcall.store.ledger import NotWritten

log = structlog.get_logger(__name__)

TICK_S = 0.08
SHED_EVERY_S = 0.5

LAST_TEXTS_S = 30.0
"""For texts that are still to come when the call is over; what comes no more is read from its sound."""

STOP_TEXTS_S = 2.0
"""The same when we stop."""

LOOK_EVERY_S = 60.0
LEFT_S = 60.0
"""A call without streams for so long is looked at: it may be over without our having been told."""

TRIES_S = 600.0
"""How long the end of a call is tried again when the database is away; later the look for what was left finds it."""


class LiveSpeech:
    """`ended` is called with each transcript that came to its end."""

    def __init__(self, *, room: Room, engine: AsyncEngine, ended: Callable[[Concluded], None] = lambda _: None) -> None:
        self._room = room
        self._engine = engine
        self._ended = ended
        self._talks: dict[str, Conversation] = {}
        self._aliases: dict[str, str] = {}
        self._ending: set[asyncio.Task[None]] = set()
        self._closing: set[str] = set()
        self.shed = Shed()
        self.left = 0
        """Calls that were left for after their end, since the start."""

    # Receiver

    def open(self, stream: Stream, at: float) -> StreamSink:
        """The first frame of a stream has come."""
        call_id = self._call(stream.call_id)
        talk = self._talks.get(call_id)
        if talk is None:
            talk = self._talks[call_id] = Conversation(stream, at, self._room)
            talk.move(call_id)
            if self.shed.level == "later":
                talk.leave()
                self.left += 1
        return talk.attach(stream, at)

    def over(self, call_id: str, at: float) -> None:
        """The call has ended."""
        talk = self._talks.pop(self._call(call_id), None)
        if talk is None:
            return
        talk.close(at)
        self._closing.add(talk.call_id)
        task = asyncio.get_running_loop().create_task(self._end(talk, at))
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)

    def merged(self, call_id: str, into: str) -> None:
        """A call has become part of another."""
        gone, stays = self._call(call_id), self._call(into)
        if gone == stays:
            return
        self._aliases[gone] = stays
        talk, other = self._talks.pop(gone, None), self._talks.get(stays)
        if talk is None:
            return
        if other is not None and talk.inside != other.inside:
            (talk if talk.inside else other).forget()  # a consultation, while the customer was on hold
        self._room.spool.move(gone, stays)
        self._room.ledger.put(lambda conn: keeping.move(conn, gone, stays))
        if other is None:
            self._talks[stays] = talk
            talk.move(stays)
            talk.reopen()
        else:
            other.adopt(talk)
            other.reopen()

    # What others ask

    def refusal(self, language: str, engine: str = "") -> Literal["", "no_model", "overload"]:
        """Whether a call of this language can be heard now; why not."""
        if not self._room.understands(language, engine):
            return "no_model"
        return "overload" if self.shed.level == "later" and self._room.spool.nearly_full else ""

    def talk(self, call_id: str) -> Conversation | None:
        """A call that is heard now."""
        return self._talks.get(self._call(call_id))

    @property
    def calls(self) -> int:
        return len(self._talks)

    @property
    def streams(self) -> int:
        return sum(talk.streams for talk in self._talks.values())

    @property
    def later(self) -> int:
        """Calls that go on now and are read after their end."""
        return sum(talk.later for talk in self._talks.values())

    # Tasks

    async def run(self) -> None:
        """Run until cancelled; `stop` has to follow."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._tick())
            group.create_task(self._watch_load())
            group.create_task(self._look())

    async def stop(self) -> None:
        """What was said is written, as far as that takes no longer than a moment: texts that are nearly there come.

        Streams are closed by who opened them; those that are still open end here.
        """
        now = self._room.clock()
        for talk in self._talks.values():
            for sink in talk.sinks:
                sink.close("stopped", now)
        await asyncio.gather(*(talk.texts(STOP_TEXTS_S) for talk in self._talks.values()))
        for task in self._ending:
            task.cancel()
        await asyncio.gather(*self._ending, return_exceptions=True)

    async def _tick(self) -> None:
        while True:
            now = self._room.clock()
            for talk in tuple(self._talks.values()):
                talk.tick(now)
            await asyncio.sleep(TICK_S)

    async def _watch_load(self) -> None:
        while True:
            self.look_at_load(time.monotonic())
            await asyncio.sleep(SHED_EVERY_S)

    def look_at_load(self, now: float) -> None:
        """Give up what has to be given up, or take it back."""
        pool = self._room.pool
        waits = shedding.wait(pool.backlog, pool.measures.factor(now), pool.workers)
        before = self.shed.level
        self.shed, leave = shedding.step(self.shed, waits, now)
        pool.partials = self.shed.level == "all"
        if leave:
            self._leave_one()
        if self.shed.level != before:
            worse = shedding.ORDER.index(self.shed.level) > shedding.ORDER.index(before)
            log.warning("decoding falls behind" if worse else "decoding keeps up better",
                        level=self.shed.level, wait=round(waits, 1))  # fmt: skip
            self._room.bus.publish(bus.SPEECH, {"status": True})

    def _leave_one(self) -> None:
        """The newest call is read after its end."""
        newest = max((talk for talk in self._talks.values() if not talk.later), key=lambda t: t.opened_at, default=None)
        if newest is not None:
            newest.leave()
            self.left += 1
            log.warning("a call is read after its end, for there is too much to decode", call=newest.call_id)

    async def _end(self, talk: Conversation, at: float) -> None:
        """Wait for the last texts, then conclude."""
        try:
            await talk.texts(LAST_TEXTS_S)
            async with asyncio.timeout(TRIES_S):
                await talk.opened.wait()
            await self._room.spool.flush()
            talk.tick(self._room.clock())
            await self._conclude(talk, at)
        except (TimeoutError, NotWritten) as error:
            log.warning("a talk can't be brought to its end", call=talk.call_id, error=reason(error))
        finally:
            self._closing.discard(talk.call_id)
            talk.told_over()

    async def _conclude(self, talk: Conversation, at: float) -> None:
        backoff, limit = Backoff(0.2, 10.0), time.monotonic() + TRIES_S
        while time.monotonic() < limit:
            await self._room.ledger.put(_nothing)  # all that was told before is written
            assert talk.transcript is not None  # noqa: S101 - it was opened
            try:
                done = await conclude(
                    self._engine, talk.transcript.id, self._room.catalogue, now=self._room.now(), ended_at=moment(at),
                    gaps=talk.gaps, kept_sound=await asyncio.to_thread(self._room.spool.has, talk.call_id),
                )  # fmt: skip
            except (SQLAlchemyError, OSError, TimeoutError) as error:
                log.warning("the end of a talk can't be written now", call=talk.call_id, error=reason(error))
                await asyncio.sleep(backoff.next())
                continue
            if done is not None:
                self._ended(done)
            return

    async def _look(self) -> None:
        """What nobody told us of: calls that ended unseen, and those of a process that died."""
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            try:
                await self.look_for_left()
            except (SQLAlchemyError, OSError, TimeoutError) as error:
                log.warning("talks that were left can't be looked for now", error=reason(error))

    async def look_for_left(self) -> None:
        """End what is over by its record."""
        now = self._room.clock()
        for talk in tuple(self._talks.values()):
            if talk.quiet and now - talk.quiet_since > LEFT_S:
                ended = await self._ended_at(talk.call_id)
                if ended is not None:
                    self.over(talk.call_id, ended)
        async with asyncio.timeout(30.0), self._engine.connect() as conn:
            left = await transcripts.under_way(conn, "live")
        for transcript in left:
            call_id = transcript.call_id or transcript.subject
            if call_id in self._talks or call_id in self._closing or transcript.kind != "call":
                continue
            ended = await self._ended_at(call_id)
            if ended is None:
                continue
            gap = transcripts.Unheard(
                since=max(0.0, transcript.updated_at.timestamp() - transcript.began_at.timestamp()),
                until=max(0.0, ended - transcript.began_at.timestamp()), why="not_running",
            )  # fmt: skip
            gaps = (*transcript.gaps, gap) if gap.until - gap.since > 1.0 else transcript.gaps
            kept = await asyncio.to_thread(self._room.spool.has, call_id)
            done = await conclude(
                self._engine, transcript.id, self._room.catalogue, now=self._room.now(), ended_at=moment(ended),
                gaps=gaps, kept_sound=kept,
            )  # fmt: skip
            if done is not None:
                self._ended(done)

    async def _ended_at(self, call_id: str) -> float | None:
        """When a call ended by its record; None: it goes on, or is not known (yet)."""
        async with asyncio.timeout(10.0), self._engine.connect() as conn:
            record = await calls.get(conn, call_id)
        return record.ended_at.timestamp() if record is not None and record.ended_at is not None else None

    def _call(self, call_id: str) -> str:
        """The call an id stands for now."""
        seen = {call_id}
        while (stays := self._aliases.get(call_id)) is not None and stays not in seen:
            seen.add(stays)
            call_id = stays
        return call_id


async def _nothing(_: object) -> None:
    """An entry of the ledger that only marks a place."""
