"""The demo's past answers: believable, the same for the same seed, and as a true dialogue would have left them."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from statistics import mean

import pytest

from cxcall.demo.history import history
from cxcall.demo.past_surveys import Whose, past_responses
from cxcall.demo.people import people, strangers
from cxcall.demo.surveys import DemoSurvey
from cxcall.store.survey_seed import PastResponse
from cxcall.surveys.script import Question
from cxcall.surveys.template import default_script

UNTIL = datetime(2026, 11, 21, 14, 30, tzinfo=UTC)
SURVEY = DemoSurvey(id="s", version=1, script=default_script())


def made(seed: int = 1) -> list[PastResponse]:
    known = people(300, 1)
    past = list(history(until=UNTIL, days=28, seed=1, people=known, strangers=strangers(90, 1, known)))
    whose: dict[str, Whose] = {record.id: Whose(customer_id=record.caller.number, language="fa") for record in past}
    return list(past_responses(SURVEY, past, whose, seed, UNTIL - timedelta(days=5)))


@pytest.fixture(scope="module")
def responses() -> list[PastResponse]:
    return made()


@pytest.fixture(scope="module")
def several(responses: list[PastResponse]) -> list[PastResponse]:
    """What callers might have answered, three times: for what is rare, and for means."""
    return [*responses, *made(2), *made(3)]


def satisfaction(past: PastResponse) -> float | None:
    values = [given.value for given, part, _ in past.given if isinstance(part, Question) and part.measure == "csat"]
    return values[0] if values else None


def test_the_same_seed_gives_the_same_answers(responses: list[PastResponse]) -> None:
    assert made() == responses
    assert made(2) != responses


def test_every_call_is_accounted_for_once_with_a_reason_or_an_end(
    responses: list[PastResponse], several: list[PastResponse]
) -> None:
    assert len({past.new.call_id for past in responses}) == len(responses) > 1_500
    reasons = Counter(past.reason for past in responses)
    assert min(reasons[reason] for reason in ("ask", "caller_hung_up", "transferred", "not_answered")) > 20
    asked = [past for past in responses if past.reason == "ask"]
    assert {past.end for past in several if past.reason == "ask"} == {"finished", "handed_over", "hung_up", "opted_out"}
    assert all(not past.given for past in responses if past.reason != "ask")
    assert 0.5 < sum(past.end in ("finished", "handed_over") for past in asked) / len(asked) < 0.85


def test_answers_come_after_the_call_in_order_and_only_late_ones_have_comments(responses: list[PastResponse]) -> None:
    for past in responses:
        moments = [at for _, _, at in past.given]
        assert moments == sorted(moments)
        assert all(at > past.new.at for at in moments)
    spoken = [
        past for past in responses if any(g.part == "comment" and g.result == "answered" for g, _, _ in past.given)
    ]
    assert 10 < len(spoken) < 120
    assert min(past.new.at for past in spoken) > UNTIL - timedelta(days=6)


def test_agents_and_waiting_move_the_score(several: list[PastResponse]) -> None:
    by_agent, waited, at_once = defaultdict[str, list[float]](list), list[float](), list[float]()
    for past in several:
        value = satisfaction(past)
        if value is not None:
            by_agent[past.new.agent_name].append(value)
            (waited if (past.new.wait or 0.0) > 60 else at_once).append(value)
    means = {agent: mean(values) for agent, values in by_agent.items()}
    assert max(means, key=means.__getitem__) == "Sara Ahmadi"
    assert min(means, key=means.__getitem__) == "Omid Sharifi"
    assert mean(waited) < mean(at_once)
