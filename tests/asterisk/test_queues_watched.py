"""An Asterisk whose queues somebody else defines, as FreePBX does: seen whole, and none of their files is touched."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import pytest_asyncio

from cxcall.asterisk.provision.looking import look
from cxcall.asterisk.provision.session import CannotReach, session
from cxcall.bus import CommandRefused
from cxcall.bus.acts import Originate
from cxcall.bus.queues import OpenQueue, QueuesAsk, RenewQueues, SwitchFacts, TrialCall
from cxcall.demo.switch import Tree
from cxcall.queues.definition import MemberChoice, QueueDefinition
from cxcall.settings import Ami
from cxcall.store import queue_servers, queue_versions, queues, teams, users
from tests.asterisk.queue_stage import MAY_WRITE, SERVER, Stage, members, stage

FREEPBX = {
    "queues.conf": "#include queues_additional.conf\n#include queues_custom.conf\n",
    "queues_additional.conf": """\
[600]
strategy=ringall
timeout=15
wrapuptime=10
servicelevel=60
member=Local/1001@from-queue/n,0,Sara Ahmadi,hint:1001@ext-local
member=Local/1002@from-queue/n,5,Reza Karimi,hint:1002@ext-local
""",
    "queues_custom.conf": "; by hand\n[night]\nstrategy=linear\nmember => PJSIP/1003\n",
    "extensions.conf": """\
[from-queue]
exten => _X.,1,Dial(PJSIP/${EXTEN},20)
[ext-local]
exten => _100X,hint,PJSIP/${EXTEN}
""",
    "manager.conf": MAY_WRITE + "[watcher]\nsecret = geheim\nread = system,agent\nwrite = system,call,agent\n",
}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def site(tree: Tree, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    async with stage(tmp_path_factory.mktemp("watched"), tree, FREEPBX, mode="observe") as running:
        yield running


def theirs(site: Stage) -> dict[str, tuple[bytes, int]]:
    """Every file of Asterisk's configuration that is not ours, with the time it was written."""
    files = [file for file in site.etc.iterdir() if "cxcall" not in file.name]
    return {file.name: (file.read_bytes(), file.stat().st_mtime_ns) for file in files}


async def test_queues_of_others_are_seen_with_their_files_and_members_and_nothing_is_written(site: Stage) -> None:
    before = {**theirs(site), **{name: (text, 0) for name, text in site.files().items()}}
    found = await site.read()
    queue = {one.name: one for one in found.queues}
    assert (found.mode, found.connected, found.version, found.foreign) == ("observe", True, None, ())
    assert {name: one.file for name, one in queue.items()} == {
        "support": "queues.conf", "sales": "queues.conf", "reception": "queues.conf",
        "600": "queues_additional.conf", "night": "queues_custom.conf",
    }  # fmt: skip
    assert not any(one.managed for one in found.queues)
    assert [(one.interface, one.state_interface, one.penalty, one.membership) for one in queue["600"].members] == [
        ("Local/1001@from-queue/n", "hint:1001@ext-local", 0, "static"),
        ("Local/1002@from-queue/n", "hint:1002@ext-local", 5, "static"),
    ]
    support = queue["support"]
    assert support.inherits == ("common",)
    assert ("timeout", "12") in [(line.var, line.value) for line in support.lines]
    assert [line.var for line in support.own_lines] == ["strategy", "servicelevel", "member", "member", "member"]
    async with site.engine.connect() as conn:
        assert {kept.name: kept.kind for kept in await queues.of_server(conn, SERVER)} == dict.fromkeys(
            queue, "observed"
        )

    facts: SwitchFacts = await site.ask("queues:facts", QueuesAsk(server=SERVER))
    assert facts.phones is not None
    assert facts.phones >= {"PJSIP/1001", "PJSIP/1005"}
    assert facts.foreign == frozenset(queue)
    assert facts.music == frozenset({"default"})
    with pytest.raises(CommandRefused, match="only watched"):
        await site.apply(QueueDefinition(name="ours"))
    assert before == {**theirs(site), **{name: (text, 0) for name, text in site.files().items()}}


