"""Strangers at the AudioSocket port by the ten thousand, and what a good stream notices: JSON on stdout.

    python -m benchmarks.audiosocket_fuzz [--sessions 50000] [--streams 20]

The port runs in this process with the limits of production (only a first frame has 0.5 s instead of 2, so that those
who never end it do not take all day); strangers are a process of their own. Good streams of 50 frames a second come all
the while from a third one: `frames_lost` is how many did not arrive, `late_ms` how much later than its turn a frame was
handed on. Memory is this process's after a warm-up, half-way and at the end.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import platform
import statistics
import sys
import tempfile
import time
import uuid
from pathlib import Path
from typing import Any

import psutil
import structlog

from cxcall.asterisk.audio.limits import Limits
from cxcall.asterisk.audio.server import AudioServer
from cxcall.speech.audiosocket import name, sound
from cxcall.speech.stream import Closed
from tests.support.audio_strangers import FRAME

ROUNDS = (0.1, 0.4, 0.5)
"""Shares of the sessions: the warm-up, then two halves to compare."""

TICK = 0.02


class Paced:
    """Takes a stream that numbers its frames from a moment on, 50 a second: how late each was, and how many came."""

    def __init__(self) -> None:
        self.began: float | None = None
        self.late: list[float] = []
        self.closed: Closed | None = None

    def arrived(self) -> None:
        self.began = None

    def audio(self, pcm: bytes, at: float) -> None:
        if self.began is None:
            self.began = at
        self.late.append((at - self.began - len(self.late) * TICK) * 1000)

    def close(self, why: Closed, at: float) -> None:
        self.closed = why


class Unheard:
    """Takes what strangers with a good name send."""

    def arrived(self) -> None: ...

    def audio(self, pcm: bytes, at: float) -> None: ...

    def close(self, why: Closed, at: float) -> None: ...


async def speak(port: int, names: list[str]) -> None:
    """The third process: good streams until standard input ends; prints how many frames each sent."""
    ends = asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    writers = [(await asyncio.open_connection("127.0.0.1", port))[1] for _ in names]
    for writer, id_ in zip(writers, names, strict=True):
        writer.write(name(id_))
    began, sent = time.monotonic(), 0
    while not ends.done():
        for writer in writers:
            writer.write(sound(FRAME))
        sent += 1
        await asyncio.sleep(max(0.0, began + sent * TICK - time.monotonic()))
    for writer in writers:
        writer.close()
        await writer.wait_closed()
    print(sent)


async def measure(sessions: int, streams: int) -> dict[str, Any]:
    server, process, load = AudioServer(Limits(name=0.5)), psutil.Process(), psutil.getloadavg()[0]
    async with server.listening("127.0.0.1", 0) as address:
        port, files = address.rpartition(":")[2], process.num_fds()
        good = {str(uuid.uuid4()): Paced() for _ in range(streams)}
        for id_, paced in good.items():
            server.expect(id_, paced)
        speaking = await _start("benchmarks.audiosocket_fuzz", "--speak", port, *good)
        await asyncio.sleep(1)
        rounds, memory, began, cpu = list[dict[str, Any]](), list[float](), 0.0, 0.0
        for number, share in enumerate(ROUNDS):
            if number == 1:
                began, cpu = time.perf_counter(), time.process_time()
            rounds.append(await _strangers(server, port, round(sessions * share), number))
            memory.append(round(process.memory_info().rss / 1e6, 1))
        seconds, used = time.perf_counter() - began, time.process_time() - cpu
        sent = int((await speaking.communicate(b""))[0])
        for _ in range(500):
            if not server.status().open:
                break
            await asyncio.sleep(0.02)
        status = server.status()
        left = {"open": status.open, "waiting": status.waiting, "files": process.num_fds() - files}
    late = [ms for paced in good.values() for ms in paced.late]
    broken = sum(one["sessions"] for one in rounds)
    return {
        "benchmark": "audiosocket_fuzz",
        "python": platform.python_version(),
        "load_before": round(load, 1),
        "sessions": broken,
        "stuck": sum(sum(one["stuck"].values()) for one in rounds),
        "seconds": round(seconds, 1),
        "sessions_per_second": round(sum(one["sessions"] for one in rounds[1:]) / seconds),
        "cpu_seconds": round(used, 1),
        "memory_mb": dict(zip(("before", "half", "after"), memory, strict=True)),
        "left": left,
        "uncounted": status.connections - sum(status.ends.values()),
        "ends": {end: count for end, count in status.ends.items() if count},
        "good": {
            "streams": streams,
            "frames": len(late),
            "frames_lost": sent * streams - len(late),
            "closed": sorted({str(paced.closed) for paced in good.values()}),
            "late_ms": {"p50": _cut(late, 50), "p95": _cut(late, 95), "max": round(max(late), 1)},
        },
    }


async def _strangers(server: AudioServer, port: str, sessions: int, seed: int) -> dict[str, Any]:
    names = [str(uuid.uuid4()) for _ in range(sessions)]
    for id_ in names:
        server.expect(id_, Unheard())
    with tempfile.TemporaryDirectory(prefix="cxcall-fuzz-") as folder:
        file = Path(folder) / "asked"
        file.write_text("\n".join(names))
        crowd = await _start("tests.support.audio_strangers", port, str(sessions), str(file), f"--seed={seed}")
        said, _ = await crowd.communicate(b"")
    for id_ in names:
        server.forget(id_)
    told: dict[str, Any] = json.loads(said)
    return told


async def _start(*words: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", *words, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )


def _cut(values: list[float], percent: int) -> float:
    return round(statistics.quantiles(values, n=100, method="inclusive")[percent - 1], 1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sessions", type=int, default=50_000)
    parser.add_argument("--streams", type=int, default=20)
    parser.add_argument("--speak", nargs="+", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.speak:
        asyncio.run(speak(int(given.speak[0]), given.speak[1:]))
        return
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    print(json.dumps(asyncio.run(measure(given.sessions, given.streams)), indent=2))


if __name__ == "__main__":
    main()
