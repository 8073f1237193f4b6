"""Any audio file → samples: mono, 16 kHz, 32-bit floats.

libsndfile reads what it knows (WAV, FLAC, Ogg, Opus, MP3, AIFF …), FFmpeg's libraries the rest (WebM, M4A, AMR …).
Both give blocks, resampled as they come, so five minutes of the widest file cost no more memory than of a telephone's.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator

import av
import numpy as np
import numpy.typing as npt
import soundfile
import soxr

from cxcall.prompts.made import LARGEST, LONGEST, BadSound

Samples = npt.NDArray[np.float32]
Blocks = Iterator[tuple[int, Samples]]

RATE = 16_000
"""Samples a second of all work on prompts: the best a telephone plays."""

_BLOCK = 65_536
_RATES = range(1_000, 768_001)
_UNREADABLE = "This file is no sound that can be read. Send WAV, MP3, M4A, Ogg, WebM, FLAC or AMR."

_DEMUXERS = "matroska,webm,mov,mp4,m4a,3gp,3g2,mj2,aac,amr,amrnb,amrwb,asf,ogg,mp3,flac,wav,w64,aiff,au,caf"
"""Formats given to FFmpeg. None of them names other files or addresses to open, as play lists do."""


def read(data: bytes) -> Samples:
    """The sound in a file's bytes. Raises BadSound, with a sentence, for what is none or too much."""
    if not data:
        raise BadSound("The file is empty.")
    if len(data) > LARGEST:
        raise BadSound("The file is larger than 20 MB. Send a shorter sound.")
    try:
        return _collected(_by_libsndfile(data))
    except soundfile.SoundFileError:
        pass
    try:
        return _collected(_by_ffmpeg(data))
    except (av.FFmpegError, ValueError, IndexError, MemoryError) as error:
        raise BadSound(_UNREADABLE) from error


def _collected(blocks: Blocks) -> Samples:
    """All blocks as one, resampled on the way. A file that breaks off is read up to there."""
    pieces: list[Samples] = []
    resample: Callable[[Samples, bool], Samples] | None = None
    most = int(LONGEST * RATE)
    for rate, block in blocks:
        if resample is None:
            resample = _resampler(rate)
        pieces.append(resample(np.nan_to_num(block, posinf=0.0, neginf=0.0).clip(-8.0, 8.0), False))
        most -= len(pieces[-1])
        if most < 0:
            raise BadSound("The sound is longer than 5 minutes. Send a shorter one.")
    if resample is None:
        raise BadSound("There is no sound in this file.")
    pieces.append(resample(np.zeros(0, np.float32), True))
    return np.concatenate(pieces)


def _resampler(rate: int) -> Callable[[Samples, bool], Samples]:
    if rate not in _RATES:
        raise BadSound(_UNREADABLE)
    if rate == RATE:
        return lambda block, _last: block
    stream = soxr.ResampleStream(rate, RATE, 1, dtype="float32")
    return lambda block, last: np.asarray(stream.resample_chunk(block, last=last), np.float32)


def _by_libsndfile(data: bytes) -> Blocks:
    with soundfile.SoundFile(io.BytesIO(data)) as file:
        while len(block := file.read(_BLOCK, dtype="float32", always_2d=True)):
            yield file.samplerate, block.mean(axis=1, dtype=np.float32)


def _by_ffmpeg(data: bytes) -> Blocks:
    options = {"format_whitelist": _DEMUXERS, "protocol_whitelist": "none"}
    with av.open(io.BytesIO(data), mode="r", options=options, metadata_errors="ignore") as container:
        if not container.streams.audio:
            raise BadSound("There is no sound in this file.")
        mono = av.AudioResampler(format="flt", layout="mono", rate=3 * RATE)
        for frame in container.decode(container.streams.audio[0]):
            for part in mono.resample(frame):
                yield 3 * RATE, part.to_ndarray()[0].astype(np.float32, copy=False)
        for part in mono.resample(None):
            yield 3 * RATE, part.to_ndarray()[0].astype(np.float32, copy=False)
