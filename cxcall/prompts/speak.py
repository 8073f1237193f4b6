"""A text said by an engine of this machine, each in a process of its own with a deadline.

espeak-ng is the default: a few MB, Persian and English, clear if not beautiful. Piper sounds better where the site has
voices for it: a file `LANGUAGE*.onnx` (fa_IR-amir-medium.onnx) in the folder of voices makes it the engine of that
language.
"""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cxcall.prompts.made import LANGUAGES

LONGEST_TEXT = 2_000
"""Letters of one text: some three minutes."""

_PACE = {"fa": "145", "en": "155"}
"""Words a minute: slower than the engine's own 175, as a caller hears it once and over a telephone."""


class CannotSpeak(Exception):
    """No sound could be made of the text; the text of this is a sentence that says what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Engines:
    """Where the engines are: programs by path or name, `voices` the folder of Piper's. Empty `espeak`: on the PATH."""

    espeak: str = ""
    piper: str = ""
    voices: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoken:
    """A WAV file as the engine made it, and the engine's name."""

    wav: bytes
    engine: str


async def speak(engines: Engines, text: str, language: str, *, timeout: float = 20.0) -> Spoken:
    """Have `text` said in `language` (fa, en) within `timeout` seconds. Raises CannotSpeak."""
    text = " ".join(text.split())
    if not text:
        raise CannotSpeak("Write the text first.")
    if len(text) > LONGEST_TEXT:
        raise CannotSpeak("The text is longer than 2,000 letters. Make two prompts of it.")
    if language not in LANGUAGES:
        raise CannotSpeak("No engine speaks this language here. Record it or upload a file.")
    voice = _voice(engines, language)
    if voice is not None:
        return Spoken(wav=await _by_piper(engines.piper, voice, text, timeout), engine="piper")
    return Spoken(wav=await _by_espeak(engines.espeak, text, language, timeout), engine="espeak-ng")


def available(engines: Engines) -> bool:
    """Whether a text could be said at all."""
    return shutil.which(engines.espeak or "espeak-ng") is not None


def _voice(engines: Engines, language: str) -> Path | None:
    """Piper's voice for the language, the first by name."""
    if not engines.piper or not engines.voices:
        return None
    return min(Path(engines.voices).glob(f"{language}*.onnx"), default=None)


async def _by_espeak(program: str, text: str, language: str, timeout: float) -> bytes:
    found = shutil.which(program or "espeak-ng")
    if found is None:
        raise CannotSpeak("No speech engine is installed. Install Debian's package espeak-ng, or record the prompt.")
    # The text comes by standard input: none of it is ever read as an option.
    command = (found, "-v", language, "-s", _PACE[language], "-b", "1", "--stdin", "--stdout")
    return await _run(command, text, timeout)


async def _by_piper(program: str, voice: Path, text: str, timeout: float) -> bytes:
    found = shutil.which(program)
    if found is None:
        raise CannotSpeak("The program that prompts.piper names is not there. Correct the setting or clear it.")
    with tempfile.TemporaryDirectory(prefix="cxcall-") as folder:
        file = Path(folder) / "said.wav"
        await _run((found, "--model", str(voice), "--output_file", str(file)), text, timeout)
        try:
            return await asyncio.to_thread(file.read_bytes)
        except FileNotFoundError:
            raise CannotSpeak("The speech engine made no sound of this text.") from None


async def _run(command: Sequence[str], text: str, timeout: float) -> bytes:
    """What the program printed."""
    try:
        process = await asyncio.create_subprocess_exec(
            *command, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL
        )
    except OSError as error:
        raise CannotSpeak("The speech engine can't be started. Check that it is installed whole.") from error
    try:
        async with asyncio.timeout(timeout):
            printed, _ = await process.communicate(f"{text}\n".encode())
    except TimeoutError:
        raise CannotSpeak("The speech engine took too long. Try a shorter text.") from None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode:
        raise CannotSpeak("The speech engine failed. Check that it is installed with its voices.")
    return printed
