"""Call records as the tracker writes them, made short for tests."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from cxcall.calls.record import Attempt, Caller, CallId, CallRecord, Leg, QueueVisit, Talk
from cxcall.store.calls import CallWrite

MORNING = datetime(2026, 11, 21, 6, 30, 0, 123456, tzinfo=UTC)
REGION = "IR"


def after(seconds: float) -> datetime:
    """`seconds` after the morning all tests begin with."""
    return MORNING + timedelta(seconds=seconds)


def queue_call(
    n: int, *, at: float = 0, number: str = "09123456789", name: str | None = "Maryam", **other: Any
) -> CallRecord:
    """An answered queue call: 20 s wait, 60 s talk with Sara (PJSIP/1001); Omid (PJSIP/1002) let it ring."""
    server = other.pop("server", "lab")
    caller, omid, sara = f"PJSIP/trunk-{n:08x}", f"PJSIP/1002-{n:08x}", f"PJSIP/1001-{n:08x}"
    unique = f"{1_763_700_000 + n}.{n}"
    record = CallRecord(
        id=CallId(f"{server}-{unique}"),
        server=server,
        linked_ids=(unique,),
        direction="inbound",
        caller=Caller(number=number, name=name, channel=caller),
        called="02188341190",
        started_at=after(at),
        answered_at=after(at + 20),
        ended_at=after(at + 80),
        outcome="answered",
        ended_by="caller",
        hangup_cause=16,
        legs=(
            Leg(channel=caller, unique_id=unique, role="caller", number=number, name=name, answered_at=after(at + 20),
                ended_at=after(at + 80), result="answered", hangup_cause=16),
            Leg(channel=omid, unique_id=f"{unique}1", role="agent", number="1002", agent="Omid", rang_at=after(at + 1),
                ended_at=after(at + 16), result="no_answer", hangup_cause=19),
            Leg(channel=sara, unique_id=f"{unique}2", role="agent", number="1001", agent="Sara", rang_at=after(at + 17),
                answered_at=after(at + 20), ended_at=after(at + 80), result="answered", hangup_cause=16),
        ),
        talks=(Talk(channels=(caller, sara), numbers=(number, "1001"), from_=after(at + 20), to=after(at + 80)),),
        queue_visits=(
            QueueVisit(queue="support", joined_at=after(at), left_at=after(at + 80), position=1, result="answered",
                       agent="Sara", interface="PJSIP/1001", wait=20.0, ring=3.0, talk=60.0,
                       attempts=(Attempt(agent="Omid", at=after(at + 1), ring=15.0, result="no_answer"),
                                 Attempt(agent="Sara", at=after(at + 17), ring=3.0, result="answered"))),
        ),
    )  # fmt: skip
    return replace(record, **other)


def ringing(record: CallRecord) -> CallRecord:
    """The same call while it still waits."""
    legs = tuple(replace(leg, answered_at=None, ended_at=None, result=None, hangup_cause=None) for leg in record.legs)
    visits = tuple(replace(v, left_at=None, result=None, agent=None, wait=None, talk=0.0) for v in record.queue_visits)
    return replace(
        record, answered_at=None, ended_at=None, outcome="in_progress", ended_by="unknown", hangup_cause=None,
        legs=legs, talks=(), queue_visits=visits,
    )  # fmt: skip


def write(record: CallRecord, revision: int = 1, *merged: str) -> CallWrite:
    """What the writer hands to the store."""
    return CallWrite(record=record, revision=revision, merged=tuple(CallId(id_) for id_ in merged))
