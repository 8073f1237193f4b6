"""The call record: one call as it truly was, the shape that API, replay, store and pages share.

Source of names and rules: INTERFACES.md, "The call record" (docs/api.md repeats it for users).
Times are aware UTC datetimes here and ISO 8601 with microseconds outside; durations are seconds.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, NewType

import msgspec

CallId = NewType("CallId", str)
"""`SERVER-UNIQUEID` of the call's first channel: the same for every replay of the same events."""

Direction = Literal["inbound", "outbound", "internal", "unknown"]
Outcome = Literal[
    "answered", "abandoned", "timeout", "no_answer", "busy", "rejected", "congestion",
    "failed", "blocked", "voicemail", "self_service", "in_progress",
]  # fmt: skip
EndedBy = Literal["caller", "callee", "agent", "system", "unknown"]
LegRole = Literal["caller", "callee", "agent", "consultant", "conference", "device"]
LegResult = Literal["answered", "no_answer", "busy", "rejected", "cancelled", "congestion", "failed"]
VisitResult = Literal["answered", "abandoned", "timeout", "full", "closed", "left"]
TransferKind = Literal["blind", "attended", "semi_attended", "redirect", "park"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who called, as first seen, even if the dialplan rewrites number or name later."""

    number: str | None = None
    name: str | None = None
    channel: str | None = None
    customer_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Leg:
    """One phone or trunk in the call; never a Local half, spy or helper channel."""

    channel: str
    unique_id: str
    role: LegRole
    number: str | None = None
    name: str | None = None
    agent: str | None = None
    rang_at: datetime | None = None
    answered_at: datetime | None = None
    ended_at: datetime | None = None
    result: LegResult | None = None
    hangup_cause: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Talk:
    """A pair of real parties for as long as they shared a bridge."""

    channels: tuple[str, str]
    numbers: tuple[str | None, str | None]
    from_: datetime | None = None
    to: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One offer of a queued caller to an agent; `ring` in seconds."""

    agent: str | None = None
    at: datetime | None = None
    ring: float = 0.0
    result: LegResult | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueVisit:
    """One stay in a queue, keyed by caller, queue and join time; durations in seconds."""

    queue: str
    joined_at: datetime | None = None
    left_at: datetime | None = None
    position: int | None = None
    result: VisitResult | None = None
    agent: str | None = None
    interface: str | None = None
    wait: float | None = None
    ring: float = 0.0
    talk: float = 0.0
    hold: float = 0.0
    attempts: tuple[Attempt, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    kind: TransferKind
    at: datetime | None = None
    by: str | None = None
    to: str | None = None
    result: Literal["ok", "failed"] = "ok"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """`channel` pressed hold; `to` is None while it lasts."""

    channel: str
    from_: datetime | None = None
    to: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """Time no one listened: nothing is claimed about it."""

    from_: datetime | None = None
    to: datetime | None = None
    why: str = "listener down"


@dataclass(frozen=True, slots=True, kw_only=True)
class CallRecord:
    """One call. `outcome` is `in_progress` and `ended_at` None while it is up."""

    id: CallId
    server: str
    linked_ids: tuple[str, ...] = ()
    direction: Direction = "unknown"
    caller: Caller = Caller()
    called: str | None = None
    started_at: datetime | None = None
    answered_at: datetime | None = None
    ended_at: datetime | None = None
    outcome: Outcome = "in_progress"
    ended_by: EndedBy = "unknown"
    hangup_cause: int | None = None
    legs: tuple[Leg, ...] = ()
    talks: tuple[Talk, ...] = ()
    queue_visits: tuple[QueueVisit, ...] = ()
    transfers: tuple[Transfer, ...] = ()
    holds: tuple[Hold, ...] = ()
    gaps: tuple[Gap, ...] = ()


def iso(moment: datetime) -> str:
    """Aware UTC datetime as ISO 8601, always with six digits of microseconds and `Z`."""
    return moment.isoformat(timespec="microseconds").replace("+00:00", "Z")


def jsonable(value: Any) -> Any:
    """A record or a part of it as plain dicts, lists, strings and numbers (`from_` → `from`)."""
    if isinstance(value, datetime):
        return iso(value)
    if dataclasses.is_dataclass(value):
        return {f.name.rstrip("_"): jsonable(getattr(value, f.name)) for f in dataclasses.fields(value)}
    if isinstance(value, (list, tuple)):
        return [jsonable(item) for item in value]
    return value


def encode(record: CallRecord) -> bytes:
    """The record as one line of JSON."""
    return msgspec.json.encode(jsonable(record))


def decode(data: bytes | str) -> CallRecord:
    """A record from what `encode` wrote; raises `msgspec.ValidationError` on anything else."""
    return msgspec.convert(_renamed(msgspec.json.decode(data)), CallRecord)


def _renamed(value: Any) -> Any:
    """Undo the renaming of `from`, a word Python keeps for itself."""
    if isinstance(value, dict):
        return {("from_" if key == "from" else key): _renamed(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_renamed(item) for item in value]
    return value
