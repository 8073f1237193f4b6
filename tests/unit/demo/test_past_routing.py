"""The demo's rules, and its past as they made it: publishable, decided by the product, the same for the same seed."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime

import pytest

from cxcall.calls.record import CallRecord
from cxcall.demo import floor, rules
from cxcall.demo.history import history
from cxcall.demo.past_call_backs import kept_places
from cxcall.demo.past_decisions import caller_of
from cxcall.demo.past_routing import PastRouter
from cxcall.demo.people import people, strangers
from cxcall.demo.rules import Wrote
from cxcall.demo.staff import QUEUES, STAFF
from cxcall.demo.wishes import Wishes, intents
from cxcall.routing.checking import Known, can_publish, problems
from cxcall.routing.decision import Result
from cxcall.routing.differences import differences
from cxcall.routing.replay import PastCall, replay
from cxcall.routing.trials import compare, sample

UNTIL = datetime(2026, 11, 21, 14, 30, tzinfo=UTC)
USERS = {worker.login: f"user-{worker.login}" for worker in STAFF}
KNOWN = people(300, 1)
UNKNOWN = strangers(90, 1, KNOWN)


def wrote(language: str = "en") -> Wrote:
    return Wrote(people=USERS, nuisance=UNKNOWN[:2], language=language, today=date(2026, 11, 21))


def routed(days: int = 40) -> tuple[PastRouter, list[CallRecord]]:
    callers = {
        number: caller_of(person, f"customer-{n}", USERS) for n, person in enumerate(KNOWN) for number in person.numbers
    }
    router = PastRouter(rules.stages(wrote()), callers, USERS, Wishes(intents(), 1), until=UNTIL, seed=1)
    calls = list(history(until=UNTIL, days=days, seed=1, people=KNOWN, strangers=UNKNOWN, router=router))
    return router, calls


@pytest.fixture(scope="module")
def past() -> tuple[PastRouter, list[CallRecord]]:
    return routed()


@pytest.mark.parametrize("language", ["en", "fa"])
def test_what_was_published_and_the_draft_can_be_published_as_they_are(language: str) -> None:
    stages = rules.stages(wrote(language))
    known = Known(
        queues=frozenset(queue.name for queue in QUEUES),
        users=frozenset(USERS.values()),
        skills=frozenset(words[language] for words, _ in floor.SKILLS.values()),
        prompts=frozenset(name[language] for name, _ in rules.ANNOUNCED),
        intents=frozenset(intent.name for intent in intents()),
        languages=frozenset({"en", "fa"}),
        today=date(2026, 11, 21),
    )
    now, draft = stages[-1].rules, rules.draft(stages[-1].rules, language)
    for each in (*(stage.rules for stage in stages), draft):
        assert can_publish(problems(each, known)), [one.text for one in problems(each, known)]
    assert [change.rule for change in differences(now, draft)] == ["twice"]
    assert len({rule.name for rule in now.rules}) == len(now.rules) > 10


def test_every_call_to_a_queue_was_decided_once_and_went_where_it_was_sent(
    past: tuple[PastRouter, list[CallRecord]],
) -> None:
    router, calls = past
    decided: Counter[str | None] = Counter(one.call_id for one in router.decisions)
    asked: dict[str | None, Result] = {one.call_id: one.decision.result for one in router.decisions}
    visited = [call for call in calls if call.queue_visits or call.id in router.before_the_queue]
    assert len(visited) > 1_500
    for call in visited:
        assert decided[call.id] == 1
        assert all(visit.queue == asked[call.id].queue for visit in call.queue_visits)
    assert {call.outcome for call in calls if call.id in asked and asked[call.id].treat == "block"} <= {"blocked"}
    ways = Counter(rule for one in router.decisions for rule in one.decision.matched)
    assert min(ways[name] for name in ("vip", "persian", "known", "at_hand", "overflow", "offer", "complaint")) > 5


def test_the_same_seed_decides_the_same() -> None:
    one, other = routed(12), routed(12)
    assert one[0].decisions == other[0].decisions
    assert one[1] == other[1]


def test_the_draft_would_have_changed_some_calls_and_an_experiment_has_shown_its_effect(
    past: tuple[PastRouter, list[CallRecord]],
) -> None:
    router, calls = past
    lately = [
        PastCall(id=one.call_id or "", facts=one.facts, result=one.decision.result)
        for one in router.decisions[-500:]
        if one.facts is not None
    ]
    now = rules.stages(wrote())[-1].rules
    found = replay(lately, rules.draft(now, "en"))
    assert 0 < len(found.changed) < len(lately) / 4
    assert not found.unknown
    talked: dict[str | None, float] = {call.id: sum(visit.talk for visit in call.queue_visits) for call in calls}
    groups: dict[str, list[tuple[str, float]]] = {"treated": [], "control": []}
    for one in router.decisions:
        group, seconds = one.decision.groups.get("Number at hand"), talked.get(one.call_id, 0.0)
        if group is not None and seconds:
            groups[group].append((one.number, seconds))
    compared = compare("handle", sample("handle", groups["treated"]), sample("handle", groups["control"]))
    assert compared.verdict == "better"


def test_call_backs_were_asked_for_by_callers_who_waited_and_ended_in_every_way(
    past: tuple[PastRouter, list[CallRecord]],
) -> None:
    kept = kept_places(past[1], KNOWN, until=UNTIL, seed=1)
    assert {each.one.state for each in kept} == {"done", "task", "cancelled", "waiting"}
    assert sum(each.one.open for each in kept) == 1
    for each in kept:
        assert each.asked.queue_visits[-1].result == "left"
        assert each.one.joined_at < each.one.made_at
        assert (each.reached is not None) == (each.one.state == "done")
        if each.reached is not None:
            assert each.reached.id == each.one.last_call
            assert each.reached.ended_at == each.one.ended_at
