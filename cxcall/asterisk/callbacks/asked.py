"""Callers who pressed the key and have not confirmed yet: each known by a token, for a few minutes."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

KEPT_S = 180.0
MOST = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A caller who is being asked. `number` E.164, "" when it is not known; `survey`: no rule keeps them from one;
    `until`: monotonic seconds."""

    server: str
    queue: str
    call: str
    number: str
    joined_at: datetime
    ahead: tuple[str, ...]
    priority: int = 0
    language: str = ""
    survey: bool = True
    until: float = 0.0


class Asking:
    """Who is asked now; the oldest is forgotten first."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._open: dict[str, Asked] = {}

    def begin(self, asked: Asked) -> str:
        """A token for the rest of the talk."""
        while len(self._open) >= MOST:
            del self._open[next(iter(self._open))]
        token = secrets.token_hex(16)
        self._open[token] = replace(asked, until=self._clock() + KEPT_S)
        return token

    def get(self, token: str) -> Asked | None:
        asked = self._open.get(token)
        return asked if asked is not None and asked.until >= self._clock() else None

    def end(self, token: str) -> None:
        self._open.pop(token, None)
