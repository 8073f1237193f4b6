"""The agents of a server, from what members, calls and people tell."""

from __future__ import annotations

from typing import Any

from cxcall.asterisk.floor.agent_acts import log_ins, log_outs, pauses, unwraps, wraps
from cxcall.asterisk.floor.directory import Directory
from cxcall.asterisk.floor.roster import Earlier, Roster, Settled
from cxcall.bus.acts import AddMember, PauseMember, RemoveMember
from cxcall.bus.floor import AgentLogIn, AgentLogOut, AgentPause
from cxcall.queues.presence import LOGGED_OFF, WRAP_UP, Line

SARA, LOCAL = "PJSIP/1001", "Local/1001@from-queue/n"
PEOPLE = Directory(
    owners={"lab": {SARA: "u1", "PJSIP/1002": "u2"}}, names={"u1": "Sara Karimi", "u2": "Omid"},
    wraps={("lab", "sales"): 30},
)  # fmt: skip


def member(interface: str = SARA, *, pauses: Any = (), queues: Any = ("sales",), **changes: Any) -> dict[str, Any]:
    return {
        "interface": interface, "device": interface, "name": "1001", "status": "free", "since": 100.0,
        "queues": list(queues), "paused": bool(pauses), "reason": "", "paused_in": [], "pauses": list(pauses),
        "static_in": [], **changes,
    }  # fmt: skip


def roster(*members: dict[str, Any], now: float = 200.0, people: Directory = PEOPLE) -> Roster:
    made = Roster("lab")
    made.know(people)
    for told in members or (member(),):
        made.member(told)
    made.settle(now)
    return made


def wrapped(held: Roster, now: float) -> Settled:
    """Sara's call of sales ends, and Asterisk takes the pause."""
    held.call("c1", [(SARA, Line(call="c1", state="talking", since=now - 60, queue="sales"))])
    held.settle(now - 30)
    held.call("c1", ())
    begun = held.settle(now)
    held.member(member(pauses=[["sales", WRAP_UP]]))
    held.settle(now + 0.1)
    return begun


def test_members_of_one_person_are_one_agent_under_the_persons_name() -> None:
    held = roster(member(), member(LOCAL, queues=["reception"]), member("PJSIP/1009", name="Door phone"))
    states = held.states
    assert states["lab:u1"].name == "Sara Karimi"
    assert states["lab:u1"].interfaces == (SARA, LOCAL)
    assert states["lab:PJSIP/1009"].name == "Door phone"


def test_a_call_at_the_phone_counts_for_a_local_member_whose_state_asterisk_does_not_know() -> None:
    held = roster(member(LOCAL, status="unknown"), people=Directory())
    held.call("c1", [(SARA, Line(call="c1", state="ringing", since=150.0))])
    assert [state.state for state in held.settle(210.0).changed] == ["ringing"]
    held.call("c1", ())
    assert [state.state for state in held.settle(220.0).changed] == ["ready"]


def test_a_wrap_up_begins_when_a_call_of_its_queue_is_over_and_is_due_after_its_time() -> None:
    held = roster()
    begun = wrapped(held, 300.0)
    assert [agent.key for agent in begun.wraps] == ["lab:u1"]
    state = held.states["lab:u1"]
    assert (state.state, state.since, state.until) == ("wrap_up", 300.0, 330.0)
    assert held.soonest(301.0) == 330.0
    assert held.settle(329.0).due == []
    assert [agent.key for agent in held.settle(330.0).due] == ["lab:u1"]
    assert held.settle(330.5).due == []
    assert [agent.key for agent in held.settle(333.0).due] == ["lab:u1"], "asked again while Asterisk has not done it"


def test_a_wrap_up_that_somebody_ended_is_not_ended_again() -> None:
    held = roster()
    wrapped(held, 300.0)
    held.member(member())
    assert [state.state for state in held.settle(310.0).changed] == ["ready"]
    assert held.settle(331.0).due == []


def test_a_wrap_up_shows_at_once_and_not_where_asterisk_did_not_take_it() -> None:
    held = roster()
    held.call("c1", [(SARA, Line(call="c1", state="talking", since=240, queue="sales"))])
    held.settle(270.0)
    held.call("c1", ())
    assert [state.state for state in held.settle(300.0).changed] == ["wrap_up"]
    held.not_held("lab:u1")
    assert [state.state for state in held.settle(300.2).changed] == ["ready"]


