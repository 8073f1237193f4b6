"""The demo, running beside the tests that look at it: started, stopped, its database read."""

import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

import psutil

from cxcall.demo.dialogues import SPOKEN, Line
from tests.asterisk.conftest import TREES, VOICES

PROJECT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class Demo:
    """One that was filled and started: `told` is what it printed, `began` the second before it was started."""

    folder: Path
    process: subprocess.Popen[str]
    told: dict[str, Any]
    began: float
    log: Path

    @property
    def over(self) -> bool:
        return self.process.poll() is not None

    def stop(self, how: signal.Signals) -> float:
        """Seconds until it was gone."""
        began = time.monotonic()
        self.process.send_signal(how)
        self.process.wait(timeout=60)
        said = self.log.read_text()
        assert self.process.returncode == 0, said
        assert "Traceback" not in said
        return time.monotonic() - began


@contextmanager
def demo(folder: Path, *words: str) -> Iterator[Demo]:
    """A demo in `folder`, until the end of the block or until it is stopped."""
    command = [sys.executable, "-m", "cxcall", "demo", "--dir", str(folder), "--json", *words]
    kept = {"CXCALL_DEMO__ASTERISK": str(TREES), "CXCALL_DEMO__VOICES": str(VOICES)}
    environment = {**os.environ, **kept, "PYTHONPATH": str(PROJECT)}
    log, began = folder.with_suffix(".log"), time.time()
    with (
        log.open("w") as errors,
        subprocess.Popen(
            command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=errors, text=True
        ) as process,
    ):
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            assert line, log.read_text()
            yield Demo(folder=folder, process=process, told=json.loads(line), began=began, log=log)
        finally:
            process.kill()


def still_running(folder: Path) -> list[str]:
    """Processes that have anything of `folder` in their command line."""
    found = []
    for process in psutil.process_iter(["cmdline"]):
        words = process.info["cmdline"] or []
        if any(str(folder) in word for word in words) and process.pid != os.getpid():
            found.append(" ".join(words))
    return found


def rows(folder: Path, query: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(folder / "data/cxcall.sqlite", timeout=10)) as database:
        return database.execute(query).fetchall()


def written(folder: Path) -> set[str]:
    """Queues of the file that cxcall writes through Asterisk."""
    text = (folder / "asterisk/etc/queues_cxcall.conf").read_text()
    return set(re.findall(r"^\[(\w+)\]", text, re.MULTILINE))


def recognised(folder: Path) -> list[tuple[str, Line]]:
    """Turns of live calls in which a line of the demo's talks can be recognised: who said it, and the line."""
    live = "JOIN transcripts r ON r.id = t.transcript_id WHERE r.kind = 'call' AND r.engine = 'whisper'"
    lines = [line for talk in SPOKEN for line in talk.variant(0).lines]
    return [
        (speaker, line)
        for speaker, shown in rows(folder, f"SELECT t.speaker, t.shown FROM turns t {live}")
        for line in lines
        if len(line.text) > 30 and SequenceMatcher(None, shown.lower(), line.text.lower()).ratio() > 0.85
    ]


def eventually(true: Callable[[], object], seconds: float = 60) -> None:
    until = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < until, "it did not happen in time"
        time.sleep(0.2)
