"""The private Asterisk as a process: starts, stops, restarts, crashes, lives beside others, dies with us."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import textwrap
import time
from contextlib import AsyncExitStack, suppress
from pathlib import Path

import psutil
import pytest

from cxcall.demo.phone import CallFailed, Phone
from cxcall.demo.switch import Site, Switch, SwitchUnavailable, Tree
from tests.asterisk.conftest import StartSwitch, connect_phones
from tests.support.manager import Manager


async def test_it_starts_within_seconds_with_its_queues_and_nothing_to_complain_about(
    start_switch: StartSwitch,
) -> None:
    began = time.monotonic()
    switch = await start_switch()
    assert time.monotonic() - began < 60
    assert "support" in await switch.cli("queue show")
    log = (switch.folder / "log/messages").read_text()
    assert "ERROR" not in log


async def test_it_runs_calls_after_a_restart_with_the_same_ports_and_secret(start_switch: StartSwitch) -> None:
    switch = await start_switch()
    ports = (switch.ami_port, switch.sip_port, switch.phone_port("1001"))
    await switch.restart()
    assert (switch.ami_port, switch.sip_port, switch.phone_port("1001")) == ports
    async with Manager.connect(switch.ami_port, switch.username, switch.secret):
        pass
    async with AsyncExitStack() as stack:
        phones = await connect_phones(switch, stack)
        call = phones.outside.call("02191000850")
        await call.answered()


async def test_a_crash_is_seen_and_it_can_be_started_again(start_switch: StartSwitch) -> None:
    switch = await start_switch()
    async with Phone.start("1001", switch.sip_address, port=switch.phone_port("1001")) as phone:
        call = phone.call("850")
        await call.answered()
        await switch.kill()
        assert switch.pid is None
    await switch.restart()
    assert switch.pid is not None


async def test_two_live_beside_each_other(start_switch: StartSwitch) -> None:
    first, second = await asyncio.gather(start_switch(Site(name="one")), start_switch(Site(name="two")))
    for switch in (first, second):
        async with Phone.start("1001", switch.sip_address, port=switch.phone_port("1001")) as phone:
            await phone.call("850").answered()
            assert f"{switch.name}-" in await switch.cli("core show channels concise")


async def test_stopping_leaves_no_process_and_a_second_stop_does_nothing(start_switch: StartSwitch) -> None:
    switch = await start_switch()
    pid = switch.pid
    assert pid is not None
    await switch.stop()
    assert not psutil.pid_exists(pid)
    await switch.stop()


async def test_one_that_ignores_the_request_to_stop_is_killed(
    start_switch: StartSwitch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cxcall.demo.switch.instance._STOP_SECONDS", 0.5)
    switch = await start_switch()
    assert switch.pid is not None
    process = psutil.Process(switch.pid)
    process.suspend()
    await switch.stop()
    assert not process.is_running()


async def test_one_that_does_not_start_says_the_end_of_its_log(tree: Tree, tmp_path: Path) -> None:
    site = Site(additions={"asterisk.conf": "[directories](+)\nastmoddir => /nonexistent\n"})
    with pytest.raises(SwitchUnavailable, match=r"(?s)Asterisk did not start. It said last:.*nonexistent"):
        async with Switch.start(tmp_path, tree, site):
            pass


async def test_a_folder_deep_down_is_not_too_long_for_its_socket(tree: Tree, tmp_path: Path) -> None:
    deep = tmp_path / ("d" * 120)
    async with Switch.start(deep, tree) as switch:
        assert "Asterisk" in await switch.cli("core show version")
        short = Path((deep / "run.path").read_text())
        assert short.is_dir()
    assert not short.exists()


async def test_a_killed_parent_leaves_no_asterisk_behind(tree: Tree, tmp_path: Path) -> None:
    script = f"""
        import asyncio
        from pathlib import Path
        from cxcall.demo.switch import Switch, unpack

        async def main():
            async with Switch.start(Path({str(tmp_path)!r}), unpack(Path({str(tree.modules.parents[5])!r}))) as switch:
                print(switch.pid, flush=True)
                await asyncio.sleep(60)

        asyncio.run(main())
    """
    root = Path(__file__).parent.parent.parent
    with subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(script)],
        stdout=subprocess.PIPE,
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root)},
    ) as parent:
        assert parent.stdout is not None
        line = await asyncio.wait_for(asyncio.to_thread(parent.stdout.readline), 60)
        asterisk = psutil.Process(int(line))
        parent.send_signal(signal.SIGKILL)
    async with asyncio.timeout(30):
        with suppress(psutil.NoSuchProcess):  # gone between the two questions
            while asterisk.is_running() and asterisk.status() != psutil.STATUS_ZOMBIE:
                await asyncio.sleep(0.05)


async def test_calls_end_when_asterisk_is_gone(start_switch: StartSwitch) -> None:
    switch = await start_switch()
    async with Phone.start("1001", switch.sip_address, port=switch.phone_port("1001")) as phone:
        await switch.stop()
        call = phone.call("850")
        with pytest.raises((CallFailed, TimeoutError)):
            await call.answered(1.0)
