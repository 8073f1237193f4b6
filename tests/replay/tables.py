"""Compact event tables: calls nobody recorded, written the way one reads a trace.

A line is `SECONDS Event CHANNEL(UID) [> CHANNEL(UID)] [key=value …]`. Uids are short; they become Asterisk's. A
channel's Linkedid is the uid it was given at its Newchannel (`linked=`), else its own. Values have `_` for
blanks (names of variables have not).
"""

from __future__ import annotations

import re

from cxcall.calls.events import Message

START = 1795300000.0
"""The moment 0.0 of every table."""

_CHANNEL = re.compile(r"([^\s(]*)\(([^)]+)\)$")
_SHORT = {
    "num": "CallerIDNum", "name": "CallerIDName", "exten": "Exten", "ctx": "Context", "status": "DialStatus",
    "dial": "DialString", "cause": "Cause", "tech": "TechCause", "br": "BridgeUniqueid", "type": "BridgeType",
    "with": "BridgeTechnology", "queue": "Queue", "pos": "Position", "member": "MemberName", "interface": "Interface",
    "reason": "Reason", "hold": "HoldTime", "talk": "TalkTime", "ring": "RingTime", "app": "Application",
    "data": "AppData", "state": "ChannelState", "var": "Variable", "value": "Value", "result": "Result",
    "to": "Extension", "space": "ParkingSpace", "parker": "ParkerDialString", "age": "Duration", "bridge": "BridgeId",
    "wait": "Wait", "dest": "DestType", "response": "Response",
}  # fmt: skip
_PARTS = {
    "by": "Transferer", "who": "Transferee", "first": "OrigTransferer", "second": "SecondTransferer",
    "target": "TransferTarget", "parkee": "Parkee", "retriever": "Retriever", "spyer": "Spyer", "spyee": "Spyee",
    "one": "LocalOne", "two": "LocalTwo", "rings": "Target",
}  # fmt: skip


def uid(short: str) -> str:
    """`3` → a Uniqueid as Asterisk makes them; other ids stay."""
    return f"lab-{int(START)}.{short}" if short.isdigit() else short


def table(lines: str) -> list[Message]:
    """The messages of a table."""
    linked: dict[str, str] = {}
    return [_message(line.split(), linked) for line in lines.splitlines() if line.strip()]


def _message(words: list[str], linked: dict[str, str]) -> Message:
    seconds, event, *rest = words
    message: dict[str, str | list[str]] = {
        "Event": event,
        "Timestamp": f"{START + float(seconds):.6f}",
        "SystemName": "lab",
    }
    prefix = ""
    for word in rest:
        found = _CHANNEL.match(word)
        key, equals, value = word.partition("=")
        if word == ">":
            prefix = "Dest"
        elif equals and key in _PARTS:
            found = _CHANNEL.match(value)
            assert found is not None, word
            _put(message, _PARTS[key], found)
        elif equals and key == "linked":
            linked[str(message["Uniqueid"])] = uid(value)
        elif equals:
            message[_SHORT.get(key, key)] = value if key in ("with", "var") else value.replace("_", " ")
        elif found is not None:
            _put(message, prefix, found)
    for name in ("", "Dest"):
        if f"{name}Uniqueid" in message:
            own = str(message[f"{name}Uniqueid"])
            message[f"{name}Linkedid"] = linked.setdefault(own, own)
    return message


def _put(message: dict[str, str | list[str]], part: str, found: re.Match[str]) -> None:
    if found.group(1):
        message[f"{part}Channel"] = found.group(1)
    message[f"{part}Uniqueid"] = uid(found.group(2))
