"""The sounds a private Asterisk needs, made here: soft music on hold, and a beep for every prompt of Asterisk's own.

An attended transfer by feature code gives up when its prompt is missing, so there must be something.
"""

from __future__ import annotations

import math
import struct
import wave
from pathlib import Path

_RATE = 8_000
_CHORDS = ((262, 330, 392), (220, 262, 330), (175, 220, 262), (196, 247, 294))
_CHORD_SECONDS = 4
_PROMPTS = ("beep", "beeperr", "pbx-transfer", "pbx-invalid", "pbx-parkingfailed")
_THANKS = (660, 550, 440)
"""Hertz of three falling tones: nobody speaks here, and it is not a beep that asks for something."""
_CALL_BACK = (
    "vm-num-i-have", "if-correct-press", "vm-toenternumber", "vm-press", "vm-enter-num-to-call",
    "check-number-dial-again", "pls-hold-while-try",
)  # fmt: skip
"""What a caller hears who would rather be called back (globals_cxcall.conf)."""
DIGIT_HERTZ = tuple(range(1_300, 2_300, 100))
"""Each digit has a tone of its own, so that a number said digit by digit can be told."""


def write_sounds(folder: Path) -> None:
    """Write moh/ and sounds/en/ under `folder`, unless they are there."""
    music = folder / "moh/music.wav"
    if not music.exists():
        _write(music, _music())
    beep = _tone(1_000, 0.2)
    for prompt in _PROMPTS:
        _write(folder / f"sounds/en/{prompt}.wav", beep)
    for prompt in _CALL_BACK:
        _write(folder / f"sounds/en/{prompt}.wav", _tone(800, 0.15))
    for digit, hertz in enumerate(DIGIT_HERTZ):
        _write(folder / f"sounds/en/digits/{digit}.wav", _tone(hertz, 0.15))
    _write(folder / "sounds/en/auth-thankyou.wav", [sample for hertz in _THANKS for sample in _tone(hertz, 0.3)])


def _music() -> list[float]:
    """Return chords that swell and fade, 16 seconds whose end joins their beginning."""
    length = _CHORD_SECONDS * _RATE
    return [
        0.03 * math.sin(math.pi * i / length) * sum(math.sin(math.tau * hertz * i / _RATE) for hertz in chord)
        for chord in _CHORDS
        for i in range(length)
    ]


def _tone(hertz: float, seconds: float) -> list[float]:
    return [0.25 * math.sin(math.tau * hertz * i / _RATE) for i in range(int(seconds * _RATE))]


def _write(path: Path, samples: list[float]) -> None:
    """Write `samples`, -1 to 1, as 16-bit mono, 8000 a second."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(path), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(_RATE)
        out.writeframes(struct.pack(f"<{len(samples)}h", *(int(32_767 * sample) for sample in samples)))
