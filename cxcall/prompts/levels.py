"""Silence off both ends, one loudness for all prompts, no peak above the ceiling.

Loudness is ITU-R BS.1770's, measured by FFmpeg's `ebur128` filter. Speech of a recording and of an engine then sound
alike to a caller who hears both.
"""

from __future__ import annotations

import av
import numpy as np

from cxcall.prompts.made import BadSound
from cxcall.prompts.reading import RATE, Samples

LOUDNESS = -20.0
"""LUFS of every prompt: clear over a street, and speech's peaks, 12 to 16 dB above, mostly fit under CEILING."""
CEILING = 10 ** (-3 / 20)
"""The highest peak, 3 dB below full scale: what resampling to 8 kHz adds still fits."""
KEPT = 0.1
"""Seconds of silence that stay at both ends."""

_STEP = RATE // 100  # 10 ms
_SILENT = 10 ** (-55 / 20)  # a room without a speaker, or a microphone that is off
_BELOW_LOUDEST = 10 ** (-35 / 20)
_ABOVE_NOISE = 2.0
_NOISE_AT_MOST = 10 ** (-20 / 20)
_FADE = RATE // 200  # 5 ms: a cut in the middle of noise would click
_MOST_GAIN = 10 ** (40 / 20)
_BLOCK_OF_BS1770 = int(0.4 * RATE)
_LOOK_AHEAD = RATE // 200


def trimmed(sound: Samples) -> Samples:
    """The sound without the silence at its ends, but KEPT seconds of it. Raises BadSound when there is only silence."""
    sound = sound - sound.mean(dtype=np.float64).astype(np.float32) if len(sound) else sound
    loud = _loud_steps(sound)
    if not len(loud):
        raise BadSound("There is only silence in this sound. Check the microphone and record again.")
    begin = max(0, int(loud[0] * _STEP - KEPT * RATE))
    end = min(len(sound), int((loud[-1] + 1) * _STEP + KEPT * RATE))
    cut = sound[begin:end].copy()
    fade = np.linspace(0, 1, min(_FADE, len(cut)), dtype=np.float32)
    cut[: len(fade)] *= fade
    cut[len(cut) - len(fade) :] *= fade[::-1]
    return cut


def _loud_steps(sound: Samples) -> np.ndarray:
    """Numbers of the 10 ms steps that are no silence, by the loudest step and by the noise of the quietest tenth."""
    steps = -(-len(sound) // _STEP)
    padded = np.zeros(steps * _STEP, np.float32)
    padded[: len(sound)] = sound
    power = np.sqrt((padded.reshape(steps, _STEP) ** 2).mean(axis=1)) if steps else np.zeros(0)
    if not steps or power.max() < _SILENT:
        return np.zeros(0, int)
    loudest = power.max()
    noise = min(float(np.percentile(power, 10)) * _ABOVE_NOISE, loudest * _NOISE_AT_MOST)
    return np.flatnonzero(power >= max(_SILENT, loudest * _BELOW_LOUDEST, noise))


def loudness(sound: Samples) -> float:
    """LUFS of the sound (BS.1770: K-weighted, gated). What is shorter than its block of 400 ms is repeated."""
    if 0 < len(sound) < _BLOCK_OF_BS1770:
        sound = np.tile(sound, -(-_BLOCK_OF_BS1770 // len(sound)))
    graph = av.filter.Graph()
    source = graph.add_abuffer(sample_rate=RATE, format="flt", layout="mono")
    meter, sink = graph.add("ebur128", "metadata=1:framelog=quiet"), graph.add("abuffersink")
    source.link_to(meter)
    meter.link_to(sink)
    graph.configure()
    frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(sound[None, :]), format="flt", layout="mono")
    frame.sample_rate, frame.pts = RATE, 0
    graph.push(frame)
    graph.push(None)
    measured = -70.0  # the gate of BS.1770: what is below has no loudness
    try:
        while True:
            measured = float(graph.pull().metadata.get("lavfi.r128.I", measured))
    except av.EOFError:
        return measured


def levelled(sound: Samples) -> Samples:
    """The sound at LOUDNESS, its peaks under CEILING. What limiting takes of the loudness is given back once."""
    for _ in range(2):
        gain = min(10 ** ((LOUDNESS - loudness(sound)) / 20), _MOST_GAIN)
        sound = limited(sound * np.float32(gain))
    return sound


def limited(sound: Samples) -> Samples:
    """Peaks above CEILING turned down, with everything 5 ms around them: no edge is heard."""
    if not len(sound) or np.abs(sound).max() <= CEILING:
        return sound
    needed = np.minimum(1.0, CEILING / np.maximum(np.abs(sound), 1e-9)).astype(np.float32)
    window = 2 * _LOOK_AHEAD + 1
    around = np.pad(needed, 2 * _LOOK_AHEAD, constant_values=1.0)
    lowest = np.lib.stride_tricks.sliding_window_view(around, window).min(axis=1)
    smooth = np.convolve(lowest, np.full(window, 1 / window, np.float32), mode="valid")
    return (sound * smooth).astype(np.float32)
