"""Whisper by faster-whisper (CTranslate2): each utterance is decoded whole, on one processor.

Theory of operation. Whisper was made for windows of 30 s and an encoder run over one costs 0.7 s of a processor for
the smallest model, however short the utterance. The encoder takes shorter windows as well: an utterance followed by
5 s of nothing gives the same words at a seventh of the cost, while less than that makes it fall into loops. What comes
out suspicious (improbable, repeating itself) is decoded again in the full window it was made for, and repetitions that
remain are forbidden. There is no chance in any of it: the same sound gives the same text.
"""

from __future__ import annotations

import math
import zlib
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import soxr

from cxcall.speech.engines.engine import Decoding, EngineError, Heard
from cxcall.speech.stream import RATE
from cxcall.speech.transcript import Word

_RATE = 16_000
_FRAMES = 100
"""Of the encoder's input, a second."""
_FULL = 30 * _FRAMES
_MARGIN = 5 * _FRAMES
_SHORTEST = 0.2
_BEAM = 5
_REPEATING = 2.4
"""How much better than plain text a text may be compressed; loops go beyond it (Whisper's own limit)."""
_IMPROBABLE = -1.0
"""Mean log probability of a token below which a text is not believed (Whisper's own limit)."""
_SILENT = 0.6
_QUIET = 0.002
"""Nothing of an utterance is louder (-54 dBFS): asked for words in silence, Whisper makes some up."""
_REST = 1.5
"""Seconds at the end without text that are decoded once more."""
_BEYOND = 25
"""Times, of 0.02 s each, by which the end of a text may lie after the end of the sound."""
_FASTEST = 9.0
"""Words a second nobody says."""
_MOST = 448
"""Tokens of one window, the prompt included (Whisper's own limit)."""

Samples = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Guess:
    """What one decoding of a window gave."""

    tokens: list[int]
    text: str
    probability: float
    silence: float
    encoded: Any
    frames: int
    beyond: bool
    """Whether it has times after the end of the sound: said twice."""

    @property
    def repeating(self) -> bool:
        raw = self.text.encode()
        return (len(raw) > 40 and len(raw) / len(zlib.compress(raw)) > _REPEATING) or _loops(self.text.lower().split())

    @property
    def doubtful(self) -> bool:
        return self.beyond or self.repeating or self.probability < _IMPROBABLE


