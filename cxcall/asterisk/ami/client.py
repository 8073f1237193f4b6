"""A session with one Asterisk, kept up: connect, log in, watch, resync, and again with growing waits.

panoramisk's Manager makes the connection and hands each action to our protocol class (`ami/protocol.py`). Its own
reconnect, pinger and login are not used: they retry a refused password for ever in silence, never miss an
answer to a ping, and send old actions after a reconnect (docs/decisions/0030).
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import structlog
from panoramisk import Manager

from cxcall.asterisk import filters
from cxcall.asterisk.ami.errors import AmiError, NoAnswerInTime, NotConnected, Refused
from cxcall.asterisk.ami.inbox import Inbox
from cxcall.asterisk.ami.message import Headers, Wanted, marker, text
from cxcall.asterisk.ami.protocol import Link
from cxcall.asterisk.limits import Limits
from cxcall.asterisk.status import Meter
from cxcall.backoff import Backoff
from cxcall.settings import Ami

log = structlog.get_logger(__name__)


class LoginRefused(Exception):
    """Asterisk does not let us in; the text is its own message."""


class NotAsterisk(Exception):
    """Something else listens on the port, or it says nothing."""


class _Manager(Manager):  # type: ignore[misc]  # panoramisk has no types
    """panoramisk's client for one connection, without its own reconnect and pinger."""

    def connection_made(self, f: asyncio.Task[Any]) -> None:
        if not f.cancelled() and f.exception() is None:
            super().connection_made(f)

    def ping(self) -> None:
        """Ours is the session's watch."""


