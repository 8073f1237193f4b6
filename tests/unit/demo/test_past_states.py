from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest

from cxcall.calls.record import CallRecord
from cxcall.demo.history import history
from cxcall.demo.past_rosters import of_day as roster_of
from cxcall.demo.past_states import Doing, busy, of_day
from cxcall.demo.people import people, strangers
from cxcall.demo.rota import duties
from cxcall.demo.staff import AGENTS, QUEUES, agents
from cxcall.demo.workday import Seat, Workday
from cxcall.staffing.roster import overlapping

UNTIL = datetime(2026, 11, 21, 20, 30, tzinfo=UTC)

Past = tuple[list[CallRecord], list[Workday]]


@pytest.fixture(scope="module")
def past() -> Past:
    known, worked = people(300, 1), list[Workday]()
    calls = history(
        until=UNTIL, days=14, seed=1, people=known, strangers=strangers(90, 1, known), workers=agents("fa"),
        worked=worked.append,
    )  # fmt: skip
    return list(calls), worked


def shifts(past: Past) -> list[tuple[Seat, Sequence[Doing]]]:
    calls, worked = past
    doing = busy(calls)
    found = [(seat, of_day(seat, doing.get(seat.worker.phone, ()))) for day in worked for seat in day.seats]
    return [(seat, spells) for seat, spells in found if spells]


def test_states_follow_each_other_from_signing_in_until_signing_out(past: Past) -> None:
    there = shifts(past)
    assert len(there) > 60
    for seat, spells in there:
        assert spells[0].since == seat.comes_at
        assert spells[-1].until >= seat.leaves_at
        assert all(one.until == other.since for one, other in pairwise(spells))


def test_who_talks_in_a_call_is_on_a_call_then(past: Past) -> None:
    there = shifts(past)
    for phone, calls in busy(past[0]).items():
        for call in (one for one in calls if one.state == "on_call"):
            theirs = [spells for seat, spells in there if seat.worker.phone == phone]
            at = call.since + (call.until - call.since) / 2
            spell = next((one for spells in theirs for one in spells if one.since <= at < one.until), None)
            assert spell is None or spell.state == "on_call", "who is not signed in is in no state"


def test_pauses_have_reasons_and_no_call_of_a_queue_is_answered_in_them(past: Past) -> None:
    there = shifts(past)
    reasons = {one.reason for _, spells in there for one in spells if one.state == "paused"}
    assert {"break", "lunch", "paperwork"} <= reasons <= {"break", "lunch", "paperwork", "meeting", "training"}
    for seat, _ in there:
        for one, other in pairwise(seat.away):
            assert one.until <= other.since
    away = {seat.worker.name: [one for it in past[1] for one in _seat(it, seat).away] for seat, _ in there}
    for call in past[0]:
        for visit in call.queue_visits:
            if visit.agent and visit.left_at:
                assert not any(one.since < visit.left_at < one.until for one in away[visit.agent])


def _seat(day: Workday, seat: Seat) -> Seat:
    return next(one for one in day.seats if one.worker.phone == seat.worker.phone)


def test_everybody_has_a_day_off_a_week_and_every_queue_of_the_day_has_somebody() -> None:
    saturday = date(2026, 11, 14)
    for week in range(8):
        days = [saturday + timedelta(days=7 * week + n) for n in range(7)]
        rota = [duties(day) for day in days]
        for worker in AGENTS:
            assert sum(worker.phone in day for day in rota) == 6
        for day in rota:
            assert all(any(phone in day for phone in queue.members) for queue in QUEUES)
        assert rota == [duties(day) for day in days]


def test_a_roster_has_nobody_twice_and_breaks_within_shifts() -> None:
    ids = {worker.login: worker.login for worker in AGENTS}
    for n in range(60):
        shifts = list(roster_of(date(2026, 10, 1) + timedelta(days=n), ids))
        assert overlapping(shifts) is None
        work = {one.agent: one for one in shifts if one.activity == "work"}
        for rest in (one for one in shifts if one.activity in ("break", "lunch", "training")):
            assert work[rest.agent].since < rest.since < rest.until < work[rest.agent].until


def test_agents_have_the_names_their_reader_writes(past: Past) -> None:
    named = {visit.agent for call in past[0] for visit in call.queue_visits if visit.agent}
    assert named == {worker.name for worker in agents("fa")}
    assert all("\u0600" <= name[0] <= "\u06ff" for name in named)
