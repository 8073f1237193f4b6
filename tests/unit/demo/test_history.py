from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from cxcall.calls.record import CallRecord, decode, encode
from cxcall.demo.history import history
from cxcall.demo.people import people, strangers
from cxcall.demo.staff import AGENTS, QUEUES, agent

UNTIL = datetime(2026, 11, 21, 14, 30, tzinfo=UTC)
TEHRAN = ZoneInfo("Asia/Tehran")


def made(seed: int = 1, days: int = 28) -> list[CallRecord]:
    known = people(300, 1)
    return list(history(until=UNTIL, days=days, seed=seed, people=known, strangers=strangers(90, 1, known)))


@pytest.fixture(scope="module")
def calls() -> list[CallRecord]:
    return made()


def test_the_same_seed_makes_the_same_calls() -> None:
    assert made(days=7) == made(days=7)
    assert made(seed=2, days=2) != made(seed=1, days=2)


def test_four_weeks_are_some_thousand_calls_each_with_an_id_of_its_own(calls: list[CallRecord]) -> None:
    assert 2_000 < len(calls) < 6_000
    assert len({call.id for call in calls}) == len(calls)


def test_all_calls_are_over_and_survive_being_written_down(calls: list[CallRecord]) -> None:
    for call in calls:
        assert call.ended_at is not None
        assert call.ended_at <= UNTIL
        assert decode(encode(call)) == call


def test_times_of_a_call_never_go_back(calls: list[CallRecord]) -> None:
    for call in calls:
        assert call.started_at is not None
        assert call.ended_at is not None
        moments = [call.answered_at]
        moments += [moment for leg in call.legs for moment in (leg.rang_at, leg.answered_at, leg.ended_at)]
        moments += [moment for talk in call.talks for moment in (talk.from_, talk.to)]
        moments += [moment for visit in call.queue_visits for moment in (visit.joined_at, visit.left_at)]
        assert all(call.started_at <= moment <= call.ended_at for moment in moments if moment is not None)
        for talk in call.talks:
            assert talk.from_ is not None
            assert talk.to is not None
            assert talk.from_ < talk.to


def test_answered_means_that_someone_was_talked_to(calls: list[CallRecord]) -> None:
    for call in calls:
        assert (call.outcome == "answered") == bool(call.talks) == (call.answered_at is not None)


def test_a_visit_adds_up(calls: list[CallRecord]) -> None:
    visits = [visit for call in calls for visit in call.queue_visits]
    assert len(visits) > 1_500
    for visit in visits:
        assert visit.joined_at is not None
        assert visit.left_at is not None
        assert visit.wait == pytest.approx((visit.left_at - visit.joined_at).total_seconds(), abs=0.002)
        assert (visit.result == "answered") == (visit.talk > 0) == (visit.agent is not None)
        assert visit.hold <= visit.talk
        if visit.result == "answered":
            assert visit.attempts[-1].result == "answered"
            assert visit.ring == visit.attempts[-1].ring


def test_agents_answer_only_for_their_own_queues(calls: list[CallRecord]) -> None:
    members = {queue.name: {agent(phone).name for phone in queue.members} for queue in QUEUES}
    for call in calls:
        for visit in call.queue_visits:
            assert {attempt.agent for attempt in visit.attempts} <= members[visit.queue]


def test_no_agent_talks_with_two_callers_at_once(calls: list[CallRecord]) -> None:
    talks: defaultdict[str, list[tuple[datetime, datetime, str]]] = defaultdict(list)
    for call in calls:
        for talk in call.talks:
            customer_side = {channel.partition("-")[0] for channel in talk.channels}
            for worker in AGENTS:
                if worker.interface in customer_side and len(customer_side) == 2 and talk.from_ and talk.to:
                    talks[worker.phone].append((talk.from_, talk.to, call.id))
    for booked in talks.values():
        booked.sort()
        for (_, to, one), (start, _, other) in pairwise(booked):
            assert one == other or start >= to


def test_the_week_and_the_day_have_the_shape_of_an_iranian_office(calls: list[CallRecord]) -> None:
    local = [call.started_at.astimezone(TEHRAN) for call in calls if call.started_at]
    by_weekday = Counter(moment.weekday() for moment in local)
    saturday, thursday, friday, sunday = 5, 3, 4, 6
    assert by_weekday[friday] < by_weekday[thursday] < by_weekday[sunday] < by_weekday[saturday]
    by_hour = Counter(moment.hour for moment in local)
    assert by_hour[10] > by_hour[13] < by_hour[15]
    assert not any(by_hour[hour] for hour in (0, 1, 2, 3, 4, 5, 23))


def test_everything_that_happens_in_a_call_centre_happens(calls: list[CallRecord]) -> None:
    outcomes = Counter(call.outcome for call in calls)
    assert {"answered", "abandoned", "no_answer", "busy"} <= set(outcomes)
    assert 0.05 < outcomes["abandoned"] / len(calls) < 0.2
    assert {call.direction for call in calls} == {"inbound", "outbound", "internal"}
    assert {transfer.kind for call in calls for transfer in call.transfers} == {"blind", "attended"}
    assert any(call.holds for call in calls)
    assert any(attempt.result == "no_answer" for c in calls for v in c.queue_visits for attempt in v.attempts)
    assert any(call.caller.number == "anonymous" for call in calls)
    assert any(call.caller.name and "\u0600" < call.caller.name[0] < "\u06ff" for call in calls)


def test_a_day_that_is_not_over_stops_at_now() -> None:
    noon = datetime(2026, 11, 21, 8, 30, tzinfo=UTC)
    known = people(50, 1)
    calls = list(history(until=noon, days=0, seed=1, people=known, strangers=strangers(10, 1, known)))
    assert calls
    assert all(call.ended_at and noon - timedelta(hours=24) < call.ended_at <= noon for call in calls)
