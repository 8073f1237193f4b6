"""A talk that is heard, made by hand: turns in the store and on the channel, as the pipeline of live speech does it."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from cxcall.bus.speech import HintCheck, HintDone, LiveAsk, LiveSnapshot, Partial, ShownHint, TapAsk, TapState
from cxcall.bus.speech import transcript_channel as channel_of
from cxcall.calls.record import CallRecord
from cxcall.speech.listening import Why
from cxcall.speech.transcript import Speaker, Turn
from cxcall.store import transcripts, turns
from cxcall.store.transcripts import NewTranscript
from cxcall.store.turns import NewTurn
from tests.support.call_centre import SARA, CallCentre

AGENT = "Sara Karimi"


class TalkOfTest:
    """One call's words. `taps` are the acts asked of the tap, `decided` the hints the agent answered."""

    def __init__(self, centre: CallCentre, record: CallRecord, language: str = "en") -> None:
        self.centre = centre
        self.record = record
        self.language = language
        self.n = 0
        self.heard = True
        self.live: LiveSnapshot | None = None
        self.tap = TapState(call_id=record.id, heard=True, why="chosen", speakers=("customer", "agent"))
        self.taps: list[tuple[str, TapAsk]] = []
        self.decided: list[HintDone] = []
        self.marks: dict[int, Sequence[tuple[int, int, str]]] = {}
        self.told: dict[int, dict[str, Any]] = {}
        self.refuse: Exception | None = None
        self.id = ""
        centre.commands.serve("speech:live", self._live)
        centre.commands.serve("speech:hint", self._hint)
        for act in ("state", "start", "stop"):
            centre.commands.serve(f"tap:{act}", self._tapping(act))

    async def begin(self, gaps: Sequence[transcripts.Unheard] = ()) -> None:
        """The first sound, as the call is answered."""
        assert self.record.answered_at is not None
        new = NewTranscript(
            kind="call", subject=self.record.id, call_id=self.record.id, server=self.record.server, queue="billing",
            agent=SARA, agent_name=AGENT, language=self.language, began_at=self.record.answered_at, state="live",
            source="live",
        )  # fmt: skip
        async with self.centre.engine.begin() as conn:
            self.id = (await transcripts.begin(conn, new, now=datetime.now(UTC))).id
            if gaps:
                await transcripts.change(conn, self.id, now=datetime.now(UTC), gaps=gaps)
        self.live = LiveSnapshot(
            call_id=self.record.id, transcript_id=self.id, began_at=self.record.answered_at, language=self.language
        )

    async def say(
        self, speaker: Speaker, start: float, text: str, *, sentiment: float | None = None,
        marks: Sequence[tuple[int, int, str]] = (), n: int = 0, tell: bool = True, keep: bool = True,
    ) -> int:  # fmt: skip
        """A finished turn: kept, then told."""
        if not n:
            self.n += 1
            n = self.n
        turn = Turn(
            n=n, speaker=speaker, start=start, end=start + 0.4 * len(text.split()), text=text, sentiment=sentiment,
            agent=SARA if speaker == "agent" else "",
        )  # fmt: skip
        if marks:
            self.marks[n] = marks
        if keep:
            async with self.centre.engine.begin() as conn:
                await turns.put(conn, self.id, [NewTurn(turn=turn)])
        told = {
            "n": n, "speaker": speaker, "agent_name": AGENT if speaker == "agent" else "", "start": start,
            "end": turn.end, "text": text, "sentiment": sentiment, "marks": [list(mark) for mark in marks],
        }  # fmt: skip
        self.told[n] = told
        self._update(last_n=self.n, marks=dict(self.marks), turns=tuple(self.told.values())[-40:])
        if tell:
            self.tell("turn", **told)
        return n

    def saying(self, speaker: Speaker, start: float, text: str) -> None:
        """What is being said; "" takes it back."""
        name = AGENT if speaker == "agent" else ""
        others = tuple(part for part in (self.live.partials if self.live else ()) if part.speaker != speaker)
        now = (Partial(speaker=speaker, agent_name=name, start=start, text=text),) if text else ()
        self._update(partials=others + now)
        self.tell("partial", speaker=speaker, agent_name=name, start=start, text=text)

    def state(
        self, mood: float, trend: str, line: Sequence[float], *, share: Sequence[float] = (0.41, 0.59),
        topics: Sequence[tuple[str, str, str]] = (), hints: Sequence[ShownHint] = (), checks: Sequence[HintCheck] = (),
    ) -> None:  # fmt: skip
        """How it stands; a topic is its English and Persian name and its tone."""
        told: dict[str, Any] = {
            "mood": mood, "trend": trend, "mood_line": list(line), "share": list(share),
            "topics": [{"id": en, "name": {"en": en, "fa": fa}, "tone": tone} for en, fa, tone in topics],
            "hints": self.centre.bus.seq(channel_of(self.record.id)),
        }  # fmt: skip
        self._update(state=told, hints=tuple(hints), checks=tuple(checks))
        self.tell("state", **told)

    def tell(self, kind: str, **data: Any) -> None:
        self.centre.bus.publish(channel_of(self.record.id), {"kind": kind, **data})

    def _update(self, **changes: Any) -> None:
        if self.live is not None:
            self.live = dataclasses.replace(self.live, **changes)

    async def _live(self, ask: LiveAsk) -> LiveSnapshot | None:
        return self.live if ask.call_id == self.record.id else None

    async def _hint(self, done: HintDone) -> bool:
        self.decided.append(done)
        left = tuple(hint for hint in (self.live.hints if self.live else ()) if hint.id != done.hint_id)
        found = self.live is not None and len(left) < len(self.live.hints)
        self._update(hints=left)
        return found

    def _tapping(self, act: str) -> Any:
        async def answer(ask: TapAsk) -> TapState:
            if act != "state" and self.refuse is not None:
                raise self.refuse
            if act != "state":
                self.taps.append((act, ask))
                why: Why = "asked_for" if act == "start" else "off"
                self.tap = dataclasses.replace(self.tap, heard=act == "start", why=why)
            return self.tap if ask.call_id == self.record.id else TapState(call_id=ask.call_id, heard=False, why="off")

        return answer


def ago(record: CallRecord, seconds: float) -> datetime:
    """A moment `seconds` after the call was answered."""
    assert record.answered_at is not None
    return record.answered_at + timedelta(seconds=seconds)
