"""What waits to be sent to one WebSocket: per channel a few patches, or one word that the reader should fetch anew.

However slow the reader and however much happens, an outbox holds at most MOST patches a channel.
"""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec

from cxcall.bus import Bus, Message

MOST = 8
_encode = msgspec.json.Encoder().encode


class Outbox:
    """Filled by the bus (synchronous, never blocks), emptied by the socket's writer."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._waiting: dict[str, list[Message] | None] = {}  # None: too much, a snapshot is due
        self._something = asyncio.Event()

    def put(self, message: Message) -> None:
        """Queue a patch; from the ninth on the channel's patches give way to one snapshot."""
        waiting = self._waiting.setdefault(message.channel, [])
        if waiting is not None:
            waiting.append(message)
            if len(waiting) > MOST:
                self._waiting[message.channel] = None
        self._something.set()

    def stale(self, channel: str) -> None:
        """Tell the reader to fetch `channel` anew."""
        self._waiting[channel] = None
        self._something.set()

    def drop(self, channel: str) -> None:
        """The reader no longer wants `channel`."""
        self._waiting.pop(channel, None)

    async def wait(self) -> None:
        """Until something waits; the caller sees to the deadline (the socket's own ping ends it)."""
        await self._something.wait()

    def take(self) -> list[str]:
        """All that waits, as text frames, and nothing waits any more."""
        waiting, self._waiting = self._waiting, {}
        self._something.clear()
        return [frame for channel, messages in waiting.items() for frame in self._frames(channel, messages)]

    def __len__(self) -> int:
        return sum(len(messages) if messages is not None else 1 for messages in self._waiting.values())

    def _frames(self, channel: str, messages: list[Message] | None) -> list[str]:
        if messages is None:
            return [frame(channel, self._bus.seq(channel), "snap", {"stale": True})]
        return [_patch(message) for message in messages]


def _patch(message: Message) -> str:
    """The frame of a patch, the same for every socket that hears of it."""
    made = message.made.get("frame")
    if made is None:
        made = message.made["frame"] = frame(message.channel, message.seq, "patch", message.data)
    return made


def frame(channel: str, seq: int, kind: str, data: Any) -> str:
    """One message of the live channel: `{"ch", "seq", "t", "d"}`."""
    return _encode({"ch": channel, "seq": seq, "t": kind, "d": data}).decode()
