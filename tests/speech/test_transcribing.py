"""Recordings → turns, and `cxcall transcribe` as people call it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import psutil
import pytest
import soundfile

from cxcall.speech.engines.sound import SoundError, open_sound
from cxcall.speech.engines.transcribing import transcribe
from cxcall.speech.engines.whisper import Whisper
from tests.support import sounds, spoken

CUSTOMER, AGENT = "tt-somethingwrong", "conf-getpin"


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Stereo: the customer says something, then the agent, then the customer."""
    first, second, third = (spoken.samples(spoken.prompt(name)) for name in (CUSTOMER, AGENT, "privacy-incorrect"))
    quiet = np.zeros(8_000, np.int16)
    left = np.concatenate([quiet, first, quiet, np.zeros_like(second), quiet, third, quiet])
    right = np.concatenate([quiet, np.zeros_like(first), quiet, second, quiet, np.zeros_like(third), quiet])
    file = tmp_path_factory.mktemp("recording") / "call.wav"
    soundfile.write(file, np.stack([left, right], axis=1), 8_000)
    return file


def run(*words: str | Path, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "cxcall", "transcribe", *map(str, words)],
        capture_output=True, text=True, timeout=120, check=False, cwd=folder,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )  # fmt: skip


def test_a_stereo_recording_is_told_as_json_with_who_said_what_and_how_it_felt(recording: Path) -> None:
    done = run(recording, "--json", "--engine", "whisper", "--language", "en", folder=recording.parent)
    assert (done.returncode, done.stderr) == (0, "")
    told = json.loads(done.stdout)
    assert list(told) == ["language", "engine", "model", "duration", "turns", "metrics"]
    assert (told["language"], told["engine"]) == ("en", "whisper")
    assert told["duration"] == pytest.approx(soundfile.info(recording).duration, abs=0.05)
    assert [turn["speaker"] for turn in told["turns"]] == ["customer", "agent", "customer"]
    assert set(told["turns"][0]) == {"speaker", "start", "end", "text", "confidence", "words", "sentiment"}
    assert set(told["turns"][0]["words"][0]) == {"word", "start", "end", "confidence"}
    assert spoken.word_errors(spoken.prompt(AGENT).text, told["turns"][1]["text"])[0] <= 1
    assert told["turns"][0]["sentiment"] < 0
    assert told["turns"][1]["sentiment"] is None
    assert 0 < told["metrics"]["talk_share"] < 1
    assert told["metrics"]["interruptions"] == {"agent": 0, "customer": 0}


def test_what_can_not_be_transcribed_is_told_in_a_sentence_and_exit_2(tmp_path: Path) -> None:
    files = {name: tmp_path / f"{name}.wav" for name in ("empty", "broken", "head", "slow", "good")}
    files["empty"].write_bytes(b"")
    files["broken"].write_bytes(bytes(range(256)) * 20)
    soundfile.write(files["good"], np.zeros(8_000, np.int16), 8_000)
    files["head"].write_bytes(files["good"].read_bytes()[:44])
    soundfile.write(files["slow"], np.zeros(2_000, np.int16), 2_000)
    for words, told in (
        ((files["empty"],), "is empty"),
        ((files["broken"],), "is no sound that can be read"),
        ((files["head"],), "There is no sound in"),
        ((files["slow"],), "2000 samples a second"),
        ((tmp_path / "away.wav",), "There is no file"),
        ((files["good"], "--language", "xx"), "no speech model for the language 'xx'"),
        ((files["good"], "--model", tmp_path), "is no model"),
    ):
        done = run(*words, folder=tmp_path)
        assert (done.returncode, done.stdout) == (2, ""), done.stderr
        assert told in done.stderr
        assert "Traceback" not in done.stderr


def test_a_recording_taken_up_again_in_the_middle_loses_and_repeats_nothing(english: Whisper, recording: Path) -> None:
    with open_sound(recording) as sound:
        whole = list(transcribe(sound, english))
    at = next(step.position for step in whole if step.turns)
    with open_sound(recording) as sound:
        rest = [turn for step in transcribe(sound, english, since=at, number=2) for turn in step.turns]
    turns = [turn for step in whole for turn in step.turns]
    assert [turn.n for turn in turns] == [1, 2, 3]
    assert [(turn.n, turn.speaker, turn.text) for turn in rest] == [
        (turn.n, turn.speaker, turn.text) for turn in turns[1:]
    ]
    assert [turn.start for turn in rest] == pytest.approx([turn.start for turn in turns[1:]], abs=0.1)


def test_files_of_any_kind_become_blocks_of_8_or_16_khz(tmp_path: Path) -> None:
    tone = sounds.tone(seconds=1.0, rate=48_000)
    (tmp_path / "a.mp3").write_bytes(sounds.wav(tone, 48_000, "MP3"))
    (tmp_path / "b.flac").write_bytes(sounds.wav(tone[::4].copy(), 12_000, "FLAC"))
    (tmp_path / "c.m4a").write_bytes(sounds.encoded("mp4", "aac", tone))
    (tmp_path / "d.webm").write_bytes(sounds.encoded("webm", "libopus", tone))
    (tmp_path / "e.ulaw").write_bytes(bytes(range(256)) * 32)
    (tmp_path / "f.sln16").write_bytes(bytes(32_000))
    soundfile.write(tmp_path / "g.wav", np.zeros((44_100, 6), np.int16), 44_100)
    told = {}
    for file in sorted(tmp_path.iterdir()):
        with open_sound(file) as sound:
            blocks = list(sound.blocks())
            told[file.name] = (
                sound.channels,
                sound.rate,
                round(sum(len(one[0]) for one in blocks) / 2 / sound.rate, 1),
            )
    assert told == {
        "a.mp3": (1, 16_000, 1.0), "b.flac": (1, 8_000, 1.0), "c.m4a": (1, 16_000, 1.0), "d.webm": (1, 16_000, 1.0),
        "e.ulaw": (1, 8_000, 1.0), "f.sln16": (1, 16_000, 1.0), "g.wav": (1, 16_000, 1.0),
    }  # fmt: skip


def test_a_long_file_takes_no_more_memory_than_a_short_one(tmp_path: Path) -> None:
    file = tmp_path / "long.wav"
    with soundfile.SoundFile(file, "w", 8_000, 2) as out:
        for _ in range(30):
            out.write(np.zeros((8_000 * 60, 2), np.int16))
    process = psutil.Process()
    with open_sound(file) as sound:
        blocks = sound.blocks()
        next(blocks)
        before = process.memory_info().rss
        seconds = 0.5 + sum(len(block[0]) / 16_000 for block in blocks)
        grown = (process.memory_info().rss - before) / 1e6
    print(f"{grown:.0f} MB for {seconds / 60:.0f} minutes")
    assert seconds == pytest.approx(1_800, abs=1)
    assert grown < 20


def test_a_playlist_opens_nothing(tmp_path: Path) -> None:
    (tmp_path / "list.m3u8").write_text("#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n")
    with pytest.raises(SoundError, match="no sound that can be read"), open_sound(tmp_path / "list.m3u8"):
        pass
