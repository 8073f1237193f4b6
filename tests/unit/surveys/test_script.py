"""The form a script is stored and sent in."""

from __future__ import annotations

import msgspec
import pytest

from cxcall.surveys.script import END, MOST_PARTS, Question, Say, Script, Thank, read, write
from tests.unit.surveys.scripts import TWELVE


def test_what_is_written_is_read() -> None:
    assert read(write(TWELVE)) == TWELVE


@pytest.mark.parametrize(
    "text",
    [
        '{"parts":[{"type":"song","id":"a"}]}',
        '{"parts":[{"type":"say"}]}',
        '{"parts":[{"type":"say","id":"a","loud":true}]}',
        '{"parts":[{"type":"question","id":"a","retries":"two"}]}',
        '{"colour":"red"}',
        "[]",
        "{",
        '{"parts":[' + ",".join(['{"type":"thank","id":"t"}'] * (MOST_PARTS + 1)) + "]}",
    ],
)
def test_what_is_no_script_is_refused_in_words(text: str) -> None:
    with pytest.raises((msgspec.ValidationError, msgspec.DecodeError), match=r"\w+"):
        read(text)


def test_a_part_goes_on_to_its_next_or_to_the_card_below() -> None:
    script = Script(parts=(Say(id="a"), Question(id="b", next="a"), Say(id="c", next=END), Thank(id="d"), Say(id="e")))
    assert [script.goes_on(part) for part in script.parts] == ["b", "a", END, END, END]


def test_prompts_that_can_be_heard_are_listed_once() -> None:
    question = Question(id="q", prompt="a", wrong_key_prompt="b", no_input_prompt="b")
    script = Script(parts=(Say(id="s", prompt="a"), question, Thank(id="t")), opt_out_prompt="c")
    assert script.prompts() == {"a", "b", "c"}
