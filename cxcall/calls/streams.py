"""Recorded event streams as messages: AMI as raw bytes, one JSON object a line, or one JSON array.

Pure: takes chunks of bytes, gives `Message`s or `Unreadable`s; opening files is the caller's. Lines may be cut off, be
no UTF-8, or be no events at all: what can't be read is told, never raised.
"""

from __future__ import annotations

import json
import re
from collections.abc import Generator, Iterable, Iterator
from typing import Any, Literal

import msgspec

from cxcall.calls.events import Message, moment
from cxcall.calls.numbers import born_by_id

Format = Literal["ami", "ami-jsonl", "cel-csv", "queue-log"]

NEW_RECORDING = 2.0
"""Seconds by which `t` and Timestamp part when another recording, with a `t` of its own, follows in the stream."""
CUT = b"\0cut"

LONGEST = 1_000_000
"""Bytes of a message or line beyond which it is garbage: AMI's longest are some kilobytes."""


class Unreadable(msgspec.Struct, frozen=True):
    """A line or message that is no event: `line` counts from 1, `why` is a plain phrase."""

    line: int
    why: str


BOM = b"\xef\xbb\xbf"
BEGINNINGS = (b"{", b"[", b"Event:", b"Response:", b"Asterisk Call Manager/")
"""What a message begins with; a file that begins otherwise goes on where the one before it was cut."""


def detect(head: bytes) -> Format | None:
    """The format of a stream by its first kilobytes, which may begin in the middle of a line; None for no format."""
    if b"\0" in head:
        return None  # no text at all
    start = head.removeprefix(BOM).lstrip()
    if start[:1] in (b"{", b"[") or re.search(rb'(?m)^\{"|"\}\r?$', head):
        return "ami-jsonl"
    first = start.split(b"\n", 1)[0].lower()
    if b"eventtype" in first and b"," in first:
        return "cel-csv"
    if re.match(rb"\d{9,10}(\.\d+)?\|[^|]*\|[^|]*\|[^|]*\|", first):
        return "queue-log"
    if re.search(rb"(?m)^(Asterisk Call Manager/|[A-Za-z-]{2,40}: ?)|\r$", head):
        return "ami"
    return None


def read_ami(chunks: Iterable[bytes]) -> Iterator[Message | Unreadable]:
    """Messages of raw AMI bytes: `Key: value` lines ended by an empty one, the banner and answers among them."""
    lines: list[bytes] = []
    began = 1
    for number, line in enumerate(_lines(chunks, mark_cut=True), 1):
        if number == 1:
            line = line.removeprefix(BOM)  # the mark is no part of the line
        if line.endswith(CUT):
            yield Unreadable(began if lines else number, "cut off")
            return
        if line:
            if not lines:
                began = number
            lines.append(line)
        elif lines:
            yield from _message(lines, began)
            lines = []
    if lines:
        yield from _message(lines, began)


def _message(lines: list[bytes], began: int) -> Iterator[Message | Unreadable]:
    message: dict[str, str | list[str]] = {}
    for line in lines:
        key, colon, value = line.partition(b":")
        if colon:
            _put(message, key.decode("utf-8", "replace"), value.removeprefix(b" ").decode("utf-8", "replace"))
    if "Event" in message:
        yield message
    elif "Response" not in message and not lines[0].startswith(b"Asterisk Call Manager/"):
        yield Unreadable(began, "no event")


def _put(message: dict[str, str | list[str]], key: str, value: str) -> None:
    before = message.get(key)
    if before is None:
        message[key] = value
    elif isinstance(before, list):
        before.append(value)
    else:
        message[key] = [before, value]


def read_json(chunks: Iterable[bytes]) -> Iterator[Message | Unreadable]:
    """Messages of JSON Lines, or of one JSON array of such objects (over any number of lines)."""
    lines = _lines(chunks)
    first = next((line for line in lines if line.strip()), b"").removeprefix(BOM).lstrip()
    if first.startswith(b"["):
        yield from _array(first + b"\n" + b"\n".join(lines))
        return
    for number, line in enumerate(_chain(first, lines), 1):
        if line.strip():
            yield from _object(line, number)


def _chain(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from rest


def _array(data: bytes) -> Iterator[Message | Unreadable]:
    text = data.decode("utf-8", "replace")
    try:
        items: Any = msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError):
        items = _whole_objects(text)
        yield Unreadable(1, "not a whole JSON array")
    for number, item in enumerate(items, 1):
        yield from _event(item, number)


def _whole_objects(text: str) -> Iterator[Any]:
    """The objects of an array that was cut off or damaged, up to the first that is not whole."""
    decoder = json.JSONDecoder()
    begin = text.find("{")
    while begin >= 0:
        try:
            item, end = decoder.raw_decode(text, begin)
        except (ValueError, RecursionError):
            return
        yield item
        begin = text.find("{", end)


def _object(line: bytes, number: int) -> Iterator[Message | Unreadable]:
    try:
        item: Any = msgspec.json.decode(line.decode("utf-8", "replace"))
    except (msgspec.DecodeError, RecursionError):
        yield Unreadable(number, "not JSON")
        return
    yield from _event(item, number)


