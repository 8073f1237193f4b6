"""Queues that cxcall wrote into a real Asterisk: what the file says, what Asterisk makes of it, what callers meet."""

from __future__ import annotations

import pytest
import pytest_asyncio

from cxcall.bus import CommandRefused
from cxcall.bus.queues import AcceptQueues, LiveMember, QueuePlan, RollBackQueues
from cxcall.queues import conf
from cxcall.queues.definition import (
    Announcements,
    MemberChoice,
    PenaltyStep,
    QueueDefinition,
    Strategy,
    Targets,
)
from cxcall.store import queue_versions, queues
from tests.asterisk.queue_stage import SERVER, Stage, members, queue

ALL = ("1001", "1002", "1003")
STRATEGIES: tuple[Strategy, ...] = (
    "ringall", "fewestcalls", "linear", "rrmemory", "rrordered", "leastrecent", "random", "wrandom",
)  # fmt: skip

EVERYTHING = QueueDefinition(
    name="whole", strategy="rrordered", ring=7, retry=3, wrap_up=4, weight=2, most_callers=9,
    members=(*members("1001"), MemberChoice(kind="interface", value="Local/1002@cxcall-demo-agents/n", penalty=3,
             name="رضا; Reza", state_interface="PJSIP/1002")),
    join_empty=("paused", "unavailable"), leave_empty=("unavailable", "invalid"), music="default", autofill=False,
    ring_busy=True, member_delay=1, restart_ring=True, auto_pause="all", auto_pause_after=30, auto_pause_busy=True,
    auto_pause_unavailable=True, rule=(PenaltyStep(after=5, most=4), PenaltyStep(after=10, most=9, least=1)),
    announcements=Announcements(
        place="more", place_limit=3, wait="once", round_seconds=10, every=45, least_every=20, first_at=False,
        periodic=("beep", "auth-thankyou"), periodic_every=33, to_agent="beep", wait_to_agent=True,
    ),
    exit_context="internal", targets=Targets(answer_within=25), extra=(("log-restricted-caller-id", "no"),),
)  # fmt: skip


@pytest_asyncio.fixture(loop_scope="session")
async def site(managed: Stage) -> Stage:
    await managed.quiet()
    managed.wire.whole()
    return managed


async def test_every_setting_is_written_read_back_and_taken_by_asterisk(site: Stage) -> None:
    log = site.switch.folder / "log/messages"
    before = len(log.read_text())  # calls of other tests have their warnings
    applied = await site.apply(EVERYTHING)
    assert (applied.outcome, applied.problem) == ("applied", "")
    found = await site.read()
    (live,) = [one for one in found.queues if one.name == "whole"]
    rules = next(one for one in found.files if one.name == "queues_cxcall.conf").sections
    assert "whole" in {one.name for one in rules}
    rule = site.files()["queuerules_cxcall.conf"].decode()
    assert "penaltychange = 5,4," in rule
    read = conf.parse("whole", live.own_lines, rule=conf.rule_lines(EVERYTHING)).definition
    beside = {"title", "numbers", "colour", "longest_wait", "then", "calendar", "when_closed", "targets", "members",
              "wrap_up"}  # fmt: skip
    for field in set(QueueDefinition.__struct_fields__) - beside:
        assert getattr(read, field) == getattr(EVERYTHING, field), field
    assert (live.file, live.managed, live.strategy, live.weight, live.most) == (
        "queues_cxcall.conf", True, "rrordered", 2, 9,
    )  # fmt: skip
    assert [(one.interface, one.penalty, one.name, one.state_interface) for one in live.members] == [
        ("PJSIP/1001", 0, "PJSIP/1001", "PJSIP/1001"),
        ("Local/1002@cxcall-demo-agents/n", 3, "رضا; Reza", "PJSIP/1002"),
    ]
    assert (found.included, found.writable, found.foreign, found.version) == (True, True, (), applied.version)
    assert not [line for line in log.read_text()[before:].splitlines() if "app_queue" in line and "WARNING" in line]
    assert conf.rule_name(EVERYTHING) in await site.switch.cli("queue show rules")


