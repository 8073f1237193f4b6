"""Vosk (Kaldi): words while they are said, by recognisers that stay warm.

Theory of operation. A recogniser builds the parts of the language's graph it needs as it goes, and keeps them: one that
has heard some speech decodes at half the cost of a new one. So recognisers are lent for an utterance and come back.
What they keep also grows, so they are retired after some minutes of sound. Their time never restarts, hence the offset.

The model's own settings add chance to the sound (dither), which makes the same sound give other words each time and
costs a fifth more; the model is therefore loaded from a folder of links with a changed copy of its settings. Sound
always comes in at the model's own rate, made by soxr: not every model takes another.
"""

from __future__ import annotations

import ctypes
import json
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import soxr

from cxcall.speech.engines.engine import Decoding, EngineError, Heard
from cxcall.speech.stream import RATE
from cxcall.speech.transcript import Word

_PARTIAL_EVERY = 0.4
"""Seconds of sound; Vosk itself has nothing new more often."""
_PIECE = 0.2
_RETIRED_AFTER = 300.0
"""Seconds of sound: by then a recogniser of a large model holds some 250 MB."""
_KEPT = 16
_RATES = range(8_000, 48_001)
_FREQUENCY = re.compile(r"^\s*--sample-frequency\s*=\s*(\d+)", re.M)
_DITHER = re.compile(r"^\s*--dither\s*=.*$", re.M)
_SETTINGS = (Path("conf/mfcc.conf"), Path("mfcc.conf"))
"""Where models have them, of the newer and of the older kind."""


class Vosk:
    """A loaded model and its warm recognisers."""

    name = "vosk"
    partials = True

    def __init__(self, path: str, *, model: str, language: str) -> None:
        try:
            import vosk
        except (ImportError, OSError) as error:
            raise EngineError(f"The engine vosk can't be loaded: {error}. Install cxcall again.") from error
        vosk.SetLogLevel(-1)
        self.model = model
        self.language = language
        self._recogniser = vosk.KaldiRecognizer
        self._free: list[_Warm] = []
        try:
            with tempfile.TemporaryDirectory(prefix="cxcall-model-") as folder:
                self.rate = _copied(Path(path), Path(folder))
                self._model = vosk.Model(str(folder))
            self._free.append(self._warm())
        except EngineError:
            raise
        except Exception as error:
            # vosk raises plain exceptions
            raise EngineError(f"The Vosk model in {path} can't be loaded. Is it whole? Install it again.") from error

    def begin(self, rate: int = RATE) -> Decoding:
        try:
            warm = self._free.pop()
        except IndexError:
            warm = self._warm()
        return _Utterance(self, warm, rate)

    def idle(self) -> None:
        """Let the warm recognisers go but one, and give the memory back to the system."""
        del self._free[1:]
        with suppress(OSError, AttributeError):
            ctypes.CDLL("libc.so.6").malloc_trim(0)

    def close(self) -> None:
        self._free.clear()
        self.idle()

    def take_back(self, warm: _Warm) -> None:
        if warm.heard < _RETIRED_AFTER and len(self._free) < _KEPT:
            self._free.append(warm)

    def _warm(self) -> _Warm:
        recogniser = self._recogniser(self._model, float(self.rate))
        recogniser.SetWords(True)
        return _Warm(recogniser)


class _Warm:
    """A recogniser and the seconds of sound it has heard in its life."""

    def __init__(self, recogniser: Any) -> None:
        self.recogniser = recogniser
        self.heard = 0.0


