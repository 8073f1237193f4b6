"""Tables of quality review: scorecards and their versions, plans, reviews that wait, and what came of them."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Float, ForeignKey, Index, Integer, Table, Text, text

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

quality_plans = Table(
    "quality_plans",
    metadata,
    Column("id", BYTES, primary_key=True),
    Column("version", Integer, nullable=False),
    # What is drawn, as JSON.
    Column("body", Text, nullable=False),
    Column("paused", Boolean, nullable=False),
    # Up to which calls it has drawn by itself.
    moment("drawn_until"),
    moment("updated_at", nullable=False),
    Column("updated_by", Text, nullable=False),
)

_WAITING = text("done < wanted AND skipped_why IS NULL")

quality_reviews = Table(
    "quality_reviews",
    metadata,
    Column("id", BYTES, primary_key=True),
    # No foreign keys: calls are merged into others, plans and people removed; the review stays.
    Column("call_id", BYTES, nullable=False),
    # As records have the agent, and whose the phone was.
    Column("agent", BYTES, nullable=False),
    Column("agent_user_id", BYTES),
    Column("queue", BYTES, nullable=False),
    moment("began_at", nullable=False),
    Column("why", BYTES, nullable=False),
    Column("plan_id", BYTES),
    Column("scorecard_id", BYTES, ForeignKey("scorecards.id"), nullable=False),
    # Evaluations: how many there are to be, how many were submitted.
    Column("wanted", Integer, nullable=False),
    Column("done", Integer, nullable=False),
    Column("skipped_why", Text),
    Column("skipped_by", Text, nullable=False),
    moment("created_at", nullable=False),
    Column("created_by", Text, nullable=False),
)
_r = quality_reviews.c
Index("uq_quality_reviews_part", _r.call_id, _r.agent, _r.scorecard_id, unique=True)
Index("ix_quality_reviews_waiting", _r.began_at, _r.id, sqlite_where=_WAITING, postgresql_where=_WAITING)
Index("ix_quality_reviews_plan", _r.plan_id, _r.began_at)

evaluations = Table(
    "evaluations",
    metadata,
    Column("id", BYTES, primary_key=True),
    Column("review_id", BYTES, ForeignKey("quality_reviews.id", ondelete="CASCADE"), nullable=False),
    # Repeated from the review: results read one table.
    Column("call_id", BYTES, nullable=False),
    Column("agent", BYTES, nullable=False),
    Column("agent_user_id", BYTES),
    Column("queue", BYTES, nullable=False),
    moment("began_at", nullable=False),
    Column("scorecard_id", BYTES, nullable=False),
    Column("scorecard_version", Integer, nullable=False),
    # A user's id.
    Column("reviewer", BYTES, nullable=False),
    Column("state", BYTES, nullable=False),
    Column("version", Integer, nullable=False),
    # By item id, as JSON.
    Column("answers", Text, nullable=False),
    Column("comment", Text, nullable=False),
    # 0 to 1; None of a draft, and where nothing applied.
    Column("score", Float),
    Column("sections", Text, nullable=False),
    Column("missed", Text, nullable=False),
    moment("created_at", nullable=False),
    # When its reviewer last answered something.
    moment("saved_at", nullable=False),
    moment("submitted_at"),
    Column("corrected", Integer, nullable=False),
)
_e = evaluations.c
_SUBMITTED = text("state = 'submitted'")
Index("uq_evaluations_reviewer", _e.review_id, _e.reviewer, unique=True)
Index("ix_evaluations_call", _e.call_id)
_DRAFT = text("state = 'draft'")
Index("ix_evaluations_drafts", _e.reviewer, sqlite_where=_DRAFT, postgresql_where=_DRAFT)
Index("ix_evaluations_agent", _e.agent_user_id, _e.began_at, _e.id, sqlite_where=_SUBMITTED,
      postgresql_where=_SUBMITTED)  # fmt: skip
Index("ix_evaluations_newest", _e.began_at, _e.id, sqlite_where=_SUBMITTED, postgresql_where=_SUBMITTED)

# An evaluation as it was before it was corrected.
evaluation_corrections = Table(
    "evaluation_corrections",
    metadata,
    Column("evaluation_id", BYTES, ForeignKey("evaluations.id", ondelete="CASCADE"), primary_key=True),
    Column("n", Integer, primary_key=True),
    Column("answers", Text, nullable=False),
    Column("comment", Text, nullable=False),
    Column("score", Float),
    Column("why", Text, nullable=False),
    Column("by", BYTES, nullable=False),
    moment("at", nullable=False),
)

_OPEN = text("state = 'open'")

evaluation_disputes = Table(
    "evaluation_disputes",
    metadata,
    Column("id", BYTES, primary_key=True),
    Column("evaluation_id", BYTES, ForeignKey("evaluations.id", ondelete="CASCADE"), nullable=False),
    Column("by", BYTES, nullable=False),
    Column("said", Text, nullable=False),
    moment("at", nullable=False),
    Column("state", BYTES, nullable=False),
    Column("answer", Text, nullable=False),
    Column("answered_by", Text, nullable=False),
    moment("answered_at"),
)
_d = evaluation_disputes.c
Index("uq_evaluation_disputes_open", _d.evaluation_id, unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN)
Index("ix_evaluation_disputes_evaluation", _d.evaluation_id, _d.at)
Index("ix_evaluation_disputes_newest", _d.state, _d.at, _d.id)

coaching_tasks = Table(
    "coaching_tasks",
    metadata,
    Column("id", BYTES, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("agent_user_id", BYTES, nullable=False),
    Column("evaluation_id", BYTES, ForeignKey("evaluations.id", ondelete="SET NULL")),
    Column("item_id", BYTES, nullable=False),
    Column("text", Text, nullable=False),
    # A day of the site, as ISO writes it.
    Column("due_on", BYTES),
    Column("made_by", Text, nullable=False),
    moment("made_at", nullable=False),
    moment("done_at"),
    Column("done_note", Text, nullable=False),
    moment("deleted_at"),
)
_c = coaching_tasks.c
_THERE = text("deleted_at IS NULL")
Index("ix_coaching_tasks_agent", _c.agent_user_id, _c.made_at, sqlite_where=_THERE, postgresql_where=_THERE)
Index("ix_coaching_tasks_open", _c.due_on, _c.id, sqlite_where=text("deleted_at IS NULL AND done_at IS NULL"),
      postgresql_where=text("deleted_at IS NULL AND done_at IS NULL"))  # fmt: skip
Index("ix_coaching_tasks_evaluation", _c.evaluation_id)
