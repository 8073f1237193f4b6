"""What the wallboard shows, as values: figures, queues, agents, calls that may need somebody.

`msgspec.to_builtins` of these is what crosses the bus and reaches pages (docs/wallboard.md names every key). Times are
epoch seconds and never counted down: who shows them knows the time. Shares are per cent.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Literal

import msgspec

Need = Literal["ok", "watch", "act", "closed"]
Why = Literal["longest", "waiting", "nobody", "sl", "abandoned"]
"""What makes a queue need somebody: the longest wait, how many wait, nobody there, service level, abandonment."""

AgentKind = Literal["offline", "ready", "ringing", "on_call", "wrap_up", "paused"]
Point = tuple[float, float | None]
"""A moment and the value it had then, None where there was none."""

MOST_SINCE = 20
"""How many of those who wait a tile names by their time."""


class _Shape(msgspec.Struct, frozen=True, kw_only=True):
    """All keys are always told."""


class QueueTargets(_Shape, frozen=True, kw_only=True):
    """What a queue is to reach, as its definition says."""

    answer_within: int = 20
    answer_share: float = 80.0
    abandon_share: float = 5.0
    short_abandon: int = 5
    longest_wait: int = 120
    most_waiting: int = 5
    csat: float | None = None


class Shut(_Shape, frozen=True, kw_only=True):
    """A queue that takes no callers now: why (hours, holiday, closure), the holiday's or closure's words, and when it
    opens as far as known.

    `then`: where callers go (queue, number, prompt, voicemail, hangup), "" unknown; `to`: which one, "" of a mailbox
    the queue's own; `messages`: how many in that mailbox nobody has heard, None unknown.
    """

    why: str
    title: str = ""
    opens: float | None = None
    then: str = ""
    to: str = ""
    messages: int | None = None


class QueueFacts(_Shape, frozen=True, kw_only=True):
    """What people set about a queue, as far as the board shows it."""

    title: Mapping[str, str] = {}
    colour: str = "d1"
    hidden: bool = False
    targets: QueueTargets = QueueTargets()


class Seats(_Shape, frozen=True, kw_only=True):
    """How many of a queue's agents are in each state."""

    ready: int = 0
    ringing: int = 0
    on_call: int = 0
    wrap_up: int = 0
    paused: int = 0
    offline: int = 0


class QueueTile(_Shape, frozen=True, kw_only=True):
    """One queue. Counts are of visits that joined today; `since`: when the first twenty of those who wait joined.

    `refused`: closed or nobody there (METRICS `closed`). `decided`: visits that left the queue or wait longer than the
    target, without short abandons; `sl` = `in_time` / `decided`. `line`: how many waited, every five minutes. `levels`:
    `in_time` and `decided` of each quarter of an hour of today, by its begin. `csat`: how often each value was given
    today, `csat_before` yesterday.
    """

    server: str
    name: str
    title: Mapping[str, str] = {}
    colour: str = "d1"
    state: Need = "ok"
    why: tuple[Why, ...] = ()
    closed: Shut | None = None
    waiting: int = 0
    since: tuple[float, ...] = ()
    longest: float | None = None
    offered: int = 0
    answered: int = 0
    abandoned: int = 0
    short: int = 0
    timed_out: int = 0
    full: int = 0
    refused: int = 0
    left: int = 0
    in_time: int = 0
    decided: int = 0
    sl: float | None = None
    abandon_rate: float | None = None
    targets: QueueTargets = QueueTargets()
    seats: Seats = Seats()
    free: int = 0
    of: int = 0
    line: tuple[Point, ...] = ()
    levels: tuple[tuple[float, int, int], ...] = ()
    csat: Mapping[str, int] = {}
    csat_before: Mapping[str, int] = {}
    csat_mean: float | None = None
    csat_n: int = 0

    @property
    def key(self) -> str:
        return queue_key(self.server, self.name)


