"""The sound of one channel as RTP packets (RFC 3550) of µ-law: what an Asterisk without AudioSocket can send."""

from __future__ import annotations

import asyncio
import time

import numpy as np

from cxcall.asterisk.audio.connection import Taker

_HEADER = 12
_MULAW = 0
_AROUND = 1 << 16
_LATE = 1 << 15


def _samples() -> np.ndarray[tuple[int], np.dtype[np.int16]]:
    """The sample of each byte (ITU-T G.711)."""
    code = ~np.arange(256, dtype=np.uint8)
    magnitude = (((code & 0x0F).astype(np.int32) << 3) + 0x84 << ((code >> 4) & 7)) - 0x84
    return np.where(code & 0x80, -magnitude, magnitude).astype("<i2")


_SAMPLES = _samples()


def payload(packet: bytes) -> tuple[int, bytes] | None:
    """Sequence number and µ-law bytes of a packet; None for anything else."""
    if len(packet) <= _HEADER or packet[0] >> 6 != 2 or packet[1] & 0x7F != _MULAW:
        return None
    start = _HEADER + 4 * (packet[0] & 0x0F)
    if packet[0] & 0x10:
        start += 4 + 4 * int.from_bytes(packet[start + 2 : start + 4], "big")
    end = len(packet) - (packet[-1] if packet[0] & 0x20 else 0)
    return (int.from_bytes(packet[2:4], "big"), packet[start:end]) if start < end else None


class RtpPort(asyncio.DatagramProtocol):
    """A UDP port for one stream. It listens to the first who sends it sound, and takes nothing twice or late."""

    def __init__(self, taker: Taker) -> None:
        self._taker = taker
        self._from: tuple[str, int] | None = None
        self._last: int | None = None
        self._broken = False

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        found = payload(data)
        if found is None or self._broken or addr != (self._from or addr):
            return
        number, sound = found
        if self._last is not None and not 0 < (number - self._last) % _AROUND < _LATE:
            return
        self._from, self._last = addr, number
        try:
            self._taker.audio(_SAMPLES[np.frombuffer(sound, dtype=np.uint8)].tobytes(), time.time())
        except Exception:  # one stream's fault is not the others'
            self._broken = True
            self._taker.close("broken", time.time())
