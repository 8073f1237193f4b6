"""Every path of a branching survey, walked."""

from __future__ import annotations

import pytest

from cxcall.surveys import checking, template
from cxcall.surveys.dialogue import Facts, Input, begin, step
from cxcall.surveys.script import END, Branch, Comment, Question, Script
from cxcall.surveys.steps import Done, State
from cxcall.surveys.walking import paths
from tests.unit.surveys.scripts import PROMPTS, TWELVE
from tests.unit.surveys.talking import GONE, SILENT, THANKS, nps, question, results, script

CALLS = (
    Facts(language="fa", queue="support"),
    Facts(language="en", queue="sales"),
    Facts(tier="gold", language="fa", queue="sales"),
)


def test_the_survey_walked_here_can_be_published() -> None:
    assert len(TWELVE.parts) == 12
    assert checking.problems(TWELVE, PROMPTS) == []


def test_every_part_and_every_way_of_twelve_parts_is_walked() -> None:
    reached: set[str] = set()
    turns: set[tuple[str, str]] = set()
    ends: set[str] = set()
    for facts in CALLS:
        for happened, done in paths(TWELVE, facts, most=10**6):
            state = _after(TWELVE, facts, happened)
            reached.update(state.path)
            turns.update(zip(state.path, (*state.path[1:], done.end), strict=True))
            ends.add(done.end)
            _is_sound(TWELVE, state, done)
    assert reached == {part.id for part in TWELVE.parts}
    assert ends == {"finished", "hung_up", "opted_out", "handed_over"}
    assert turns >= {
        ("by_csat", "why"), ("by_csat", "ease"), ("by_csat", "nps"), ("why", "comment"), ("why", "ease"),
        ("why", "solved"), ("by_language", "solved"), ("by_language", "comment"), ("solved", "thanks"),
        ("solved", "by_queue"), ("by_queue", "back"), ("by_queue", "finished"),
    }  # fmt: skip


def test_the_ready_survey_is_walked_to_every_end() -> None:
    ready = template.default_script()
    walked = list(paths(ready, Facts()))
    for happened, done in walked:
        _is_sound(ready, _after(ready, Facts(), happened), done)
    assert {done.to for _, done in walked} == {"", "call_back"}


def test_a_question_is_left_in_every_way_there_is() -> None:
    asked = script(question(keys="12", skip_key="0", retries=0), THANKS)
    left = [results(_after(asked, Facts(), happened))[0][1:] for happened, _ in paths(asked, Facts())]
    assert left == [
        ("answered", "1", 1.0),
        ("answered", "2", 2.0),
        ("skipped", "0", None),
        ("opted_out", "9", None),
        ("no_input", "", None),
        ("wrong_key", "#", None),
        ("hung_up", "", None),
    ]


def test_a_number_is_answered_in_eleven_ways() -> None:
    asked = script(nps(), THANKS)
    answers = [results(_after(asked, Facts(), happened))[0] for happened, _ in paths(asked, Facts())]
    assert [value for _, result, _, value in answers if result == "answered"] == list(map(float, range(11)))
    assert [result for _, result, _, _ in answers][11:] == ["no_input", "wrong_key", "hung_up"]


def test_a_question_that_every_key_answers_has_no_wrong_one() -> None:
    asked = script(question(keys="0123456789*#", retries=0))
    assert len(list(paths(asked, Facts()))) == 12 + len((SILENT, GONE))


def test_no_more_paths_than_asked_for_are_walked() -> None:
    assert len(list(paths(TWELVE, Facts(), most=7))) == 7
    assert list(paths(TWELVE, Facts(), most=0)) == []


@pytest.mark.parametrize(
    "ring", [script(question(next="q", retries=0)), script(question("a"), question("b", next="a"))]
)
def test_walking_a_ring_ends(ring: Script) -> None:
    assert all(done.end for _, done in paths(ring, Facts(), most=500))


def _after(asked: Script, facts: Facts, happened: tuple[Input, ...]) -> State:
    here = begin(asked, facts)
    for one in happened:
        assert not here.state.over
        here = step(asked, facts, here.state, one)
    assert here.state.over
    return here.state


def _is_sound(asked: Script, state: State, done: Done) -> None:
    """Each question on the path left one Given, in its order; where it went on, a way of the script led."""
    asks = [one for one in state.path if isinstance(asked.part(one), Question | Comment)]
    assert [given.part for given in state.given] == asks
    assert done.end == state.end
    for here, there in zip(state.path, (*state.path[1:], END), strict=True):
        part = asked.part(here)
        if isinstance(part, Branch):
            assert there in {*(case.next for case in part.cases), asked.goes_on(part)}