def test_a_pause_that_takes_the_place_of_a_wrap_up_stays() -> None:
    held = roster()
    wrapped(held, 300.0)
    held.member(member(pauses=[["sales", "lunch"]]))
    held.settle(301.0)
    assert held.settle(331.0).due == []
    assert held.states["lab:u1"].state == "paused"


def test_no_wrap_up_after_a_call_nobody_answered_of_another_queue_or_with_a_pause_chosen_in_it() -> None:
    for queue, state, chosen in (("sales", "ringing", ()), ("other", "talking", ()),
                                 ("sales", "talking", [["sales", "lunch"]])):  # fmt: skip
        held = roster(member(pauses=chosen))
        held.call("c1", [(SARA, Line(call="c1", state=state, since=150.0, queue=queue))])  # type: ignore[arg-type]  # a word of it
        held.settle(210.0)
        held.call("c1", ())
        assert held.settle(220.0).wraps == []


def test_a_wrap_up_found_after_a_restart_is_ended_when_it_is_due() -> None:
    held = Roster("lab")
    held.know(PEOPLE)
    held.remember([Earlier(device=SARA, state="wrap_up", reason="", since=280.0)])
    held.member(member(pauses=[["sales", WRAP_UP]]))
    assert held.settle(300.0).due == []
    assert held.states["lab:u1"].since == 280.0
    assert [agent.key for agent in held.settle(310.0).due] == ["lab:u1"]


def test_a_state_that_went_on_keeps_its_clock_over_a_restart_and_who_is_gone_is_told() -> None:
    held = Roster("lab")
    held.know(PEOPLE)
    held.remember([
        Earlier(device=SARA, state="paused", reason="lunch", since=50.0),
        Earlier(device="PJSIP/1007", state="ready", reason="", since=60.0),
    ])  # fmt: skip
    held.listed = True
    held.member(member(pauses=[["sales", "lunch"]], since=290.0))
    settled = held.settle(300.0)
    assert held.states["lab:u1"].since == 50.0
    assert settled.away == ["PJSIP/1007"]


def test_a_member_without_queues_is_no_agent_any_more() -> None:
    held = roster()
    held.member(member(queues=[]))
    settled = held.settle(300.0)
    assert [state.key for state in settled.gone] == ["lab:u1"]
    assert held.states == {}


def test_who_sits_down_at_a_phone_is_its_agent_from_then_on() -> None:
    held = roster(member("PJSIP/1005"))
    held.know(Directory(owners={"lab": {"PJSIP/1005": "u2"}}, names={"u2": "Omid"}))
    settled = held.settle(400.0)
    assert [(state.key, state.since) for state in settled.changed] == [("lab:u2", 400.0)]
    assert [state.key for state in settled.gone] == ["lab:PJSIP/1005"]


def test_a_pause_past_its_limit_is_told_once() -> None:
    held = roster(member(pauses=[["sales", WRAP_UP]], since=200.0))
    end = 200.0 + 30.0
    assert [state.key for state in held.over_limit(end - 1, end)] == ["lab:u1"]
    assert held.over_limit(end, end + 1) == []


def test_a_pause_leaves_a_queue_alone_that_the_member_left() -> None:
    told = member(queues=["sales", "support"], pauses=[["support", LOGGED_OFF]], static_in=["support"])
    seats = roster(told).seats(SARA)
    asked = AgentPause(server="lab", device=SARA, paused=True, reason="lunch")
    assert list(pauses(asked, seats)) == [PauseMember(interface=SARA, paused=True, reason="lunch", queue="sales")]
    whole = roster(member(), member(LOCAL, queues=["reception"])).seats(SARA)
    assert [act.interface for act in pauses(asked, whole)] == [SARA, LOCAL]


