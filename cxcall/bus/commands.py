"""Acts asked for by one edge and done by another: every one with a deadline, none done late."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

Handler = Callable[[Any], Awaitable[Any]]


class NoAnswer(Exception):
    """Nobody does this kind of act now, or no answer came within the deadline."""


class CommandRefused(Exception):
    """The act was not done; the text says why in words a person can use."""


class Commands:
    """Named handlers of this process, such as `ami:lab`."""

    def __init__(self) -> None:
        self._handlers: dict[str, Handler] = {}

    def serve(self, name: str, handler: Handler) -> Callable[[], None]:
        """Let `handler` do the acts of `name` until the returned function is called."""
        self._handlers[name] = handler
        return lambda: self._withdraw(name, handler)

    async def ask(self, name: str, act: Any, timeout: float = 5.0) -> Any:
        """Have `act` done and return its outcome.

        Raises NoAnswer when nobody serves `name` or `timeout` seconds pass, CommandRefused when it was not done.
        """
        handler = self._handlers.get(name)
        if handler is None:
            raise NoAnswer(f"{name} is not running here")
        try:
            async with asyncio.timeout(timeout):
                return await handler(act)
        except TimeoutError as error:
            raise NoAnswer(f"{name} did not answer within {timeout:g} s") from error

    def _withdraw(self, name: str, handler: Handler) -> None:
        if self._handlers.get(name) is handler:
            del self._handlers[name]
