"""When a sentence a caller is asked for is over, whatever they do."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from cxcall.speech.sentence import NOTHING_S, QUIET_S, TEXT_S, Heard, Sentence


def test_who_says_nothing_is_not_waited_for() -> None:
    one = Sentence()
    assert one.over(NOTHING_S - 0.01) is None
    assert one.over(NOTHING_S) == Heard(why="silence")


def test_who_still_speaks_is_heard_out() -> None:
    one = Sentence()
    one.begun(1)
    assert one.over(60.0) is None
    one.ended(1, 60.0)
    one.heard(1, " where is my order ")
    assert one.over(60.1) is None
    over = one.over(60.0 + QUIET_S)
    assert over == Heard(why="said", text="where is my order", ms=QUIET_S * 1000)


def test_what_is_understood_is_not_waited_for() -> None:
    one = Sentence()
    one.begun(1)
    one.ended(1, 2.0)
    one.heard(1, "where is my order")
    one.sure = True
    assert one.over(2.1) == Heard(why="said", text="where is my order", ms=100.0)


def test_two_utterances_are_one_sentence_and_their_texts_may_come_late_and_in_disorder() -> None:
    one = Sentence()
    one.begun(1)
    one.ended(1, 1.0)
    one.begun(2)
    one.ended(2, 3.0)
    one.heard(2, "where is my order")
    assert one.over(3.2) is None
    one.heard(1, "hello")
    over = one.over(3.0 + QUIET_S)
    assert over is not None
    assert over.text == "hello where is my order"


def test_a_text_that_does_not_come_in_time_is_given_up() -> None:
    one = Sentence()
    one.begun(1)
    one.ended(1, 2.0)
    assert one.over(2.0 + TEXT_S - 0.01) is None
    over = one.over(2.0 + TEXT_S)
    assert over is not None
    assert over.why == "late"


def test_a_cough_is_no_answer_yet_and_an_engine_that_breaks_is_no_silence() -> None:
    cough, broken = Sentence(), Sentence()
    for one in (cough, broken):
        one.begun(1)
        one.ended(1, 1.0)
    cough.heard(1, "")
    assert cough.over(1.0 + QUIET_S) is None
    assert cough.over(1.0 + NOTHING_S) == Heard(why="silence", ms=NOTHING_S * 1000)
    broken.failed(1)
    over = broken.over(1.0 + NOTHING_S)
    assert over is not None
    assert over.why == "failed"


def test_who_hangs_up_is_gone_and_what_they_said_before_counts() -> None:
    silent, spoke = Sentence(), Sentence()
    silent.closed(1.0)
    assert silent.over(1.0) == Heard(why="gone")
    spoke.begun(1)
    spoke.ended(1, 1.5)
    spoke.closed(1.5)
    assert spoke.over(1.6) is None
    spoke.heard(1, "cancel it")
    over = spoke.over(1.7)
    assert over is not None
    assert (over.why, over.text) == ("said", "cancel it")


@given(st.lists(st.sampled_from(["begun", "ended", "heard", "empty", "failed", "closed"]), max_size=12))
def test_whatever_happens_it_is_over_soon_after_the_last_voice(happens: list[str]) -> None:
    one, now, n = Sentence(), 0.0, 0
    for what in happens:
        now += 0.2
        if what == "begun":
            n += 1
            one.begun(n)
        elif what == "ended" and n:
            one.ended(n, now)
        elif what in ("heard", "empty") and n:
            one.heard(n, "" if what == "empty" else "words")
        elif what == "failed" and n:
            one.failed(n)
        elif what == "closed":
            one.closed(now)
    for each in range(1, n + 1):
        one.ended(each, now)
    assert one.over(now + max(NOTHING_S, TEXT_S)) is not None
