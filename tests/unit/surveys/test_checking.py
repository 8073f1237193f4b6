"""Each problem of a script, in its place and in words."""

from __future__ import annotations

from typing import Any

import pytest

from cxcall.surveys import checking
from cxcall.surveys.problems import ERRORS, WARNINGS, problem
from cxcall.surveys.script import END, Branch, Case, Comment, Condition, HandOver, Key, Question, Say, Script, Thank
from tests.unit.surveys.scripts import PROMPTS, TWELVE

HEARD = {"p": ("fa", "en")}
BY: dict[str, Any] = {"title": {"en": "Title"}, "prompt": "p"}
TWO = (Key(key="1", value=1.0), Key(key="2", value=2.0))
Q = Question(id="q", keys=TWO, **BY)
SAID = Say(id="said", prompt="p")
NPS = Question(id="nps", kind="nps", measure="nps", **BY)
WORDS = Comment(id="words", **BY)
THANKS = Thank(id="thanks", prompt="p")
NO_TITLE = "This question has no title: pages and exports would show its id."

SAID_ON = Say(id="said", prompt="p", next="thanks")

Found = list[tuple[str, str, str]]


def script(
    *parts: Any, opt_out_key: str = "9", opt_out_prompt: str = "p", languages: tuple[str, ...] = ("en",)
) -> Script:
    return Script(parts=parts, opt_out_key=opt_out_key, opt_out_prompt=opt_out_prompt, languages=languages)


def asked(**changes: Any) -> Script:
    return script(Question(**({"id": "q", "keys": TWO} | BY | changes)), THANKS)


def comment(**changes: Any) -> Script:
    return script(Comment(id="words", **(BY | changes)), THANKS)


def branch(*conditions: Condition, later: tuple[Any, ...] = ()) -> Script:
    cases = tuple(Case(when=condition, next="thanks") for condition in conditions)
    return script(Q, SAID, Branch(id="b", cases=cases), *later, THANKS)


def found(checked: Script) -> Found:
    return [(one.part, one.field, one.code) for one in checking.problems(checked, HEARD)]


