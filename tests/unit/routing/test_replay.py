"""Past calls through a draft: what would have changed, and what can't be told."""

from __future__ import annotations

import msgspec
from hypothesis import given, settings

from cxcall.routing.decide import decide
from cxcall.routing.facts import Facts, QueueNow
from cxcall.routing.replay import MOST_QUEUES, PastCall, kept, replay
from cxcall.routing.rule import RuleSet
from tests.unit.routing.made import CALLS, MINA, QUEUES, any_conditions, any_rules, call, rules

PUBLISHED = rules('rule vip "VIP" when customer.tier is gold then queue gold, priority 5')


def past(n: int, facts: Facts) -> PastCall:
    return PastCall(id=str(n), facts=kept(facts, PUBLISHED), result=decide(PUBLISHED, facts).result)


SILVER = call(customer=msgspec.structs.replace(MINA, tier="silver"))
DAY = [past(n, facts) for n, facts in enumerate([call(), SILVER, call(customer=None), call(queue="sales")])]


def test_the_same_rules_change_nothing() -> None:
    found = replay(DAY, PUBLISHED)
    assert (found.calls, found.changed, found.by_field, found.unknown) == (4, (), {}, {})
    assert found.by_rule == {"vip": 2}


def test_a_draft_tells_which_calls_would_change_and_how() -> None:
    draft = rules('rule vip "VIP" when customer.tier is one of (gold, silver) then queue gold, priority 7')
    found = replay(DAY, draft)
    assert [(one.id, one.fields) for one in found.changed] == [
        ("0", ("priority",)), ("1", ("queue", "priority")), ("3", ("priority",)),
    ]  # fmt: skip
    assert found.by_field == {"priority": 3, "queue": 1}
    assert found.by_rule == {"vip": 3}
    assert (found.changed[1].before.queue, found.changed[1].after.result.queue) == ("support", "gold")


def test_figures_that_were_not_kept_are_counted_and_not_guessed() -> None:
    draft = rules('rule a "a" when queue.waiting:fax over 3 and queue.skilled:english over 0 then priority 3')
    found = replay([*DAY, past(4, call(queue="gone"))], draft)
    assert found.unknown == {"queue.waiting:fax": 5, "queue.skilled:english": 1}


def test_of_many_queues_and_agents_those_are_kept_that_mattered() -> None:
    many = {f"q{n}": QueueNow(name=f"q{n}") for n in range(100)} | QUEUES
    agent = call().agents["u-sara"]
    crowd = {f"u{n}": msgspec.structs.replace(agent, user=f"u{n}") for n in range(100)} | call().agents
    facts = kept(call(queues=many, agents=crowd), PUBLISHED)
    assert len(facts.queues) == MOST_QUEUES
    assert {"support", "gold"} <= facts.queues.keys()
    assert facts.agents.keys() == {"u-sara", "u-reza"}


@settings(max_examples=40)
@given(any_rules(any_conditions()), CALLS)
def test_what_was_kept_is_enough_to_decide_the_same_again(made: RuleSet, facts: Facts) -> None:
    again = msgspec.json.decode(msgspec.json.encode(kept(facts, made)), type=Facts)
    assert decide(made, again).result == decide(made, facts).result
