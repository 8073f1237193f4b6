"""One recording that Asterisk is writing: its files, its pauses, and the actions that begin, silence and end it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from cxcall.asterisk.ami.client import Client
from cxcall.store.recordings import Pause

LIMIT_S = 3.0


@dataclass(slots=True, eq=False)
class Tape:
    """`name` is unique on its server; `channel` and `unique_id`: the caller's, whose two directions are written.

    `id`: the store's, "" until it is known there. `paused`: seconds of the recording at which it was silenced.
    """

    call_id: str
    name: str
    channel: str
    unique_id: str
    began_at: datetime
    folder: Path
    id: str = ""
    pauses: list[Pause] = field(default_factory=list)

    @property
    def sources(self) -> tuple[str, str]:
        """The files: what came from the caller, and what the caller heard."""
        return str(self.folder / f"{self.name}-in.wav"), str(self.folder / f"{self.name}-out.wav")

    @property
    def paused(self) -> bool:
        return bool(self.pauses) and self.pauses[-1].until is None

    def at(self, now: datetime) -> float:
        """Seconds of the recording that have passed by `now`."""
        return max(0.0, (now - self.began_at).total_seconds())

    def silence(self, now: datetime, why: str) -> None:
        """It is silent from now on."""
        if not self.paused:
            self.pauses.append(Pause(since=self.at(now), until=None, why=why))

    def speak(self, now: datetime) -> None:
        """It is silent no longer."""
        if self.paused:
            last = self.pauses.pop()
            self.pauses.append(Pause(since=last.since, until=self.at(now), why=last.why))


async def begin(client: Client, tape: Tape) -> None:
    """Have Asterisk write both sides, in step (S), each into a file of its own. Raises AmiError."""
    received, sent = tape.sources
    fields = {"Channel": tape.channel, "File": "", "Options": f"Sr({received})t({sent})"}
    await client.act("MixMonitor", fields, limit=LIMIT_S)


async def mute(client: Client, tape: Tape, *, on: bool) -> None:
    """Have silence written instead of the talk, or the talk again; the length stays true. Raises AmiError."""
    fields: Mapping[str, str] = {"Channel": tape.channel, "Direction": "both", "State": "1" if on else "0"}
    await client.act("MixMonitorMute", fields, limit=LIMIT_S)


async def end(client: Client, tape: Tape) -> None:
    """Have Asterisk close the files; the call goes on. Raises AmiError."""
    await client.act("StopMixMonitor", {"Channel": tape.channel}, limit=LIMIT_S)
