"""Whisper on recorded English as a telephone gives it: right words, the same each time, none where nobody speaks."""

from __future__ import annotations

import numpy as np
import pytest

from cxcall.speech.engines.engine import Heard
from cxcall.speech.engines.whisper import Whisper
from cxcall.speech.utterance import Begun, Chunk, Ended, Event, Paused, Utterances
from tests.support import spoken
from tests.support.spoken import Samples

PAUSE = 0.9


def heard(engine: Whisper, sound: Samples) -> list[tuple[Begun, Ended, Heard]]:
    """Through the gate in pieces of 20 ms, then decoded, with a pause told as live."""
    utterances, data = Utterances(), sound.tobytes()
    events: list[Event] = []
    for at in range(0, len(data), 320):
        events += utterances.feed(data[at : at + 320], (at + 320) / 16_000)
    events += utterances.close(len(data) / 16_000)
    found, decoding, begun = [], engine.begin(), None
    for place, event in enumerate(events):
        if isinstance(event, Begun):
            begun, decoding = event, engine.begin()
        elif isinstance(event, Chunk):
            decoding.feed(event.pcm)
        elif isinstance(event, Paused) and isinstance(events[place + 1], Ended):
            decoding.pause()
        elif isinstance(event, Ended) and begun is not None:
            found.append((begun, event, decoding.finish()))
    return found


def talk(prompts: list[spoken.Prompt], bed: float) -> tuple[Samples, list[tuple[float, float]]]:
    """The prompts one after the other over a line's noise, and when each is said."""
    pieces, spans, at = [np.zeros(8_000, np.int16)], [], 1.0
    for prompt in prompts:
        sound = spoken.samples(prompt)
        spans.append((at, at + len(sound) / 8_000))
        pieces += [sound, np.zeros(int(PAUSE * 8_000), np.int16)]
        at = spans[-1][1] + int(PAUSE * 8_000) / 8_000
    whole = np.concatenate(pieces).astype(np.int32)
    whole += spoken.noise(len(whole) / 8_000 + 0.1, bed)[: len(whole)]
    return whole.clip(-32_768, 32_767).astype(np.int16), spans


@pytest.mark.parametrize("bed", [-70, -50])
def test_few_words_of_a_talk_are_wrong_and_each_is_where_it_was_said(english: Whisper, bed: float) -> None:
    prompts = [one for one in spoken.prompts(60)[::4] if len(one.text) < 120]
    sound, spans = talk(prompts, bed)
    found = heard(english, sound)
    wrong = said = 0
    for prompt, (start, end) in zip(prompts, spans, strict=True):
        here = [text.text for begun, ended, text in found if start - 0.2 < begun.spoke and ended.end < end + 0.2]
        errors, words = spoken.word_errors(prompt.text, " ".join(here))
        wrong, said = wrong + errors, said + words
    print(f"noise {bed} dBFS: {wrong} of {said} words wrong, {100 * wrong / said:.1f} %, {len(found)} utterances")
    assert wrong / said < 0.08
    assert len(found) < 2 * len(prompts)
    for begun, ended, text in found:
        assert begun.start <= begun.spoke < ended.end
        for word in text.words:
            assert -0.1 <= word.start <= word.end <= ended.end - begun.start + 0.6
            assert word.confidence is not None
            assert 0 <= word.confidence <= 1


def test_half_a_minute_without_a_long_pause_is_cut_and_nothing_is_lost(english: Whisper) -> None:
    prompt = spoken.prompt("demo-congrats")
    found = heard(english, spoken.samples(prompt))
    wrong, said = spoken.word_errors(prompt.text, " ".join(text.text for _, _, text in found))
    print(f"{wrong} of {said} words wrong in {len(found)} utterances")
    assert len(found) > 1
    assert max(ended.end - begun.start for begun, ended, _ in found) < 25.1
    assert wrong / said < 0.12


def test_an_utterance_of_25_seconds_is_decoded_to_its_end(english: Whisper) -> None:
    prompt = spoken.prompt("demo-echotest")
    decoding = english.begin()
    decoding.feed(spoken.samples(prompt).tobytes())
    wrong, said = spoken.word_errors(prompt.text, decoding.finish().text)
    assert wrong / said < 0.12


def test_the_same_sound_gives_the_same_text_and_the_words_make_it_up(english: Whisper) -> None:
    sound = spoken.samples(spoken.prompt("privacy-unident")).tobytes()
    texts = []
    for _ in range(2):
        decoding = english.begin()
        decoding.feed(sound)
        texts.append(decoding.finish())
    assert texts[0] == texts[1]
    assert " ".join(word.word for word in texts[0].words) == texts[0].text


def test_the_text_of_a_pause_is_the_final_one_unless_more_is_said(
    english: Whisper, monkeypatch: pytest.MonkeyPatch
) -> None:
    sound = spoken.samples(spoken.prompt("conf-locked")).tobytes()
    decoding = english.begin()
    decoding.feed(sound)
    early = decoding.pause()
    with monkeypatch.context() as patch:
        patch.setattr(english, "decode", lambda *_: pytest.fail("decoded again"))
        assert decoding.finish().text == early
    decoding = english.begin()
    decoding.feed(sound)
    decoding.pause()
    decoding.feed(bytes(6_000) + spoken.samples(spoken.prompt("conf-muted")).tobytes())
    assert "muted" in decoding.finish().text


@pytest.mark.parametrize("dbfs", [None, -50, -30])
def test_no_words_are_made_up_where_nobody_speaks(english: Whisper, dbfs: float | None) -> None:
    for seconds in (0.0, 0.1, 1.5):
        decoding = english.begin()
        decoding.feed(spoken.noise(seconds, dbfs).tobytes() if dbfs is not None else bytes(int(seconds * 16_000)))
        assert decoding.finish() == Heard(text="")
