"""The survey a site begins with."""

from __future__ import annotations

import re

from cxcall.surveys import checking, estimate, template
from cxcall.surveys.script import read, write
from cxcall.surveys.steps import Done
from tests.unit.surveys.talking import SILENT, results, said, take

READY = template.default_script()


def test_it_can_be_published_once_its_prompts_are_made() -> None:
    assert checking.problems(READY, {name: texts.keys() for name, texts in template.PROMPTS.items()}) == []


def test_each_of_its_prompts_has_words_in_each_language_and_no_other_is_kept() -> None:
    assert READY.prompts() == set(template.PROMPTS)
    for texts in template.PROMPTS.values():
        assert set(texts) == set(READY.languages)


def test_its_words_can_be_spoken_in_their_language() -> None:
    for texts in template.PROMPTS.values():
        assert not re.search(r"[0-9۰-۹#*]", texts["fa"] + texts["en"])
        assert not re.search(r"[A-Za-zيك]", texts["fa"])
        assert texts["en"].isascii()
        assert all((text.strip() == text and text.endswith(".")) or text.endswith("؟") for text in texts.values())


def test_a_satisfied_caller_is_thanked() -> None:
    here = take(READY, SILENT, "5", "10", said(9.0))
    assert results(here.state)[:2] == [("csat", "answered", "5", 5.0), ("nps", "answered", "10", 10.0)]
    assert here.command == Done(end="finished", prompts=("survey.thanks",))


def test_an_unhappy_caller_is_offered_a_call_back() -> None:
    for answers in (("1", "5#"), ("4", "2#")):
        here = take(READY, SILENT, *answers, said(0.1))
        assert here.state.part == "offer"
        assert take(READY, SILENT, *answers, said(0.1), "2").command == Done(end="finished", prompts=("survey.thanks",))
        back = take(READY, SILENT, *answers, said(0.1), "1").command
        assert back == Done(end="handed_over", prompts=("survey.call_back",), to="call_back")


def test_it_takes_about_a_minute() -> None:
    spoken = {name: len(texts["en"]) / 14 for name, texts in template.PROMPTS.items()}  # 14 letters a second
    assert 45 <= estimate.seconds(READY, spoken).usual <= 90


def test_its_prompts_are_put_in_by_id() -> None:
    ids = {name: f"id-of-{name}" for name in template.PROMPTS}
    assert template.with_prompts(READY, ids).prompts() == set(ids.values())
    assert template.with_prompts(READY, {}) == READY
    some = template.with_prompts(READY, {"survey.csat": "x"})
    assert some.prompts() == (READY.prompts() - {"survey.csat"}) | {"x"}


def test_it_is_stored_as_json() -> None:
    assert read(write(READY)) == READY
