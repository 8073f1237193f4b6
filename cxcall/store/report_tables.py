"""Tables of reports people made: their own definitions, views of lists, files made in the background, schedules."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, Integer, Table, Text, text

from cxcall.store.schema import metadata, moment
from cxcall.store.tables import BYTES

own_reports = Table(
    "own_reports",
    metadata,
    Column("id", BYTES, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("name", Text, nullable=False),
    Column("owner_id", BYTES, ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
    # nobody, supervisors, overseers.
    Column("shared", BYTES, nullable=False),
    # JSON of a reports.definition.Definition.
    Column("definition", Text, nullable=False),
    # A quick name of reports.period, else days "YYYY-MM-DD..YYYY-MM-DD".
    Column("period", BYTES, nullable=False),
    moment("made_at", nullable=False),
    moment("updated_at", nullable=False),
    Column("updated_by", Text, nullable=False),
    moment("removed_at"),
)
Index("ix_own_reports_owner", own_reports.c.owner_id, own_reports.c.name)
Index("ix_own_reports_removed", own_reports.c.removed_at, sqlite_where=text("removed_at IS NOT NULL"),
      postgresql_where=text("removed_at IS NOT NULL"))  # fmt: skip

saved_views = Table(
    "saved_views",
    metadata,
    Column("id", BYTES, primary_key=True),
    Column("version", Integer, nullable=False),
    # The list it is a view of: "calls".
    Column("list", BYTES, nullable=False),
    Column("name", Text, nullable=False),
    Column("owner_id", BYTES, ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
    # nobody, supervisors, overseers, everyone.
    Column("shared", BYTES, nullable=False),
    # The filters as the address of the list has them.
    Column("query", Text, nullable=False),
    moment("made_at", nullable=False),
    moment("removed_at"),
)
Index("ix_saved_views_list", saved_views.c.list, saved_views.c.name)
Index("ix_saved_views_owner", saved_views.c.owner_id)

default_views = Table(
    "default_views",
    metadata,
    Column("user_id", BYTES, ForeignKey("users.id", ondelete="CASCADE"), primary_key=True),
    Column("list", BYTES, primary_key=True),
    Column("view_id", BYTES, ForeignKey("saved_views.id", ondelete="CASCADE"), nullable=False),
    sqlite_with_rowid=False,
)
Index("ix_default_views_view", default_views.c.view_id)

report_jobs = Table(
    "report_jobs",
    metadata,
    Column("id", BYTES, primary_key=True),
    # calls: the list of calls.
    Column("kind", BYTES, nullable=False),
    Column("name", Text, nullable=False),
    Column("owner_id", BYTES, ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
    # What is exported: the filters as the address of the list has them.
    Column("query", Text, nullable=False),
    # JSON: how the asker reads words, digits and dates.
    Column("reader", Text, nullable=False),
    Column("format", BYTES, nullable=False),
    Column("state", BYTES, nullable=False),
    Column("tries", Integer, nullable=False),
    # Lines that are written, of how many; the place in the list, and how long the file was there.
    Column("done", Integer, nullable=False),
    Column("lines", Integer, nullable=False),
    Column("place", Text, nullable=False),
    Column("bytes", BigInteger, nullable=False),
    Column("problem", Text, nullable=False),
    moment("made_at", nullable=False),
    moment("ended_at"),
    # After this the file is thrown away.
    moment("expires_at"),
    moment("lease_until"),
)
_OPEN = text("state IN ('waiting', 'running')")
Index("ix_report_jobs_open", report_jobs.c.made_at, report_jobs.c.id, sqlite_where=_OPEN, postgresql_where=_OPEN)
Index("ix_report_jobs_owner", report_jobs.c.owner_id, report_jobs.c.made_at)
Index("ix_report_jobs_expires", report_jobs.c.expires_at)

report_schedules = Table(
    "report_schedules",
    metadata,
    Column("id", BYTES, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("name", Text, nullable=False),
    Column("owner_id", BYTES, ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
    # JSON of a report_schedules.Plan.
    Column("body", Text, nullable=False),
    Column("enabled", Boolean, nullable=False),
    # When it runs next; NULL while it is paused or was removed.
    moment("next_at"),
    moment("made_at", nullable=False),
    moment("updated_at", nullable=False),
    Column("updated_by", Text, nullable=False),
    moment("removed_at"),
)
Index("ix_report_schedules_next", report_schedules.c.next_at, sqlite_where=text("next_at IS NOT NULL"),
      postgresql_where=text("next_at IS NOT NULL"))  # fmt: skip
Index("ix_report_schedules_owner", report_schedules.c.owner_id)

report_runs = Table(
    "report_runs",
    metadata,
    Column("id", BYTES, primary_key=True),
    Column("schedule_id", BYTES, ForeignKey("report_schedules.id", ondelete="CASCADE"), nullable=False),
    # The moment it stands for; its period is worked out from this, whenever it runs.
    moment("due_at", nullable=False),
    # waiting, running, done, failed.
    Column("state", BYTES, nullable=False),
    # Whether somebody asked for it, out of turn.
    Column("asked", Boolean, nullable=False),
    Column("tries", Integer, nullable=False),
    moment("next_at"),
    moment("lease_until"),
    moment("ended_at"),
    # JSON: receivers it has reached, and names of the files.
    Column("reached", Text, nullable=False),
    Column("files", Text, nullable=False),
    # The code of what went wrong, and what was said about it.
    Column("problem", BYTES, nullable=False),
    Column("said", Text, nullable=False),
)
Index("ix_report_runs_newest", report_runs.c.schedule_id, report_runs.c.due_at, report_runs.c.id)
Index("ix_report_runs_open", report_runs.c.next_at, sqlite_where=_OPEN, postgresql_where=_OPEN)
