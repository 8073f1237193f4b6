"""Voice messages that are kept: the sound `ID.flac`, and beside it `ID.json`, what Asterisk said about it.

All that a job or a page wants to know of a message is in these two, so a restart loses nothing. What is made of the
sound begins with its name and goes with it.
"""

from __future__ import annotations

import contextlib
import re
from datetime import datetime
from pathlib import Path

import msgspec

from cxcall.settings import Settings

SAFE = re.compile(r"[0-9A-Za-z_-]{1,64}")
"""Ids: the only thing of a file's name that was not made here."""


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """A voice message. `mailbox`: `1001@default`; `at`: when it was begun; `seconds`: as Asterisk counted them.

    `number`, `name`: the caller's, empty where they were kept back; a number as customers have it, else as dialled.
    """

    id: str
    mailbox: str
    at: datetime
    seconds: float
    number: str = ""
    name: str = ""


def folder(settings: Settings) -> Path:
    """Where kept messages lie."""
    return settings.data_dir.absolute() / "voicemail"


def sound_of(settings: Settings, message_id: str) -> Path:
    """The sound of a message that is kept."""
    return folder(settings) / f"{message_id}.flac"


def read(settings: Settings, message_id: str) -> Message | None:
    """A message that is kept; None when there is none (any more)."""
    if not SAFE.fullmatch(message_id):
        return None
    try:
        data = (folder(settings) / f"{message_id}.json").read_bytes()
        return msgspec.json.decode(data, type=Message)
    except (OSError, msgspec.DecodeError):
        return None


def write(settings: Settings, message: Message) -> None:
    """Keep what is known of a message whose sound is there: whole or not at all. Raises OSError."""
    place = folder(settings)
    part = place / f"{message.id}.part"
    part.write_bytes(msgspec.json.encode(message))
    part.replace(place / f"{message.id}.json")


def kept(settings: Settings) -> list[Message]:
    """All messages that are kept."""
    try:
        ids = [file.stem for file in folder(settings).glob("*.json")]
    except OSError:
        return []
    return [message for message_id in ids if (message := read(settings, message_id)) is not None]


def remove(settings: Settings, message_id: str) -> None:
    """Delete a message with all that was made of its sound. What can't be deleted is left for the next time."""
    for file in folder(settings).glob(f"{message_id}.*"):
        with contextlib.suppress(OSError):
            file.unlink()
