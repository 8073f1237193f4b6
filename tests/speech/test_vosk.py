"""Vosk: text while somebody speaks, the same text each time, memory that does not grow. Not its words: no test knows
the language of this model."""

from __future__ import annotations

from itertools import pairwise

import psutil
import pytest

from cxcall.speech.engines.engine import EngineError, Heard
from cxcall.speech.engines.vosk import Vosk
from tests.support import spoken

WHOLE = spoken.samples(spoken.prompt("agent-pass")).tobytes()
SOUND = WHOLE[: 2 * 8_000 * 2]
CHUNK = 3_200


def decoded(engine: Vosk, sound: bytes = SOUND) -> tuple[Heard, list[tuple[float, str]]]:
    """The final words, and the partial texts with the second after which they came."""
    decoding, partials = engine.begin(), []
    for at in range(0, len(sound), CHUNK):
        partial = decoding.feed(sound[at : at + CHUNK])
        if partial is not None:
            partials.append((at / 16_000, partial))
    return decoding.finish(), partials


def test_text_comes_while_somebody_speaks_and_changes_at_most_every_400_ms(korean: Vosk) -> None:
    heard, partials = decoded(korean, WHOLE)
    assert heard.text
    assert len(partials) >= 2
    assert all(later[0] - earlier[0] > 0.39 and later[1] != earlier[1] for earlier, later in pairwise(partials))
    assert " ".join(word.word for word in heard.words) == heard.text
    assert all(0 <= word.start <= word.end <= len(WHOLE) / 16_000 + 0.1 for word in heard.words)
    assert heard.confidence is not None
    assert 0 < heard.confidence <= 1


def test_the_same_sound_gives_the_same_words_at_the_same_times_warm_and_cold(korean: Vosk) -> None:
    warm = [decoded(korean)[0] for _ in range(2)]
    taken = [korean.begin() for _ in range(len(korean._free))]
    cold = decoded(korean)[0]
    for decoding in taken:
        decoding.drop()
    assert warm[0] == warm[1] == cold


def test_recognisers_are_used_again_and_two_speakers_never_share_one(korean: Vosk) -> None:
    korean.idle()
    assert len(korean._free) == 1
    one, other = korean.begin(), korean.begin()
    one.feed(SOUND)
    other.feed(bytes(16_000))
    assert one.finish() == decoded(korean)[0]
    other.drop()
    assert len(korean._free) == 2
    with pytest.raises(EngineError, match="has ended"):
        one.feed(SOUND)


def test_an_utterance_that_was_dropped_leaves_nothing_to_the_next(korean: Vosk) -> None:
    before = decoded(korean)[0]
    decoding = korean.begin()
    decoding.feed(SOUND[:20_000])
    decoding.drop()
    assert decoded(korean)[0] == before


def test_pieces_of_any_length_and_both_rates_are_taken(korean: Vosk) -> None:
    decoding = korean.begin()
    for at in range(0, len(SOUND), 4_001):
        decoding.feed(SOUND[at : at + 4_001])
    assert decoding.finish().text == decoded(korean)[0].text
    wide = korean.begin(16_000)
    wide.feed(spoken.samples(spoken.prompt("agent-pass"), 16_000).tobytes()[: 2 * len(SOUND)])
    assert wide.finish().words[-1].end <= len(SOUND) / 16_000 + 0.1
    assert korean.begin().finish() == Heard(text="")


def test_two_hundred_short_utterances_do_not_fill_the_memory(korean: Vosk) -> None:
    process = psutil.Process()
    decoded(korean)
    before = process.memory_info().rss
    for count in range(200):
        decoded(korean, SOUND[count * 160 : count * 160 + CHUNK // 2])
    grown = (process.memory_info().rss - before) / 1e6
    print(f"{grown:.0f} MB more after 200 utterances, {len(korean._free)} recognisers")
    assert grown < 200
    assert len(korean._free) <= 3


def test_a_recogniser_that_heard_enough_is_retired(korean: Vosk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cxcall.speech.engines.vosk._RETIRED_AFTER", 1.0)
    korean._free.clear()
    decoded(korean)
    assert korean._free == []
