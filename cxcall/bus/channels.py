"""Publish and subscribe in one process, with replay from a sequence number.

Every channel numbers its messages 1, 2, 3 … above a base taken from the start of the process, so a number from
before a restart is never mistaken for one of now. A reader that comes back with the last number it saw gets
what it missed, or None when that is no longer kept: then it asks for a snapshot.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One patch on a channel; `data` is made of dicts, lists, strings and numbers only.

    `made`: what readers make of it that all of them need alike, so that it is made once.
    """

    channel: str
    seq: int
    data: Any
    made: dict[str, str] = field(default_factory=dict, compare=False, repr=False)


Subscriber = Callable[[Message], None]


@dataclass(slots=True)
class _Channel:
    seq: int
    kept: deque[Message]
    subscribers: set[Subscriber] = field(default_factory=set)


class Bus:
    """Channels of this process. `publish` and the subscribers it calls are synchronous and must not block.

    `epoch` is the first sequence number of every channel: milliseconds since 1970 at start of the process.
    `keep` is how many messages a channel holds for readers that come back, `most` how many channels are kept:
    beyond it those that nobody reads are forgotten, longest unused first (there is one for every call).
    """

    def __init__(self, epoch: int, keep: int = 64, most: int = 4096) -> None:
        self._epoch = epoch
        self._keep = keep
        self._most = most
        self._channels: dict[str, _Channel] = {}

    def publish(self, channel: str, data: Any) -> None:
        """Number the message, keep it, hand it to every subscriber."""
        state = self._state(channel)
        self._channels[channel] = self._channels.pop(channel)  # the last one used is the last one forgotten
        state.seq += 1
        message = Message(channel=channel, seq=state.seq, data=data)
        state.kept.append(message)
        for subscriber in tuple(state.subscribers):
            subscriber(message)

    def subscribe(self, channel: str, subscriber: Subscriber) -> Callable[[], None]:
        """Call `subscriber` for every later message; the returned function ends that."""
        subscribers = self._state(channel).subscribers
        subscribers.add(subscriber)
        return lambda: subscribers.discard(subscriber)

    def seq(self, channel: str) -> int:
        """Number of the last message, to stamp a snapshot with."""
        state = self._channels.get(channel)
        return state.seq if state else self._epoch

    def since(self, channel: str, seq: int) -> list[Message] | None:
        """Messages after `seq`, or None when some of them are no longer kept or `seq` is not ours."""
        state = self._channels.get(channel)
        if state is None:
            return [] if seq == self._epoch else None
        first = state.seq - len(state.kept)
        if not first <= seq <= state.seq:
            return None
        return [message for message in state.kept if message.seq > seq]

    def _state(self, channel: str) -> _Channel:
        state = self._channels.get(channel)
        if state is None:
            if len(self._channels) >= self._most:
                self._forget()
            state = self._channels[channel] = _Channel(self._epoch, deque(maxlen=self._keep))
        return state

    def _forget(self) -> None:
        """Drop the older half of the channels, but none that is read; later ones number on above all dropped."""
        for name in list(self._channels)[: self._most // 2]:
            if not self._channels[name].subscribers:
                self._epoch = max(self._epoch, self._channels.pop(name).seq + 1)
