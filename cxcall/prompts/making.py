"""Any audio file → a finished prompt: read, trimmed, levelled, and written as Asterisk plays it.

Takes up to some seconds of a core for five minutes of sound: call it in a thread.
"""

from __future__ import annotations

import hashlib
import io

import numpy as np
import soundfile
import soxr

from cxcall.prompts.levels import levelled, loudness, trimmed
from cxcall.prompts.made import BadSound, Made
from cxcall.prompts.reading import RATE, Samples, read

TELEPHONE = 8_000

__all__ = ["BadSound", "Made", "make"]


def make(data: bytes) -> Made:
    """The prompt made of a file's bytes. Raises BadSound, with a sentence, for what can't become one.

    The same bytes always give the same prompt.
    """
    sound = levelled(trimmed(read(data)))
    wav = _wav(soxr.resample(sound, RATE, TELEPHONE), TELEPHONE)
    return Made(
        sha=hashlib.sha256(wav).hexdigest(),
        wav=wav,
        wav16=_wav(sound, RATE),
        seconds=round(len(sound) / RATE, 3),
        loudness=round(loudness(sound), 1),
    )


def _wav(sound: Samples, rate: int) -> bytes:
    file = io.BytesIO()
    whole = np.rint(sound.clip(-1.0, 1.0) * 32767).astype(np.int16)
    soundfile.write(file, whole, rate, format="WAV", subtype="PCM_16")
    return file.getvalue()
