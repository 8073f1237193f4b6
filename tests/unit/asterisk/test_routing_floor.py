"""The floor as rules ask for it, queue rules that Asterisk has, callers who wait: beside the switch."""

from __future__ import annotations

from typing import Any, cast
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from cxcall.asterisk.ami.errors import Refused
from cxcall.asterisk.ami.message import Headers
from cxcall.asterisk.routing import switch_rules
from cxcall.asterisk.routing.floor_facts import agents_now, expected_wait, owners, queues_now
from cxcall.asterisk.routing.lifting import QUEUES_AT_ONCE, Lifter, read
from cxcall.calls.board import Board
from cxcall.calls.board_shapes import AgentKind, BoardSnapshot, QueueFacts, Seat, Shut
from cxcall.calls.record import CallId, CallRecord, QueueVisit
from cxcall.routing.facts import AgentNow, QueueNow
from cxcall.routing.rule import Rule, RuleSet, SkillStep, Then
from tests.store.make import MORNING, after

NOW = MORNING.timestamp() + 60
PRIORITY = RuleSet(rules=(Rule(id="vip", name="VIP", then=Then(priority=5)),))


def seat(number: str, user: str, state: AgentKind = "ready") -> Seat:
    phone = f"PJSIP/{number}"
    return Seat(
        key=f"lab:{user or phone}", server="lab", name=user.title(), user_id=user, device=phone, interfaces=(phone,),
        state=state, queues=("support",),
    )  # fmt: skip


def waiting(n: int, queue: str = "support") -> CallRecord:
    call = CallId(f"lab-lab-{n}-{queue}")
    return CallRecord(id=call, server="lab", queue_visits=(QueueVisit(queue=queue, joined_at=after(n * 10)),))


def floor(*queues: str) -> BoardSnapshot:
    board = Board(ZoneInfo("Asia/Tehran"))
    board.seats(
        [seat("1001", "sara"), seat("1002", "reza", "on_call"), seat("1003", "mina", "paused"),
         seat("1004", "omid", "offline"), seat("1005", "")]
    )  # fmt: skip
    board.define({("lab", "secret"): QueueFacts(hidden=True)}, {("lab", "sales"): Shut(why="hours")})
    board.at(NOW - 60)
    for queue in queues or ("support",):
        for n in range(3):
            board.call(waiting(n, queue))
    return board.at(NOW)


def test_a_queue_is_told_with_its_callers_its_agents_and_what_they_can() -> None:
    levels = {"sara": {"english": 3}, "reza": {"english": 5}}
    found = queues_now(floor(), "lab", names=("secret",), handle={("lab", "support"): 120.0}, levels=levels)
    assert found["support"] == QueueNow(
        name="support", waiting=3, longest=60.0, free=2, signed_in=4, expected_wait=2 * 120 / 3,
        free_by_skill={"english": (1, 1, 1, 0, 0)},
    )  # fmt: skip
    assert found["secret"] == QueueNow(name="secret", expected_wait=None)
    assert queues_now(floor(), "elsewhere") == {}


def test_agents_are_people_at_the_phone_that_can_be_rung() -> None:
    picture = floor()
    found = agents_now(picture, "lab")
    assert found["sara"] == AgentNow(
        user="sara", name="Sara", interface="PJSIP/1001", state="ready", queues=("support",)
    )
    assert {user: agent.state for user, agent in found.items()} == {
        "sara": "ready", "reza": "on_call", "mina": "paused", "omid": "offline",
    }  # fmt: skip
    assert owners(picture)["lab", "PJSIP/1002"] == "reza"


@pytest.mark.parametrize(
    ("device", "interfaces", "rung"),
    [
        ("PJSIP/1001", ("Local/1001@from-queue/n",), "PJSIP/1001"),
        ("hint:1001@ext-local", ("Local/1001@from-queue/n",), "Local/1001@from-queue/n"),
        ("", ("SIP/1001", "Local/1001@x"), "SIP/1001"),
        ("PJSIP/1001", (), "PJSIP/1001"),
    ],
)
def test_the_phone_itself_is_rung_where_it_is_known(device: str, interfaces: tuple[str, ...], rung: str) -> None:
    board = Board(ZoneInfo("UTC"))
    board.seats([Seat(key="k", server="lab", name="S", user_id="u", device=device, interfaces=interfaces)])
    assert agents_now(board.at(1.0), "lab")["u"].interface == rung


def test_phones_that_nobody_sits_at_are_nobodys() -> None:
    picture = floor()
    assert ("lab", "PJSIP/1005") not in owners(picture)


