"""A file on its way to turns, piece by piece, so that it can be interrupted between any two and resumed there."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from cxcall.media.placing import moved
from cxcall.media.sources import Source
from cxcall.speech.engines.engine import Engine
from cxcall.speech.engines.sound import open_sound
from cxcall.speech.engines.transcribing import Step, transcribe
from cxcall.speech.transcript import Turn


class Reading:
    """Reads `file` from `since` seconds on. `step` blocks and belongs in a worker; `close` may come from anywhere."""

    def __init__(self, file: Path, since: float = 0.0) -> None:
        self._file = file
        self._since = since
        self._lock = threading.Lock()
        self._closed = False
        self._open = contextlib.ExitStack()
        self._steps: Iterator[Step] | None = None
        self.seconds = 0.0
        """How long the file is; 0: not known (yet)."""

    def step(self, engine: Engine) -> Step | None:
        """The next piece; None at the end. Raises SoundError, and what a broken engine raises."""
        with self._lock:
            try:
                if self._closed:
                    return None
                if self._steps is None:
                    sound = self._open.enter_context(open_sound(self._file))
                    self.seconds = sound.seconds or 0.0
                    self._steps = transcribe(sound, engine, since=self._since)
                return next(self._steps, None)
            finally:
                if self._closed:
                    self._open.close()

    def close(self) -> None:
        """No more is wanted; a step under way comes to its end first."""
        self._closed = True
        if self._lock.acquire(blocking=False):
            try:
                self._open.close()
            finally:
                self._lock.release()


def of_source(turn: Turn, source: Source, offset: float) -> Turn | None:
    """A turn of a file as one of its transcript, which began `offset` seconds before the file; None: not wanted."""
    if not turn.text.strip() or not source.wants(turn.start, turn.end):
        return None
    speaker = source.speaker if turn.speaker == "unknown" else turn.speaker
    agent = source.agent_at(turn.start) if speaker == "agent" else ""
    return msgspec.structs.replace(
        turn,
        speaker=speaker,
        agent=agent,
        words=moved(turn.words, offset),
        start=round(turn.start + offset, 2),
        end=round(turn.end + offset, 2),
    )


EDGE_S = 0.3
"""How far the gate may be off when it meets the same words again."""


class Known:
    """Turns a transcript has, so that nothing is written down twice."""

    def __init__(self, turns: list[Turn]) -> None:
        self._turns = list(turns)
        self.last_n = max((turn.n for turn in turns), default=0)
        """The highest number so far, also of those that are gone."""

    def has(self, turn: Turn) -> bool:
        """Whether this was written down before: the same speaker at the same time."""
        middle = (turn.start + turn.end) / 2
        return any(
            one.start <= middle <= one.end for one in self._turns if one.speaker == turn.speaker and one.end > one.start
        )

    def pieces(self, turn: Turn) -> list[Turn]:
        """What was written down of it before, when it was cut off: it holds them whole."""
        since, until = turn.start - EDGE_S, turn.end + EDGE_S
        return [
            one
            for one in self._turns
            if one.speaker == turn.speaker and one.agent in ("", turn.agent) and since <= one.start and one.end <= until
        ]

    def put(self, turn: Turn, pieces: Sequence[Turn] = ()) -> None:
        """It is written down now, in the place of `pieces`."""
        self._turns = [one for one in self._turns if one not in pieces] + [turn]
        self.last_n = max(self.last_n, turn.n)