class Seat(_Shape, frozen=True, kw_only=True):
    """An agent. `reason` of a pause; `since` when state and reason began and `limit` how long they may last in seconds;
    `until`: when wrap-up ends by itself; `after`: the pause that begins after this call; `gone`: the phone is away.

    `queues` where they are logged in (names), `call` the call they are in or that rings, with `held_since` while it is
    on hold.
    """

    key: str
    server: str
    name: str
    user_id: str = ""
    device: str = ""
    interfaces: tuple[str, ...] = ()
    state: AgentKind = "offline"
    reason: str = ""
    since: float | None = None
    limit: float | None = None
    until: float | None = None
    after: str = ""
    auto: bool = False
    gone: bool = False
    queues: tuple[str, ...] = ()
    paused_in: tuple[str, ...] = ()
    call: str = ""
    caller: str = ""
    caller_name: str = ""
    queue: str = ""
    call_since: float | None = None
    held_since: float | None = None


class NeedyCall(_Shape, frozen=True, kw_only=True):
    """A call that may need somebody: why, since when that lasts, and what was to be its limit in seconds."""

    call: str
    server: str
    why: Literal["mood", "hold", "talk", "alert"]
    since: float
    queue: str = ""
    agent: str = ""
    agent_name: str = ""
    number: str = ""
    name: str = ""
    limit: float | None = None
    talk_since: float | None = None
    mood: float | None = None
    trend: str = ""
    mood_line: tuple[float, ...] = ()
    words: str = ""


class ServiceLevel(_Shape, frozen=True, kw_only=True):
    """`trend`: the service level of each quarter of an hour by itself, the current one last."""

    value: float | None
    in_time: int
    n: int
    target: float | None
    trend: tuple[Point, ...]


class Waiting(_Shape, frozen=True, kw_only=True):
    """`before`: how many waited fifteen minutes ago."""

    value: int
    before: int | None
    trend: tuple[Point, ...]


class Longest(_Shape, frozen=True, kw_only=True):
    since: float | None
    queue: str
    target: int | None


class Abandoned(_Shape, frozen=True, kw_only=True):
    """Without short ones, which are told apart; `n`: offered without short ones."""

    value: int
    short: int
    n: int
    share: float | None
    target: float | None


class AgentsFree(_Shape, frozen=True, kw_only=True):
    """`of`: all that are there, in whatever state."""

    free: int
    of: int
    ringing: int
    on_call: int
    wrap_up: int
    paused: int
    offline: int


class Satisfaction(_Shape, frozen=True, kw_only=True):
    """`share`: answers of 4 and 5 of 5; `before`: the mean of yesterday."""

    mean: float | None
    share: float | None
    n: int
    before: float | None


class Figures(_Shape, frozen=True, kw_only=True):
    """The six figures on top."""

    sl: ServiceLevel
    waiting: Waiting
    longest: Longest
    abandoned: Abandoned
    agents: AgentsFree
    csat: Satisfaction


class ServerLife(_Shape, frozen=True, kw_only=True):
    """Whether an Asterisk is heard, and since when that is so."""

    live: bool
    since: float | None = None


class BoardSnapshot(_Shape, frozen=True, kw_only=True):
    """All of it at one moment. `complete`: what was before the start has been read from the database."""

    at: float
    day: str
    day_began: float
    zone: str
    complete: bool
    servers: Mapping[str, ServerLife]
    figures: Figures
    queues: Mapping[str, QueueTile]
    agents: Mapping[str, Seat]
    calls: tuple[NeedyCall, ...]


_ORDER: dict[Need, int] = {"act": 0, "watch": 1, "ok": 2, "closed": 3}
_SECRET = {"call": "", "caller": "", "caller_name": ""}


def queue_key(server: str, name: str) -> str:
    """How a queue is called where several servers meet."""
    return f"{server}:{name}"


def by_need(queues: Iterable[QueueTile]) -> list[QueueTile]:
    """The ones that need somebody first; among equals the longest wait, then the most who wait, then by name."""
    return sorted(queues, key=lambda tile: (_ORDER[tile.state], tile.longest or float("inf"), -tile.waiting, tile.name))


def open_view(plain: Mapping[str, Any]) -> dict[str, Any]:
    """A snapshot or patch, as plain data, without what tells who calls: for everybody's eyes."""
    shown = {name: value for name, value in plain.items() if name != "calls"}
    if "agents" in shown:
        shown["agents"] = {key: None if seat is None else {**seat, **_SECRET} for key, seat in shown["agents"].items()}
    return shown
