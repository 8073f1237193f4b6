"""Reading a profile from what people wrote."""

from __future__ import annotations

import pytest

from cxcall.customers.merge import completed, merged, unmerged
from cxcall.customers.profile import Profile, read_profile, value_text

FULL = Profile(
    name="مریم حسینی", numbers=("+989123456789",), emails=("m@example.ir",), company="آرش", city="تهران",
    tier="gold", language="fa", tags=("vip",), value=12_500.5, manager="u1",
)  # fmt: skip


def test_a_form_becomes_a_profile() -> None:
    profile, problems = read_profile(
        {
            "name": " مريم   حسيني", "numbers": "۰۹۱۲۳۴۵۶۷۸۹، 021 8834 1190; 09123456789", "emails": "M@Example.IR",
            "company": "Acme", "city": "تهران", "tier": "طلایی", "language": "فارسی", "tags": ["vip", "VIP", "old"],
            "value": "۱۲٬۵۰۰٫۵", "manager": "ساره",
        },
        "IR", {"ساره": "u1"},
    )  # fmt: skip
    assert problems == ()
    assert profile == Profile(
        name="مریم حسینی", numbers=("+989123456789", "+982188341190"), emails=("m@example.ir",), company="Acme",
        city="تهران", tier="gold", language="fa", tags=("vip", "old"), value=12_500.5, manager="u1",
    )  # fmt: skip


def test_every_wrong_field_is_named_with_what_was_written() -> None:
    profile, problems = read_profile(
        {"name": "x" * 121, "numbers": "123", "emails": "a@b", "tier": "vip", "language": "de", "tags": "y" * 41,
         "value": "much", "manager": "nobody"}, "IR"
    )  # fmt: skip
    assert [str(problem) for problem in problems] == [
        "This is longer than 120 letters.",
        "123 is not a phone number.",
        "a@b is not an e-mail address.",
        "vip is not a tier. Write bronze, silver or gold.",
        "de is not a language of cxcall. Write fa or en.",
        f"The tag {'y' * 41} is longer than 40 letters.",
        "much is not a number.",
        "nobody is nobody who uses cxcall. Write a login name.",
    ]
    assert profile.name == "x" * 120


def test_nobody_is_no_customer() -> None:
    assert [str(problem) for problem in read_profile({"city": "Tehran"}, "IR")[1]] == [
        "A customer needs a name or a number."
    ]


def test_empty_words_mean_not_known() -> None:
    assert read_profile({"name": "A", "tier": "-", "language": "None"}, "IR") == (Profile(name="A"), ())


@pytest.mark.parametrize(
    ("written", "value"),
    [("0", 0.0), ("-3.25", -3.25), ("1,000,000", 1e6), ("۹۹۹٬۹۹۹", 999_999.0), ("0.00001", 1e-5), ("-", None),
     ("", None), ("999999999999999", 999_999_999_999_999.0)],
)  # fmt: skip
def test_a_value_is_read_as_people_write_it_and_written_so_that_it_is_read_again(
    written: str, value: float | None
) -> None:
    (profile, problems) = read_profile({"name": "A", "value": written}, "IR")
    assert (profile.value, problems) == (value, ())
    assert read_profile({"name": "A", "value": value_text(value)}, "IR")[0].value == value


@pytest.mark.parametrize("written", ["1e3", "1000000000000000", "12x", "--1", "1.", "nan", "inf", "9" * 50])
def test_what_is_no_plain_number_is_no_value(written: str) -> None:
    assert len(read_profile({"name": "A", "value": written}, "IR")[1]) == 1


def test_a_merge_loses_nothing_and_the_kept_one_speaks() -> None:
    other = Profile(
        name="Maryam", numbers=("+989351112233", "+989123456789"), company="Other", tier="silver", tags=("late",)
    )
    both = merged(FULL, other)
    assert (both.name, both.company, both.tier) == ("مریم حسینی", "آرش", "gold")
    assert both.numbers == ("+989123456789", "+989351112233")
    assert both.tags == ("vip", "late")
    assert merged(other, FULL).tier == "gold"
    assert (both.value, both.manager) == (merged(other, FULL).value, merged(other, FULL).manager) == (12_500.5, "u1")
    assert merged(FULL, Profile(name="B", value=0.0, manager="u2")).value == 12_500.5
    assert completed(FULL, Profile(name="B", value=0.0, manager="u2")).value == 0.0
    assert merged(Profile(name="", numbers=("+1",)), FULL).name == FULL.name


def test_taking_a_change_back_leaves_what_people_changed_since() -> None:
    before = Profile(name="Maryam", numbers=("+1",), tags=("a",))
    after = completed(before, FULL)
    assert unmerged(after, before, after) == (before, ())
    since = Profile(name="مریم حسینی", numbers=after.numbers, emails=after.emails, company="Changed", city=after.city,
                    tier=after.tier, language=after.language, tags=(*after.tags, "new"), value=after.value,
                    manager=after.manager)  # fmt: skip
    assert unmerged(since, before, after) == (
        Profile(name="Maryam", numbers=("+1",), company="Changed", tags=("a", "new")),
        ("company",),
    )
