"""A recording → turns, in steps that can be stopped and taken up again."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from cxcall.speech.engines.engine import Decoding, Engine, Heard
from cxcall.speech.engines.sound import Sound
from cxcall.speech.gate import Voices
from cxcall.speech.transcript import Speaker, Turn, Word
from cxcall.speech.utterance import Begun, Chunk, Ended, Event, Utterances


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """Half a second more. `read`: how far it is read; `position`: from where it can be taken up again without losing
    or repeating any of the turns told so far; `turns`: what is new."""

    read: float
    position: float
    turns: tuple[Turn, ...] = ()


def transcribe(sound: Sound, engine: Engine, *, since: float = 0.0, number: int = 1) -> Iterator[Step]:
    """Decode from `since` seconds on; turns are numbered from `number`.

    One channel is an unknown speaker's; of two, the left is the customer's and the right the agent's. Blocks as long as
    decoding takes. Raises SoundError and EngineError.
    """
    speakers: tuple[Speaker, ...] = ("customer", "agent") if sound.channels == 2 else ("unknown",)
    voices = Voices(rate=sound.rate, ready=0)
    channels = [_Channel(speaker, engine, sound.rate, voices) for speaker in speakers]
    read = position = since
    turns: list[Turn] = []
    try:
        for block in sound.blocks(since):
            read += len(block[0]) / 2 / sound.rate
            for channel, pcm in zip(channels, block, strict=True):
                turns += channel.take(channel.utterances.feed(pcm, read))
            if any(channel.utterances.speaking for channel in channels):
                yield Step(read=read, position=position)
                continue
            position = read
            yield Step(read=read, position=position, turns=_numbered(turns, number))
            number, turns = number + len(turns), []
        for channel in channels:
            turns += channel.take(channel.utterances.close(read))
        yield Step(read=read, position=read, turns=_numbered(turns, number))
    finally:
        for channel in channels:
            channel.stop()


def turn_of(begun: Begun, ended: Ended, heard: Heard, *, n: int, speaker: Speaker, began: float = 0.0) -> Turn:
    """The turn of an utterance; `began`: the transcript's beginning on the clock of the stream."""
    since = begun.start - began
    words = tuple(
        Word(
            word=word.word,
            start=round(since + word.start, 2),
            end=round(since + word.end, 2),
            confidence=word.confidence,
        )
        for word in heard.words
    )
    return Turn(
        n=n,
        speaker=speaker,
        start=round(begun.spoke - began, 2),
        end=round(max(ended.end, begun.spoke) - began, 2),
        text=heard.text,
        confidence=heard.confidence,
        words=words,
    )


def _numbered(turns: list[Turn], number: int) -> tuple[Turn, ...]:
    """In the order they were begun."""
    ordered = sorted(turns, key=lambda turn: turn.start)
    return tuple(msgspec.structs.replace(turn, n=number + place) for place, turn in enumerate(ordered))


class _Channel:
    def __init__(self, speaker: Speaker, engine: Engine, rate: int, voices: Voices) -> None:
        self.utterances = Utterances(rate=rate, voices=voices)
        self._speaker = speaker
        self._engine = engine
        self._rate = rate
        self._begun: Begun | None = None
        self._decoding: Decoding | None = None

    def take(self, events: list[Event]) -> list[Turn]:
        turns = []
        for event in events:
            if isinstance(event, Begun):
                self._begun, self._decoding = event, self._engine.begin(self._rate)
            elif self._decoding is None or self._begun is None:
                continue
            elif isinstance(event, Chunk):
                self._decoding.feed(event.pcm)
            elif isinstance(event, Ended):
                heard = self._decoding.finish()
                self._decoding = None
                if heard.text:
                    turns.append(turn_of(self._begun, event, heard, n=0, speaker=self._speaker))
        return turns

    def stop(self) -> None:
        """Whoever asked wants no more."""
        if self._decoding is not None:
            self._decoding.drop()
            self._decoding = None