def test_a_member_of_the_file_is_logged_out_by_a_pause_and_comes_back_by_its_end() -> None:
    told = member(queues=["sales", "support"], static_in=["support"])
    out = list(log_outs(AgentLogOut(server="lab", device=SARA), roster(told).seats(SARA)))
    assert out == [
        RemoveMember(interface=SARA, queue="sales"),
        PauseMember(interface=SARA, paused=True, reason=LOGGED_OFF, queue="support"),
    ]
    left = roster(member(queues=["support"], pauses=[["support", LOGGED_OFF]], static_in=["support"])).seats(SARA)
    back = AgentLogIn(server="lab", device=SARA, queue="support")
    assert list(log_ins(back, left)) == [PauseMember(interface=SARA, paused=False, queue="support")]
    new = AgentLogIn(server="lab", device=SARA, queue="vip", name="Sara", penalty=2, reason="lunch")
    assert list(log_ins(new, left)) == [
        AddMember(interface=SARA, queue="vip", name="Sara", penalty=2, paused=True, reason="lunch")
    ]


BOTH = ("reception", "sales")


def test_a_wrap_up_leaves_a_queue_alone_that_is_paused_for_another_reason() -> None:
    held = roster(member(queues=BOTH, pauses=[["reception", "lunch"]]))
    held.call("c1", [(SARA, Line(call="c1", state="talking", since=240.0, queue="sales"))])
    held.settle(270.0)
    held.call("c1", ())
    (agent,) = held.settle(300.0).wraps
    assert wraps(agent.seats) == [PauseMember(interface=SARA, queue="sales", paused=True, reason=WRAP_UP)]
    held.member(member(queues=BOTH, pauses=[["reception", "lunch"], ["sales", WRAP_UP]]))
    assert held.settle(300.5).changed[-1].state == "wrap_up"
    (agent,) = held.settle(331.0).due
    assert unwraps(agent.seats) == [PauseMember(interface=SARA, queue="sales", paused=False)]
    held.member(member(queues=BOTH, pauses=[["reception", "lunch"]]))
    (state,) = held.settle(331.5).changed
    assert (state.state, state.paused_in) == ("ready", ("reception",))


def test_a_call_that_comes_into_a_wrap_up_begins_it_anew_and_one_without_a_queue_does_not() -> None:
    held = roster()
    wrapped(held, 300.0)
    held.call("c2", [(SARA, Line(call="c2", state="talking", since=310.0, queue="sales"))])
    assert held.settle(310.0).changed[-1].state == "on_call"
    held.call("c2", ())
    begun = held.settle(320.0)
    assert (begun.changed[-1].state, begun.changed[-1].until) == ("wrap_up", 350.0)
    assert wraps(begun.wraps[0].seats) == [], "the pause is there already"
    held.call("c3", [(SARA, Line(call="c3", state="talking", since=330.0))])
    held.settle(330.0)
    held.call("c3", ())
    assert held.settle(340.0).changed[-1].until == 350.0
    assert [agent.key for agent in held.settle(350.5).due] == ["lab:u1"]


def test_a_clock_that_is_set_back_does_not_hold_a_wrap_up_and_one_set_on_ends_it() -> None:
    held = roster()
    wrapped(held, 10_000.0)
    assert held.settle(6_400.0).due == []
    assert held.settle(6_429.0).due == []
    assert [agent.key for agent in held.settle(6_430.5).due] == ["lab:u1"]
    held = roster()
    wrapped(held, 300.0)
    assert [agent.key for agent in held.settle(9_000.0).due] == ["lab:u1"]


def test_a_member_that_is_taken_out_and_put_back_in_its_wrap_up_is_ready() -> None:
    held = roster()
    wrapped(held, 300.0)
    held.member(member(queues=[]))
    assert [state.key for state in held.settle(310.0).gone] == ["lab:u1"]
    held.member(member())
    (state,) = held.settle(311.0).changed
    assert (state.state, state.since) == ("ready", 311.0)
    assert held.settle(400.0).due == []


def test_members_nobody_knows_are_agents_by_their_phone_and_odd_names_harm_nobody() -> None:
    odd = ("SIP/trunk", "Local/abc@x/n", "", "IAX2/a b", "PJSIP/" + "9" * 300)
    held = roster(*(member(name) for name in odd), people=Directory())
    assert {state.device for state in held.states.values()} == set(odd)
    held.call("c1", [(name, Line(call="c1", state="ringing", since=250.0)) for name in odd])
    assert {state.state for state in held.settle(260.0).changed} == {"ringing"}
