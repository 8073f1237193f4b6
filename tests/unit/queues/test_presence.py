"""One state for each agent, from members, calls and pauses."""

from __future__ import annotations

import pytest

from cxcall.queues.presence import (
    AUTO_PAUSE,
    LOGGED_OFF,
    WRAP_UP,
    AgentState,
    Line,
    Reason,
    Seat,
    Wrap,
    is_same_phone,
    state_of,
)

LUNCH = Reason(id="lunch", names=("Lunch", "ناهار"), limit=2700)


def seat(**changes: object) -> Seat:
    fields = {
        "interface": "PJSIP/1001", "device": "PJSIP/1001", "name": "Sara", "status": "free", "since": 100.0,
        "queues": ("sales", "support"), **changes,
    }  # fmt: skip
    return Seat(**fields)  # type: ignore[arg-type]  # by name


def look(*seats: Seat, line: Line | None = None, before: AgentState | None = None, wrap: Wrap | None = None,
         now: float = 200.0) -> AgentState:  # fmt: skip
    return state_of(seats, line, key="lab:1", server="lab", now=now, reasons=[LUNCH], wrap=wrap, before=before)


def paused(reason: str, *queues: str) -> Seat:
    return seat(pauses=dict.fromkeys(queues or ("sales", "support"), reason))


@pytest.mark.parametrize(
    ("member", "state"),
    [
        (seat(), "ready"),
        (seat(status="ringing"), "ringing"),
        (seat(status="talking"), "on_call"),
        (seat(status="held"), "on_call"),
        (seat(status="busy"), "on_call"),
        (seat(status="unknown"), "ready"),
        (seat(status="unavailable"), "offline"),
        (seat(status="invalid"), "offline"),
        (seat(queues=()), "offline"),
        (paused("lunch"), "paused"),
        (paused("lunch", "sales"), "ready"),
        (paused(LOGGED_OFF), "offline"),
    ],
)
def test_asterisks_word_on_a_member_is_one_state(member: Seat, state: str) -> None:
    assert look(member).state == state


def test_a_phone_that_is_gone_is_said_also_while_it_is_paused() -> None:
    state = look(seat(status="unavailable", pauses={"sales": "lunch", "support": "lunch"}))
    assert (state.state, state.gone) == ("offline", True)


def test_a_pause_during_a_call_begins_after_it() -> None:
    line = Line(call="lab-1", state="talking", since=150.0, caller="09121234567", queue="sales")
    state = look(seat(status="talking", pauses={"sales": "lunch", "support": "lunch"}), line=line)
    assert (state.state, state.after, state.since, state.caller) == ("on_call", "lunch", 150.0, "09121234567")
    after = look(paused("lunch"), before=state, now=300.0)
    assert (after.state, after.reason, after.limit, after.since) == ("paused", "lunch", 2700.0, 300.0)


def test_a_reason_is_known_by_its_name_in_any_language_and_else_shown_as_it_is() -> None:
    assert look(paused("ناهار")).reason == "lunch"
    assert look(paused("LUNCH")).reason == "lunch"
    assert look(paused("fire drill")).reason == "fire drill"
    assert look(paused("")).reason == ""


def test_a_member_of_the_file_that_left_one_queue_is_logged_in_to_the_others() -> None:
    state = look(seat(pauses={"sales": LOGGED_OFF}))
    assert (state.state, state.queues, state.paused_in) == ("ready", ("support",), ())


def test_a_pause_by_asterisk_is_marked_even_in_one_queue() -> None:
    assert look(paused(AUTO_PAUSE, "sales")).auto
    state = look(paused(AUTO_PAUSE))
    assert (state.state, state.auto) == ("paused", True)


def test_a_wrap_up_has_its_own_state_and_end() -> None:
    state = look(paused(WRAP_UP), wrap=Wrap(since=190.0, until=220.0))
    assert (state.state, state.reason, state.since, state.until, state.limit) == ("wrap_up", "", 190.0, 220.0, 30.0)


def test_two_members_of_one_person_are_one_agent() -> None:
    local = seat(interface="Local/1001@from-queue/n", device="PJSIP/1001", queues=("reception",))
    state = look(seat(), local)
    assert state.queues == ("reception", "sales", "support")
    assert look(paused("lunch"), local).state == "ready"
    both = seat(interface="Local/1001@from-queue/n", queues=("reception",), pauses={"reception": "lunch"})
    assert look(paused("lunch"), both).state == "paused"


def test_since_stays_while_nothing_but_details_change() -> None:
    first = look(seat())
    again = look(seat(since=150.0, queues=("sales",)), before=first)
    assert again.since == first.since == 100.0


def test_the_next_call_is_a_new_time_on_the_phone() -> None:
    one = look(seat(status="talking"), line=Line(call="a", state="talking", since=110.0))
    two = look(seat(status="talking"), line=Line(call="b", state="talking", since=160.0), before=one)
    assert (one.since, two.since) == (110.0, 160.0)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("PJSIP/1001", "pjsip/1001", True),
        ("PJSIP/1001", "Local/1001@from-queue/n", True),
        ("PJSIP/1001", "SIP/1001", False),
        ("PJSIP/1001", "Local/1002@from-queue/n", False),
        ("Local/1001@a", "Local/1001@b", False),
        ("PJSIP/trunk", "Local/s@app/n", False),
    ],
)
def test_a_local_channel_is_the_phone_whose_number_it_dials(one: str, other: str, same: bool) -> None:
    assert is_same_phone(one, other) is same
