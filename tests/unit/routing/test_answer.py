"""What the dialplan is told of a decision."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxcall.routing.answer import KEYS, answer, fits, line
from cxcall.routing.decision import Decision, Result

AT = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


def decided(*matched: str, **result: Any) -> Decision:
    return Decision(at=AT, result=Result(**result), matched=matched)


def test_only_what_says_something_is_told_in_a_fixed_order() -> None:
    told = answer(
        decided(
            "r1", queue="sales", priority=5, agent="PJSIP/1001", agent_wait=15, language="fa", treat="challenge",
            call_back=True, survey=False, rule="sales-skills-0a1b2c3d", announcement="Wait",
        ),
        sound="/data/prompts/ab/abcd", penalty=2,
    )  # fmt: skip
    assert line(told) == (
        "OK|status=hint|queue=sales|priority=5|agent=PJSIP/1001|agent_wait=15|language=fa|rule=sales-skills-0a1b2c3d"
        "|penalty=2|announcement=/data/prompts/ab/abcd|treat=challenge|call_back=yes|survey=no|end"
    )
    assert tuple(told) == KEYS


def test_where_no_rule_held_there_is_no_opinion() -> None:
    assert line(answer(decided(queue="support"))) == "OK|status=default|end"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("queue", "sales,tT"), ("queue", "-x"), ("queue", "sales|priority=9"), ("agent", "PJSIP/1001&PJSIP/1002"),
        ("agent", "PJSIP/1001,60"), ("agent", "1001"), ("language", "../en"), ("announcement", "a&b"),
        ("announcement", "a b"), ("priority", "-1"), ("agent_wait", "0"), ("status", "rule 7"), ("other", "x"),
        ("queue", "sales\n"), ("priority", "۵"),
    ],
)  # fmt: skip
def test_a_value_that_would_mean_something_else_to_asterisk_is_left_out(name: str, value: str) -> None:
    assert not fits(name, value)


@given(st.text(max_size=60), st.text(max_size=60), st.text(max_size=60))
def test_whatever_a_rule_names_the_line_has_its_shape(queue: str, agent: str, sound: str) -> None:
    told = line(answer(decided("r", queue=queue, agent=agent, agent_wait=5, announcement=sound), sound=sound))
    assert told.startswith("OK|status=hint")
    assert all(part.partition("=")[0] in KEYS for part in told.split("|")[1:-1])
    assert not set(told) & set("\r\n,&\"'$")
