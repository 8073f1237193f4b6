"""Why a call was never asked."""

from __future__ import annotations

import pytest

from cxcall.surveys.handover import why_not


@pytest.mark.parametrize(
    ("visit", "ended_by", "transfers", "reason"),
    [
        ("answered", "caller", (), "caller_hung_up"),
        ("answered", "agent", (), "unavailable"),
        ("answered", "system", (), "unavailable"),
        ("answered", "unknown", (), "unavailable"),
        ("answered", "agent", ("blind",), "transferred"),
        ("answered", "caller", ("blind",), "transferred"),
        ("answered", "caller", ("attended", "redirect"), "transferred"),
        ("answered", "agent", ("park",), "transferred"),
        ("answered", "caller", ("attended",), "caller_hung_up"),
        ("answered", "agent", ("semi_attended",), "transferred"),
        ("abandoned", "caller", (), "not_answered"),
        ("timeout", "system", (), "not_answered"),
        ("left", "caller", ("blind",), "not_answered"),
        (None, "unknown", (), "not_answered"),
    ],
)
def test_the_record_tells_why_no_survey_came(
    visit: str | None, ended_by: str, transfers: tuple[str, ...], reason: str
) -> None:
    assert why_not(visit=visit, ended_by=ended_by, transfers=transfers) == reason
