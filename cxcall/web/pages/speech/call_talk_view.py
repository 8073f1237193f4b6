"""What a call's page shows of what was said: the recording, the transcript, the conversation in figures, or why not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from cxcall.speech.category import Tone
from cxcall.speech.transcript import Speaker
from cxcall.web.digits import clock_text, number_text
from cxcall.web.pages.speech.call_wave import Picture
from cxcall.web.pages.speech.mood import Feeling
from cxcall.web.pages.speech.talk_view import Piece
from cxcall.web.words import N_
from cxcall.web.words import gettext as _

RATES = (1.0, 1.25, 1.5, 2.0)
FEELINGS: tuple[tuple[float, str], ...] = ((0.6, N_("Positive")), (0.0, N_("Neutral")), (-0.6, N_("Negative")))
"""What a person may say a turn felt like, and the value that stands for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnView:
    """A turn. `start`, `end`: seconds of the page's clock; `t`: of the transcript, as addresses have it.

    `pieces` are what everybody may read; `draft` is what the reader may correct; `felt`: the value of the chosen
    feeling. `who` corrected it when, and what was `heard` before.
    """

    n: int
    side: Speaker
    name: str
    full_name: str
    start: float
    end: float
    t: int
    pieces: Sequence[Piece]
    feeling: Feeling | None
    sharp: bool
    version: int
    draft: str = ""
    felt: float | None = None
    who: str = ""
    at: datetime | None = None
    heard: Sequence[Piece] = ()
    now: bool = False
    editing: bool = False
    problem: str = ""

    @property
    def text(self) -> str:
        return "".join(piece.text for piece in self.pieces)


@dataclass(frozen=True, slots=True, kw_only=True)
class Break:
    """A hold, seconds that were not heard, or seconds in which the recording was paused; `why`: a key in English."""

    kind: Literal["hold", "gap", "pause"]
    start: float
    end: float
    why: str = ""

    @property
    def seconds(self) -> float:
        return round(self.end - self.start, 1)  # 3.9999 s would be written as 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    id: str
    name: str
    tone: Tone


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """Something the agent has to say; `start`: when it was said."""

    name: str
    said: bool
    n: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    """The talk in figures (METRICS.md). Shares are 0…1, `pace` words a minute, `interruptions` by the agent and by the
    customer."""

    agent_share: float | None
    silence: float
    silence_share: float | None
    longest: float
    talked_over: int
    interruptions: tuple[int, int]
    pace: tuple[float | None, float | None]
    hold: float
    before: Feeling | None
    after: Feeling | None
    topics: Sequence[Topic]
    needs: Sequence[Need]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sound:
    """A recording that can be heard. `shift`: added to seconds of the transcript it gives those of the recording;
    `version` differs when other seconds of it are silent; `notes`: what is not right about it, in words."""

    id: str
    version: int
    url: str
    peaks: str
    seconds: float
    shift: float
    picture: Picture
    holds: str
    at: float
    notes: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Extra:
    """A further recording of the call."""

    url: str
    began_at: datetime
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class TalkView:
    """All of it. `why_silent`, `why_unread`: sentences on why there is no recording or no transcript, in the reader's
    language; empty where there is one. `progress`: 0…1 of a transcript that is being made. `failed`: it was tried in
    vain, and why. `can_transcribe`: the reader may have a recording transcribed (again)."""

    call_id: str
    language: str = ""
    confidence: float | None = None
    state: str = ""
    version: int = 0
    sound: Sound | None = None
    extras: Sequence[Extra] = ()
    rows: Sequence[TurnView | Break] = ()
    conversation: Conversation | None = None
    why_silent: str = ""
    why_unread: str = ""
    progress: float | None = None
    failed: str = ""
    can_transcribe: bool = False
    can_correct: bool = False
    knows_hidden: bool = False
    oversees: bool = False
    negative_peaks: int = 0
    hidden: int = 0
    hold: float = 0.0
    rates: Sequence[float] = RATES
    feelings: Sequence[tuple[float, str]] = FEELINGS
    sides: dict[str, str] = field(default_factory=lambda: {"customer": "cust", "agent": "agent"})

    @property
    def read(self) -> bool:
        """Whether there is a text."""
        return any(isinstance(row, TurnView) for row in self.rows)

    @property
    def any(self) -> bool:
        return self.read or self.sound is not None

    @property
    def finding(self) -> str:
        """The picture in one sentence; the list of turns says all of it."""
        parts = [_("Both speakers over %(length)s.") % {"length": clock_text(self.sound.seconds if self.sound else 0)}]
        if self.negative_peaks:
            parts.append(_("Negative peaks: %(n)s.") % {"n": number_text(self.negative_peaks)})
        if self.hold:
            parts.append(_("On hold for %(time)s.") % {"time": clock_text(self.hold)})
        parts.append(_("The turns below say the same in words."))
        return " ".join(parts)