def _loops(words: list[str]) -> bool:
    """Whether these words end in the same three or more said three times: too short a loop for the test of zlib."""
    return any(
        words[-length:] == words[-2 * length : -length] == words[-3 * length : -2 * length]
        for length in range(3, len(words) // 3 + 1)
    )


class Whisper:
    """A loaded model. The samples of an utterance stay with its decoding, so any number may be under way."""

    name = "whisper"
    rate = _RATE
    partials = False

    def __init__(self, path: str, *, model: str, language: str, workers: int = 1) -> None:
        try:
            from faster_whisper import WhisperModel
            from faster_whisper.tokenizer import Tokenizer
        except ImportError:
            raise EngineError(
                "The engine whisper is not installed. Install it with: pip install 'cxcall[whisper]'"
            ) from None
        try:
            self._model = WhisperModel(
                path, device="cpu", compute_type="int8", cpu_threads=1, num_workers=workers, local_files_only=True
            )
            several = self._model.model.is_multilingual
            self._tokens = Tokenizer(self._model.hf_tokenizer, several, task="transcribe", language=language)
        except (RuntimeError, ValueError, OSError) as error:
            raise EngineError(f"The Whisper model in {path} can't be loaded: {error}. Install it again.") from error
        except Exception as error:
            # the tokenizer's own errors are of no class of their own
            raise EngineError(f"The Whisper model in {path} can't be used: {error}. Install it again.") from error
        if not several and language != "en":
            raise EngineError(f"The Whisper model {model} knows English only, not {language}. Choose another model.")
        self.model = model
        self.language = language

    def begin(self, rate: int = RATE) -> Decoding:
        return _Utterance(self, rate)

    def idle(self) -> None:
        """Nothing to give back: the model itself is all it holds."""

    def close(self) -> None:
        self._model.model.unload_model()

    def decode(self, sound: Samples) -> Heard:
        """The words of an utterance of at most 30 s."""
        if not len(sound) or np.abs(sound).max() < _QUIET:
            return Heard(text="")
        words: list[Word] = []
        at = 0.0
        while len(sound) / _RATE - at > (_SHORTEST if not at else _REST):
            guess = self._guess(sound[int(at * _RATE) :])
            if guess is None:
                break
            words += self._words(guess, at)
            reached = self._reached(guess)
            if reached is None or reached <= 0.1:
                break
            at += reached
        if len(words) > 4 + _FASTEST * len(sound) / _RATE:
            return Heard(text="")
        sure = [word.confidence for word in words if word.confidence is not None]
        return Heard(
            text=" ".join(word.word for word in words),
            words=tuple(words),
            confidence=round(sum(sure) / len(sure), 3) if sure else None,
        )

    def _guess(self, sound: Samples) -> _Guess | None:
        """The text of a window; None where nobody speaks."""
        features = self._model.feature_extractor(sound)[:, :_FULL]
        guess = self._generate(features, features.shape[1] + _MARGIN)
        if guess.doubtful:
            guess = max(
                guess,
                self._generate(features, _FULL),
                key=lambda one: (not one.repeating, not one.beyond, one.probability),
            )
        if guess.repeating:
            guess = self._generate(features, _FULL, no_repeat_ngram_size=3)
        if guess.silence > _SILENT and guess.probability < _IMPROBABLE:
            return None
        return guess if any(letter.isalnum() for letter in guess.text) and not guess.repeating else None

    def _generate(self, features: Samples, window: int, **more: int) -> _Guess:
        frames = features.shape[1]
        window = min(_FULL, max(window, frames))
        padded = np.zeros((1, features.shape[0], window + window % 2), np.float32)
        padded[0, :, :frames] = features
        encoded = self._model.encode(padded)
        prompt = self._tokens.sot_sequence
        (result,) = self._model.model.generate(
            encoded, [list(prompt)], beam_size=_BEAM, max_length=_MOST, max_initial_timestamp_index=50,
            return_scores=True, return_no_speech_prob=True, **more,
        )  # fmt: skip
        tokens = result.sequences_ids[0]
        return _Guess(
            tokens=tokens,
            text=self._tokens.decode(tokens).strip(),
            probability=result.scores[0] * len(tokens) / (len(tokens) + 1),
            silence=result.no_speech_prob,
            encoded=encoded,
            frames=frames,
            beyond=max(tokens, default=0) > self._tokens.timestamp_begin + frames / 2 + _BEYOND,
        )

    def _words(self, guess: _Guess, since: float) -> list[Word]:
        """The words with their times; signs belong to the word before them."""
        text = [token for token in guess.tokens if token < self._tokens.eot]
        (aligned,) = self._model.find_alignment(self._tokens, [text], guess.encoded, guess.frames)
        words: list[Word] = []
        for piece in aligned:
            letters = piece["word"].strip()
            if not letters:
                continue
            start, end = (round(since + float(piece[edge]), 2) for edge in ("start", "end"))
            if words and not any(letter.isalnum() for letter in letters):
                words[-1] = Word(
                    word=words[-1].word + letters,
                    start=words[-1].start,
                    end=words[-1].end,
                    confidence=words[-1].confidence,
                )
                continue
            sure = float(piece["probability"])
            words.append(
                Word(word=letters, start=start, end=end, confidence=None if math.isnan(sure) else round(sure, 3))
            )
        return words

    def _reached(self, guess: _Guess) -> float | None:
        """Seconds of the window that have their text when the model stopped before its end, else None."""
        first = self._tokens.timestamp_begin
        if len(guess.tokens) < 2 or min(guess.tokens[-2:]) < first:
            return None
        reached = (guess.tokens[-1] - first) * 0.02
        return reached if guess.frames / _FRAMES - reached > _REST else None


class _Utterance:
    """Sound is kept until a pause or the end."""

    def __init__(self, engine: Whisper, rate: int) -> None:
        self._engine = engine
        self._rate = rate
        self._pcm = bytearray()
        self._heard: Heard | None = None

    def feed(self, pcm: bytes) -> str | None:
        self._pcm += pcm
        self._heard = None
        return None

    def pause(self) -> str | None:
        self._heard = self._engine.decode(self._sound())
        return self._heard.text

    def finish(self) -> Heard:
        heard = self._heard or self._engine.decode(self._sound())
        self.drop()
        return heard

    def drop(self) -> None:
        self._pcm.clear()

    def _sound(self) -> Samples:
        whole = bytes(self._pcm[: len(self._pcm) // 2 * 2])
        sound: Samples = np.frombuffer(whole, "<i2").astype(np.float32) * np.float32(1 / 32_768)
        if self._rate == _RATE:
            return sound
        return np.asarray(soxr.resample(sound, self._rate, _RATE), np.float32)
