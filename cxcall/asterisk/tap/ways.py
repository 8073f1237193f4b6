"""How the sound of one channel gets to us: a way for each kind of Asterisk."""

from __future__ import annotations

from typing import Protocol

from cxcall.asterisk.tap.ear import Ear

SPY = "cxspy-"
"""What the unique ids of our spies begin with: no party, no call, no CDR (cxcall.calls.graph)."""

CONNECT_S = 5.0
"""Seconds Asterisk has to make the connection it was asked for."""


class NotHeard(Exception):
    """A channel can't be listened to; the text is a sentence."""


class Way(Protocol):
    """Listens to one channel at a time; each method is safe whatever has become of the channel."""

    name: str

    async def begin(self, ear: Ear) -> None:
        """Have the sound of `ear.stream.unique_id` sent to `ear`; returns once it is. Raises NotHeard."""

    def end(self, ear: Ear) -> None:
        """Stop listening. The call goes on."""

    async def sweep(self, ours: set[str]) -> None:
        """End what an earlier process of ours left behind; `ours` are the ids of streams that are wanted."""

    async def close(self) -> None:
        """Let go of everything; the calls go on."""
