"""A live stream of one speaker's sound, and who takes it: what the tap asks Asterisk for and the pipeline decodes."""

from __future__ import annotations

from typing import Literal, Protocol

import msgspec

from cxcall.speech.listening import Consented
from cxcall.speech.transcript import Speaker

RATE = 8000
"""Samples a second of a live stream: 16-bit signed, little-endian, mono (Asterisk's slin)."""

Closed = Literal["hung_up", "stopped", "lost", "broken"]
"""Why a stream ended: the channel ended, we ended it, Asterisk or the network went away, it sent what is no frame."""


class Stream(msgspec.Struct, frozen=True, kw_only=True):
    """One speaker of one call as heard through a spy.

    `id`: the uuid that names the AudioSocket connection. `call_id`: the call's record as known when it was asked for.
    `caller_id`: unique id of the caller's channel, which stays the same when calls are merged. `channel` and
    `unique_id`: of the channel that is spied on; `agent`: the queue member's interface or the phone (`PJSIP/1001`),
    `agent_name` its name, both empty for the customer. `language`: what is spoken, `engine`: what is to write it down,
    both empty for the site's. `consent`: what the caller said to being heard. `inside`: nobody in the call is outside:
    colleagues talk with each other.
    """

    id: str
    server: str
    call_id: str
    caller_id: str
    speaker: Speaker
    channel: str
    unique_id: str
    queue: str = ""
    agent: str = ""
    agent_name: str = ""
    language: str = ""
    engine: str = ""
    consent: Consented = ""
    inside: bool = False


class Sink(Protocol):
    """Takes one stream. All methods return at once: what can't be kept is marked, never waited for.

    `at`: seconds since 1970 by the wall clock, when it arrived.
    """

    def audio(self, pcm: bytes, at: float) -> None:
        """Samples as they came, RATE a second; a silent phone may send none for a while."""

    def hold(self, held: bool, at: float) -> None:
        """The talk was put on hold, or goes on: what is said meanwhile is not transcribed."""

    def close(self, why: Closed, at: float) -> None:
        """Nothing comes any more."""


class Receiver(Protocol):
    """Where streams go; given to the audio edge by the composition root."""

    def open(self, stream: Stream, at: float) -> Sink:
        """The first frame of a stream that was asked for has come."""

    def over(self, call_id: str, at: float) -> None:
        """The call itself has ended; no stream of it will come any more."""

    def merged(self, call_id: str, into: str) -> None:
        """A call has become part of another (a consultation that served it).

        Where one of the two was `inside` and the other was not, what was said in it before is nobody's but theirs.
        """
