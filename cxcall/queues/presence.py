"""What an agent does now: one state from what Asterisk knows of the phone and its queues, and from the call on it.

Asterisk's word is the truth, whoever paused or added the member: this page, a feature code, another tool. The states
are those of METRICS' agent time and exclude each other: the call first, then a phone that is gone, wrap-up, pause,
ready.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Literal

import msgspec

from cxcall.letters import search_key

Kind = Literal["offline", "ready", "ringing", "on_call", "wrap_up", "paused"]

WRAP_UP = "wrap-up"
"""The reason a phone is paused with while its wrap-up lasts."""
LOGGED_OFF = "logged off"
"""The reason of a member of the configuration file that left one queue: Asterisk can't take such a member out."""
AUTO_PAUSE = "Auto-Pause"
"""The reason Asterisk itself gives when a queue pauses a member who did not answer."""

_GONE = frozenset({"unavailable", "invalid"})
_BUSY = frozenset({"talking", "held", "busy"})


class Seat(msgspec.Struct, frozen=True, kw_only=True):
    """A queue member as Asterisk tells of it. `pauses`: reason by queue. `static`: queues whose file names it."""

    interface: str
    device: str
    name: str = ""
    status: str = "unknown"
    since: float | None = None
    queues: tuple[str, ...] = ()
    pauses: Mapping[str, str] = {}
    static: tuple[str, ...] = ()

    @property
    def logged_in(self) -> tuple[str, ...]:
        """The queues it is asked in, now or once it is no longer paused."""
        return tuple(queue for queue in self.queues if self.pauses.get(queue) != LOGGED_OFF)

    @property
    def paused_in(self) -> tuple[str, ...]:
        return tuple(queue for queue in self.logged_in if queue in self.pauses)


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """A call at a phone. `caller`: the number at the other end; `queue`: the one it came from, "" none; times epoch."""

    call: str
    state: Literal["ringing", "talking", "held"]
    since: float
    caller: str = ""
    queue: str = ""


class Reason(msgspec.Struct, frozen=True, kw_only=True):
    """A pause reason: `id` is what Asterisk is told, `names` what it is called. `limit` seconds, 0 none."""

    id: str
    names: tuple[str, ...] = ()
    limit: int = 0


class AgentState(msgspec.Struct, frozen=True, kw_only=True):
    """One agent on one server; what each field holds is said in docs/api.md, Agents. Times are epoch seconds."""

    key: str
    server: str
    device: str
    name: str
    since: float
    user_id: str = ""
    interfaces: tuple[str, ...] = ()
    state: Kind = "offline"
    reason: str = ""
    limit: float | None = None
    until: float | None = None
    after: str = ""
    auto: bool = False
    gone: bool = False
    queues: tuple[str, ...] = ()
    paused_in: tuple[str, ...] = ()
    call: str = ""
    caller: str = ""
    queue: str = ""
    call_since: float | None = None

    def plain(self) -> dict[str, Any]:
        """As it crosses the bus: strings, numbers and lists."""
        plain: dict[str, Any] = msgspec.to_builtins(self)
        return {name: list(value) if isinstance(value, tuple) else value for name, value in plain.items()}


class Wrap(msgspec.Struct, frozen=True, kw_only=True):
    """A wrap-up that lasts: since when, and when it ends by itself."""

    since: float
    until: float


def seat_of(told: Mapping[str, Any]) -> Seat:
    """A member as the bus tells it (`members:<server>`)."""
    queues = tuple(told["queues"])
    paused = told.get("pauses") or [(queue, told["reason"]) for queue in told["paused_in"]]
    if told["paused"] and not paused:
        paused = [(queue, told["reason"]) for queue in queues]
    return Seat(
        interface=told["interface"],
        device=told["device"],
        name=told["name"],
        status=told["status"],
        since=told["since"],
        queues=queues,
        pauses={str(queue): str(reason) for queue, reason in paused},
        static=tuple(told.get("static_in", ())),
    )


