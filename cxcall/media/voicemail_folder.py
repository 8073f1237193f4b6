"""What lies in Asterisk's voicemail folder: messages as `DIR/CONTEXT/MAILBOX/FOLDER/msgNNNN.txt`, the sound beside.

Anybody who can leave a message writes a part of these files (name and number), and other programs write there too: a
file that makes no sense is a problem with a name, never an exception.
"""

from __future__ import annotations

import configparser
import hashlib
import math
import os
import re
import stat
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cxcall.customers.number import fold, withheld
from cxcall.store.voicemail_files import SAFE, Message

FORMATS = ("wav", "WAV", "wav16", "sln16", "sln", "flac", "ogg", "ulaw", "alaw", "ul", "al", "gsm")
"""Endings of what can be read, the best sound first. Asterisk writes a message in every format of voicemail.conf."""

REST_S = 5.0
"""A message that nobody wrote to for so long is whole."""

LEFT_OUT = frozenset({"tmp", "Deleted"})
"""Folders of a mailbox that hold what is being recorded and what its owner deleted."""

_MESSAGE = re.compile(r"msg[0-9]{4,6}\.txt")
_CALLER = re.compile(r'\s*"?(?P<name>[^"<]*)"?\s*<(?P<number>[^<>]*)>\s*')
_NUMBER = re.compile(r"[+*#0-9]{1,32}")
_MOST_BYTES = 64 * 1024
_LONGEST_S = 24 * 3600.0
_LONGEST_NAME = 100


class BadMessage(Exception):
    """The message can't be used; the text says why."""


class Unfinished(Exception):
    """The message is still being written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """A message in the folder with its sound."""

    message: Message
    sound: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One look at the folder. `there`: there are mailboxes, so what is missing is gone; `unread`: folders and files
    that could not be read, `bad`: files that make no sense, and why."""

    left: dict[str, Left] = field(default_factory=dict)
    bad: dict[Path, str] = field(default_factory=dict)
    unread: set[Path] = field(default_factory=set)
    unfinished: int = 0
    there: bool = False

    def hides(self, mailbox: Path) -> bool:
        """Whether something in this mailbox's folder, or all of it, could not be read."""
        return any(one.is_relative_to(mailbox) or mailbox.is_relative_to(one) for one in self.unread)


@dataclass(slots=True)
class _Look:
    country: str
    now: float
    left: dict[str, Left] = field(default_factory=dict)
    bad: dict[Path, str] = field(default_factory=dict)
    unread: set[Path] = field(default_factory=set)
    unfinished: int = 0

    def below(self, folder: Path) -> Iterator[Path]:
        """Folders in a folder; one that can't be read has none."""
        try:
            yield from sorted(entry for entry in folder.iterdir() if entry.is_dir())
        except OSError:
            self.unread.add(folder)

    def take(self, mailbox: str, file: Path) -> None:
        try:
            found = Left(message=parse(_text(file), mailbox, self.country), sound=_sound(file, self.now))
        except (Unfinished, FileNotFoundError):  # moved while we looked
            self.unfinished += 1
        except BadMessage as error:
            self.bad[file] = str(error)
        except OSError:
            self.unread.add(file)
        else:
            self.left.setdefault(found.message.id, found)


def look(folder: Path, country: str, now: float) -> Seen:
    """All messages below `folder` (`country`: of numbers without one; `now`: seconds since 1970). Never raises."""
    seen = _Look(country, now)
    there = False
    for context in seen.below(folder):
        for mailbox in seen.below(context):
            there = True
            for inside in seen.below(mailbox):
                if inside.name in LEFT_OUT:
                    continue
                try:
                    files = sorted(file for file in inside.iterdir() if _MESSAGE.fullmatch(file.name))
                except OSError:
                    seen.unread.add(inside)
                    continue
                for file in files:
                    seen.take(f"{mailbox.name}@{context.name}", file)
    return Seen(left=seen.left, bad=seen.bad, unread=seen.unread, unfinished=seen.unfinished, there=there)


