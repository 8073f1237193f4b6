"""Rollups: what calls add to the figures, by slot of time."""

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass
