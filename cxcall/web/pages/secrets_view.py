"""API tokens as pages show them: the list, the making, the secret that is shown once. Used by settings and users."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from multidict import MultiMapping
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.store import audit, sessions, tokens
from cxcall.web.api.scopes import SCOPES, Scope
from cxcall.web.words import N_

MOST_TOKENS = 50
LIFETIMES: dict[str, tuple[str, timedelta | None]] = {
    "90": (N_("90 days"), timedelta(days=90)),
    "365": (N_("One year"), timedelta(days=365)),
    "never": (N_("No end"), None),
}
SCOPE_WORDS: dict[Scope, str] = {
    Scope.CALLS_READ: N_("Read calls and their notes"),
    Scope.CALLS_WRITE: N_("Write call notes and views of the list"),
    Scope.CUSTOMERS_READ: N_("Read customers and their history"),
    Scope.CUSTOMERS_WRITE: N_("Create, change, merge and import customers"),
    Scope.SURVEYS_READ: N_("Read surveys, prompts, answers and comments"),
    Scope.SURVEYS_WRITE: N_("Change surveys and prompts (administrators)"),
    Scope.SPEECH_READ: N_("Read transcripts, recordings, categories and articles"),
    Scope.SPEECH_WRITE: N_("Correct transcripts, answer hints, change categories and articles"),
    Scope.TASKS_READ: N_("Read follow-ups and alerts"),
    Scope.TASKS_WRITE: N_("Make and change follow-ups and alerts"),
    Scope.FLOOR_WRITE: N_("Listen, whisper, join, act on calls and agents (supervisors)"),
    Scope.WEBHOOKS_ADMIN: N_("Set up webhooks (administrators)"),
    Scope.USERS_ADMIN: N_("List and change users (administrators)"),
    Scope.TOKENS_WRITE: N_("List, make and revoke tokens"),
    Scope.QUEUES_READ: N_("Read queues"),
    Scope.QUEUES_WRITE: N_("Change queues and apply them (administrators)"),
    Scope.ROUTING_READ: N_("Read routing rules and try decisions (administrators)"),
    Scope.ROUTING_WRITE: N_("Change and publish routing rules (administrators)"),
    Scope.AGENTS_READ: N_("Read agents, their states, teams and skills"),
    Scope.AGENTS_WRITE: N_("Pause agents, change teams, skills and pause reasons"),
    Scope.REPORTS_READ: N_("Read reports and the calls behind their figures"),
    Scope.REPORTS_WRITE: N_("Make and change reports of one's own, and what is sent"),
    Scope.QUALITY_READ: N_("Read reviews of calls and what they came to"),
    Scope.QUALITY_WRITE: N_("Score calls, change scorecards, disagree and coach"),
    Scope.AUDIT_READ: N_("Read the audit trail (administrators)"),
    Scope.METRICS_READ: N_("Read the service's metrics"),
}


class TokenFault(Exception):
    """The form can't be used; the text is an untranslated sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Secret:
    """What is shown once: a `token`, a made-up `password` or the secret of a `webhook`, and whose."""

    kind: str
    name: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """Where a person is signed in and which programs act for them."""

    sessions: Sequence[sessions.Session]
    tokens: Sequence[tokens.Token]
    own_session: str | None
    scopes: Sequence[tuple[str, str]]
    lifetimes: Sequence[tuple[str, str]]


async def access_of(conn: AsyncConnection, user_id: str, *, now: datetime, own_session: str | None) -> Access:
    """Sessions and living tokens of a person."""
    living = [
        token
        for token in await tokens.of_user(conn, user_id)
        if token.revoked_at is None and (token.expires_at is None or token.expires_at > now)
    ]
    return Access(
        sessions=await sessions.of_user(conn, user_id, now=now),
        tokens=living,
        own_session=own_session,
        scopes=[(scope.value, SCOPE_WORDS[scope]) for scope in SCOPES],
        lifetimes=[(key, words) for key, (words, _) in LIFETIMES.items()],
    )


async def make_token(
    conn: AsyncConnection, user_id: str, form: MultiMapping[object], *, actor: str, address: str, now: datetime
) -> Secret:
    """Make the token that a form describes. Raises TokenFault."""
    name = str(form.get("name", "")).strip()[:100]
    known = {scope.value for scope in SCOPES}
    scopes = [str(scope) for scope in form.getall("scope", [])]
    lifetime = LIFETIMES.get(str(form.get("lifetime", "90")))
    if not name:
        raise TokenFault(N_("Give the token a name that says what it is for."))
    if not scopes or not known.issuperset(scopes) or lifetime is None:
        raise TokenFault(N_("Choose at least one thing the token may do."))
    if len(await tokens.of_user(conn, user_id)) >= MOST_TOKENS:
        raise TokenFault(N_("There are too many tokens; revoke some first."))
    expires_at = now + lifetime[1] if lifetime[1] else None
    token, secret = await tokens.make(conn, user_id, name=name, scopes=scopes, now=now, expires_at=expires_at)
    details = {"token": token.id, "name": name, "scopes": scopes}
    await audit.add(conn, actor=actor, act="token.create", subject=f"user:{user_id}", details=details, address=address)
    return Secret(kind="token", name=name, text=secret)
