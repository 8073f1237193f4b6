"""The demo as a whole: filled and started once, looked at by every role in a browser, counted, stopped, started again.

`make pictures` keeps what the browsers show.
"""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import tomllib
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.async_api import async_playwright

from cxcall.demo.seed import CUSTOMERS
from cxcall.demo.switch import Tree
from cxcall.demo.switch.ports import free_port
from cxcall.web.passwords import matches
from tests.asterisk.album import see_both, see_desk, see_floor, see_set_up
from tests.asterisk.demo_stage import PROJECT, Demo, demo, eventually, recognised, rows, still_running, written
from tests.support.chromium import ARGS, EXECUTABLE

pytestmark = pytest.mark.timeout(600)


@pytest.fixture(scope="module")
def running(tree: Tree, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """One demo for all tests of this module: filling it takes a while. `tree` has Asterisk unpacked before."""
    with demo(tmp_path_factory.mktemp("demo"), "--port", str(free_port()), "--calls", "7") as started:
        yield started


@pytest.fixture
def folder(running: Demo) -> Path:
    """Where the first demo ran, which is over."""
    if not running.over:
        running.stop(signal.SIGINT)
    return running.folder


async def test_every_role_sees_the_call_centre_at_work(running: Demo) -> None:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=EXECUTABLE, args=ARGS)
        async with asyncio.TaskGroup() as people:
            for login, see in zip(running.told["logins"], (see_desk, see_floor, see_set_up), strict=True):
                people.create_task(see_both(browser, running.told["url"], login, see))
        await browser.close()


async def test_the_demo_is_a_whole_call_centre_and_leaves_nothing_behind(running: Demo) -> None:
    folder, told = running.folder, running.told
    assert [login["role"] for login in told["logins"]] == ["agent", "supervisor", "admin"]
    for login in told["logins"]:
        kept = rows(folder, f"SELECT password_hash FROM users WHERE name = '{login['name']}'")
        assert await matches(login["password"], kept[0][0])

    # The past: customers in both languages and several thousand calls.
    assert rows(folder, "SELECT count(*) FROM customers WHERE origin = 'import'") == [(CUSTOMERS,)]
    since = int(running.began * 1_000_000)
    assert rows(folder, f"SELECT count(*) FROM calls WHERE started_at < {since}")[0][0] > 2_000

    # Calls of past weeks were scored, some twice, and some still wait; somebody has to practise, somebody disagrees.
    assert rows(folder, "SELECT count(*) FROM evaluations WHERE state = 'submitted'")[0][0] > 50
    assert rows(folder, "SELECT count(*) FROM quality_reviews WHERE done < wanted")[0][0] > 5
    assert rows(folder, "SELECT count(*) FROM quality_reviews WHERE done = 2")[0][0] > 3
    assert rows(folder, "SELECT count(*), sum(done_at IS NULL) FROM coaching_tasks") == [(4, 2)]
    assert rows(folder, "SELECT count(*) FROM evaluation_disputes WHERE state = 'open'") == [(1,)]

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

    # Its queues were written by cxcall; callers reach those that only cxcall knows; agents go on breaks and return.
    assert rows(folder, "SELECT n, state FROM queue_versions") == [(1, "applied")]
    assert written(folder) == {"support", "sales", "billing", "gold", "night"}
    new = f"SELECT 1 FROM call_visits v JOIN calls c ON c.id = v.call_id WHERE c.started_at > {since} AND v.queue"
    eventually(lambda: rows(folder, f"{new} IN ('billing', 'gold')"), 120)
    eventually(
        lambda: rows(folder, "SELECT 1 FROM agent_states WHERE reason IN ('break', 'lunch', 'paperwork', 'meeting')")
    )

    # Rules decide where they go: each decision is tied to its call, and callers of one queue are asked why they call.
    assert rows(folder, "SELECT max(n) FROM routing_versions") == [(4,)]
    assert {state for (state,) in rows(folder, "SELECT state FROM call_backs")} >= {"done", "task", "cancelled"}
    decided = f"FROM routing_decisions d JOIN calls c ON c.id = d.call_id WHERE d.at > {since}"
    eventually(lambda: rows(folder, f"SELECT count(*) {decided}")[0][0] >= 4, 120)
    held = f"FROM routing_matches m JOIN routing_decisions d ON d.id = m.decision_id WHERE d.at > {since}"
    eventually(lambda: rows(folder, f"SELECT 1 {held}"), 120)
    eventually(lambda: rows(folder, f"SELECT 1 FROM call_reasons WHERE at > {since}"), 120)

    with urllib.request.urlopen(told["url"] + "/readyz", timeout=30) as answer:
        assert json.load(answer)["ami"]["ready"] is True

    assert running.stop(signal.SIGINT) < 30
    eventually(lambda: not still_running(folder))
    assert rows(folder, "SELECT count(*) FROM calls WHERE ended_at IS NULL") == [(0,)]


@pytest.mark.timeout(240)
def test_the_second_start_is_quick_keeps_everything_and_says_when_the_port_is_taken(folder: Path) -> None:
    logins = json.loads((folder / "logins.json").read_text())
    calls = rows(folder, "SELECT count(*) FROM calls")[0][0]
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with demo(folder, "--port", str(port), "--language", "fa") as again:
            assert "the first time" not in again.log.read_text(), "nothing is filled again"
            assert again.told["url"] != f"http://127.0.0.1:{port}"
            assert {login["name"]: login["password"] for login in again.told["logins"]}.items() <= logins.items()
            assert rows(folder, "SELECT count(*) FROM calls")[0][0] >= calls
            assert written(folder) == {"support", "sales", "billing", "gold", "night"}, "they are still there"
            told_now = rows(folder, "SELECT n, state FROM queue_versions ORDER BY n")
            assert told_now == [(1, "applied"), (2, "applied")], (
                "what waiting callers hear is Persian now, nothing else"
            )
            assert tomllib.loads((folder / "cxcall.toml").read_text())["site"]["language"] == "fa"

            second = subprocess.run(
                [sys.executable, "-m", "cxcall", "demo", "--dir", str(folder)],
                cwd=folder, env={**os.environ, "PYTHONPATH": str(PROJECT)}, capture_output=True, text=True, timeout=60,
                check=False,
            )  # fmt: skip
            assert second.returncode == 1
            assert "A demo is running" in second.stderr
            assert again.stop(signal.SIGTERM) < 30
    eventually(lambda: not still_running(folder))


@pytest.mark.timeout(240)
def test_a_demo_that_is_killed_takes_its_asterisk_along(folder: Path) -> None:
    with demo(folder) as killed:
        assert len(still_running(folder)) >= 2
        killed.process.kill()
        killed.process.wait(timeout=60)
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
