"""Calls that we ring ourselves come back to us by a token: used once, and only for a while."""

from __future__ import annotations

import secrets
import time
from typing import Generic, TypeVar

T = TypeVar("T")


class Tokens(Generic[T]):
    """What each token stands for, for `seconds`; at most `most` at a time, the oldest forgotten first."""

    def __init__(self, seconds: float, most: int = 200) -> None:
        self._seconds = seconds
        self._most = most
        self._kept: dict[str, tuple[float, T]] = {}

    def issue(self, thing: T) -> str:
        """A token for `thing`, not to be guessed."""
        while len(self._kept) >= self._most:
            del self._kept[next(iter(self._kept))]
        token = secrets.token_hex(16)
        self._kept[token] = (time.monotonic() + self._seconds, thing)
        return token

    def take(self, token: str) -> T | None:
        """What the token stands for, once; None when it is not ours, used, or too old."""
        until, thing = self._kept.pop(token, (0.0, None))
        return thing if until >= time.monotonic() else None

    def withdraw(self, token: str) -> None:
        """The token is not good any more."""
        self._kept.pop(token, None)
