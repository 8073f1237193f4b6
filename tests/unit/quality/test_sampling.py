"""Which calls are picked for review."""

from __future__ import annotations

from datetime import date

from cxcall.quality.sampling import Candidate, Pick, Wish, picks

WEEK, NEXT = date(2026, 11, 21), date(2026, 11, 28)
CALLS = [
    Candidate(call_id=f"{agent}{week.day}-{n}", agent=agent, week=week)
    for agent in ("reza", "sara") for week in (WEEK, NEXT) for n in range(20)
]  # fmt: skip


def test_some_calls_of_each_agent_in_each_week_are_picked():
    found = picks(CALLS, Wish(random=3), seed="a")
    assert len({one.call_id for one in found}) == len(found) == 12
    assert sorted(one.call_id.partition("-")[0] for one in found) == sorted(
        [f"{agent}{day}" for agent in ("reza", "sara") for day in (21, 28)] * 3
    )
    assert {one.why for one in found} == {"random"}


def test_the_same_seed_picks_the_same_in_whatever_order_they_come_and_another_seed_others():
    found = picks(CALLS, Wish(random=3), seed="a")
    assert picks(CALLS[::-1], Wish(random=3), seed="a") == found
    assert picks(CALLS, Wish(random=3), seed="b") != found


def test_an_agent_with_few_calls_has_all_of_them_picked():
    assert len(picks(CALLS[:2], Wish(random=5), seed="a")) == 2


def test_what_stands_out_is_picked_once_with_its_reason():
    calls = [
        Candidate(call_id="angry", agent="sara", week=WEEK, mood=-0.9, csat=1, talk=900),
        Candidate(call_id="sad", agent="sara", week=WEEK, mood=-0.2),
        Candidate(call_id="glad", agent="sara", week=WEEK, mood=0.5, csat=3, talk=599),
        Candidate(call_id="long", agent="reza", week=WEEK, talk=600),
        Candidate(call_id="low", agent="reza", week=WEEK, csat=2),
    ]
    assert picks(calls, Wish(worst_mood=1, longest=5, low_csat=5), seed="a") == (
        Pick(call_id="angry", agent="sara", why="mood"),
        Pick(call_id="long", agent="reza", why="long"),
        Pick(call_id="low", agent="reza", why="csat"),
    )


def test_what_was_reviewed_is_not_picked_again_nor_something_else_in_its_place():
    first = picks(CALLS, Wish(random=3), seed="a")
    done = {one.call_id for one in first[:2]}
    assert picks(CALLS, Wish(random=3), seed="a", reviewed=done) == first[2:]
    assert picks(CALLS, Wish(random=3), seed="a", reviewed={one.call_id for one in first}) == ()