def state_of(
    seats: Sequence[Seat],
    line: Line | None,
    *,
    key: str,
    server: str,
    now: float,
    user_id: str = "",
    name: str = "",
    device: str = "",
    reasons: Collection[Reason] = (),
    wrap: Wrap | None = None,
    before: AgentState | None = None,
) -> AgentState:
    """The state of the agent who sits at `seats` (at least one), with `line` the call on the phone.

    `before` is the state until now: while state and reason stay, so does `since`.
    """
    queues = tuple(sorted({queue for seat in seats for queue in seat.logged_in}))
    paused_in = tuple(
        queue for queue in queues if all(queue in seat.pauses for seat in seats if queue in seat.logged_in)
    )
    why = _why(seats, paused_in)
    kind = _kind(seats, line, queues=queues, paused=bool(queues) and paused_in == queues, why=why)
    if kind == "ready" and wrap is not None:
        kind = "wrap_up"  # asked for, and Asterisk has not told of it yet
    reason = reason_of(why, reasons)
    begun = _begun(kind, seats, line, wrap, now)
    shown = reason.id if kind == "paused" else ""
    next_call = before is not None and line is not None and before.call not in ("", line.call)
    if before is not None and (before.state, before.reason) == (kind, shown) and not next_call:
        begun = before.since
    elif before is not None and kind not in ("ringing", "on_call", "wrap_up") and begun <= before.since:
        begun = now
    return AgentState(
        key=key,
        server=server,
        user_id=user_id,
        name=name or next((seat.name for seat in seats if seat.name), "") or seats[0].device,
        device=device or seats[0].device,
        interfaces=tuple(seat.interface for seat in seats),
        state=kind,
        reason=shown,
        since=begun,
        limit=_limit(kind, reason, wrap),
        until=wrap.until if wrap is not None and kind == "wrap_up" else None,
        after=reason.id if kind in ("ringing", "on_call") and paused_in and why != WRAP_UP else "",
        auto=why == AUTO_PAUSE,
        gone=is_gone(seats),
        queues=queues,
        paused_in=paused_in,
        call="" if line is None else line.call,
        caller="" if line is None else line.caller,
        queue="" if line is None else line.queue,
        call_since=None if line is None else line.since,
    )


def is_gone(seats: Sequence[Seat]) -> bool:
    """Whether the phone can't be rung: Asterisk says so of every member that stands for it."""
    return bool(seats) and all(seat.status in _GONE for seat in seats)


def reason_of(text: str, reasons: Collection[Reason]) -> Reason:
    """The reason that is meant by what Asterisk holds: its id, or its name as another tool wrote it; else the text."""
    wanted = search_key(text)
    for reason in reasons:
        if wanted and wanted in {search_key(reason.id), *(search_key(name) for name in reason.names)}:
            return reason
    return Reason(id=text)


def number_of(interface: str) -> str:
    """The extension an interface dials: 1001 of PJSIP/1001 and of Local/1001@from-queue/n; "" for anything else."""
    kind, _, rest = interface.partition("/")
    if kind.casefold() == "local":
        number = rest.partition("@")[0]
        return number if number.isdigit() else ""
    return rest if rest.isdigit() else ""


def is_same_phone(one: str, other: str) -> bool:
    """Whether two names are one phone: alike, or a Local channel that dials the other's number."""
    if one.casefold() == other.casefold():
        return True
    local = [name.casefold().startswith("local/") for name in (one, other)]
    return any(local) and not all(local) and number_of(one) == number_of(other) != ""


def _kind(seats: Sequence[Seat], line: Line | None, *, queues: Sequence[str], paused: bool, why: str) -> Kind:
    statuses = {seat.status for seat in seats}
    if not queues:
        return "offline"
    if (line is not None and line.state != "ringing") or (line is None and statuses & _BUSY):
        return "on_call"
    if line is not None or "ringing" in statuses:
        return "ringing"
    if is_gone(seats):
        return "offline"
    if paused:
        return "wrap_up" if why == WRAP_UP else "paused"
    return "ready"


def _why(seats: Sequence[Seat], paused_in: Sequence[str]) -> str:
    """Why the agent is paused; where queues hold different reasons, a wrap-up, else the one most of them hold."""
    said = [seat.pauses[queue] for seat in seats for queue in paused_in if queue in seat.pauses]
    given = [reason for reason in said if reason]
    if WRAP_UP in given:
        return WRAP_UP
    return max(given, key=given.count) if given else ""


def _begun(kind: Kind, seats: Sequence[Seat], line: Line | None, wrap: Wrap | None, now: float) -> float:
    if line is not None and kind in ("ringing", "on_call"):
        return line.since
    if wrap is not None and kind == "wrap_up":
        return wrap.since
    return max((seat.since for seat in seats if seat.since is not None), default=now)


def _limit(kind: Kind, reason: Reason, wrap: Wrap | None) -> float | None:
    if kind == "wrap_up" and wrap is not None:
        return wrap.until - wrap.since
    return float(reason.limit) if kind == "paused" and reason.limit else None
