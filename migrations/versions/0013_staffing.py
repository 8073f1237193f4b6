"""Rosters: who was to work when."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TIMESTAMP

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

MOMENT = sa.BigInteger().with_variant(TIMESTAMP(timezone=True), "postgresql")
BYTES = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
NOW = sa.text("removed_by IS NULL")
BEFORE = sa.text("removed_by IS NOT NULL")


def upgrade() -> None:
    op.create_table(
        "roster_changes",
        sa.Column("id", BYTES, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("kind", BYTES, nullable=False),
        sa.Column("file", sa.Text(), nullable=False),
        sa.Column("added", sa.Integer(), nullable=False),
        sa.Column("removed", sa.Integer(), nullable=False),
        sa.Column("undone_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roster_changes")),
    )
    op.create_index("ix_roster_changes_newest", "roster_changes", ["at", "id"], unique=False)
    op.create_table(
        "roster_entries",
        sa.Column("id", BYTES, nullable=False),
        sa.Column("user_id", BYTES, nullable=False),
        sa.Column("since", MOMENT, nullable=False),
        sa.Column("until", MOMENT, nullable=False),
        sa.Column("activity", BYTES, nullable=False),
        sa.Column("added_by", BYTES, nullable=False),
        sa.Column("removed_by", BYTES, nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_roster_entries_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roster_entries")),
    )
    op.create_index("ix_roster_entries_added", "roster_entries", ["added_by"], unique=False)
    for name, columns, where in (
        ("ix_roster_entries_since", ["since", "user_id"], NOW),
        ("ix_roster_entries_user", ["user_id", "since"], NOW),
        ("ix_roster_entries_removed", ["removed_by"], BEFORE),
    ):
        op.create_index(name, "roster_entries", columns, unique=False, sqlite_where=where, postgresql_where=where)
