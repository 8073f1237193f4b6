"""Every figure of METRICS.md, worked out by hand from sums that were counted by hand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxcall.reports.definition import Definition, Short
from cxcall.reports.measures import MEASURES, SHORT_COUNTS, USUAL_LEVEL, find, grows, of_seconds
from cxcall.reports.ready_made import READY_MADE
from cxcall.reports.tally import Tally, total
from cxcall.reports.waits import bucket
from tests.unit.reports.made_calls import OMID, SARA, call, counted, hold, leg, offer, talk, tally, transfer, visit

NAMED = """
offered answered abandoned short_abandoned timed_out full closed left abandon_rate sl_answered sl_offered sl_strict
sl_fair asa wait_p50 wait_p90 wait_max abandon_wait talk hold acw aht login ready ringing on_call wrap_up occupancy
utilisation ring_no_answer fcr repeat transfer_rate csat nps ces survey_offered survey_started survey_finished
response_rate talk_share silence overlap interruptions pace sentiment mood_trend rfm
""".split()
"""The ids of METRICS.md."""

VISITS = Tally(
    sums={
        "offered": 100, "answered": 80, "abandoned": 15, "short_abandoned": 5, "timed_out": 3, "left": 2, "full": 4,
        "closed": 1, "answered_in_time": 60, "abandoned_in_time": 9, "wait_answered": 1200, "wait_abandoned": 450,
        "wait_all": 2000,
    },
    most={"wait_max": 312.5},
    waits={bucket(4): 50, bucket(18): 40, bucket(100): 10},
)  # fmt: skip
"""A day of 100 callers."""

WORK = Tally(
    sums={
        "handled": 40, "talk": 7200, "hold": 600, "missed": 6, "missed_ring": 90, "transferred_blind": 3,
        "transferred_attended": 2, "transferred_semi_attended": 1, "transferred_redirect": 2, "parked": 5,
        "calls_in": 36, "calls_out": 7, "state:on_call": 8000, "state:ringing": 400, "state:wrap_up": 1800,
        "state:ready": 4600, "paused:lunch": 3600, "paused:": 600,
    },
)  # fmt: skip
"""An agent's day of 19,000 s, of which 4,200 s paused."""

ANSWERS = Tally(
    sums={
        "csat_good": 32, "csat_n": 40, "csat_sum": 168, "nps_promoters": 50, "nps_passives": 30, "nps_detractors": 20,
        "ces_good": 10, "ces_n": 20, "survey_offered": 200, "survey_started": 90, "survey_finished": 60,
    }
)  # fmt: skip
SPEECH = Tally(
    sums={
        "talks": 50, "talk_s": 10_000, "own_s": 3000, "customer_s": 5000, "silence_s": 500, "silence_n": 60,
        "overlap_s": 250, "interruptions_agent": 30, "interruptions_customer": 20, "words_agent": 6500,
        "sentiment_sum": -10, "sentiment_n": 40, "trend_sum": 6, "mood_improving": 15, "mood_steady": 20,
        "mood_worsening": 5,
    },
    most={"silence_max": 42},
)  # fmt: skip
CONTACTS = Tally(sums={"fcr_resolved": 66, "fcr_n": 88, "customers": 120, "repeat_customers": 18, "fifths": 150})


def value(name: str, tally: Tally, short: Short = "out") -> float | None:
    measure = find(name)
    assert measure is not None
    return measure.value(tally, short)


def n(name: str, tally: Tally, short: Short = "out") -> int:
    measure = find(name)
    assert measure is not None
    return measure.n(tally, short)


def test_every_figure_of_the_list_is_there_by_its_name():
    assert set(NAMED) <= set(MEASURES)
    assert all(name == measure.id for name, measure in MEASURES.items())


def test_ready_made_reports_ask_only_for_figures_there_are():
    for definition in (*READY_MADE.values(), Definition()):
        for name in definition.measures:
            measure = find(name)
            assert measure is not None
            assert measure.rows.issuperset(definition.by), (name, definition.by)


