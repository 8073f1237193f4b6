"""`cxcall serve` as a process of its own, as a site runs it: started, asked over HTTP, killed, started again."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import aiohttp

from cxcall import service
from cxcall.demo.switch.ports import free_port
from cxcall.settings import load
from cxcall.store.users import RoleName
from tests.support.schema import new_database

PASSWORD = "made up for the tests"
_START_SECONDS = 90.0
_STOP_SECONDS = 45.0


class Serving:
    """One `cxcall serve` with its data under `folder`; `environ` are settings over those of `config`."""

    def __init__(self, folder: Path, environ: Mapping[str, str], config: Path | None = None) -> None:
        self.folder = folder
        self.config = config
        self.port, self.agi_port = free_port(), free_port()
        self.environ = {
            "CXCALL_DATA__DIR": str(folder / "data"),
            "CXCALL_WEB__PORT": str(self.port),
            "CXCALL_AGI__PORT": str(self.agi_port),
            "CXCALL_AUDIO__PORT": str(free_port()),
            "CXCALL_SITE__COUNTRY": "IR",
            "CXCALL_SITE__TIMEZONE": "Asia/Tehran",
            **environ,
        }
        self._process: asyncio.subprocess.Process | None = None
        self._http: aiohttp.ClientSession | None = None

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    async def add_user(self, name: str, role: RoleName, *extensions: str, display_name: str = "") -> None:
        """Add someone who signs in with PASSWORD."""
        await service.add_user(
            load(self.config, self.environ),
            name=name,
            role=role,
            password=PASSWORD,
            display_name=display_name,
            extensions=extensions,
        )

    async def start(self) -> None:
        """Start it and wait until it answers; raises AssertionError with its log when it does not."""
        log = (self.folder / "serve.log").open("ab")
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "cxcall", *(["--config", str(self.config)] if self.config else []), "serve",
            env={**os.environ, **self.environ}, stdout=log, stderr=log, start_new_session=True,
        )  # fmt: skip
        log.close()
        async with asyncio.timeout(_START_SECONDS), aiohttp.ClientSession() as http:
            while True:
                with suppress(aiohttp.ClientError):
                    async with http.get(f"{self.address}/healthz") as answer:
                        if answer.status == 200:
                            return
                assert self._process.returncode is None, self.log()
                await asyncio.sleep(0.1)

    async def stop(self) -> None:
        """End it as a site does; SIGKILL when that takes too long."""
        await self._end(signal.SIGTERM)
        if self._http is not None:
            await self._http.close()
            self._http = None

    async def kill(self) -> None:
        """End it as a crash would."""
        await self._end(signal.SIGKILL)

    async def _end(self, how: signal.Signals) -> None:
        process = self._process
        if process is None or process.returncode is not None:
            return
        process.send_signal(how)
        try:
            await asyncio.wait_for(process.wait(), _STOP_SECONDS)
        except TimeoutError:
            process.kill()
            await process.wait()
            raise AssertionError("cxcall did not stop in time:\n" + self.log()) from None

    def log(self) -> str:
        return (self.folder / "serve.log").read_text("utf-8", "replace")[-6000:]

    async def sign_in(self, name: str) -> aiohttp.ClientSession:
        """Return a session of `name`, to be closed by the caller."""
        http = aiohttp.ClientSession(self.address, cookie_jar=aiohttp.CookieJar(unsafe=True))
        headers = {"Origin": self.address}
        async with http.get("/login") as page:
            text = await page.text()
        token = text.partition('name="csrf" content="')[2].partition('"')[0]
        form = {"name": name, "password": PASSWORD, "csrf": token}
        async with http.post("/login", data=form, headers=headers) as answer:
            assert answer.status == 200, await answer.text()
            assert "/login" not in str(answer.url), await answer.text()
        return http

    async def get(self, path: str, **query: str) -> Any:
        """Return the JSON of the API at `path`, asked for as the administrator `admin`."""
        if self._http is None:
            self._http = await self.sign_in("admin")
        async with self._http.get(path, params=query) as answer:
            assert answer.status == 200, await answer.text()
            return await answer.json()

    async def calls(self) -> list[dict[str, Any]]:
        """Return the newest calls, newest first, as whole records."""
        rows = await self.get("/api/v1/calls", limit="8")
        return [await self.get(f"/api/v1/calls/{row['id']}") for row in rows["items"]]

    async def call(self, which: Callable[[dict[str, Any]], bool], timeout: float = 40.0) -> dict[str, Any]:
        """Return the newest call that `which` says yes to, as soon as there is one."""
        until, seen = time.monotonic() + timeout, list[dict[str, Any]]()
        while time.monotonic() < until:
            seen = await self.calls()
            for record in seen:
                if which(record):
                    return record
            await asyncio.sleep(0.1)
        raise AssertionError(f"no such call; the newest is {seen[:1]}\n{self.log()}")

    async def connected(self, timeout: float = 60.0) -> None:
        """Wait until every Asterisk is followed."""
        async with asyncio.timeout(timeout), aiohttp.ClientSession(self.address) as http:
            while True:
                with suppress(aiohttp.ClientError):
                    async with http.get("/readyz") as answer:
                        if answer.status == 200:
                            return
                await asyncio.sleep(0.1)


@asynccontextmanager
async def serving(folder: Path, environ: Mapping[str, str], config: Path | None = None) -> AsyncIterator[Serving]:
    """A `cxcall serve` with an administrator `admin`, until the end of the context."""
    site = Serving(folder, environ, config)
    if "CXCALL_DATABASE__URL" not in environ:
        (folder / "data").mkdir()
        new_database(folder / "data/cxcall.sqlite")
    await site.add_user("admin", "admin", display_name="Admin")
    await site.start()
    try:
        yield site
    finally:
        await site.stop()