CASES: list[tuple[Script, str, Found]] = [
    (script(), "The survey has no parts yet.", [("", "parts", "no_parts")]),
    (script(Q, THANKS, languages=()), "Choose at least one language.", [("", "languages", "no_language")]),
    (
        script(Q, THANKS, languages=("en", "fa", "en")),
        "The language en is listed twice.",
        [("", "languages", "language_twice")],
    ),
    (script(Q, Thank(id="", prompt="p")), "A part has no id.", [("", "parts.1.id", "no_id")]),
    (
        script(Thank(id=END, prompt="p"), Q),
        "“end” can’t be the id of a part.",
        [(END, "id", "reserved_id"), ("q", "id", "unreachable"), ("q", "next", "no_thanks")],
    ),
    (script(Q, SAID_ON, SAID_ON, THANKS), "Two parts have the id “said”.",
     [("said", "id", "same_id")]),
    (
        script(Question(id="q", keys=TWO, next="gone", **BY), Thank(id="thanks", prompt="p")),
        "This goes on to a part that does not exist: “gone”.",
        [("q", "next", "unknown_next"), ("thanks", "id", "unreachable")],
    ),
    (
        asked(keys=(Key(key="1", next="gone"), Key(key="2"))),
        "This goes on to a part that does not exist: “gone”.",
        [("q", "keys.0.next", "unknown_next")],
    ),
    (script(Q, THANKS, WORDS, Thank(id="end2", prompt="p")), "No caller ever comes to this part.",
     [("words", "id", "unreachable"), ("end2", "id", "unreachable")]),
    (
        script(Q, Question(id="again", keys=TWO, next="q", **BY)),
        "From here the survey can come back to this part and may never end.",
        [("q", "next", "endless")],
    ),
    (
        asked(keys=(Key(key="1"), Key(key="*", next="q"))),
        "From here the survey can come back to this part and may never end.",
        [("q", "next", "endless")],
    ),
    (
        script(SAID, Q, Thank(id="thanks")),
        "Callers would hear nothing here. Choose a prompt.",
        [("thanks", "prompt", "no_prompt")],
    ),
    (
        asked(prompt="lost"),
        "This prompt does not exist any more. Choose another one.",
        [("q", "prompt", "unknown_prompt")],
    ),
    (
        script(Q, THANKS, languages=("en", "de")),
        "This prompt has no recording in de: callers would hear silence.",
        [
            ("", "opt_out_prompt", "silent_prompt"),
            ("q", "prompt", "silent_prompt"),
            ("thanks", "prompt", "silent_prompt"),
        ],
    ),
    (
        asked(wrong_key_prompt="lost", no_input_prompt="lost"),
        "This prompt does not exist any more. Choose another one.",
        [("q", "wrong_key_prompt", "unknown_prompt"), ("q", "no_input_prompt", "unknown_prompt")],
    ),
    (asked(keys=()), "No key answers this question.", [("q", "keys", "no_keys")]),
    (asked(keys=(Key(key="12"), *TWO)), "“12” is not a key of a telephone.", [("q", "keys.0.key", "not_a_key")]),
    (asked(skip_key="x"), "“x” is not a key of a telephone.", [("q", "skip_key", "not_a_key")]),
    (
        asked(kind="nps", measure="nps", keys=(Key(key="10"), Key(key="11"))),
        "“11” is not a number from 0 to 10.",
        [("q", "keys.1.key", "not_a_number")],
    ),
    (asked(keys=(*TWO, Key(key="1"))), "The key 1 is listed twice.", [("q", "keys.2.key", "same_key")]),
    (
        asked(skip_key="2"),
        "The key 2 is an answer here, so it can’t skip the question.",
        [("q", "skip_key", "skip_answers")],
    ),
    (
        asked(kind="nps", measure="nps", keys=(), skip_key="0"),
        "The key 0 is an answer here, so it can’t skip the question.",
        [("q", "skip_key", "skip_answers")],
    ),
    (
        script(Q, THANKS, opt_out_key="99"),
        "“99” is not a key of a telephone, so nobody can decline further surveys with it.",
        [("", "opt_out_key", "opt_out_not_a_key")],
    ),
    (
        asked(kind="nps", keys=()),
        "A question from 0 to 10 counts towards NPS. Set its measure to NPS.",
        [("q", "measure", "nps_without_measure")],
    ),
    (
        asked(kind="nps_key", measure="csat"),
        "A question from 0 to 10 counts towards NPS. Set its measure to NPS.",
        [("q", "measure", "nps_without_measure")],
    ),
    (
        asked(measure="nps"),
        "NPS is asked from 0 to 10. Choose that kind of question.",
        [("q", "kind", "nps_by_other_kind")],
    ),
    (
        asked(measure="csat", keys=(*TWO, Key(key="3"))),
        "The key 3 has no value, so its answers would be missing from the score.",
        [("q", "keys.2.value", "counts_nothing")],
    ),
    (
        asked(measure="csat", keys=(*TWO, Key(key="6", value=6.0))),
        "The value 6 of the key 6 is outside the scale 1–5.",
        [("q", "keys.2.value", "off_the_scale")],
    ),
    (asked(seconds=0.0), "The time to answer must be from 1 to 30 seconds.", [("q", "seconds", "wait_out_of_range")]),
    (
        asked(kind="nps", measure="nps", keys=(), pause=0.1),
        "The pause that ends a number must be from 0.5 to 10 seconds.",
        [("q", "pause", "pause_out_of_range")],
    ),
    (asked(retries=6), "The number of further tries must be from 0 to 5.", [("q", "retries", "retries_out_of_range")]),
    (comment(seconds=301), "A comment may last from 5 to 300 seconds.", [("words", "seconds", "comment_out_of_range")]),
    (
        comment(silence=0),
        "The silence that ends a comment must be from 1 to 10 seconds.",
        [("words", "silence", "silence_out_of_range")],
    ),
    (
        comment(seconds=5, silence=5),
        "The silence that ends a comment is as long as the comment itself.",
        [("words", "silence", "silence_too_long")],
    ),
    (
        branch(Condition(of="answer", part="gone")),
        "This condition asks for a question that does not exist.",
        [("b", "cases.0.when.part", "unknown_question")],
    ),
    (
        branch(Condition(of="answer", part="said")),
        "This condition asks for the answer of “said”, which is not a question.",
        [("b", "cases.0.when.part", "not_a_question")],
    ),
    (
        branch(Condition(of="answer", part="nps"), later=(NPS,)),
        "This condition asks for the answer of “nps”, which does not come before it.",
        [("b", "cases.0.when.part", "asked_later")],
    ),
    (
        branch(Condition(of="queue"), Condition(of="tier", one_of=("gold",))),
        "This condition compares nothing. Say which ones it means.",
        [("b", "cases.0.when.one_of", "compares_nothing")],
    ),
    (
        branch(Condition(of="answer", part="q", at_least=3, at_most=2)),
        "This condition never holds: at least 3 and at most 2.",
        [("b", "cases.0.when", "limits_crossed")],
    ),
    (
        script(
            Question(id="q", keys=(Key(key="1"),), **BY),
            Branch(id="b", cases=(Case(when=Condition(of="answer", part="q", at_most=2), next=END),)),
            THANKS,
        ),
        "This condition compares a value, but no key of “q” has one.",
        [("b", "cases.0.when", "never_counts")],
    ),
    (
        script(Q, HandOver(id="over", prompt="p", to="queue")),
        "Say where the caller is sent.",
        [("over", "target", "no_target")],
    ),
    (
        script(Q, HandOver(id="over", prompt="p", to="number", target="Sara")),
        "“Sara” is not a number that can be dialled.",
        [("over", "target", "not_a_target")],
    ),
    # warnings
    (script(SAID, THANKS), "Nothing is asked in this survey.", [("", "parts", "nothing_asked")]),
    (script(Q), "The survey can end here without a word of thanks.", [("q", "next", "no_thanks")]),
    (
        script(Q, THANKS, opt_out_prompt=""),
        "A caller who declines further surveys hears nothing. Choose a prompt for it.",
        [("", "opt_out_prompt", "no_opt_out_prompt")],
    ),
    (
        asked(keys=(*TWO, Key(key="9"))),
        "The key 9 is an answer here, so callers can’t decline further surveys in this question.",
        [("q", "keys.2.key", "opt_out_answers")],
    ),
    (
        asked(skip_key="9"),
        "The key 9 skips this question, so callers can’t decline further surveys in it.",
        [("q", "skip_key", "opt_out_skips")],
    ),
    (asked(title={"en": ""}), NO_TITLE, [("q", "title", "no_title")]),
    (comment(title={}), NO_TITLE, [("words", "title", "no_title")]),
    (
        script(NPS, Question(id="two", kind="nps", measure="nps", **BY), THANKS),
        "“nps” asks for the same measure before: only one question a survey should count towards it.",
        [("two", "measure", "same_measure")],
    ),
    (branch(), "This branch has no conditions, so it always goes on the same way.", [("b", "cases", "no_cases")]),
    (
        branch(Condition(of="answer", part="q", one_of=("1", "7"))),
        "“q” has no key 7, so this never holds by it.",
        [("b", "cases.0.when.one_of", "unknown_key")],
    ),
    (
        branch(Condition(of="language", one_of=("en", "de"))),
        "This survey is not asked in de.",
        [("b", "cases.0.when.one_of", "unknown_language")],
    ),
]  # fmt: skip


