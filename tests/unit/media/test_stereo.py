"""Two files of MixMonitor become one recording of two channels."""

from __future__ import annotations

import struct
import wave
from pathlib import Path

import numpy as np
import pytest
import soundfile

from cxcall.media.recording.stereo import BadRecording, join
from cxcall.speech.stream import RATE


def _wav(path: Path, samples: list[int], *, rate: int = RATE, channels: int = 1) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(np.array(samples, "<i2").tobytes())
    return path


def test_the_customer_is_left_the_agent_right_and_the_shorter_side_goes_on_in_silence(tmp_path: Path) -> None:
    customer, agent = _wav(tmp_path / "in.wav", [100] * 25_000 * 8), _wav(tmp_path / "out.wav", [-50] * 4_000)
    kept = join(customer, agent, tmp_path / "2026-11" / "call.flac")
    sound, rate = soundfile.read(tmp_path / "2026-11" / "call.flac", dtype="int16")
    assert (rate, sound.shape) == (RATE, (200_000, 2))
    assert kept.seconds == 25.0
    assert set(sound[:, 0]) == {100}
    assert set(sound[:4_000, 1]) == {-50}
    assert set(sound[4_000:, 1]) == {0}


def test_the_file_of_an_asterisk_that_was_killed_is_read_whole_though_its_header_says_nothing(tmp_path: Path) -> None:
    customer, agent = _wav(tmp_path / "in.wav", [7] * 1_000), _wav(tmp_path / "out.wav", [9] * 1_000)
    for path in (customer, agent):
        data = bytearray(path.read_bytes())
        struct.pack_into("<I", data, 40, 0)
        path.write_bytes(bytes(data) + b"\x01")  # half a sample at the end
    assert join(customer, agent, tmp_path / "call.flac").seconds == 1_000 / RATE


def test_what_holds_no_sound_is_refused_in_words_and_leaves_no_file(tmp_path: Path) -> None:
    empty, other = _wav(tmp_path / "in.wav", []), _wav(tmp_path / "out.wav", [])
    folder = tmp_path / "kept"
    with pytest.raises(BadRecording, match="neither side"):
        join(empty, other, folder / "call.flac")
    (tmp_path / "out.wav").write_bytes(b"no sound at all, though long enough to be taken for some")
    with pytest.raises(BadRecording, match="no WAV file"):
        join(empty, other, folder / "call.flac")
    with pytest.raises(BadRecording, match="16000 Hz"):
        join(empty, _wav(tmp_path / "out.wav", [1], rate=16_000), folder / "call.flac")
    assert list(folder.iterdir()) == []


def test_only_the_talk_is_kept_of_what_was_recorded(tmp_path: Path) -> None:
    customer = _wav(tmp_path / "in.wav", [1] * RATE * 12 + [2] * RATE * 3 + [3] * RATE)
    agent = _wav(tmp_path / "out.wav", [4] * RATE * 16)
    kept = join(customer, agent, tmp_path / "call.flac", since=12.0, until=15.0)
    sound, _ = soundfile.read(tmp_path / "call.flac", dtype="int16")
    assert (kept.seconds, kept.whole) == (3.0, 16.0)
    assert set(sound[:, 0]) == {2}
    with pytest.raises(BadRecording):
        join(customer, agent, tmp_path / "none.flac", since=99.0)
