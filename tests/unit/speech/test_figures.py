"""Figures of a talk, from turns whose times are given."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxcall.speech.conversation import blocks, both, cut, order, union
from cxcall.speech.figures import Figures, figures
from cxcall.speech.transcript import Speaker, Turn


def said(n: int, who: Speaker, start: float, end: float, text: str = "a b c d", agent: str = "") -> Turn:
    return Turn(n=n, speaker=who, start=start, end=end, text=text, agent=agent)


def test_turns_are_read_by_when_they_began_whatever_their_number() -> None:
    read = order([said(1, "agent", 4, 5), said(2, "customer", 0, 9), said(3, "agent", 9, 10)])
    assert [turn.n for turn in read] == [2, 1, 3]


def test_turns_of_one_speaker_with_a_short_pause_read_as_one() -> None:
    read = blocks([said(1, "agent", 0, 2, "good"), said(2, "agent", 2.8, 4, "morning"), said(3, "agent", 5, 6)])
    assert [(block.n, block.text) for block in read] == [(1, "good morning"), (3, "a b c d")]
    assert (read[0].start, read[0].end) == (0, 4)


def test_turns_are_not_joined_over_a_word_of_the_other() -> None:
    read = blocks([said(1, "agent", 0, 2), said(2, "customer", 2.1, 2.4, "yes"), said(3, "agent", 2.6, 4)])
    assert [block.n for block in read] == [1, 2, 3]


def test_two_agents_are_two_voices() -> None:
    read = blocks([said(1, "agent", 0, 2, agent="PJSIP/1"), said(2, "agent", 2.2, 4, agent="PJSIP/2")])
    assert len(read) == 2


def test_a_block_knows_how_long_it_was_talked_over() -> None:
    read = blocks([said(1, "customer", 0, 10), said(2, "agent", 8, 12)])
    assert [block.over for block in read] == [2, 2]


def test_talk_share_is_the_agents_part_of_both() -> None:
    seen = figures([said(1, "agent", 0, 30), said(2, "customer", 30, 40)])
    assert seen.talk_share == 0.75
    assert (seen.agent.seconds, seen.customer.seconds) == (30, 10)


def test_speech_that_overlaps_itself_counts_once() -> None:
    seen = figures([said(1, "agent", 0, 10), said(2, "agent", 5, 10), said(3, "customer", 10, 20)])
    assert seen.talk_share == 0.5


def test_silence_is_both_quiet_for_more_than_three_seconds() -> None:
    seen = figures([said(1, "agent", 0, 2), said(2, "customer", 5, 6), said(3, "agent", 10, 12)])
    assert seen.silence.spans == ((6, 10),)  # 2 to 5 is three seconds and no more
    assert (seen.silence.count, seen.silence.longest, seen.silence.seconds) == (1, 4, 4)
    assert seen.silence.share == pytest.approx(4 / 12, abs=1e-4)


def test_hold_and_what_was_not_heard_are_no_silence() -> None:
    turns = [said(1, "agent", 0, 2), said(2, "customer", 60, 62)]
    seen = figures(turns, held=[(3, 40)], missing=[(40, 58)])
    assert seen.silence.count == 0
    assert seen.talk == 62 - 55


def test_a_talk_that_begins_with_nothing_said_has_that_silence_too() -> None:
    seen = figures([said(1, "agent", 5, 6)], talk=(0, 10))
    assert seen.silence.spans == ((0, 5), (6, 10))
    assert seen.silence.share == 0.9


def test_an_unknown_speaker_breaks_the_silence_and_counts_nowhere_else() -> None:
    seen = figures([said(1, "agent", 0, 2), said(2, "unknown", 4, 6), said(3, "customer", 8, 9)])
    assert seen.silence.count == 0
    assert seen.talk_share == pytest.approx(2 / 3, abs=1e-4)


def test_talking_over_each_other_counts_beyond_half_a_second() -> None:
    turns = [said(1, "agent", 0, 5), said(2, "customer", 4.5, 8), said(3, "agent", 7, 9)]
    seen = figures(turns)
    assert seen.overlap.spans == ((7, 8),)
    assert seen.overlap.seconds == 1


def test_an_interruption_is_who_began_with_more_than_a_second_of_the_other_to_go() -> None:
    turns = [
        said(1, "customer", 0, 10),
        said(2, "agent", 4, 5),
        said(3, "agent", 9, 12),  # one second to go: not more
        said(4, "customer", 10.9, 14),
    ]
    seen = figures(turns)
    assert (seen.agent.interruptions, seen.customer.interruptions) == (1, 1)


def test_pace_is_words_a_minute_of_own_speech() -> None:
    seen = figures([said(1, "agent", 0, 30, "word " * 60), said(2, "customer", 40, 41, "")])
    assert seen.agent.pace == 120
    assert seen.customer.pace == 0


def test_a_talk_of_nothing_has_figures_of_nothing() -> None:
    seen = figures([])
    assert (seen.talk, seen.talk_share, seen.silence.share, seen.agent.pace) == (0, None, None, None)
    assert msgspec.convert(msgspec.to_builtins(seen), Figures) == seen


spans = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), max_size=8)


@given(spans, spans)
def test_span_arithmetic_agrees_with_counting_seconds(one: list[tuple[int, int]], other: list[tuple[int, int]]) -> None:
    def seconds(of: Iterable[tuple[float, float]]) -> set[int]:
        return {second for start, end in of for second in range(int(start), int(end))}

    assert seconds(union(one)) == seconds(one)
    assert seconds(both(one, other)) == seconds(one) & seconds(other)
    assert seconds(cut(one, other)) == seconds(one) - seconds(other)


@given(
    st.lists(st.tuples(st.sampled_from(["agent", "customer", "unknown"]), st.floats(0, 90), st.floats(0, 20))), spans
)
def test_shares_are_shares_whatever_was_said(
    drawn: list[tuple[Speaker, float, float]], held: list[tuple[int, int]]
) -> None:
    turns = [said(n, who, start, start + long) for n, (who, start, long) in enumerate(drawn, 1)]
    seen = figures(turns, held=held)
    assert seen.talk_share is None or 0 <= seen.talk_share <= 1
    assert seen.silence.share is None or 0 <= seen.silence.share <= 1
    assert sorted(turn.n for block in blocks(turns) for turn in block.turns) == [turn.n for turn in turns]
