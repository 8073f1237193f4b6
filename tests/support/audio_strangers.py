"""Peers no AudioSocket port wants, each kind in its own way wrong, and one stream that is right: programs of their own.

    python -m tests.support.audio_strangers PORT SESSIONS ASKED [--workers 32] [--seed 1]

`ASKED` is a file of uuids, one a line, the port waits for: some peers have one and go wrong later. Prints, as JSON,
how many of each kind there were and how many were not let go of in time (`stuck`).
"""

from __future__ import annotations

import argparse
import asyncio
import collections
import contextlib
import json
import random
import socket
import struct
import sys
import uuid
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

from cxcall.speech.audiosocket import hang_up, name, sound

PATIENCE = 30.0
"""Seconds until a peer that is not let go of counts as stuck."""

FRAME = b"\x01\x02" * 160
"""20 ms of sound."""

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


def _reset(writer: asyncio.StreamWriter) -> None:
    """Close with RST instead of FIN."""
    raw = writer.get_extra_info("socket")
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


async def _to_the_end(streams: Streams) -> None:
    while await streams[0].read(65_536):
        pass


async def nothing(streams: Streams, chance: random.Random, asked: str) -> None:
    if chance.random() < 0.5:
        _reset(streams[1])


async def half_a_name(streams: Streams, chance: random.Random, asked: str) -> None:
    streams[1].write(name(asked)[: chance.randrange(1, 19)])
    await streams[1].drain()
    if chance.random() < 0.5:
        _reset(streams[1])


async def garbage(streams: Streams, chance: random.Random, asked: str) -> None:
    said = [b"GET / HTTP/1.1\r\n\r\n", b"\x16\x03\x01\x02", b"\x00\x00\x00", sound(FRAME), b"\xff" * 99]
    streams[1].write(chance.choice([*said, b"\x02" + chance.randbytes(300)]))
    await _to_the_end(streams)


async def unasked(streams: Streams, chance: random.Random, asked: str) -> None:
    streams[1].write(name(str(uuid.UUID(int=chance.getrandbits(128)))) + sound(FRAME) * chance.randrange(4))
    await _to_the_end(streams)


async def slow(streams: Streams, chance: random.Random, asked: str) -> None:
    """Never comes to the end of its name."""
    streams[1].write(name(asked)[:5])
    await _to_the_end(streams)


async def broken_later(streams: Streams, chance: random.Random, asked: str) -> None:
    wrong = [b"\x10\x00\x01\x00", b"\x77\x00\x00", b"\x10\xff\xff", name(asked), b"\x00\x00\x05hello", b"\x03\x00\x01!"]
    streams[1].write(name(asked) + sound(FRAME) * chance.randrange(5) + chance.choice(wrong))
    await _to_the_end(streams)


async def half_a_frame(streams: Streams, chance: random.Random, asked: str) -> None:
    streams[1].write(name(asked) + sound(FRAME)[: chance.randrange(1, 322)])
    await streams[1].drain()
    if chance.random() < 0.5:
        _reset(streams[1])


async def flood(streams: Streams, chance: random.Random, asked: str) -> None:
    """More sound than time goes by."""
    streams[1].write(name(asked))
    with contextlib.suppress(ConnectionError):
        for _ in range(60):
            streams[1].write(sound(FRAME) * 50)
            await streams[1].drain()
    await _to_the_end(streams)


async def in_pieces(streams: Streams, chance: random.Random, asked: str) -> None:
    """A good stream cut anywhere, that ends as it should."""
    said = name(asked) + sound(FRAME) * chance.randrange(1, 30) + b"\x03\x00\x015" + hang_up()
    while said:
        cut = chance.randrange(1, len(said) + 1)
        streams[1].write(said[:cut])
        said = said[cut:]
        await streams[1].drain()
    await _to_the_end(streams)


Kind = Callable[[Streams, random.Random, str], Awaitable[None]]
KINDS: tuple[Kind, ...] = (
    nothing, half_a_name, garbage, unasked, broken_later, half_a_frame, flood, in_pieces,
)  # fmt: skip
SLOW: tuple[Kind, ...] = (slow,)
"""Those that last until a deadline of the server; others must not wait behind them."""


class Crowd:
    """So many strangers, some of them at once. `asked`: names the port waits for, each given to one of them."""

    def __init__(self, port: int, sessions: int, asked: Iterator[str], seed: int = 1) -> None:
        self._port = port
        self._left = sessions
        self._asked = asked
        self._chance = random.Random(seed)
        self.kinds: collections.Counter[str] = collections.Counter()
        self.stuck: collections.Counter[str] = collections.Counter()

    async def come(self, workers: int = 32, slow: int = 8) -> None:
        async with asyncio.TaskGroup() as group:
            for _ in range(workers):
                group.create_task(self._work(KINDS))
            for _ in range(slow):
                group.create_task(self._work(SLOW))

    async def _work(self, kinds: tuple[Kind, ...]) -> None:
        while self._left > 0:
            self._left -= 1
            kind = self._chance.choice(kinds)
            self.kinds[kind.__name__] += 1
            try:
                async with asyncio.timeout(PATIENCE):
                    await self._one(kind)
            except TimeoutError:
                self.stuck[kind.__name__] += 1

    async def _one(self, kind: Kind) -> None:
        try:
            streams = await asyncio.open_connection("127.0.0.1", self._port)
        except OSError:
            self.kinds["refused"] += 1
            return
        try:
            await kind(streams, self._chance, next(self._asked))
        except ConnectionError:
            pass  # let go of in the middle of a word
        finally:
            streams[1].close()
            with contextlib.suppress(OSError):
                await streams[1].wait_closed()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("port", type=int)
    parser.add_argument("sessions", type=int)
    parser.add_argument("asked", type=Path)
    parser.add_argument("--workers", type=int, default=32)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    crowd = Crowd(given.port, given.sessions, iter(given.asked.read_text().split()), given.seed)
    asyncio.run(crowd.come(given.workers))
    json.dump({"sessions": crowd.kinds.total(), "kinds": crowd.kinds, "stuck": crowd.stuck}, sys.stdout)


if __name__ == "__main__":
    main()
