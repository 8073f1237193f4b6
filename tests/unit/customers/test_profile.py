"""Reading a profile from what people wrote."""

from __future__ import annotations

from cxcall.customers.merge import completed, merged, unmerged
from cxcall.customers.profile import Profile, read_profile

FULL = Profile(
    name="مریم حسینی", numbers=("+989123456789",), emails=("m@example.ir",), company="آرش", city="تهران",
    tier="gold", language="fa", tags=("vip",),
)  # fmt: skip


def test_a_form_becomes_a_profile() -> None:
    profile, problems = read_profile(
        {
            "name": " مريم   حسيني", "numbers": "۰۹۱۲۳۴۵۶۷۸۹، 021 8834 1190; 09123456789", "emails": "M@Example.IR",
            "company": "Acme", "city": "تهران", "tier": "طلایی", "language": "فارسی", "tags": ["vip", "VIP", "old"],
        },
        "IR",
    )  # fmt: skip
    assert problems == ()
    assert profile == Profile(
        name="مریم حسینی", numbers=("+989123456789", "+982188341190"), emails=("m@example.ir",), company="Acme",
        city="تهران", tier="gold", language="fa", tags=("vip", "old"),
    )  # fmt: skip


def test_every_wrong_field_is_named_with_what_was_written() -> None:
    profile, problems = read_profile(
        {"name": "x" * 121, "numbers": "123", "emails": "a@b", "tier": "vip", "language": "de", "tags": "y" * 41}, "IR"
    )
    assert [str(problem) for problem in problems] == [
        "This is longer than 120 letters.",
        "123 is not a phone number.",
        "a@b is not an e-mail address.",
        "vip is not a tier. Write bronze, silver or gold.",
        "de is not a language of cxcall. Write fa or en.",
        f"The tag {'y' * 41} is longer than 40 letters.",
    ]
    assert profile.name == "x" * 120


def test_nobody_is_no_customer() -> None:
    assert [str(problem) for problem in read_profile({"city": "Tehran"}, "IR")[1]] == [
        "A customer needs a name or a number."
    ]


def test_empty_words_mean_not_known() -> None:
    assert read_profile({"name": "A", "tier": "-", "language": "None"}, "IR") == (Profile(name="A"), ())


def test_a_merge_loses_nothing_and_the_kept_one_speaks() -> None:
    other = Profile(
        name="Maryam", numbers=("+989351112233", "+989123456789"), company="Other", tier="silver", tags=("late",)
    )
    both = merged(FULL, other)
    assert (both.name, both.company, both.tier) == ("مریم حسینی", "آرش", "gold")
    assert both.numbers == ("+989123456789", "+989351112233")
    assert both.tags == ("vip", "late")
    assert merged(other, FULL).tier == "gold"
    assert merged(Profile(name="", numbers=("+1",)), FULL).name == FULL.name


def test_taking_a_change_back_leaves_what_people_changed_since() -> None:
    before = Profile(name="Maryam", numbers=("+1",), tags=("a",))
    after = completed(before, FULL)
    assert unmerged(after, before, after) == (before, ())
    since = Profile(name="مریم حسینی", numbers=after.numbers, emails=after.emails, company="Changed", city=after.city,
                    tier=after.tier, language=after.language, tags=(*after.tags, "new"))  # fmt: skip
    assert unmerged(since, before, after) == (
        Profile(name="Maryam", numbers=("+1",), company="Changed", tags=("a", "new")),
        ("company",),
    )
