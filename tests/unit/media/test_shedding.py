"""Load shedding by plan: in order, patiently, and back again without flicker."""

from __future__ import annotations

from cxcall.media.measures import Measures
from cxcall.media.shedding import Plan, Shed, step, wait
from cxcall.media.throttle import Throttle

PLAN = Plan()


def run(shed: Shed, waits: float, since: float, seconds: float) -> tuple[Shed, float, int]:
    """Look every quarter of a second for so long; the state, the time then, and how many calls were left."""
    left, now = 0, since
    while now < since + seconds:
        shed, leave = step(shed, waits, now, PLAN)
        left += leave
        now += 0.25
    return shed, now, left


def test_partial_texts_go_first_and_calls_only_when_that_was_not_enough() -> None:
    shed, now, left = run(Shed(), 3.0, 0.0, 30.0)
    assert (shed.level, left) == ("finals", 0)
    shed, now, left = run(shed, 9.0, now, 10.0)
    assert shed.level == "later"
    assert 2 <= left <= 3, "one call after the other, so long as it is too much"
    shed, now, left = run(shed, 4.0, now, 60.0)
    assert (shed.level, left) == ("later", 0), "between the two bounds all stays as it is"


def test_a_moment_of_load_changes_nothing() -> None:
    shed, now, left = run(Shed(), 20.0, 0.0, 0.75)
    shed, now, more = run(shed, 0.0, now, 0.5)
    shed, _, again = run(shed, 20.0, now, 0.75)
    assert (shed.level, left + more + again) == ("all", 0)


def test_what_was_given_up_comes_back_step_by_step_after_a_calm_while() -> None:
    shed, now, _ = run(Shed(), 30.0, 0.0, 6.0)
    shed, now, _ = run(shed, 0.1, now, PLAN.calm - 1)
    assert shed.level == "later"
    shed, now, _ = run(shed, 0.1, now, 2.0)
    assert shed.level == "finals"
    shed, now, _ = run(shed, 0.1, now, PLAN.calm + 1)
    assert shed.level == "all"


def test_the_wait_is_what_lies_before_shared_by_the_workers() -> None:
    assert wait(20.0, 0.5, 2) == 5.0
    assert wait(20.0, None, 1) == 10.0
    assert wait(0.0, 0.5, 0) == 0.0


def test_the_newest_of_each_kind_goes_out_so_often_and_no_more() -> None:
    throttle: Throttle[str] = Throttle(0.2)
    out = []
    for n in range(100):
        now = n / 100
        if throttle.offer("agent", f"a{n}", now):
            out.append(f"a{n}")
        out += [value for _, value in throttle.due(now)]
    assert len(out) == 5
    assert throttle.due(2.0) == [("agent", "a99")], "the last one is never lost"
    throttle.offer("agent", "x", 2.1)
    throttle.drop("agent")
    assert throttle.due(9.0) == []
    assert throttle.offer("agent", "y", 9.0)


def test_the_factor_is_of_the_last_minute_and_delays_of_the_last_five() -> None:
    measures = Measures()
    assert measures.factor(0.0) is None
    assert measures.delay(0.0, 0.5) is None
    measures.worked(0.0, 10.0, 9.0)
    measures.worked(50.0, 10.0, 1.0)
    assert measures.factor(55.0) == 0.5
    assert measures.factor(100.0) == 0.1
    assert measures.factor(200.0) is None
    for n in range(100):
        measures.delayed(100.0, n / 100)
    assert measures.delay(110.0, 0.5) == 0.5
    assert measures.delay(110.0, 0.95) == 0.95
    assert measures.delay(900.0, 0.5) is None
