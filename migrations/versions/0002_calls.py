"""Calls: records, legs, queue visits, aliases, notes, the journal's position."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TIMESTAMP

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

MOMENT = sa.BigInteger().with_variant(TIMESTAMP(timezone=True), "postgresql")
BYTES = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "call_aliases",
        sa.Column("alias", BYTES, nullable=False),
        sa.Column("call_id", BYTES, nullable=False),
        sa.PrimaryKeyConstraint("alias", name=op.f("pk_call_aliases")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_call_aliases_call", "call_aliases", ["call_id"], unique=False)
    op.create_table(
        "call_notes",
        sa.Column("call_id", BYTES, nullable=False),
        sa.Column("author", BYTES, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("saved_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("call_id", "author", name=op.f("pk_call_notes")),
    )
    op.create_table(
        "journal_positions",
        sa.Column("server", BYTES, nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("saved_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("server", name=op.f("pk_journal_positions")),
    )
    op.create_table(
        "calls",
        sa.Column("id", BYTES, nullable=False),
        sa.Column("server", BYTES, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("answered_at", MOMENT, nullable=True),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("direction", BYTES, nullable=False),
        sa.Column("outcome", BYTES, nullable=False),
        sa.Column("ended_by", sa.Text(), nullable=False),
        sa.Column("caller_number", BYTES, nullable=True),
        sa.Column("caller_name", sa.Text(), nullable=True),
        sa.Column("caller_key", BYTES, nullable=True),
        sa.Column("called", BYTES, nullable=True),
        sa.Column("party_number", BYTES, nullable=True),
        sa.Column("customer_id", BYTES, nullable=True),
        sa.Column("queue", sa.Text(), nullable=True),
        sa.Column("agent", sa.Text(), nullable=True),
        sa.Column("wait", sa.Float(), nullable=True),
        sa.Column("talk", sa.Float(), nullable=False),
        sa.Column("legs", sa.Integer(), nullable=False),
        sa.Column("visits", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name=op.f("fk_calls_customer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calls")),
    )
    op.create_index("ix_calls_called", "calls", ["called"], unique=False)
    op.create_index("ix_calls_caller_key", "calls", ["caller_key"], unique=False)
    op.create_index("ix_calls_caller_number", "calls", ["caller_number", "started_at", "id"], unique=False)
    op.create_index("ix_calls_customer", "calls", ["customer_id", "started_at", "id"], unique=False)
    op.create_index("ix_calls_direction", "calls", ["direction", "started_at", "id"], unique=False)
    op.create_index(
        "ix_calls_in_progress",
        "calls",
        ["started_at", "id"],
        unique=False,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_index("ix_calls_newest", "calls", ["started_at", "id"], unique=False)
    op.create_index("ix_calls_outcome", "calls", ["outcome", "started_at", "id"], unique=False)
    op.create_index("ix_calls_party_number", "calls", ["party_number", "started_at", "id"], unique=False)
    op.create_index("ix_calls_server", "calls", ["server", "started_at", "id"], unique=False)
    op.create_table(
        "call_legs",
        sa.Column("call_id", BYTES, nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("server", BYTES, nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("channel", BYTES, nullable=False),
        sa.Column("unique_id", BYTES, nullable=False),
        sa.Column("device", BYTES, nullable=False),
        sa.Column("number", BYTES, nullable=True),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("agent", BYTES, nullable=True),
        sa.Column("rang_at", MOMENT, nullable=True),
        sa.Column("answered_at", MOMENT, nullable=True),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("result", sa.Text(), nullable=True),
        sa.Column("hangup_cause", sa.Integer(), nullable=True),
        sa.Column("list_device", BYTES, nullable=True),
        sa.Column("list_agent", BYTES, nullable=True),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"], name=op.f("fk_call_legs_call_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("call_id", "n", name=op.f("pk_call_legs")),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_call_legs_agent",
        "call_legs",
        ["list_agent", "started_at", "call_id"],
        unique=False,
        sqlite_where=sa.text("list_agent IS NOT NULL"),
        postgresql_where=sa.text("list_agent IS NOT NULL"),
    )
    op.create_index(
        "ix_call_legs_device",
        "call_legs",
        ["list_device", "started_at", "call_id"],
        unique=False,
        sqlite_where=sa.text("list_device IS NOT NULL"),
        postgresql_where=sa.text("list_device IS NOT NULL"),
    )
    op.create_table(
        "call_records",
        sa.Column("call_id", BYTES, nullable=False),
        sa.Column("record", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"], name=op.f("fk_call_records_call_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("call_id", name=op.f("pk_call_records")),
    )
    op.create_table(
        "call_visits",
        sa.Column("call_id", BYTES, nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("server", BYTES, nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("queue", BYTES, nullable=False),
        sa.Column("joined_at", MOMENT, nullable=True),
        sa.Column("left_at", MOMENT, nullable=True),
        sa.Column("position", sa.Integer(), nullable=True),
        sa.Column("result", sa.Text(), nullable=True),
        sa.Column("agent", BYTES, nullable=True),
        sa.Column("interface", BYTES, nullable=True),
        sa.Column("wait", sa.Float(), nullable=True),
        sa.Column("ring", sa.Float(), nullable=False),
        sa.Column("talk", sa.Float(), nullable=False),
        sa.Column("hold", sa.Float(), nullable=False),
        sa.Column("list_queue", BYTES, nullable=True),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"], name=op.f("fk_call_visits_call_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("call_id", "n", name=op.f("pk_call_visits")),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_call_visits_queue",
        "call_visits",
        ["list_queue", "started_at", "call_id"],
        unique=False,
        sqlite_where=sa.text("list_queue IS NOT NULL"),
        postgresql_where=sa.text("list_queue IS NOT NULL"),
    )