@pytest.mark.parametrize(
    ("checked", "sentence", "expected"), CASES, ids=[f"{n}-{case[2][0][2]}" for n, case in enumerate(CASES)]
)
def test_a_problem_is_named_in_its_place(checked: Script, sentence: str, expected: Found) -> None:
    problems = checking.problems(checked, HEARD)
    assert sentence in [one.text for one in problems]
    assert found(checked) == expected
    errors = [code for _, _, code in expected if code in ERRORS]
    assert checking.can_publish(problems) == (not errors)


def test_every_problem_of_the_catalogue_is_shown_here() -> None:
    assert {code for _, _, expected in CASES for _, _, code in expected} == {*ERRORS, *WARNINGS}
    assert not set(ERRORS) & set(WARNINGS)


def test_sentences_read_as_sentences() -> None:
    for sentence in (*ERRORS.values(), *WARNINGS.values()):
        assert sentence[0].isupper() or sentence[0] == "“"
        assert sentence.endswith(".")
        assert "!" not in sentence


def test_a_good_script_has_no_problems() -> None:
    assert checking.problems(TWELVE, PROMPTS) == []


def test_key_nine_of_a_number_is_no_problem() -> None:
    keys = tuple(Key(key=str(n), value=float(n)) for n in range(10))
    assert found(script(NPS, THANKS)) == []
    assert found(asked(kind="nps_key", measure="nps", keys=keys)) == []


def test_a_measure_asked_on_two_ways_apart_is_no_problem() -> None:
    by_tier = Branch(id="b", cases=(Case(when=Condition(of="tier", one_of=("gold",)), next="other"),))
    one = Question(id="one", kind="nps", measure="nps", next="thanks", **BY)
    other = Question(id="other", kind="nps", measure="nps", **BY)
    assert found(script(by_tier, one, other, THANKS)) == []


def test_an_end_that_was_chosen_needs_no_thanks() -> None:
    assert found(asked(keys=(Key(key="1", next=END), Key(key="2")))) == []


def test_one_ring_is_one_problem() -> None:
    ring = script(Q, SAID, Question(id="two", keys=TWO, next="said", **BY))
    assert found(ring) == [("said", "next", "endless")]


def test_numbers_in_sentences_are_plain() -> None:
    assert problem("wait_out_of_range", "q", "seconds", low=0.5, high=30.0).values == {"low": "0.5", "high": "30"}
