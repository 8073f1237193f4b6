import re
from collections import Counter

from cxcall.customers.number import fold
from cxcall.customers.profile import read_profile, value_text
from cxcall.demo.people import people, strangers
from cxcall.demo.seed import profile_of
from cxcall.demo.workday import as_dialled

_PERSIAN = re.compile("[\u0600-\u06ff]")


def test_the_same_seed_makes_the_same_customers() -> None:
    assert people(300, 1) == people(300, 1)
    assert people(300, 1) != people(300, 2)


def test_more_customers_begin_with_the_same_ones() -> None:
    assert people(300, 1)[:50] == people(50, 1)


def test_every_number_folds_to_itself_and_belongs_to_one_person() -> None:
    numbers = [number for person in people(300, 1) for number in person.numbers]
    assert [fold(number, "IR") for number in numbers] == numbers
    assert len(set(numbers)) == len(numbers)


def test_a_number_as_an_iranian_trunk_sends_it_folds_to_the_same_person() -> None:
    for person in people(300, 1):
        for number in person.numbers:
            assert fold(as_dialled(number), "IR") == number


def test_both_languages_are_there_and_names_are_written_in_their_own_letters() -> None:
    languages = Counter(person.language for person in people(300, 1))
    assert languages["fa"] > 150
    assert languages["en"] > 50
    for person in people(300, 1):
        assert bool(_PERSIAN.search(person.name)) == (person.language == "fa")
        assert bool(_PERSIAN.search(person.company + person.city)) <= (person.language == "fa")


def test_every_profile_is_one_that_a_person_could_have_typed() -> None:
    for person in people(300, 1):
        profile = profile_of(person)
        read, problems = read_profile(
            {
                "name": profile.name, "numbers": profile.numbers, "emails": profile.emails, "company": profile.company,
                "city": profile.city, "tier": profile.tier, "language": profile.language, "tags": profile.tags,
                "value": value_text(profile.value),
            },
            "IR",
        )  # fmt: skip
        assert problems == ()
        assert read == profile


def test_tiers_tags_companies_notes_and_second_numbers_are_there_but_not_everywhere() -> None:
    some = people(300, 1)
    for has in (
        lambda p: p.tier == "gold",
        lambda p: p.tags,
        lambda p: p.company,
        lambda p: p.notes,
        lambda p: len(p.numbers) > 1,
    ):
        share = sum(bool(has(person)) for person in some) / len(some)
        assert 0.03 < share < 0.9


def test_strangers_are_nobodys_numbers() -> None:
    known = people(300, 1)
    unknown = strangers(90, 1, known)
    assert len(set(unknown)) == 90
    assert not set(unknown) & {number for person in known for number in person.numbers}
    assert [fold(number, "IR") for number in unknown] == unknown
