"""When a survey is asked, and which reason is told when it is not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from cxcall.surveys.asking import Asking, Hours, Offer, decide, is_open

TEHRAN = ZoneInfo("Asia/Tehran")
MONDAY_TEN = datetime(2026, 11, 23, 10, 0, tzinfo=TEHRAN)
RULES = Asking(
    survey_id="s1", share=50.0, min_talk=10.0, quiet_days=7, hours=(Hours(days=(0, 1), since=540, until=720),)
)


def offer(
    at: datetime = MONDAY_TEN,
    *,
    talk: float = 60.0,
    last: datetime | None = None,
    out: bool = False,
    chance: float = 20.0,
) -> Offer:
    return Offer(now_local=at, talk=talk, last_asked_at=last, opted_out=out, chance=chance)


def test_a_call_that_fits_all_rules_is_asked() -> None:
    assert decide(RULES, offer()) == "ask"


@pytest.mark.parametrize(
    ("asking", "reason"),
    [(None, "no_survey"), (Asking(), "no_survey"), (Asking(survey_id="s1", enabled=False), "off")],
)
def test_a_queue_without_a_survey_or_with_it_off_does_not_ask(asking: Asking | None, reason: str) -> None:
    assert decide(asking, offer()) == reason


@pytest.mark.parametrize(("talk", "reason"), [(9.9, "too_short"), (10.0, "ask")])
def test_only_talks_that_are_long_enough_are_asked(talk: float, reason: str) -> None:
    assert decide(RULES, offer(talk=talk)) == reason


@pytest.mark.parametrize(("chance", "reason"), [(0.0, "ask"), (49.9, "ask"), (50.0, "share"), (100.0, "share")])
def test_the_share_of_calls_is_drawn(chance: float, reason: str) -> None:
    assert decide(RULES, offer(chance=chance)) == reason


def test_all_calls_means_all_and_none_means_none() -> None:
    assert decide(Asking(survey_id="s1"), offer(chance=100.0)) == "ask"
    assert decide(Asking(survey_id="s1", share=0.0), offer(chance=0.0)) == "share"


def test_the_same_customer_is_left_in_peace_for_the_days_set() -> None:
    week = timedelta(days=7)
    assert decide(RULES, offer(last=MONDAY_TEN.astimezone(UTC) - week + timedelta(seconds=1))) == "recently_asked"
    assert decide(RULES, offer(last=MONDAY_TEN.astimezone(UTC) - week)) == "ask"
    always = Asking(survey_id="s1", quiet_days=0)
    assert decide(always, offer(last=MONDAY_TEN)) == "ask"


def test_who_opted_out_is_never_asked_whatever_else_is_so() -> None:
    assert decide(RULES, offer(out=True, talk=0.0, chance=99.0)) == "opted_out"


def test_chance_is_the_last_reason_told() -> None:
    assert decide(RULES, offer(chance=99.0, talk=1.0)) == "too_short"


@pytest.mark.parametrize(
    ("at", "reason"),
    [
        (datetime(2026, 11, 23, 8, 59, tzinfo=TEHRAN), "closed"),
        (datetime(2026, 11, 23, 9, 0, tzinfo=TEHRAN), "ask"),
        (datetime(2026, 11, 24, 11, 59, 59, tzinfo=TEHRAN), "ask"),
        (datetime(2026, 11, 24, 12, 0, tzinfo=TEHRAN), "closed"),
        (datetime(2026, 11, 25, 10, 0, tzinfo=TEHRAN), "closed"),
    ],
)
def test_it_is_asked_in_the_hours_of_the_site_only(at: datetime, reason: str) -> None:
    assert decide(RULES, offer(at)) == reason


@pytest.mark.parametrize(
    ("at", "inside"),
    [
        (datetime(2026, 11, 22, 23, 0, tzinfo=TEHRAN), True),
        (datetime(2026, 11, 23, 1, 59, tzinfo=TEHRAN), True),
        (datetime(2026, 11, 23, 2, 0, tzinfo=TEHRAN), False),
        (datetime(2026, 11, 23, 23, 0, tzinfo=TEHRAN), False),
        (datetime(2026, 11, 22, 1, 0, tzinfo=TEHRAN), False),
    ],
)
def test_hours_over_midnight_belong_to_the_day_they_begin_on(at: datetime, inside: bool) -> None:
    assert is_open((Hours(days=(6,), since=22 * 60, until=2 * 60),), at) is inside


def test_no_hours_mean_always() -> None:
    assert is_open((), MONDAY_TEN)
    assert is_open((Hours(),), MONDAY_TEN)
