"""Conditions: what fits, what does not, and which values they let through as a set."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxcall.routing.conditions import comparable, fits, holds
from cxcall.routing.extents import Edge, Extent, Words, extent, implies, meet
from cxcall.routing.facts import Facts, Past, Said
from cxcall.routing.names import COMPARISONS, NAMES, split_fact, value_of
from cxcall.routing.rule import Condition
from tests.unit.routing.made import CALLS, NOON, any_conditions, call, proper_conditions, rules


def when(text: str, facts: Facts | None = None) -> bool:
    """Whether a condition, as people write it, holds for a call."""
    condition = rules(f'rule a "a" when {text} then nothing').rules[0].when[0]
    return holds(condition, facts or call())


@pytest.mark.parametrize(
    "text",
    [
        "customer.known", "customer.tier is gold", "customer.tier is GOLD", "customer.tier is not silver",
        "customer.tier is one of (silver, gold)", "customer.tier is none of (silver, bronze)", "customer.tier is known",
        'customer.name is "مينا"', "customer.value over 1000", "customer.tag:vip", 'customer.tag:"بازار"',
        "not customer.tag:other", 'customer.manager is "id:u-reza"', "customer.segment is loyal",
        "past.calls_today at least 2", "past.abandoned_today between 1 and 3", "past.hours_since under 6",
        "past.last_agent is sara", "past.last_mood is not negative", "past.open_tasks over 0",
        "past.call_back_promised", "past.last_score at most 80", 'call.number begins with "+98912"',
        'call.number begins with "0098912"', 'call.called is "+98 21 4930 9000"', "call.queue is Support",
        "time.clock between 11:30 and 12:00", "time.clock between 22:00 and 12:00", "time.clock at least 12:00",
        "time.clock under 12:01", "time.weekday is tuesday", "time.date is 2026-11-24",
        "time.date between 2026-11-01 and 2026-11-30", "not time.holiday", "queue.open", "not queue.open:night",
        "queue.waiting over 5", "queue.waiting:gold under 1", "queue.per_agent at least 2",
        "queue.skilled:english:3 is 1",
        "queue.skilled:english over 2", "queue.skilled:english:5 is 0", "queue.skilled:french is 0",
        "said.intent is cancel", 'said.text contains "اشتراکم را لغو"', "said.confidence over 70", 'said.keys is "2"',
    ],
)  # fmt: skip
def test_what_is_so_fits(text: str) -> None:
    assert when(text)


@pytest.mark.parametrize(
    "text",
    [
        "not customer.known", "customer.tier is silver", "customer.tier is not gold", "customer.tier is not known",
        "past.calls_today over 2", "time.clock between 22:00 and 06:00", "time.clock under 12:00",
        "time.weekday is one of (saturday, sunday)", "queue.waiting:gold over 0", "queue.waiting:lost over -1",
        "queue.expected_wait:night over 0", 'said.text contains "تمدید"', "customer.value over gold",
        "past.calls_today between 3 and 1", "customer.tier is ()", "time.date is gold",
        "call.number is not support", "said.confidence contains 7",
    ],
)  # fmt: skip
def test_what_is_not_so_does_not_fit(text: str) -> None:
    assert not when(text)


@pytest.mark.parametrize(
    "text",
    [
        "customer.tier is gold", "customer.tier is not gold", "customer.tier is none of (gold)", "customer.tag:vip",
        "not customer.tag:vip", "said.intent is cancel", "said.intent is not cancel", "past.hours_since over 0",
        "past.last_score at least 0", "queue.waiting over -1", "call.number is not known and call.number is 1",
    ],
)  # fmt: skip
def test_what_is_not_known_fits_nothing(text: str) -> None:
    bare = call(customer=None, past=Past(), said=None, queue="", number="")
    conditions = rules(f'rule a "a" when {text} then nothing').rules[0].when
    assert not all(holds(one, bare) for one in conditions)
    if "known" not in text:
        known = msgspec.structs.replace(conditions[0], op="known", value=("no",))
        assert conditions[0].op == "holds" or holds(known, bare)


def test_a_day_with_a_holiday_says_so() -> None:
    assert when("time.holiday", call(holiday=True))


def test_nothing_said_is_not_known() -> None:
    assert value_of("said.text", call(said=Said())) is None
    assert value_of("past.last_agent", call(past=Past(last_agent=""))) is None


def test_a_call_in_the_future_was_no_hours_ago() -> None:
    assert value_of("past.hours_since", call(past=Past(last_call_at=NOON + timedelta(hours=1)))) == 0.0


@pytest.mark.parametrize(
    "fact", ["", "customer", "customer.teir", "customer.tier:gold", "customer.tag", "queue.skilled:"]
)
def test_a_fact_there_is_none_of_is_not_known_and_fits_nothing(fact: str) -> None:
    assert split_fact(fact)[0] is None
    assert value_of(fact, call()) is None
    assert not holds(Condition(fact=fact, op="known", value=("no",)), call())


def test_every_fact_can_be_read_and_has_comparisons() -> None:
    assert all(name.comparisons == COMPARISONS[name.kind] for name in NAMES.values())
    given_values = {name: value_of(f"{name}:english" if NAMES[name].takes == "skill" else f"{name}:vip"
                    if NAMES[name].takes == "tag" else name, call()) for name in NAMES}  # fmt: skip
    assert [name for name, value in given_values.items() if value is None] == []


@settings(max_examples=80)
@given(any_conditions(), CALLS)
def test_no_condition_and_no_call_is_too_much(condition: Condition, facts: Facts) -> None:
    assert holds(condition, facts) in (True, False)


@settings(max_examples=80)
@given(st.data())
def test_the_set_of_a_condition_has_just_the_values_that_fit(data: st.DataObject) -> None:
    condition = data.draw(proper_conditions())
    other = data.draw(proper_conditions())
    name, _ = split_fact(condition.fact)
    assert name is not None
    found = extent(condition)
    if found is None or condition.op == "holds" or not condition.value:
        return
    probes = [*condition.value, *other.value, 0.0, 5.0, "gold", "12:00", "2026-11-24"]
    for probe in probes:
        value = comparable(name.kind, probe)
        if value is not None and isinstance(value, float) == (name.kind in ("number", "clock")):
            assert fits(condition, name.kind, probe) == _inside(found, value), probe


def _inside(found: Extent, value: str | float) -> bool:
    if isinstance(found, Words):
        return (value in found.names) != found.all_but
    from datetime import date

    at = float(date.fromisoformat(value).toordinal()) if isinstance(value, str) else float(value)
    return any(since <= Edge(at) < to for since, to in found.spans)


def conditions(text: str) -> tuple[Condition, ...]:
    return rules(f'rule a "a" when {text} then nothing').rules[0].when


@pytest.mark.parametrize(
    ("text", "implied"),
    [
        ("queue.waiting over 5 and queue.waiting over 3", True),
        ("queue.waiting over 3 and queue.waiting over 5", False),
        ("queue.waiting is 4 and queue.waiting between 3 and 5", True),
        ("queue.waiting over 3 and queue.free over 3", False),
        ("customer.tier is gold and customer.tier is one of (gold, silver)", True),
        ("customer.tier is gold and customer.tier is not silver", True),
        ("customer.tier is not silver and customer.tier is gold", False),
        ("customer.tier is gold and customer.tier is known", True),
        ("queue.waiting over 3 and queue.waiting is known", True),
        ("queue.waiting is not 3 and queue.waiting over 3", False),
        ("time.clock between 23:00 and 02:00 and time.clock between 22:00 and 06:00", True),
        ("time.clock between 22:00 and 06:00 and time.clock under 06:01", False),
        ("time.date is 2026-12-01 and time.date at least 2026-11-01", True),
        ('said.text contains "a" and said.text contains "a"', True),
        ('said.text contains "ab" and said.text contains "a"', False),
    ],
)
def test_one_condition_may_imply_another(text: str, implied: bool) -> None:
    one, other = conditions(text)
    assert implies(one, other) == implied


def test_sets_of_two_kinds_have_nothing_to_do_with_each_other() -> None:
    words, numbers = (extent(one) for one in conditions("customer.tier is gold and queue.waiting over 3"))
    assert words is not None
    assert numbers is not None
    assert meet(words, numbers) is None


def test_what_can_not_be_read_is_implied_by_nothing() -> None:
    known = Condition(fact="call.number", op="known")
    assert not implies(known, Condition(fact="call.number", op="is_not", value=("support",)))
    assert not implies(
        Condition(fact="queue.waiting", op="over", value=(3.0,)),
        Condition(fact="queue.waiting", op="is_not", value=("gold",)),
    )


@settings(max_examples=80)
@given(st.data())
def test_what_is_implied_holds_for_every_call(data: st.DataObject) -> None:
    one = data.draw(proper_conditions())
    other = data.draw(st.just(one) | proper_conditions().map(lambda each: msgspec.structs.replace(each, fact=one.fact)))
    facts = data.draw(CALLS)
    if implies(one, other) and holds(one, facts):
        assert holds(other, facts)
