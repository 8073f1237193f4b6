"""A SIP phone on the loopback: one UDP port, any number of calls."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager, suppress
from enum import StrEnum

import structlog

from cxcall.demo.phone import sdp, sip
from cxcall.demo.phone.audio import AudioPort, Pacer
from cxcall.demo.phone.call import Call, State
from cxcall.demo.phone.dialog import Dialog, answer
from cxcall.demo.phone.sip import Address, Malformed, Request, Response
from cxcall.demo.phone.transactions import Transactions

log = structlog.get_logger(__name__)

_KEPT_CALLS = 200
_LONGEST_RINGING = 3_600.0
"""Seconds a call may ring or wait in a queue that does not answer; the switch ends it long before."""


class Policy(StrEnum):
    """What a phone does by itself when a call comes in."""

    ANSWER = "answer"
    RING = "ring"  # until somebody calls Call.answer or Call.refuse
    BUSY = "busy"  # 486
    DECLINE = "decline"  # 603
    UNAVAILABLE = "unavailable"  # 480
    FORWARD = "forward"  # 302 to `forward_to`


_REFUSALS = {Policy.BUSY: 486, Policy.DECLINE: 603, Policy.UNAVAILABLE: 480, Policy.FORWARD: 302}


class Phone(asyncio.DatagramProtocol):
    """A phone with `number` that calls through `server`; use `async with Phone.start(…)`.

    The attributes `policy`, `answer_after`, `hang_up_after`, `forward_to`, `sound`, `listen` hold for the next calls.
    """

    def __init__(self, number: str, server: tuple[str, int], *, name: str = "") -> None:
        """Not for use from outside: see `start`."""
        self.number = number
        self.name = name
        self.server = server
        self.policy = Policy.ANSWER
        self.answer_after = 0.3
        self.hang_up_after: float | None = None
        self.forward_to: str | None = None
        self.sound: bytes | None = None
        self.listen = False
        self.pacer = Pacer()
        self.malformed = 0
        self._calls: dict[str, Call] = {}
        self._came_in: asyncio.Queue[Call] = asyncio.Queue()
        self.transactions = Transactions(self._send)
        self._tasks: set[asyncio.Task[None]] = set()
        self._closed = asyncio.Event()
        self._transport: asyncio.DatagramTransport

    @classmethod
    @asynccontextmanager
    async def start(
        cls,
        number: str,
        server: tuple[str, int],
        *,
        port: int = 0,
        name: str = "",
        policy: Policy = Policy.ANSWER,
        answer_after: float = 0.3,
        hang_up_after: float | None = None,
        sound: bytes | None = None,
        listen: bool = False,
    ) -> AsyncIterator[Phone]:
        """Have a phone for as long as the context lasts; its calls end with it.

        `server`: where SIP requests go. `port`: where it listens, 0 for any free one (a phone nobody needs to reach).
        `answer_after`, `hang_up_after`: seconds; the latter after answering, None for never. `sound`: µ-law, looped.
        `listen`: keep what is heard. Raises OSError when the port is taken.
        """
        phone = cls(number, server, name=name)
        phone.policy, phone.answer_after, phone.hang_up_after = policy, answer_after, hang_up_after
        phone.sound, phone.listen = sound, listen
        loop = asyncio.get_running_loop()
        transport, _ = await loop.create_datagram_endpoint(lambda: phone, local_addr=("127.0.0.1", port))
        phone._transport = transport
        pacing = asyncio.create_task(phone.pacer.run())
        try:
            yield phone
        finally:
            await phone._end_all()
            pacing.cancel()
            transport.close()
            await phone._closed.wait()

    @property
    def port(self) -> int:
        """UDP port of its SIP."""
        port: int = self._transport.get_extra_info("sockname")[1]
        return port

    @property
    def calls(self) -> list[Call]:
        """Its calls now, oldest first."""
        return list(self._calls.values())

    def uri_of(self, number: str) -> str:
        """Return the SIP URI of `number` at the server."""
        return f"sip:{number}@{self.server[0]}:{self.server[1]}"

    def call(self, number: str, *, from_number: str = "", from_name: str = "") -> Call:
        """Call `number` and return at once; wait with `Call.rings`, `Call.answered`, `Call.ended`.

        `from_number`, `from_name`: who to be instead of this phone, as a trunk may.
        """
        caller = Address(uri=self.uri_of(from_number or self.number), name=from_name or self.name)
        audio = AudioPort(self.sound, self.listen)
        dialog = Dialog.to(self.uri_of(number), contact=self._contact, caller=caller)
        offer = sdp.write(sdp.Audio(host="127.0.0.1", port=audio.port), 0)
        call = Call(self, dialog, dialog.request("INVITE", body=offer), audio, incoming=False)
        self._calls[dialog.call_id] = call
        self._go(self._place(call))
        return call

    async def next_call(self, timeout: float = 10.0) -> Call:
        """Return the next call that comes in, oldest first; raises TimeoutError."""
        async with asyncio.timeout(timeout):
            return await self._came_in.get()

    # ---- for Call

    @property
    def _contact(self) -> str:
        return f"sip:{self.number}@127.0.0.1:{self.port}"

    def send(self, message: Request | Response) -> None:
        """Send one message to the server."""
        self._send(message.encode())

    def _send(self, data: bytes) -> None:
        if not self._transport.is_closing():
            self._transport.sendto(data, self.server)

    def forget(self, call: Call) -> None:
        """Take a call that is over off the list."""
        self._calls.pop(call.dialog.call_id, None)

    # ---- datagrams

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        """Take one datagram; what is no SIP message is counted and dropped."""
        if not data.strip(b"\r\n\0"):
            return  # a keep-alive
        try:
            message = sip.parse(data)
        except Malformed as error:
            self.malformed += 1
            if self.malformed == 1:
                log.warning("not a SIP message", phone=self.number, why=str(error))
            return
        if isinstance(message, Response):
            self._take_response(message)
        else:
            self._take_request(message)

    def connection_lost(self, exc: Exception | None) -> None:
        """The port is free again."""
        self._closed.set()

    def error_received(self, exc: Exception) -> None:
        """Nothing listens at the server's port now: requests are sent again, and their waits have limits."""

    def _take_response(self, response: Response) -> None:
        call = self._calls.get(response.get("Call-ID"))
        awaited = self.transactions.take_response(response)
        if call is None or response.sequence[1] != "INVITE":
            return
        call.tried()
        if 100 < response.status < 200:
            call.dialog.established(response)
            call.ringing()
        elif response.status >= 200 and not awaited:
            self.send(call.dialog.ack(call.invite, response))  # our ACK was lost

    def _take_request(self, request: Request) -> None:
        if self.transactions.take_again(request):
            return
        call = self._calls.get(request.get("Call-ID"))
        if call is None:
            self._take_first(request)
        else:
            self._take_next(call, request)

    def _take_first(self, request: Request) -> None:
        if request.method == "INVITE":
            self._take_call(request)
        elif request.method == "OPTIONS":
            self.transactions.reply(request, answer(request, 200, tag="options"))
        else:
            self.transactions.reply(request, answer(request, 481, tag="unknown"))

    def _take_next(self, call: Call, request: Request) -> None:
        if request.method == "INVITE" and request.branch != call.invite.branch:
            self.transactions.reply(request, call.described_again(request))
        elif request.method == "INVITE":
            return  # the first one once more, while we ring
        elif request.method == "CANCEL":
            self.transactions.reply(request, call.dialog.answer(request, 200))
            if call.state is State.RINGING:
                self.transactions.reply(call.invite, call.dialog.answer(call.invite, 487))
                call.over(487)
        else:
            self.transactions.reply(request, call.dialog.answer(request, 200))
            if request.method == "BYE":
                call.over(call.status)
            elif request.method == "NOTIFY" and call.transfer_went_on(request.body):
                self._go(call.hang_up())

    def _take_call(self, invite: Request) -> None:
        dialog = Dialog.of(invite, contact=self._contact)
        call = Call(self, dialog, invite, AudioPort(self.sound, self.listen), incoming=True)
        self._calls[dialog.call_id] = call
        if self._came_in.qsize() >= _KEPT_CALLS:
            self._came_in.get_nowait()
        self._came_in.put_nowait(call)
        self._go(self._receive(call))

    # ---- what goes on beside

    async def _receive(self, call: Call) -> None:
        if self.policy in _REFUSALS:
            await call.refuse(_REFUSALS[self.policy], forward_to=self.forward_to)
            return
        self.transactions.reply(call.invite, call.dialog.answer(call.invite, 180))
        if self.policy is Policy.RING:
            return
        hang_up_after = self.hang_up_after
        await asyncio.sleep(self.answer_after)
        await call.answer()
        if hang_up_after is not None:
            await asyncio.sleep(hang_up_after)
            await call.hang_up()

    async def _place(self, call: Call) -> None:
        try:
            response = await self.transactions.ask(call.invite, timeout=_LONGEST_RINGING)
        except TimeoutError:
            call.over(408)
            return
        call.dialog.established(response)
        self.send(call.dialog.ack(call.invite, response))
        if response.status >= 300:
            call.over(response.status)
        else:
            call.accepted(response)
            if call.we_ended:  # the answer crossed our CANCEL
                await call.hang_up()

    def _go(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None and not self._transport.is_closing():
            log.warning("a phone's call went wrong", phone=self.number, error=repr(error))

    async def _end_all(self) -> None:
        for call in self.calls:
            with suppress(TimeoutError):
                async with asyncio.timeout(1.0):
                    await call.hang_up()
        for call in self.calls:
            call.over(call.status, we_ended=True)
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
