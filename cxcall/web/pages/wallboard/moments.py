"""Epoch seconds, as the board has them, and moments, as templates show them."""

from __future__ import annotations

from datetime import UTC, datetime


def moment(epoch: float) -> datetime:
    """The moment of `epoch` seconds, aware UTC."""
    return datetime.fromtimestamp(epoch, UTC)


def maybe(epoch: float | None) -> datetime | None:
    return None if epoch is None else moment(epoch)
