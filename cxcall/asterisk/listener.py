"""From one server's manager interface into the database: keep the bytes, follow the calls, have them written.

Order of things for what was read at once: the raw bytes are in the journal before an event is worked on; the tracker
turns events into changes; the writer gets the newest state of each call together with the position it stands
for. After a crash the journal is replayed from the safe position: the tracker then knows the open calls as before, and
writing the same again changes nothing. What happened while nobody listened is marked as a gap.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import math
import time
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from cxcall.asterisk import acts, hints
from cxcall.asterisk.acts.attended import Signs
from cxcall.asterisk.ami.client import Client, address
from cxcall.asterisk.ami.inbox import Inbox, Piece
from cxcall.asterisk.ami.message import Headers, marker, parse, text
from cxcall.asterisk.following import Follower
from cxcall.asterisk.keeping import Keeper
from cxcall.asterisk.limits import Limits
from cxcall.asterisk.members import WANTED as MEMBERS_WANTED
from cxcall.asterisk.members import Member, Members
from cxcall.asterisk.reading import WATCHED, messages, seconds, wanted
from cxcall.asterisk.resync import resync
from cxcall.asterisk.status import Meter, ServerStatus
from cxcall.asterisk.watching import Watchers
from cxcall.asterisk.writer import Errand, Writer
from cxcall.backoff import Backoff
from cxcall.bus import Commands
from cxcall.calls.changes import Change
from cxcall.calls.record import CallRecord
from cxcall.settings import Ami
from cxcall.settings import Journal as JournalSettings
from cxcall.store import calls, positions
from cxcall.store.calls import AppliedCall
from cxcall.store.journal import Journal, JournalBusy

LAST_LOOK = 1.5
"""Seconds for what waits to be followed when we stop."""

_TURN = 25
"""Events worked on before others have their turn: a page takes many turns, and waits for a burst in each."""

log = structlog.get_logger(__name__)


class Listener:
    """Listens to `server` while `run` runs. `data_dir` holds its journal under `journal/<server>`.

    Serves on `commands`: `ami:<server>` (acts of cxcall.bus.acts), `members:<server>`, and `live:<server>`, which gives
    the record, as known now, of the call that a channel (its unique id) is in, or None.
    """

    def __init__(
        self,
        *,
        server: Ami,
        engine: AsyncEngine,
        writer: Writer,
        commands: Commands,
        data_dir: Path,
        region: str,
        journal: JournalSettings | None = None,
        limits: Limits | None = None,
        watchers: Watchers | None = None,
    ) -> None:
        self.server = server
        self._engine = engine
        self._writer = writer
        self._commands = commands
        self._region = region
        self._meter = Meter()
        self._keeper = Keeper(_opener(data_dir / "journal" / server.name, journal or JournalSettings()), self._meter)
        self._inbox = Inbox()
        self._wanted = wanted()
        self._members = Members()
        self._hints: set[str] = set()
        self._naming = asyncio.Event()
        """All that is up has been told of, but not yet which phones some of the members' hints stand for."""
        self._follower = Follower(server, self._meter)
        self._away = False
        self._first_snapshot = True
        self._batch: asyncio.Future[None] | None = None
        self._last_look = math.inf
        self._client = Client(
            server, wanted=self._wanted, inbox=self._inbox, meter=self._meter, resync=self._resync, limits=limits
        )
        self._signs = Signs()
        self._watchers = watchers or Watchers()
        self._watchers.attach(server, self._client, self._follower)

    async def run(self) -> None:
        """Listen until cancelled; what waits by then is still kept and followed, and left to the writer."""
        if not self.server.secret:
            self._meter.turn("disabled")
            self._meter.fail("No password is set for this Asterisk.", "Set `secret` of its [[ami]] table.")
            log.warning("an Asterisk without a password is not followed; set `secret`", server=self.server.name)
            await asyncio.Event().wait()
        with contextlib.ExitStack() as served:
            act = functools.partial(acts.do, self._client, near=self._follower.near, signs=self._signs)
            served.callback(self._commands.serve(f"ami:{self.server.name}", act))
            served.callback(self._commands.serve(f"members:{self.server.name}", self._tell_members))
            served.callback(self._commands.serve(f"live:{self.server.name}", self._tell_call))
            try:
                await self._open()
                await self._recover()
                async with asyncio.TaskGroup() as group:
                    group.create_task(self._client.run())
                    group.create_task(self._work())
                    group.create_task(self._keeper.tend())
                    group.create_task(self._tend())
            finally:
                await self._stop()

    def status(self) -> ServerStatus:
        """How this server's connection is doing now."""
        return self._meter.told(
            server=self.server.name,
            address=address(self.server),
            inbox_fill=self._inbox.fill,
            open_calls=len(self._follower.open_calls()),
            calls_waiting=self._writer.waiting,
            database_error=self._writer.error or self._meter.database_error,
            journal_begin=self._keeper.begin,
            journal_end=self._keeper.end,
            journal_committed=self._writer.committed.get(self.server.name, (0, 0))[0],
            journal_bytes=self._keeper.bytes,
        )

    def members(self) -> list[Member]:
        """The queue members as Asterisk last told of them."""
        return self._members.all()

    # Start and stop

    async def _open(self) -> None:
        """Open the journal; wait while another process has it, go on without it when the disk won't take it."""
        while True:
            try:
                await self._keeper.open()
            except JournalBusy as error:
                self._meter.turn("waiting")
                self._meter.fail(str(error), "It takes over by itself when the other one stops.")
                await asyncio.sleep(2)
            except OSError as error:
                self._keeper.fails(error)
                return
            else:
                return

    async def _recover(self) -> None:
        """Bring tracker and database to where the journal ends."""
        self._meter.turn("waiting")
        begin = await self._database_position()
        if self._keeper.journal is None:
            return
        began, last, told = time.monotonic(), None, "CxcallDisconnected"
        async for position, batch in self._stored(begin):
            changes: list[Change] = []
            for message in batch:
                self._follower.piece(begin, message)
                changes += self._follower.feed(message, begin)
                last = seconds(message) or last
                if text(message, "Event").startswith("Cxcall"):
                    told = text(message, "Event")
            self._offer(changes, position)
            begin = position
            await self._writer.room()
        if told != "CxcallDisconnected":  # the end of the last session was not written: a crash
            await self._through([_piece(marker("CxcallDisconnected", last or time.time()))])
        for call in self._follower.open_calls():
            self._writer.unsure(call)
        log.info("journal replayed", server=self.server.name, seconds=round(time.monotonic() - began, 2))

    async def _database_position(self) -> int:
        """The safe position the database tells; waits for a database that is away."""
        backoff = Backoff(0.2, 5.0)
        while True:
            try:
                async with asyncio.timeout(10), self._engine.connect() as conn:
                    found = await positions.load(conn, self.server.name)
            except (SQLAlchemyError, OSError, TimeoutError) as error:
                self._meter.database_error = f"The database can't be read: {str(error).partition(chr(10))[0]}"
                await asyncio.sleep(backoff.next())
            else:
                self._meter.database_error = None
                return found if found is not None and found <= self._keeper.end else 0

    async def _stop(self) -> None:
        """Keep and follow what has been read, then close the journal.

        First the batch that was under way: passed over, it would be taken for written once a later one is. What
        takes longer than LAST_LOOK to follow is only kept: the next start replays it.
        """
        self._last_look = time.monotonic() + LAST_LOOK
        if self._batch is not None:
            await self._batch
        while pieces := self._inbox.take_now():
            await self._through(pieces)
        await self._keeper.close()

    # At work

    async def _work(self) -> None:
        while True:
            self._batch = asyncio.ensure_future(self._through(await self._inbox.take()))
            await asyncio.shield(self._batch)

    async def _through(self, pieces: Sequence[Piece]) -> None:
        """Keep a batch, then follow it piece by piece, letting others have their turn in between."""
        raw = b"".join([piece.raw for piece in pieces])
        before = self._keeper.end
        end = await self._keeper.append(raw)
        position = end - len(raw)
        kept = position >= before
        for piece in pieces:
            if time.monotonic() > self._last_look:
                return
            await self._piece(piece, position if kept else end, len(piece.raw) if kept else 0)
            position += len(piece.raw)
            await asyncio.sleep(0)

    async def _piece(self, piece: Piece, position: int, length: int) -> None:
        changes: list[Change] = []
        for index, raw in enumerate(piece.wanted):
            message = parse(raw)
            if index == 0:
                self._follower.piece(position, message)
                self._time(message, piece.arrived)
            changes += self._follower.feed(message, position)
            if (name := text(message, "Event")) in MEMBERS_WANTED:
                self._writer.publisher.members(self.server.name, self._members.feed(name, message))
            if name.startswith("Cxcall"):
                self._marker(name, message)
            elif name in WATCHED:
                self._signs.told(name, message)
                self._watchers.told(self.server.name, name, message)
            if index % _TURN == _TURN - 1:
                await asyncio.sleep(0)
        if changes:
            self._watchers.heard(self.server.name, changes)
        self._offer(changes, position + length)

    def _offer(self, changes: Iterable[Change], end: int) -> None:
        for call in self._follower.found:
            self._writer.unsure(call)
        self._follower.found.clear()
        self._writer.offer(self.server.name, changes, (end, self._follower.safe(end)), quiet=True)

    def _time(self, message: Headers, arrived: float) -> None:
        at = seconds(message)
        if not text(message, "Event").startswith("Cxcall"):
            self._meter.last_event_at = arrived
            if at is not None:
                self._meter.lag.add(arrived - at, arrived)

    def _marker(self, name: str, message: Headers) -> None:
        if name == "CxcallDisconnected":
            self._away = True
        elif name == "CxcallSnapshotEnd":
            self._meter.resynced_at = time.time()
            if self._unnamed():
                self._naming.set()
            else:
                self._watchers.listed(self.server.name)
            self._meter.gaps += self._away
            self._away = False
            if self._first_snapshot:
                self._first_snapshot = False
                self._writer.errand(self._end_forgotten(seconds(message) or time.time()))

    async def _resync(self, client: Client) -> None:
        self._hints.clear()
        await resync(client)

    def _end_forgotten(self, at: float) -> Errand:
        """After the first snapshot: calls the database thinks are up, but neither Asterisk nor the journal knows."""
        up = set(self._follower.open_calls())

        async def errand(conn: AsyncConnection) -> list[AppliedCall]:
            still_up = up | set(self._follower.open_calls()) | self._writer.held()
            when = datetime.fromtimestamp(at, UTC)
            counting = await self._writer.counting.now(conn)
            return await calls.end_forgotten(
                conn, self.server.name, still_up, when, region=self._region, counting=counting
            )

        return errand

    async def _tend(self) -> None:
        """Every second: what can wait that long. Phones behind hints are named at once after a connection."""
        name, writer = self.server.name, self._writer
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(1):
                    await self._naming.wait()
            await self._name_phones()
            if self._naming.is_set():
                self._naming.clear()
                self._watchers.listed(name)
            if self._keeper.journal is not None and name in writer.committed:
                self._keeper.journal.pinned = writer.committed[name][1]
            if name in writer.behind and writer.error is None and not writer.waiting:
                await self._mend()

    async def _mend(self) -> None:
        """More calls waited for the database than could be held, and it is back: replay the journal."""
        name, writer, follower = self.server.name, self._writer, Follower(self.server, Meter())
        async for position, batch in self._stored(await self._database_position()):
            for message in batch:
                writer.offer(name, follower.feed(message, position), (position, position))
                await writer.room()
        writer.behind.discard(name)
        log.info("calls that could not be held were written from the journal", server=name)

    def _unnamed(self) -> set[str]:
        """Hints of which it was not asked which phone they stand for."""
        return {device for device in self._members.devices() if device.startswith(hints.PREFIX)} - self._hints

    async def _name_phones(self) -> None:
        """Ask which phones the members stand for whose state is a hint, once for each hint."""
        for hint in self._unnamed():
            phone = await hints.phone_of(self._client, hint)
            if phone is not None:
                self._hints.add(hint)
                self._writer.publisher.members(self.server.name, self._members.name_phone(hint, phone))

    async def _stored(self, start: int) -> AsyncIterator[tuple[int, list[Headers]]]:
        """What the journal holds from `start` to now: batches of messages, each with the position after it."""
        journal = self._keeper.journal
        if journal is not None:
            steps = messages(journal.read(start), self._wanted)
            while (step := await asyncio.to_thread(next, steps, None)) is not None:
                yield step

    async def _tell_call(self, unique_id: str) -> CallRecord | None:
        """The call a channel is in, as far as the events have come."""
        return self._follower.record_of(unique_id)

    async def _tell_members(self, _: object) -> list[dict[str, object]]:
        return [member.plain() for member in self.members()]


def _opener(folder: Path, settings: JournalSettings) -> Callable[[], Journal]:
    return functools.partial(
        Journal,
        folder,
        segment_bytes=settings.segment_mb << 20,
        cap_bytes=settings.keep_mb << 20,
        keep_days=settings.keep_days,
    )


def _piece(own: bytes) -> Piece:
    """A marker of ours as a piece of the stream."""
    return Piece(raw=own, wanted=[own.removesuffix(b"\r\n\r\n")], events=0, arrived=time.time())
