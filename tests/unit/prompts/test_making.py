"""Any file becomes a prompt of one loudness and two rates; what can't is told in a sentence."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable

import numpy as np
import pytest

from cxcall.prompts import reading
from cxcall.prompts.levels import CEILING, KEPT, LOUDNESS, limited, loudness, trimmed
from cxcall.prompts.made import BadSound
from cxcall.prompts.making import make
from cxcall.prompts.reading import RATE, read
from tests.support.sounds import Samples, encoded, opened, pitch, silence, tone, wav

FORMATS: dict[str, Callable[[Samples], bytes]] = {
    "wav": lambda sound: wav(sound, 48_000),
    "wav float": lambda sound: wav(sound, 48_000, subtype="FLOAT"),
    "wav ulaw": lambda sound: wav(sound, 48_000, subtype="ULAW"),
    "flac": lambda sound: wav(sound, 48_000, "FLAC"),
    "ogg vorbis": lambda sound: wav(sound, 48_000, "OGG"),
    "ogg opus": lambda sound: encoded("ogg", "libopus", sound),
    "mp3": lambda sound: wav(sound, 48_000, "MP3"),
    "aiff": lambda sound: wav(sound, 48_000, "AIFF"),
    "webm": lambda sound: encoded("webm", "libopus", sound),
    "m4a": lambda sound: encoded("mp4", "aac", sound),
    "aac": lambda sound: encoded("adts", "aac", sound),
    "amr": lambda sound: encoded("amr", "libopencore_amrnb", sound[::6], 8_000),
}


@pytest.mark.parametrize("name", FORMATS)
def test_a_file_of_any_format_becomes_the_same_prompt(name: str) -> None:
    sound = np.concatenate([silence(1, 48_000), tone(440, 1.5, 0.05, 48_000), silence(2, 48_000)])
    made = make(FORMATS[name](sound))
    assert made.seconds == pytest.approx(1.5 + 2 * KEPT, abs=0.06)
    assert made.loudness == pytest.approx(LOUDNESS, abs=0.3)
    for data, expected in ((made.wav, 8_000), (made.wav16, 16_000)):
        heard, rate = opened(data)
        assert (rate, heard.ndim) == (expected, 1)
        assert len(heard) / rate == pytest.approx(made.seconds, abs=0.001)
        assert pitch(heard, rate) == pytest.approx(440, abs=2)
    assert made.wav[:4] == b"RIFF"
    assert int.from_bytes(made.wav[34:36], "little") == 16, "bits a sample"
    assert made.sha == hashlib.sha256(made.wav).hexdigest()


def test_the_same_file_always_gives_the_same_prompt() -> None:
    data = wav(tone())
    assert make(data) == make(data)


def test_both_ears_of_a_stereo_file_are_heard() -> None:
    left, right = tone(440, 1, 0.1), tone(880, 1, 0.1)
    heard, rate = opened(make(wav(np.stack([left, right], axis=1))).wav)
    spectrum = np.abs(np.fft.rfft(heard))
    peaks = [spectrum[round(hertz * len(heard) / rate)] for hertz in (440, 880)]
    assert min(peaks) > 0.5 * max(peaks)


@pytest.mark.parametrize("level", [0.004, 0.05, 0.9])
def test_quiet_and_loud_recordings_end_equally_loud(level: float) -> None:
    assert make(wav(tone(1_000, 2, level))).loudness == pytest.approx(LOUDNESS, abs=0.1)


def test_a_sound_of_known_loudness_is_measured_as_the_standard_says() -> None:
    # BS.1770-5: a 997 Hz sine of 0 dBFS in one channel is -3.01 LUFS, so one of -20 dBFS is -23.01
    assert loudness(tone(997, 3, 0.1)) == pytest.approx(-23.0, abs=0.1)
    assert loudness(silence(1)) <= -69
    assert loudness(tone(997, 0.1, 0.1)) == pytest.approx(-23.0, abs=0.6), "shorter than one block"


def test_speech_with_high_peaks_keeps_below_the_ceiling_and_loses_little_loudness() -> None:
    clicks = tone(300, 3, 0.02)
    clicks[::4000] = 0.9
    made = make(wav(clicks))
    heard, _ = opened(made.wav16)
    assert np.abs(heard).max() <= CEILING + 1 / 32768
    assert made.loudness > LOUDNESS - 6


def test_the_limiter_leaves_quiet_sounds_as_they_are_and_never_lets_one_through() -> None:
    quiet = tone(440, 0.5, 0.5)
    assert limited(quiet) is quiet
    rng = np.random.default_rng(1)
    loud = rng.normal(0, 1, RATE).astype(np.float32)
    assert np.abs(limited(loud)).max() <= CEILING * 1.0001
    assert len(limited(loud)) == len(loud)


def test_silence_inside_stays_and_noise_at_the_ends_goes() -> None:
    rng = np.random.default_rng(2)
    noise = rng.normal(0, 0.002, 6 * RATE).astype(np.float32)
    noise[2 * RATE : 3 * RATE] += tone(300, 1, 0.3)
    noise[4 * RATE : 5 * RATE] += tone(300, 1, 0.3)
    assert len(trimmed(noise)) / RATE == pytest.approx(3 + 2 * KEPT, abs=0.05)


def test_a_constant_offset_of_a_cheap_microphone_is_no_sound() -> None:
    with pytest.raises(BadSound, match="only silence"):
        make(wav(silence(1) + np.float32(0.2)))


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "empty"),
        (b"hello", "no sound that can be read"),
        (bytes(5_000), "no sound that can be read"),
        (b"RIFF\x24\x00\x00\x00WAVE" + bytes(40), "no sound that can be read"),
        (b"%PDF-1.7\n" + bytes(range(256)) * 20, "no sound that can be read"),
        (b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n", "no sound that can be read"),
        (b"ffconcat version 1.0\nfile '/etc/passwd'\n", "no sound that can be read"),
        (wav(silence(0)), "no sound in this file"),
        (wav(silence(2)), "only silence"),
        (wav(tone(440, 2, 0.001)), "only silence"),
    ],
    ids=["empty", "text", "zeros", "header only", "pdf", "play list", "list of files", "no samples", "silent", "off"],
)  # fmt: skip
def test_what_is_no_sound_is_refused_in_a_sentence(data: bytes, sentence: str) -> None:
    with pytest.raises(BadSound, match=sentence):
        make(data)


def test_a_file_that_is_too_large_is_refused_before_it_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "LARGEST", 1_000)
    with pytest.raises(BadSound, match="larger than 20 MB"):
        read(bytes(1_001))


@pytest.mark.parametrize("name", ["flac", "ogg opus", "webm"])
def test_a_sound_that_is_too_long_is_refused_while_it_is_read(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setattr(reading, "LONGEST", 2.0)
    read(FORMATS[name](tone(440, 1.9, 0.2, 48_000)))
    with pytest.raises(BadSound, match="longer than 5 minutes"):
        read(FORMATS[name](tone(440, 2.2, 0.2, 48_000)))


def test_numbers_that_are_none_are_silence() -> None:
    sound = tone(440, 1, 0.2)
    sound[100], sound[200], sound[300] = np.nan, np.inf, -np.inf
    assert np.isfinite(read(wav(sound, subtype="FLOAT"))).all()


def test_damaged_files_are_read_or_refused_but_never_break() -> None:
    chance = random.Random(7)
    good = [make_file(tone(440, 0.3, 0.2, 48_000)) for make_file in FORMATS.values()]
    outcomes = set()
    for turn in range(240):
        data = bytearray(good[turn % len(good)])
        for _ in range(chance.choice((1, 5, 40))):
            data[chance.randrange(min(len(data), chance.choice((64, len(data)))))] = chance.randrange(256)
        try:
            make(bytes(data[: chance.choice((len(data), chance.randrange(1, len(data))))]))
            outcomes.add("read")
        except BadSound:
            outcomes.add("refused")
    assert outcomes == {"read", "refused"}
