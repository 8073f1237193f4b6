"""Tables of speech: transcripts with their turns and what is searched, recordings, jobs and what is listened to.

A transcript belongs to a call, a survey's comment, a voicemail or a file somebody sent (`kind` and `subject`). It
repeats queue, agent and customer, so that lists and figures read one index. A turn keeps what the engine heard beside
what a person made of it, and in `shown` the text with numbers hidden: only that one is shown and searched.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Float, ForeignKey, Index, Integer, Table, Text, text

from cxcall.store.schema import metadata, moment
from cxcall.store.tables import BYTES

transcripts = Table(
    "transcripts",
    metadata,
    Column("id", BYTES, primary_key=True),
    Column("kind", BYTES, nullable=False),
    # The call's id, RESPONSE-PART of a comment, the upload's id, the voicemail's id.
    Column("subject", BYTES, nullable=False),
    # No foreign key: a call is heard before the writer has stored it.
    Column("call_id", BYTES),
    Column("server", BYTES, nullable=False),
    Column("queue", BYTES, nullable=False),
    Column("agent", BYTES, nullable=False),
    Column("agent_name", Text, nullable=False),
    Column("customer_id", BYTES, ForeignKey("customers.id", ondelete="SET NULL")),
    Column("number", BYTES, nullable=False),
    Column("language", BYTES, nullable=False),
    Column("engine", BYTES, nullable=False),
    Column("model", Text, nullable=False),
    Column("state", BYTES, nullable=False),
    Column("source", BYTES, nullable=False),
    moment("began_at", nullable=False),
    moment("ended_at"),
    Column("progress", Float, nullable=False),
    Column("problem", Text, nullable=False),
    Column("confidence", Float),
    Column("words", Integer, nullable=False),
    Column("sentiment", Float),
    Column("trend", Float),
    # JSON of speech.figures; what was not heard, as JSON.
    Column("figures", Text),
    Column("gaps", Text, nullable=False),
    Column("consent", BYTES, nullable=False),
    moment("updated_at", nullable=False),
    Column("version", Integer, nullable=False),
)
_t = transcripts.c
_UNDER_WAY = text("state <> 'done'")
Index("uq_transcripts_subject", _t.kind, _t.subject, unique=True)
Index("ix_transcripts_newest", _t.began_at, _t.id)
Index("ix_transcripts_queue", _t.queue, _t.began_at, _t.id)
Index("ix_transcripts_agent", _t.agent, _t.began_at, _t.id)
Index("ix_transcripts_customer", _t.customer_id, _t.began_at, _t.id)
Index("ix_transcripts_call", _t.call_id)
Index("ix_transcripts_state", _t.state, _t.began_at, _t.id, sqlite_where=_UNDER_WAY, postgresql_where=_UNDER_WAY)
# Shares and moods of calls are counted along this.
Index("ix_transcripts_figures", _t.kind, _t.began_at, _t.queue, _t.agent, _t.sentiment, _t.state)

turns = Table(
    "turns",
    metadata,
    Column("transcript_id", BYTES, ForeignKey("transcripts.id", ondelete="CASCADE"), primary_key=True),
    Column("n", Integer, primary_key=True),
    Column("speaker", BYTES, nullable=False),
    Column("start", Float, nullable=False),
    Column("end", Float, nullable=False),
    # As the engine heard it; `corrected` is what a person made of it.
    Column("text", Text, nullable=False),
    Column("corrected", Text),
    Column("shown", Text, nullable=False),
    # Pieces of the text that are hidden: [[from, to, kind], …] as JSON; words with their times as JSON.
    Column("hidden", Text, nullable=False),
    Column("words", Text, nullable=False),
    Column("confidence", Float),
    Column("channel", BYTES, nullable=False),
    Column("agent", BYTES, nullable=False),
    Column("sentiment", Float),
    Column("felt", Float),
    Column("version", Integer, nullable=False),
    Column("corrected_by", Text, nullable=False),
    moment("corrected_at"),
)

speech_settings = Table(
    "speech_settings",
    metadata,
    # "" stands for every server, and for every queue.
    Column("server", BYTES, primary_key=True),
    Column("queue", BYTES, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("listening", Text, nullable=False),
    moment("updated_at", nullable=False),
    Column("updated_by", Text, nullable=False),
)

recordings = Table(
    "recordings",
    metadata,
    Column("id", BYTES, primary_key=True),
    Column("server", BYTES, nullable=False),
    # What the switch calls it: tells a recording that is announced twice.
    Column("name", BYTES, nullable=False),
    # None: a file that belongs to no call we know.
    Column("call_id", BYTES),
    Column("unique_id", BYTES, nullable=False),
    Column("file", Text, nullable=False),
    Column("sources", Text, nullable=False),
    Column("state", BYTES, nullable=False),
    moment("began_at", nullable=False),
    Column("seconds", Float, nullable=False),
    Column("channels", Integer, nullable=False),
    Column("pauses", Text, nullable=False),
    Column("consent", BYTES, nullable=False),
    Column("by", Text, nullable=False),
    Column("why", Text, nullable=False),
    Column("bytes", BigInteger, nullable=False),
    Column("peaks", Text, nullable=False),
    moment("keep_until"),
    Column("problem", Text, nullable=False),
    moment("updated_at", nullable=False),
)
_r = recordings.c
_KEPT = text("state = 'kept' AND keep_until IS NOT NULL")
_OPEN = text("state IN ('recording', 'waiting')")
Index("uq_recordings_name", _r.server, _r.name, unique=True)
Index("ix_recordings_call", _r.call_id, _r.began_at)
Index("ix_recordings_unique_id", _r.server, _r.unique_id)
Index("ix_recordings_newest", _r.began_at, _r.id)
Index("ix_recordings_keep_until", _r.keep_until, sqlite_where=_KEPT, postgresql_where=_KEPT)
Index("ix_recordings_open", _r.began_at, _r.id, sqlite_where=_OPEN, postgresql_where=_OPEN)

speech_jobs = Table(
    "speech_jobs",
    metadata,
    Column("id", BYTES, primary_key=True),
    Column("kind", BYTES, nullable=False),
    Column("subject", BYTES, nullable=False),
    Column("transcript_id", BYTES),
    Column("language", BYTES, nullable=False),
    Column("engine", BYTES, nullable=False),
    Column("state", BYTES, nullable=False),
    # Lower goes first: somebody waits for a file they tried.
    Column("rank", Integer, nullable=False),
    Column("tries", Integer, nullable=False),
    moment("next_at", nullable=False),
    Column("progress", Float, nullable=False),
    # Seconds of sound that are done, from which it goes on after a restart.
    Column("position", Float, nullable=False),
    Column("problem", Text, nullable=False),
    moment("made_at", nullable=False),
    moment("lease_until"),
    moment("ended_at"),
)
_j = speech_jobs.c
_WAITING, _RUNNING = text("state = 'waiting'"), text("state = 'running'")
Index("uq_speech_jobs_subject", _j.kind, _j.subject, unique=True)
Index("ix_speech_jobs_waiting", _j.rank, _j.made_at, _j.id, _j.next_at, sqlite_where=_WAITING,
      postgresql_where=_WAITING)  # fmt: skip
Index("ix_speech_jobs_running", _j.lease_until, sqlite_where=_RUNNING, postgresql_where=_RUNNING)
Index("ix_speech_jobs_newest", _j.made_at, _j.id)
Index("ix_speech_jobs_state", _j.state, _j.made_at, _j.id)
Index("ix_speech_jobs_transcript", _j.transcript_id)

speech_uploads = Table(
    "speech_uploads",
    metadata,
    Column("id", BYTES, primary_key=True),
    Column("name", Text, nullable=False),
    # Below the data folder.
    Column("file", Text, nullable=False),
    Column("by", Text, nullable=False),
    moment("at", nullable=False),
    Column("language", BYTES, nullable=False),
    Column("engine", BYTES, nullable=False),
    Column("seconds", Float, nullable=False),
)
Index("ix_speech_uploads_newest", speech_uploads.c.at, speech_uploads.c.id)

articles = Table(
    "articles",
    metadata,
    Column("id", BYTES, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("title", Text, nullable=False),
    Column("title_key", BYTES, nullable=False),
    Column("body", Text, nullable=False),
    # JSON lists.
    Column("phrases", Text, nullable=False),
    Column("queues", Text, nullable=False),
    Column("language", BYTES, nullable=False),
    Column("enabled", Boolean, nullable=False),
    moment("created_at", nullable=False),
    moment("updated_at", nullable=False),
    Column("updated_by", Text, nullable=False),
)
Index("ix_articles_title", articles.c.title_key, articles.c.id)

article_words = Table(
    "article_words",
    metadata,
    Column("article_id", BYTES, ForeignKey("articles.id", ondelete="CASCADE"), primary_key=True),
    Column("word", BYTES, primary_key=True),
    sqlite_with_rowid=False,
)
Index("ix_article_words_word", article_words.c.word, article_words.c.article_id)