@pytest.mark.parametrize(
    ("name", "out", "of_out", "within", "of_within"),
    [
        ("offered", 100, 100, 100, 100), ("answered", 80, 80, 80, 80), ("abandoned", 15, 15, 15, 15),
        ("short_abandoned", 5, 5, 5, 5), ("timed_out", 3, 3, 3, 3), ("full", 4, 4, 4, 4), ("closed", 1, 1, 1, 1),
        ("left", 2, 2, 2, 2),
        ("abandon_rate", 10 / 95, 95, 15 / 100, 100),
        ("sl_answered", 60 / 80, 80, 60 / 80, 80),
        ("sl_offered", 60 / 95, 95, 60 / 100, 100),
        ("sl_strict", 60 / 100, 100, 60 / 100, 100),
        ("sl_fair", 69 / 100, 100, 69 / 100, 100),
        ("asa", 15, 80, 15, 80), ("abandon_wait", 30, 15, 30, 15), ("wait_max", 312.5, 100, 312.5, 100),
        ("wait_p50", 4, 100, 4, 100), ("wait_p90", 20, 100, 20, 100),
    ],
)  # fmt: skip
def test_figures_of_a_queues_day(name, out, of_out, within, of_within):
    """Short abandons left out, then counted."""
    assert [value(name, VISITS), n(name, VISITS)] == pytest.approx([out, of_out])
    assert [value(name, VISITS, "in"), n(name, VISITS, "in")] == pytest.approx([within, of_within])


@pytest.mark.parametrize(
    ("name", "expected", "of"),
    [
        ("handled", 40, 40), ("talk", 7200, 40), ("hold", 600, 40), ("acw", 1800, 40), ("aht", 240, 40),
        ("ring_no_answer", 6, 6), ("missed_ring", 90, 6), ("transfer_rate", 8 / 40, 40), ("transferred_blind", 3, 3),
        ("transferred_attended", 2, 2), ("transferred_semi_attended", 1, 1), ("transferred_redirect", 2, 2),
        ("parked", 5, 5), ("calls_in", 36, 36), ("calls_out", 7, 7),
        ("login", 19_000, 19_000), ("ready", 4600, 19_000), ("ringing", 400, 19_000), ("on_call", 8000, 19_000),
        ("wrap_up", 1800, 19_000), ("paused", 4200, 19_000), ("paused:lunch", 3600, 19_000),
        ("occupancy", 10_000 / 14_800, 14_800), ("utilisation", 9600 / 19_000, 19_000),
    ],
)  # fmt: skip
def test_figures_of_an_agents_day(name, expected, of):
    assert [value(name, WORK), n(name, WORK)] == pytest.approx([expected, of])


@pytest.mark.parametrize(
    ("tally", "name", "expected", "of"),
    [
        (ANSWERS, "csat", 0.8, 40), (ANSWERS, "csat_mean", 4.2, 40), (ANSWERS, "nps", 30, 100),
        (ANSWERS, "ces", 0.5, 20), (ANSWERS, "survey_offered", 200, 200), (ANSWERS, "survey_started", 90, 90),
        (ANSWERS, "survey_finished", 60, 60), (ANSWERS, "response_rate", 0.3, 200),
        (SPEECH, "talk_share", 3 / 8, 8000), (SPEECH, "silence", 0.05, 10_000), (SPEECH, "silence_count", 60, 60),
        (SPEECH, "silence_longest", 42, 50), (SPEECH, "overlap", 0.025, 10_000), (SPEECH, "interruptions", 1, 50),
        (SPEECH, "interruptions_agent", 30, 30), (SPEECH, "interruptions_customer", 20, 20),
        (SPEECH, "pace", 130, 3000),
        (SPEECH, "sentiment", -0.25, 40), (SPEECH, "mood_trend", 0.15, 40), (SPEECH, "mood_improving", 15, 15),
        (CONTACTS, "fcr", 0.75, 88), (CONTACTS, "repeat", 18, 18), (CONTACTS, "repeat_rate", 0.15, 120),
        (CONTACTS, "customers", 120, 120), (CONTACTS, "rfm", 150, 150),
    ],
)  # fmt: skip
def test_figures_of_answers_speech_and_contacts(tally, name, expected, of):
    assert [value(name, tally), n(name, tally)] == pytest.approx([expected, of])


def test_figures_of_calls():
    calls = Tally(sums={"calls": 50, "calls_answered": 40, "calls_talk": 9000, "calls_wait": 600, "transfers": 4})
    assert (value("calls", calls), value("calls_answered", calls), value("answer_rate", calls)) == (50, 40, 0.8)
    assert (value("calls_talk", calls), value("calls_wait", calls), value("transfers", calls)) == (9000, 600, 4)