class Client:
    """Keeps one session with `server` while `run` runs; `action` and `listing` use it, or fail at once.

    `resync` is called after login when Asterisk says it is booted, and again each time it says so. What is read
    goes to `inbox`, in order, with markers where a session begins and ends.
    """

    def __init__(
        self,
        server: Ami,
        *,
        wanted: Wanted,
        inbox: Inbox,
        meter: Meter,
        resync: Callable[[Client], Awaitable[None]],
        limits: Limits | None = None,
    ) -> None:
        self._server = server
        self._wanted = wanted
        self._inbox = inbox
        self._meter = meter
        self._resync = resync
        self._limits = limits or Limits()
        self._filter = True
        self._manager: Any = None
        self._link: Link | None = None

    @property
    def connected(self) -> bool:
        """Whether actions are possible now."""
        return self._link is not None

    def mark(self, name: str) -> None:
        """Put a marker of ours into the stream, stamped by Asterisk's clock as far as known."""
        if self._link is not None:
            self._link.mark(marker(name, self._now()))

    async def run(self) -> None:
        """Keep a session up until cancelled; the end of each is put into the stream as a marker."""
        often, slow = Backoff(*self._limits.retry), Backoff(*self._limits.refused)
        while True:
            wait = often
            if self._meter.state != "refused":
                self._meter.turn("reconnecting" if self._meter.reconnects else "connecting")
            try:
                await self._session(often)
            except LoginRefused as error:
                wait = slow
                self._meter.turn("refused")
                self._fail(f"Asterisk refused the login of “{self._server.username}”: {error}.", self._refused_remedy())
            except NotAsterisk as error:
                self._meter.turn("reconnecting")
                self._fail(str(error), _SEE_PORT)
            except (OSError, TimeoutError) as error:
                self._meter.turn("reconnecting")
                self._fail(*self._unreachable(error))
            except Exception as error:  # whatever a peer makes us trip over, the next session may work
                log.exception("AMI session failed", server=self._server.name)
                self._meter.turn("reconnecting")
                self._fail(f"The session failed: {error!r}.", "This is an error in cxcall; its log has the details.")
            self._meter.reconnects += 1
            await asyncio.sleep(wait.next())

    async def action(
        self, name: str, fields: Mapping[str, Any] | None = None, *, limit: float | None = None
    ) -> Headers:
        """Do one action and return its answer.

        Raises NotConnected at once when there is no session, Refused when Asterisk says no, NoAnswerInTime after
        `limit` seconds and ConnectionLost when the session ends first.
        """
        link = self._link
        if link is None:
            raise NotConnected(f"There is no connection to {self._server.name} now.")
        return (await self._ask(link, name, fields, False, limit or self._limits.action))[0]

    async def act(self, name: str, fields: Mapping[str, Any], *, limit: float | None = None) -> Headers:
        """As `action`, for what must not happen late: a peer that was quiet is pinged first.

        An Asterisk that stands still would otherwise do it when it runs again, long after nobody waits for it.
        """
        link = self._link
        if link is not None and asyncio.get_running_loop().time() - link.last_heard > self._limits.fresh:
            await self.action("Ping", limit=min(2.0, self._limits.action))
        return await self.action(name, fields, limit=limit)

    async def listing(
        self, name: str, fields: Mapping[str, Any] | None = None, *, limit: float | None = None
    ) -> list[Headers]:
        """Do an action that answers with a list; its events, without answer and closing event. Errors as `action`."""
        link = self._link
        if link is None:
            raise NotConnected(f"There is no connection to {self._server.name} now.")
        return (await self._ask(link, name, fields, True, limit or self._limits.listing))[1:-1]

    async def _ask(
        self, link: Link, name: str, fields: Mapping[str, Any] | None, listing: bool, limit: float
    ) -> list[Headers]:
        answer = self._manager.send_action({"Action": name, **(fields or {})}, as_list=listing)
        try:
            async with asyncio.timeout(limit):
                items: list[Headers] = await answer
        except TimeoutError:
            raise NoAnswerInTime(f"Asterisk did not answer {name} within {limit:g} s.") from None
        finally:
            link.forget(answer)
        if text(items[0], "Response") == "Error":
            raise Refused(text(items[0], "Message") or f"Asterisk refused {name} without a reason")
        return items

    async def _session(self, often: Backoff) -> None:
        """One session from connect to loss. Raises what kept it from starting; a later loss is told in the meter."""
        link = await self._connect()
        marked = False
        try:
            booted = asyncio.Event()
            link.on_booted = booted.set
            await self._login(link)
            marked = True
            self._link = link
            if await self._prepare(link):
                self._meter.turn("connected")
                log.info("AMI connected", server=self._server.name, asterisk=self._meter.asterisk_version)
                reason = await self._attend(link, booted)
                if time.time() - self._meter.since >= _STEADY:
                    often.reset()
                self._meter.turn("reconnecting")
                self._fail(reason, link.remedy or _LOST)
                log.warning("AMI connection lost", server=self._server.name, reason=reason)
        finally:
            self._link = None
            link.drop("The session ended.")
            if marked:
                link.mark(marker("CxcallDisconnected", link.heard_at - self._meter.lag.skew()))

    async def _connect(self) -> Link:
        server = self._server
        self._manager = _Manager(
            host=server.host,
            port=server.port,
            protocol_factory=lambda: Link(
                wanted=self._wanted, inbox=self._inbox, meter=self._meter, stalled=self._limits.stalled
            ),
        )
        task = self._manager.connect()
        async with asyncio.timeout(self._limits.connect):
            transport, link = await task
        with contextlib.suppress(OSError, AttributeError):  # so that even a peer that lost its power is noticed
            transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        self._manager.pinger.cancel()
        assert isinstance(link, Link)  # noqa: S101 - for the type checker
        return link

    async def _login(self, link: Link) -> None:
        """Log in with events on; the stream starts with the answer, after our marker."""
        fields = {"Username": self._server.username, "Secret": self._server.secret, "Events": "on"}
        link.on_login = lambda: link.listen(marker("CxcallConnected", self._now()))
        try:
            await self._ask(link, "Login", fields, False, self._limits.login)
        except Refused as error:
            raise LoginRefused(str(error)) from None
        except AmiError as error:
            if not link.banner.done() or link.banner.cancelled():
                raise NotAsterisk("What listens there is not Asterisk's manager interface.") from None
            raise ConnectionError(str(error)) from None

    async def _prepare(self, link: Link) -> bool:
        """Learn the version and set this session's filter; False when it has to start again without one."""
        if link.banner.done() and not link.banner.cancelled():
            self._meter.ami_version = link.banner.result()
        with contextlib.suppress(AmiError):
            self._meter.asterisk_version = text(await self.action("CoreSettings"), "AsteriskVersion") or None
        self._meter.filtered = False
        if not self._filter:
            return True
        outcome = await filters.install(self.action, self._wanted)
        self._meter.filtered = outcome == "set"
        if outcome == "half" and not link.lost.done():
            self._filter = False
            self._fail("Only a part of the event filter could be set; connecting again without it.", None)
            return False
        return True

    async def _attend(self, link: Link, booted: asyncio.Event) -> str:
        """Watch and resync until the connection is gone; the reason."""
        tasks = [asyncio.create_task(self._watch(link)), asyncio.create_task(self._resync_when(booted))]
        for task in tasks:
            task.add_done_callback(lambda done: _report(done, link))
        try:
            return await asyncio.shield(link.lost)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _watch(self, link: Link) -> None:
        """Ping a peer that fell silent, drop it when it stays silent."""
        loop = asyncio.get_running_loop()
        while True:
            quiet = loop.time() - link.last_heard
            if quiet < self._limits.idle:
                await asyncio.sleep(self._limits.idle - quiet + 0.01)
                continue
            asked = loop.time()
            with contextlib.suppress(AmiError):
                await self.action("Ping", limit=self._limits.pong)
            if link.last_heard < asked:
                link.drop(f"Asterisk was silent for {loop.time() - link.last_heard:.0f} s and did not answer a ping.")
                return

    async def _resync_when(self, booted: asyncio.Event) -> None:
        """Resync at each FullyBooted, and once without it for a user that may not see it."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._limits.booted):
                await booted.wait()
        while True:
            booted.clear()
            await self._resync(self)
            await booted.wait()

    def _now(self) -> float:
        return time.time() - self._meter.lag.skew()

    def _fail(self, error: str, remedy: str | None) -> None:
        self._meter.fail(error, remedy)

    def _refused_remedy(self) -> str:
        return (
            f"Compare user “{self._server.username}” and its secret with manager.conf on {self._server.host}, and see"
            " that its permit= line allows this machine's address; then `manager reload` in Asterisk's console."
        )

    def _unreachable(self, error: OSError | TimeoutError) -> tuple[str, str]:
        """What went wrong with the connection, and what to do about it."""
        where = address(self._server)
        if isinstance(error, TimeoutError):
            return f"{where} did not answer in time.", "Check address, port and the firewall between the two machines."
        if isinstance(error, ConnectionRefusedError):
            return f"Nothing listens on {where}.", _SEE_PORT
        if isinstance(error, socket.gaierror):
            return f"The name {self._server.host} is not known.", "Check the host name, or give the address itself."
        return f"{where}: {error}", _LOST


def address(server: Ami) -> str:
    """Host and port as people write them."""
    host = f"[{server.host}]" if ":" in server.host else server.host
    return f"{host}:{server.port}"


_STEADY = 30.0
"""A session that lasted this long, in seconds, makes the next wait short again."""
_LOST = "Asterisk may have been restarted; cxcall connects again by itself and asks what is going on now."
_SEE_PORT = "See that Asterisk runs and that manager.conf has enabled=yes with this port and bindaddr."

_RIGHTS = "Give this manager user the rights of asterisk-conf/manager_cxcall.conf, and `manager reload`."


def _report(task: asyncio.Task[None], link: Link) -> None:
    """A helper of the session must not end unseen: the session then starts again."""
    if task.cancelled() or (error := task.exception()) is None:
        return
    if isinstance(error, AmiError):
        link.drop(str(error), remedy=_RIGHTS if isinstance(error, Refused) else None)
    else:
        log.error("AMI session helper failed", exc_info=error)
        link.drop(f"The session could not go on: {error!r}")