class _Utterance:
    def __init__(self, engine: Vosk, warm: _Warm, rate: int) -> None:
        self._engine = engine
        self._warm: _Warm | None = warm
        self._since = warm.heard
        self._rest = self._kept = b""
        self._resample = None if rate == engine.rate else soxr.ResampleStream(rate, engine.rate, 1, dtype="float32")
        self._said: list[Any] = []
        self._asked = warm.heard
        self._partial = ""

    def feed(self, pcm: bytes) -> str | None:
        warm = self._lent()
        for piece in self._pieces(pcm, last=False):
            self._accept(warm, piece)
        if warm.heard - self._asked < _PARTIAL_EVERY:
            return None
        self._asked = warm.heard
        partial = json.loads(warm.recogniser.PartialResult()).get("partial", "")
        text = " ".join(filter(None, (*(part.get("text", "") for part in self._said), partial)))
        if text == self._partial:
            return None
        self._partial = text
        return text

    def pause(self) -> str | None:
        return None

    def finish(self) -> Heard:
        warm = self._lent()
        for piece in self._pieces(b"", last=True):
            self._accept(warm, piece)
        self._said.append(json.loads(warm.recogniser.FinalResult()))
        self._give_back(warm)
        words = tuple(self._word(word) for part in self._said for word in part.get("result", ()))
        sure = [word.confidence for word in words if word.confidence is not None]
        return Heard(
            text=" ".join(filter(None, (part.get("text", "").strip() for part in self._said))),
            words=words,
            confidence=round(sum(sure) / len(sure), 3) if sure else None,
        )

    def drop(self) -> None:
        if self._warm is not None:
            # unlike Reset, this leaves nothing of the speaker's voice to the next utterance
            self._warm.recogniser.FinalResult()
            self._give_back(self._warm)

    def _lent(self) -> _Warm:
        if self._warm is None:
            raise EngineError("This utterance has ended; begin another.")
        return self._warm

    def _give_back(self, warm: _Warm) -> None:
        self._warm = None
        self._engine.take_back(warm)

    def _pieces(self, pcm: bytes, *, last: bool) -> Iterator[bytes]:
        """The sound at the model's rate, always cut at the same places: where it is cut changes what Vosk hears."""
        whole = self._rest + pcm
        end = len(whole) // 2 * 2
        pcm, self._rest = whole[:end], whole[end:]
        if self._resample is not None:
            # floats, since soxr adds noise to integers, other noise for other pieces
            samples = np.frombuffer(pcm, "<i2").astype(np.float32)
            samples = self._resample.resample_chunk(samples, last=last)
            pcm = np.clip(samples, -32_768, 32_767).astype("<i2").tobytes()
        self._kept += pcm
        size = 2 * int(_PIECE * self._engine.rate)
        while len(self._kept) >= size or (last and self._kept):
            piece, self._kept = self._kept[:size], self._kept[size:]
            yield piece

    def _accept(self, warm: _Warm, pcm: bytes) -> None:
        try:
            # Vosk's own ends of sentences lie within ours: what it has by then is kept, and it goes on
            if warm.recogniser.AcceptWaveform(pcm):
                self._said.append(json.loads(warm.recogniser.Result()))
        except Exception as error:
            self._warm = None
            raise EngineError(f"The Vosk model {self._engine.model} refuses the sound. Install it again.") from error
        warm.heard += len(pcm) / 2 / self._engine.rate

    def _word(self, word: dict[str, Any]) -> Word:
        start, end = (round(max(0.0, float(word[edge]) - self._since), 2) for edge in ("start", "end"))
        sure = word.get("conf")
        return Word(word=str(word["word"]), start=start, end=end, confidence=None if sure is None else round(sure, 3))


def _copied(model: Path, folder: Path) -> int:
    """Fill `folder` with links to the model's files and settings without chance; the rate the model was made for."""
    settings = next((file for file in _SETTINGS if (model / file).is_file()), None)
    if settings is None:
        raise EngineError(f"The Vosk model in {model} has no conf/mfcc.conf. Install it again.")
    try:
        text = (model / settings).read_text("utf-8")
        for entry in model.resolve().iterdir():
            if entry.name != settings.parts[0]:
                (folder / entry.name).symlink_to(entry)
        if len(settings.parts) > 1:
            shutil.copytree(model / settings.parent, folder / settings.parent, copy_function=_copy)
        (folder / settings).write_text(_DITHER.sub("", text) + "\n--dither=0.0\n", "utf-8")
    except (OSError, UnicodeDecodeError, shutil.Error) as error:
        raise EngineError(
            f"The Vosk model in {model} can't be read: {error}. Check the rights of its files."
        ) from error
    found = _FREQUENCY.search(text)
    rate = int(found.group(1)) if found else 16_000
    if rate not in _RATES:
        raise EngineError(f"The Vosk model in {model} wants {rate} samples a second, which no telephone has.")
    return rate


def _copy(source: str, target: str) -> str:
    """Only the bytes: the copy is ours to change whatever the rights of the model's files are."""
    return str(shutil.copyfile(source, target))
