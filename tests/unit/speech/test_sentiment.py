"""What customers feel, on written examples (data/feeling.*.tsv) and on the cases that are known to be hard.

How many of the examples are read right is printed, and measured by `benchmarks.feeling`; no figure is asserted but that
it is better than guessing the commonest answer.
"""

from __future__ import annotations

from collections import Counter

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.feeling import by_set, examples, ours
from cxcall.speech import sentiment
from cxcall.speech.sentiment import felt, of_call, of_turn, word
from cxcall.speech.transcript import Speaker, Turn


def value(text: str, language: str) -> float:
    feeling = of_turn(text, language)
    assert feeling is not None
    return feeling.value


def said(n: int, text: str = "a few words here", feels: float | None = None, speaker: Speaker = "customer") -> Turn:
    return Turn(n=n, speaker=speaker, start=float(n), end=n + 0.9, text=text, sentiment=feels)


@pytest.mark.parametrize("language", sentiment.LANGUAGES)
def test_written_examples_are_read_better_than_by_guessing(language: str, capsys: pytest.CaptureFixture[str]) -> None:
    all_of_them = examples(language)
    assert len(all_of_them) >= 200
    seen = by_set(ours(language), all_of_them)
    with capsys.disabled():
        print(f"\nfeeling, {language}:", {name: (one["accuracy"], one["n"]) for name, one in seen.items()})
    right = sum(one["accuracy"] * one["n"] for one in seen.values())
    assert right > max(Counter(one.feeling for one in all_of_them).values())


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "third time i am calling and nobody helped me"),
        ("en", "i am not happy"),
        ("en", "it still doesn't work"),
        ("en", "IT STILL DOES NOT WORK!"),
        ("fa", "راضی نیستم"),
        ("fa", "دیگه کلافه شدم"),
        ("fa", "درست نمی‌شه"),
        ("fa", "درست نمی شه"),
        ("fa", "درست نميشه"),
        ("fa", "ناراضی‌ام"),
        ("fa", "ناراضی ام"),
    ],
)
def test_what_is_bad_reads_as_bad_however_it_is_written(language: str, text: str) -> None:
    assert word(value(text, language)) == "negative"


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "that was not bad"),
        ("en", "i have no complaints"),
        ("en", "it works now thank you so much"),
        ("fa", "مشکلی ندارم"),
        ("fa", "بد نبود"),
        ("fa", "مشکلم حل شد"),
        ("fa", "از شما ناراضی نیستم"),
        ("fa", "خیلی راضی‌ام"),
    ],
)
def test_what_is_good_reads_as_good_also_when_it_is_something_bad_denied(language: str, text: str) -> None:
    assert word(value(text, language)) == "positive"


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "please enter your number"),
        ("en", "yes please i would like to pay my credit card bill thank you"),
        ("en", ""),
        ("fa", "ببخشید لطفاً شماره‌تون رو بدید"),
        ("fa", "خواهش می‌کنم"),
        ("fa", "دستتون درد نکنه"),
        ("fa", "سلام خسته نباشید خوب هستید"),
        ("fa", "میشه مشکلمو حل کنید"),
    ],
)
def test_politeness_and_business_say_nothing(language: str, text: str) -> None:
    assert word(value(text, language)) == "neutral"


@pytest.mark.parametrize(
    ("language", "less", "more"),
    [
        ("en", "it is slow", "it is extremely slow"),
        ("en", "i am happy", "i am really happy"),
        ("fa", "راضی هستم", "واقعاً راضی هستم"),
        ("fa", "عصبانی هستم", "خیلی عصبانی هستم"),
    ],
)
def test_intensifiers_make_it_stronger(language: str, less: str, more: str) -> None:
    assert abs(value(more, language)) > abs(value(less, language))


@pytest.mark.parametrize(
    ("language", "text"), [("en", "it was bad but now it is perfect"), ("fa", "نگران بودم ولی الان عالیه")]
)
def test_what_comes_after_but_counts_more(language: str, text: str) -> None:
    assert value(text, language) > 0.2


def test_a_negation_does_not_reach_over_the_end_of_a_sentence() -> None:
    assert value("No. Great.", "en") > 0.2
    assert value("عالیه. ندارم.", "fa") > 0.2


def test_the_pieces_found_are_the_words_said() -> None:
    text = "سلام، دیگه کلافه شدم از این وضع"
    feeling = of_turn(text, "fa")
    assert feeling is not None
    assert [text[piece.start : piece.end] for piece in feeling.found] == ["کلافه شدم"]
    assert feeling.found[0].weight < 0


def test_a_language_without_a_lexicon_has_no_feeling() -> None:
    assert of_turn("최악이에요", "ko") is None
    assert of_turn("this is terrible", "") is None
    assert of_turn("this is terrible", "en-GB") == of_turn("this is terrible", "en")
    assert felt([said(1, "this is terrible")], "ko")[0].sentiment is None


def test_only_customers_turns_are_felt_and_a_correction_is_final() -> None:
    turns = [said(1, "this is terrible"), said(2, "this is terrible", 0.9), said(3, "terrible", speaker="agent")]
    values = [turn.sentiment for turn in felt(turns, "en")]
    assert values[0] is not None
    assert values[0] < -0.2
    assert values[1:] == [0.9, None]


def test_the_last_third_of_a_call_counts_double() -> None:
    seen = of_call([said(1, feels=-0.6), said(2, feels=0.0), said(3, feels=0.6)])
    assert seen.score == pytest.approx((-0.6 + 0.0 + 2 * 0.6) / 4)
    assert (seen.trend, seen.word, seen.turns) == (1.2, "improving", 3)


@pytest.mark.parametrize(
    ("last", "trend"), [(0.2, "improving"), (0.19, "steady"), (-0.19, "steady"), (-0.2, "worsening")]
)
def test_a_trend_has_its_word_from_a_fifth_on(last: float, trend: str) -> None:
    assert of_call([said(1, feels=0.0), said(2, feels=0.0), said(3, feels=last)]).word == trend


def test_thirds_are_in_the_order_of_the_talk_not_of_the_numbers() -> None:
    turns = [said(3, feels=0.6), said(1, feels=-0.6), said(2, feels=0.0)]
    assert of_call(turns) == of_call(sorted(turns, key=lambda turn: turn.n))


def test_a_bare_yes_does_not_count() -> None:
    seen = of_call([said(1, feels=-0.8), *(said(n, "بله", 0.0) for n in range(2, 20)), said(20, "عالی", 0.7)])
    assert seen.turns == 2
    assert seen.trend is None  # two turns have no thirds


def test_a_call_in_which_nobody_was_felt_has_no_score() -> None:
    seen = of_call([said(1, feels=0.5, speaker="agent"), said(2)])
    assert (seen.score, seen.trend, seen.word, seen.turns) == (None, None, None, 0)


@given(st.text(max_size=80), st.sampled_from(sentiment.LANGUAGES))
def test_whatever_is_said_its_value_and_pieces_are_within_bounds(text: str, language: str) -> None:
    feeling = of_turn(text, language)
    assert feeling is not None
    assert -1 <= feeling.value <= 1
    assert all(0 <= piece.start < piece.end <= len(text) for piece in feeling.found)
    assert msgspec.convert(msgspec.to_builtins(feeling), sentiment.Feeling) == feeling
