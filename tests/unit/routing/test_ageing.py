"""Waiting callers are lifted: a known caller overtakes, but nobody waits for good."""

from __future__ import annotations

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from cxcall.routing.ageing import Lift, Waiting, due, lifts, most_given
from cxcall.routing.rule import MOST_PRIORITY
from tests.unit.routing.made import rules

EVERY, MOST = 60, 30


def caller(
    call: str, joined: float, given_priority: int = 0, now: int | None = None, queue: str = "support"
) -> Waiting:
    number = given_priority if now is None else now
    return Waiting(call=call, queue=queue, joined=joined, given=given_priority, now=number)


def lifted(*waiting: Waiting, at: float, gives: int = MOST_PRIORITY) -> list[tuple[str, int]]:
    return [(one.call, one.priority) for one in lifts(waiting, at, every=EVERY, most=MOST, gives=gives)]


def test_priority_grows_by_one_for_each_step_of_waiting_up_to_the_most() -> None:
    grown = [due(caller("a", 0, 5), at, every=EVERY, most=MOST) for at in (-9, 0, 59, 60, 150, 1499, 1500, 9000)]
    assert grown == [5, 5, 5, 6, 7, 29, 30, 30]


def test_what_was_given_is_never_taken_away_and_may_not_grow_at_all() -> None:
    assert due(caller("a", 0, 20), 9000, every=EVERY, most=10) == 20
    assert due(caller("a", 0, 4), 9000, every=0, most=MOST) == 4


def test_only_those_are_lifted_whose_number_is_too_low() -> None:
    assert lifted(caller("a", 0, 0, now=2), caller("b", 10), caller("c", 100), at=130) == [("b", 2)]


def test_lifts_are_sent_in_the_order_in_which_they_fell_due() -> None:
    told = lifted(caller("late", 100, 3), caller("old", 0), caller("older", -30), at=200)
    assert told == [("late", 4), ("older", 3), ("old", 3)]


def test_a_queue_where_all_are_alike_is_left_alone_when_rules_give_nothing() -> None:
    assert lifted(caller("a", 0), caller("b", 10), at=500, gives=0) == []
    assert lifted(caller("a", 0), caller("b", 10, 3), at=500, gives=0) == [("b", 11), ("a", 8)]
    assert lifted(caller("a", 0, queue="x"), caller("b", 10, 3, queue="y"), at=500, gives=0) == []


def test_the_most_that_rules_give_is_what_they_may_really_give() -> None:
    assert most_given(rules("")) == 0
    text = 'rule a "a" then priority 7\nrule b "b" off then priority 9\nrule c "c" then queue x'
    assert most_given(rules(text)) == 7
    assert most_given(rules('rule a "a" then priority 70')) == MOST_PRIORITY


class Line:
    """A queue as Asterisk keeps it: by number, those with equal numbers as they came to it."""

    def __init__(self) -> None:
        self.callers: list[Waiting] = []
        self.served: list[tuple[float, Waiting]] = []

    def put(self, caller: Waiting) -> None:
        place = next((n for n, one in enumerate(self.callers) if one.now < caller.now), len(self.callers))
        self.callers.insert(place, caller)

    def change(self, lift: Lift) -> None:
        one = next(each for each in self.callers if each.call == lift.call)
        self.callers.remove(one)
        self.put(Waiting(call=one.call, queue=one.queue, joined=one.joined, given=one.given, now=lift.priority))

    def tick(self, at: float) -> None:
        for lift in lifts(self.callers, at, every=EVERY, most=MOST, gives=MOST_PRIORITY):
            self.change(lift)

    def serve(self, at: float) -> None:
        if self.callers:
            self.served.append((at, self.callers.pop(0)))


@settings(max_examples=25)
@given(st.lists(st.integers(0, MOST_PRIORITY), min_size=1, max_size=40), st.integers(20, 90), st.integers(5, 60))
def test_nobody_is_overtaken_by_who_came_later_than_priority_is_worth(
    priorities: list[int], between: int, service: int
) -> None:
    """Callers come in a stream, more than can be served; each is behind another only if that one's priority, counted
    as waiting, makes up for coming later."""
    line, ticks = Line(), 5
    joins = {n * between: priority for n, priority in enumerate(priorities)}
    end = len(priorities) * (between + service) + 10
    for at in range(end):
        if at in joins:
            line.put(caller(str(at), at, joins[at]))
        if at % ticks == 0:
            line.tick(at)
        if at % service == service - 1:
            line.serve(at)
    assert len(line.served) == len(priorities)
    for n, (served_at, first) in enumerate(line.served):
        for _, behind in line.served[n + 1 :]:
            if behind.joined < served_at and first.joined > behind.joined:
                worth = (first.given - behind.given) * EVERY
                assert first.joined - behind.joined <= worth + EVERY + ticks


def test_a_stream_of_the_highest_priority_does_not_keep_an_old_caller_for_good() -> None:
    line = Line()
    line.put(caller("old", 0))
    for at in range(1, 4000):
        if at % 20 == 0:
            line.put(caller(f"vip{at}", at, MOST_PRIORITY))
        if at % 5 == 0:
            line.tick(at)
        if at % 20 == 19:
            line.serve(at)
    (served,) = [at for at, one in line.served if one.call == "old"]
    assert served <= (MOST_PRIORITY + 1) * EVERY + 40


def test_a_known_caller_overtakes_those_who_have_just_come() -> None:
    line = Line()
    for one in (caller("a", 0), caller("b", 30), caller("vip", 60, 5)):
        line.put(one)
    line.tick(61)
    assert [one.call for one in line.callers] == ["vip", "a", "b"]
    assert msgspec.to_builtins([one.now for one in line.callers]) == [5, 1, 0]
