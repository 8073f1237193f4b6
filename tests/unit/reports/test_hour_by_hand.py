"""An hour of two agents and two queues, worked out by hand from its calls and states to its figures.

Target 20 s, short 5 s. Six callers:

* 09:10:00 sales, answered after 10 s by Sara, talk to 09:20:10 with hold from 09:14 to 09:16
* 09:25:00 sales, answered after 30 s by Sara, at 09:27:30 passed on blindly to billing, answered there after 15 s by
  Omid, talk to 09:31:45
* 09:40:00 billing, answered after 5 s by Sara, who serves both queues, talk to 09:42:05
* 09:44:58 sales, gave up after 3 s · 09:44:50 sales, rang 15 s at Omid, gave up after 25 s, in the next quarter
* 09:50:00 billing, timed out after 60 s
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

import pytest

from cxcall.reports.definition import Short
from cxcall.reports.facts import Contributions
from cxcall.reports.measures import find
from cxcall.reports.states import tally_of
from cxcall.reports.tally import Tally, total
from cxcall.speech.figures import figures
from cxcall.speech.transcript import Speaker, Turn
from tests.unit.reports.made_calls import (
    OMID,
    SARA,
    at,
    call,
    counted,
    hold,
    leg,
    offer,
    quarter_of,
    talk,
    tally,
    transfer,
    visit,
)

QUARTERS = ("09:00", "09:15", "09:30", "09:45")


@dataclass(frozen=True, slots=True, kw_only=True)
class Spell:
    state: str
    since: datetime
    until: datetime | None
    reason: str = ""


def spells(*told: tuple[str, str, str]) -> list[Spell]:
    """State and reason, from, to."""
    found = []
    for words, since, until in told:
        state, _, reason = words.partition(" ")
        found.append(Spell(state=state, reason=reason, since=at(since), until=at(until)))
    return found


DESK = spells(
    ("ready", "09:00", "09:10"), ("ringing", "09:10", "09:10:10"), ("on_call", "09:10:10", "09:20:10"),
    ("wrap_up", "09:20:10", "09:21:10"), ("ready", "09:21:10", "09:25:20"), ("ringing", "09:25:20", "09:25:30"),
    ("on_call", "09:25:30", "09:27:30"), ("wrap_up", "09:27:30", "09:28"), ("paused tea", "09:28", "09:38"),
    ("offline", "09:38", "09:39:30"), ("ready", "09:39:30", "09:40"), ("ringing", "09:40", "09:40:05"),
    ("on_call", "09:40:05", "09:42:05"), ("wrap_up", "09:42:05", "09:42:35"), ("ready", "09:42:35", "10:00"),
)  # fmt: skip
MOBILE = spells(("offline", "09:00", "09:35"), ("paused lunch", "09:35", "09:39:30"), ("offline", "09:39:30", "10:00"))
"""Sara's second phone: its pause begins while the first one's lasts."""


@pytest.fixture(name="hour", scope="module")
def hour_of_calls() -> list[Contributions]:
    sara, omid = ({"agent": name, "interface": f"PJSIP/{n}"} for name, n in (("Sara", 1001), ("Omid", 1002)))
    return counted(
        call(
            "09:09:50", "09:20:10", legs=(leg(SARA),), talks=(talk(SARA, "09:10:10", "09:20:10"),),
            holds=(hold(SARA, "09:14", "09:16"),), queue_visits=(visit("sales", "09:10", "answered", 10, **sara),),
        ),
        call(
            "09:25", "09:31:45", legs=(leg(SARA), leg(OMID)),
            talks=(talk(SARA, "09:25:30", "09:27:30"), talk(OMID, "09:27:45", "09:31:45")),
            transfers=(transfer("blind", "09:27:30", SARA, "billing"),),
            queue_visits=(
                visit("sales", "09:25", "answered", 30, **sara), visit("billing", "09:27:30", "answered", 15, **omid),
            ),
        ),
        call(
            "09:40", "09:42:05", legs=(leg(SARA),), talks=(talk(SARA, "09:40:05", "09:42:05"),),
            queue_visits=(visit("billing", "09:40", "answered", 5, **sara),),
        ),
        call("09:44:58", "09:45:01", outcome="abandoned", queue_visits=(visit("sales", "09:44:58", "abandoned", 3),)),
        call(
            "09:44:50", "09:45:15", outcome="abandoned",
            queue_visits=(visit("sales", "09:44:50", "abandoned", 25, attempts=(offer("Omid", "09:44:50", 15),)),),
        ),
        call("09:50", "09:51", outcome="abandoned", queue_visits=(visit("billing", "09:50", "timeout", 60),)),
    )  # fmt: skip


def value(name: str, of: Tally, short: Short = "out") -> float | None:
    measure = find(name)
    assert measure is not None
    return measure.value(of, short)


def queue_tally(hour: list[Contributions], *queue: str) -> Tally:
    return total([tally(hour, "queues", *queue), tally(hour, "waits", *queue)])


def sara(hour: list[Contributions]) -> Tally:
    return total([tally(hour, "agents", "Sara"), tally_of([*DESK, *MOBILE], at("09:00"), at("10:00"))])


@pytest.mark.parametrize(
    ("name", "sales", "billing", "both"),
    [
        ("offered", 4, 3, 7), ("answered", 2, 2, 4), ("abandoned", 2, 0, 2), ("short_abandoned", 1, 0, 1),
        ("timed_out", 0, 1, 1), ("full", 0, 0, 0), ("closed", 0, 0, 0), ("left", 0, 0, 0),
        # Short abandons left out: 1 of 3 gave up; in time were sales' 10 s, billing's 15 and 5 s, and who left at 3 s.
        ("abandon_rate", 1 / 3, 0, 1 / 6), ("sl_answered", 1 / 2, 2 / 2, 3 / 4), ("sl_offered", 1 / 3, 2 / 3, 3 / 6),
        ("sl_strict", 1 / 4, 2 / 3, 3 / 7), ("sl_fair", 2 / 4, 2 / 3, 4 / 7),
        ("asa", (10 + 30) / 2, (15 + 5) / 2, (10 + 30 + 15 + 5) / 4), ("abandon_wait", (3 + 25) / 2, None, 14),
        # Of 3, 10, 25 and 30 s the second is the median; nine tenths lie 0.6 into 25 to 30 s. Of 5, 15 and 60 s half
        # is 1.5: half of 10 to 15 s.
        ("wait_p50", 10, 12.5, 12.5), ("wait_p90", 25 + 0.6 * 5, 55 + 0.7 * 5, 55 + 0.3 * 5), ("wait_max", 30, 60, 60),
    ],
)  # fmt: skip
def test_the_hour_of_the_queues(hour, name, sales, billing, both):
    for keys, expected in ((("sales",), sales), (("billing",), billing), ((), both)):
        assert value(name, queue_tally(hour, *keys)) == pytest.approx(expected), keys


def test_short_abandons_counted_after_all(hour):
    assert value("abandon_rate", queue_tally(hour, "sales"), "in") == 2 / 4
    assert value("sl_offered", queue_tally(hour, "sales"), "in") == 1 / 4


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("handled", 3), ("calls_in", 3), ("talk", (600 - 120) + 120 + 120), ("hold", 120), ("acw", 60 + 30 + 30),
        ("aht", (720 + 120 + 120) / 3), ("transferred_blind", 1), ("transfer_rate", 1 / 3), ("ring_no_answer", 0),
        ("login", 3600), ("ready", 600 + 250 + 30 + 1045), ("ringing", 10 + 10 + 5), ("on_call", 600 + 120 + 120),
        ("wrap_up", 120), ("paused", 690), ("paused:tea", 600), ("paused:lunch", 90),
        ("occupancy", (720 + 120 + 120 + 25) / (3600 - 690)), ("utilisation", (720 + 120 + 120) / 3600),
    ],
)  # fmt: skip
def test_the_hour_of_sara(hour, name, expected):
    assert value(name, sara(hour)) == pytest.approx(expected)


def test_states_add_up_to_login_and_talk_with_hold_is_being_on_a_call(hour):
    names = ("ready", "ringing", "on_call", "wrap_up", "paused:tea", "paused:lunch")
    assert sum(value(name, sara(hour)) or 0 for name in names) == value("login", sara(hour)) == 3600
    assert value("on_call", sara(hour)) == (value("talk", sara(hour)) or 0) + (value("hold", sara(hour)) or 0)


def test_an_agent_of_two_queues_has_each_part_in_the_queue_it_came_from(hour):
    sales, billing = (tally(hour, "agents", "Sara", queue) for queue in ("sales", "billing"))
    assert (sales["handled"], sales["talk"], sales["hold"], sales["transferred_blind"]) == (2, 600, 120, 1)
    assert (billing["handled"], billing["talk"], billing["hold"], billing["transferred_blind"]) == (1, 120, 0, 0)
    omid = tally(hour, "agents", "Omid", "billing")
    assert (omid["handled"], omid["talk"]) == (1, 240)
    missed = tally(hour, "agents", "Omid", "sales")
    assert (value("ring_no_answer", missed), value("missed_ring", missed)) == (1, 15)


def test_quarters_hold_what_happened_in_them_and_add_up_to_the_hour(hour):
    talked = [tally(hour, "agents", "Sara", grain=0, slot=quarter_of(clock))["talk"] for clock in QUARTERS]
    held = [tally(hour, "agents", "Sara", grain=0, slot=quarter_of(clock))["hold"] for clock in QUARTERS]
    assert (talked, held) == ([230, 250 + 120, 120, 0], [60, 60, 0, 0])
    omid = [tally(hour, "agents", "Omid", grain=0, slot=quarter_of(clock))["talk"] for clock in QUARTERS]
    assert omid == [0, 135, 105, 0], "a call over the edge"
    for table in ("queues", "agents", "calls", "transfers", "waits"):
        parts = [tally(hour, table, grain=0, slot=quarter_of(clock)) for clock in QUARTERS]
        whole = tally(hour, table)
        assert (total(parts).sums, total(parts).waits, total(parts).most) == (whole.sums, whole.waits, whole.most)
    phones, edges = [*DESK, *MOBILE], [*QUARTERS, "10:00"]
    spent = [tally_of(phones, at(since), at(until)) for since, until in pairwise(edges)]
    assert total(spent).sums == tally_of(phones, at("09:00"), at("10:00")).sums
    assert [value("login", one) for one in spent] == [900] * 4


def test_the_calls_of_the_hour(hour):
    found = tally(hour, "calls")
    # The caller who was passed on talked for 120 and 240 s in one call; all waits, however they ended.
    assert (found["calls"], found["talk"]) == (6, 600 + 120 + 240 + 120)
    assert found["wait"] == 10 + (30 + 15) + 5 + 3 + 25 + 60


def said(n: int, who: Speaker, start: float, end: float, words: int) -> Turn:
    return Turn(n=n, speaker=who, start=start, end=end, text="word " * words)


def test_two_talks_by_hand():
    """The first, 80 s: the agent speaks 30 + 10 s with 80 words, the customer 20 + 12 s; quiet from 50 to 60; the
    customer begins at 68 while the agent goes on to 70. The second, 14 s: the customer speaks 10 s, the agent begins at
    4 s and speaks 10 s with 20 words: 6 s at once."""
    first = figures([
        said(1, "agent", 0, 30, 60), said(2, "customer", 30, 50, 9), said(3, "agent", 60, 70, 20),
        said(4, "customer", 68, 80, 9),
    ])  # fmt: skip
    second = figures([said(1, "customer", 0, 10, 9), said(2, "agent", 4, 14, 20)])
    both = Tally()
    for one, mood, trend in ((first, 0.5, 0.3), (second, -0.1, -0.2)):
        sums = {
            "talks": 1, "talk_s": one.talk, "own_s": one.agent.seconds, "customer_s": one.customer.seconds,
            "silence_s": one.silence.seconds, "silence_n": one.silence.count, "overlap_s": one.overlap.seconds,
            "interruptions_agent": one.agent.interruptions, "interruptions_customer": one.customer.interruptions,
            "words_agent": one.agent.words, "sentiment_sum": mood, "sentiment_n": 1, "trend_sum": trend,
            "mood_improving": trend >= 0.2, "mood_worsening": trend <= -0.2,
        }  # fmt: skip
        both.add(Tally(sums=sums, most={"silence_max": one.silence.longest}))
    expected = {
        "talks": 2, "talk_share": 50 / 92, "silence": 10 / 94, "silence_count": 1, "silence_longest": 10,
        "overlap": (2 + 6) / 94, "interruptions": 2 / 2, "interruptions_agent": 1, "interruptions_customer": 1,
        "pace": 100 * 60 / 50, "sentiment": (0.5 - 0.1) / 2, "mood_trend": (0.3 - 0.2) / 2, "mood_improving": 1,
        "mood_steady": 0, "mood_worsening": 1,
    }  # fmt: skip
    assert {name: value(name, both) for name in expected} == pytest.approx(expected)