def place_of(folder: Path, mailbox: str) -> Path:
    """The folder of `1001@default`."""
    box, _, context = mailbox.rpartition("@")
    return folder / context / box


def parse(text: str, mailbox: str, country: str) -> Message:
    """The message a txt file tells of. Raises BadMessage, and Unfinished while it has no duration."""
    reader = configparser.RawConfigParser(strict=False, allow_no_value=True, delimiters=("=",), comment_prefixes=(";",))
    try:
        reader.read_string(text)
    except configparser.Error as error:
        raise BadMessage(f"It is no message: {type(error).__name__}.") from error
    if not reader.has_section("message"):
        raise Unfinished if not text.strip() else BadMessage("It has no part [message].")
    said = {name: (value or "").strip() for name, value in reader.items("message")}
    if not said.get("duration"):
        raise Unfinished
    began = _number(said.get("origtime", ""), "origtime")
    if not 0 < began < 1 << 36:
        raise BadMessage("Its origtime is no time.")
    number, name = _caller(said.get("callerid", ""), country)
    msg_id = said.get("msg_id", "")
    return Message(
        id=msg_id if SAFE.fullmatch(msg_id) else _made_id(mailbox, said),
        mailbox=_plain(mailbox),
        at=datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=began),
        seconds=min(max(0.0, _number(said["duration"], "duration")), _LONGEST_S),
        number=number,
        name=name,
    )


def _caller(text: str, country: str) -> tuple[str, str]:
    """Number and name of `"Maryam" <0912…>`; each empty where it was kept back."""
    match = _CALLER.fullmatch(text)
    number, name = (match["number"], match["name"]) if match else (text, "")
    number = re.sub(r"[ ().\-/]", "", number)
    known = fold(number, country) or (number if _NUMBER.fullmatch(number) else "")
    name = _plain(name)
    return known, "" if withheld(name) or name == number else name


def _plain(text: str) -> str:
    """A short line without what can't be seen."""
    shown = "".join(letter for letter in text if unicodedata.category(letter) not in ("Cc", "Cs", "Cn", "Co"))
    return shown.strip()[:_LONGEST_NAME]


def _made_id(mailbox: str, said: dict[str, str]) -> str:
    """Of a message without a (safe) id: the same wherever in its mailbox it is moved."""
    of = "\0".join((mailbox, said.get("origtime", ""), said.get("callerid", "")))
    return "made-" + hashlib.sha256(of.encode(errors="replace")).hexdigest()[:32]


def _number(text: str, what: str) -> float:
    try:
        value = float(text)
    except ValueError as error:
        raise BadMessage(f"Its {what} is no number.") from error
    if not math.isfinite(value):
        raise BadMessage(f"Its {what} is no number.")
    return value


def _text(file: Path) -> str:
    """The text of a file that is one: no link, no pipe, nothing endless."""
    handle = os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    with os.fdopen(handle, "rb") as source:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise BadMessage("It is no file.")
        data = source.read(_MOST_BYTES + 1)
    if len(data) > _MOST_BYTES:
        raise BadMessage("It is too long for a message.")
    return data.decode("utf-8", "replace")


def _sound(file: Path, now: float) -> Path:
    """The best sound of a message. Raises Unfinished while it or its text is being written, BadMessage without one."""
    written = file.lstat().st_mtime
    for ending in FORMATS:
        sound = file.with_suffix(f".{ending}")
        try:
            about = sound.lstat()
        except FileNotFoundError:
            continue
        if stat.S_ISREG(about.st_mode) and about.st_size:
            if 0 <= now - max(written, about.st_mtime) < REST_S:
                raise Unfinished
            return sound
    if 0 <= now - written < REST_S:
        raise Unfinished
    raise BadMessage(f"It has no sound that can be read (of {', '.join(FORMATS)}).")
