"""Time limits of talking to an Asterisk."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How long we wait, in seconds. Figures marked * were chosen from measurements (docs/decisions/0030)."""

    connect: float = 5.0
    login: float = 5.0
    action: float = 5.0
    listing: float = 20.0
    idle: float = 10.0
    """A peer silent for this long is pinged."""
    pong: float = 3.0
    """… and dropped when it then stays silent for this long."""
    fresh: float = 1.0
    """An act is preceded by a ping when the peer was last heard longer ago, so that none fires late.*"""
    booted: float = 5.0
    """Without FullyBooted (no right to read class `system`) the first resync starts after this."""
    stalled: float = 5.0
    """Reading may pause this long for a full inbox before what is waiting at Asterisk counts as lost.*"""
    retry: tuple[float, float] = (0.5, 30.0)
    """First and longest wait before connecting again."""
    refused: tuple[float, float] = (15.0, 300.0)
    """The same after a refused login: slow, since repeating a wrong password gets an address banned."""
