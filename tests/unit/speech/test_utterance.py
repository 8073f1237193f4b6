"""Streams cut into utterances, whatever the network and the phone do to them. A voice is loud noise here."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from cxcall.speech.gate import Voices
from cxcall.speech.utterance import Begun, Chunk, Ended, Event, Paused, Utterances
from tests.support.spoken import noise

BEGAN = 1_800_000_000.0
FRAME = 0.02


class Sure(Voices):
    """Networks that believe the tests before them."""

    def borrow(self) -> Any:
        class Yes:
            def process(self, window: Any) -> float:
                return 1.0

        return Yes()


class Line:
    """A phone and the network: pieces of 20 ms go in when they arrive."""

    def __init__(self) -> None:
        self.utterances = Utterances(voices=Sure(ready=0))
        self.now = BEGAN
        self.events: list[tuple[float, Event]] = []

    def send(self, sound: Any, *, pace: float = 1.0) -> Line:
        """Real time, or a phone that is slower by `pace`."""
        data = np.asarray(sound, "<i2").tobytes()
        for at in range(0, len(data), 320):
            self.now += FRAME * pace
            self.take(self.utterances.feed(data[at : at + 320], self.now))
        return self

    def burst(self, sound: Any, after: float) -> Line:
        """Nothing for `after` seconds, then all pieces at once."""
        data = np.asarray(sound, "<i2").tobytes()
        self.now += after
        for at in range(0, len(data), 320):
            self.take(self.utterances.feed(data[at : at + 320], self.now + at * 1e-7))
        return self

    def speak(self, seconds: float, **how: float) -> Line:
        return self.send(noise(seconds, -18, seed=int(self.now * 50) % 1000), **how)

    def quiet(self, seconds: float, **how: float) -> Line:
        return self.send(noise(seconds, -65, seed=3), **how)

    def away(self, seconds: float) -> Line:
        """The phone sends nothing at all."""
        until = self.now + seconds
        while self.now < until:
            self.now = min(until, self.now + 0.05)
            self.take(self.utterances.tick(self.now))
        return self

    def hang_up(self) -> Line:
        self.take(self.utterances.close(self.now))
        return self

    def take(self, events: list[Event]) -> None:
        self.events += [(self.now, event) for event in events]

    def of(self, kind: Any) -> list[Any]:
        return [event for _, event in self.events if isinstance(event, kind)]

    def when(self, kind: Any) -> list[float]:
        return [at - BEGAN for at, event in self.events if isinstance(event, kind)]

    def seconds(self, n: int) -> float:
        return sum(len(chunk.pcm) for chunk in self.of(Chunk) if chunk.n == n) / 16_000


def near(value: float, tolerance: float = 0.07) -> Any:
    return pytest.approx(value, abs=tolerance)


def test_an_utterance_has_300_ms_before_its_voice_and_ends_half_a_second_after_it() -> None:
    line = Line().quiet(2).speak(1.5).quiet(2)
    (begun,), (ended,) = line.of(Begun), line.of(Ended)
    assert begun.n == ended.n == 1
    assert begun.spoke - BEGAN == near(2.0)
    assert begun.spoke - begun.start == near(0.3)
    assert ended.end - BEGAN == near(3.5)
    assert line.when(Ended) == [near(4.0)]
    assert line.when(Paused) == [near(3.7)]
    assert line.seconds(1) == near(0.3 + 1.5 + 0.2)


def test_chunks_come_while_somebody_speaks() -> None:
    line = Line().quiet(1).speak(2)
    assert len(line.of(Chunk)) >= 9
    assert all(len(chunk.pcm) <= 3_200 + 6_400 for chunk in line.of(Chunk))
    assert line.seconds(1) == near(2.3, 0.25)


def test_a_short_pause_is_told_and_belongs_to_the_utterance_when_the_voice_goes_on() -> None:
    line = Line().quiet(1).speak(1).quiet(0.3).speak(1).quiet(1)
    assert [type(event) for event in line.of((Begun, Paused, Ended))] == [Begun, Paused, Paused, Ended]
    assert line.seconds(1) == near(0.3 + 2.3 + 0.2)


def test_nothing_is_given_out_between_a_pause_and_the_end() -> None:
    line = Line().quiet(1).speak(1).quiet(1)
    kinds = [type(event) for _, event in line.events]
    assert kinds[-2:] == [Paused, Ended]


def test_a_phone_that_sends_nothing_in_silence_ends_its_utterances_by_the_clock() -> None:
    line = Line().quiet(1).speak(1).away(5).speak(1).away(3)
    first, second = line.of(Begun)
    assert second.spoke - BEGAN == near(7.0)
    assert line.when(Ended) == [near(2.5, 0.12), near(8.5, 0.12)]
    assert [ended.end - BEGAN for ended in line.of(Ended)] == [near(2.0), near(8.0)]
    assert first.spoke - BEGAN == near(1.0)


def test_a_key_pressed_in_mid_word_leaves_silence_of_its_length() -> None:
    line = Line().quiet(1).speak(1)
    line.now += 0.22
    line.speak(1).quiet(1)
    assert len(line.of(Begun)) == 1
    assert line.of(Ended)[0].end - BEGAN == near(3.22)
    assert line.seconds(1) == near(0.3 + 2.22 + 0.2)


def test_pieces_that_come_late_and_all_at_once_are_no_gap() -> None:
    line = Line().quiet(1).speak(1).burst(noise(0.3, -18, seed=9), after=0.3).speak(0.7).quiet(1)
    assert len(line.of(Begun)) == 1
    assert line.seconds(1) == near(0.3 + 2.0 + 0.2)
    assert line.of(Ended)[0].end - BEGAN == near(3.0)


def test_a_phone_whose_clock_is_one_per_cent_slow_keeps_its_times() -> None:
    line = Line().quiet(60, pace=1.01).speak(2, pace=1.01).quiet(30, pace=1.01).speak(2, pace=1.01).quiet(2, pace=1.01)
    assert [begun.spoke - BEGAN for begun in line.of(Begun)] == [near(60.6, 0.1), near(92.92, 0.1)]
    assert len(line.of(Ended)) == 2


def test_one_more_packet_than_time_has_passed_does_not_push_the_times_ahead() -> None:
    line = Line().quiet(1).away(0.3).burst(noise(0.6, -65), after=0.0).quiet(1).speak(1).quiet(1)
    assert line.of(Begun)[0].spoke - BEGAN == near(2.3, 0.1)


def test_who_speaks_on_and_on_is_cut_at_the_quietest_place_before_25_s() -> None:
    line = Line().quiet(1).speak(22.5).quiet(0.06).speak(6).quiet(1)
    first, second = line.of(Begun)
    assert second.start - BEGAN == near(23.53, 0.12)
    assert line.seconds(1) == near(0.3 + 22.53, 0.15)
    assert line.seconds(1) + line.seconds(2) == near(0.3 + 28.56 + 0.2, 0.15)
    assert first.n + 1 == second.n


def test_the_longer_somebody_speaks_the_shorter_a_pause_may_be() -> None:
    line = Line().quiet(1).speak(18).quiet(0.26).speak(2).quiet(1)
    assert len(line.of(Begun)) == 2
    assert line.seconds(1) == near(18.3 + 0.2, 0.1)


def test_hanging_up_ends_what_is_open_and_a_stream_may_begin_again() -> None:
    line = Line().quiet(1).speak(1).hang_up()
    assert line.of(Ended)[0].end - BEGAN == near(2.0)
    assert not line.utterances.speaking
    line.now += 30
    line.quiet(0.5).speak(1).quiet(1)
    assert line.of(Begun)[1].spoke - BEGAN == near(32.5)


def test_pieces_of_any_length_and_half_samples_are_taken() -> None:
    data = np.asarray(np.concatenate([noise(1, -65), noise(1, -18), noise(1, -65)]), "<i2").tobytes()
    utterances, at = Utterances(voices=Sure(ready=0)), 0
    events: list[Event] = []
    for size in (1, 3, 7, 321, 4_001, 16_000, 2, 9_000, 99_999):
        piece = data[at : at + size]
        at += len(piece)
        events += utterances.feed(piece, BEGAN + at / 16_000)
    events += utterances.close(BEGAN + 3)
    (begun,) = [event for event in events if isinstance(event, Begun)]
    assert begun.spoke - BEGAN == near(1.0)
    assert sum(len(event.pcm) for event in events if isinstance(event, Chunk)) / 16_000 == near(1.5)


def test_a_whole_file_fed_at_once_gives_what_live_pieces_give() -> None:
    sound = np.concatenate([noise(1, -65), noise(1.3, -18), noise(1, -65), noise(0.8, -18), noise(1, -65)])
    live = Line().send(sound)
    at_once = Utterances(voices=Sure(ready=0)).feed(np.asarray(sound, "<i2").tobytes(), BEGAN + 5.1)
    pieces = [event for event in at_once if isinstance(event, Chunk)]
    assert b"".join(chunk.pcm for chunk in live.of(Chunk)) == b"".join(chunk.pcm for chunk in pieces)
    assert [ended.n for ended in live.of(Ended)] == [event.n for event in at_once if isinstance(event, Ended)] == [1, 2]
