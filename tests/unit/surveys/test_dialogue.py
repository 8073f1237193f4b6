"""Every kind of part, and everything a caller can do in it."""

from __future__ import annotations

import pytest

from cxcall.surveys.dialogue import (
    MOST_VISITS,
    Digit,
    Done,
    Facts,
    Given,
    Input,
    Listen,
    Record,
    State,
    Timeout,
    begin,
    step,
)
from cxcall.surveys.script import END, Branch, Case, Condition, HandOver, Key, Question, Say
from tests.unit.surveys.talking import (
    GONE,
    HELLO,
    SILENT,
    THANKS,
    WORDS,
    nps,
    only,
    question,
    results,
    said,
    script,
    take,
)

FINISHED = Done(end="finished", prompts=("thanks.prompt",))
GONE_BY = Done(end="hung_up")


def test_a_script_without_parts_is_over_at_once() -> None:
    here = begin(script(), Facts())
    assert here.command == Done(end="finished")
    assert here.state.over


def test_a_said_part_is_heard_without_waiting_for_a_key() -> None:
    assert take(script(HELLO, THANKS)).command == Listen(part="hello", prompts=("hello.prompt",), seconds=0.0)


@pytest.mark.parametrize("happened", [SILENT, Digit("3"), Digit("9"), Digit("#")])
def test_a_said_part_goes_on_when_it_is_over_or_cut_short(happened: Input) -> None:
    here = take(script(HELLO, THANKS), happened)
    assert here.command == FINISHED
    assert here.state.given == ()


def test_a_said_part_without_a_prompt_is_passed_by() -> None:
    assert take(script(Say(id="empty"), THANKS)).command == FINISHED


def test_hanging_up_in_a_said_part_leaves_no_answer() -> None:
    here = take(script(HELLO, question(), THANKS), GONE)
    assert here.command == GONE_BY
    assert here.state.given == ()


def test_a_question_is_asked_and_waits() -> None:
    assert take(script(question(seconds=7.5))).command == Listen(part="q", prompts=("q.prompt",), seconds=7.5)


def test_a_key_of_the_question_answers_it() -> None:
    here = take(script(question(), THANKS), "4")
    assert only(here) == Given(part="q", result="answered", keys="4", value=4.0)
    assert here.command == FINISHED


def test_a_key_without_a_value_answers_and_counts_nothing() -> None:
    here = take(script(question(keys="*"), THANKS), "*")
    assert only(here) == Given(part="q", result="answered", keys="*", value=None)


def test_a_key_may_have_a_way_of_its_own() -> None:
    keys = (Key(key="1", next="thanks"), Key(key="2"))
    asked = script(Question(id="q", keys=keys), WORDS, THANKS)
    assert take(asked, "1").command == FINISHED
    assert take(asked, "2").command == Record(part="words", prompts=("words.prompt",), seconds=30, silence=3, beep=True)


def test_a_wrong_key_is_told_and_the_question_asked_again() -> None:
    here = take(script(question(), THANKS), "7")
    assert here.command == Listen(part="q", prompts=("wrong", "q.prompt"), seconds=6.0)
    assert here.state.tries == 2
    assert here.state.given == ()


def test_silence_is_told_and_the_question_asked_again() -> None:
    here = take(script(question(), THANKS), SILENT)
    assert here.command == Listen(part="q", prompts=("silent", "q.prompt"), seconds=6.0)


def test_prompts_that_are_not_set_are_left_out() -> None:
    asked = script(question(prompt="", wrong_key_prompt="", no_input_prompt=""), THANKS)
    assert take(asked, SILENT).command == Listen(part="q", prompts=(), seconds=6.0)


def test_an_answer_after_a_wrong_key_says_which_try_it_was() -> None:
    assert only(take(script(question(), THANKS), "7", SILENT, "2")).tries == 3


@pytest.mark.parametrize(
    ("happened", "result", "keys"),
    [
        ((SILENT, SILENT, SILENT), "no_input", ""),
        (("7", "8", "0"), "wrong_key", "0"),
        (("7", SILENT, SILENT), "no_input", ""),
        ((SILENT, SILENT, "7"), "wrong_key", "7"),
    ],
)
def test_when_the_tries_are_used_up_the_last_one_says_why_and_it_goes_on(
    happened: tuple[str | Input, ...], result: str, keys: str
) -> None:
    here = take(script(question(retries=2), THANKS), *happened)
    assert results(here.state) == [("q", result, keys, None)]
    assert only(here).tries == 3
    assert here.command == FINISHED


