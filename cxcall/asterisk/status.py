"""How the connection to one Asterisk is doing: counted while it runs, shown as a plain snapshot.

Shown on /admin/asterisk, /readyz and /metrics; asked for with `commands.ask("asterisk:status", None)` and
published on the channel `asterisk`.
"""

from __future__ import annotations

import time
from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal

State = Literal["disabled", "waiting", "connecting", "connected", "reconnecting", "refused"]
"""`waiting`: for the database, before the first connection. `refused`: by the password or the address."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerStatus:
    """One server's connection now. Times are aware UTC; seconds, bytes and counts are plain numbers.

    `events` and what follows count since this process started. `lag` is arrival minus the event's own
    Timestamp, newest and largest of the last minute; the smallest beyond half a second is taken for a difference
    of the two clocks (`clock_skew`, ours minus Asterisk's), not for lateness.
    """

    server: str
    address: str
    state: State
    since: datetime
    asterisk_version: str | None = None
    ami_version: str | None = None
    filtered: bool = False
    events: int = 0
    events_per_second: float = 0.0
    bytes: int = 0
    lag: float | None = None
    lag_max: float | None = None
    clock_skew: float | None = None
    last_event_at: datetime | None = None
    unreadable: int = 0
    torn: int = 0
    stalls: int = 0
    overflows: int = 0
    inbox_fill: float = 0.0
    open_calls: int = 0
    calls_waiting: int = 0
    """Calls whose newest state is not in the database yet."""
    database_error: str | None = None
    journal_begin: int = 0
    journal_end: int = 0
    journal_committed: int = 0
    journal_bytes: int = 0
    journal_error: str | None = None
    resynced_at: datetime | None = None
    gaps: int = 0
    reconnects: int = 0
    last_error: str | None = None
    last_error_at: datetime | None = None
    remedy: str | None = None

    @property
    def ready(self) -> bool:
        """Whether calls are followed and written now."""
        return self.state == "connected" and self.database_error is None


@dataclass(slots=True)
class Meter:
    """The counters behind a ServerStatus; each is written by one place only and costs an addition."""

    state: State = "connecting"
    since: float = field(default_factory=time.time)
    asterisk_version: str | None = None
    ami_version: str | None = None
    filtered: bool = False
    bytes: int = 0
    events: int = 0
    unreadable: int = 0
    torn: int = 0
    stalls: int = 0
    overflows: int = 0
    gaps: int = 0
    reconnects: int = 0
    resynced_at: float | None = None
    last_event_at: float | None = None
    error: str | None = None
    error_at: float | None = None
    remedy: str | None = None
    database_error: str | None = None
    journal_error: str | None = None
    rate: Rate = field(default_factory=lambda: Rate())
    lag: Lag = field(default_factory=lambda: Lag())

    def turn(self, state: State) -> None:
        if state != self.state:
            self.state = state
            self.since = time.time()

    def told(self, *, server: str, address: str, database_error: str | None, **figures: float) -> ServerStatus:
        """The counters as they stand, with the `figures` that others know."""
        now, skew = time.time(), self.lag.skew()
        high = self.lag.largest(now)
        return ServerStatus(
            server=server,
            address=address,
            state=self.state,
            since=datetime.fromtimestamp(self.since, UTC),
            asterisk_version=self.asterisk_version,
            ami_version=self.ami_version,
            filtered=self.filtered,
            events=self.events,
            events_per_second=round(self.rate.sample(time.monotonic(), self.events), 1),
            bytes=self.bytes,
            lag=None if self.lag.newest is None else self.lag.newest - skew,
            lag_max=None if high is None else high - skew,
            clock_skew=skew or None,
            last_event_at=moment(self.last_event_at),
            unreadable=self.unreadable,
            torn=self.torn,
            stalls=self.stalls,
            overflows=self.overflows,
            database_error=database_error,
            journal_error=self.journal_error,
            resynced_at=moment(self.resynced_at),
            gaps=self.gaps,
            reconnects=self.reconnects,
            last_error=self.error,
            last_error_at=moment(self.error_at),
            remedy=self.remedy,
            **figures,  # type: ignore[arg-type]  # counts and a share, each a field above
        )

    def fail(self, error: str, remedy: str | None) -> None:
        self.error, self.remedy, self.error_at = error, remedy, time.time()


class Rate:
    """Events a second over about the last ten seconds, from a running total."""

    def __init__(self, span: float = 10.0) -> None:
        self._span = span
        self._samples: deque[tuple[float, int]] = deque()

    def sample(self, now: float, total: int) -> float:
        """Take the total at `now` (monotonic seconds) and return the rate."""
        self._samples.append((now, total))
        while len(self._samples) > 2 and now - self._samples[0][0] > self._span:
            self._samples.popleft()
        then, before = self._samples[0]
        return (total - before) / (now - then) if now > then else 0.0


class Lag:
    """Smallest, newest and largest lateness of the last minute, in slots of five seconds."""

    def __init__(self, slot: float = 5.0, slots: int = 12) -> None:
        self._slot = slot
        self._slots: deque[tuple[float, float, float]] = deque(maxlen=slots)
        self._began = 0.0
        self.newest: float | None = None

    def add(self, lag: float, now: float) -> None:
        self.newest = lag
        if not self._slots or now - self._began >= self._slot or now < self._began:
            self._began = now
            self._slots.append((now, lag, lag))
        else:
            _, low, high = self._slots[-1]
            self._slots[-1] = (self._began, min(low, lag), max(high, lag))

    def skew(self) -> float:
        """Difference of the clocks, ours minus Asterisk's: what even the promptest event shows, 0 if small."""
        low = min((slot[1] for slot in self._slots), default=0.0)
        return low if abs(low) >= 0.5 else 0.0

    def largest(self, now: float) -> float | None:
        recent = [high for began, _, high in self._slots if now - began <= 60.0]
        return max(recent) if recent else self.newest


def moment(epoch: float | None) -> datetime | None:
    return None if epoch is None else datetime.fromtimestamp(epoch, UTC)
