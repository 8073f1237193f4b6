"""Decisions on calls: what rules give, what is left open, and that there is always a result."""

from __future__ import annotations

from datetime import date, timedelta

import msgspec
import pytest
from hypothesis import given, settings

from cxcall.routing.decide import decide
from cxcall.routing.decision import Decision, Result
from cxcall.routing.facts import AgentNow, Facts, Past, QueueNow
from cxcall.routing.rule import MOST_PRIORITY, Overflow, Rule, RuleSet, Then
from cxcall.routing.widening import rule_name
from tests.unit.routing.made import CALLS, KNOWN, MINA, NOON, QUEUES, REZA, SARA, any_conditions, any_rules, call, rules


def result(text: str, facts: Facts | None = None) -> Result:
    return decide(rules(text), facts or call()).result


def told(decision: Decision, field: str) -> list[str]:
    return [one.sentence for one in decision.reasons if one.field == field]


def test_without_rules_a_call_goes_where_the_dialplan_sends_it() -> None:
    assert decide(RuleSet(), call()).result == Result(queue="support")
    assert decide(RuleSet(), call(queue="")).result == Result()
    assert told(decide(RuleSet(), call()), "queue") == ["No rule names a queue: it stays “{queue}”."]


def test_a_rule_that_holds_gives_what_it_says() -> None:
    text = """rule vip "VIP" when customer.tier is gold and queue.waiting over 5
      then queue gold, priority 5, language en, announcement hello, challenge, call-back, no survey"""
    decision = decide(rules(text), call(), version=7)
    assert decision.result == Result(
        queue="gold", priority=5, language="en", announcement="hello", treat="challenge", call_back=True, survey=False
    )
    assert decision.matched == ("vip",)
    assert decision.facts == (("customer.tier", "gold"), ("queue.waiting", 6))
    assert decision.version == 7


def test_the_first_rule_that_says_something_of_a_field_counts() -> None:
    text = """
rule a "a" then priority 3
rule b "b" then priority 9, queue gold
rule c "c" then queue sales"""
    assert result(text) == Result(queue="gold", priority=3)


def test_a_rule_that_ends_the_rules_lets_none_below_it_count() -> None:
    text = """
rule a "a" then priority 3 stop
rule b "b" then queue gold"""
    decision = decide(rules(text), call())
    assert decision.result == Result(queue="support", priority=3)
    assert decision.matched == ("a",)


@pytest.mark.parametrize(
    "clause", ["off", "expires 2026-11-23", 'trial "t" for 99 % by csat from 2026-11-25',
               'trial "t" for 99 % by csat until 2026-11-24'],
)  # fmt: skip
def test_a_rule_out_of_its_time_is_not_read(clause: str) -> None:
    assert result(f'rule a "a" {clause} then priority 3') == Result(queue="support")


def test_a_rule_counts_on_its_last_day() -> None:
    assert result('rule a "a" expires 2026-11-24 then priority 3').priority == 3


def test_no_rule_gives_more_than_the_highest_priority_nor_less_than_none() -> None:
    assert result('rule a "a" then priority 99').priority == MOST_PRIORITY
    assert result('rule a "a" then priority -4').priority == 0
    capped = decide(rules('rule a "a" then priority 99'), call())
    assert told(capped, "priority") == ["Priority {priority}, the highest there is."]


@pytest.mark.parametrize(("queue", "sentence"), [("lost", "is not there now"), ("night", "is closed now")])
def test_a_queue_that_is_gone_or_closed_is_left_to_the_rules_below(queue: str, sentence: str) -> None:
    text = f"""
rule a "a" then queue {queue}, priority 2
rule b "b" then queue GOLD"""
    decision = decide(rules(text), call())
    assert decision.result == Result(queue="gold", priority=2)
    assert sentence in told(decision, "queue")[0]


def test_where_no_queue_is_known_rules_are_believed() -> None:
    assert result('rule a "a" then queue lost', call(queues={})).queue == "lost"


def test_the_language_of_the_profile_can_be_given() -> None:
    text = 'rule a "a" then language customer\nrule b "b" then language en'
    assert result(text).language == "fa"
    assert result(text, call(customer=None)).language == "en"


