"""Who may open what: every route says so, and one that doesn't stops the start.

`@needs()` any signed-in person, `@needs(Role.SUPERVISOR, Role.ADMIN)` these roles, `@public` everybody. A route of the
API also names the scope a token must have: `@needs(Role.ADMIN, scope="users:write")`; without one, tokens can't use it.
Rights finer than a role (an agent's own calls) are the handler's work, with `user_of(request)`; it raises
`Forbidden("why")`, or `web.HTTPNotFound` where even the existence is nobody's business.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, TypeVar, cast

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from cxcall.store.sign_ins import Held
from cxcall.web.preferences import Preferences


class Role(StrEnum):
    AGENT = "agent"
    SUPERVISOR = "supervisor"
    ADMIN = "admin"


EVERY_ROLE = frozenset(Role)
OVERSEERS = (Role.SUPERVISOR, Role.ADMIN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat:
    """The phone somebody signed in to (hot desk), and since when."""

    server: str
    phone: str
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """Who sent this request. `extensions` are their own phones as Asterisk names them (PJSIP/1001). `held`: when which
    phones were theirs, () where nobody ever sat anywhere but at their own.

    `session` (its hash) is None when a token was used; `scopes` is None when a session was. `kept` is what pages
    remember for this person, as it was when the request began.
    """

    id: str
    name: str
    display_name: str
    role: Role
    extensions: tuple[str, ...] = ()
    preferences: Preferences = field(default_factory=Preferences)
    session: str | None = None
    scopes: frozenset[str] | None = None
    kept: Mapping[str, Any] = field(default_factory=dict)
    seat: Seat | None = None
    held: tuple[Held, ...] = ()

    @property
    def past_phones(self) -> tuple[Held, ...] | tuple[str, ...]:
        """What calls of any time are theirs by."""
        return self.held or self.extensions

    @property
    def phones(self) -> tuple[str, ...]:
        """Where their calls come now: the phone they sit at, else their own."""
        return (self.seat.phone,) if self.seat is not None else self.extensions

    @property
    def shown_name(self) -> str:
        return self.display_name or self.name

    @property
    def oversees(self) -> bool:
        """Supervisors and administrators see every call, agents their own."""
        return self.role in OVERSEERS


USER = web.RequestKey("user", SignedIn)


class Forbidden(web.HTTPForbidden):
    """The person is known and may not do this; `reason` is a sentence for them, already in their language."""

    def __init__(self, why: str = "") -> None:
        super().__init__()
        self.why = why


@dataclass(frozen=True, slots=True)
class Access:
    """Mark of a route: None as `roles` is everybody, signed in or not."""

    roles: frozenset[Role] | None
    scope: str | None = None


AnyHandler = TypeVar("AnyHandler", bound=Callable[..., Awaitable[web.StreamResponse]])
_MARK = "cxcall_access"


def needs(*roles: Role, scope: str | None = None) -> Callable[[AnyHandler], AnyHandler]:
    """Only signed-in people of `roles` (none named: any role), or a token with `scope` of such a person."""

    def mark(handler: AnyHandler) -> AnyHandler:
        setattr(handler, _MARK, Access(frozenset(roles) or EVERY_ROLE, scope))
        return handler

    return mark


def public(handler: AnyHandler) -> AnyHandler:
    """Everybody, signed in or not."""
    setattr(handler, _MARK, Access(None))
    return handler


def access_of(handler: object) -> Access | None:
    return cast("Access | None", getattr(handler, _MARK, None))


def check_all_marked(app: web.Application) -> None:
    """Raises RuntimeError for a route that doesn't say who may open it."""
    for route in app.router.routes():
        if access_of(route.handler) is None:
            raise RuntimeError(f"{route.method} {route.resource} does not say who may open it: add @needs or @public")


def user_of(request: web.BaseRequest) -> SignedIn:
    """The signed-in person. Only behind `@needs`; KeyError elsewhere."""
    return request[USER]


def maybe_user_of(request: web.BaseRequest) -> SignedIn | None:
    """The signed-in person, or None on public pages."""
    return request.get(USER)


def guard(sign_in: Callable[[web.Request], web.StreamResponse]) -> Middleware:
    """The check itself; `sign_in` answers somebody who is not signed in."""

    @web.middleware
    async def check(request: web.Request, handler: Handler) -> web.StreamResponse:
        access = access_of(request.match_info.handler)
        if access is None or access.roles is None:  # unmarked: aiohttp's own 404 and 405
            return await handler(request)
        user = maybe_user_of(request)
        if user is None:
            return sign_in(request)
        if user.scopes is not None and access.scope not in user.scopes:
            raise Forbidden(f"This token has no scope {access.scope}." if access.scope else "Tokens can't open this.")
        if user.role not in access.roles:
            raise Forbidden
        return await handler(request)

    return check
