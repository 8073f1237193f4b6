"""Sound of another rate than asked for, brought to ours as it comes."""

from __future__ import annotations

import numpy as np
import soxr

from cxcall.speech.stream import RATE


class Resampler:
    """From `rate` to RATE, both 16-bit mono; keeps what the filter needs from one frame to the next."""

    def __init__(self, rate: int) -> None:
        self.rate = rate
        self._stream = soxr.ResampleStream(rate, RATE, 1, dtype="int16")

    def feed(self, pcm: bytes) -> bytes:
        """What is ready of it now, possibly nothing."""
        heard = self._stream.resample_chunk(np.frombuffer(pcm, dtype="<i2"))
        return bytes(np.asarray(heard, dtype="<i2").tobytes())
