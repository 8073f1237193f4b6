"""RTP packets of a speaker and a listener (RFC 3550, key presses RFC 4733). Pure: a packet goes out per 20 ms tick."""

from __future__ import annotations

import random
import struct
from collections import deque
from collections.abc import Iterator

from cxcall.demo.phone.sdp import KEYS_PAYLOAD
from cxcall.demo.phone.sound import RATE, SILENCE

TICK = 0.02
"""Seconds of sound in a packet."""

_SAMPLES = int(RATE * TICK)
_HEADER = struct.Struct("!BBHII")
_KEYS = "0123456789*#ABCD"
_KEY_TICKS, _KEY_ENDS, _PAUSE_TICKS = 8, 3, 5
"""A key is down for 160 ms, its end is said three times, and 100 ms pass before the next."""


class Speaker:
    """Makes the packets of one direction: pressed keys, what is said once, else `sound` over and over, or silence."""

    def __init__(self, sound: bytes | None = None) -> None:
        """`sound`: µ-law, looped; None for silence."""
        self.sound = sound
        self._position = 0
        self._once = memoryview(b"")
        self._sequence = random.randrange(0x8000)
        self._timestamp = random.randrange(0x8000_0000)
        self._source = random.getrandbits(32)
        self._keys: deque[Iterator[bytes | None]] = deque()

    @property
    def pressing(self) -> bool:
        """Whether keys are still to be sent."""
        return bool(self._keys)

    def press(self, keys: str) -> None:
        """Send `keys` with the coming packets; raises ValueError for one a phone does not have."""
        for key in keys:
            self._keys.append(self._press(_KEYS.index(key.upper())))

    @property
    def saying(self) -> bool:
        """Whether something that is said once is not over."""
        return len(self._once) > 0

    def say(self, sound: bytes) -> None:
        """Send `sound` (µ-law) once with the coming packets, instead of what was to be said before."""
        self._once = memoryview(sound)

    def rested(self, seconds: float) -> None:
        """No packet went out for so long: the next one's time says so, or a jitter buffer would take it for late."""
        self._timestamp = self._timestamp + round(seconds / TICK) * _SAMPLES & 0xFFFF_FFFF

    def packet(self) -> bytes:
        """Return what goes out in this tick."""
        while self._keys:
            try:
                packet = next(self._keys[0])
            except StopIteration:
                self._keys.popleft()
                continue
            return packet if packet is not None else self._sound_packet()
        return self._sound_packet()

    def _sound_packet(self) -> bytes:
        packet = self._header(0, False, self._timestamp) + self._next_sound()
        self._timestamp = self._timestamp + _SAMPLES & 0xFFFF_FFFF
        return packet

    def _next_sound(self) -> bytes:
        if self._once:
            said, self._once = self._once[:_SAMPLES], self._once[_SAMPLES:]
            return bytes(said).ljust(_SAMPLES, SILENCE)
        if not self.sound:
            return SILENCE * _SAMPLES
        start = self._position % len(self.sound)
        self._position = start + _SAMPLES
        piece = self.sound[start : self._position]
        while len(piece) < _SAMPLES:
            piece += self.sound[: _SAMPLES - len(piece)]
        return piece

    def _press(self, event: int) -> Iterator[bytes | None]:
        """Yield the packets of one key; None for a packet of sound."""
        start = self._timestamp
        for tick in range(1, _KEY_TICKS + _KEY_ENDS + 1):
            ended = 0x80 if tick > _KEY_TICKS else 0
            duration = _SAMPLES * min(tick, _KEY_TICKS)
            volume = 10
            self._timestamp = self._timestamp + _SAMPLES & 0xFFFF_FFFF
            yield self._header(KEYS_PAYLOAD, tick == 1, start) + struct.pack("!BBH", event, ended | volume, duration)
        yield from (None for _ in range(_PAUSE_TICKS))

    def _header(self, payload: int, marker: bool, timestamp: int) -> bytes:
        self._sequence = self._sequence + 1 & 0xFFFF
        return _HEADER.pack(0x80, payload | (0x80 if marker else 0), self._sequence, timestamp, self._source)


class Listener:
    """Keeps the sound of the last seconds and the keys pressed on the other side."""

    def __init__(self, seconds: float = 10.0) -> None:
        """Keep `seconds` of sound, no more."""
        self.packets = 0
        self.keys = ""
        self._kept = int(RATE * seconds)
        self._sound = bytearray()
        self._last_key: int | None = None

    def take(self, packet: bytes) -> None:
        """Take a datagram; one that is no RTP packet of ours is counted as none."""
        if len(packet) <= _HEADER.size or packet[0] >> 6 != 2:
            return
        self.packets += 1
        _, payload, _, timestamp, _ = _HEADER.unpack_from(packet)
        if payload & 0x7F == 0:
            self._sound += packet[_HEADER.size :]
            del self._sound[: -self._kept]
        elif payload & 0x7F == KEYS_PAYLOAD and timestamp != self._last_key:
            self._last_key = timestamp
            self.keys += _KEYS[packet[_HEADER.size] & 0x0F]

    def last(self, seconds: float) -> bytes:
        """Return the newest `seconds` of sound heard, less when there was less."""
        return bytes(self._sound[-int(RATE * seconds) :])

    def forget(self) -> None:
        """Forget the sound heard so far."""
        self._sound.clear()
