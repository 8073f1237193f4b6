"""What ended calls add to the figures, on days worked out by hand."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxcall.calls.record import CallId, CallRecord, QueueVisit, Talk, Transfer
from cxcall.reports.facts import Contributions, Counting, Target, contributions, quarters, slots_at
from cxcall.reports.measures import find
from cxcall.reports.period import midnight
from tests.store.rollup_histories import call as any_call
from tests.unit.reports.made_calls import (
    BERLIN,
    DAY,
    NEDA,
    OMID,
    SARA,
    at,
    call,
    counted,
    hold,
    leg,
    offer,
    quarter_of,
    talk,
    tally,
    transfer,
    visit,
)

TABLES = ("queues", "waits", "agents", "calls", "transfers")


def in_queue(*visits: QueueVisit, **more) -> CallRecord:
    return call("08:59:50", "10:00", queue_visits=visits, **more)


def test_visits_are_counted_by_how_they_ended():
    ends = ("answered", "abandoned", "timeout", "left", "full", "closed", "closed")
    waits = (12, 40, 60, 25, 0, None, 45)
    found = counted(*(in_queue(visit("sales", "09:00", end, wait)) for end, wait in zip(ends, waits, strict=True)))
    sums = tally(found, "queues", "sales").sums
    assert sums == {
        "offered": 5, "answered": 1, "abandoned": 1, "timed_out": 1, "left": 1, "full": 1, "closed": 2,
        "answered_in_time": 1, "abandoned_in_time": 0, "short_abandoned": 0,
        "wait_answered": 12, "wait_abandoned": 40, "wait_all": 182,
    }  # fmt: skip


def test_each_entry_into_a_queue_is_a_visit():
    found = counted(in_queue(visit("sales", "09:00", "left", 30), visit("billing", "09:01", "answered", 5)))
    assert tally(found, "queues", "sales")["offered"] == tally(found, "queues", "billing")["offered"] == 1
    assert tally(found, "calls")["calls"] == 1


@pytest.mark.parametrize(("wait", "short", "in_time"), [(4.999, 1, 1), (5, 0, 1), (20, 0, 1), (20.001, 0, 0)])
def test_short_is_less_than_the_threshold_and_in_time_is_up_to_the_target(wait, short, in_time):
    sums = tally(counted(in_queue(visit("sales", "09:00", "abandoned", wait))), "queues")
    assert (sums["short_abandoned"], sums["abandoned_in_time"], sums["abandoned"]) == (short, in_time, 1)


def test_each_queue_has_its_own_target():
    targets = {("lab", "sales"): Target(within=60, short=10), ("other", "billing"): Target(within=60, short=10)}
    visits = (visit("sales", "09:00", "answered", 30), visit("billing", "09:01", "answered", 30))
    found = counted(in_queue(*visits), counting=Counting(zone=BERLIN, targets=targets))
    assert tally(found, "queues", "sales")["answered_in_time"] == 1
    assert tally(found, "queues", "billing")["answered_in_time"] == 0


def test_a_visit_is_booked_where_the_caller_joined_however_long_they_waited():
    found = counted(call("23:40", "24:30", queue_visits=(visit("sales", "23:59:59", "answered", 600),)))
    assert tally(found, "queues", grain=0, slot=quarter_of("23:59"))["answered"] == 1
    assert tally(found, "queues", slot=DAY.toordinal())["wait_answered"] == 600
    assert tally(found, "queues", slot=DAY.toordinal() + 1).sums == {}


def test_without_a_time_of_joining_the_calls_begin_tells():
    lost = replace(visit("sales", "09:00", "abandoned", 30), joined_at=None, left_at=None)
    found = counted(call("09:20", "09:30", queue_visits=(lost,)))
    assert tally(found, "queues", grain=0, slot=quarter_of("09:20"))["offered"] == 1


def test_a_visit_of_which_the_wait_is_unknown_counts_in_no_wait():
    found = counted(in_queue(visit("sales", "09:00", "answered", None)))
    assert tally(found, "queues").sums == {"offered": 1, "answered": 1}
    assert tally(found, "waits").waits == {}


def test_tries_to_call_back_are_no_callers_but_calls_and_parts_of_agents():
    tried = visit(
        "sales", "09:00", "answered", 30, agent="Sara", interface="PJSIP/1001", attempts=(offer("Omid", "09:00", 9),)
    )
    asked = in_queue(visit("sales", "09:00", "left", 30))
    found = counted(
        asked, in_queue(tried, id_="lab-cxcb-1", legs=(leg(SARA),), talks=(talk(SARA, "09:00:30", "09:01"),))
    )
    assert tally(found, "queues").sums == {"offered": 1, "left": 1, "wait_all": 30}
    assert tally(found, "agents", "Sara", "sales").sums == {"handled": 1, "calls_in": 1, "talk": 30}
    assert tally(found, "agents", "Omid", "sales")["missed"] == 1
    assert tally(found, "calls")["calls"] == 2


def test_who_was_refused_before_the_queue_was_named_is_in_no_queue():
    assert counted(in_queue(visit("unknown", "09:00", "closed", None)))[0].queues == {}


def test_talk_over_an_edge_is_split_at_it():
    found = counted(call("09:10", "09:50", legs=(leg(SARA),), talks=(talk(SARA, "09:10", "09:50"),)))
    talked = {
        clock: tally(found, "agents", grain=0, slot=quarter_of(clock))["talk"]
        for clock in ("09:00", "09:15", "09:30", "09:45")
    }
    assert talked == {"09:00": 300, "09:15": 900, "09:30": 900, "09:45": 300}
    assert tally(found, "agents", grain=0, slot=quarter_of("09:00"))["handled"] == 1
    assert tally(found, "agents", grain=0)["handled"] == 1


def test_talk_over_midnight_is_split_between_the_days():
    found = counted(
        call(
            "23:50",
            "24:20",
            legs=(leg(SARA),),
            talks=(talk(SARA, "23:50", "24:20"),),
            holds=(hold(SARA, "23:55", "24:05"),),
        )
    )
    first, second = (tally(found, "agents", slot=DAY.toordinal() + n) for n in (0, 1))
    assert (first["talk"], first["hold"], first["handled"]) == (300, 300, 1)
    assert (second["talk"], second["hold"], second["handled"]) == (900, 300, 0)


@pytest.mark.parametrize(("day", "hours"), [(date(2026, 3, 29), 23), (date(2026, 10, 25), 25), (date(2026, 6, 3), 24)])
def test_a_day_of_summer_time_has_the_hours_it_has(day, hours):
    begin, end = midnight(day, BERLIN), midnight(day + timedelta(days=1), BERLIN)
    long = Talk(channels=(call("09:00", "09:01").caller.channel or "", SARA), numbers=(None, None),
                from_=begin - timedelta(hours=1), to=end + timedelta(hours=1))  # fmt: skip
    record = replace(call("09:00", "09:01", legs=(leg(SARA),), talks=(long,)), started_at=begin, ended_at=end)
    found = counted(record)
    assert tally(found, "agents", slot=day.toordinal())["talk"] == hours * 3600
    assert tally(found, "agents")["talk"] == (hours + 2) * 3600


def test_the_hour_that_comes_twice_is_one_hour_of_the_day():
    twice = [datetime(2026, 10, 25, hour, 30, tzinfo=UTC) for hour in (0, 1)]
    assert {slots_at(int(moment.timestamp()) // 900, BERLIN)[1] for moment in twice} == {
        date(2026, 10, 25).toordinal() * 24 + 2
    }


@pytest.mark.parametrize("zone", ["Asia/Kathmandu", "Asia/Tehran", "America/Sao_Paulo", "Australia/Lord_Howe"])
def test_a_quarter_lies_within_one_day_of_every_zone(zone):
    its = ZoneInfo(zone)
    for day in (date(2017, 10, 15), date(2018, 2, 18), date(2021, 3, 22), date(2026, 4, 5)):
        begin = int(midnight(day, its).timestamp())
        assert begin % 900 == 0
        assert slots_at(begin // 900, its)[2] == day.toordinal()
        assert slots_at(begin // 900 - 1, its)[2] == day.toordinal() - 1


def test_missed_offers_are_those_that_rang_out_or_were_refused():
    offers = tuple(
        offer("Omid", "09:01", 15, result) for result in ("no_answer", "busy", "rejected", "cancelled", "answered")
    )
    sums = tally(
        counted(in_queue(visit("sales", "09:00", "abandoned", 90, attempts=offers))), "agents", "Omid", "sales"
    ).sums
    assert sums == {"missed": 3, "missed_ring": 45}


def test_transfers_belong_to_the_part_that_ended_in_them():
    record = call(
        "09:00", "09:40", legs=(leg(SARA), leg(OMID), leg(NEDA, "callee", name="Neda", number="1003")),
        talks=(talk(SARA, "09:01", "09:05"), talk(OMID, "09:06", "09:20"), talk(NEDA, "09:20", "09:40")),
        queue_visits=(visit("sales", "09:00", "answered", 60, agent="Sara", interface="PJSIP/1001"),),
        transfers=(
            transfer("blind", "09:04", SARA, "9999", "failed"), transfer("blind", "09:05", SARA, "1002"),
            transfer("attended", "09:20", OMID, NEDA), transfer("redirect", "09:39", None, "survey"),
        ),
    )  # fmt: skip
    found = counted(record)
    assert tally(found, "agents", "Sara", "sales")["transferred_blind"] == 1
    assert tally(found, "agents", "Omid", "")["transferred_attended"] == 1
    assert tally(found, "agents", "Neda", "")["transferred_redirect"] == 1
    keys = {key[2:] for key in found[0].transfers}
    assert keys == {
        ("blind", "sales", "Sara", "1002"),
        ("attended", "", "Omid", "1003"),
        ("redirect", "", "Neda", "survey"),
    }


@pytest.mark.parametrize(
    ("kinds", "ended_in"),
    [(("blind", "redirect"), "redirect"), (("attended", "blind", "blind"), "blind"), (("blind", "park"), "blind")],
)
def test_a_part_that_was_passed_on_in_several_ways_ended_in_the_last_of_them(kinds, ended_in):
    """Sara dials a number, the manager fetches the caller back and sends them on: her one part is transferred once."""
    record = call(
        "09:00", "09:10", legs=(leg(SARA),), talks=(talk(SARA, "09:00", "09:05"),),
        transfers=tuple(transfer(kind, f"09:05:0{n}", SARA, f"100{n}") for n, kind in enumerate(kinds)),
    )  # fmt: skip
    found = counted(record)
    sums = tally(found, "agents", "Sara").sums
    passed = {name: amount for name, amount in sums.items() if name.startswith("transferred")}
    assert sums["handled"] == 1
    assert passed == {f"transferred_{ended_in}": 1}
    assert len(found[0].transfers) == len(kinds)


def test_no_more_parts_are_transferred_than_handled():
    whole = call(
        "09:00", "09:10", legs=(leg(SARA), leg(OMID)),
        talks=(talk(SARA, "09:00", "09:05"), talk(OMID, "09:06", "09:10")),
        transfers=(
            transfer("blind", "09:05", SARA, "1002"), transfer("redirect", "09:05:01", None, "1002"),
            transfer("attended", "09:10", OMID, "1003"), transfer("redirect", "09:10", None, "1003"),
        ),
    )  # fmt: skip
    found = tally(counted(whole), "agents")
    measure = find("transfer_rate")
    assert measure is not None
    assert (measure.of(found, "in"), found["handled"]) == (1.0, 2)


def test_parking_is_no_transfer():
    record = call(
        "09:00",
        "09:10",
        legs=(leg(SARA),),
        talks=(talk(SARA, "09:00", "09:05"),),
        transfers=(transfer("park", "09:05", SARA, "701"),),
    )
    sums = tally(counted(record), "agents", "Sara").sums
    assert sums["parked"] == 1
    assert not [name for name in sums if name.startswith("transferred")]


def test_channels_that_are_named_anew_in_each_call_are_no_destinations():
    record = call(
        "09:00", "09:10", transfers=(Transfer(kind="attended", at=at("09:01"), by=None, to="PJSIP/1009-00000abc"),)
    )
    assert {key[-1] for key in counted(record)[0].transfers} == {"PJSIP/1009"}


def test_a_call_an_agent_made_counts_whether_anybody_answered_or_not():
    trunk = "PJSIP/trunk-00000009"
    legs = (leg(SARA, "caller", name="Sara"), leg(trunk, "callee", number="09121234567"))
    rung = call("09:00", "09:01", direction="outbound", caller=SARA, legs=legs, outcome="no_answer")
    spoke = replace(rung, outcome="answered", talks=(talk(trunk, "09:00", "09:01", customer=SARA),))
    sums = tally(counted(rung, spoke), "agents", "Sara", "").sums
    assert sums == {"calls_out": 2, "handled": 1, "talk": 60}


def test_numbers_dialled_are_those_of_calls_that_came_in():
    found = counted(call("09:00", "09:01"), call("09:00", "09:01", direction="outbound", called="09121234567"))
    assert {key[2:] for key in found[0].calls} == {("02188341190", "inbound", "answered")}
    assert {key[2:] for key in found[1].calls} == {("", "outbound", "answered")}


def test_a_call_is_booked_where_it_began_with_its_talk_once_and_its_waits():
    record = call(
        "09:14", "09:40", legs=(leg(SARA), leg(OMID)),
        talks=(talk(SARA, "09:15", "09:25"), talk(OMID, "09:20", "09:30")),
        queue_visits=(visit("sales", "09:14", "left", 20), visit("billing", "09:14:20", "answered", 40)),
    )  # fmt: skip
    assert tally(counted(record), "calls", grain=0, slot=quarter_of("09:14")).sums == {
        "calls": 1,
        "talk": 900,
        "wait": 60,
    }


def test_a_call_in_progress_adds_nothing():
    assert counted(replace(in_queue(visit("sales", "09:00", "answered", 1)), ended_at=None)) == [Contributions()]


def test_a_clock_that_went_wrong_by_years_costs_one_row():
    begin = datetime(1996, 1, 1, tzinfo=UTC)
    assert len(list(quarters(begin, begin + timedelta(days=10_000)))) == 1


def test_names_that_no_index_takes_are_cut():
    found = counted(in_queue(visit("q" * 500, "09:00", "answered", 1)))[0]
    assert {len(str(key[2])) for key in found.queues} == {120}


@settings(deadline=None, max_examples=100)
@given(st.integers(0, 10**9), st.data())
def test_no_time_that_is_missing_stops_the_count(seed, data):
    record = any_call(1, random.Random(seed))
    lost = st.sampled_from([True, False])

    def forget(one: Any, *names: str) -> Any:
        return replace(one, **{name: None for name in names if data.draw(lost)})

    record = forget(record, "started_at", "answered_at")
    record = replace(
        record,
        legs=tuple(forget(one, "rang_at", "answered_at", "ended_at", "agent", "name", "number") for one in record.legs),
        talks=tuple(forget(one, "from_", "to") for one in record.talks),
        holds=tuple(forget(one, "from_", "to") for one in record.holds),
        transfers=tuple(forget(one, "at", "by", "to") for one in record.transfers),
        queue_visits=tuple(
            forget(one, "joined_at", "left_at", "wait", "agent", "interface", "result") for one in record.queue_visits
        ),
    )
    found = contributions(record, Counting(zone=BERLIN))
    assert tally([found], "calls")["calls"] == 1
    assert all(amount >= 0 for table in TABLES for row in getattr(found, table).values() for amount in row.values())


def test_ids_do_not_matter_beyond_telling_tries():
    record = in_queue(visit("sales", "09:00", "answered", 3))
    assert counted(record) == counted(replace(record, id=CallId("lab-other.7")))