@pytest.mark.parametrize(
    ("waits", "free", "working", "handle", "wait"),
    [(0, 1, 1, None, 0.0), (2, 0, 3, 90.0, 90.0), (2, 0, 0, 90.0, None), (2, 0, 3, None, None), (0, 0, 2, 60.0, 30.0)],
)
def test_a_wait_is_expected_only_where_something_can_be_said(
    waits: int, free: int, working: int, handle: float | None, wait: float | None
) -> None:
    assert expected_wait(waiting=waits, free=free, working=working, handle=handle) == wait


class Switch:
    """A client that knows rules and callers."""

    connected = True

    def __init__(self, entries: dict[str, list[tuple[str, int, int]]] | None = None) -> None:
        self.entries = entries or {}
        self.asked: list[str] = []
        self.lifts: list[tuple[str, str]] = []

    async def listing(self, name: str, fields: dict[str, str], *, limit: float) -> list[Headers]:
        self.asked.append(fields["Queue"])
        return [
            {
                "Event": "QueueEntry", "Queue": fields["Queue"], "Channel": f"PJSIP/{uid}", "Uniqueid": uid,
                "Wait": str(waits), "Priority": str(priority),
            }
            for uid, waits, priority in self.entries.get(fields["Queue"], [])
        ]  # fmt: skip

    async def action(self, name: str, fields: dict[str, str] | None = None, *, limit: float) -> Headers:
        if name == "QueueRule":
            known = {"a-skills-1": ["0,2,+0", "60,9999,+0"], "b": ["30,3,1"], "c-skills-1": ["0,9999,+0"]}
            if fields is None:
                return {"RuleList": list(known), "Rule": [line for lines in known.values() for line in lines]}
            return {"RuleList": fields["Rule"], "Rule": known[fields["Rule"]]}
        assert (name, fields is not None and fields["Immediate"]) == ("QueueChangePriorityCaller", "yes")
        if fields and fields["Caller"].endswith("gone"):
            raise Refused("No such caller")
        self.lifts.append((fields["Caller"] if fields else "", fields["Priority"] if fields else ""))
        return {}


def lifter(switch: Any, picture: BoardSnapshot, given: dict[str, int] | None = None) -> Lifter:
    known, no_database = given or {}, cast("AsyncEngine", None)
    return Lifter(
        engine=no_database, clients={"lab": switch}, picture=lambda: picture, rules=lambda: PRIORITY,
        given=lambda _, uid: known.get(uid, 0), clock=lambda: NOW,
    )  # fmt: skip


async def test_who_waited_longer_than_a_priority_is_worth_is_lifted_above_it_oldest_first() -> None:
    switch: Any = Switch(
        {"support": [("vip", 10, 5), ("old", 400, 0), ("gone", 390, 0), ("older", 500, 0), ("new", 9, 0)]}
    )
    look = lifter(switch, floor(), {"vip": 5})
    await look.look("lab", switch, PRIORITY)
    assert switch.lifts == [("PJSIP/older", "8"), ("PJSIP/old", "6")]
    assert look.lifted == 2


async def test_where_no_priority_is_given_nobody_is_moved() -> None:
    switch: Any = Switch({"support": [("a", 500, 0), ("b", 10, 0)]})
    await lifter(switch, floor()).look("lab", switch, RuleSet())
    assert switch.lifts == []


async def test_of_many_queues_some_are_asked_at_a_time_and_all_in_turn() -> None:
    names = [f"q{n}" for n in range(QUEUES_AT_ONCE + 5)]
    switch: Any = Switch()
    look = lifter(switch, floor(*names))
    await look.look("lab", switch, PRIORITY)
    assert len(switch.asked) == QUEUES_AT_ONCE
    await look.look("lab", switch, PRIORITY)
    assert set(switch.asked) == set(names)


def test_an_entry_that_can_not_be_read_has_no_priority_and_came_just_now() -> None:
    (one,) = read([{"Event": "QueueEntry", "Wait": "x", "Priority": "-1"}, {"Event": "QueueParams"}], NOW)
    assert (one.joined, one.priority) == (NOW, 0)


async def test_only_queue_rules_that_asterisk_has_can_widen_and_their_first_step_is_known() -> None:
    switch: Any = Switch()
    found = await switch_rules.read(switch, {"a-skills-1", "c-skills-1", "d-skills-1"})
    assert found == {"a-skills-1": 2, "c-skills-1": None}
    assert await switch_rules.read(switch, ()) == {}
    steps = (SkillStep(skill="english", level=3),)
    rules = RuleSet(rules=(Rule(id="r", name="r", then=Then(skills=steps)),))
    assert {name.partition("-")[0] for name in switch_rules.candidates(rules, ("a", "b"))} == {"a", "b"}
