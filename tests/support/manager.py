"""A plain manager session for tests and recordings, which keeps every event as it came. Not the product's client."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

Headers = dict[str, str | list[str]]
"""Header names and values in their order; a header that repeats has a list."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """An event and when it came: epoch seconds."""

    at: float
    event: Headers


class Manager:
    """A logged-in manager session; use `async with Manager.connect(…)`."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.seen: list[Seen] = []
        self._reader, self._writer = reader, writer
        self._numbers = itertools.count(1)
        self._answers: dict[str, asyncio.Queue[Headers]] = {}
        self._news = asyncio.Event()

    @classmethod
    @asynccontextmanager
    async def connect(
        cls, port: int, username: str, secret: str, *, host: str = "127.0.0.1", events: str = "on"
    ) -> AsyncIterator[Manager]:
        """Log in; raises PermissionError when that is refused."""
        reader, writer = await asyncio.open_connection(host, port, limit=1 << 24)
        await asyncio.wait_for(reader.readline(), 30)
        manager = cls(reader, writer)
        reading = asyncio.create_task(manager._read())
        try:
            answer = await manager.ask("Login", {"Username": username, "Secret": secret, "Events": events})
            if answer["Response"] != "Success":
                raise PermissionError(answer["Message"])
            yield manager
        finally:
            reading.cancel()
            with suppress(asyncio.CancelledError):
                await reading
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()

    async def ask(self, action: str, headers: Mapping[str, str] | None = None, *, timeout: float = 30.0) -> Headers:
        """Return the response to `action`."""
        answers = await self._send(action, headers or {})
        return await asyncio.wait_for(answers.get(), timeout)

    async def listed(self, action: str, complete: str, *, timeout: float = 30.0) -> list[Headers]:
        """Return the events that answer a list `action`, without the one named `complete` that ends them."""
        answers = await self._send(action, {})
        first = await asyncio.wait_for(answers.get(), timeout)
        assert first.get("Response") == "Success", first
        found: list[Headers] = []
        while (item := await asyncio.wait_for(answers.get(), timeout)).get("Event") != complete:
            found.append(item)
        return found

    async def event(self, name: str, *, since: int = 0, timeout: float = 30.0, **headers: str) -> Headers:
        """Return the first event `name` with these headers, from the `since`th event seen on; waits for it."""

        def fits(event: Headers) -> bool:
            return event["Event"] == name and all(event.get(key) == value for key, value in headers.items())

        return await self.until(fits, since=since, timeout=timeout)

    async def until(self, fits: Callable[[Headers], bool], *, since: int = 0, timeout: float = 30.0) -> Headers:
        """Return the first event that `fits`, from the `since`th event seen on; waits for it."""
        async with asyncio.timeout(timeout):
            while True:
                self._news.clear()
                for seen in self.seen[since:]:
                    if fits(seen.event):
                        return seen.event
                since = max(since, len(self.seen))
                await self._news.wait()

    async def quiet(self, seconds: float = 0.4, *, timeout: float = 5.0) -> None:
        """Wait until no event has come for `seconds`, at most `timeout`."""
        since = time.time()
        with suppress(TimeoutError):
            async with asyncio.timeout(timeout):
                while time.time() - since < seconds:
                    await asyncio.sleep(0.05)
                    since = max(since, self.seen[-1].at if self.seen else since)

    async def _send(self, action: str, headers: Mapping[str, str]) -> asyncio.Queue[Headers]:
        number = f"test-{next(self._numbers)}"
        self._answers[number] = asyncio.Queue()
        lines = [f"Action: {action}", f"ActionID: {number}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        self._writer.write(("\r\n".join(lines) + "\r\n\r\n").encode())
        await self._writer.drain()
        return self._answers[number]

    async def _read(self) -> None:
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                self._take(read_message(await self._reader.readuntil(b"\r\n\r\n")))

    def _take(self, message: Headers) -> None:
        if "Event" in message:
            self.seen.append(Seen(at=time.time(), event=message))
            self._news.set()
        if (answers := self._answers.get(str(message.get("ActionID")))) is not None:
            answers.put_nowait(message)


def read_message(data: bytes) -> Headers:
    """Return the headers of one message."""
    message: Headers = {}
    for line in data.decode("utf-8", "replace").split("\r\n"):
        name, colon, value = line.partition(":")
        if not colon:
            continue
        value = value.removeprefix(" ")
        if name in message:
            earlier = message[name]
            message[name] = [*(earlier if isinstance(earlier, list) else [earlier]), value]
        else:
            message[name] = value
    return message
