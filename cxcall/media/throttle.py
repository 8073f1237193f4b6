"""Messages that come faster than people can read: the newest of each kind, so often and no more. Pure."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Generic, TypeVar

Value = TypeVar("Value")


@dataclass(slots=True)
class _Waiting(Generic[Value]):
    last: float
    value: Value | None = None


class Throttle(Generic[Value]):
    """Lets a value of each key through at most every `every` seconds; of those held back only the newest is kept."""

    def __init__(self, every: float) -> None:
        self._every = every
        self._keys: dict[Hashable, _Waiting[Value]] = {}

    def offer(self, key: Hashable, value: Value, now: float) -> bool:
        """Whether it goes out now; else it is kept until `due`."""
        waiting = self._keys.get(key)
        if waiting is not None and now - waiting.last < self._every:
            waiting.value = value
            return False
        self._keys[key] = _Waiting(now)
        return True

    def due(self, now: float) -> list[tuple[Hashable, Value]]:
        """What was held back long enough, to go out now."""
        out: list[tuple[Hashable, Value]] = []
        for key, waiting in self._keys.items():
            if waiting.value is not None and now - waiting.last >= self._every:
                out.append((key, waiting.value))
                waiting.last, waiting.value = now, None
        return out

    def drop(self, key: Hashable) -> None:
        """What is held back of it is not wanted any more."""
        if key in self._keys:
            self._keys[key].value = None
