"""The whole application on SQLite, served over HTTP on a free port, with people and their tokens."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientResponse, ClientSession, CookieJar, TCPConnector
from aiohttp.test_utils import TestServer
from sqlalchemy.ext.asyncio import AsyncEngine

from cxcall.bus import Bus, Commands
from cxcall.settings import Ami, Data, Settings
from cxcall.store import calls, sessions, tokens, users
from cxcall.store.engine import open_engine
from cxcall.store.users import RoleName, User
from cxcall.web.app import init_app
from cxcall.web.session import SESSION_COOKIE
from tests.store import make
from tests.support.schema import new_database

NOW = make.after(3600)
EVERYTHING = (
    "calls:read", "calls:write", "customers:read", "customers:write",
    "surveys:read", "surveys:write", "speech:read", "speech:write", "queues:read", "queues:write", "routing:read",
    "routing:write",
    "tasks:read", "tasks:write", "webhooks:admin",
    "agents:read", "agents:write", "reports:read", "reports:write", "quality:read", "quality:write",
    "users:admin", "tokens:write", "audit:read",
    "metrics:read",
)  # fmt: skip


@dataclass(slots=True)
class Clock:
    """A clock that stands until it is moved."""

    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **span: float) -> None:
        self.now += timedelta(**span)


@dataclass(slots=True)
class Site:
    """A running application and what the tests reach behind it."""

    engine: AsyncEngine
    bus: Bus
    commands: Commands
    clock: Clock
    settings: Settings
    address: str
    _sessions: list[ClientSession] = field(default_factory=list)

    async def user(self, name: str, role: RoleName = "agent", *extensions: str) -> User:
        async with self.engine.begin() as conn:
            return await users.create(
                conn, name=name, role=role, password_hash="none", display_name=name.title(), extensions=extensions
            )

    async def token(self, owner: User, *scopes: str) -> str:
        async with self.engine.begin() as conn:
            _, secret = await tokens.make(conn, owner.id, name="test", scopes=scopes or EVERYTHING, now=self.clock.now)
        return secret

    async def by_token(self, owner: User, *scopes: str) -> Client:
        """A program with a token of `owner`."""
        return self.client(headers={"Authorization": f"Bearer {await self.token(owner, *scopes)}"})

    async def by_session(self, owner: User, **headers: str) -> Client:
        """A browser `owner` is signed in with."""
        async with self.engine.begin() as conn:
            secret = await sessions.start(conn, owner.id, now=self.clock.now, lifetime=timedelta(hours=8))
        return self.client(cookies={SESSION_COOKIE: secret}, headers=headers)

    def client(self, **options: Any) -> Client:
        jar = CookieJar(unsafe=True)
        session = ClientSession(cookie_jar=jar, connector=TCPConnector(force_close=True), **options)
        self._sessions.append(session)
        return Client(session, self.address)

    async def store(self, *records: Any) -> None:
        async with self.engine.begin() as conn:
            await calls.apply(conn, [make.write(record) for record in records], region=make.REGION)

    async def close(self) -> None:
        for session in self._sessions:
            await session.close()


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer, read whole."""

    status: int
    headers: Any
    body: bytes
    json: Any

    @property
    def kind(self) -> str:
        return str(self.headers.get("Content-Type", "")).partition(";")[0]


@dataclass(frozen=True, slots=True)
class Client:
    """Asks under `/api/v1` unless the path begins with two slashes."""

    session: ClientSession
    address: str

    async def ask(self, method: str, path: str, **options: Any) -> Answer:
        url = self.address + (path[1:] if path.startswith("//") else "/api/v1" + path)
        async with self.session.request(method, url, **options) as response:
            return await _read(response)

    async def get(self, path: str, **options: Any) -> Answer:
        return await self.ask("GET", path, **options)

    async def post(self, path: str, **options: Any) -> Answer:
        return await self.ask("POST", path, **options)

    async def patch(self, path: str, **options: Any) -> Answer:
        return await self.ask("PATCH", path, **options)

    async def put(self, path: str, **options: Any) -> Answer:
        return await self.ask("PUT", path, **options)

    async def delete(self, path: str, **options: Any) -> Answer:
        return await self.ask("DELETE", path, **options)


async def _read(response: ClientResponse) -> Answer:
    body = await response.read()
    is_json = response.content_type.endswith("json") and body
    return Answer(response.status, response.headers, body, await response.json(content_type=None) if is_json else None)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(ami=(Ami(name="lab"),), data=Data(dir=str(tmp_path)))


@pytest.fixture
async def site(tmp_path: Path, settings: Settings) -> AsyncIterator[Site]:
    engine = open_engine(new_database(tmp_path / "cxcall.db"))
    bus, commands, clock = Bus(epoch=1), Commands(), Clock()
    server = TestServer(init_app(settings=settings, engine=engine, bus=bus, commands=commands, clock=clock))
    await server.start_server()
    found = Site(engine, bus, commands, clock, settings, str(server.make_url("")).rstrip("/"))
    yield found
    await found.close()
    await server.close()
    await engine.dispose()


@pytest.fixture
async def admin(site: Site) -> Client:
    return await site.by_token(await site.user("admin", "admin"))


@pytest.fixture
async def supervisor(site: Site) -> Client:
    return await site.by_token(await site.user("boss", "supervisor"))


@pytest.fixture
async def sara(site: Site) -> Client:
    """An agent at PJSIP/1001."""
    return await site.by_token(await site.user("sara", "agent", "PJSIP/1001"))


@pytest.fixture
async def omid(site: Site) -> Client:
    """An agent at PJSIP/1002."""
    return await site.by_token(await site.user("omid", "agent", "PJSIP/1002"))
