import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import tomllib
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

import psutil
import pytest

from cxcall.demo.dialogues import SPOKEN, Line
from cxcall.demo.seed import CUSTOMERS
from cxcall.demo.switch import Tree
from cxcall.demo.switch.ports import free_port
from cxcall.web.passwords import matches
from tests.asterisk.conftest import TREES, VOICES

PROJECT = Path(__file__).parents[2]

pytestmark = pytest.mark.timeout(400)


@pytest.fixture(scope="module")
def folder(tree: Tree, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One place for all tests of this module: filling it takes a while. `tree` has Asterisk unpacked before."""
    return tmp_path_factory.mktemp("demo")


@contextmanager
def demo(folder: Path, *words: str) -> Iterator[tuple[subprocess.Popen[str], dict[str, Any]]]:
    """The running demo and what it printed as JSON."""
    command = [sys.executable, "-m", "cxcall", "demo", "--dir", str(folder), "--json", *words]
    kept = {"CXCALL_DEMO__ASTERISK": str(TREES), "CXCALL_DEMO__VOICES": str(VOICES)}
    environment = {**os.environ, **kept, "PYTHONPATH": str(PROJECT)}
    with subprocess.Popen(
        command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            assert line, process.stderr.read() if process.stderr else ""
            yield process, json.loads(line)
        finally:
            process.kill()


def stop(process: subprocess.Popen[str], how: signal.Signals) -> float:
    """Seconds until the demo was gone."""
    began = time.monotonic()
    process.send_signal(how)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 0, said
    assert "Traceback" not in said
    return time.monotonic() - began


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


@pytest.mark.timeout(420)
async def test_the_demo_is_a_whole_call_centre_and_leaves_nothing_behind(folder: Path) -> None:
    began = time.time()
    with demo(folder, "--port", str(free_port()), "--calls", "16") as (process, told):
        assert [login["role"] for login in told["logins"]] == ["agent", "supervisor", "admin"]
        for login in told["logins"]:
            kept = rows(folder, f"SELECT password_hash FROM users WHERE name = '{login['name']}'")
            assert await matches(login["password"], kept[0][0])

        # The past: customers in both languages and several thousand calls.
        assert rows(folder, "SELECT count(*) FROM customers WHERE origin = 'import'") == [(CUSTOMERS,)]
        since = int(began * 1_000_000)
        assert rows(folder, f"SELECT count(*) FROM calls WHERE started_at < {since}")[0][0] > 2_000

        # The present: real calls, tied to customers, while they go on and when they are over.
        live = f"FROM calls WHERE started_at > {since}"
        eventually(lambda: rows(folder, f"SELECT 1 {live} AND ended_at IS NULL AND customer_id IS NOT NULL"))
        eventually(lambda: rows(folder, f"SELECT 1 {live} AND ended_at IS NOT NULL"), 120)
        eventually(lambda: rows(folder, f"SELECT count(*) {live}")[0][0] >= 4)
        eventually(lambda: rows(folder, f"SELECT count(*) {live} AND direction = 'unknown'") == [(0,)])

        # What people say in them becomes text, each with who said it; the past has text as well.
        assert rows(folder, "SELECT count(*) FROM transcripts WHERE kind = 'call' AND engine = ''")[0][0] > 1_000
        eventually(lambda: {"agent", "customer"} <= {speaker for speaker, _ in recognised(folder)}, 180)
        assert all(speaker == line.by for speaker, line in recognised(folder))

        with urllib.request.urlopen(told["url"] + "/readyz", timeout=30) as answer:
            assert json.load(answer)["ami"]["ready"] is True

        assert stop(process, signal.SIGINT) < 30
    eventually(lambda: not still_running(folder))
    assert rows(folder, "SELECT count(*) FROM calls WHERE ended_at IS NULL") == [(0,)]


@pytest.mark.timeout(240)
def test_the_second_start_is_quick_keeps_everything_and_says_when_the_port_is_taken(folder: Path) -> None:
    logins = json.loads((folder / "logins.json").read_text())
    calls = rows(folder, "SELECT count(*) FROM calls")[0][0]
    began = time.monotonic()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with demo(folder, "--port", str(port), "--language", "fa") as (process, told):
            assert time.monotonic() - began < 90
            assert told["url"] != f"http://127.0.0.1:{port}"
            assert {login["name"]: login["password"] for login in told["logins"]}.items() <= logins.items()
            assert rows(folder, "SELECT count(*) FROM calls")[0][0] >= calls
            assert tomllib.loads((folder / "cxcall.toml").read_text())["site"]["language"] == "fa"

            second = subprocess.run(
                [sys.executable, "-m", "cxcall", "demo", "--dir", str(folder)],
                cwd=folder, env={**os.environ, "PYTHONPATH": str(PROJECT)}, capture_output=True, text=True, timeout=60,
                check=False,
            )  # fmt: skip
            assert second.returncode == 1
            assert "A demo is running" in second.stderr
            assert stop(process, signal.SIGTERM) < 30
    eventually(lambda: not still_running(folder))


@pytest.mark.timeout(240)
def test_a_demo_that_is_killed_takes_its_asterisk_along(folder: Path) -> None:
    with demo(folder) as (process, _):
        assert len(still_running(folder)) >= 2
        process.kill()
        process.communicate(timeout=60)
    eventually(lambda: not still_running(folder))


def test_without_debian_and_without_an_asterisk_the_demo_says_what_to_do(tmp_path: Path) -> None:
    environment = {**os.environ, "CXCALL_DEMO__ASTERISK": "system", "PATH": "/nowhere", "PYTHONPATH": str(PROJECT)}
    done = subprocess.run(
        [sys.executable, "-m", "cxcall", "demo", "--dir", str(tmp_path / "demo")],
        cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert "CXCALL_DEMO__ASTERISK" in done.stderr
    assert "Traceback" not in done.stderr
