"""What a transcript has already is not written down twice, and what was cut off gives way to the whole."""

from __future__ import annotations

from cxcall.media.reading import Known
from cxcall.speech.transcript import Speaker, Turn


def turn(n: int, start: float, end: float, speaker: Speaker = "customer", agent: str = "") -> Turn:
    return Turn(n=n, speaker=speaker, start=start, end=end, text="words", agent=agent)


def test_a_turn_at_the_same_time_of_the_same_speaker_is_known() -> None:
    known = Known([turn(1, 10.0, 13.0)])
    assert known.has(turn(0, 9.8, 13.2))
    assert not known.has(turn(0, 14.0, 15.0))
    assert not known.has(turn(0, 10.0, 13.0, "agent"))


def test_pieces_of_a_turn_that_was_cut_off_give_way_to_it_and_their_numbers_are_not_used_again() -> None:
    known = Known([turn(1, 0.0, 2.0), turn(2, 4.6, 5.1), turn(3, 6.9, 7.4), turn(4, 5.0, 5.5, "agent", "PJSIP/1")])
    whole = turn(0, 4.5, 7.4)
    pieces = known.pieces(whole)
    assert [piece.n for piece in pieces] == [2, 3]
    known.put(turn(2, 4.5, 7.4), pieces)
    assert known.has(whole)
    assert known.last_n == 4
    known.put(turn(5, 20.0, 21.0))
    assert known.last_n == 5


def test_another_agents_words_are_no_piece() -> None:
    known = Known([turn(1, 5.0, 5.5, "agent", "PJSIP/1")])
    assert known.pieces(turn(0, 4.0, 8.0, "agent", "PJSIP/2")) == []
    assert [piece.n for piece in known.pieces(turn(0, 4.0, 8.0, "agent", "PJSIP/1"))] == [1]
