"""An audio file as blocks of samples for the gate and the engines: one or two channels, 8 or 16 kHz, 16-bit.

libsndfile reads what it knows (WAV, FLAC, Ogg, MP3, and Asterisk's bare formats by their endings), FFmpeg's libraries
the rest (M4A, WebM, AMR …). Both give blocks, resampled as they come: an hour takes no more memory than a minute.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import soundfile
import soxr

BLOCK = 0.5
"""Seconds of a block."""

_RATES = range(8_000, 768_001)
_BARE: dict[str, dict[str, Any]] = {
    ".ulaw": {"subtype": "ULAW", "samplerate": 8_000},
    ".ul": {"subtype": "ULAW", "samplerate": 8_000},
    ".alaw": {"subtype": "ALAW", "samplerate": 8_000},
    ".al": {"subtype": "ALAW", "samplerate": 8_000},
    ".gsm": {"subtype": "GSM610", "samplerate": 8_000},
    ".sln": {"subtype": "PCM_16", "samplerate": 8_000, "endian": "LITTLE"},
    ".sln16": {"subtype": "PCM_16", "samplerate": 16_000, "endian": "LITTLE"},
}
"""Asterisk's formats without a header."""

_DEMUXERS = "matroska,webm,mov,mp4,m4a,3gp,3g2,mj2,aac,amr,amrnb,amrwb,asf,ogg,mp3,flac,wav,w64,aiff,au,caf"
"""Given to FFmpeg: none of them names other files or addresses to open, as play lists do."""

Samples = npt.NDArray[np.float32]


class SoundError(Exception):
    """The file can't be used; the text says why and what to do."""


class _File(Protocol):
    """An opened file; `blocks` gives samples with one column a channel."""

    rate: int
    channels: int
    seconds: float | None

    def blocks(self, since: float) -> Iterator[Samples]: ...


class Sound:
    """An opened file. `channels` 1 or 2, `rate` 8000 or 16000 of what `blocks` gives, `seconds` None if unknown."""

    def __init__(self, path: Path, file: _File) -> None:
        if file.rate not in _RATES or file.channels < 1:
            raise SoundError(
                f"{path} has {file.rate} samples a second, which is no sound of speech. Give a file of 8 kHz or more."
            )
        self._path = path
        self._file = file
        self.channels = 2 if file.channels == 2 else 1
        self.rate = 16_000 if file.rate >= 16_000 else 8_000
        self.seconds = file.seconds

    def blocks(self, since: float = 0.0) -> Iterator[tuple[bytes, ...]]:
        """Half a second at a time, from `since` seconds on: 16-bit samples of each channel.

        A file that breaks off is read up to there. Raises SoundError when there is nothing in it.
        """
        resample = soxr.ResampleStream(self._file.rate, self.rate, self.channels, dtype="float32")
        left = np.zeros((0, self.channels), np.float32)
        size = int(BLOCK * self.rate)
        read = False
        for block in self._file.blocks(since):
            read = True
            left = np.concatenate((left, self._resampled(resample, block, last=False)))
            while len(left) >= size:
                yield _samples(left[:size])
                left = left[size:]
        if not read and not since:
            raise SoundError(f"There is no sound in {self._path}. Give a file with speech in it.")
        left = np.concatenate((left, self._resampled(resample, np.zeros((0, self.channels), np.float32), last=True)))
        if len(left):
            yield _samples(left)

    def _resampled(self, resample: Any, block: Samples, *, last: bool) -> Samples:
        if block.shape[1] != self.channels:
            block = block.mean(axis=1, keepdims=True, dtype=np.float32)
        block = np.nan_to_num(block, posinf=0.0, neginf=0.0).clip(-1.0, 1.0)
        if self._file.rate == self.rate:
            return block
        return np.asarray(resample.resample_chunk(block, last=last), np.float32).reshape(-1, self.channels)


@contextmanager
def open_sound(path: str | Path) -> Iterator[Sound]:
    """Open an audio file. Raises SoundError when there is none, or it is empty, broken or no sound."""
    path = Path(path)
    try:
        empty = not path.stat().st_size
        with path.open("rb"):
            pass
    except FileNotFoundError:
        raise SoundError(f"There is no file {path}.") from None
    except IsADirectoryError:
        raise SoundError(f"{path} is a folder. Name a file.") from None
    except OSError as error:
        raise SoundError(f"{path} can't be read: {error.strerror}.") from error
    if empty:
        raise SoundError(f"{path} is empty: there is no sound in it.")
    with _opened(path) as file:
        yield Sound(path, file)


@contextmanager
def _opened(path: Path) -> Iterator[_File]:
    try:
        bare = _BARE.get(path.suffix.lower())
        file = soundfile.SoundFile(path, format="RAW", channels=1, **bare) if bare else soundfile.SoundFile(path)
    except soundfile.SoundFileError:
        with _by_ffmpeg(path) as other:
            yield other
        return
    with file:
        yield _BySndfile(file)


class _BySndfile:
    def __init__(self, file: soundfile.SoundFile) -> None:
        self._file = file
        self.rate: int = file.samplerate
        self.channels: int = file.channels
        self.seconds: float | None = file.frames / file.samplerate if 0 < file.frames < 1 << 40 else None

    def blocks(self, since: float) -> Iterator[Samples]:
        try:
            if since:
                self._file.seek(min(int(since * self.rate), self._file.frames))
            while len(block := self._file.read(self.rate, dtype="float32", always_2d=True)):
                yield block
        except soundfile.SoundFileError:
            return


@contextmanager
def _by_ffmpeg(path: Path) -> Iterator[_File]:
    import av  # 26 MB that most never need

    options = {"format_whitelist": _DEMUXERS, "protocol_whitelist": "file"}
    unreadable = SoundError(f"{path} is no sound that can be read. Give WAV, MP3, M4A, Ogg, WebM, FLAC or AMR.")
    try:
        container = av.open(path, mode="r", options=options, metadata_errors="ignore")
    except (av.FFmpegError, ValueError, OSError):
        raise unreadable from None
    with container:
        if not container.streams.audio or not container.streams.audio[0].rate:
            raise unreadable
        yield _ByFfmpeg(container)


class _ByFfmpeg:
    def __init__(self, container: Any) -> None:
        self._container = container
        stream = container.streams.audio[0]
        self.rate: int = 48_000 if stream.rate > 48_000 else stream.rate
        self.channels: int = 2 if stream.channels == 2 else 1
        self.seconds: float | None = container.duration / 1_000_000 if container.duration else None

    def blocks(self, since: float) -> Iterator[Samples]:
        import av

        layout = "stereo" if self.channels == 2 else "mono"
        resampler = av.AudioResampler(format="flt", layout=layout, rate=self.rate)
        skipped = int(since * self.rate)
        try:
            for frame in self._container.decode(self._container.streams.audio[0]):
                for part in resampler.resample(frame):
                    block = part.to_ndarray().reshape(-1, self.channels).astype(np.float32, copy=False)
                    now, skipped = min(skipped, len(block)), max(0, skipped - len(block))
                    if now < len(block):
                        yield block[now:]
        except (av.FFmpegError, ValueError, IndexError, MemoryError):
            return


def _samples(block: Samples) -> tuple[bytes, ...]:
    whole = (block * 32_767).astype("<i2")
    return tuple(whole[:, channel].tobytes() for channel in range(whole.shape[1]))
