"""AudioSocket without its socket: bytes in, events out; commands in, bytes out. No I/O, no clock.

Theory of operation
-------------------
Asterisk opens the connection. From then on both sides send frames: one byte that says the kind, two that say how long
the payload is (big-endian), the payload. Asterisk's first frame is the UUID that the dialplan or an Originate named the
stream with; nothing else names it, and there is no password. Then comes sound, 20 ms a frame, and keys.

    NAME ──uuid──▶ SOUND ──sound, key──▶ SOUND ──hang up──▶ OVER        and BROKEN, for good, after a PeerError

The first frame can only be `01 00 10` and 16 bytes, so whoever is no Asterisk is refused at the first wrong byte, and
what is kept of a stream is never more than one frame. `next_event` is asked until it gives None, and gives the same
events however the network cut the bytes. Only hang up and sound may be sent to Asterisk: it ends a stream that sends
anything else. Kinds of frame: Asterisk's res_audiosocket; as measured on Asterisk 22 (docs/decisions/0170).
"""

from __future__ import annotations

from enum import IntEnum, auto
from uuid import UUID

import msgspec

HANG_UP, NAME, KEY, SOUND_8, ERROR = 0x00, 0x01, 0x03, 0x10, 0xFF
RATES = {
    0x10: 8_000, 0x11: 12_000, 0x12: 16_000, 0x13: 24_000, 0x14: 32_000, 0x15: 44_100, 0x16: 48_000, 0x17: 96_000,
    0x18: 192_000,
}  # fmt: skip
"""Samples a second by kind of frame: 16-bit signed, little-endian, mono."""

KEYS = frozenset("0123456789*#ABCD")
LONGEST = 32_768
"""Bytes of a payload: 80 ms of the highest rate. The format could have 65,535."""

_HEAD = 3
_NAME_HEAD = bytes((NAME, 0, 16))


class PeerError(Exception):
    """What came is no AudioSocket; the text says how."""


class Named(msgspec.Struct, frozen=True, kw_only=True):
    """The stream's name, a UUID in its usual form."""

    id: str


class Sound(msgspec.Struct, frozen=True, kw_only=True):
    """Samples, `rate` of them a second."""

    pcm: bytes
    rate: int


class Key(msgspec.Struct, frozen=True, kw_only=True):
    """A key was pressed: 0-9 * # A-D."""

    key: str


class HungUp(msgspec.Struct, frozen=True, kw_only=True):
    """The channel is gone. Nothing follows."""


class Failed(msgspec.Struct, frozen=True, kw_only=True):
    """Asterisk tells of its own error: 1 hang-up, 2 a frame it could not pass on, 4 memory; 0: it won't say."""

    code: int


Event = Named | Sound | Key | HungUp | Failed


class State(IntEnum):
    NAME = auto()
    SOUND = auto()
    OVER = auto()
    BROKEN = auto()


class Codec:
    """One stream, from its first byte."""

    __slots__ = ("_buffer", "_why", "state")

    def __init__(self) -> None:
        self.state = State.NAME
        self._buffer = bytearray()
        self._why = ""

    def receive(self, data: bytes) -> None:
        """Take what was read; `next_event` then says what it means."""
        if self.state in (State.NAME, State.SOUND):
            self._buffer += data

    def next_event(self) -> Event | None:
        """The next event, or None when more bytes are needed.

        Raises PeerError when this is no AudioSocket, again and again from then on.
        """
        if self.state is State.BROKEN:
            raise PeerError(self._why)
        try:
            return self._frame()
        except PeerError as error:
            self._why = str(error)
            self.state = State.BROKEN
            self._buffer.clear()
            raise

    @property
    def waiting(self) -> int:
        """Bytes of a frame that has only begun."""
        return len(self._buffer)

    def _frame(self) -> Event | None:
        buffer = self._buffer
        if self.state is State.NAME:
            begun = bytes(buffer[:_HEAD])
            if not _NAME_HEAD.startswith(begun):
                raise PeerError(f"The first frame begins with {begun.hex(' ')} and not with {_NAME_HEAD.hex(' ')}.")
        if buffer and buffer[0] not in _READERS:
            raise PeerError(f"There is no frame of kind 0x{buffer[0]:02x}.")
        if len(buffer) < _HEAD:
            return None
        kind, length = buffer[0], buffer[1] << 8 | buffer[2]
        if length > LONGEST:
            raise PeerError(f"A frame of {length} bytes is announced; the longest is {LONGEST}.")
        if len(buffer) < _HEAD + length:
            return None
        payload = bytes(buffer[_HEAD : _HEAD + length])
        del buffer[: _HEAD + length]
        return _READERS[kind](self, kind, payload)

    def _name(self, _: int, payload: bytes) -> Event:
        if self.state is not State.NAME:
            raise PeerError("The stream is named a second time.")
        self.state = State.SOUND
        return Named(id=str(UUID(bytes=payload)))

    def _sound(self, kind: int, payload: bytes) -> Event:
        if len(payload) % 2:
            raise PeerError(f"{len(payload)} bytes of sound are no whole samples.")
        return Sound(pcm=payload, rate=RATES[kind])

    def _key(self, _: int, payload: bytes) -> Event:
        key = payload.decode("ascii", "replace")
        if key not in KEYS:
            raise PeerError(f"{payload[:20]!r} is no key.")
        return Key(key=key)

    def _hang_up(self, _: int, payload: bytes) -> Event:
        if payload:
            raise PeerError(f"A hang-up comes with {len(payload)} bytes.")
        self.state = State.OVER
        self._buffer.clear()
        return HungUp()

    def _failed(self, _: int, payload: bytes) -> Event:
        return Failed(code=payload[0] if payload else 0)


_READERS = {
    HANG_UP: Codec._hang_up,
    NAME: Codec._name,
    KEY: Codec._key,
    ERROR: Codec._failed,
    **dict.fromkeys(RATES, Codec._sound),
}


def hang_up() -> bytes:
    """The frame that ends the channel at Asterisk; a spy ends by it, and the call it listened to lives."""
    return bytes((HANG_UP, 0, 0))


def name(stream: str) -> bytes:
    """The first frame, as Asterisk sends it. Raises ValueError for what is no UUID."""
    return _NAME_HEAD + UUID(stream).bytes


def sound(pcm: bytes, rate: int = 8_000) -> bytes:
    """A frame of sound. Raises ValueError for half a sample, too many, or a rate the format does not have."""
    kind = next((kind for kind, known in RATES.items() if known == rate), None)
    if kind is None or len(pcm) % 2 or len(pcm) > LONGEST:
        raise ValueError(f"{len(pcm)} bytes of sound, {rate} a second, make no frame.")
    return bytes((kind, len(pcm) >> 8, len(pcm) & 0xFF)) + pcm
