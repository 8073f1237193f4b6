"""Tables of rollups: what ended calls and spells of agents add to the figures, summed by slot of time.

`grain` 0: quarters of an hour (epoch // 900), 1: hours of the site's day (day's ordinal * 24 + hour), 2: its days
(`date.toordinal()`), 3: sixteen days (ordinal // 16). A period is read from as few slots as cover it, so what a report
costs grows with time and not with calls. Numbers of things are counted in Integer columns; times are whole
microseconds: sums of them are exact in any order, so that what was added can be taken away again.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Integer, LargeBinary, Table

from cxcall.store.schema import metadata, moment
from cxcall.store.tables import BYTES


def _slot() -> tuple[Column[int], Column[int]]:
    return (
        Column("grain", Integer, primary_key=True, autoincrement=False),
        Column("slot", Integer, primary_key=True, autoincrement=False),
    )


def _key(*names: str) -> tuple[Column[str], ...]:
    return tuple(Column(name, BYTES, primary_key=True) for name in names)


def _counts(*names: str) -> tuple[Column[int], ...]:
    return tuple(Column(name, Integer, nullable=False) for name in names)


def _times(*names: str) -> tuple[Column[int], ...]:
    return tuple(Column(name, BigInteger, nullable=False) for name in names)


rollup_queues = Table(
    "rollup_queues",
    metadata,
    *_slot(),
    *_key("server", "queue"),
    *_counts("offered", "answered", "abandoned", "short_abandoned", "timed_out", "full", "closed", "left"),
    *_counts("answered_in_time", "abandoned_in_time"),
    *_times("wait_answered", "wait_abandoned", "wait_all", "wait_max"),
    sqlite_with_rowid=False,
)

rollup_waits = Table(
    "rollup_waits",
    metadata,
    *_slot(),
    *_key("server", "queue"),
    Column("bucket", Integer, primary_key=True, autoincrement=False),
    *_counts("n"),
    sqlite_with_rowid=False,
)

rollup_agents = Table(
    "rollup_agents",
    metadata,
    *_slot(),
    # `queue` "": not through a queue.
    *_key("server", "agent", "queue"),
    *_counts("handled", "missed"),
    *_times("talk", "hold", "acw", "missed_ring"),
    *_counts("transferred_blind", "transferred_attended", "transferred_semi_attended", "transferred_redirect"),
    *_counts("parked", "calls_in", "calls_out"),
    sqlite_with_rowid=False,
)

rollup_states = Table(
    "rollup_states",
    metadata,
    *_slot(),
    # `user_id` "": nobody we know sat there.
    *_key("server", "interface", "user_id", "agent", "state", "reason"),
    *_times("time"),
    sqlite_with_rowid=False,
)

rollup_calls = Table(
    "rollup_calls",
    metadata,
    *_slot(),
    *_key("server", "did", "direction", "outcome"),
    *_counts("calls"),
    *_times("talk", "wait"),
    sqlite_with_rowid=False,
)

rollup_transfers = Table(
    "rollup_transfers",
    metadata,
    *_slot(),
    *_key("server", "kind", "from_queue", "from_agent", "to"),
    *_counts("n"),
    sqlite_with_rowid=False,
)

# One row: how rollups are kept. Made by the first call, or by the migration where there were calls before it.
rollup_keeping = Table(
    "rollup_keeping",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    # The site's zone they are kept for; "" while not all that is known has been counted.
    Column("zone", BYTES, nullable=False),
    moment("rebuilt_at"),
    # How far a rebuild is, None when there is none under way: the calls up to this id and the states of agents up to
    # this moment are counted anew.
    Column("rebuild_zone", BYTES),
    Column("calls_done", BYTES),
    moment("states_done"),
    # Spells of agents that ended before are forgotten: days up to there can't be counted anew.
    moment("states_swept"),
)

# Calls that have ended or changed since they were counted (`due`). `before`: what they had added, as MessagePack, None:
# nothing.
rollup_due = Table(
    "rollup_due",
    metadata,
    Column("call_id", BYTES, primary_key=True),
    Column("before", LargeBinary),
    sqlite_with_rowid=False,
)

ROLLUPS: tuple[Table, ...] = (
    rollup_queues,
    rollup_waits,
    rollup_agents,
    rollup_calls,
    rollup_transfers,
    rollup_states,
)
"""In the order in which every transaction writes them."""
