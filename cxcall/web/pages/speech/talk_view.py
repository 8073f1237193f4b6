"""What a live transcript shows: rows in the order they were said, the mood, topics, hints, and why nothing is heard."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from cxcall.speech.category import Texts, Tone
from cxcall.speech.listening import Why
from cxcall.speech.transcript import Speaker
from cxcall.web.pages.people import initials
from cxcall.web.pages.speech.mood import SHARP, Feeling, Mood, feeling
from cxcall.web.presentation import current
from cxcall.web.words import N_

Mark = tuple[int, int, str]
"""A piece of a turn's text from one place to another (Unicode characters) and what it is: bad, good, hidden, topic."""

BROKEN = N_("Asterisk did not let this call be heard.")
WHY: dict[Why, str] = {
    "chosen": N_("Live text begins in a moment."),
    "asked_for": N_("A supervisor asked for the words of this call. They begin in a moment."),
    "off": N_("Live text is off for this queue."),
    "share": N_("Only a share of this queue's calls is heard, and this one is not among them."),
    "tier": N_("In this queue only the calls of some customers are heard, and this one is not among them."),
    "no_consent": N_("The caller has not agreed to being heard. Only notes keep what was said."),
    "refused": BROKEN,
    "no_model": N_("There is no speech model for this language. An administrator finds what to install under Speech."),
    "overload": N_("Speech has too much to do now. This call is transcribed after it ends."),
}
NOBODY = N_("Live text does not run on this server.")
LATER = N_("Speech has too much to do now. The rest of this call is transcribed after it ends.")

GAPS: dict[str, str] = {
    "not_running": N_("cxcall was restarted"),
    "lost": N_("the connection to Asterisk was lost"),
    "broken": N_("the sound was broken"),
    "overload": N_("speech had too much to do"),
    "engine": N_("the speech engine failed"),
    "full": N_("there was no room to keep the sound"),
    "stopped": N_("listening was stopped"),
}
"""Why a part was not heard, as the transcript keeps it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A part of what was said; `mark` is empty for plain words."""

    text: str
    mark: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of the transcript. `at`: seconds since the call was answered, `start` of the transcript.

    `n` is 0 where the row is no turn. `who`: how messages call the agent who speaks. `to` ends a gap or a hold (None:
    it lasts). `why` is a key in English.
    """

    kind: Literal["turn", "partial", "gap", "hold"]
    start: float
    at: float
    to: float | None = None
    n: int = 0
    side: Speaker = "unknown"
    name: str = ""
    who: str = ""
    mine: bool = False
    pieces: tuple[Piece, ...] = ()
    feeling: Feeling | None = None
    sharp: bool = False
    why: str = ""

    @property
    def initials(self) -> str:
        return initials(self.name)

    @property
    def text(self) -> str:
        return "".join(piece.text for piece in self.pieces)


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    name: str
    tone: Tone


@dataclass(frozen=True, slots=True, kw_only=True)
class HintView:
    """`at`: seconds since the call was answered of what was said, None where nothing was.

    `transfer`: what to dial to transfer them.
    """

    id: str
    title: str
    text: str = ""
    reason: str = ""
    quote: str = ""
    at: float | None = None
    action: str = ""
    article_id: str = ""
    article: str = ""
    hot: bool = False
    transfer: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """Something to say before the end; `by_hand`: the agent ticked it."""

    id: str
    name: str
    said: bool
    by_hand: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TalkView:
    """The live text of a call. `shown`: there is one, or will be; else `why` says why not (a key in English).

    `seq` is the channel's number the rows are of, `offset` what is added to a turn's seconds to get those since the
    call was answered. `names`: what the agent who reads is called in messages. `own`: the reader is an agent of this
    call and may use its hints. `asked_for`: heard because a supervisor asked; `may_ask`: not heard, and one could ask.
    """

    now: datetime
    call_id: str
    channel: str
    seq: int
    shown: bool
    why: str = ""
    detail: str = ""
    heard: bool = False
    over: bool = False
    held: bool = False
    late: bool = False
    language: str = ""
    answered_at: datetime | None = None
    offset: float = 0.0
    customer: str = ""
    names: tuple[str, ...] = ()
    rows: Sequence[Row] = ()
    mood: Mood | None = None
    topics: Sequence[Topic] = ()
    share: tuple[float, float] | None = None
    hints: Sequence[HintView] = ()
    needs: Sequence[Need] = ()
    speakers: Sequence[Speaker] = ()
    asked_for: bool = False
    may_ask: bool = False
    own: bool = False

    @property
    def initials(self) -> str:
        return initials(self.customer)

    @property
    def feelings(self) -> list[Feeling]:
        """All faces there are, for the moulds of the page's script."""
        return [face for value in (1.0, 0.0, -1.0) if (face := feeling(value)) is not None]


def turn_row(
    *, n: int, speaker: Speaker, name: str, mine: bool, start: float, offset: float, text: str,
    marks: Sequence[Mark], sentiment: float | None,
) -> Row:  # fmt: skip
    """A finished turn; only what customers say has a feeling."""
    felt = sentiment if speaker == "customer" else None
    return Row(
        kind="turn",
        n=n,
        start=start,
        at=max(0.0, start + offset),
        side=speaker,
        name=name,
        mine=mine,
        pieces=pieces(text, marks),
        feeling=feeling(felt),
        sharp=felt is not None and felt <= SHARP,
    )


def pieces(text: str, marks: Sequence[Mark]) -> tuple[Piece, ...]:
    """`text` cut at its marks. Marks that overlap an earlier one, or lie outside, are left out."""
    found: list[Piece] = []
    at = 0
    for start, end, kind in sorted(marks):
        if start < at or end <= start or end > len(text):
            continue
        if start > at:
            found.append(Piece(text=text[at:start]))
        found.append(Piece(text=text[start:end], mark=kind))
        at = end
    if at < len(text):
        found.append(Piece(text=text[at:]))
    return tuple(found)


def worded(texts: Texts) -> str:
    """The words of a category in the reader's language, else in the other."""
    language = current().language
    return texts.get(language) or next((text for text in texts.values() if text), "")


def is_me(name: str, names: Collection[str]) -> bool:
    """Whether an agent's `name` is one of the reader's."""
    return bool(name) and name.casefold() in {one.casefold() for one in names}
