"""The sound files of prompts, and how each Asterisk gets at them.

A file's name is the SHA-256 of its 8 kHz form, so it never changes and may be kept by whoever fetched it:
`DATA/prompts/ab/abcd….wav` (8 kHz) and `.wav16` beside it, the names Asterisk's own format takes for both rates.
Written whole or not at all, and readable by everybody on the machine: Asterisk runs as a user of its own.
"""

from __future__ import annotations

import asyncio
import os
import re
import socket
from collections.abc import Collection
from datetime import datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cxcall.prompts.made import Made
from cxcall.prompts.speak import Engines, speak
from cxcall.settings import Ami, Settings

SHA = re.compile(r"[0-9a-f]{64}")
EVERY_ADDRESS = ("", "0.0.0.0", "::")  # noqa: S104 - asked about, not bound

_FOLDER_MODE, _FILE_MODE = 0o755, 0o644


def folder(settings: Settings) -> Path:
    """Where the files lie; an absolute path, as Asterisk works in a folder of its own."""
    return settings.data_dir.absolute() / "prompts"


def path_of(settings: Settings, sha: str) -> Path:
    """The 8 kHz file of a sound."""
    return folder(settings) / sha[:2] / f"{sha}.wav"


def engines(settings: Settings) -> Engines:
    """The speech engines of this site."""
    asked = settings.prompts
    return Engines(espeak=asked.espeak, piper=asked.piper, voices=asked.voices)


async def make_and_keep(settings: Settings, data: bytes) -> Made:
    """Make a prompt of a file's bytes and write its files. Raises BadSound with a sentence; OSError of the disk."""
    return await asyncio.to_thread(_make_and_keep, settings, data)


async def speak_and_keep(settings: Settings, text: str, language: str, *, timeout: float = 20.0) -> tuple[Made, str]:
    """Have a text said within `timeout` seconds and keep that; returns the engine's name as well.

    Raises CannotSpeak, BadSound (an engine that said nothing), OSError.
    """
    spoken = await speak(engines(settings), text, language, timeout=timeout)
    return await make_and_keep(settings, spoken.wav), spoken.engine


def address(settings: Settings, server: str, sha: str) -> str:
    """What the Asterisk called `server` is told to play, in STREAM FILE, GET DATA or Playback().

    On a shared disk the path without its ending, so that Asterisk takes the file that fits the call's codec; over the
    network an address that ends in `.wav`.
    """
    ami = next((ami for ami in settings.ami if ami.name == server), Ami())
    if by_disk(ami):
        return str(path_of(settings, sha).with_suffix(""))
    return f"{base_url(settings)}/prompts/{sha}.wav"


def by_disk(ami: Ami) -> bool:
    """Whether this Asterisk reads our files itself."""
    if ami.prompts != "auto":
        return ami.prompts == "disk"
    try:
        return ip_address(ami.host).is_loopback
    except ValueError:
        return ami.host.casefold() == "localhost"


def base_url(settings: Settings) -> str:
    """Where prompts are fetched, without a slash at the end."""
    told = settings.prompts.url or settings.web.public_url
    if told:
        return told.rstrip("/")
    host = settings.web.host if settings.web.host not in EVERY_ADDRESS else socket.gethostname()
    return f"http://{f'[{host}]' if ':' in host else host}:{settings.web.port}"


def lost(settings: Settings, shas: Collection[str]) -> frozenset[str]:
    """Those of `shas` whose file is not there (any more): callers would hear silence. Call it in a thread."""
    return frozenset(sha for sha in shas if not path_of(settings, sha).is_file())


def sweep(settings: Settings, keep: Collection[str], *, now: datetime) -> int:
    """Remove files whose sound is none of `keep` and that are a day old; returns how many. Call it in a thread."""
    gone = 0
    newest = (now - timedelta(days=1)).timestamp()
    for file in folder(settings).glob("??/*"):
        if file.stem not in keep and file.stat().st_mtime < newest:
            file.unlink(missing_ok=True)
            gone += 1
    return gone


def _make_and_keep(settings: Settings, data: bytes) -> Made:
    from cxcall.prompts.making import make  # its libraries take tens of MB: only who makes prompts carries them

    made = make(data)
    path = path_of(settings, made.sha)
    for above in (folder(settings), path.parent):
        above.mkdir(exist_ok=True, parents=True)
        if above.stat().st_mode & 0o777 != _FOLDER_MODE:
            above.chmod(_FOLDER_MODE)
    _write(path.with_suffix(".wav16"), made.wav16)
    _write(path, made.wav)
    return made


def _write(path: Path, data: bytes) -> None:
    draft = path.with_name(f".{path.name}.{os.getpid()}.{id(data)}")
    try:
        draft.write_bytes(data)
        draft.chmod(_FILE_MODE)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
