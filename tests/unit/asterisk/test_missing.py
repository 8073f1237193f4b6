"""Calls missed in a row: counted once each, by phone, of queues with such a rule, and begun anew by an answer."""

from __future__ import annotations

from datetime import UTC, datetime

from cxcall.asterisk.floor.missing import Misses
from cxcall.calls.record import CallId, CallRecord, Leg, LegResult, QueueVisit

AT = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
SARA, OMID = "PJSIP/1001", "PJSIP/1002"


def call(n: int, *legs: Leg, queue: str = "sales") -> CallRecord:
    visit = QueueVisit(queue=queue, joined_at=AT)
    return CallRecord(id=CallId(f"lab-{n}"), server="lab", started_at=AT, legs=legs, queue_visits=(visit,))


def leg(n: int, phone: str = SARA, *, result: LegResult | None = "no_answer", answered: bool = False) -> Leg:
    return Leg(
        channel=f"{phone}-{n:08}", unique_id=f"1.{n}", role="agent", rang_at=AT, ended_at=AT if result else None,
        answered_at=AT if answered else None, result=result,
    )  # fmt: skip


def told(misses: Misses, record: CallRecord) -> list[str]:
    return list(misses.told(record, lambda queue: 2 if queue == "sales" else 0))


def test_the_second_call_in_a_row_is_one_too_many_and_telling_it_again_counts_nothing() -> None:
    misses = Misses()
    assert told(misses, call(1, leg(1))) == []
    assert told(misses, call(1, leg(1))) == []
    assert told(misses, call(1, leg(1), leg(2, OMID))) == []
    assert told(misses, call(1, leg(1), leg(2, OMID), leg(3))) == [SARA]
    assert told(misses, call(1, leg(1), leg(2, OMID), leg(3))) == []
    assert told(misses, call(2, leg(4))) == [], "the count begins anew"
    assert told(misses, call(2, leg(4), leg(5))) == [SARA]


def test_an_answer_begins_anew_and_rings_others_took_or_callers_ended_are_none() -> None:
    misses = Misses()
    told(misses, call(1, leg(1)))
    assert told(misses, call(2, leg(2, result=None, answered=True))) == []
    assert told(misses, call(3, leg(3))) == []
    assert told(misses, call(4, leg(4, result="cancelled"), leg(5, result="busy"), leg(6, result=None))) == []
    assert told(misses, call(5, leg(7))) == [SARA]


def test_queues_without_the_rule_count_nothing() -> None:
    misses = Misses()
    for n in range(5):
        assert told(misses, call(n, leg(n), queue="reception")) == []
