"""Messages of the manager interface: bytes to headers and back, and the markers we write between them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

Headers = dict[str, str | list[str]]
"""Header → value; a header that repeats has a list."""

EVENT = b"Event: "
RESPONSE = b"Response: "
BANNER = b"Asterisk Call Manager/"
ACTION_ID = b"\r\nActionID: "
LAST_OF_LIST = b"\r\nEventList: Complete"
VARSET = b"VarSet"
NEWEXTEN = b"Newexten"
CONDITIONAL = frozenset({VARSET, NEWEXTEN})
NEXT_EVENT = b"\r\n\r\nEvent: "
BOOTED = b"Event: FullyBooted\r\n"
APPLICATION = b"\r\nApplication: "
VARIABLE = b"\r\nVariable: "


def parse(raw: bytes) -> Headers:
    """The headers of one whole message. Never raises: bad UTF-8 is replaced, lines without a colon are left out."""
    lines = raw.decode("utf-8", "replace").split("\r\n")
    pairs: Iterable[Any] = [line.split(": ", 1) for line in lines]
    try:
        message: Headers = dict(pairs)  # the fast way: raises when a line has no `: `
    except ValueError:
        return _patiently(lines)
    return message if len(message) == len(lines) else _patiently(lines)


def _patiently(lines: Iterable[str]) -> Headers:
    """As `parse`, for messages with repeated headers, headers without a space, or lines that are no headers."""
    message: Headers = {}
    for line in lines:
        key, colon, value = line.partition(":")
        if not colon:
            continue
        value = value.removeprefix(" ")
        before = message.get(key)
        if before is None:
            message[key] = value
        elif isinstance(before, list):
            before.append(value)
        else:
            message[key] = [before, value]
    return message


def text(message: Mapping[str, str | list[str]], header: str) -> str:
    """The value of a header, the first if it repeats, empty if it is missing."""
    value = message.get(header, "")
    return value if isinstance(value, str) else value[0]


def event_name(raw: bytes) -> bytes:
    """Name of an event that starts with `Event: `, empty for anything else."""
    if not raw.startswith(EVENT):
        return b""
    end = raw.find(b"\r", len(EVENT))
    return raw[len(EVENT) : end] if end >= 0 else raw[len(EVENT) :]


def header(raw: bytes, name: bytes) -> bytes:
    """The value of a header without parsing the message; `name` with line end and colon, as the constants here."""
    at = raw.find(name)
    if at < 0:
        return b""
    at += len(name)
    end = raw.find(b"\r", at)
    return raw[at:end] if end >= 0 else raw[at:]


class Wanted:
    """Which events are worth parsing, told from their first bytes.

    `names` are event names. VarSet, most of a busy stream, counts only when it sets one of `variables`, and Newexten
    only for `applications` (lower case).
    """

    __slots__ = ("_applications", "_names", "_variables", "applications", "variables")

    def __init__(
        self, names: Iterable[str], applications: Iterable[str] = (), variables: Iterable[str] = ("QUEUESTATUS",)
    ) -> None:
        self.variables = tuple(variables)
        self._variables = frozenset(name.encode() for name in self.variables)
        self._names = frozenset(name.encode() for name in names)
        self._applications = frozenset(name.lower().encode() for name in applications)
        self.applications = sorted(name.lower() for name in applications)

    def __call__(self, raw: bytes) -> bool:
        return bool(self.among([raw]))

    def among(self, messages: list[bytes]) -> list[bytes]:
        """Those of `messages` that are wanted events, in order. The hottest place of all: once for every event."""
        names, conditional = self._names, CONDITIONAL
        return [
            raw
            for raw in messages
            if (name := raw[7 : raw.find(b"\r", 7)]) in names
            and (name not in conditional or self._holds(name, raw))
            and raw.startswith(EVENT)
        ]

    def _holds(self, name: bytes, raw: bytes) -> bool:
        if name == VARSET:
            return header(raw, VARIABLE) in self._variables
        return header(raw, APPLICATION).lower() in self._applications

    def names(self) -> list[str]:
        return sorted(name.decode() for name in self._names)


def marker(name: str, at: float, **headers: str) -> bytes:
    """A message of ours in the stream, such as `CxcallConnected`, stamped with epoch seconds `at`."""
    lines = [f"Event: {name}", f"Timestamp: {at:.6f}", *(f"{key}: {value}" for key, value in headers.items())]
    return "\r\n".join(lines).encode() + b"\r\n\r\n"
