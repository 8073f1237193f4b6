"""`/tokens`: a person's own ways in for programs. The secret is shown once, when the token is made."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any, Literal

import msgspec

from cxcall.store import tokens
from cxcall.store.tokens import Token
from cxcall.web.access import Role, SignedIn
from cxcall.web.api.acts import note_act
from cxcall.web.api.endpoint import ROOT, Answer, Asked, Endpoint
from cxcall.web.api.paging import PageQuery, part
from cxcall.web.api.scopes import Scope
from cxcall.web.api.wire import Time
from cxcall.web.problems import Problem

ScopeName = Literal[
    "calls:read", "calls:write", "customers:read", "customers:write", "surveys:read", "surveys:write",
    "speech:read", "speech:write", "queues:read", "queues:write", "tasks:read", "tasks:write", "webhooks:admin",
    "floor:write", "agents:read", "agents:write", "routing:read", "routing:write", "users:admin", "tokens:write",
    "reports:read", "reports:write", "quality:read", "quality:write", "audit:read", "metrics:read",
]  # fmt: skip
FOR_ADMINS = frozenset({
    "users:admin", "audit:read", "metrics:read", "surveys:write", "webhooks:admin", "routing:read", "routing:write",
})  # fmt: skip
"""Scopes that open nothing to other roles, so they are not given to them."""
MOST = 50
"""Live tokens of one person; more is a program that makes one for each run."""


class TokenQuery(PageQuery, frozen=True, kw_only=True):
    user_id: Annotated[
        Annotated[str, msgspec.Meta(max_length=100)] | None,
        msgspec.Meta(description="Tokens of this user; other than one's own is for administrators."),
    ] = None


class NewToken(msgspec.Struct, frozen=True, kw_only=True):
    """A token to make, for oneself. Without `expires_in_days` it works until it is revoked."""

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=100, pattern=r"\S", description="What it is for.")]
    scopes: Annotated[list[ScopeName], msgspec.Meta(min_length=1, max_length=30)]
    expires_in_days: Annotated[int, msgspec.Meta(ge=1, le=3650)] | None = None


class ListedToken(msgspec.Struct, frozen=True, kw_only=True):
    """A token without its secret. `used_at` is kept to the minute."""

    id: str
    user_id: str
    name: str
    scopes: list[str]
    created_at: Time
    expires_at: Time | None
    used_at: Time | None
    revoked_at: Time | None


class TokenList(msgspec.Struct, frozen=True, kw_only=True):
    """Tokens of a person, newest first, revoked ones too; `next` is null on the last page."""

    items: list[ListedToken]
    next: str | None


class MadeToken(msgspec.Struct, frozen=True, kw_only=True):
    """`secret` is what goes into `Authorization: Bearer …`; it is not shown again."""

    token: ListedToken
    secret: str


async def list_tokens(asked: Asked[TokenQuery, None]) -> TokenList:
    """One's own tokens; administrators may ask for anyone's."""
    owner = asked.query.user_id or asked.who.id
    if owner != asked.who.id and asked.who.role is not Role.ADMIN:
        raise Problem(403, "Other people's tokens are for administrators.")
    async with asked.engine.connect() as conn:
        owned = await tokens.of_user(conn, owner)
    shown, following = part(owned, asked.query, lambda token: token.id)
    return TokenList(items=[_listed(token) for token in shown], next=following)


async def make_token(asked: Asked[None, NewToken]) -> Answer:
    """A token never has more rights than its owner's role, nor than the token it was asked for with."""
    body, who = asked.body, asked.who
    _refuse_too_much(who, body.scopes)
    expires_at = asked.now + timedelta(days=body.expires_in_days) if body.expires_in_days else None
    async with asked.engine.begin() as conn:
        live = [token for token in await tokens.of_user(conn, who.id) if _is_live(token, asked)]
        if len(live) >= MOST:
            raise Problem(409, f"You have {MOST} tokens. Revoke one that is no longer used.")
        token, secret = await tokens.make(
            conn, who.id, name=body.name, scopes=body.scopes, now=asked.now, expires_at=expires_at
        )
        await note_act(asked, conn, "token.create", f"user:{token.user_id}", _about(token))
    made = MadeToken(token=_listed(token), secret=secret)
    return Answer(value=made, headers={"Location": f"{ROOT}/tokens/{token.id}"})


async def revoke_token(asked: Asked[None, None]) -> None:
    """Ends it for good, from the next request on. Administrators may revoke anyone's."""
    async with asked.engine.begin() as conn:
        token = await tokens.get(conn, asked.path["id"])
        if token is None or not _may_revoke(asked.who, token):
            raise Problem(404, "There is no such token.")
        if await tokens.revoke(conn, token.id, user_id=token.user_id, now=asked.now):
            await note_act(asked, conn, "token.revoke", f"user:{token.user_id}", _about(token))


def _refuse_too_much(who: SignedIn, scopes: list[ScopeName]) -> None:
    role = [scope for scope in scopes if scope in FOR_ADMINS and who.role is not Role.ADMIN]
    if role:
        raise Problem(403, f"Only administrators can have tokens with {', '.join(role)}.")
    beyond = [scope for scope in scopes if who.scopes is not None and scope not in who.scopes]
    if beyond:
        raise Problem(403, f"The token used for this has no {', '.join(beyond)} itself, so it can't hand it on.")


def _may_revoke(who: SignedIn, token: Token) -> bool:
    return token.user_id == who.id or who.role is Role.ADMIN


def _is_live(token: Token, asked: Asked[Any, Any]) -> bool:
    return token.revoked_at is None and (token.expires_at is None or token.expires_at > asked.now)


def _about(token: Token) -> dict[str, Any]:
    return {"token": token.id, "name": token.name, "scopes": list(token.scopes)}


def _listed(token: Token) -> ListedToken:
    values = {name: getattr(token, name) for name in ListedToken.__struct_fields__}
    return ListedToken(**{**values, "scopes": list(token.scopes)})


ENDPOINTS = (
    Endpoint(
        method="GET", path="/tokens", handler=list_tokens, summary="List tokens", tag="tokens",
        scope=Scope.TOKENS_WRITE, query=TokenQuery, gives=TokenList,
    ),
    Endpoint(
        method="POST", path="/tokens", handler=make_token, summary="Make a token", tag="tokens",
        scope=Scope.TOKENS_WRITE, body=NewToken, gives=MadeToken, status=201, problems=(409,),
        gives_headers=("Location",),
    ),
    Endpoint(
        method="DELETE", path="/tokens/{id}", handler=revoke_token, summary="Revoke a token", tag="tokens",
        scope=Scope.TOKENS_WRITE, status=204,
    ),
)  # fmt: skip
