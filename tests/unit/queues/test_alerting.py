"""Rules of the floor: raised late enough, cleared late enough, told once."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxcall.queues.alerting import RENEW, Alerting, Cleared, Figure, FloorRule, Measure, Outcome, Raised, faults

BILLING = "lab:billing"
MANY = FloorRule(name="Many wait", measure="waiting", yellow=3, red=6, calm=30)


def waiting(value: float | None, queue: str = BILLING) -> Figure:
    return Figure(measure="waiting", queue=queue, value=value)


def told(outcomes: Iterable[Outcome]) -> list[str]:
    return [f"{one.why} {one.level}" if isinstance(one, Raised) else "over" for one in outcomes]


def look(alerting: Alerting, value: float | None, now: float, rule: FloorRule = MANY) -> list[str]:
    return told(alerting.look({"r1": rule}, [waiting(value)], now))


def test_a_limit_that_is_passed_raises_once_and_turns_red() -> None:
    alerting = Alerting()
    assert look(alerting, 2, 0) == []
    assert look(alerting, 3, 1) == ["new yellow"]
    assert look(alerting, 4, 2) == []
    assert look(alerting, 6, 3) == ["worse red"]
    assert look(alerting, 9, 4) == []


def test_it_is_over_only_after_a_while_of_calm() -> None:
    alerting = Alerting()
    look(alerting, 6, 0)
    assert look(alerting, 2, 1) == []
    assert look(alerting, 6, 20) == []  # it came back: the calm begins anew
    assert look(alerting, 2, 25) == []
    assert look(alerting, 2, 54) == []
    assert look(alerting, 2, 55) == ["over"]
    assert look(alerting, 2, 56) == []


def test_red_becomes_yellow_before_it_is_over() -> None:
    alerting = Alerting()
    look(alerting, 7, 0)
    assert look(alerting, 4, 1) == []
    assert look(alerting, 4, 31) == ["better yellow"]
    assert look(alerting, 1, 32) == []
    assert look(alerting, 1, 62) == ["over"]


def test_a_rule_that_asks_for_a_while_waits_for_it() -> None:
    alerting, rule = Alerting(), FloorRule(name="x", measure="waiting", red=5, hold=60)
    assert look(alerting, 5, 0, rule) == []
    assert look(alerting, 4, 30, rule) == []
    assert look(alerting, 5, 40, rule) == []
    assert look(alerting, 5, 99, rule) == []
    assert look(alerting, 5, 100, rule) == ["new red"]


def test_the_margin_holds_an_alert_about_its_limit() -> None:
    rule = FloorRule(name="x", measure="sl", red=80, margin=5, calm=0, least=0)
    alerting = Alerting()

    def share(value: float, now: float) -> list[str]:
        return told(alerting.look({"r1": rule}, [Figure(measure="sl", queue=BILLING, value=value, n=50)], now))

    assert share(79, 0) == ["new red"]
    assert share(84, 1) == []
    assert share(86, 2) == ["over"]


def test_what_stands_is_told_again_now_and_then() -> None:
    alerting = Alerting()
    look(alerting, 3, 0)
    assert look(alerting, 4, RENEW - 1) == []
    assert look(alerting, 5, RENEW) == ["still yellow"]
    assert look(alerting, 5, RENEW + 1) == []


def test_after_a_restart_what_stood_is_not_raised_again_and_can_end() -> None:
    alerting = Alerting()
    alerting.stands("floor:r1:lab:billing", "yellow", 100)
    assert look(alerting, 4, 101) == []
    assert look(alerting, 0, 102) == []
    assert look(alerting, 0, 132) == ["over"]


def test_a_share_of_few_calls_says_nothing() -> None:
    rule = FloorRule(name="x", measure="abandoned", red=20, least=10)
    figures = [Figure(measure="abandoned", queue=BILLING, value=50, n=n) for n in (4, 10)]
    assert Alerting().look({"r1": rule}, figures[:1], 0) == ()
    assert told(Alerting().look({"r1": rule}, figures[1:], 0)) == ["new red"]


def test_only_queues_of_the_rule_count_and_each_has_an_alert_of_its_own() -> None:
    figures = [waiting(9, BILLING), waiting(9, "lab:sales"), waiting(1, "lab:night")]
    everywhere = Alerting().look({"r1": MANY}, figures, 0)
    assert [one.key for one in everywhere] == ["floor:r1:lab:billing", "floor:r1:lab:sales"]
    one = FloorRule(name="x", measure="waiting", red=5, queues=("lab:sales",))
    assert [one.key for one in Alerting().look({"r1": one}, figures, 0)] == ["floor:r1:lab:sales"]


def test_a_queue_nobody_can_see_keeps_its_alert_and_one_that_is_gone_loses_it() -> None:
    alerting = Alerting()
    look(alerting, 9, 0)
    assert alerting.look({"r1": MANY}, [], 100, absent=[BILLING]) == ()
    assert alerting.look({"r1": MANY}, [], 101) == (Cleared(key="floor:r1:lab:billing"),)


def test_a_rule_that_was_removed_takes_its_alerts_along() -> None:
    alerting = Alerting()
    look(alerting, 9, 0)
    assert told(alerting.look({}, [waiting(9)], 1)) == ["over"]


def test_a_value_that_is_not_known_changes_nothing() -> None:
    alerting = Alerting()
    assert look(alerting, None, 0) == []
    look(alerting, 9, 1)
    assert look(alerting, None, 500) == []
    assert look(alerting, 1, 501) == []
    assert look(alerting, 1, 531) == ["over"]


def test_free_agents_and_moods_alert_when_they_fall() -> None:
    nobody = FloorRule(name="Nobody free", measure="free", red=0)
    mood = FloorRule(name="Mood", measure="mood", yellow=-0.4, red=-0.7)
    rules = {"r1": nobody, "r2": mood}
    figures = [
        Figure(measure="free", queue=BILLING, value=0),
        Figure(measure="mood", queue=BILLING, value=-0.5, call="lab-1.1"),
    ]
    alerting = Alerting()
    raised = [one for one in alerting.look(rules, figures, 0) if isinstance(one, Raised)]
    assert [(one.key, one.level) for one in raised] == [
        ("floor:r1:lab:billing", "red"),
        ("floor:r2:call:lab-1.1", "yellow"),
    ]
    assert alerting.look(rules, figures[:1], 1) == ()  # moods are told only while they are bad: it may come back
    assert alerting.look(rules, figures, 2) == ()
    assert alerting.look(rules, figures[:1], 3) == ()
    assert [one.key for one in alerting.look(rules, figures[:1], 33)] == ["floor:r2:call:lab-1.1"]


@pytest.mark.parametrize(
    ("measure", "yellow", "red", "wrong"),
    [
        ("waiting", 3, 6, ()),
        ("waiting", 6, 3, ("red",)),
        ("sl", 80, 60, ()),
        ("sl", 60, 80, ("red",)),
        ("csat", None, None, ("limits",)),
        ("csat", None, 9, ("red",)),
    ],
)
def test_limits_that_can_not_be_right_are_named(
    measure: Measure, yellow: float | None, red: float | None, wrong: tuple[str, ...]
) -> None:
    assert faults(FloorRule(name="x", measure=measure, yellow=yellow, red=red)) == wrong


@given(st.lists(st.tuples(st.integers(0, 10), st.integers(1, 40)), max_size=60))
def test_an_alert_begins_ends_and_changes_in_order_whatever_the_figure_does(steps: list[tuple[int, int]]) -> None:
    alerting, now, level, changed = Alerting(), 0.0, "", -1000.0
    for value, seconds in steps:
        now += seconds
        for said in look(alerting, value, now):
            word, _, to = said.partition(" ")
            assert (word in ("new",)) == (level == "")
            assert not (word == "over" and now - changed < MANY.calm)
            if word == "worse":
                assert (level, to) == ("yellow", "red")
            level, changed = ("" if word == "over" else to), now
