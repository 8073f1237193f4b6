"""Rollups: what calls add to the figures, by slot of time; the targets a visit was counted with."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TIMESTAMP

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

MOMENT = sa.BigInteger().with_variant(TIMESTAMP(timezone=True), "postgresql")
BYTES = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    _visits()
    _rollup("rollup_queues", ("server", "queue"), (
        *_counts("offered", "answered", "abandoned", "short_abandoned", "timed_out", "full", "closed", "left"),
        *_counts("answered_in_time", "abandoned_in_time"),
        *_times("wait_answered", "wait_abandoned", "wait_all", "wait_max"),
    ))  # fmt: skip
    _rollup("rollup_waits", ("server", "queue", "bucket"), _counts("n"))
    _rollup("rollup_agents", ("server", "agent", "queue"), (
        *_counts("handled", "missed"),
        *_times("talk", "hold", "acw", "missed_ring"),
        *_counts("transferred_blind", "transferred_attended", "transferred_semi_attended", "transferred_redirect"),
        *_counts("parked", "calls_in", "calls_out"),
    ))  # fmt: skip
    _rollup("rollup_states", ("server", "interface", "user_id", "agent", "state", "reason"), _times("time"))
    _rollup("rollup_calls", ("server", "did", "direction", "outcome"), (*_counts("calls"), *_times("talk", "wait")))
    _rollup("rollup_transfers", ("server", "kind", "from_queue", "from_agent", "to"), _counts("n"))
    _keeping()


def _visits() -> None:
    """Added in place: a table of ten million visits is not written anew."""
    op.add_column("call_visits", sa.Column("target", sa.Integer(), nullable=True))
    op.add_column("call_visits", sa.Column("short", sa.Integer(), nullable=True))
    lost = sa.text("result <> 'answered'")
    op.create_index(
        "ix_call_visits_lost", "call_visits", ["result", "started_at", "call_id"],
        sqlite_where=lost, postgresql_where=lost,
    )  # fmt: skip


def _rollup(name: str, keys: tuple[str, ...], sums: tuple[sa.Column[int], ...]) -> None:
    numbers = [sa.Column(key, sa.Integer(), autoincrement=False, nullable=False) for key in ("grain", "slot")]
    op.create_table(
        name,
        *numbers,
        *(sa.Column(key, sa.Integer(), autoincrement=False, nullable=False) if key == "bucket"
          else sa.Column(key, BYTES, nullable=False) for key in keys),
        *sums,
        sa.PrimaryKeyConstraint("grain", "slot", *keys, name=op.f(f"pk_{name}")),
        sqlite_with_rowid=False,
    )  # fmt: skip


def _counts(*names: str) -> tuple[sa.Column[int], ...]:
    return tuple(sa.Column(name, sa.Integer(), nullable=False) for name in names)


def _times(*names: str) -> tuple[sa.Column[int], ...]:
    return tuple(sa.Column(name, sa.BigInteger(), nullable=False) for name in names)


def _keeping() -> None:
    op.create_table(
        "rollup_keeping",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("zone", BYTES, nullable=False),
        sa.Column("rebuilt_at", MOMENT, nullable=True),
        sa.Column("rebuild_zone", BYTES, nullable=True),
        sa.Column("calls_done", BYTES, nullable=True),
        sa.Column("states_done", MOMENT, nullable=True),
        sa.Column("states_swept", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rollup_keeping")),
    )
    # Calls from before are counted by a rebuild, which the service begins by itself.
    op.execute("INSERT INTO rollup_keeping (id, zone) SELECT 1, '' WHERE EXISTS (SELECT 1 FROM calls)")
