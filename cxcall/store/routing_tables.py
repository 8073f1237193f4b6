"""Tables of routing: the rules as drafted and as published, what was decided, intents, what customers are worth.

A decision repeats server, number and queue, so that lists read one index; the facts it was made from lie apart, for as
long as a day may be played again. Which rules held and which side of a trial a call was on are rows of their own: they
are counted along their keys.
"""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Float, ForeignKey, Index, Integer, Table, Text

from cxcall.store.schema import metadata, moment
from cxcall.store.tables import BYTES

routing_drafts = Table(
    "routing_drafts",
    metadata,
    # One row, `site`.
    Column("id", BYTES, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("body", Text, nullable=False),
    # The published version the draft began from, 0: none.
    Column("base", Integer, nullable=False),
    moment("updated_at", nullable=False),
    Column("updated_by", Text, nullable=False),
)

routing_versions = Table(
    "routing_versions",
    metadata,
    Column("n", Integer, primary_key=True, autoincrement=False),
    moment("made_at", nullable=False),
    Column("by", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("rules", Integer, nullable=False),
    # The older version it brings back.
    Column("restores", Integer),
)

routing_decisions = Table(
    "routing_decisions",
    metadata,
    Column("id", BYTES, primary_key=True),
    moment("at", nullable=False),
    Column("server", BYTES, nullable=False),
    # Of the channel that asked.
    Column("unique_id", BYTES, nullable=False),
    # No foreign key: a decision is made before the writer has stored the call.
    Column("call_id", BYTES),
    Column("number", BYTES, nullable=False),
    Column("customer_id", BYTES),
    # Where the dialplan would have sent the call, and where it was sent.
    Column("asked", BYTES, nullable=False),
    Column("queue", BYTES, nullable=False),
    # Of the published rules, 0: none were published.
    Column("version", Integer, nullable=False),
    # From the question to the answer.
    Column("ms", Float, nullable=False),
    Column("decision", Text, nullable=False),
)
_d = routing_decisions.c
Index("ix_routing_decisions_newest", _d.at, _d.id)
Index("ix_routing_decisions_unique_id", _d.server, _d.unique_id, _d.at)
Index("ix_routing_decisions_call", _d.call_id)

routing_facts = Table(
    "routing_facts",
    metadata,
    Column("decision_id", BYTES, ForeignKey("routing_decisions.id", ondelete="CASCADE"), primary_key=True),
    moment("at", nullable=False),
    Column("body", Text, nullable=False),
)
Index("ix_routing_facts_at", routing_facts.c.at, routing_facts.c.decision_id)

routing_matches = Table(
    "routing_matches",
    metadata,
    Column("rule_id", BYTES, primary_key=True),
    # The site's own day: 2026-11-22.
    Column("day", BYTES, primary_key=True),
    Column("decision_id", BYTES, ForeignKey("routing_decisions.id", ondelete="CASCADE"), primary_key=True),
    sqlite_with_rowid=False,
)
Index("ix_routing_matches_decision", routing_matches.c.decision_id)

routing_trials = Table(
    "routing_trials",
    metadata,
    # The trial's name; `arm` is treated or control.
    Column("trial", BYTES, primary_key=True),
    moment("at", nullable=False),
    Column("decision_id", BYTES, ForeignKey("routing_decisions.id", ondelete="CASCADE"), primary_key=True),
    Column("arm", BYTES, nullable=False),
    sqlite_with_rowid=False,
)
Index("ix_routing_trials_at", routing_trials.c.trial, routing_trials.c.at, routing_trials.c.decision_id)
Index("ix_routing_trials_decision", routing_trials.c.decision_id)

intents = Table(
    "intents",
    metadata,
    Column("id", BYTES, primary_key=True),
    Column("version", Integer, nullable=False),
    # What rules call it.
    Column("name", BYTES, nullable=False),
    Column("body", Text, nullable=False),
    Column("enabled", Boolean, nullable=False),
    moment("updated_at", nullable=False),
    Column("updated_by", Text, nullable=False),
)
Index("uq_intents_name", intents.c.name, unique=True)

customer_accounts = Table(
    "customer_accounts",
    metadata,
    # Only of customers of whom one of the two is known; beside `customers`, which many tables hang on.
    Column("customer_id", BYTES, ForeignKey("customers.id", ondelete="CASCADE"), primary_key=True),
    # The site's own figure: money a year, points.
    Column("value", Float),
    Column("manager_id", BYTES, ForeignKey("users.id", ondelete="SET NULL")),
    sqlite_with_rowid=False,
)
Index("ix_customer_accounts_manager", customer_accounts.c.manager_id)