async def test_an_older_version_comes_back_whole_and_what_was_added_since_goes(site: Stage) -> None:
    before = await site.apply(queue("kept", "7700", "1001"))
    files = site.files()
    later = await site.apply(queue("kept", "7700", "1002", ring=9), queue("added", "7701", "1001"))
    assert later.version == (before.version or 0) + 1
    back = await site.ask("queues:rollback", RollBackQueues(server=SERVER, by="leila", version=before.version or 0))
    assert (back.outcome, back.version) == ("applied", (later.version or 0) + 1)
    assert without_date(site.files()) == without_date(files)
    assert "added" not in {one.name for one in (await site.read()).queues}
    async with site.engine.connect() as conn:
        states = [line.state for line in await queue_versions.history(conn, SERVER, limit=2)]
        assert await queues.get(conn, SERVER, "added") is None
    assert states == ["applied", "rolled_back"]
    assert (await site.apply()).outcome == "unchanged"
    gone = await site.apply(remove=("kept",))
    assert gone.outcome == "applied"
    assert "kept" not in {one.name for one in (await site.read()).queues}


def without_date(files: dict[str, bytes]) -> dict[str, list[bytes]]:
    return {name: [line for line in text.splitlines() if b"Date" not in line] for name, text in files.items()}


async def test_what_somebody_else_wrote_into_the_file_is_shown_and_never_written_over(site: Stage) -> None:
    kept = queue("mine", "7800", "1001")
    first_version = await site.apply(kept)
    async with site.manager() as other:
        act = {"Action-000000": "Append", "Cat-000000": "mine", "Var-000000": "member", "Value-000000": "PJSIP/1005"}
        answer = await other.ask(
            "UpdateConfig", {"SrcFilename": "queues_cxcall.conf", "DstFilename": "queues_cxcall.conf", **act}
        )
        assert answer["Response"] == "Success"
        files = site.files()
        conflict = await site.apply(queue("mine", "7800", "1002"))
        assert conflict.outcome == "conflict"
        (section,) = conflict.diff
        assert [(line.sign, line.text) for line in section.lines if line.sign != " "] == [("+", "member = PJSIP/1005")]
        assert site.files() == files
        assert [one.name for one in (await site.read()).foreign] == ["mine"]
        theirs = await site.ask("queues:accept", AcceptQueues(server=SERVER, by="leila"))
        assert theirs.outcome == "applied"
        assert without_date(site.files()) == without_date(files)
        async with site.engine.connect() as conn:
            taken = await queues.get(conn, SERVER, "mine")
        assert taken is not None
        assert taken.applied is not None
        assert [one.value for one in taken.applied.members] == ["PJSIP/1001", "PJSIP/1005"]
        assert taken.applied.numbers == ("7800",)
    assert len(await live(site, "mine")) == 2
    stale = await site.apply(queue("mine", "7800", "1002"), base=(first_version.version or 0) - 1)
    assert stale.outcome == "conflict"
    assert (await site.apply(queue("mine", "7800", "1002"), base=theirs.version)).outcome == "applied"
    with pytest.raises(CommandRefused, match="already has a queue support"):
        await site.apply(queue("Support", "7801", "1001"))


async def live(site: Stage, name: str) -> tuple[LiveMember, ...]:
    """The members a queue has in Asterisk now."""
    return next(one.members for one in (await site.read()).queues if one.name == name)


async def test_a_plan_shows_the_lines_before_and_after_and_changes_nothing(site: Stage) -> None:
    files = site.files()
    planned = await site.ask("queues:plan", QueuePlan(server=SERVER, definitions=(queue("planned", "7950", "1001"),)))
    assert "planned" not in {one.name for one in planned.before}
    (section,) = [one for one in planned.after if one.name == "planned"]
    assert conf.Line("member", "PJSIP/1001,0") in section.lines
    assert conf.Line("number", "7950") in section.lines
    assert site.files() == files