async def test_a_manager_user_who_may_not_write_still_sees_everything(site: Stage) -> None:
    ami = Ami(name=SERVER, port=site.switch.ami_port, username="watcher", secret="geheim")
    async with session(ami) as probe:
        found = await look(probe, SERVER, None, None, None)
    assert found.writable is False
    assert len(found.queues) == 5
    with pytest.raises(CannotReach, match="refused the login"):
        async with session(Ami(name=SERVER, port=site.switch.ami_port, username="watcher", secret="wrong")):
            pass


async def test_a_managed_server_keeps_every_queue_of_others_as_it_is_and_people_become_members(site: Stage) -> None:
    before = theirs(site)
    now = datetime.now(UTC)
    async with site.engine.begin() as conn:
        kept = await queue_servers.save(conn, SERVER, mode="managed", file="queues_nowhere.conf", by="leila", now=now)
        sara, reza = [
            await users.create(conn, name=name, role="agent", password_hash="x", extensions=(phone,))
            for name, phone in (("sara", "PJSIP/1001"), ("reza", "1002"))
        ]
        team = await teams.create(conn, name="Shop", members=(sara.id,))
    ours = QueueDefinition(name="shop", members=(MemberChoice(kind="team", value=team.id), *members("1004")))
    lost = await site.apply(ours)
    assert lost.outcome == "failed"
    assert "#include queues_nowhere.conf" in lost.problem
    assert "shop" not in {one.name for one in (await site.read()).queues}

    async with site.engine.begin() as conn:
        await queue_servers.save(
            conn, SERVER, mode="managed", file="queues_cxcall.conf", version=kept.version, by="leila", now=now
        )
    assert (await site.apply(ours)).outcome == "applied"
    assert await who(site) == ["PJSIP/1001", "PJSIP/1004"]
    async with site.engine.begin() as conn:
        await teams.change(conn, team.id, version=team.version, members=(sara.id, reza.id))
    renewed = await site.ask("queues:renew", RenewQueues(server=SERVER, by=""))
    assert renewed.outcome == "applied"
    assert await who(site) == ["PJSIP/1001", "PJSIP/1002", "PJSIP/1004"]
    assert (await site.ask("queues:renew", RenewQueues(server=SERVER, by=""))).outcome == "unchanged"
    mine = {name for name in theirs(site) if name.startswith(("queues_nowhere", "queuerules_nowhere"))}
    assert {name: file for name, file in theirs(site).items() if name not in mine} == before
    assert [news["outcome"] for news in site.told] == ["failed", "applied", "applied"]


async def test_a_test_call_rings_the_phone_and_puts_it_into_the_queue(site: Stage) -> None:
    acts: list[Originate] = []

    async def take(act: Originate) -> None:
        acts.append(act)

    withdraw = site.commands.serve(f"ami:{SERVER}", take)
    await site.ask("queues:test_call", TrialCall(server=SERVER, queue="shop", phone="1001"))
    withdraw()
    (act,) = acts
    assert (act.channel, act.context, act.exten) == ("1001", "cxcall-queue", "shop")
    with pytest.raises(CommandRefused, match="no such queue"):
        await site.ask("queues:test_call", TrialCall(server=SERVER, queue="shop,1|x", phone="1001"))


async def who(site: Stage) -> list[str]:
    return sorted(
        member.interface for one in (await site.read()).queues if one.name == "shop" for member in one.members
    )


async def test_with_asterisk_off_nothing_is_written_and_it_says_why(site: Stage, tmp_path: Path) -> None:
    site.wire.whole()
    site.wire.cut_before = 1
    torn = await site.apply(QueueDefinition(name="shop", members=members("1005")))
    assert torn.outcome == "failed"
    site.wire.whole()
    async with site.engine.connect() as conn:
        (newest,) = await queue_versions.history(conn, SERVER, limit=1)
    assert (newest.state, newest.n) == ("failed", torn.version)
    await site.switch.stop()
    with pytest.raises(CommandRefused, match="Nothing was written"):
        await site.apply(QueueDefinition(name="shop", members=members("1005")))
    with pytest.raises(CommandRefused, match="Nothing was done"):
        await site.ask("queues:open", OpenQueue(server=SERVER, queue="shop"))
    found = await site.read()
    assert not found.connected
    assert found.problem