LAST = 'rule a "a" then agent last within 30 days for 20 s'


def test_the_last_agent_is_rung_first() -> None:
    given = result(LAST)
    assert (given.agent, given.agent_user, given.agent_wait) == ("PJSIP/1001", "u-sara", 20)


def past(**fields: object) -> Past:
    return msgspec.structs.replace(KNOWN, **fields)


@pytest.mark.parametrize(
    ("known", "agents", "sentence"),
    [
        (Past(), {"u-sara": SARA}, "no agent has talked"),
        (past(last_call_at=NOON - timedelta(days=31)), {"u-sara": SARA}, "more than {days} days"),
        (past(last_agent_at=NOON - timedelta(days=31)), {"u-sara": SARA}, "more than {days} days"),
        (past(last_agent_score=30.0, known_agents=("u-sara",)), {"u-sara": SARA}, "did not go well"),
        (past(last_mood="negative", known_agents=()), {"u-sara": SARA}, "did not go well"),
        (KNOWN, {}, "not signed in"),
        (KNOWN, {"u-sara": msgspec.structs.replace(SARA, state="offline")}, "not signed in"),
        (KNOWN, {"u-sara": msgspec.structs.replace(SARA, interface="")}, "not signed in"),
        (KNOWN, {"u-sara": msgspec.structs.replace(SARA, state="paused")}, "is not rung first: {state}"),
    ],
)
def test_nobody_is_rung_who_can_not_or_should_not_answer(
    known: Past, agents: dict[str, AgentNow], sentence: str
) -> None:
    decision = decide(rules(LAST), call(past=known, agents=agents))
    assert (decision.result.agent, decision.result.agent_wait) == ("", 0)
    assert sentence in told(decision, "agent")[0]


def test_after_a_bad_call_somebody_else_they_know_is_rung() -> None:
    bad = past(last_mood="negative", known_agents=("u-sara", "u-reza"))
    ready = msgspec.structs.replace(REZA, state="ready")
    assert result(LAST, call(past=bad, agents={"u-sara": SARA, "u-reza": ready})).agent == "PJSIP/1002"


def test_when_the_manager_is_on_a_call_the_next_rule_may_name_another() -> None:
    text = 'rule a "a" then agent manager for 10 s\nrule b "b" then agent user sara for 200 s'
    given = result(text)
    assert (given.agent, given.agent_wait) == ("PJSIP/1001", 60)
    assert result('rule a "a" then agent manager for 10 s', call(customer=None)).agent == ""


FULL = 'rule a "a" then overflow (per_agent over 5 to gold, expected_wait over 200 to {to})'


def test_a_queue_with_too_much_to_do_sends_on() -> None:
    decision = decide(rules(FULL.format(to="gold")), call())
    assert decision.result.queue == "gold"
    values = next(one.values for one in decision.reasons if one.field == "overflow")
    assert (values["queue"], values["to"], values["found"], values["limit"]) == ("support", "gold", 240.0, 200.0)


@pytest.mark.parametrize("to", ["night", "lost", "support", "SUPPORT"])
def test_nobody_is_sent_to_a_closed_or_missing_queue_nor_back(to: str) -> None:
    decision = decide(rules(FULL.format(to=to)), call())
    assert decision.result.queue == "support"
    assert "nowhere to go on to" in told(decision, "overflow")[0]


def test_queues_that_send_to_each_other_keep_a_caller_when_both_are_full() -> None:
    text = """
rule a "a" when call.queue is support then overflow waiting over 5 to sales
rule b "b" when call.queue is sales then overflow waiting over 5 to support"""
    assert result(text).queue == "support"
    assert result(text, call(queue="sales")).queue == "sales"
    room = QUEUES | {"sales": QueueNow(name="sales", waiting=1)}
    assert result(text, call(queues=room)).queue == "sales"


