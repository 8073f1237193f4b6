"""What language programs ask for."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxcall.web.accept_language import asked_language


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("fa", "fa"), ("fa-IR", "fa"), ("EN-gb", "en"), ("de, fa;q=0.5", "fa"), ("en;q=0.3, fa;q=0.9", "fa"),
        ("en, fa", "en"), ("fa;q=0", None), ("fa; q=0.8, en ;q=0.9", "en"), ("", None), ("de", None), ("fas", None),
        ("fa;q=x", None), ("fa;q=nan, en;q=2", None), ("*", None), (",;,", None),
    ],
)  # fmt: skip
def test_the_language_wanted_most_is_taken(header: str, language: str | None):
    assert asked_language(header) == language


@given(st.text(alphabet="enfa-;q=0.19 ,*x", max_size=60))
def test_no_header_is_too_odd(header: str):
    assert asked_language(header) in ("en", "fa", None)
