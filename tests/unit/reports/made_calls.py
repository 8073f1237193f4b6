"""Calls made by hand: times as "09:14:50" of one day, which is the last of a week in Berlin unless it is said."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any, cast
from zoneinfo import ZoneInfo

from cxcall.calls.record import Attempt, Caller, CallId, CallRecord, Direction, Hold, Leg, QueueVisit, Talk, Transfer
from cxcall.reports.facts import Contributions, Counting, contributions, slots_at
from cxcall.reports.tally import Tally

BERLIN = ZoneInfo("Europe/Berlin")
DAY = date(2026, 6, 3)
CUSTOMER = "PJSIP/trunk-00000001"
SARA = "PJSIP/1001-00000002"
OMID = "PJSIP/1002-00000003"
NEDA = "PJSIP/1003-00000004"
NAMES = {SARA: "Sara", OMID: "Omid", NEDA: "Neda"}


def at(clock: str, *, day: date = DAY, zone: tzinfo = BERLIN) -> datetime:
    """A moment of a day in UTC; "24:10" is after midnight."""
    hours, minutes, *seconds = (float(part) for part in clock.split(":"))
    days, hour = divmod(int(hours), 24)
    whole = datetime.combine(day + timedelta(days=days), time(hour, int(minutes)), zone).astimezone(UTC)
    return whole + timedelta(seconds=seconds[0] if seconds else 0)


def visit(queue: str, joined: str, result: str | None, wait: float | None = 0.0, **more: Any) -> QueueVisit:
    return QueueVisit(queue=queue, joined_at=at(joined), result=cast("Any", result), wait=wait, **more)


def offer(agent: str, when: str, ring: float, result: str = "no_answer") -> Attempt:
    return Attempt(agent=agent, at=at(when), ring=ring, result=cast("Any", result))


def talk(channel: str, since: str, until: str, customer: str = CUSTOMER) -> Talk:
    return Talk(channels=(customer, channel), numbers=(None, None), from_=at(since), to=at(until))


def hold(channel: str, since: str, until: str) -> Hold:
    return Hold(channel=channel, from_=at(since), to=at(until))


def transfer(kind: str, when: str, by: str | None, to: str, result: str = "ok") -> Transfer:
    return Transfer(kind=cast("Any", kind), at=at(when), by=by, to=to, result=cast("Any", result))


def leg(channel: str, role: str = "agent", **more: Any) -> Leg:
    agent = NAMES.get(channel) if role == "agent" else None
    return Leg(channel=channel, unique_id=channel, role=cast("Any", role), **{"agent": agent, **more})


def call(
    began: str, ended: str, *, direction: Direction = "inbound", caller: str = CUSTOMER, legs: tuple[Leg, ...] = (),
    id_: str = "lab-1.1", **more: Any,
) -> CallRecord:  # fmt: skip
    fields: dict[str, Any] = {
        "called": "02188341190", "started_at": at(began), "ended_at": at(ended), "outcome": "answered", **more,
    }  # fmt: skip
    first = next((one for one in legs if one.channel == caller), leg(caller, "caller"))
    others = tuple(one for one in legs if one is not first)
    return CallRecord(
        id=CallId(id_),
        server="lab",
        direction=direction,
        caller=Caller(channel=caller),
        legs=(first, *others),
        **fields,
    )


def counted(*records: CallRecord, counting: Counting | None = None) -> list[Contributions]:
    usual = counting or Counting(zone=BERLIN)
    return [contributions(record, usual) for record in records]


_DAYS = 2
"""The grain of days."""


def tally(found: list[Contributions], table: str, *key: str, grain: int = _DAYS, slot: int | None = None) -> Tally:
    """All that was added to the rows of a table whose key begins so."""
    whole = Tally()
    for one in found:
        for row, sums in getattr(one, table).items():
            if (slot is not None and slots_at(row[0], BERLIN)[grain] != slot) or row[2 : 2 + len(key)] != key:
                continue
            if table == "waits":
                whole.add(Tally(waits={row[-1]: int(sums["n"])}))
                continue
            most = {name: amount for name, amount in sums.items() if name == "wait_max"}
            whole.add(Tally(sums={name: amount for name, amount in sums.items() if name not in most}, most=most))
    return whole


def quarter_of(clock: str, *, day: date = DAY) -> int:
    return int(at(clock, day=day).timestamp()) // 900
