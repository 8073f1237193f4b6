"""Tables of rosters: who was to do what when, and the changes that made them so, each of which can be taken back."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, Table, Text, text

from cxcall.store.schema import metadata, moment
from cxcall.store.tables import BYTES

_NOW = text("removed_by IS NULL")

roster_changes = Table(
    "roster_changes",
    metadata,
    Column("id", BYTES, primary_key=True),
    moment("at", nullable=False),
    # A login name.
    Column("by", Text, nullable=False),
    # replace, merge, edit.
    Column("kind", BYTES, nullable=False),
    # The name of the file that was uploaded, "" none.
    Column("file", Text, nullable=False),
    Column("added", Integer, nullable=False),
    Column("removed", Integer, nullable=False),
    moment("undone_at"),
)
Index("ix_roster_changes_newest", roster_changes.c.at, roster_changes.c.id)

roster_entries = Table(
    "roster_entries",
    metadata,
    Column("id", BYTES, primary_key=True),
    Column("user_id", BYTES, ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
    moment("since", nullable=False),
    moment("until", nullable=False),
    Column("activity", BYTES, nullable=False),
    # The changes that brought it and took it away; what was taken away stays for a while, to be brought back.
    Column("added_by", BYTES, nullable=False),
    Column("removed_by", BYTES),
)
_e = roster_entries.c
Index("ix_roster_entries_since", _e.since, _e.user_id, sqlite_where=_NOW, postgresql_where=_NOW)
Index("ix_roster_entries_user", _e.user_id, _e.since, sqlite_where=_NOW, postgresql_where=_NOW)
Index("ix_roster_entries_added", _e.added_by)
Index("ix_roster_entries_removed", _e.removed_by, sqlite_where=text("removed_by IS NOT NULL"),
      postgresql_where=text("removed_by IS NOT NULL"))  # fmt: skip