def test_without_retries_one_wrong_key_is_the_end_of_the_question() -> None:
    assert only(take(script(question(retries=0), THANKS), "7")).result == "wrong_key"


def test_the_skip_key_goes_on_without_an_answer() -> None:
    here = take(script(question(skip_key="0"), THANKS), "0")
    assert only(here) == Given(part="q", result="skipped", keys="0")
    assert here.command == FINISHED


def test_a_key_that_answers_is_not_a_skip_key() -> None:
    assert only(take(script(question(skip_key="5"), THANKS), "5")).value == 5.0


def test_the_opt_out_key_ends_the_survey_with_its_prompt() -> None:
    here = take(script(question(), WORDS, THANKS), "9")
    assert only(here) == Given(part="q", result="opted_out", keys="9")
    assert here.command == Done(end="opted_out", prompts=("bye",))


def test_the_opt_out_key_answers_where_the_question_uses_it() -> None:
    assert only(take(script(question(keys="0123456789", kind="nps_key"), THANKS), "9")).value == 9.0


def test_without_an_opt_out_key_nine_is_a_wrong_key() -> None:
    assert take(script(question(), THANKS, opt_out_key=""), "9").command.prompts == ("wrong", "q.prompt")


def test_hanging_up_in_a_question_leaves_it_unanswered() -> None:
    here = take(script(question(), THANKS), SILENT, GONE)
    assert only(here) == Given(part="q", result="hung_up", tries=2)
    assert here.command == GONE_BY


def test_an_answer_given_before_hanging_up_stays() -> None:
    here = take(script(question("one"), question("two"), THANKS), "5", GONE)
    assert results(here.state) == [("one", "answered", "5", 5.0), ("two", "hung_up", "", None)]


@pytest.mark.parametrize(
    ("happened", "keys", "value"),
    [
        (("10",), "10", 10.0),
        (("1", SILENT), "1", 1.0),
        (("1#",), "1", 1.0),
        (("0", SILENT), "0", 0.0),
        (("7#",), "7", 7.0),
        (("9", SILENT), "9", 9.0),
        (("07",), "7", 7.0),
        (("00",), "0", 0.0),
    ],
)
def test_a_number_ends_by_hash_by_a_pause_or_with_its_second_digit(
    happened: tuple[str | Input, ...], keys: str, value: float
) -> None:
    here = take(script(nps(), THANKS), *happened)
    assert results(here.state) == [("nps", "answered", keys, value)]
    assert here.command == FINISHED


@pytest.mark.parametrize("digit", list("0123456789"))
def test_the_first_digit_waits_for_a_pause_without_a_prompt(digit: str) -> None:
    here = take(script(nps(pause=1.5), THANKS), digit)
    assert here.command == Listen(part="nps", prompts=(), seconds=1.5)
    assert here.state.given == ()


@pytest.mark.parametrize("keys", ["11", "75", "99", "1*", "#", "*"])
def test_what_is_no_number_up_to_ten_is_a_wrong_key(keys: str) -> None:
    here = take(script(nps(), THANKS), keys)
    assert here.command == Listen(part="nps", prompts=("wrong", "nps.prompt"), seconds=6.0)
    assert here.state.keys == ""


def test_after_a_wrong_number_the_right_one_counts_alone() -> None:
    assert results(take(script(nps(), THANKS), "75", "10").state) == [("nps", "answered", "10", 10.0)]


def test_a_number_can_be_skipped_before_its_first_digit_only() -> None:
    asked = script(nps(skip_key="*"), THANKS)
    assert only(take(asked, "*")).result == "skipped"
    assert take(asked, "1*").state.given == ()


def test_an_opt_out_key_that_is_no_digit_works_in_a_number_too() -> None:
    assert only(take(script(nps(), THANKS, opt_out_key="*"), "*")).result == "opted_out"


