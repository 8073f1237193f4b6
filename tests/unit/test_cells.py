"""Cells of CSV files: nothing is run, nothing is lost."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxcall.cells import harmless, plain

WIDE = ("\uff1d", "\uff0b", "\uff0d", "\uff20")


@pytest.mark.parametrize("begin", ["=", "+", "-", "@", "\t", "\r", "\n", *WIDE])
def test_what_begins_like_a_formula_becomes_text(begin: str) -> None:
    assert harmless(f"{begin}SUM(1)") == f"'{begin}SUM(1)"


@pytest.mark.parametrize("cell", ["-1+cmd|' /C calc'!A0", "+98 912-1", "--1", "+", "-5 ", "+1..2", "+98\n", "=", "-1e"])
def test_what_only_begins_like_a_number_becomes_text(cell: str) -> None:
    assert harmless(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["+989123456789", "+98 912 345 6789", "-12", "-0.5", "12", "۱۲", "-۱۲", "+۹۸ ۹۱۲"])
def test_numbers_stay_numbers(cell: str) -> None:
    assert harmless(cell) == cell


@pytest.mark.parametrize("cell", ["", "سلام، خوب است", "علی‌رضا", "پاسخ = ۱", "a@b.ir", "1-2", "'", "2026-11-21", " =1"])
def test_other_text_stays_as_it_is(cell: str) -> None:
    assert harmless(cell) == cell


def test_a_quote_is_only_taken_away_where_it_was_put() -> None:
    assert plain("'=1+1") == "=1+1"
    assert plain("'tis") == "'tis"
    assert plain("'") == "'"


@given(st.text(alphabet="=+-@\t\r\n12۳ .آaعx\uff1d\uff20", max_size=8))
def test_what_was_made_harmless_is_read_as_it_was_written(cell: str) -> None:
    assert plain(harmless(cell)) == cell
