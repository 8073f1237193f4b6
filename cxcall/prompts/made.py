"""A finished prompt, and what may be wrong with what was to become one."""

from __future__ import annotations

from dataclasses import dataclass

LANGUAGES = ("fa", "en")
"""Languages a prompt may have, the order they are shown in."""

LARGEST = 20 * 1024 * 1024
"""Bytes of a file that is taken in."""
LONGEST = 300.0
"""Seconds of sound in it."""


class BadSound(Exception):
    """This can't become a prompt; the text is a sentence for the person who sent it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """Two WAV files of one sound, 16-bit PCM, mono: `wav` at 8 kHz, `wav16` at 16 kHz.

    `sha` is the SHA-256 of `wav`, in hexadecimal digits: the sound's name for ever. `seconds` is its length,
    `loudness` what was measured of it at the end, in LUFS (ITU-R BS.1770).
    """

    sha: str
    wav: bytes
    wav16: bytes
    seconds: float
    loudness: float
