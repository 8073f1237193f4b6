"""Sound as µ-law bytes (ITU-T G.711), 8000 a second: tones to send, and how strong a tone is in what was heard."""

from __future__ import annotations

import math
from collections.abc import Sequence

RATE = 8_000
SILENCE = b"\xff"
"""One sample of silence."""


def encode(sample: int) -> int:
    """Return the µ-law byte of a 16-bit sample."""
    sign = 0x80 if sample < 0 else 0
    magnitude = min(abs(sample), 32_635) + 0x84
    exponent = magnitude.bit_length() - 8
    return ~(sign | exponent << 4 | magnitude >> (exponent + 3) & 0x0F) & 0xFF


def decode(byte: int) -> int:
    """Return the 16-bit sample of a µ-law byte."""
    byte = ~byte & 0xFF
    magnitude = (((byte & 0x0F) << 3) + 0x84 << (byte >> 4 & 7)) - 0x84
    return -magnitude if byte & 0x80 else magnitude


_SAMPLES = [decode(byte) for byte in range(256)]


def tone(hertz: float, seconds: float = 1.0, amplitude: int = 9_000) -> bytes:
    """Return a sine; whole periods (a whole number of `hertz` times `seconds`) loop without a click."""
    return bytes(encode(round(amplitude * math.sin(math.tau * hertz * i / RATE))) for i in range(int(RATE * seconds)))


def strength(sound: bytes, hertz: float) -> float:
    """Return the amplitude of the tone of `hertz` in `sound`, 0 when there is no sound (Goertzel's algorithm)."""
    return _goertzel([_SAMPLES[byte] for byte in sound], hertz) if sound else 0.0


def _goertzel(samples: Sequence[int], hertz: float) -> float:
    factor = 2 * math.cos(math.tau * hertz / RATE)
    last = before = 0.0
    for sample in samples:
        last, before = sample + factor * last - before, last
    return 2 * math.sqrt(max(0.0, last * last + before * before - factor * last * before)) / len(samples)