def test_a_day_worked_out_from_its_calls():
    """Six callers, target 20 s, short 5 s: answered after 10, 20 and 45 s, given up after 3 and 15 s, one timed out."""
    met = {"agent": "Sara", "interface": "PJSIP/1001"}
    first = call(
        "09:00", "09:10", legs=(leg(SARA),), talks=(talk(SARA, "09:00:10", "09:05:10"),),
        holds=(hold(SARA, "09:02", "09:03"),),
        queue_visits=(visit("sales", "09:00", "answered", 10, **met, attempts=(offer("Omid", "09:00", 5),)),),
    )  # fmt: skip
    passed = call(
        "09:20", "09:40", legs=(leg(SARA), leg(OMID)),
        talks=(talk(SARA, "09:20:20", "09:22:20"), talk(OMID, "09:24", "09:30")),
        queue_visits=(
            visit("sales", "09:20", "answered", 20, **met),
            visit("billing", "09:22:30", "answered", 90, agent="Omid"),
        ),
        transfers=(transfer("blind", "09:22:20", SARA, "billing"),),
    )  # fmt: skip
    late = call(
        "09:50", "10:00", legs=(leg(SARA),), talks=(talk(SARA, "09:50:45", "09:51:45"),),
        queue_visits=(visit("sales", "09:50", "answered", 45, **met),),
    )  # fmt: skip
    others = [
        call("09:00", "09:05", outcome="abandoned", queue_visits=(visit("sales", "09:01", end, wait),))
        for end, wait in (("abandoned", 3), ("abandoned", 15), ("timeout", 120))
    ]
    found = counted(first, passed, late, *others)
    sales = total([tally(found, "queues", "sales"), tally(found, "waits", "sales")])
    assert value("offered", sales) == 6
    assert value("abandon_rate", sales) == pytest.approx(1 / 5)
    assert value("abandon_rate", sales, "in") == pytest.approx(2 / 6)
    assert value("sl_offered", sales) == pytest.approx(2 / 5)
    assert value("sl_strict", sales) == pytest.approx(2 / 6)
    assert value("sl_answered", sales) == pytest.approx(2 / 3)
    assert value("sl_fair", sales) == pytest.approx(4 / 6)
    assert value("asa", sales) == pytest.approx(25)
    assert (value("abandon_wait", sales), value("wait_max", sales)) == (9, 120)
    assert value("wait_p50", sales) == pytest.approx(15, abs=5)
    sara = tally(found, "agents", "Sara", "sales")
    assert (value("handled", sara), value("talk", sara), value("hold", sara)) == (3, 240 + 120 + 60, 60)
    assert value("transfer_rate", sara) == pytest.approx(1 / 3)
    assert value("aht", total([sara, Tally(sums={"state:wrap_up": 30})])) == pytest.approx((420 + 60 + 30) / 3)
    assert value("ring_no_answer", tally(found, "agents", "Omid", "sales")) == 1
    assert value("talk", tally(found, "agents", "Omid", "billing")) == 360


def test_where_nothing_was_there_is_nothing_to_divide_by():
    for name, measure in MEASURES.items():
        figure = measure.figure(Tally(), "out")
        assert figure.value in (None, 0), name
        assert figure.n == 0, name
        if measure.unit in ("share", "points", "score", "mean", "per_minute"):
            assert figure.value is None, name


def test_if_all_who_called_gave_up_at_once_service_level_says_nothing():
    assert value("sl_offered", Tally(sums={"offered": 3, "abandoned": 3, "short_abandoned": 3})) is None


@pytest.mark.parametrize(("answers", "few"), [(29, True), (30, False)])
def test_scores_of_fewer_than_thirty_are_few(answers, few):
    scores = Tally(sums={"csat_n": answers, "csat_good": 20, "offered": answers, "answered": 20})
    assert MEASURES["csat"].figure(scores, "out").few is few
    assert MEASURES["abandon_rate"].figure(scores, "out").few is False


def test_scores_come_with_their_95_per_cent_range():
    """NPS: ±1.96 · √((p + d − (p − d)²) / n); shares by Wilson's interval, whose 32 of 40 is 65.2 to 89.5 %."""
    nps = MEASURES["nps"].figure(ANSWERS, "out")
    half = 1.96 * ((0.5 + 0.2 - 0.3**2) / 100) ** 0.5 * 100
    assert [nps.low, nps.high] == pytest.approx([30 - half, 30 + half], abs=0.01)
    csat = MEASURES["csat"].figure(ANSWERS, "out")
    assert [csat.low, csat.high] == pytest.approx([0.652, 0.895], abs=0.001)
    assert MEASURES["asa"].figure(VISITS, "out").low is None


