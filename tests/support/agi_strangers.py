"""Peers no FastAGI port wants, each kind in its own way wrong, and one caller who is right: programs of their own.

    python -m tests.support.agi_strangers strangers PORT SESSIONS [--workers 48] [--slow 40] [--seed 1]
    python -m tests.support.agi_strangers caller PORT

`strangers` prints how many of each kind there were and how many were not let go of in time (`stuck`). `caller` has one
good conversation after the other until its standard input ends, then prints how long each took.
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
import time
from collections.abc import Awaitable, Callable

from tests.support.agi_peer import header

PATIENCE = 30.0
"""Seconds until a peer that is not let go of counts as stuck; the longest deadline of the server is far shorter."""

PAUSE = 0.01
"""Seconds between two good conversations."""

COMMANDS = 3
"""What the script `/good` asks."""

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]
TALK = b"200 result=0\n200 result=53\nHANGUP\n200 result=-1\n511 Command Not Permitted on a dead channel\n"
TLS = bytes.fromhex("16030102000100 01fc0303".replace(" ", "")) + bytes(range(256))
HTTP = b"GET / HTTP/1.1\r\nHost: x\r\nUser-Agent: probe\r\n\r\n"


def _reset(writer: asyncio.StreamWriter) -> None:
    """Close with RST instead of FIN."""
    raw = writer.get_extra_info("socket")
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


async def _to_the_end(streams: Streams) -> None:
    """Read until the other side closes."""
    while await streams[0].read(65_536):
        pass


async def nothing(streams: Streams, chance: random.Random) -> None:
    if chance.random() < 0.5:
        _reset(streams[1])


async def part_of_a_header(streams: Streams, chance: random.Random) -> None:
    whole = header("bad", "x" * chance.randrange(200))
    streams[1].write(whole[: chance.randrange(1, len(whole))])
    await streams[1].drain()
    if chance.random() < 0.5:
        _reset(streams[1])


async def half_closed(streams: Streams, chance: random.Random) -> None:
    streams[1].write(header("bad")[: chance.choice([-1, None])])
    streams[1].write_eof()
    await _to_the_end(streams)


async def garbage(streams: Streams, chance: random.Random) -> None:
    said = chance.choice([HTTP, TLS, b"\n", b"HANGUP\n", chance.randbytes(chance.randrange(1, 300))])
    streams[1].write(said if said[:1] != b"a" else b"b")
    await _to_the_end(streams)


async def endless_header(streams: Streams, chance: random.Random) -> None:
    piece = chance.choice([b"agi_x: y\n" * 500, b"agi_x: " + b"y" * 4_000, b"agi_arg_1: " + b"\xff" * 900 + b"\n"])
    for _ in range(20):
        streams[1].write(piece if chance.random() < 0.9 or not piece.endswith(b"\n") else piece * 2)
        await streams[1].drain()
    await _to_the_end(streams)


async def drop_by_drop(streams: Streams, chance: random.Random) -> None:
    while not streams[0].at_eof():
        streams[1].write(b"agi_network: yes"[:1] if chance.random() < 0.01 else b"")
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(0.2):
                await _to_the_end(streams)


async def unknown_script(streams: Streams, chance: random.Random) -> None:
    streams[1].write(header(f"nowhere-{chance.randrange(1000)}"))
    await _to_the_end(streams)


async def gone_after_the_header(streams: Streams, chance: random.Random) -> None:
    streams[1].write(header("bad"))
    await streams[1].drain()
    if chance.random() < 0.5:
        await streams[0].readline()
    if chance.random() < 0.5:
        _reset(streams[1])


async def wrong_answers(streams: Streams, chance: random.Random) -> None:
    wrong = [b"hello\n", b"\n", b"200\n", b"200 result=1\n" * 9, b"HANGUP\n" * 3, b"\xff\xfe\n", b"999 result=0\n",
             b"200 result=99999999999999999999\n", b"100 trying\n" * 9000, b"200 result=1 (" + b"x\n" * 40_000,
             b"520-usage\n" * 9000]  # fmt: skip
    streams[1].write(header("bad"))
    await streams[0].readline()
    streams[1].write(chance.choice(wrong))
    await _to_the_end(streams)


async def mutated(streams: Streams, chance: random.Random) -> None:
    """A good conversation with some bytes changed, sent in pieces."""
    said = bytearray(header("bad") + TALK * chance.randrange(3))
    for _ in range(chance.randrange(1, 9)):
        place = chance.randrange(len(said))
        said[place : place + chance.randrange(3)] = chance.randbytes(chance.randrange(3))
    while said:
        piece = chance.randrange(1, len(said) + 1)
        streams[1].write(bytes(said[:piece]))
        del said[:piece]
        await streams[1].drain()
    streams[1].write_eof()
    await _to_the_end(streams)


async def silent(streams: Streams, chance: random.Random) -> None:
    """Takes a command and never answers."""
    streams[1].write(header("bad"))
    await _to_the_end(streams)


Kind = Callable[[Streams, random.Random], Awaitable[None]]
QUICK: tuple[Kind, ...] = (
    nothing, part_of_a_header, half_closed, garbage, endless_header, unknown_script, gone_after_the_header,
    wrong_answers, mutated,
)  # fmt: skip
SLOW: tuple[Kind, ...] = (drop_by_drop, silent)
"""Those that last until a deadline of the server; others must not wait behind them."""


class Crowd:
    """So many strangers, some of them at once."""

    def __init__(self, port: int, sessions: int, seed: int) -> None:
        self._port = port
        self._left = sessions
        self._chance = random.Random(seed)
        self.kinds: collections.Counter[str] = collections.Counter()
        self.stuck: collections.Counter[str] = collections.Counter()

    async def come(self, workers: int, slow: int) -> None:
        """Let them come, so many at a time."""
        await asyncio.gather(*[self._worker(QUICK) for _ in range(workers)], *[self._worker(SLOW) for _ in range(slow)])

    async def _worker(self, kinds: tuple[Kind, ...]) -> None:
        """One stranger after the other."""
        while self._left > 0:
            self._left -= 1
            await self._one(self._chance.choice(kinds))

    async def _one(self, kind: Kind) -> None:
        self.kinds[kind.__name__] += 1
        source = (f"127.0.{self._chance.randrange(1, 250)}.{self._chance.randrange(1, 250)}", 0)
        try:
            async with asyncio.timeout(PATIENCE):
                streams = await asyncio.open_connection("127.0.0.1", self._port, local_addr=source)
                try:
                    with contextlib.suppress(OSError):  # closed by the other side in the middle of what we do
                        await kind(streams, self._chance)
                finally:
                    streams[1].close()
                    with contextlib.suppress(ConnectionError):
                        await streams[1].wait_closed()
        except TimeoutError:
            self.stuck[kind.__name__] += 1
        except ConnectionError:
            self.kinds["refused"] += 1


async def strangers(port: int, sessions: int, workers: int, slow: int, seed: int) -> None:
    crowd = Crowd(port, sessions, seed)
    await crowd.come(workers, slow)
    print(json.dumps({"sessions": sum(crowd.kinds.values()), "kinds": crowd.kinds, "stuck": crowd.stuck}))


async def caller(port: int) -> None:
    taken, failed = list[float](), 0
    done = asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    while not done.done():
        began = time.perf_counter()
        try:
            async with asyncio.timeout(PATIENCE):
                await good(port)
        except (OSError, EOFError, TimeoutError):
            failed += 1
        else:
            taken.append(time.perf_counter() - began)
        await asyncio.sleep(PAUSE)
    print(json.dumps({"failed": failed, "seconds": taken}))


async def good(port: int) -> None:
    """From the connection until the call is given back, every command answered at once."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(header("good"))
        for _ in range(COMMANDS):
            if not await reader.readline():
                raise EOFError
            writer.write(b"200 result=1\n")
        await reader.read()
    finally:
        writer.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("who", choices=("strangers", "caller"))
    parser.add_argument("port", type=int)
    parser.add_argument("sessions", type=int, nargs="?", default=0)
    parser.add_argument("--workers", type=int, default=48)
    parser.add_argument("--slow", type=int, default=40)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    if given.who == "caller":
        asyncio.run(caller(given.port))
    else:
        asyncio.run(strangers(given.port, given.sessions, given.workers, given.slow, given.seed))


if __name__ == "__main__":
    main()
