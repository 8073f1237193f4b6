"""GET /ws: one WebSocket a tab, as ui/DESIGN.md describes it.

The browser says `{"sub": [channels], "seq": {channel: last number seen}, "rate": "normal" | "slow"}`, again whenever
that changes. It gets `{"ch", "seq", "t": "patch", "d"}` for everything after those numbers, or, when that is no longer
kept, too much at once, or no number was given, `"t": "snap"` with `{"stale": true}`: fetch anew. Frames leave at most
every 50 ms (hidden tabs: 2 s). Whoever is not signed in gets close code 4401; what a role may not
hear is left out silently.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable

import msgspec
import structlog
from aiohttp import WSCloseCode, WSMsgType, web

from cxcall.bus import Bus
from cxcall.store.errors import is_away, reason
from cxcall.web import csrf, hub
from cxcall.web.access import SignedIn, maybe_user_of, public
from cxcall.web.keys import BUS, LIVE
from cxcall.web.outbox import Outbox
from cxcall.web.rights import hears
from cxcall.web.session import LOOKUP_S, SESSION_COOKIE, cookie
from cxcall.web.visitors import person_behind

PING_S = 20.0
PACE_S = {"normal": 0.01, "slow": 2.0}  # the news of a ringing phone comes right behind the state of the phone
SEND_S = 30.0
STILL_SIGNED_IN_S = 60.0
MOST_CHANNELS = 64
LONGEST_REQUEST = 16 * 1024

log = structlog.get_logger("cxcall.web")
routes = web.RouteTableDef()


class Wish(msgspec.Struct, frozen=True):
    """What a browser says over the socket."""

    sub: list[str] = []
    seq: dict[str, int] = {}
    rate: str = "normal"


@routes.get("/ws")
@public
async def connect(request: web.Request) -> web.WebSocketResponse:
    if not csrf.from_here(request):
        raise web.HTTPForbidden
    # Not compressed: that would be done anew for each of many sockets, in a thread where a frame is long.
    socket = web.WebSocketResponse(heartbeat=PING_S, max_msg_size=LONGEST_REQUEST, compress=False)
    await socket.prepare(request)
    user = maybe_user_of(request)
    if user is None or request.app[LIVE].of_user(user.id) >= hub.MOST_PER_USER:
        await hub.close(socket, hub.SIGNED_OUT if user is None else hub.FULL)
        return socket
    holder = hub.Holder(socket, user.session, user.id)
    request.app[LIVE].add(holder)
    reader = Reader(request, socket, user)
    try:
        await reader.run()
    finally:
        request.app[LIVE].remove(holder)
    return socket


class Reader:
    """One connected tab: what it listens to and at what pace."""

    def __init__(self, request: web.Request, socket: web.WebSocketResponse, user: SignedIn) -> None:
        self._request = request
        self._socket = socket
        self._user = user
        self._bus: Bus = request.app[BUS]
        self._outbox = Outbox(self._bus)
        self._subscriptions: dict[str, Callable[[], None]] = {}
        self._pace = PACE_S["normal"]
        self._hurry = asyncio.Event()

    async def run(self) -> None:
        """Until the tab, the session or the process ends."""
        beside = [asyncio.ensure_future(self._write()), asyncio.ensure_future(self._watch_session())]
        try:
            async for message in self._socket:
                if message.type is WSMsgType.TEXT and not await self._hear(message.data):
                    return
        finally:
            for unsubscribe in self._subscriptions.values():  # first, as this handler may itself be cancelled
                unsubscribe()
            for task in beside:
                task.cancel()
            await asyncio.gather(*beside, return_exceptions=True)

    async def _hear(self, text: str) -> bool:
        """Do what the browser asks; False when it has to come again because the database can't say what it may."""
        try:
            wish = msgspec.json.decode(text, type=Wish)
        except msgspec.MsgspecError:
            log.warning("live_unreadable", user=self._user.name, length=len(text))
            return True
        self._pace = PACE_S.get(wish.rate, self._pace)
        self._hurry.set()
        wanted = dict.fromkeys(wish.sub[:MOST_CHANNELS])
        for channel in self._subscriptions.keys() - wanted.keys():
            self._subscriptions.pop(channel)()
            self._outbox.drop(channel)
        try:
            async with asyncio.timeout(LOOKUP_S):
                for channel in wanted:
                    if channel in self._subscriptions or await hears(self._request, self._user, channel):
                        self._listen(channel, wish.seq.get(channel))
        except Exception as error:
            if not is_away(error):
                raise
            log.warning("live_rights_unknown", user=self._user.name, error=reason(error))
            await hub.close(self._socket, WSCloseCode.TRY_AGAIN_LATER)
            return False
        return True

    def _listen(self, channel: str, seq: int | None) -> None:
        """Send what came after `seq`, then whatever comes. A channel already listened to is caught up: its reader
        saw a gap."""
        if channel not in self._subscriptions:
            self._subscriptions[channel] = self._bus.subscribe(channel, self._outbox.put)
        missed = self._bus.since(channel, seq) if seq is not None else None
        self._outbox.drop(channel)
        if missed is None:
            self._outbox.stale(channel)
        for message in missed or ():
            self._outbox.put(message)

    async def _write(self) -> None:
        try:
            while True:
                await self._outbox.wait()
                for frame in self._outbox.take():
                    async with asyncio.timeout(SEND_S):
                        await self._socket.send_str(frame)
                await self._rest()
        except (ConnectionError, TimeoutError):
            await hub.close(self._socket, hub.FULL)

    async def _rest(self) -> None:
        """Between two batches; a tab that is shown again does not wait for the end of its slow pace."""
        self._hurry.clear()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._pace):
                await self._hurry.wait()

    async def _watch_session(self) -> None:
        """Sessions also end in other processes and by time."""
        while True:
            await asyncio.sleep(STILL_SIGNED_IN_S)
            try:
                async with asyncio.timeout(LOOKUP_S):
                    user = await person_behind(self._request, cookie(self._request, SESSION_COOKIE))
            except Exception as error:  # the database may be away for a while; the next look tells
                log.warning("live_session_unknown", user=self._user.name, error=type(error).__name__)
                continue
            if user is None or user.role is not self._user.role or user.phones != self._user.phones:
                await hub.close(self._socket, hub.SIGNED_OUT)
                return
