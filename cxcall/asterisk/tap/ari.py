"""The few requests of Asterisk's REST interface that listening needs, and the connection that keeps our application."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from typing import Any

import aiohttp
import structlog

from cxcall.backoff import Backoff
from cxcall.settings import Ami

APP = "cxcall"
"""Our Stasis application: channels are in it for as long as our WebSocket is there."""

_REQUEST_S = 3.0
_HEARTBEAT_S = 10.0
_STEADY_S = 30.0

log = structlog.get_logger(__name__)


class AriError(Exception):
    """A request was not done; the text says why."""


class Ari:
    """One server's REST interface. `gone` is told of each channel of ours that ended, `lost` when all may have."""

    def __init__(self, server: Ami, *, gone: Callable[[str], None], lost: Callable[[], None]) -> None:
        self._url = server.ari_url.rstrip("/")
        self._user, self._password = server.ari_user, server.ari_password
        self._gone, self._lost = gone, lost
        self._session: aiohttp.ClientSession | None = None
        self._running: asyncio.Task[None] | None = None
        self._there = asyncio.Event()
        self.problem = ""
        self.host = ""
        """Our address as Asterisk's machine reaches it."""

    async def ready(self) -> None:
        """Wait until our application is known. Raises AriError."""
        if self._running is None or self._running.done():
            self._running = asyncio.create_task(self._run())
        try:
            async with asyncio.timeout(_REQUEST_S):
                await self._there.wait()
        except TimeoutError:
            raise AriError(self.problem or f"{self._url} does not answer.") from None

    async def ask(self, method: str, path: str, body: Any = None, **query: str) -> Any:
        """What Asterisk answers to one request. Raises AriError."""
        if self._session is None:
            raise AriError("There is no connection to Asterisk's REST interface.")
        try:
            async with self._session.request(method, f"{self._url}{path}", params=query, json=body) as answer:
                if answer.status >= 400:
                    raise AriError(f"{method} {path.partition('?')[0]}: {answer.status} {answer.reason}")
                return await answer.json() if answer.status == 200 else None
        except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as error:
            raise AriError(f"{self._url} can't be asked: {str(error) or 'no answer'}.") from error

    async def close(self) -> None:
        if self._running is not None:
            self._running.cancel()
            await asyncio.gather(self._running, return_exceptions=True)

    async def _run(self) -> None:
        """Keep the WebSocket; without it Asterisk ends our channels."""
        wait = Backoff(0.5, 30.0)
        who = {"Authorization": aiohttp.encode_basic_auth(self._user, self._password)}
        limits = aiohttp.ClientTimeout(total=_REQUEST_S)
        async with aiohttp.ClientSession(headers=who, timeout=limits) as self._session:
            while True:
                began = asyncio.get_running_loop().time()
                try:
                    await self._listen(self._session)
                    self.problem = f"{self._url} closed the connection."
                except aiohttp.WSServerHandshakeError as error:
                    mend = "ari_user and ari_password" if error.status in (401, 403) else "ari_url and ari.conf"
                    self.problem = f"{self._url} refuses us ({error.status}): check {mend}."
                except (aiohttp.ClientError, OSError, TimeoutError) as error:
                    self.problem = f"{self._url} can't be reached: {str(error) or 'no answer'}."
                if self._there.is_set():
                    self._there.clear()
                    self._lost()
                if asyncio.get_running_loop().time() - began > _STEADY_S:
                    wait.reset()
                await asyncio.sleep(wait.next())

    async def _listen(self, session: aiohttp.ClientSession) -> None:
        where = f"{self._url}/events"
        async with session.ws_connect(where, params={"app": APP}, heartbeat=_HEARTBEAT_S, max_msg_size=1 << 20) as line:
            self.host = str(line.get_extra_info("sockname", ("127.0.0.1",))[0])
            self.problem = ""
            self._there.set()
            async for message in line:
                with contextlib.suppress(ValueError, KeyError, TypeError):
                    event = message.json() if message.type is aiohttp.WSMsgType.TEXT else {}
                    if event.get("type") in ("StasisEnd", "ChannelDestroyed"):
                        self._gone(event["channel"]["id"])
