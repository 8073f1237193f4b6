"""Tables of quality review: scorecards and their published versions."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, Table, Text

from cxcall.store.schema import metadata, moment
from cxcall.store.tables import BYTES

scorecards = Table(
    "scorecards",
    metadata,
    Column("id", BYTES, primary_key=True),
    # Counts its changes.
    Column("version", Integer, nullable=False),
    # The scorecard that is being worked on, as JSON.
    Column("draft", Text, nullable=False),
    # Which of its versions calls are scored by; None before the first.
    Column("published", Integer),
    moment("retired_at"),
    moment("updated_at", nullable=False),
    Column("updated_by", Text, nullable=False),
)
Index("ix_scorecards_newest", scorecards.c.updated_at, scorecards.c.id)

scorecard_versions = Table(
    "scorecard_versions",
    metadata,
    Column("scorecard_id", BYTES, ForeignKey("scorecards.id", ondelete="CASCADE"), primary_key=True),
    Column("n", Integer, primary_key=True),
    Column("card", Text, nullable=False),
    moment("published_at", nullable=False),
    Column("by", Text, nullable=False),
)
