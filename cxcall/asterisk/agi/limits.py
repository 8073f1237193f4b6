"""How long and how many: the bounds of FastAGI conversations, so that no peer and no fault of ours holds a call."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Times in seconds, and how many at once. Bytes are bounded by the codec."""

    header: float = 2.0
    """From the connection to the end of its header; Asterisk sends it at once."""
    think: float = 2.0
    """Between what Asterisk said and our next command: as long the caller hears nothing."""
    session: float = 900.0
    """A whole conversation."""
    farewell: float = 10.0
    """For a handler to write down what it has, once nobody waits for it any more."""
    grace: float = 2.0
    """For conversations to come to their end when we stop …"""
    last: float = 1.0
    """… and for their handlers to be gone after that."""
    closing: float = 1.0
    """For the last bytes to leave; then the connection is cut."""
    doorway: int = 256
    """Connections without a whole header. One more, and the one that has waited longest goes."""
    sessions: int = 500
    """Conversations. One more is closed at once: its call goes on in the dialplan."""
