"""The web application for tests: a database of its own, a clock to move, people of every role, their browsers."""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from aiohttp import ClientResponse, ClientSession, CookieJar, web
from aiohttp.test_utils import TestClient
from argon2 import PasswordHasher
from sqlalchemy.ext.asyncio import AsyncEngine

from cxcall.bus import Bus, Commands
from cxcall.settings import Settings, Site
from cxcall.store import sessions, users
from cxcall.store.engine import open_engine
from cxcall.web.access import Role
from cxcall.web.app import init_app
from cxcall.web.auth import IDLE
from cxcall.web.pages.login import chosen, save
from cxcall.web.session import SESSION_COOKIE
from cxcall.web.visitors import signed_in
from tests.support.as_served import AsServed
from tests.support.schema import new_database

PASSWORD = "correct horse battery"
HASH = PasswordHasher(time_cost=3, memory_cost=32 * 1024, parallelism=1).hash(PASSWORD)
START = datetime(2026, 11, 21, 7, 12, 40, tzinfo=UTC)  # 10:42:40 in Tehran
NAMES = {Role.AGENT: "sara", Role.SUPERVISOR: "omid", Role.ADMIN: "leila"}
SHOWN = {Role.AGENT: "Sara Karimi", Role.SUPERVISOR: "Omid Rahimi", Role.ADMIN: "Leila Ahmadi"}
PHONES = {Role.AGENT: ("PJSIP/1001",), Role.SUPERVISOR: (), Role.ADMIN: ()}


class Clock:
    """The time now, as tests set it; `real` follows the machine's."""

    def __init__(self, at: datetime = START) -> None:
        self.at: datetime | None = at

    def __call__(self) -> datetime:
        return self.at or datetime.now(UTC)

    def forward(self, by: timedelta) -> None:
        self.at = self() + by

    def real(self) -> None:
        self.at = None


@dataclass(slots=True)
class Answer:
    """What a browser got."""

    status: int
    text: str
    headers: Mapping[str, str]
    url: str

    @property
    def heading(self) -> str:
        found = re.search(r"<h1[^>]*>(.*?)</h1>", self.text, re.DOTALL)
        return re.sub(r"<[^>]+>", "", found[1]).strip() if found else ""


class Browser:
    """One person's browser without scripts: keeps cookies, sends forms with their token, follows redirects if asked."""

    def __init__(self, client: TestClient[web.Request, web.Application]) -> None:
        self.client = client

    async def get(self, path: str, *, follow: bool = False, **headers: str) -> Answer:
        async with self.client.get(path, allow_redirects=follow, headers=_names(headers)) as response:
            return await _answer(response)

    async def post(
        self, path: str, form: Any = None, *, follow: bool = False, token: str | None = None, **headers: str
    ) -> Answer:
        """Send a form as its page would: from this site, with the token of the page at /login or /settings."""
        fields = list((form or {}).items()) if not isinstance(form, list) else form
        fields.append(("csrf", token if token is not None else await self.token()))
        sent = {"Sec-Fetch-Site": "same-origin"} | _names(headers)
        async with self.client.post(path, data=fields, allow_redirects=follow, headers=sent) as response:
            return await _answer(response)

    async def token(self) -> str:
        """The form token of this browser's session."""
        page = await self.get("/help/keys", follow=True)
        found = re.search(r'<meta name="csrf" content="(\w*)">', page.text)
        return found[1] if found else ""

    async def sign_in(self, name: str, password: str = PASSWORD, **form: str) -> Answer:
        return await self.post("/login", {"name": name, "password": password, **form})


@dataclass(slots=True, kw_only=True)
class World:
    """One running application and the ways into it."""

    app: web.Application
    server: AsServed
    engine: AsyncEngine
    bus: Bus
    commands: Commands
    clock: Clock
    people: dict[Role, users.User]
    _clients: list[TestClient[web.Request, web.Application]] = field(default_factory=list)

    def guest(self) -> Browser:
        """A browser that nobody signed in with."""
        client: TestClient[web.Request, web.Application] = TestClient(self.server, cookie_jar=CookieJar(unsafe=True))
        self._clients.append(client)
        return Browser(client)

    async def browser(self, role: Role) -> Browser:
        """A browser signed in as the person of `role`."""
        browser = self.guest()
        browser.client.session.cookie_jar.update_cookies(
            {SESSION_COOKIE: await self.session(role)}, self.server.make_url("/")
        )
        return browser

    async def session(self, role: Role) -> str:
        """The secret of a new session of the person of `role`."""
        async with self.engine.begin() as conn:
            return await sessions.start(
                conn, self.people[role].id, now=self.clock(), lifetime=IDLE, address="127.0.0.1", browser="Test/1"
            )

    async def prefer(self, role: Role, **choices: str) -> None:
        """Set preferences of the person of `role`, such as `language="fa"`."""
        async with self.engine.connect() as conn:
            user = await users.get(conn, self.people[role].id)
        assert user is not None
        before = signed_in(user).preferences
        await save(self.engine, user.id, chosen(before, choices))

    async def close(self) -> None:
        for client in self._clients:
            session: ClientSession = client.session
            await session.close()
        await self.server.close()
        await self.engine.dispose()


async def empty_database(path: Path) -> None:
    """A SQLite file with the schema and one person of every role."""
    engine = open_engine(new_database(path))
    async with engine.begin() as conn:
        for role, name in NAMES.items():
            await users.create(
                conn, name=name, role=role.value, password_hash=HASH, display_name=SHOWN[role], extensions=PHONES[role]
            )
    await engine.dispose()


async def start_world(
    folder: Path,
    template: Path,
    *,
    settings: Settings | None = None,
    clock: Clock | None = None,
    port: int = 0,
    **options: Any,
) -> World:
    """Serve the application on a copy of `template` in `folder`. The caller closes it."""
    file = folder / "cxcall.sqlite"
    if not file.exists():
        shutil.copy(template, file)
    engine = open_engine(f"sqlite:///{file}")
    clock = clock or Clock()
    bus, commands = Bus(int(clock().timestamp() * 1000)), Commands()
    settings = settings or Settings(site=Site(timezone="Asia/Tehran"))
    app = init_app(settings=settings, engine=engine, bus=bus, commands=commands, clock=clock, **options)
    server = AsServed(app, port=port or None)
    await server.start_server()
    async with engine.connect() as conn:
        people = {Role(user.role): user for user in await users.everyone(conn) if user.name in NAMES.values()}
    return World(app=app, server=server, engine=engine, bus=bus, commands=commands, clock=clock, people=people)


def _names(headers: Mapping[str, str]) -> dict[str, str]:
    """`hx_request` as HX-Request."""
    return {name.replace("_", "-"): value for name, value in headers.items()}


async def _answer(response: ClientResponse) -> Answer:
    return Answer(response.status, await response.text(), response.headers, str(response.url))