def _event(item: Any, number: int) -> Iterator[Message | Unreadable]:
    if not isinstance(item, dict):
        yield Unreadable(number, "not a JSON object")
    elif isinstance(item.get("Event"), str):
        yield item
    elif "Response" not in item:
        yield Unreadable(number, "no event")


def _lines(chunks: Iterable[bytes], *, mark_cut: bool = False) -> Iterator[bytes]:
    """Lines without their ends, whatever the chunks; of an endless line only its beginning, which no one can read.

    With `mark_cut` a last line without an end gets CUT: its last value may be half a value.
    """
    pieces: list[bytes] = []  # of the line that has not ended yet
    size = 0
    for chunk in chunks:
        *ended, last = chunk.split(b"\n")
        for part in ended:
            pieces.append(part)
            yield b"".join(pieces).removesuffix(b"\r")
            pieces, size = [], 0
        size += len(last)
        if size <= LONGEST or not pieces or pieces[0].removeprefix(BOM).lstrip().startswith(b"["):
            pieces.append(last)
    rest = b"".join(pieces)
    if rest:
        yield rest.removesuffix(b"\r") + (CUT if mark_cut else b"")


def goes_on(head: bytes) -> bool:
    """Whether a file that begins so goes on with the message the file before it was cut in."""
    return bool(head) and not head.removeprefix(BOM).startswith(BEGINNINGS)


def hold_back(chunks: Iterable[bytes], format_: Format) -> Generator[bytes, None, bytes]:
    """The bytes up to the end of the last whole message; returns those after it."""
    held = b""
    for chunk in chunks:
        held += chunk
        if format_ == "ami":
            end = max(held.rfind(b"\n\r\n") + 3, held.rfind(b"\n\n") + 2)
            end = 0 if end <= 2 else end
        else:
            end = held.rfind(b"\n") + 1
        if end or len(held) > LONGEST:
            end = end or len(held)
            yield held[:end]
            held = held[end:]
    return held


def timed(messages: Iterable[Message | Unreadable]) -> Iterator[tuple[Message, float | None] | Unreadable]:
    """Each message with the time of those that have no `Timestamp`.

    That is `t` (seconds since the recording began, counted from the first Timestamp less its own `t`; where no event
    has a Timestamp, so that no channel appears before the second of its birth), else the newest moment seen so far, by
    Timestamp or by the birth of a channel, else None.
    """
    base: float | None = None
    newest: float | None = None
    waiting: list[Message | Unreadable] = []
    for message in messages:
        if isinstance(message, Unreadable):
            if waiting:
                waiting.append(message)
            else:
                yield message
            continue
        at, t = moment(message.get("Timestamp")), _seconds(message.get("t"))
        born = _born(message)
        if base is None and t is not None:
            if at is None:
                waiting.append(message)
                continue
            base = at - t
            yield from _stamped(waiting, base)
            waiting = []
        elif at is not None and t is not None and base is not None and abs(at - t - base) > NEW_RECORDING:
            base = at - t
        if at is None:
            at = base + t if base is not None and t is not None else None
        newest = max((known for known in (at, newest, born) if known is not None), default=None)
        if waiting:
            waiting.append(message)
        else:
            yield message, at if at is not None else newest
    for recording in _recordings(waiting):
        yield from _stamped(recording, _base_by_births(recording))


def _recordings(waiting: list[Message | Unreadable]) -> Iterator[list[Message | Unreadable]]:
    """Messages without any Timestamp, parted where `t` begins anew."""
    part: list[Message | Unreadable] = []
    newest = 0.0
    for message in waiting:
        t = None if isinstance(message, Unreadable) else _seconds(message.get("t"))
        if t is not None:
            if t < newest - NEW_RECORDING:
                yield part
                part, newest = [], t
            newest = max(newest, t)
        part.append(message)
    yield part


def _base_by_births(recording: list[Message | Unreadable]) -> float | None:
    """The earliest moment `t` can count from: a channel is seen no sooner than in the second of its birth."""
    bases: list[float] = []
    for message in recording:
        if not isinstance(message, Unreadable):
            t, born = _seconds(message.get("t")), _born(message)
            if t is not None and born is not None:
                bases.append(born - t)
    return max(bases, default=None)


def _stamped(
    waiting: list[Message | Unreadable], base: float | None
) -> Iterator[tuple[Message, float | None] | Unreadable]:
    for message in waiting:
        if isinstance(message, Unreadable):
            yield message
        else:
            t = _seconds(message.get("t"))
            yield message, None if base is None or t is None else base + t


def _born(message: Message) -> float | None:
    uid = message.get("Uniqueid")
    return born_by_id(uid, None) if isinstance(uid, str) else None


def _seconds(value: Any) -> float | None:
    if isinstance(value, (int, float)) and not isinstance(value, bool) and -1e9 < value < 1e9:
        return float(value)
    return None
