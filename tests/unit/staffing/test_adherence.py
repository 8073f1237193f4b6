"""Adherence, worked out by hand for one day of Sara's: 08:00 to 16:00 with lunch from 12:00 to 12:30."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxcall.staffing.adherence import Adherence, Spell, adheres, compare
from cxcall.staffing.shift import Activity, Shift

DAY = datetime(2026, 11, 21, tzinfo=UTC)
COUNTS_AS = {"lunch": "break", "meeting": "work"}


def at(text: str) -> datetime:
    hours, minutes = text.split(":")
    return DAY + timedelta(hours=int(hours), minutes=int(minutes))


def shift(since: str, until: str, activity: Activity = "work") -> Shift:
    return Shift(agent="s", since=at(since), until=at(until), activity=activity)


def spells(*parts: str) -> list[Spell]:
    """`08:00-12:00 ready` or `12:00-12:30 paused:lunch`."""
    found = []
    for part in parts:
        times, state = part.split(" ")
        since, until = times.split("-")
        name, _, reason = state.partition(":")
        found.append(Spell(state=name, reason=reason, since=at(since), until=at(until)))
    return found


ROSTER = [shift("8:00", "16:00"), shift("12:00", "12:30", "lunch")]


def of(
    did: list[Spell], roster: list[Shift] = ROSTER, now: str = "24:00", unknown: Sequence[tuple[str, str]] = ()
) -> Adherence:
    return compare(
        roster, did, since=DAY, until=at("24:00"), now=at(now), counts_as=COUNTS_AS,
        unknown=[(at(one), at(other)) for one, other in unknown],
    )  # fmt: skip


def named(found: Adherence) -> list[tuple[str, float, float]]:
    return [(one.kind, (one.since - DAY) / timedelta(hours=1), one.seconds / 60) for one in found.exceptions]


def test_who_did_it_all_has_a_full_share():
    found = of(spells("8:00-12:00 ready", "12:00-12:30 paused:lunch", "12:30-16:00 on_call"))
    assert (found.share, found.conformance, named(found)) == (1.0, 1.0, [])
    assert (found.scheduled, found.to_work) == (8 * 3600, 7.5 * 3600)


def test_a_day_with_everything_that_happens():
    found = of(
        spells(
            "8:10-11:50 ready", "11:50-12:45 paused:lunch", "12:45-14:00 ready", "14:00-14:20 paused:smoke",
            "14:20-15:00 ready", "15:00-15:20 paused:meeting", "15:20-15:30 wrap_up",
        )
    )  # fmt: skip
    assert named(found) == [
        ("late", 8.0, 10.0), ("early_break", 11 + 50 / 60, 10.0), ("long_break", 12.5, 15.0),
        ("extra_break", 14.0, 20.0), ("early_leave", 15.5, 30.0),
    ]  # fmt: skip
    assert found.share == pytest.approx(1 - (10 + 10 + 15 + 20 + 30) / 480)
    assert found.conformance == pytest.approx((450 - 10 - 10 - 15 - 20 - 30) / 450)


def test_working_through_lunch_is_out_of_adherence_but_conforms():
    found = of(spells("8:00-16:00 ready"))
    assert named(found) == [("worked_break", 12.0, 30.0)]
    assert found.share == pytest.approx(450 / 480)
    assert found.conformance == pytest.approx(480 / 450)


def test_who_never_came_is_missing_once():
    found = of([])
    assert named(found) == [("missing", 8.0, 480.0)]
    assert found.share == pytest.approx(30 / 480)  # away at lunch, as planned
    assert found.conformance == 0.0


def test_who_has_not_come_yet_is_late_and_not_missing():
    found = of([], now="9:00")
    assert named(found) == [("late", 8.0, 60.0)]
    assert found.scheduled == 3600


def test_what_is_still_to_come_counts_for_nothing():
    found = of(spells("8:00-10:00 ready"), now="10:00")
    assert (found.share, found.scheduled, named(found)) == (1.0, 7200, [])


def test_being_away_in_the_middle_is_named():
    found = of(spells("8:00-9:00 ready", "9:30-12:00 ready", "12:00-12:30 offline", "12:30-16:00 ready"))
    assert named(found) == [("away", 9.0, 30.0)]


def test_an_absence_is_no_scheduled_time():
    found = of(spells("12:30-16:00 ready"), [*ROSTER, shift("8:00", "12:00", "absent")])
    assert (found.share, found.scheduled, named(found)) == (1.0, 4 * 3600, [])


def test_training_is_away_from_calls():
    roster = [shift("8:00", "10:00"), shift("9:00", "10:00", "training")]
    assert named(of(spells("8:00-9:00 ready", "9:00-10:00 paused:meeting"), roster)) == []
    assert named(of(spells("8:00-10:00 ready"), roster)) == [("missed_training", 9.0, 60.0)]


def test_a_minute_is_counted_but_not_named():
    found = of(spells("8:01-12:00 ready", "12:00-12:30 paused:lunch", "12:30-16:00 ready"))
    assert named(found) == []
    assert found.share == pytest.approx(479 / 480)


def test_times_nobody_watched_count_for_neither():
    found = of(
        spells("8:00-9:00 ready", "11:00-12:00 ready", "12:00-12:30 paused:lunch", "12:30-16:00 ready"),
        unknown=[("9:00", "11:00")],
    )
    assert (found.share, found.unknown, named(found)) == (1.0, 7200, [])
    assert found.scheduled == 6 * 3600


def test_a_shift_over_midnight_is_cut_at_the_edges_asked_for():
    roster = [shift("22:00", "30:00")]
    did = spells("22:30-30:00 ready")
    first = of(did, roster, now="48:00")
    assert (named(first), first.scheduled) == ([("late", 22.0, 30.0)], 7200)
    second = compare(roster, did, since=at("24:00"), until=at("48:00"), now=at("48:00"))
    assert (second.share, second.scheduled, second.exceptions) == (1.0, 6 * 3600, ())


def test_without_a_roster_there_is_no_share():
    found = of(spells("8:00-16:00 ready"), [])
    assert (found.share, found.conformance, found.worked) == (None, None, 8 * 3600)


STATES = ["ready", "on_call", "paused:lunch", "paused:meeting", "offline"]
PARTS = st.lists(st.tuples(st.integers(0, 200), st.sampled_from(STATES)), max_size=12)


@given(parts=PARTS, begin=st.integers(0, 1200), length=st.integers(1, 600), lunch=st.integers(0, 600))
def test_shares_are_the_minutes_counted_one_by_one(parts, begin, length, lunch):
    did, minute = [], 0
    for gap, state in parts:
        name, _, reason = state.partition(":")
        end = minute + gap
        if gap:
            did.append(Spell(state=name, reason=reason, since=DAY + timedelta(minutes=minute),
                             until=DAY + timedelta(minutes=end)))  # fmt: skip
        minute = end
    roster = [
        Shift(agent="s", since=DAY + timedelta(minutes=begin), until=DAY + timedelta(minutes=begin + length)),
        Shift(agent="s", since=DAY + timedelta(minutes=begin + lunch), activity="lunch",
              until=DAY + timedelta(minutes=begin + lunch + 30)),
    ]  # fmt: skip
    found = compare(roster, did, since=DAY, until=at("36:00"), now=at("36:00"), counts_as=COUNTS_AS)
    good = whole = 0
    for n in range(36 * 60):
        now = DAY + timedelta(minutes=n)
        on_lunch = begin + lunch <= n < begin + lunch + 30
        if not on_lunch and not begin <= n < begin + length:
            continue
        spell = next((one for one in did if one.since <= now < one.until), None)
        kind = {"ready": "working", "on_call": "working", "offline": "away"}.get(spell.state if spell else "offline")
        if kind is None and spell is not None:
            kind = "busy" if spell.reason == "meeting" else "resting"
        whole += 1
        good += adheres("lunch" if on_lunch else "work", kind)  # type: ignore[arg-type]  # one of the words
    assert (found.scheduled / 60, found.adhered / 60) == pytest.approx((whole, good))
