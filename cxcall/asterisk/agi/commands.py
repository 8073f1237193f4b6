"""Our commands as lines: quoted so that whatever an argument holds stays one argument of one command. Pure."""

from __future__ import annotations

from cxcall.asterisk.agi.errors import CommandError

LONGEST_COMMAND = 2_000
"""Bytes; Asterisk reads a command into 2048 and cuts what is longer."""


def encoded(command: str) -> bytes:
    """The line of a command as Asterisk reads it. Raises CommandError."""
    try:
        data = command.encode()
    except UnicodeEncodeError as error:
        raise CommandError(f"A command has a character that can't be sent: {command[:40]!r}.") from error
    if any(end in data for end in (b"\n", b"\r", b"\0")):
        raise CommandError(f"A command must be one line: {command[:40]!r}.")
    if not data.strip():
        raise CommandError("A command must say something.")
    if len(data) > LONGEST_COMMAND:
        raise CommandError(f"A command may have {LONGEST_COMMAND} bytes; one has {len(data)}: {command[:40]!r}.")
    return data + b"\n"


def line(*words: str | int) -> str:
    """A command of `words`; the first goes as it is, every other is one argument whatever it holds.

    Asterisk splits at blanks, reads quotes and takes what follows a backslash as it is. Raises CommandError.
    """
    first, *rest = words
    command = " ".join((str(first), *map(_quoted, rest)))
    encoded(command)
    return command


def _quoted(word: str | int) -> str:
    text = str(word)
    if text and text.replace("-", "").replace("_", "").isalnum() and text.isascii():
        return text
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
