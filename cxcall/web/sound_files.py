"""Sound files people send to have them written down: kept below the data folder, moved, thrown away after a day.

`tries` is for what was sent to try speech, `uploads` for what is to stay, `uploads/gone` for what was deleted and may
be taken back for a day.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import secrets
import time
from collections.abc import AsyncIterator
from pathlib import Path

import structlog
from aiohttp import web
from sqlalchemy.exc import SQLAlchemyError

from cxcall.settings import Settings
from cxcall.speech.engines.sound import SoundError, open_sound
from cxcall.store import speech_uploads, transcript_removal, transcripts
from cxcall.store.errors import reason
from cxcall.web.keys import ENGINE, SETTINGS
from cxcall.web.words import N_

TRIES, UPLOADS, GONE = "tries", "uploads", "uploads/gone"
LARGEST = 30 * 1024 * 1024
DAY_S = 86_400.0
SWEPT_EVERY_S = 3600.0
LONGEST_NAME = 120
NO_FILE = N_("Choose a sound file first.")
TOO_LARGE = N_("The file is larger than 30 MB. Send it as MP3, Ogg or FLAC, or in parts.")
NO_SOUND = N_("This file has no sound that can be read. Send WAV, MP3, Ogg, FLAC, M4A, AMR or GSM.")
_SUFFIX = re.compile(r"\.[a-z0-9]{1,5}", re.ASCII)

log = structlog.get_logger("cxcall.web")


class BadFile(Exception):
    """The text is the sentence to show, a key of the catalogues."""


async def keep(settings: Settings, sent: object, folder: str) -> tuple[str, str, float]:
    """Keep a file of a form: its place below the data folder, its name, seconds of sound (0: unknown).

    Raises BadFile.
    """
    if not isinstance(sent, web.FileField) or not sent.filename:
        raise BadFile(NO_FILE)
    data = await asyncio.to_thread(sent.file.read, LARGEST + 1)
    if len(data) > LARGEST:
        raise BadFile(TOO_LARGE)
    name = "".join(letter for letter in Path(sent.filename).name if letter.isprintable())[-LONGEST_NAME:] or "sound"
    return await asyncio.to_thread(_write, settings.data_dir, folder, name, data)


async def move(settings: Settings, file: str, folder: str) -> str:
    """Put a kept file into another folder; its new place. Its day begins anew."""
    return await asyncio.to_thread(_move, settings.data_dir, file, folder)


async def drop(settings: Settings, file: str) -> None:
    """Throw a kept file away."""
    await asyncio.to_thread((settings.data_dir / file).unlink, missing_ok=True)


def setup(app: web.Application) -> None:
    """Have `app` throw away what is older than a day."""
    app.cleanup_ctx.append(_sweeping)


async def sweep(app: web.Application, now: float) -> int:
    """Throw away tries and deleted files of more than a day; how many there were. `now`: seconds since 1970."""
    gone = 0
    for folder in (TRIES, GONE):
        async with app[ENGINE].connect() as conn:
            found = await speech_uploads.in_folder(conn, folder, limit=200)
        for upload in found:
            path = app[SETTINGS].data_dir / upload.file
            if now - await asyncio.to_thread(_kept_at, path) < DAY_S:
                continue
            async with app[ENGINE].begin() as conn:
                transcript = await transcripts.of_subject(conn, "upload", upload.id)
                if transcript is not None:
                    await transcript_removal.remove(conn, transcript.id)
                await speech_uploads.moved(conn, upload.id, upload.file)
                await speech_uploads.remove(conn, upload.id)
            await asyncio.to_thread(path.unlink, missing_ok=True)
            gone += 1
    return gone


async def _sweeping(app: web.Application) -> AsyncIterator[None]:
    task = asyncio.create_task(_sweep_on(app))
    yield
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


async def _sweep_on(app: web.Application) -> None:
    while True:
        await asyncio.sleep(SWEPT_EVERY_S)
        try:
            await sweep(app, time.time())
        except (SQLAlchemyError, OSError, TimeoutError) as error:
            log.warning("old sound files can't be thrown away now", error=reason(error))


def _write(data_dir: Path, folder: str, name: str, data: bytes) -> tuple[str, str, float]:
    suffix = Path(name).suffix.lower()
    place = f"{folder}/{secrets.token_hex(16)}{suffix if _SUFFIX.fullmatch(suffix) else ''}"
    path = data_dir / place
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.write_bytes(data)
    try:
        with open_sound(path) as sound:
            return place, name, sound.seconds or 0.0
    except SoundError as error:
        path.unlink(missing_ok=True)
        raise BadFile(NO_SOUND) from error


def _move(data_dir: Path, file: str, folder: str) -> str:
    place = f"{folder}/{Path(file).name}"
    path = data_dir / place
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with contextlib.suppress(FileNotFoundError):
        (data_dir / file).rename(path)
        os.utime(path)
    return place


def _kept_at(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return 0.0
