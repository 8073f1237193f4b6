"""English that people recorded, with its words: Asterisk's own prompts, and how many words of them were heard wrong.

The sounds are those of Debian's package asterisk-core-sounds-en-wav (Allison Smith, CC-BY-SA-3.0), from the system or
unpacked into `var/asterisk`; they stay out of the repository. What is said in sixty of them is in `spoken_words.txt`.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import time
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
import soundfile
import soxr

from cxcall.demo.switch.packages import apt_with_lists
from cxcall.demo.switch.tools import run

PACKAGE = "asterisk-core-sounds-en-wav"
FOLDER = Path(__file__).parents[2] / "var" / "asterisk" / "spoken-en"
INSIDE = Path("usr/share/asterisk/sounds/en_US_f_Allison")
WORDS = Path(__file__).with_name("spoken_words.txt")
RATE = 8_000

Samples = npt.NDArray[np.int16]

_SPELT = {
    "i'm": "i am", "that's": "that is", "don't": "do not", "you'd": "you would", "it's": "it is", "dialled": "dialed",
    "thru": "through", "p b x": "pbx", "log in": "login", "logon": "log on", "touchtone": "touch tone",
    "inter-asterisk": "inter asterisk", "voice mail": "voicemail", "forever more": "forevermore", "dialling": "dialing",
    "zee": "z", "zed": "z",
}  # fmt: skip
_NUMBERS = {
    "zero": "0", "one": "1", "two": "2", "three": "3", "four": "4", "five": "5",
    "six": "6", "seven": "7", "eight": "8", "nine": "9",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    """A recording and what is said in it, in small letters without signs."""

    path: Path
    text: str


def prompts(count: int = 60) -> list[Prompt]:
    """So many prompts, spread over the list: short and long ones."""
    lines = [line.split(": ", 1) for line in WORDS.read_text("utf-8").splitlines()]
    step = max(1, len(lines) // count)
    return [Prompt(path=_folder() / f"{name}.wav", text=text) for name, text in lines[::step][:count]]


def prompt(name: str) -> Prompt:
    """One prompt by the name of its file."""
    return next(found for found in prompts() if found.path.stem == name)


def samples(prompt: Prompt, rate: int = RATE) -> Samples:
    """The recording as a telephone gives it: through G.711 µ-law and back."""
    sound, own = soundfile.read(prompt.path, dtype="int16")
    assert own == RATE
    return resampled(ulaw(sound), rate)


def ulaw(sound: Samples) -> Samples:
    """What is left of a sound after µ-law: 14 bits as 8, logarithmic (ITU-T G.711)."""
    level = np.minimum(np.abs(sound.astype(np.int32)), 32_635) + 132
    exponent = np.floor(np.log2(level)).astype(np.int32) - 7
    mantissa = (level >> (exponent + 3)) & 0x0F
    back = (((mantissa << 3) + 132) << exponent) - 132
    return np.asarray(np.sign(sound) * back, np.int16)


def resampled(sound: Samples, rate: int) -> Samples:
    return sound if rate == RATE else np.asarray(soxr.resample(sound, RATE, rate), np.int16)


def noise(seconds: float, dbfs: float, seed: int = 1, rate: int = RATE) -> Samples:
    """White noise of that level."""
    chance = np.random.default_rng(seed)
    return (chance.standard_normal(int(seconds * rate)) * 32_768 * 10 ** (dbfs / 20)).astype(np.int16)


def plain(text: str) -> list[str]:
    """Words to compare: small letters, no signs, numbers as digits, one spelling."""
    text = re.sub(r"[^a-z0-9' ]", " ", text.lower().replace("’", "'"))
    text = " ".join(text.split())
    for other, ours in _SPELT.items():
        text = re.sub(rf"\b{other}\b", ours, text)
    return [_NUMBERS.get(word, word) for word in text.split()]


def word_errors(said: str, heard: str) -> tuple[int, int]:
    """How many words were put in, left out or taken for others, and how many were said."""
    return _distance(plain(said), plain(heard)), len(plain(said))


def letter_errors(said: str, heard: str) -> tuple[int, int]:
    """The same by letters, for languages without certain word borders."""
    return _distance(list(said.replace(" ", "")), list(heard.replace(" ", ""))), len(said.replace(" ", ""))


def _distance(said: list[str], heard: list[str]) -> int:
    row = list(range(len(heard) + 1))
    for place, word in enumerate(said, 1):
        before, row[0] = row[0], place
        for at, other in enumerate(heard, 1):
            before, row[at] = row[at], min(row[at] + 1, row[at - 1] + 1, before + (word != other))
    return row[-1]


@cache
def _folder() -> Path:
    """Where the recordings are; unpacked first where they are not."""
    for place in (Path("/") / INSIDE, FOLDER / INSIDE):
        if place.is_dir():
            return place
    deadline = time.monotonic() + 300
    work = FOLDER.with_name(f"building-spoken-{os.getpid()}")
    try:
        apt = apt_with_lists(work / "apt", deadline)
        run([*apt, "download", PACKAGE], 300, folder=work / "apt/debs")
        (package,) = (work / "apt/debs").glob("*.deb")
        subprocess.run(["dpkg-deb", "-x", str(package), str(work / "files")], check=True, timeout=120)
        try:
            (work / "files").rename(FOLDER)
        except OSError:
            assert (FOLDER / INSIDE).is_dir(), "another process unpacked it meanwhile"
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return FOLDER / INSIDE
