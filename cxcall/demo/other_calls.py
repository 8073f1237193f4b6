"""Made-up calls past the queues: straight to a phone, out to a customer, between two phones."""

from __future__ import annotations

from datetime import datetime

from cxcall.calls.record import CallRecord, Outcome
from cxcall.demo.records import BUSY, CANCELLED, NORMAL, Call, seconds
from cxcall.demo.staff import DIRECT_NUMBER, OUTSIDE_PREFIX
from cxcall.demo.workday import Seat, Workday, as_dialled


def direct_call(day: Workday, at: datetime) -> CallRecord:
    """An outside caller dials an agent's own number."""
    who = day.someone()
    seat = day.chance.choice(day.seats)
    called = DIRECT_NUMBER.format(phone=seat.worker.phone)
    call = Call(day.numbers, at, "inbound", "trunk", who.number, who.name, called)
    return _ring_one(day, call, seat, at, lost="abandoned")


def internal_call(day: Workday, at: datetime) -> CallRecord | None:
    """One agent calls another; None when nobody is free to."""
    caller = day.free(at)
    if caller is None:
        return None
    seat = day.chance.choice([seat for seat in day.seats if seat is not caller])
    worker = caller.worker
    call = Call(day.numbers, at, "internal", worker.phone, worker.phone, worker.name, seat.worker.phone)
    record = _ring_one(day, call, seat, at, lost="no_answer")
    caller.free_at = (record.ended_at or at) + seconds(5)
    return record


def _ring_one(day: Workday, call: Call, seat: Seat, at: datetime, lost: Outcome) -> CallRecord:
    worker = seat.worker
    rings = at + seconds(0.04)
    leg = call.leg(rings, worker.phone, "callee", worker.phone, worker.name)
    if seat.comes_at < at < seat.free_at and not seat.rests(at):
        call.end(leg, rings, "busy")
        return call.done(rings + seconds(0.02), "busy", "callee", BUSY)
    if not seat.comes_at <= at < seat.leaves_at or seat.rests(at) or day.chance.random() < 0.12:
        stop = rings + seconds(day.chance.uniform(8, 24))
        call.end(leg, stop, "cancelled", CANCELLED)
        return call.done(stop, lost, "caller", CANCELLED)
    start = rings + seconds(day.ring())
    stop = start + seconds(day.length(80))
    call.answer(leg, start)
    call.talk(call.caller, leg, start, stop)
    seat.free_at = stop + seconds(5)
    call.end(leg, stop + seconds(0.01))
    return call.done(stop + seconds(0.02), "answered", day.chance.choice(("caller", "callee")), NORMAL)


def outbound_call(day: Workday, at: datetime) -> CallRecord | None:
    """An agent calls a customer; None when nobody is free to."""
    seat = day.free(at)
    if seat is None:
        return None
    person = day.customer()
    number = as_dialled(person.numbers[0])
    worker = seat.worker
    call = Call(day.numbers, at, "outbound", worker.phone, worker.phone, worker.name, OUTSIDE_PREFIX + number)
    rings = at + seconds(0.06)
    leg = call.leg(rings, "trunk", "callee", number, None)
    fate = day.chance.choices(("answered", "no_answer", "busy"), (70, 21, 9))[0]
    if fate == "answered":
        start = rings + seconds(day.chance.uniform(3, 18))
        stop = start + seconds(day.length(110))
        call.answer(leg, start)
        call.talk(call.caller, leg, start, stop)
        call.end(leg, stop + seconds(0.01))
        seat.free_at = stop + seconds(10)
        return call.done(stop + seconds(0.02), "answered", day.chance.choice(("caller", "callee")), NORMAL)
    stop = rings + seconds(2 if fate == "busy" else day.chance.uniform(15, 40))
    seat.free_at = stop + seconds(5)
    if fate == "busy":
        call.end(leg, stop, "busy")
        return call.done(stop, "busy", "callee", BUSY)
    call.end(leg, stop, "cancelled", CANCELLED)
    return call.done(stop, "no_answer", "caller", CANCELLED)
