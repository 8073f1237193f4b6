"""Carries a dialogue out on a call: what it says is played, what the caller does goes back into it.

Theory of operation. `cxcall.surveys.dialogue` decides, this module obeys: Listen → STREAM FILE of each prompt, cut
short by any key, then WAIT FOR DIGIT; Record → the prompts, then RECORD FILE; Done → the last prompts. A key pressed
ahead of its question waits in Asterisk, and the next command gets it at once: nothing typed is lost. The caller's end,
whenever it comes, is one more thing that happened. What was given is told to `Told` the moment it is known, and nothing
here waits for it to be written.
"""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Sequence
from typing import Protocol

import structlog

from cxcall.asterisk.agi.errors import SessionOver
from cxcall.asterisk.agi.results import ALL_KEYS, NotPlayed, Played, Pressed, Recording, Silence
from cxcall.asterisk.surveys.voice import Voice
from cxcall.surveys import dialogue
from cxcall.surveys.dialogue import Digit, Done, Facts, Given, HangUp, Input, Listen, Record, Recorded, Step, Timeout
from cxcall.surveys.script import Script

log = structlog.get_logger(__name__)

MOST_STEPS = 2_000
"""Steps of one dialogue; the pure part makes sure that each ends long before."""


class Line(Protocol):
    """What a call must be able to do to be asked: an AGI session."""

    async def stream_file(
        self, prompt: str, keys: str = "", *, limit: float = 60.0
    ) -> Played | Pressed | NotPlayed: ...

    async def wait_for_digit(self, seconds: float) -> Pressed | Silence: ...

    async def record_file(
        self, path: str, *, seconds: float, beep: bool = True, silence: int | None = None
    ) -> Recording: ...


class Told(Protocol):
    """Who learns what happens, at once; none of these may block."""

    def reached(self, part: str) -> None:
        """The dialogue is at `part` now."""

    def touched(self) -> None:
        """The caller did something for the first time."""

    def given(self, n: int, given: Given) -> None:
        """Entry `n` (from 0) of what is given is known."""

    def comment_path(self, part: str) -> str | None:
        """Where on Asterisk's disk to record this comment, without extension; None: it can't be recorded."""

    def recorded(self, part: str, recording: Recording) -> None:
        """A recording is over; what there is of it is in the file."""


class Stopped(Exception):
    """cxcall stops: the call goes back to the dialplan, which thanks the caller."""


class Runner:
    """One survey on one call. `typed`: keys the caller pressed before it began; `stopping` ends it at its next step."""

    def __init__(
        self,
        line: Line,
        script: Script,
        facts: Facts,
        voice: Voice,
        told: Told,
        *,
        stopping: asyncio.Event,
        typed: str = "",
    ) -> None:
        self._line = line
        self._script = script
        self._facts = facts
        self._voice = voice
        self._told = told
        self._typed = typed
        self._known = 0
        self._touched = False
        self._stopping = stopping

    async def run(self) -> Done:
        """Run to the end, and say which. Raises Stopped, and what a line raises that is not the caller's end."""
        step = dialogue.begin(self._script, self._facts)
        for _ in range(MOST_STEPS):
            self._tell(step)
            match step.command:
                case Done() as done:
                    if done.end != "hung_up":
                        await self._say(done.prompts)
                    return done
                case command:
                    happened = await self._happened(command)
            if self._stopping.is_set():
                raise Stopped
            step = dialogue.step(self._script, self._facts, step.state, happened)
        raise RuntimeError("A survey did not come to an end.")

    def _tell(self, step: Step) -> None:
        self._told.reached(step.state.part)
        for n in range(self._known, len(step.state.given)):
            self._told.given(n, step.state.given[n])
        self._known = len(step.state.given)

    async def _happened(self, command: Listen | Record) -> Input:
        try:
            happened = await (self._listen(command) if isinstance(command, Listen) else self._record(command))
        except SessionOver:
            return HangUp()
        if not self._touched and isinstance(happened, Digit | Recorded):
            self._touched = True
            self._told.touched()
        return happened

    async def _listen(self, listen: Listen) -> Input:
        if self._typed:
            key, self._typed = self._typed[0], self._typed[1:]
            return Digit(key)
        for prompt in listen.prompts:
            key = await self._play(prompt)
            if key:
                return Digit(key)
        if listen.seconds <= 0:
            return Timeout()
        answer = await self._line.wait_for_digit(listen.seconds)
        return Digit(answer.key) if isinstance(answer, Pressed) else Timeout()

    async def _record(self, record: Record) -> Input:
        path = self._told.comment_path(record.part)
        if path is None:
            return Timeout()
        for prompt in record.prompts:
            if await self._play(prompt):
                break
        recording = await self._line.record_file(
            path, seconds=record.seconds, beep=record.beep, silence=record.silence or None
        )
        self._told.recorded(record.part, recording)
        if recording.ended_by == "failed":
            return Timeout()
        return Recorded(seconds=recording.seconds, ended_by=recording.ended_by)

    async def _say(self, prompts: Sequence[str]) -> None:
        """Play the last words; a caller who leaves meanwhile has done nothing wrong."""
        try:
            for prompt in prompts:
                await self._play(prompt)
        except SessionOver:
            pass

    async def _play(self, prompt: str) -> str:
        """Play a prompt; the key that cut it short, "" for none. What can't be played is passed over."""
        sounding = self._voice.of(prompt)
        if sounding is None:
            _silent(prompt)
            return ""
        outcome = await self._line.stream_file(sounding.address, ALL_KEYS, limit=sounding.limit)
        if isinstance(outcome, NotPlayed):
            log.warning("Asterisk could not play a prompt", prompt=prompt, address=sounding.address)
        return outcome.key if isinstance(outcome, Pressed) else ""


@functools.lru_cache(maxsize=1_000)
def _silent(prompt: str) -> None:
    """Say it once; the builder shows it before anybody calls."""
    log.warning("a prompt of a survey has no sound", prompt=prompt)
