"""What is kept of recordings while Asterisk writes them: a row each, its pauses, and that it is complete."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from cxcall.asterisk.recording.tape import Tape
from cxcall.bus import Bus
from cxcall.bus.speech import RECORDINGS
from cxcall.speech.listening import Said
from cxcall.store import recordings
from cxcall.store.errors import reason
from cxcall.store.ledger import Ledger
from cxcall.store.recordings import NewRecording, Recording

_LOOK_S = 5.0

log = structlog.get_logger(__name__)


class Books:
    """Written in order, beside the calls. Changes are told on the call's channel, complete ones on RECORDINGS."""

    def __init__(self, engine: AsyncEngine, bus: Bus, now: Callable[[], datetime]) -> None:
        self._engine = engine
        self._bus = bus
        self._now = now
        self.ledger = Ledger(engine, of="recordings")

    def begun(self, server: str, tape: Tape, *, said: Said, by: str, why: str, keep_days: int) -> None:
        """Asterisk has begun to write; it is kept `keep_days` days from now, 0: for good."""
        now = self._now()
        new = NewRecording(
            server=server, name=tape.name, began_at=tape.began_at, call_id=tape.call_id, unique_id=tape.unique_id,
            sources=tape.sources, consent=said, by=by, why=why,
            keep_until=now + timedelta(days=keep_days) if keep_days else None,
        )  # fmt: skip

        async def write(conn: AsyncConnection) -> None:
            await recordings.begin(conn, new, now=now)

        self.ledger.put(write)
        self._tell(tape)

    def paused(self, server: str, tape: Tape) -> None:
        """The pauses of this recording have changed."""
        now, pauses = self._now(), tuple(tape.pauses)

        async def write(conn: AsyncConnection) -> None:
            found = await recordings.named(conn, server, tape.name)
            if found is not None:
                await recordings.change(conn, found.id, now=now, pauses=pauses)

        self.ledger.put(write)
        self._tell(tape)

    def complete(self, server: str, tape: Tape) -> None:
        """Asterisk writes no more of it: it waits to be kept."""
        now, pauses = self._now(), tuple(tape.pauses)

        async def write(conn: AsyncConnection) -> None:
            found = await recordings.named(conn, server, tape.name)
            if found is not None and found.state == "recording":
                await recordings.change(conn, found.id, now=now, state="waiting", pauses=pauses)

        self.ledger.put(write, told=lambda _: self._bus.publish(RECORDINGS, {"call": tape.call_id}))
        self._tell(tape)

    async def under_way(self, server: str) -> list[Tape]:
        """What was being written when we last looked; waits for a database that is away."""
        while True:
            try:
                async with asyncio.timeout(_LOOK_S), self._engine.connect() as conn:
                    found = await recordings.open_ones(conn, state="recording")
            except (SQLAlchemyError, OSError, TimeoutError) as error:
                log.warning("recordings under way can't be looked for now", error=reason(error))
                await asyncio.sleep(_LOOK_S)
            else:
                return [_tape(recording) for recording in found if recording.server == server]

    def _tell(self, tape: Tape) -> None:
        self._bus.publish(f"call:{tape.call_id}", {"id": tape.call_id, "recording": True})


def _tape(recording: Recording) -> Tape:
    folder = Path(recording.sources[0]).parent if recording.sources else Path()
    return Tape(
        call_id=recording.call_id or "", name=recording.name, channel="", unique_id=recording.unique_id,
        began_at=recording.began_at, folder=folder, pauses=list(recording.pauses),
    )  # fmt: skip
