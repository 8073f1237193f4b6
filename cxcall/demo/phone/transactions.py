"""Requests that get their answers, and answers that get through (RFC 3261 section 17, as far as a loopback needs it).

Requests are sent again until something is heard, an answer to an INVITE until its ACK, and a request that comes twice
gets the same answer twice.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress

from cxcall.demo.phone.sip import Request, Response

_AGAIN_SECONDS = (0.5, 1.0, 2.0, 4.0)
_KEPT_ANSWERS = 500


class Transactions:
    """The open transactions of one phone."""

    def __init__(self, send: Callable[[bytes], None]) -> None:
        """`send` puts a message on the wire."""
        self._send = send
        self._asked: dict[tuple[str, str], _Asked] = {}
        self._answered: dict[tuple[str, str], bytes] = {}
        self._unacknowledged: dict[str, asyncio.Event] = {}

    async def ask(self, request: Request, *, timeout: float) -> Response:
        """Send `request` until it is answered; return the final answer, raise TimeoutError after `timeout` seconds."""
        key = (request.branch, request.method)
        asked = self._asked[key] = _Asked()
        try:
            async with asyncio.timeout(timeout):
                for pause in _AGAIN_SECONDS:
                    self._send(request.encode())
                    if await _set_within(asked.heard, pause):
                        break
                return await asked.final
        finally:
            del self._asked[key]

    def reply(self, request: Request, response: Response) -> None:
        """Answer `request`, and again if it comes again."""
        while len(self._answered) >= _KEPT_ANSWERS:
            del self._answered[next(iter(self._answered))]
        self._answered[request.branch, request.method] = response.encode()
        self._send(response.encode())

    async def reply_until_acknowledged(self, invite: Request, response: Response) -> None:
        """Answer `invite` until its ACK comes; give up silently, as the caller may be gone."""
        acknowledged = self._unacknowledged[invite.get("Call-ID")] = asyncio.Event()
        try:
            for pause in _AGAIN_SECONDS:
                self.reply(invite, response)
                if await _set_within(acknowledged, pause):
                    return
        finally:
            self._unacknowledged.pop(invite.get("Call-ID"), None)

    def take_response(self, response: Response) -> bool:
        """Hand `response` to who waits for it; say whether somebody did."""
        asked = self._asked.get((response.branch, response.sequence[1]))
        if asked is None:
            return False
        asked.heard.set()
        if response.status >= 200 and not asked.final.done():
            asked.final.set_result(response)
        return True

    def take_again(self, request: Request) -> bool:
        """Take an ACK, or answer a request that was answered before; say whether it was one of these."""
        if request.method == "ACK":
            if acknowledged := self._unacknowledged.get(request.get("Call-ID")):
                acknowledged.set()
            return True
        earlier = self._answered.get((request.branch, request.method))
        if earlier is not None:
            self._send(earlier)
        return earlier is not None


class _Asked:
    """A request under way: `heard` anything of it, and its `final` answer."""

    def __init__(self) -> None:
        self.heard = asyncio.Event()
        self.final: asyncio.Future[Response] = asyncio.get_running_loop().create_future()


async def _set_within(event: asyncio.Event, seconds: float) -> bool:
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()
    return event.is_set()
