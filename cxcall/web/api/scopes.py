"""What a token may be used for; the role of its owner still bounds it."""

from __future__ import annotations

from enum import StrEnum


class Scope(StrEnum):
    """One right of a token. `ANY` is not given: it stands for a token with whatever scopes."""

    ANY = "any"
    CALLS_READ = "calls:read"
    CALLS_WRITE = "calls:write"
    CUSTOMERS_READ = "customers:read"
    CUSTOMERS_WRITE = "customers:write"
    SURVEYS_READ = "surveys:read"
    SURVEYS_WRITE = "surveys:write"
    SPEECH_READ = "speech:read"
    SPEECH_WRITE = "speech:write"
    QUEUES_READ = "queues:read"
    QUEUES_WRITE = "queues:write"
    ROUTING_READ = "routing:read"
    ROUTING_WRITE = "routing:write"
    TASKS_READ = "tasks:read"
    TASKS_WRITE = "tasks:write"
    WEBHOOKS_ADMIN = "webhooks:admin"
    USERS_ADMIN = "users:admin"
    TOKENS_WRITE = "tokens:write"
    FLOOR_WRITE = "floor:write"
    AGENTS_READ = "agents:read"
    AGENTS_WRITE = "agents:write"
    REPORTS_READ = "reports:read"
    REPORTS_WRITE = "reports:write"
    QUALITY_READ = "quality:read"
    QUALITY_WRITE = "quality:write"
    AUDIT_READ = "audit:read"
    METRICS_READ = "metrics:read"


SCOPES: dict[Scope, str] = {
    Scope.CALLS_READ: "reads calls and their notes",
    Scope.CALLS_WRITE: "writes call notes and one's own views of the list",
    Scope.CUSTOMERS_READ: "reads customers and their history",
    Scope.CUSTOMERS_WRITE: "creates, changes, merges and imports customers",
    Scope.SURVEYS_READ: "reads surveys, prompts, responses and comments",
    Scope.SURVEYS_WRITE: "changes surveys and prompts (administrators)",
    Scope.SPEECH_READ: "reads transcripts, recordings, categories and articles",
    Scope.SPEECH_WRITE: "corrects transcripts, answers hints, changes categories, articles and what is listened to",
    Scope.QUEUES_READ: "reads queues, their drafts and what was applied",
    Scope.QUEUES_WRITE: "changes queues and applies them to Asterisk (administrators)",
    Scope.ROUTING_READ: "reads routing rules and tries decisions (administrators)",
    Scope.ROUTING_WRITE: "changes and publishes routing rules (administrators)",
    Scope.TASKS_READ: "reads tasks and alerts",
    Scope.TASKS_WRITE: "makes, changes and ends tasks and alerts",
    Scope.WEBHOOKS_ADMIN: "sets up webhooks and reads what was sent (administrators)",
    Scope.USERS_ADMIN: "lists and changes users (administrators)",
    Scope.TOKENS_WRITE: "lists, makes and revokes tokens",
    Scope.FLOOR_WRITE: "listens, whispers, joins, and acts on calls and agents as your rights allow",
    Scope.AGENTS_READ: "reads agents, their states, teams, skills, pause reasons, the roster and staffing",
    Scope.AGENTS_WRITE: "pauses agents, logs them in and out, changes teams, skills and pause reasons",
    Scope.REPORTS_READ: "reads reports and the calls behind their figures",
    Scope.REPORTS_WRITE: "makes and changes reports of one's own and what is sent at set times",
    Scope.QUALITY_READ: "reads scorecards, reviews, evaluations, disputes and coaching (agents: their own)",
    Scope.QUALITY_WRITE: "scores calls, changes scorecards and plans; agents: disputes, and coaching that is done",
    Scope.AUDIT_READ: "reads the audit trail (administrators)",
    Scope.METRICS_READ: "reads /metrics",
}
"""Every scope a token can be given, in words."""
