"""Turn live calls into a test: record the events of an Asterisk into a .jsonl stream.

    python -m tests.support.record FILE --port 5038 --username cxcall --secret-file SECRET     # until Ctrl-C
    python -m tests.support.record --scenario queue_timeout parked_given_up                     # or --scenario all

The first records any Asterisk you may log in to: call, hang up, press Ctrl-C. The second plays scenarios of
tests/support/scenarios on a private Asterisk and writes tests/replay/streams22/NAME.jsonl and its README.md.
A line is one event: `t` is seconds since the beginning, the rest are the headers in their order (a list where one
repeats).
"""

from __future__ import annotations

import argparse
import asyncio
import inspect
import json
import tempfile
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from cxcall.demo.switch import unpack
from tests.support.manager import Headers, Manager
from tests.support.scenarios import SCENARIOS, Lab

ROOT = Path(__file__).parent.parent.parent
STREAMS = ROOT / "tests/replay/streams22"


def write(path: Path, events: Iterable[tuple[float, Headers]]) -> None:
    """Write `events`, seconds and headers, as a stream."""
    with path.open("w") as out:
        for seconds, event in events:
            out.write(json.dumps({"t": seconds, **event}, ensure_ascii=False) + "\n")


async def record_live(path: Path, host: str, port: int, username: str, secret: str) -> None:
    """Record until cancelled."""
    async with Manager.connect(port, username, secret, host=host) as manager:
        began = time.time()
        first = len(manager.seen)
        print(f"Recording {host}:{port}. Make your call, then press Ctrl-C.")
        try:
            await asyncio.Event().wait()
        finally:
            write(path, ((round(seen.at - began, 3), seen.event) for seen in manager.seen[first:]))
            print(f"{len(manager.seen) - first} events in {path}")


async def record_scenarios(names: list[str]) -> None:
    """Play scenarios one after another on one private Asterisk and write their streams."""
    tree = await asyncio.to_thread(unpack, ROOT / "var/asterisk")
    with tempfile.TemporaryDirectory() as folder:
        async with Lab.open(Path(folder), tree) as new_lab:
            for name in names:
                lab = await new_lab()
                lab.begin()
                async with asyncio.timeout(60):
                    await SCENARIOS[name](lab)
                await lab.manager.quiet(0.6)
                events = lab.recorded()
                write(STREAMS / f"{name}.jsonl", events)
                print(f"{name:34} {len(events):4} events {(STREAMS / f'{name}.jsonl').stat().st_size:7} bytes")


def write_readme() -> None:
    """Write what truly happened in each stream, from the scenarios themselves."""
    lines = [
        "# Streams of a real Asterisk 22, recorded by us",
        "",
        "Made by `python -m tests.support.record --scenario all`; the scripts in tests/support/scenarios say the same.",
        "One event a line; `t` is seconds since the recording began. `read = all`, `timestampevents = yes`,",
        "`systemname = lab`. Zahra calls from outside: 09121234567, “زهرا کریمی”, trunk; inside are Sara (1001),",
        "Reza (1002), Maryam (1003), Omid (1004) and Nasrin (1005). Queue hotline asks Sara, then Reza, 4 s each.",
        "Durations are as played; the events tell them to the microsecond.",
        "",
    ]
    module = ""
    for name, play in SCENARIOS.items():
        if play.__module__ != module:
            module = play.__module__
            lines += ["", "## " + (inspect.getmodule(play).__doc__ or "").strip(), ""]
        lines.append(f"* `{name}`: {' '.join((play.__doc__ or '').split())}")
    (STREAMS / "README.md").write_text("\n".join(lines) + "\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", nargs="?", type=Path)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=5038)
    parser.add_argument("--username", default="cxcall")
    parser.add_argument("--secret-file", type=Path)
    parser.add_argument("--scenario", nargs="+", choices=[*SCENARIOS, "all"], metavar="NAME")
    given = parser.parse_args()
    with suppress(KeyboardInterrupt):
        if given.scenario:
            names = list(SCENARIOS) if "all" in given.scenario else given.scenario
            asyncio.run(record_scenarios(names))
            write_readme()
        elif given.file and given.secret_file:
            secret = given.secret_file.read_text().strip()
            asyncio.run(record_live(given.file, given.host, given.port, given.username, secret))
        else:
            parser.error("name a FILE and a --secret-file, or a --scenario")


if __name__ == "__main__":
    main()
