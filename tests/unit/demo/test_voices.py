import asyncio
import random
import wave
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest

from cxcall.demo import voices as module
from cxcall.demo.phone.sound import strength, tone
from cxcall.demo.voices import Voices, spoken, telephone
from cxcall.prompts.speak import CannotSpeak


def wav(hertz: float, seconds: float, rate: int = 22_050) -> bytes:
    samples = (12_000 * np.sin(np.arange(round(seconds * rate)) * 2 * np.pi * hertz / rate)).astype("<i2")
    out = BytesIO()
    with wave.open(out, "wb") as file:
        file.setparams((1, 2, rate, 0, "NONE", ""))
        file.writeframes(samples.tobytes())
    return out.getvalue()


def test_a_voice_played_faster_is_higher_and_shorter() -> None:
    plain, fast = telephone(wav(500, 1.0), 1.0), telephone(wav(500, 1.0), 1.2)
    assert len(plain) == pytest.approx(8_000, abs=10)
    assert len(fast) == pytest.approx(8_000 / 1.2, abs=10)
    assert strength(plain, 500) > 8_000
    assert strength(fast, 600) > 8_000 > 1_000 > strength(fast, 500)


@pytest.mark.parametrize("bad", [b"", b"RIFF", wav(500, 0.0)])
def test_what_is_no_sound_is_named_so(bad: bytes) -> None:
    with pytest.raises(ValueError, match="speech engine"):
        telephone(bad, 1.0)


async def test_a_talk_is_offered_once_all_of_it_was_said_and_the_next_run_has_it_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    first = next(spoken())

    async def say(text: str) -> bytes:
        said.append(text)
        if len(said) > len(first.lines):
            raise CannotSpeak("The engine is gone.")
        return wav(500, 0.2)

    @asynccontextmanager
    async def engine(*_: object) -> AsyncIterator[Callable[[str], Awaitable[bytes]]]:
        yield say

    monkeypatch.setattr(module, "_engine", engine)
    voices, chance = Voices(tmp_path, ""), random.Random(1)
    assert voices.talk("support", chance) is None
    await asyncio.wait_for(voices.make(), 30)
    assert voices.talk("support", chance) == first
    sounds = voices.sounds(first)
    assert sounds is not None
    assert len(sounds) == len(first.lines)
    assert strength(sounds[0], 595) > strength(tone(500, 0.1), 595)

    again = Voices(tmp_path, "")
    await asyncio.wait_for(again.make(), 30)
    assert again.sounds(first) == sounds
    assert not list(tmp_path.glob("*.part"))
