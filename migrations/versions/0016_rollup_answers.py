"""Nothing yet: the place of rollups of answers, talks and contacts, which reports read from their rows so far."""

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass
