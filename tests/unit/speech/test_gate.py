"""What is a voice and what is none: noise, tones and keys never are, whatever their level."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from cxcall.speech.gate import Gate, Voices
from tests.support.spoken import noise

RATE = 8_000
VOICES = Voices()


def frames(sound: Any) -> list[bytes]:
    data = np.asarray(sound, "<i2").tobytes()
    return [data[at : at + 320] for at in range(0, len(data) - 319, 320)]


def share(sound: Any, gate: Gate | None = None) -> float:
    """How much of the sound counts as a voice."""
    gate = gate or Gate(voices=VOICES)
    verdicts = [gate.voiced(frame) for frame in frames(sound)]
    gate.rest()
    return sum(verdicts) / len(verdicts)


def tones(hertz: tuple[float, ...], seconds: float, level: float = 0.2) -> Any:
    at = np.arange(int(seconds * RATE)) / RATE
    return sum(np.sin(2 * np.pi * one * at) for one in hertz) * level * 32_767 / len(hertz)


@pytest.mark.parametrize("dbfs", [-60, -50, -40, -30, -20])
def test_noise_of_a_line_is_no_voice(dbfs: float) -> None:
    assert share(noise(4, dbfs)) < 0.02


def test_keys_ringing_music_and_silence_are_no_voices() -> None:
    assert share(tones((770, 1336), 2)) < 0.02
    assert share(tones((440, 480), 3)) < 0.02
    assert share(tones((262, 330, 392), 3)) < 0.02
    assert share(np.zeros(3 * RATE)) == 0


def test_what_is_no_louder_than_the_line_is_no_voice_however_sure_the_network_is() -> None:
    class Sure(Voices):
        def borrow(self) -> Any:
            class Yes:
                def process(self, window: Any) -> float:
                    return 1.0

            return Yes()

    gate = Gate(voices=Sure(ready=0))
    assert share(noise(3, -30), gate) < 0.3  # at first nothing is known of the line
    assert share(noise(3, -30, seed=2), gate) == 0
    assert share(noise(1, -15), gate) > 0.8


def test_networks_are_lent_and_come_back() -> None:
    voices = Voices(ready=1, most=2)
    one, other = voices.borrow(), voices.borrow()
    assert one is not None
    assert other is not None
    assert voices.borrow() is None
    voices.give_back(other)
    assert voices.borrow() is other


def test_without_a_free_network_the_cheap_tests_decide() -> None:
    gate = Gate(voices=Voices(ready=0, most=0))
    assert share(noise(2, -60), gate) == 0
    assert share(noise(0.5, -15), gate) > 0.8
    assert share(noise(1, -60), gate) == 0


def test_the_level_is_that_of_the_last_frame() -> None:
    gate = Gate(voices=VOICES)
    gate.voiced(frames(noise(0.02, -30))[0])
    assert gate.level == pytest.approx(-30, abs=1)
    gate.voiced(bytes(320))
    assert gate.level == -90
