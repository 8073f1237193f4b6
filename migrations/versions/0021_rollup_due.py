"""Calls that have ended are noted, and counted for reports before anybody reads."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

BYTES = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "rollup_due",
        sa.Column("call_id", BYTES, nullable=False),
        sa.Column("before", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("call_id", name=op.f("pk_rollup_due")),
        sqlite_with_rowid=False,
    )
