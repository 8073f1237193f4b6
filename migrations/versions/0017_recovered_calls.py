"""Which calls were recovered, without reading the records of all."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

RECOVERED = sa.text("record LIKE '%\"gaps\":[{%'")


def upgrade() -> None:
    op.create_index(
        "ix_call_records_recovered", "call_records", ["call_id"], sqlite_where=RECOVERED, postgresql_where=RECOVERED
    )
