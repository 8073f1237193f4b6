"""Tables of agents: what they are good at, their teams, where they sit, why they pause, what they did all day."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, Table, Text, text

from cxcall.store.schema import metadata, moment
from cxcall.store.tables import BYTES

_OPEN = text("until IS NULL")

skills = Table(
    "skills",
    metadata,
    Column("id", BYTES, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("name", Text, nullable=False),
    Column("name_key", BYTES, nullable=False),
)
Index("uq_skills_name_key", skills.c.name_key, unique=True)

user_skills = Table(
    "user_skills",
    metadata,
    Column("user_id", BYTES, ForeignKey("users.id", ondelete="CASCADE"), primary_key=True),
    Column("skill_id", BYTES, ForeignKey("skills.id", ondelete="CASCADE"), primary_key=True),
    Column("level", Integer, nullable=False),
)
Index("ix_user_skills_skill", user_skills.c.skill_id)

teams = Table(
    "teams",
    metadata,
    Column("id", BYTES, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("name", Text, nullable=False),
    Column("name_key", BYTES, nullable=False),
    Column("leader_id", BYTES, ForeignKey("users.id", ondelete="SET NULL")),
)
Index("uq_teams_name_key", teams.c.name_key, unique=True)
Index("ix_teams_leader", teams.c.leader_id)

team_members = Table(
    "team_members",
    metadata,
    Column("team_id", BYTES, ForeignKey("teams.id", ondelete="CASCADE"), primary_key=True),
    Column("user_id", BYTES, ForeignKey("users.id", ondelete="CASCADE"), primary_key=True),
)
Index("ix_team_members_user", team_members.c.user_id)

pause_reasons = Table(
    "pause_reasons",
    metadata,
    # What Asterisk and the history of states are told.
    Column("id", BYTES, primary_key=True),
    Column("version", Integer, nullable=False),
    # By language, as JSON.
    Column("name", Text, nullable=False),
    # Seconds, 0: no limit.
    Column("limit_s", Integer, nullable=False),
    Column("counts_as", BYTES, nullable=False),
    Column("enabled", Boolean, nullable=False),
    Column("n", Integer, nullable=False),
)

agent_sign_ins = Table(
    "agent_sign_ins",
    metadata,
    Column("id", BYTES, primary_key=True),
    Column("user_id", BYTES, ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
    Column("server", BYTES, nullable=False),
    Column("interface", BYTES, nullable=False),
    moment("since", nullable=False),
    moment("until"),
)
_s = agent_sign_ins.c
# One phone a person, one person a phone.
Index("uq_agent_sign_ins_user", _s.user_id, unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN)
Index("uq_agent_sign_ins_phone", _s.server, _s.interface, unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN)
Index("ix_agent_sign_ins_newest", _s.user_id, _s.since, _s.id)
Index("ix_agent_sign_ins_interface", _s.interface, _s.since, _s.id)

agent_states = Table(
    "agent_states",
    metadata,
    Column("id", BYTES, primary_key=True),
    Column("server", BYTES, nullable=False),
    Column("interface", BYTES, nullable=False),
    # No foreign key: what a person did stays when they are gone.
    Column("user_id", BYTES),
    Column("name", Text, nullable=False),
    Column("state", BYTES, nullable=False),
    Column("reason", BYTES, nullable=False),
    # Names of queues, as JSON.
    Column("queues", Text, nullable=False),
    moment("since", nullable=False),
    moment("until"),
)
_a = agent_states.c
# A period is found from its newer end: most of what is asked about is recent.
Index("uq_agent_states_open", _a.server, _a.interface, unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN)
Index("ix_agent_states_until", _a.until, _a.since)
Index("ix_agent_states_user", _a.user_id, _a.until, _a.since)
Index("ix_agent_states_interface", _a.server, _a.interface, _a.until, _a.since)