def test_a_queue_on_the_way_that_is_full_sends_on_by_its_own_rule() -> None:
    text = """
rule a "a" when call.queue is support then overflow waiting over 5 to sales
rule b "b" when call.queue is sales then overflow waiting over 5 to gold"""
    decision = decide(rules(text), call())
    assert decision.result.queue == "gold"
    assert [one.rule for one in decision.reasons if one.field == "overflow"] == ["a", "b"]


def test_a_long_ring_of_queues_ends() -> None:
    names = [f"q{n}" for n in range(400)]
    queues = {name: QueueNow(name=name, waiting=9) for name in names}
    made = [
        Rule(id=name, name=name, then=Then(queue=name, overflow=(Overflow(figure="waiting", limit=1, to=to),)))
        for name, to in zip(names, [*names[1:], "q0"], strict=True)
    ]
    assert decide(RuleSet(rules=tuple(made)), call(queue="q0", queues=queues)).result.queue == "q0"


def test_skills_name_the_rule_of_the_queue_the_call_ends_in() -> None:
    text = 'rule a "a" then skills (english 1 after 60 s, english 3), overflow waiting over 5 to gold'
    given = result(text)
    assert [(step.level, step.after) for step in given.skills] == [(3, 0), (1, 60)]
    assert given.rule == rule_name("gold", given.skills)
    without = decide(rules(text), call(), widens=frozenset())
    assert without.result.rule == ""
    assert "can’t choose by skill" in told(without, "skills")[0]


def test_the_control_group_is_without_the_rule_and_always_the_same_customers() -> None:
    text = 'rule a "a" trial "Gold first" for 50 % by csat then priority 5 stop\nrule b "b" then announcement hello'
    groups = {}
    for n in range(200):
        customer = msgspec.structs.replace(MINA, id=f"c{n}")
        decision = decide(rules(text), call(customer=customer))
        groups[f"c{n}"] = decision.groups["Gold first"]
        treated = decision.groups["Gold first"] == "treated"
        assert decision.matched == (("a",) if treated else ("b",))
        assert (decision.result.priority, decision.result.announcement) == ((5, "") if treated else (0, "hello"))
        again = decide(rules(text), call(customer=customer, call="other", number=""))
        assert again.groups == decision.groups
    assert 70 <= sum(group == "treated" for group in groups.values()) <= 130


def test_the_first_reason_of_a_rule_says_why_it_holds() -> None:
    text = 'rule a "a" when customer.tier is gold and queue.waiting over 5 then queue gold, priority 5'
    first, second = decide(rules(text), call()).reasons
    assert [(one["fact"], one["found"]) for one in first.values["because"]] == [
        ("customer.tier", "gold"), ("queue.waiting", 6),
    ]  # fmt: skip
    assert "because" not in second.values


@settings(max_examples=40)
@given(any_rules(any_conditions()), CALLS)
def test_whatever_the_rules_a_call_gets_a_result(made: RuleSet, facts: Facts) -> None:
    decision = decide(made, facts, widens=frozenset())
    given = decision.result
    assert 0 <= given.priority <= MOST_PRIORITY
    assert not given.agent or 1 <= given.agent_wait <= 60
    assert given.queue or not facts.queue
    ids = {rule.id for rule in made.rules}
    assert set(decision.matched) <= ids
    assert {one.rule for one in decision.reasons} <= ids | {""}
    assert decide(made, facts, widens=frozenset()) == decision
    assert msgspec.json.decode(msgspec.json.encode(decision), type=Decision).result == given


@settings(max_examples=40)
@given(any_rules(any_conditions()), CALLS)
def test_a_result_names_only_what_is_there(made: RuleSet, facts: Facts) -> None:
    given = decide(made, facts).result
    if facts.queues and given.queue != facts.queue:
        assert facts.queues[given.queue].open
    assert given.agent_user in {"", *(user for user, agent in facts.agents.items() if agent.state == "ready")}


def test_expiry_and_trials_go_by_the_day_of_the_call() -> None:
    text = 'rule a "a" expires 2026-12-01 then priority 3'
    assert result(text, call(at=NOON + timedelta(days=30))).priority == 0
    assert rules(text).rules[0].expires == date(2026, 12, 1)
