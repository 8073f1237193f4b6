"""Sounds for tests: tones in any container, and what is to be heard in a WAV file or at a phone."""

from __future__ import annotations

import io

import av
import numpy as np
import numpy.typing as npt
import soundfile

Samples = npt.NDArray[np.float32]


def tone(hertz: float = 440.0, seconds: float = 1.0, level: float = 0.2, rate: int = 16_000) -> Samples:
    """A sine of peak `level` (1.0 = full scale)."""
    return (level * np.sin(2 * np.pi * hertz * np.arange(int(seconds * rate)) / rate)).astype(np.float32)


def silence(seconds: float, rate: int = 16_000) -> Samples:
    return np.zeros(int(seconds * rate), np.float32)


def wav(sound: Samples, rate: int = 16_000, kind: str = "WAV", subtype: str | None = None) -> bytes:
    """The sound as a file of a format libsndfile writes."""
    file = io.BytesIO()
    soundfile.write(file, sound, rate, format=kind, subtype=subtype)
    return file.getvalue()


def encoded(container: str, codec: str, sound: Samples, rate: int = 48_000) -> bytes:
    """The sound (at `rate`) as a file FFmpeg's libraries write: webm with libopus, mp4 with aac …"""
    file = io.BytesIO()
    with av.open(file, "w", format=container) as out:
        stream = out.add_stream(codec, rate=rate, layout="mono")
        assert isinstance(stream, av.AudioStream)
        frame = av.AudioFrame.from_ndarray((sound * 32767).astype(np.int16)[None, :], format="s16", layout="mono")
        frame.sample_rate = rate
        context = stream.codec_context
        fitting = av.AudioResampler(
            format=context.format, layout="mono", rate=rate, frame_size=context.frame_size or None
        )
        for piece in (*fitting.resample(frame), *fitting.resample(None), None):
            out.mux(stream.encode(piece))
    return file.getvalue()


def opened(data: bytes) -> tuple[Samples, int]:
    """Samples and rate of a file."""
    sound, rate = soundfile.read(io.BytesIO(data), dtype="float32")
    return sound, rate


def pitch(sound: Samples, rate: int) -> float:
    """The strongest frequency, in hertz."""
    spectrum = np.abs(np.fft.rfft(sound * np.hanning(len(sound))))
    return float(np.argmax(spectrum) * rate / len(sound))
