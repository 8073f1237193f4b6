"""Tables of surveys: scripts and their versions, when queues ask, what callers answered and said.

A response keeps the survey's version, an answer the question's words of that time: what was asked stays readable when
the survey changes. Answers repeat queue, agent and the facts of the call, so that a score over many of them reads one
index and nothing else.
"""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Float, ForeignKey, Index, Integer, Table, Text, text

from cxcall.store.schema import metadata, moment
from cxcall.store.tables import BYTES

surveys = Table(
    "surveys",
    metadata,
    Column("id", BYTES, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("name", Text, nullable=False),
    Column("name_key", BYTES, nullable=False),
    # The script that is being worked on, as JSON.
    Column("draft", Text, nullable=False),
    # The rules that close the loop, as JSON.
    Column("rules", Text, nullable=False),
    Column("goal_nps", Float),
    Column("state", BYTES, nullable=False),
    # Which of its versions is asked; None before the first.
    Column("published", Integer),
    moment("created_at", nullable=False),
    moment("updated_at", nullable=False),
    Column("updated_by", Text, nullable=False),
)
Index("uq_surveys_name_key", surveys.c.name_key, unique=True)

survey_versions = Table(
    "survey_versions",
    metadata,
    Column("survey_id", BYTES, ForeignKey("surveys.id", ondelete="CASCADE"), primary_key=True),
    Column("n", Integer, primary_key=True),
    Column("script", Text, nullable=False),
    moment("published_at", nullable=False),
    Column("by", Text, nullable=False),
)

survey_askings = Table(
    "survey_askings",
    metadata,
    # "" stands for every server.
    Column("server", BYTES, primary_key=True),
    Column("queue", BYTES, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("asking", Text, nullable=False),
)

survey_responses = Table(
    "survey_responses",
    metadata,
    Column("id", BYTES, primary_key=True),
    Column("survey_id", BYTES, ForeignKey("surveys.id")),
    Column("survey_version", Integer),
    Column("kind", BYTES, nullable=False),
    Column("server", BYTES, nullable=False),
    Column("unique_id", BYTES, nullable=False),
    # No foreign key: a survey may begin before the writer has stored the call.
    Column("call_id", BYTES),
    Column("queue", BYTES, nullable=False),
    Column("agent", BYTES, nullable=False),
    Column("agent_name", Text, nullable=False),
    Column("customer_id", BYTES, ForeignKey("customers.id", ondelete="SET NULL")),
    Column("number", BYTES, nullable=False),
    Column("language", Text, nullable=False),
    Column("state", BYTES, nullable=False),
    Column("reason", BYTES, nullable=False),
    Column("end", BYTES, nullable=False),
    moment("offered_at", nullable=False),
    moment("started_at"),
    moment("ended_at"),
    Column("handed_to", Text),
    # Facts of the call as they were when it was offered, for what moves the score.
    Column("wait", Float),
    Column("talk", Float),
    Column("transferred", Boolean),
    Column("repeat", Boolean),
)
_r = survey_responses.c
_ASKED, _NOT_ASKED = text("state <> 'not_asked'"), text("state = 'not_asked'")
Index("uq_survey_responses_call", _r.server, _r.unique_id, _r.kind, unique=True)
# Lists hold only those that were asked.
Index("ix_survey_responses_newest", _r.offered_at, _r.id, sqlite_where=_ASKED, postgresql_where=_ASKED)
Index("ix_survey_responses_queue", _r.queue, _r.offered_at, _r.id, sqlite_where=_ASKED, postgresql_where=_ASKED)
Index("ix_survey_responses_agent", _r.agent, _r.offered_at, _r.id, sqlite_where=_ASKED, postgresql_where=_ASKED)
Index("ix_survey_responses_not_asked", _r.offered_at, _r.id, sqlite_where=_NOT_ASKED, postgresql_where=_NOT_ASKED)
Index("ix_survey_responses_customer", _r.customer_id, _r.offered_at, _r.id)
Index("ix_survey_responses_number", _r.number, _r.offered_at, _r.id)
Index("ix_survey_responses_call_id", _r.call_id)
Index("ix_survey_responses_open", _r.offered_at, sqlite_where=text("\"end\" = '' AND state <> 'not_asked'"),
      postgresql_where=text("\"end\" = '' AND state <> 'not_asked'"))  # fmt: skip
# The funnel counts along these: what came of it first, the time last.
Index("ix_survey_responses_funnel_queue", _r.queue, _r.kind, _r.state, _r.reason, _r.end, _r.offered_at, _r.survey_id,
      _r.agent)  # fmt: skip
Index("ix_survey_responses_funnel_agent", _r.agent, _r.kind, _r.state, _r.reason, _r.end, _r.offered_at, _r.survey_id,
      _r.queue)  # fmt: skip

survey_answers = Table(
    "survey_answers",
    metadata,
    Column("response_id", BYTES, ForeignKey("survey_responses.id", ondelete="CASCADE"), primary_key=True),
    # Its place in the dialogue.
    Column("n", Integer, primary_key=True),
    Column("part", BYTES, nullable=False),
    Column("kind", BYTES, nullable=False),
    Column("measure", BYTES),
    # What was asked and what the key meant, in each language, as JSON.
    Column("title", Text, nullable=False),
    Column("label", Text, nullable=False),
    Column("result", BYTES, nullable=False),
    Column("keys", BYTES, nullable=False),
    Column("value", Float),
    Column("tries", Integer, nullable=False),
    moment("given_at", nullable=False),
    Column("survey_id", BYTES),
    Column("queue", BYTES, nullable=False),
    Column("agent", BYTES, nullable=False),
    Column("wait", Float),
    Column("transferred", Boolean),
    Column("repeat", Boolean),
    sqlite_with_rowid=False,
)
_a = survey_answers.c
_SCORED = text("measure IS NOT NULL AND value IS NOT NULL")
# Scores count along these: value by value, the time last; what else may be asked for is in them.
Index("ix_survey_answers_score", _a.measure, _a.value, _a.given_at, _a.survey_id, _a.wait, _a.transferred, _a.repeat,
      sqlite_where=_SCORED, postgresql_where=_SCORED)  # fmt: skip
Index("ix_survey_answers_queue", _a.queue, _a.measure, _a.value, _a.given_at, _a.survey_id, _a.agent, _a.wait,
      _a.transferred, _a.repeat, sqlite_where=_SCORED, postgresql_where=_SCORED)  # fmt: skip
Index("ix_survey_answers_agent", _a.agent, _a.measure, _a.value, _a.given_at, _a.survey_id, _a.queue, _a.wait,
      _a.transferred, _a.repeat, sqlite_where=_SCORED, postgresql_where=_SCORED)  # fmt: skip
Index("ix_survey_answers_newest", _a.measure, _a.given_at, _a.response_id, _a.value, _a.queue, _a.agent, _a.survey_id,
      sqlite_where=_SCORED, postgresql_where=_SCORED)  # fmt: skip
Index("ix_survey_answers_part", _a.survey_id, _a.part, _a.result, _a["keys"], _a.given_at, _a.queue, _a.agent)

survey_comments = Table(
    "survey_comments",
    metadata,
    Column("response_id", BYTES, ForeignKey("survey_responses.id", ondelete="CASCADE"), primary_key=True),
    Column("part", BYTES, primary_key=True),
    # Under the comments' folder: 2026-11/RESPONSE-PART.wav.
    Column("file", Text, nullable=False),
    Column("sha", BYTES, nullable=False),
    Column("seconds", Float, nullable=False),
    moment("recorded_at", nullable=False),
    Column("queue", BYTES, nullable=False),
    Column("agent", BYTES, nullable=False),
    Column("state", BYTES, nullable=False),
    Column("text", Text),
    moment("transcribed_at"),
    moment("listened_at"),
    Column("listened_by", Text),
)
_c = survey_comments.c
_WAITING = text("state = 'waiting'")
Index("ix_survey_comments_newest", _c.recorded_at, _c.response_id, _c.part)
Index("ix_survey_comments_queue", _c.queue, _c.recorded_at, _c.response_id, _c.part)
Index("ix_survey_comments_agent", _c.agent, _c.recorded_at, _c.response_id, _c.part)
Index("ix_survey_comments_waiting", _c.recorded_at, sqlite_where=_WAITING, postgresql_where=_WAITING)

survey_opt_outs = Table(
    "survey_opt_outs",
    metadata,
    Column("number", BYTES, primary_key=True),
    moment("at", nullable=False),
    Column("how", BYTES, nullable=False),
    Column("by", Text, nullable=False),
)
Index("ix_survey_opt_outs_newest", survey_opt_outs.c.at, survey_opt_outs.c.number)

survey_calls = Table(
    "survey_calls",
    metadata,
    Column("id", BYTES, primary_key=True),
    Column("survey_id", BYTES, ForeignKey("surveys.id"), nullable=False),
    Column("server", BYTES, nullable=False),
    Column("queue", BYTES, nullable=False),
    Column("agent", BYTES, nullable=False),
    Column("agent_name", Text, nullable=False),
    Column("number", BYTES, nullable=False),
    Column("customer_id", BYTES, ForeignKey("customers.id", ondelete="SET NULL")),
    Column("language", Text, nullable=False),
    Column("for_call_id", BYTES, nullable=False),
    Column("response_id", BYTES),
    Column("state", BYTES, nullable=False),
    Column("tries", Integer, nullable=False),
    moment("next_at", nullable=False),
    moment("tried_at"),
    Column("reason", Text, nullable=False),
    moment("made_at", nullable=False),
)
_l = survey_calls.c
Index("uq_survey_calls_for_call_id", _l.for_call_id, unique=True)
Index("ix_survey_calls_state", _l.state, _l.next_at, _l.id)
Index("ix_survey_calls_number", _l.number, _l.tried_at)
Index("ix_survey_calls_customer", _l.customer_id)
Index("ix_survey_calls_newest", _l.made_at, _l.id)
