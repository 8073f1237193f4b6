"""One call at a phone: what a person with a handset can do with it. Every wait has a limit."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from enum import StrEnum
from typing import TYPE_CHECKING

from cxcall.demo.phone import sdp, sip
from cxcall.demo.phone.audio import AudioPort
from cxcall.demo.phone.dialog import Dialog
from cxcall.demo.phone.rtp import Listener
from cxcall.demo.phone.sdp import Direction
from cxcall.demo.phone.sip import Request, Response

if TYPE_CHECKING:
    from cxcall.demo.phone.phone import Phone

_SIP_SECONDS = 10.0


class State(StrEnum):
    """Where a call is."""

    RINGING = "ringing"
    TALKING = "talking"
    ENDED = "ended"


class CallFailed(Exception):
    """The call ended before what was waited for; the text says with which answer."""


class Call:
    """A call that came in or goes out. `status` is the final answer to the INVITE, None until there is one."""

    def __init__(self, phone: Phone, dialog: Dialog, invite: Request, audio: AudioPort, *, incoming: bool) -> None:
        """Made by Phone."""
        self.phone = phone
        self.dialog = dialog
        self.invite = invite
        self.incoming = incoming
        self.state = State.RINGING
        self.status: int | None = None
        self.invited_at = time.time()
        """Epoch seconds when the INVITE came in, or went out."""
        self.answered_at: float | None = None
        self.ended_at: float | None = None
        self.we_ended = False
        self.on_hold = False
        self.transfer_progress: list[int] = []
        """SIP statuses that NOTIFYs told of a transfer we asked for: 100, then 200 or why not."""
        self._audio = audio
        self._version = 0
        self._tried = asyncio.Event()
        self._rings = asyncio.Event()
        self._answered = asyncio.Event()
        self._ended = asyncio.Event()

    @property
    def number(self) -> str:
        """The other side's number, as the caller's identity has it."""
        return self._other.user

    @property
    def name(self) -> str:
        """The other side's name, empty when there is none."""
        return self._other.name

    @property
    def heard(self) -> Listener:
        """Sound and keys that came in (nothing unless the phone listens)."""
        return self._audio.listener

    @property
    def _other(self) -> sip.Address:
        if not self.incoming:
            return self.dialog.remote
        return sip.address(self.invite.get("P-Asserted-Identity") or self.invite.get("From"))

    async def rings(self, timeout: float = 5.0) -> None:
        """Wait until the other side rings; raises TimeoutError, CallFailed."""
        await self._until(self._rings, timeout)

    async def answered(self, timeout: float = 10.0) -> None:
        """Wait until the call is answered; raises TimeoutError, CallFailed when it ended instead."""
        await self._until(self._answered, timeout)

    async def ended(self, timeout: float = 20.0) -> None:
        """Wait until the call is over; raises TimeoutError."""
        async with asyncio.timeout(timeout):
            await self._ended.wait()

    async def answer(self) -> None:
        """Pick up an incoming call; nothing happens when it is up or over."""
        if self.state is not State.RINGING or not self.incoming:
            return
        self._hear(self.invite.body)
        answer = self.dialog.answer(self.invite, 200, body=self._description("sendrecv"))
        self.talking(200)
        await self.phone.transactions.reply_until_acknowledged(self.invite, answer)

    async def refuse(self, status: int = 486, *, forward_to: str | None = None) -> None:
        """Refuse an incoming call: 486 busy, 603 declined, 480 unavailable, 302 with the number to try instead."""
        if self.state is not State.RINGING or not self.incoming:
            return
        contact = (("Contact", f"<{self.phone.uri_of(forward_to)}>"),) if forward_to else ()
        answer = self.dialog.answer(self.invite, status)
        kept = tuple(header for header in answer.headers if header[0] != "Contact") + contact
        self.phone.transactions.reply(self.invite, Response(status=status, headers=kept))
        self.over(status, we_ended=True)

    async def hang_up(self) -> None:
        """End the call as it stands: CANCEL while it goes out and rings, 603 while it comes in, BYE afterwards.

        Raises TimeoutError when the switch does not answer within 10 s.
        """
        if self.state is State.TALKING:
            self.over(self.status, we_ended=True)
            await self._ask("BYE")
        elif self.state is State.RINGING and self.incoming:
            await self.refuse(603)
        elif self.state is State.RINGING:
            self.we_ended = True
            await self._known_to_the_switch()
            if self.state is State.RINGING:
                await self.phone.transactions.ask(self.dialog.cancel(self.invite), timeout=_SIP_SECONDS)

    async def hold(self) -> None:
        """Put the other side on hold; raises CallFailed when the switch refuses."""
        await self._reinvite("sendonly")
        self.on_hold = True

    async def unhold(self) -> None:
        """Talk again; raises CallFailed when the switch refuses."""
        await self._reinvite("sendrecv")
        self.on_hold = False

    async def transfer(self, number: str) -> None:
        """Send the other side to `number` (blind, REFER); raises CallFailed when the switch refuses.

        The phone hangs up by itself once the switch reports success; after a failure the call goes on.
        """
        await self._refer(f"<{self.phone.uri_of(number)}>")

    async def transfer_to(self, consultation: Call) -> None:
        """Connect the other side with the one of `consultation` (attended, REFER with Replaces); raises CallFailed."""
        target = consultation.dialog.asked
        await self._refer(f"<{target}?Replaces={consultation.dialog.replaces}>")

    def press(self, keys: str) -> None:
        """Press `keys` (0-9 * # A-D), sent in the audio (RFC 4733), about a quarter of a second each."""
        self._audio.speaker.press(keys)
        self.phone.pacer.wake()

    async def press_by_info(self, keys: str) -> None:
        """Press `keys`, sent as SIP INFO."""
        for key in keys:
            await self._ask("INFO", body=f"Signal={key}\r\nDuration=160\r\n", kind="application/dtmf-relay")

    def say(self, sound: bytes | None) -> None:
        """Send `sound` (µ-law, looped) from now on, None for silence."""
        self._audio.speaker.sound = sound
        self.phone.pacer.wake()

    def say_once(self, sound: bytes) -> None:
        """Send `sound` (µ-law) from now on to its end, then what was sent before; 8,000 bytes are a second."""
        self._audio.speaker.say(sound)
        self.phone.pacer.wake()

    def tried(self) -> None:
        """The switch has the INVITE (called by Phone)."""
        self._tried.set()

    def ringing(self) -> None:
        """The other side said that it rings (called by Phone)."""
        self._rings.set()

    def talking(self, status: int) -> None:
        """The call is up (called by Phone)."""
        self.status = status
        self.state = State.TALKING
        self.answered_at = time.time()
        self.phone.pacer.add(self._audio)
        self._rings.set()
        self._answered.set()

    def accepted(self, answer: Response) -> None:
        """Our call was answered (called by Phone)."""
        self._hear(answer.body)
        self.talking(answer.status)

    def over(self, status: int | None, *, we_ended: bool = False) -> None:
        """The call has ended (called by Phone)."""
        if self.state is State.ENDED:
            return
        self.state = State.ENDED
        self.status = status
        self.we_ended = self.we_ended or we_ended
        self.ended_at = time.time()
        self.phone.pacer.remove(self._audio)
        self._audio.close()
        self.phone.forget(self)
        self._ended.set()

    def described_again(self, request: Request) -> Response:
        """Return the answer to a new description of the other side's audio (called by Phone)."""
        self._hear(request.body)
        offered = sdp.read(request.body)
        return self.dialog.answer(request, 200, body=self._description(offered.answered if offered else "sendrecv"))

    def transfer_went_on(self, fragment: str) -> bool:
        """Note what a NOTIFY says of the transfer; say whether it is done, so that we leave (called by Phone)."""
        status = fragment.partition(" ")[2][:3]
        if status.isdecimal():
            self.transfer_progress.append(int(status))
        return status.startswith("2")

    async def _until(self, event: asyncio.Event, timeout: float) -> None:
        waits = [asyncio.ensure_future(event.wait()), asyncio.ensure_future(self._ended.wait())]
        try:
            done, _ = await asyncio.wait(waits, timeout=timeout, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
        if event.is_set():
            return
        if not done:
            raise TimeoutError(f"nothing happened within {timeout:g} s to the call with {self.number}")
        raise CallFailed(f"the call with {self.number} ended with {self.status}")

    async def _known_to_the_switch(self) -> None:
        """Wait until a CANCEL would find its INVITE (RFC 3261 section 9.1), or the call is over."""
        with suppress(TimeoutError, CallFailed):
            await self._until(self._tried, _SIP_SECONDS)

    async def _reinvite(self, direction: Direction) -> None:
        response = await self._ask("INVITE", body=self._description(direction))
        self._hear(response.body)

    async def _refer(self, target: str) -> None:
        self.transfer_progress.clear()
        referrer = ("Referred-By", f"<{self.dialog.local.uri}>")
        await self._ask("REFER", headers=(("Refer-To", target), referrer))

    async def _ask(self, method: str, *, body: str = "", kind: str = "", headers: sip.Headers = ()) -> Response:
        request = self.dialog.request(method, body=body, kind=kind, headers=headers)
        response = await self.phone.transactions.ask(request, timeout=_SIP_SECONDS)
        if method == "INVITE":
            self.phone.send(self.dialog.ack(request, response))
        if response.status >= 300 and method != "BYE":
            raise CallFailed(f"{method} was answered with {response.status}")
        return response

    def _description(self, direction: Direction) -> str:
        self._version += 1
        return sdp.write(sdp.Audio(host="127.0.0.1", port=self._audio.port, direction=direction), self._version)

    def _hear(self, body: str) -> None:
        if audio := sdp.read(body):
            self._audio.send_to(audio.host, audio.port)