@pytest.mark.parametrize(
    ("good", "of", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_ranges_of_shares_are_the_published_ones(good, of, low, high):
    """R. G. Newcombe, Statistics in Medicine 17 (1998) 857-872, the score interval of Wilson without a correction."""
    figure = MEASURES["ces"].figure(Tally(sums={"ces_good": good, "ces_n": of}), "out")
    assert [figure.low, figure.high] == pytest.approx([low, high], abs=0.00006)


def test_pauses_are_figures_by_their_reason_also_by_none():
    assert find("paused:lunch") is find("paused:lunch")
    assert (value("paused:", WORK), value("paused:lunch", WORK), value("paused:tea", WORK)) == (600, 3600, 0)
    assert find("nonsense") is None


def test_times_of_queues_and_of_states_are_told_together_only_by_what_both_know():
    for name in ("acw", "aht", "occupancy", "utilisation"):
        assert MEASURES[name].families == {"parts", "states"}
        assert not MEASURES[name].rows & {"queue", "did"}


SUMS = sorted(set(VISITS.sums) | set(WORK.sums) | set(ANSWERS.sums) | set(SPEECH.sums) | set(CONTACTS.sums))
TALLIES = st.builds(
    Tally,
    sums=st.dictionaries(st.sampled_from(SUMS), st.integers(0, 10_000).map(float), max_size=20),
    most=st.dictionaries(st.just("wait_max"), st.integers(0, 900).map(float)),
    waits=st.dictionaries(st.integers(0, 40), st.integers(1, 50), max_size=5),
)


@given(st.lists(TALLIES, max_size=4), st.sampled_from(["out", "in"]))
def test_the_whole_is_the_same_in_whatever_order_parts_are_added(tallies, short):
    forth, back = total(tallies), total(reversed(tallies))
    for measure in MEASURES.values():
        assert measure.value(forth, short) == pytest.approx(measure.value(back, short))


@given(TALLIES, TALLIES)
def test_counts_and_seconds_of_parts_add_up(one, other):
    for measure in MEASURES.values():
        if measure.unit == "count" and measure.of is measure.many:
            parts = measure.many(one, "out") + measure.many(other, "out")
            assert measure.many(total([one, other]), "out") == pytest.approx(parts)


@given(st.integers(0, 50), st.integers(0, 50), st.integers(0, 50), st.data())
def test_no_share_of_a_queue_is_above_one(answered, short, long, data):
    met = data.draw(st.integers(0, answered))
    gave = data.draw(st.integers(0, short + long))
    sums = {
        "offered": answered + short + long, "answered": answered, "abandoned": short + long, "short_abandoned": short,
        "answered_in_time": met, "abandoned_in_time": gave,
    }  # fmt: skip
    for name in ("abandon_rate", "sl_answered", "sl_offered", "sl_strict", "sl_fair"):
        tally = Tally(sums={key: float(amount) for key, amount in sums.items()})
        for found in (value(name, tally, "out"), value(name, tally, "in")):
            assert found is None or 0 <= found <= 1


def test_the_switch_of_short_abandons_changes_the_measures_it_is_shown_for():
    whole = total([VISITS, WORK, ANSWERS, SPEECH, CONTACTS])
    changed = {
        name for name, one in MEASURES.items() if one.figure(whole, "in") != one.figure(whole, "out")
    }  # fmt: skip
    assert changed == SHORT_COUNTS
    assert USUAL_LEVEL in changed


def test_figures_that_grow_with_their_time_are_those_that_two_such_days_double():
    calls = Tally(sums={"calls": 9, "calls_answered": 6, "calls_talk": 400, "calls_wait": 80, "transfers": 3})
    day = total([VISITS, WORK, ANSWERS, SPEECH, CONTACTS, calls])
    two = total([day, day])
    doubled = set()
    for name, one in MEASURES.items():
        value, twice = one.value(day, "out"), one.value(two, "out")
        assert value, name
        assert twice in (value, 2 * value), name
        doubled |= {name} if twice != value else set()
    assert doubled == {name for name, one in MEASURES.items() if grows(one)}
    assert all(grows(one) and of_seconds(one) for one in (find("paused:lunch"), find("paused:")) if one)


def test_what_is_made_of_seconds_has_seconds_as_its_n():
    """40 parts, 50 talks, 19,000 s signed in, 14,800 s of them not paused; 8,000 s of speech in 10,000 s of talk."""
    day = total([VISITS, WORK, ANSWERS, SPEECH, CONTACTS])
    made = {name: one.n(day, "out") for name, one in MEASURES.items() if of_seconds(one)}
    assert made.pop("occupancy") == 14_800
    assert (made.pop("talk_share"), made.pop("silence"), made.pop("overlap"), made.pop("pace")) == (
        8000, 10_000, 10_000, 3000,
    )  # fmt: skip
    assert set(made.values()) == {19_000}
    assert max(one.n(day, "out") for one in MEASURES.values() if not of_seconds(one)) == 200


def test_calls_of_a_time_whose_states_nobody_knows_have_no_occupancy() -> None:
    for seconds, told in ((100.0, 1.0), (104.0, 1.04), (200_000.0, None)):
        made = Tally(sums={"talk": seconds, "state:ready": 60.0, "state:on_call": 40.0})
        for name in ("occupancy", "utilisation"):
            measure = find(name)
            assert measure is not None
            figure = measure.figure(made, "out")
            assert figure.value == (None if told is None else pytest.approx(told)), name
            assert figure.n == (0 if told is None else 100), name
