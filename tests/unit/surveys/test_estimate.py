"""Seconds a survey takes, worked out by hand."""

from __future__ import annotations

import pytest

from cxcall.surveys.estimate import Estimate, seconds
from cxcall.surveys.script import END, Branch, Case, Condition, Key
from tests.unit.surveys.talking import HELLO, THANKS, WORDS, nps, question, script

PROMPTS = {
    "hello.prompt": 4.0, "q.prompt": 10.0, "nps.prompt": 12.0, "words.prompt": 6.0, "thanks.prompt": 2.0, "wrong": 1.5,
    "silent": 2.0,
}  # fmt: skip


def test_an_empty_survey_takes_no_time() -> None:
    assert seconds(script(), {}) == Estimate(shortest=0.0, usual=0.0, longest=0.0)


def test_prompts_without_a_recording_take_no_time() -> None:
    assert seconds(script(HELLO, THANKS), {}).longest == 0.0


def test_a_question_takes_its_prompt_and_the_time_to_press() -> None:
    # 2 retries: three times 10 + 6, twice the longer of the two prompts before a retry
    assert seconds(script(question()), PROMPTS) == Estimate(shortest=11.0, usual=12.5, longest=52.0)


def test_a_number_takes_its_pause_as_well() -> None:
    took = seconds(script(nps(retries=0)), PROMPTS)
    assert took == Estimate(shortest=13.0, usual=17.0, longest=20.5)


def test_a_comment_takes_up_to_its_limit() -> None:
    assert seconds(script(WORDS), PROMPTS) == Estimate(shortest=7.5, usual=21.5, longest=36.5)


def test_a_survey_takes_all_of_its_parts() -> None:
    took = seconds(script(HELLO, question(), WORDS, THANKS), PROMPTS)
    assert took == Estimate(shortest=24.5, usual=40.0, longest=94.5)


def test_the_shortest_and_the_longest_way_are_found_among_branches() -> None:
    by_tier = Branch(id="b", cases=(Case(when=Condition(of="tier", one_of=("gold",)), next="words"),), next="thanks")
    asked = script(question(keys=(Key(key="1", next=END), Key(key="2")), retries=0), by_tier, WORDS, THANKS)
    took = seconds(asked, PROMPTS)
    assert took.shortest == 11.0
    assert took.usual == 14.5
    assert took.longest == pytest.approx(16.0 + 36.5 + 2.0)


def test_a_draft_that_goes_in_a_ring_is_passed_once() -> None:
    took = seconds(script(HELLO, question(next="hello")), PROMPTS)
    assert took == Estimate(shortest=15.0, usual=16.5, longest=56.0)
