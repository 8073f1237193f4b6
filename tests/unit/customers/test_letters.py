"""Forms of a letter are one letter."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from cxcall.letters import ascii_digits, search_key, sort_key, tidy, words

half_space = "\u200c"


def test_arabic_forms_become_persian_and_spaces_single() -> None:
    assert tidy("  علي   كريمي\u00a0") == "علی کریمی"
    assert tidy(f"می{half_space}{half_space}شود{half_space} ") == f"می{half_space}شود"
    assert tidy("\u202bسارا\u202c") == "سارا"


def test_what_differs_only_in_writing_is_found_alike() -> None:
    assert search_key("آذر") == search_key("اذر")
    assert search_key(f"علی{half_space}رضا") == search_key("عليرضا")
    assert search_key("مُحَمَّد") == search_key("محمد")
    assert search_key("José ÅNGSTRÖM") == "jose angstrom"
    assert ascii_digits("۱۲۳٤٥٦") == "123456"


def test_a_joined_name_is_found_whole_and_by_its_parts() -> None:
    assert words(f"علی{half_space}رضا محمدی") == ["علیرضا", "علی", "رضا", "محمدی"]
    assert words("Acme, Inc. (تهران)") == ["acme", "inc", "تهران"]
    assert words(" .,; ") == []


def test_names_sort_by_the_persian_alphabet_and_the_nameless_last() -> None:
    names = ["یاس", "پیمان", "بابک", "ژاله", "زهرا", "گیتی", "کاوه", "آرش", "", "لاله", "Zoe", "adam"]
    assert sorted(names, key=sort_key) == [
        "adam", "Zoe", "آرش", "بابک", "پیمان", "زهرا", "ژاله", "کاوه", "گیتی", "لاله", "یاس", "",
    ]  # fmt: skip


@given(st.text())
def test_tidying_twice_is_tidying_once(text: str) -> None:
    assert tidy(tidy(text)) == tidy(text)


@given(st.text())
def test_words_are_never_empty_and_each_comes_once(text: str) -> None:
    found = words(text)
    assert all(found)
    assert len(found) == len(set(found))
