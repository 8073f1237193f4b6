"""One table row an operation: what it takes, gives and needs. Routes and the OpenAPI document both come from it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, Literal, TypeVar

import msgspec
from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncEngine

from cxcall.web import keys
from cxcall.web.access import Role, SignedIn, user_of
from cxcall.web.api.scopes import Scope

Q = TypeVar("Q")
B = TypeVar("B")

ROOT = "/api/v1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked(Generic[Q, B]):
    """A request that passed the door: who asks, and what, already typed."""

    request: web.Request
    path: Mapping[str, str]
    query: Q
    body: B

    @property
    def who(self) -> SignedIn:
        """The person, by session or token; KeyError where the row needs no login."""
        return user_of(self.request)

    @property
    def engine(self) -> AsyncEngine:
        return self.request.app[keys.ENGINE]

    @property
    def country(self) -> str:
        """Of numbers that are written without a country code."""
        return self.request.app[keys.SETTINGS].site.country

    @property
    def now(self) -> datetime:
        """The time now, aware UTC."""
        now: datetime = self.request.app[keys.CLOCK]()
        return now


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a handler gives back when the status of its table row and a bare body are not enough."""

    value: Any = None
    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


Handler = Callable[[Asked[Any, Any]], Awaitable[Any]]
Method = Literal["GET", "POST", "PATCH", "PUT", "DELETE"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One operation under `/api/v1`.

    `scope` is what a token must carry, None: no login needed. `roles` are the people it is for (empty: all).
    `problems` are the statuses of errors beyond those every operation has. `body_type` other than JSON is read by
    the handler itself. `gives` is the type of the JSON answer, `gives_type` another media type in its place.
    `headers` are those the operation reads, `gives_headers` those of its answer.
    """

    method: Method
    path: str
    handler: Handler
    summary: str
    tag: str
    scope: Scope | None
    roles: tuple[Role, ...] = ()
    query: type[msgspec.Struct] | None = None
    body: type[msgspec.Struct] | type[str] | None = None
    body_type: str = "application/json"
    gives: Any = None
    gives_type: str = "application/json"
    status: int = 200
    problems: tuple[int, ...] = ()
    headers: tuple[str, ...] = ()
    gives_headers: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The handler's name: `operationId` of the document."""
        return self.handler.__name__

    @property
    def full_path(self) -> str:
        return ROOT + self.path
