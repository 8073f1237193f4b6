import asyncio
import os
import signal
from collections.abc import AsyncIterator, Iterable

import pytest
import pytest_asyncio

from cxcall.asterisk.doctor import examine
from cxcall.asterisk.findings import Finding
from cxcall.demo.switch import Site, Switch, Tree
from cxcall.settings import Agi, Ami, Web
from tests.asterisk.conftest import Phones

USERS = """
[blind]
secret = geheim
permit = 127.0.0.1/255.255.255.255
read = system,dialplan
write = system,call,agent,originate
[helpless]
secret = geheim
permit = 127.0.0.1/255.255.255.255
read = system,call,agent,dialplan
write =
[elsewhere]
secret = geheim
deny = 0.0.0.0/0.0.0.0
permit = 10.1.2.3/255.255.255.255
read = all
write = all
"""
QUEUES = """
[odd](common)
strategy = ringall
ringinuse = yes
member => Local/1001@cxcall-demo-agents,0,Folded,PJSIP/1001
member => Local/1002@cxcall-demo-agents/n,0,Unwatched
member => Local/1003@cxcall-demo-agents/n,0,Hinted,hint:1003@internal
"""


ODD = {
    "manager.conf": USERS + "[general](+)\ntimestampevents = no\n",
    "queues.conf": QUEUES,
    "logger.conf": "[general](+)\nqueue_log = no\n",
}


async def findings(
    switch: Switch, *, listen: float = 0.2, agi: Agi | None = None, web: Web | None = None, **changed: object
) -> list[Finding]:
    usual: dict[str, object] = {"port": switch.ami_port, "username": switch.username, "secret": switch.secret}
    server = Ami(**{"name": "lab", **usual, **changed})  # type: ignore[arg-type]  # each of its own kind
    async with asyncio.timeout(90):
        return [finding async for finding in examine(server, listen=listen, agi=agi, web=web)]


def of(found: Iterable[Finding], check: str) -> list[Finding]:
    return [finding for finding in found if finding.check == check]


async def test_the_demo_site_is_in_order(switch: Switch) -> None:
    found = await findings(switch, agi=Agi(port=1), web=Web(port=1))  # where its dialplan looks for cxcall
    assert {finding.result for finding in found} <= {"ok", "info"}, found
    assert {finding.server for finding in found} == {"lab"}
    assert {finding.check for finding in found} >= {
        "connection", "login", "version", "rights to see", "rights to act", "events", "event times", "clock", "queues",
        "queue members", "ringinuse", "queue_log", "dialplan",
        "FastAGI", "routing",
    }  # fmt: skip


async def test_a_dialplan_that_looks_for_us_elsewhere_is_told_where_we_are(switch: Switch) -> None:
    (finding,) = of(await findings(switch, agi=Agi(port=4573)), "FastAGI")
    assert finding.result == "warn"
    assert "agi://127.0.0.1:1" in finding.says
    assert "4573" in finding.fix


async def test_events_of_a_call_are_seen_when_there_is_one(switch: Switch, phones: Phones) -> None:
    looking = asyncio.create_task(findings(switch, listen=1.5))
    while not looking.done():
        call = phones.outside.call("02191000850", from_number="09121234567")
        await call.answered()
        await call.hang_up()
        await call.ended()
    found = await looking
    assert of(found, "events")[0].result == "ok"
    assert of(found, "event times")[0].says == "Events carry the time at which they happened."


async def test_a_wrong_secret_is_named_with_its_fix_and_nothing_more_is_asked(switch: Switch) -> None:
    found = await findings(switch, secret="wrong")
    assert [(finding.check, finding.result) for finding in found] == [("connection", "ok"), ("login", "fail")]
    assert "manager.conf" in found[1].fix
    assert "wrong" not in found[1].says


async def test_no_secret_at_all_is_never_tried(switch: Switch) -> None:
    found = await findings(switch, secret="")
    assert found[-1].check == "login"
    assert "secret_file" in found[-1].fix


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def odd(tree: Tree, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Switch]:
    """An Asterisk with everything that the doctor finds fault with."""
    async with Switch.start(tmp_path_factory.mktemp("odd"), tree, Site(additions=ODD)) as switch:
        yield switch
        await switch.kill()


async def test_missing_rights_and_odd_members_are_found(odd: Switch) -> None:
    switch = odd
    see = of(await findings(switch, username="blind", secret="geheim"), "rights to see")[0]
    assert see.result == "fail"
    assert "call (" in see.says
    assert "agent (" in see.says
    assert "dialplan" not in see.says
    assert "[blind]" in see.fix

    helpless = await findings(switch, username="helpless", secret="geheim")
    act = of(helpless, "rights to act")[0]
    assert act.result == "fail"
    assert all(right in act.fix for right in ("system", "call", "agent", "originate"))
    assert of(helpless, "dialplan")[0].result == "info"

    assert of(await findings(switch, username="elsewhere", secret="geheim"), "login")[0].result == "fail"

    found = await findings(switch)
    members = of(found, "queue members")
    assert [(finding.result, finding.says.partition(":")[0]) for finding in members] == [
        ("warn", "Local channels without /n"),
        ("warn", "Local channels without a phone to watch"),
        ("info", "Watched by a hint, as FreePBX and Issabel do"),
    ]
    assert "odd" in of(found, "ringinuse")[0].says
    assert not of(found, "events")[0].fix


async def test_a_site_without_event_times_and_queue_log_is_told_what_to_say_where(odd: Switch) -> None:
    found = await findings(odd)
    assert of(found, "event times")[0].result == "warn"
    assert of(found, "queue_log")[0].result == "warn"


@pytest.mark.parametrize(
    ("greeting", "sentence"), [(b"SSH-2.0-OpenSSH_9\r\n", "is not Asterisk's"), (b"", "is not Asterisk's")]
)
async def test_something_else_on_the_port_is_told_apart(greeting: bytes, sentence: str) -> None:
    async def greet(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(greeting)
        writer.close()

    server = await asyncio.start_server(greet, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        found = [finding async for finding in examine(Ami(name="lab", port=port, secret="x"))]
    assert [finding.result for finding in found] == ["fail"]
    assert sentence in found[0].says


async def test_an_asterisk_that_stands_still_does_not_hold_up_the_doctor(odd: Switch) -> None:
    assert odd.pid is not None
    os.kill(odd.pid, signal.SIGSTOP)
    try:
        async with asyncio.timeout(30):
            found = await findings(odd)
    finally:
        os.kill(odd.pid, signal.SIGCONT)
    assert [finding.result for finding in found] == ["fail"]


async def test_nobody_there_is_told_in_a_sentence() -> None:
    found = [finding async for finding in examine(Ami(name="lab", port=1, secret="x"))]
    assert [finding.says for finding in found] == ["Nothing listens on 127.0.0.1:1."]
