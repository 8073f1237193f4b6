"""One person, one number, however it is written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxcall.customers.number import display, fold, national

MOBILE = "+989123456789"


@pytest.mark.parametrize(
    "written",
    [
        "09123456789", "00989123456789", "+989123456789", "989123456789", "9123456789", "۰۹۱۲۳۴۵۶۷۸۹", "٠٩١٢٣٤٥٦٧٨٩",
        "+۹۸۹۱۲۳۴۵۶۷۸۹", "0912 345 6789", "0912-345-6789", "(0912) 345.6789", " 09123456789 ",
        "\u200e09123456789\u200f", "+98 0912 345 6789",
    ],
)  # fmt: skip
def test_every_spelling_of_a_mobile_is_one_number(written: str) -> None:
    assert fold(written, "IR") == MOBILE


@pytest.mark.parametrize(
    "written",
    [None, "", " ", "anonymous", "Anonymous", "unknown", "restricted", "withheld", "unavailable", "private", "s",
     "asterisk", "1001", "200", "*97", "#9", "110", "0", "00", "+", "88341190", "123456", "1234567", "PJSIP/1001",
     "09123456789x12", "tel:09123456789", "ناشناس", "0912345678", "\0", "\ud800", "9" * 400],
)  # fmt: skip
def test_what_is_no_number_of_a_customer_is_none(written: str | None) -> None:
    assert fold(written, "IR") is None


@pytest.mark.parametrize(
    ("written", "region", "number"),
    [
        ("02188341190", "IR", "+982188341190"),
        ("2188341190", "IR", "+982188341190"),
        ("030 12345678", "DE", "+493012345678"),
        ("(212) 736-5000", "US", "+12127365000"),
        ("011 44 20 7946 0958", "US", "+442079460958"),
        ("0044 20 7946 0958", "IR", "+442079460958"),
    ],
)
def test_the_country_is_the_sites_unless_the_number_says_another(written: str, region: str, number: str) -> None:
    assert fold(written, region) == number


def test_a_new_number_block_is_taken_by_its_length() -> None:
    assert fold("+15550001234", "IR") == "+15550001234"


def test_an_unknown_country_of_the_site_still_reads_full_numbers() -> None:
    assert fold("+989123456789", "ZZ") == MOBILE
    assert fold("09123456789", "") is None


def test_numbers_are_shown_as_people_of_the_country_write_them() -> None:
    assert display(MOBILE, "IR") == "0912 345 6789"
    assert display("+982188341190", "ir") == "021 8834 1190"
    assert display("+442079460958", "IR") == "+44 20 7946 0958"
    assert display("1001", "IR") == "1001"
    assert display("anonymous", "IR") == "anonymous"
    assert national(MOBILE) == "09123456789"
    assert national("12") == "12"


@given(st.text(max_size=60))
def test_anything_a_trunk_may_send_is_folded_or_none(raw: str) -> None:
    number = fold(raw, "IR")
    assert number is None or (number.startswith("+") and number[1:].isascii() and number[1:].isdigit())


@given(st.text("0123456789+-() ۰۱۲۳٤٥٦", max_size=20))
def test_folding_what_is_folded_changes_nothing(raw: str) -> None:
    number = fold(raw, "IR")
    if number is not None:
        assert fold(number, "IR") == number
        assert fold(number, "DE") == number


@given(st.integers(900_000_0000, 999_999_9999), st.sampled_from(["0{}", "0098{}", "+98{}", "{}"]))
def test_the_ways_to_write_a_mobile_lead_to_the_same_digits(digits: int, form: str) -> None:
    assert fold(form.format(digits), "IR") == f"+98{digits}"


@given(st.integers(900_000_0000, 999_999_9999))
def test_what_is_shown_can_be_typed_again(digits: int) -> None:
    number = f"+98{digits}"
    assert fold(display(number, "IR"), "IR") == number