def test_keys_of_a_number_give_it_another_value_and_way() -> None:
    asked = script(nps(keys=(Key(key="10", value=9.5, next="thanks"),)), WORDS, THANKS)
    here = take(asked, "10")
    assert only(here).value == 9.5
    assert here.command == FINISHED


@pytest.mark.parametrize(("digit", "result", "value"), [("7", "answered", 7.0), ("1", "hung_up", None)])
def test_a_digit_before_the_hang_up_counts_unless_it_might_have_become_ten(
    digit: str, result: str, value: float | None
) -> None:
    here = take(script(nps(), THANKS), digit, GONE)
    assert results(here.state) == [("nps", result, digit, value)]
    assert here.command == GONE_BY


def test_a_comment_is_recorded() -> None:
    here = take(script(WORDS, THANKS))
    assert here.command == Record(part="words", prompts=("words.prompt",), seconds=30, silence=3, beep=True)


@pytest.mark.parametrize(
    ("seconds", "ended_by", "result"),
    [
        (12.0, "key", "answered"),
        (30.0, "limit", "answered"),
        (6.0, "silence", "answered"),
        (1.0, "hang_up", "answered"),
        (0.9, "hang_up", "hung_up"),
        (0.2, "key", "skipped"),
        (1.02, "silence", "no_input"),
        (0.0, "limit", "no_input"),
    ],
)
def test_a_comment_counts_when_something_was_said(seconds: float, ended_by: str, result: str) -> None:
    here = take(script(WORDS, THANKS), said(seconds, ended_by))
    assert only(here) == Given(part="words", result=result, seconds=seconds)  # type: ignore[arg-type]  # a word of Result
    assert here.command == (GONE_BY if ended_by == "hang_up" else FINISHED)


def test_a_comment_that_could_not_be_recorded_is_no_comment() -> None:
    assert only(take(script(WORDS, THANKS), SILENT)).result == "no_input"
    assert only(take(script(WORDS, THANKS), GONE)).result == "hung_up"


def test_a_caller_is_handed_over() -> None:
    over = HandOver(id="over", prompt="over.prompt", to="queue", target="support")
    assert take(script(over)).command == Done(end="handed_over", prompts=("over.prompt",), to="queue", target="support")


def test_branches_are_gone_through_without_being_heard() -> None:
    low = Branch(id="low", cases=(Case(when=Condition(of="answer", part="q", at_most=2), next="gold"),), next=END)
    gold = Branch(id="gold", cases=(Case(when=Condition(of="tier", one_of=("gold",)), next="thanks"),))
    asked = script(question(), low, gold, WORDS, THANKS)
    assert take(asked, "5").command == Done(end="finished")
    assert take(asked, "2").state.part == "words"
    here = take(asked, "2", facts=Facts(tier="gold"))
    assert here.command == FINISHED
    assert here.state.path == ("q", "low", "gold", "thanks")


def test_a_way_to_nowhere_ends_the_survey() -> None:
    assert take(script(question(next="gone"), THANKS), "5").command == Done(end="finished")


def test_branches_in_a_ring_end() -> None:
    ring = (Branch(id="a", next="b"), Branch(id="b", next="a"))
    assert take(script(*ring)).command == Done(end="finished")


def test_a_question_that_leads_to_itself_ends() -> None:
    here = take(script(question(next="q")), "5" * 10)
    assert len(here.state.given) == MOST_VISITS
    assert here.command == Done(end="finished")


def test_after_the_end_nothing_happens_any_more() -> None:
    asked = script(question(), THANKS)
    here = take(asked, "9")
    for happened in (SILENT, GONE, Digit("1"), said(3)):
        after = step(asked, Facts(), here.state, happened)
        assert (after.state, after.command) == (here.state, Done(end="opted_out"))


def test_a_state_of_another_script_ends() -> None:
    assert step(script(THANKS), Facts(), State(part="elsewhere"), Timeout()).command == Done(end="finished")


def test_a_step_can_be_taken_again() -> None:
    asked = script(question(), THANKS)
    here = begin(asked, Facts())
    assert step(asked, Facts(), here.state, Digit("3")) == step(asked, Facts(), here.state, Digit("3"))
