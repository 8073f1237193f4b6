"""Queues as people set them up, agents with what they are good at and what they did, the floor; alerts get levels."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TIMESTAMP

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

MOMENT = sa.BigInteger().with_variant(TIMESTAMP(timezone=True), "postgresql")
BYTES = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
ALERT = "id, key, title, params, link, n, raised_at, last_at, state, snoozed_until, closed_at, closed_by"


def upgrade() -> None:
    _queues()
    _agents()
    _floor()
    _alert_levels()
    op.create_index(
        "ix_call_visits_joined",
        "call_visits",
        ["joined_at"],
        unique=False,
        sqlite_where=sa.text("joined_at IS NOT NULL"),
        postgresql_where=sa.text("joined_at IS NOT NULL"),
    )


def _alert_levels() -> None:
    """Made anew: SQLite can add a column, but then the table is not the one a new database gets."""
    op.execute("CREATE TABLE alerts_before AS SELECT * FROM alerts")
    op.drop_table("alerts")
    op.create_table(
        "alerts",
        sa.Column("id", BYTES, nullable=False),
        sa.Column("key", BYTES, nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("params", sa.Text(), nullable=False),
        sa.Column("link", sa.Text(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("raised_at", MOMENT, nullable=False),
        sa.Column("last_at", MOMENT, nullable=False),
        sa.Column("state", BYTES, nullable=False),
        sa.Column("snoozed_until", MOMENT, nullable=True),
        sa.Column("closed_at", MOMENT, nullable=True),
        sa.Column("closed_by", sa.Text(), nullable=False),
        sa.Column("level", BYTES, server_default="red", nullable=False),
        sa.Column("rule_id", BYTES, server_default="", nullable=False),
        sa.Column("queue", BYTES, server_default="", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alerts")),
    )
    op.create_index("ix_alerts_newest", "alerts", ["last_at", "id"], unique=False)
    op.create_index(
        "uq_alerts_open",
        "alerts",
        ["key"],
        unique=True,
        sqlite_where=sa.text("state <> 'closed'"),
        postgresql_where=sa.text("state <> 'closed'"),
    )
    op.execute(f"INSERT INTO alerts ({ALERT}) SELECT {ALERT} FROM alerts_before")  # noqa: S608 - names written above
    op.drop_table("alerts_before")


def _queues() -> None:
    op.create_table(
        "queue_servers",
        sa.Column("server", BYTES, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("mode", BYTES, nullable=False),
        sa.Column("file", sa.Text(), nullable=False),
        sa.Column("applied_version", sa.Integer(), nullable=True),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.Column("updated_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("server", name=op.f("pk_queue_servers")),
    )
    op.create_table(
        "queues",
        sa.Column("id", BYTES, nullable=False),
        sa.Column("server", BYTES, nullable=False),
        sa.Column("name", BYTES, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("kind", BYTES, nullable=False),
        sa.Column("draft", sa.Text(), nullable=True),
        sa.Column("applied", sa.Text(), nullable=True),
        sa.Column("look", sa.Text(), nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.Column("updated_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_queues")),
    )
    op.create_index(
        "uq_queues_name",
        "queues",
        ["server", "name"],
        unique=True,
    )
    op.create_table(
        "queue_versions",
        sa.Column("id", BYTES, nullable=False),
        sa.Column("server", BYTES, nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("definitions", sa.Text(), nullable=False),
        sa.Column("queues", sa.Integer(), nullable=False),
        sa.Column("state", BYTES, nullable=False),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.Column("seconds", sa.Float(), nullable=True),
        sa.Column("restores", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_queue_versions")),
    )
    op.create_index(
        "uq_queue_versions_n",
        "queue_versions",
        ["server", "n"],
        unique=True,
    )
    op.create_table(
        "calendars",
        sa.Column("id", BYTES, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("name_key", BYTES, nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.Column("updated_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendars")),
    )
    op.create_index(
        "uq_calendars_name_key",
        "calendars",
        ["name_key"],
        unique=True,
    )
    op.create_table(
        "closures",
        sa.Column("id", BYTES, nullable=False),
        sa.Column("server", BYTES, nullable=False),
        sa.Column("queue", BYTES, nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("since", MOMENT, nullable=False),
        sa.Column("until", MOMENT, nullable=True),
        sa.Column("lifted_at", MOMENT, nullable=True),
        sa.Column("lifted_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_closures")),
    )
    op.create_index(
        "ix_closures_newest",
        "closures",
        ["server", "since", "id"],
        unique=False,
    )
    op.create_index(
        "uq_closures_standing",
        "closures",
        ["server", "queue"],
        unique=True,
        sqlite_where=sa.text("lifted_at IS NULL"),
        postgresql_where=sa.text("lifted_at IS NULL"),
    )


def _agents() -> None:
    op.create_table(
        "skills",
        sa.Column("id", BYTES, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_key", BYTES, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_skills")),
    )
    op.create_index(
        "uq_skills_name_key",
        "skills",
        ["name_key"],
        unique=True,
    )
    op.create_table(
        "user_skills",
        sa.Column("user_id", BYTES, nullable=False),
        sa.Column("skill_id", BYTES, nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_user_skills_user_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["skill_id"], ["skills.id"], name=op.f("fk_user_skills_skill_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("user_id", "skill_id", name=op.f("pk_user_skills")),
    )
    op.create_index(
        "ix_user_skills_skill",
        "user_skills",
        ["skill_id"],
        unique=False,
    )
    op.create_table(
        "teams",
        sa.Column("id", BYTES, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_key", BYTES, nullable=False),
        sa.Column("leader_id", BYTES, nullable=True),
        sa.ForeignKeyConstraint(["leader_id"], ["users.id"], name=op.f("fk_teams_leader_id"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_teams")),
    )
    op.create_index(
        "ix_teams_leader",
        "teams",
        ["leader_id"],
        unique=False,
    )
    op.create_index(
        "uq_teams_name_key",
        "teams",
        ["name_key"],
        unique=True,
    )
    op.create_table(
        "team_members",
        sa.Column("team_id", BYTES, nullable=False),
        sa.Column("user_id", BYTES, nullable=False),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("fk_team_members_team_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_team_members_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("team_id", "user_id", name=op.f("pk_team_members")),
    )
    op.create_index(
        "ix_team_members_user",
        "team_members",
        ["user_id"],
        unique=False,
    )
    op.create_table(
        "pause_reasons",
        sa.Column("id", BYTES, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("limit_s", sa.Integer(), nullable=False),
        sa.Column("counts_as", BYTES, nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pause_reasons")),
    )
    op.create_table(
        "agent_sign_ins",
        sa.Column("id", BYTES, nullable=False),
        sa.Column("user_id", BYTES, nullable=False),
        sa.Column("server", BYTES, nullable=False),
        sa.Column("interface", BYTES, nullable=False),
        sa.Column("since", MOMENT, nullable=False),
        sa.Column("until", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_agent_sign_ins_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agent_sign_ins")),
    )
    op.create_index(
        "ix_agent_sign_ins_newest",
        "agent_sign_ins",
        ["user_id", "since", "id"],
        unique=False,
    )
    op.create_index(
        "ix_agent_sign_ins_interface",
        "agent_sign_ins",
        ["interface", "since", "id"],
        unique=False,
    )
    op.create_index(
        "uq_agent_sign_ins_phone",
        "agent_sign_ins",
        ["server", "interface"],
        unique=True,
        sqlite_where=sa.text("until IS NULL"),
        postgresql_where=sa.text("until IS NULL"),
    )
    op.create_index(
        "uq_agent_sign_ins_user",
        "agent_sign_ins",
        ["user_id"],
        unique=True,
        sqlite_where=sa.text("until IS NULL"),
        postgresql_where=sa.text("until IS NULL"),
    )
    op.create_table(
        "agent_states",
        sa.Column("id", BYTES, nullable=False),
        sa.Column("server", BYTES, nullable=False),
        sa.Column("interface", BYTES, nullable=False),
        sa.Column("user_id", BYTES, nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("state", BYTES, nullable=False),
        sa.Column("reason", BYTES, nullable=False),
        sa.Column("queues", sa.Text(), nullable=False),
        sa.Column("since", MOMENT, nullable=False),
        sa.Column("until", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agent_states")),
    )
    op.create_index(
        "ix_agent_states_interface",
        "agent_states",
        ["server", "interface", "until", "since"],
        unique=False,
    )
    op.create_index(
        "ix_agent_states_until",
        "agent_states",
        ["until", "since"],
        unique=False,
    )
    op.create_index(
        "ix_agent_states_user",
        "agent_states",
        ["user_id", "until", "since"],
        unique=False,
    )
    op.create_index(
        "uq_agent_states_open",
        "agent_states",
        ["server", "interface"],
        unique=True,
        sqlite_where=sa.text("until IS NULL"),
        postgresql_where=sa.text("until IS NULL"),
    )


def _floor() -> None:
    op.create_table(
        "alert_rules",
        sa.Column("id", BYTES, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.Column("updated_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alert_rules")),
    )
    op.create_table(
        "screens",
        sa.Column("id", BYTES, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("secret_hash", BYTES, nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("revoked_at", MOMENT, nullable=True),
        sa.Column("seen_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_screens")),
    )
    op.create_index(
        "uq_screens_secret_hash",
        "screens",
        ["secret_hash"],
        unique=True,
    )
    op.create_table(
        "role_rights",
        sa.Column("role", BYTES, nullable=False),
        sa.Column("right", BYTES, nullable=False),
        sa.Column("allowed", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("role", "right", name=op.f("pk_role_rights")),
    )
    op.create_table(
        "floor_messages",
        sa.Column("id", BYTES, nullable=False),
        sa.Column("to_user", BYTES, nullable=False),
        sa.Column("from_name", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("read_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["to_user"], ["users.id"], name=op.f("fk_floor_messages_to_user"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_floor_messages")),
    )
    op.create_index(
        "ix_floor_messages_newest",
        "floor_messages",
        ["at", "id"],
        unique=False,
    )
    op.create_index(
        "ix_floor_messages_unread",
        "floor_messages",
        ["to_user", "at", "id"],
        unique=False,
        sqlite_where=sa.text("read_at IS NULL"),
        postgresql_where=sa.text("read_at IS NULL"),
    )
