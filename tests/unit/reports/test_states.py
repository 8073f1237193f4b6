"""Agents' states, worked out by hand: seconds exclude each other and add up to the time signed in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from cxcall.reports.measures import find
from cxcall.reports.states import BUSIEST_FIRST, OFFLINE, tally_of, telling
from tests.unit.reports.made_calls import at


@dataclass(frozen=True, slots=True, kw_only=True)
class Spell:
    state: str
    since: datetime
    until: datetime | None
    reason: str = ""


def spell(state: str, since: str, until: str | None, reason: str = "") -> Spell:
    return Spell(state=state, since=at(since), until=None if until is None else at(until), reason=reason)


def login(spells: list[Spell], since: str, until: str) -> float | None:
    measure = find("login")
    assert measure is not None
    return measure.value(tally_of(spells, at(since), at(until)), "out")


DAY = [
    spell("ready", "08:00", "08:20"),
    spell("ringing", "08:20", "08:20:10"),
    spell("on_call", "08:20:10", "08:30"),
    spell("wrap_up", "08:30", "08:31"),
    spell("paused", "08:31", "08:41", "tea"),
    spell("paused", "08:41", "08:50", "lunch"),
    spell("paused", "08:50", "08:55", "tea"),
    spell("offline", "08:55", "09:30"),
    spell("ready", "09:30", None),
]


def test_a_morning_by_state():
    assert tally_of(DAY, at("08:00"), at("10:00")).sums == {
        "state:ready": 3000, "state:ringing": 10, "state:on_call": 590, "state:wrap_up": 60, "paused:tea": 900,
        "paused:lunch": 540,
    }  # fmt: skip
    assert login(DAY, "08:00", "10:00") == 55 * 60 + 30 * 60


def test_a_period_takes_its_part_of_a_spell_over_its_edge():
    assert tally_of(DAY, at("08:25"), at("08:35")).sums == {
        "state:on_call": 300, "state:wrap_up": 60, "paused:tea": 240,
    }  # fmt: skip


def test_of_two_phones_the_one_where_most_goes_on_tells():
    desk = [spell("on_call", "08:00", "08:10"), spell("ready", "08:10", "08:40")]
    mobile = [
        spell("paused", "07:50", "08:05", "tea"),
        spell("ringing", "08:05", "08:15"),
        spell("offline", "08:15", None),
    ]
    assert tally_of([*mobile, *desk], at("07:50"), at("09:00")).sums == {
        "paused:tea": 600, "state:on_call": 600, "state:ringing": 300, "state:ready": 1500,
    }  # fmt: skip


def test_of_two_pauses_at_once_the_first_tells_the_reason():
    both = [spell("paused", "08:10", "08:30", "lunch"), spell("paused", "08:00", "08:20", "tea")]
    assert tally_of(both, at("08:00"), at("09:00")).sums == {"paused:tea": 1200, "paused:lunch": 600}


def test_a_state_that_lasts_goes_to_the_end_of_the_period():
    assert login([spell("ready", "09:00", None)], "08:00", "09:45") == 2700


def test_a_state_nobody_knows_tells_only_where_no_other_does():
    both = [spell("dreaming", "08:00", "08:20"), spell("paused", "08:10", "08:20")]
    assert tally_of(both, at("08:00"), at("09:00")).sums == {"state:dreaming": 600, "paused:": 600}


BEGIN = datetime(2026, 6, 3, tzinfo=UTC)
SPELLS = st.lists(
    st.builds(
        lambda state, since, long, reason: Spell(
            state=state, since=BEGIN + timedelta(seconds=since), reason=reason if state == "paused" else "",
            until=None if long is None else BEGIN + timedelta(seconds=since + long),
        ),
        st.sampled_from(BUSIEST_FIRST), st.integers(0, 7200), st.one_of(st.none(), st.integers(1, 3600)),
        st.sampled_from(("tea", "lunch")),
    ),
    max_size=12,
)  # fmt: skip


@given(SPELLS, st.integers(0, 7200), st.integers(0, 7200))
def test_states_of_whatever_phones_add_up_to_the_time_anybody_was_signed_in(spells, one, other):
    since, until = (BEGIN + timedelta(seconds=seconds) for seconds in sorted((one, other)))
    told = list(telling(spells, since, until))
    assert all(earlier[2] <= later[1] for earlier, later in pairwise(told))
    signed_in = sum((end - begin).total_seconds() for spell, begin, end in told if spell.state != OFFLINE)
    tally = tally_of(spells, since, until)
    assert sum(tally.sums.values()) == signed_in <= (until - since).total_seconds()
    covered = sum(
        any(
            spell.state != OFFLINE and spell.since <= second and (spell.until is None or spell.until > second)
            for spell in spells
        )
        for second in (since + timedelta(seconds=n) for n in range(0, int((until - since).total_seconds()), 60))
    )
    assert abs(covered * 60 - signed_in) <= 60 * (2 * len(spells) + 1)


@given(SPELLS, st.integers(1, 14))
def test_intervals_add_up_to_the_whole(spells, quarters):
    edges = [BEGIN + timedelta(seconds=900 * n) for n in range(quarters + 1)]
    whole = tally_of(spells, edges[0], edges[-1])
    parts: dict[str, float] = {}
    for since, until in pairwise(edges):
        for name, seconds in tally_of(spells, since, until).sums.items():
            parts[name] = parts.get(name, 0) + seconds
    assert parts == whole.sums
