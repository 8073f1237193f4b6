"""What the doctor says of FastAGI: of our own port, and of the address the dialplan calls."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from cxcall.asterisk import doctor_agi
from cxcall.asterisk.agi import route
from cxcall.asterisk.agi.server import Server
from cxcall.asterisk.probe import Reply
from cxcall.bus import Commands
from cxcall.demo.switch.ports import free_port
from cxcall.settings import Agi, Ami


class Dialplan:
    """A probe that knows one global variable."""

    def __init__(self, value: str, response: str = "Success") -> None:
        self._answer: dict[str, str | list[str]] = {
            "Response": response,
            "Value": value,
            "Message": "Permission denied",
        }

    async def ask(self, action: str, **fields: str) -> Reply:
        assert (action, fields) == ("Getvar", {"Variable": "CXCALL_AGI"})
        return Reply(answer=self._answer)


async def test_our_own_port_answers() -> None:
    async with Server({"/route": route.script(Commands())}).listening("127.0.0.1", 0) as address:
        finding = await doctor_agi.port(Agi(host="0.0.0.0", port=int(address.rpartition(":")[2])))
    assert (finding.result, finding.says) == ("ok", f"cxcall answers on {address}.")


async def test_nothing_there_means_that_cxcall_does_not_run() -> None:
    finding = await doctor_agi.port(Agi(port=free_port()))
    assert finding.result == "warn"
    assert "cxcall serve" in finding.fix


@pytest.mark.parametrize("greeting", [b"SSH-2.0-OpenSSH_9\r\n", b"", b"x" * 100_000])
async def test_somebody_else_there_is_told_apart(greeting: bytes) -> None:
    async def greet(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(greeting)
        writer.close()

    async with await asyncio.start_server(greet, "127.0.0.1", 0) as server:
        finding = await doctor_agi.port(Agi(port=server.sockets[0].getsockname()[1]))
    assert finding.result == "fail"
    assert finding.fix


@pytest.mark.parametrize(
    ("asks", "asterisk", "listens", "result", "sentence"),
    [
        ("agi://127.0.0.1:4573", "127.0.0.1", "127.0.0.1", "ok", "asks agi://127.0.0.1:4573"),
        ("agi://127.0.0.1", "localhost", "127.0.0.1", "ok", ""),
        ("agi://10.0.0.9:4573", "10.0.0.2", "0.0.0.0", "ok", ""),
        ("agi://calls.example:4573/", "10.0.0.2", "10.0.0.9", "ok", ""),
        ("agi://[::1]:4573", "::1", "::1", "ok", ""),
        ("", "127.0.0.1", "127.0.0.1", "warn", "no CXCALL_AGI"),
        ("127.0.0.1:4573", "127.0.0.1", "127.0.0.1", "warn", "no address of a FastAGI server"),
        ("agi://127.0.0.1:4574", "127.0.0.1", "127.0.0.1", "warn", "listens on port 4573"),
        ("agi://127.0.0.1:4573", "10.0.0.2", "0.0.0.0", "warn", "that machine itself"),
        ("agi://10.0.0.9:4573", "10.0.0.2", "127.0.0.1", "warn", "which only this machine reaches"),
    ],
)
async def test_the_address_the_dialplan_calls_is_ours_and_in_reach(
    asks: str, asterisk: str, listens: str, result: str, sentence: str
) -> None:
    probe: Any = Dialplan(asks)
    finding = await doctor_agi.dialplan(probe, Ami(host=asterisk), Agi(host=listens))
    assert (finding.result, sentence in finding.says, bool(finding.fix)) == (result, True, result != "ok"), finding


async def test_an_address_that_can_not_be_read_is_not_judged() -> None:
    probe: Any = Dialplan("", response="Error")
    assert (await doctor_agi.dialplan(probe, Ami(), Agi())).result == "info"
