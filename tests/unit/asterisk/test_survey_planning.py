"""Small rules around survey calls: when they may ring, how numbers are dialled, whose server a call is on, tokens."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from cxcall.asterisk.surveys.planning import Planner
from cxcall.asterisk.surveys.question import question_of, server_of
from cxcall.asterisk.surveys.ringing import dialled, is_phone
from cxcall.asterisk.surveys.tokens import Tokens
from cxcall.asterisk.surveys.voice import language_of, prompts_of
from cxcall.settings import Ami, Settings, Site
from cxcall.surveys.asking import Hours, Later
from cxcall.surveys.script import Question, Script, Thank

SUNDAY = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)
"""09:30 in Tehran."""

SETTINGS = Settings(site=Site(timezone="Asia/Tehran", country="IR"), ami=(Ami(name="one"), Ami(name="two")))
WORKDAYS = Later(hours=(Hours(days=(0, 1, 2, 5, 6), since=9 * 60, until=17 * 60),))


def at(hour: int, minute: int = 0, *, days: int = 0) -> datetime:
    """A moment of that Sunday or a later day, in site time."""
    midnight = datetime(2026, 11, 21, 20, 30, tzinfo=UTC)
    return midnight + timedelta(days=days, hours=hour, minutes=minute)


@pytest.mark.parametrize(
    ("since", "opens"),
    [
        (at(9, 30), at(9, 30)),
        (at(7), at(9)),
        (at(17, 1), at(9, 1, days=1)),
        (at(18, days=3), at(9, days=6)),  # Wednesday evening: Thursday and Friday are off
    ],
)
def test_a_survey_call_waits_for_its_hours(since: datetime, opens: datetime) -> None:
    assert Planner(SETTINGS, lambda: SUNDAY).opening(WORKDAYS, since) == opens


def test_hours_that_never_come_are_told() -> None:
    assert Planner(SETTINGS, lambda: SUNDAY).opening(Later(hours=(Hours(days=()),)), SUNDAY) is None


def test_another_day_begins_at_midnight_of_the_site() -> None:
    planner = Planner(SETTINGS, lambda: SUNDAY)
    assert planner.day_began() == at(0)
    assert planner.tomorrow(Later(hours=(Hours(),))) == at(0, days=1)


@pytest.mark.parametrize(
    ("now", "zone", "hours"),
    [
        (datetime(2026, 10, 25, 12, 0, tzinfo=UTC), "Europe/Berlin", 25),  # clocks go back that day
        (datetime(2026, 3, 29, 12, 0, tzinfo=UTC), "Europe/Berlin", 23),
        (datetime(2022, 3, 22, 12, 0, tzinfo=UTC), "Asia/Tehran", 23),  # the midnight that there was not
        (datetime(2026, 11, 22, 12, 0, tzinfo=UTC), "Asia/Tehran", 24),
    ],
)
def test_another_day_is_another_date_also_where_clocks_change(now: datetime, zone: str, hours: int) -> None:
    planner = Planner(Settings(site=Site(timezone=zone)), lambda: now)
    tomorrow = planner.tomorrow(Later(hours=(Hours(),)))
    assert tomorrow is not None
    assert tomorrow - planner.day_began() == timedelta(hours=hours)
    assert tomorrow.astimezone(ZoneInfo(zone)).date() > now.astimezone(ZoneInfo(zone)).date()


def test_hours_over_midnight_belong_to_the_day_they_begin_on() -> None:
    late = Later(hours=(Hours(days=(6,), since=22 * 60, until=2 * 60),))
    planner = Planner(SETTINGS, lambda: SUNDAY)
    assert planner.opening(late, at(12)) == at(22)
    assert planner.opening(late, at(1, 30, days=1)) == at(1, 30, days=1)
    assert planner.opening(late, at(2, days=1)) == at(22, days=7)


@pytest.mark.parametrize(
    ("number", "as_dialled"), [("+989121234567", "09121234567"), ("+442071838750", "00442071838750")]
)
def test_numbers_are_dialled_as_people_of_the_country_do(number: str, as_dialled: str) -> None:
    assert dialled(number, "IR") == as_dialled


@pytest.mark.parametrize(
    ("extension", "good"),
    [("1001", True), ("PJSIP/1001", True), ("SIP/sara", True), ("1001@internal", False), ("", False), ("a b", False),
     ("Local/1@x", False), ("1\r\nAction: x", False)],
)  # fmt: skip
def test_what_is_a_phone(extension: str, good: bool) -> None:
    assert is_phone(extension) is good


@pytest.mark.parametrize(
    ("named", "unique_id", "server"),
    [("two", "one-1.1", "two"), ("", "two-1.1", "two"), ("three", "x-1.1", "one"), ("", "1795.1", "one")],
)
def test_whose_server_a_call_is_on(named: str, unique_id: str, server: str) -> None:
    assert server_of(SETTINGS, named, unique_id) == server


def test_a_question_of_a_stranger_is_cut_and_needs_nothing() -> None:
    question = question_of({"call": "x" * 999, "other": 1})
    assert (len(question.call), question.queue) == (200, "")


def test_a_token_is_good_once_and_for_a_while() -> None:
    tokens: Tokens[str] = Tokens(60.0, most=2)
    first, second, third = (tokens.issue(thing) for thing in ("a", "b", "c"))
    assert [tokens.take(first), tokens.take(second), tokens.take(second)] == [None, "b", None], "the oldest had to go"
    tokens.withdraw(third)
    assert tokens.take(third) is None
    assert Tokens[str](-1.0).take("x") is None
    old: Tokens[str] = Tokens(-1.0)
    assert old.take(old.issue("late")) is None


def test_the_callers_language_is_one_the_survey_has() -> None:
    script = Script(languages=("fa", "en"))
    assert language_of(script, "", "en_GB") == "en"
    assert language_of(script, "de", "EN") == "en"
    assert language_of(script, "de") == "fa"
    assert language_of(Script(languages=()), "de") == ""


def test_all_prompts_of_a_script_are_found_once_each_place() -> None:
    script = Script(
        parts=(Question(id="q", prompt="a", wrong_key_prompt="b", no_input_prompt="c"), Thank(id="t", prompt="d")),
        opt_out_prompt="e",
    )
    assert sorted(prompts_of(script)) == ["a", "b", "c", "d", "e"]
