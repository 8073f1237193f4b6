"""What the search over transcripts shows: talks with their turns, filter chips, which filter to drop; pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from cxcall.store.customers import Customer
from cxcall.store.speech_search import FoundTalk, FoundTurn
from cxcall.store.transcripts import Transcript
from cxcall.web.dates import date_text
from cxcall.web.pages.calls_view import PERIODS
from cxcall.web.pages.speech.mood import Feeling, feeling
from cxcall.web.pages.speech.search_filter import Asked
from cxcall.web.words import N_
from cxcall.web.words import gettext as _

PATH = "/speech/search"
VOICEMAIL = "/speech/voicemail"
NAMES: Mapping[str, str] = {
    "text": N_("Words"),
    "speaker": N_("Who said it"),
    "when": N_("Date"),
    "since": N_("From day"),
    "until": N_("To day"),
    "queue": N_("Queue"),
    "agent": N_("Agent"),
    "feeling": N_("Feeling"),
    "category": N_("Category"),
}
SPEAKERS: Mapping[str, str] = {"customer": N_("The customer"), "agent": N_("The agent")}
SIDES: Mapping[str, str] = {"customer": N_("Customer"), "agent": N_("Agent"), "unknown": N_("Unknown speaker")}
FEELINGS: Mapping[str, str] = {"negative": N_("Negative"), "neutral": N_("Neutral"), "positive": N_("Positive")}
KINDS: Mapping[str, str] = {
    "comment": N_("Spoken comment"), "upload": N_("Uploaded file"), "voicemail": N_("Voice mailbox"),
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What there is to choose from, by value: agents (interface → name), categories (id → name)."""

    queues: Sequence[str] = ()
    agents: Mapping[str, str] = field(default_factory=dict)
    categories: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A piece of a turn, `found` when it was asked for; `hidden`: a number nobody sees."""

    text: str
    found: bool = False
    hidden: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnLine:
    """A turn; `url` opens the talk at its second."""

    side: str
    start: float
    url: str
    pieces: Sequence[Piece]
    feeling: Feeling | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TalkRow:
    """A talk that was found. `kind` is empty for a call; `url` is empty where there is no page of it."""

    url: str
    began_at: datetime
    kind: str
    who: str
    number: str
    queue: str
    agent: str
    feeling: Feeling | None
    topics: Sequence[str]
    turns: Sequence[TurnLine]
    more: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Chip:
    """A filter in use; `without` is the address without it."""

    name: str
    value: str
    without: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Most:
    """The filter whose removal shows most talks."""

    name: str
    count: int
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchView:
    """The page. `own`: an agent's own talks only; `none_yet`: nothing was ever written down; `about`: there are more
    than `total`."""

    asked: Asked
    own: bool
    known: Known
    rows: Sequence[TalkRow] = ()
    chips: Sequence[Chip] = ()
    total: int = 0
    about: bool = False
    most: Most | None = None
    none_yet: bool = False
    sets_up: bool = False
    newer: str | None = None
    older: str | None = None
    csv_url: str = ""
    xlsx_url: str = ""
    since: str = ""
    until: str = ""
    example: str = ""
    periods: Sequence[tuple[str, str]] = PERIODS
    clear_url: str = PATH

    @property
    def problems(self) -> list[tuple[str, str]]:
        return [(NAMES[name], value) for name, value in self.asked.problems]

    @property
    def speakers(self) -> list[tuple[str, str]]:
        return list(SPEAKERS.items())

    @property
    def feelings(self) -> list[tuple[str, str]]:
        return list(FEELINGS.items())


def row_of(found: FoundTalk, customers: Mapping[str, Customer], topics: Mapping[str, str]) -> TalkRow:
    """A talk as the page shows it."""
    transcript = found.transcript
    customer = customers.get(transcript.customer_id or "")
    return TalkRow(
        url=url_of(transcript),
        began_at=transcript.began_at,
        kind=KINDS.get(transcript.kind, ""),
        who=customer.profile.name if customer else "",
        number=transcript.number,
        queue=transcript.queue,
        agent=transcript.agent_name or transcript.agent,
        feeling=feeling(transcript.sentiment),
        topics=[topics[id_] for id_ in found.categories if id_ in topics][:3],
        turns=[_turn(turn, transcript) for turn in found.turns],
        more=found.more,
    )


def url_of(transcript: Transcript, turn: FoundTurn | None = None) -> str:
    """Where a talk is read; with a turn, at its second. Empty when there is no page of it."""
    if transcript.kind == "call" and transcript.call_id:
        at = f"?t={int(turn.start)}#turn-{turn.n}" if turn else ""
        return f"/calls/{transcript.call_id}{at}"
    if transcript.kind == "upload":
        return f"/speech/uploads/{transcript.subject}" + (f"#turn-{turn.n}" if turn else "")
    if transcript.kind == "voicemail":
        return f"{VOICEMAIL}/{transcript.subject}" + (f"#turn-{turn.n}" if turn else "")
    return ""


def pieces(text: str, spans: Sequence[tuple[int, int]]) -> list[Piece]:
    """A text cut at what was found and at hidden numbers, in order."""
    cut: list[Piece] = []
    place = 0
    for start, end in spans:
        cut += _plain(text[place:start])
        cut.append(Piece(text=text[start:end], found=True))
        place = end
    return cut + _plain(text[place:])


def chips_of(asked: Asked, known: Known) -> list[Chip]:
    """One chip a filter in use."""
    return [
        Chip(name=_(NAMES[name]), value=_shown(asked, name, known), without=asked.without(name).address(PATH))
        for name in asked.fields
    ]


def _turn(turn: FoundTurn, transcript: Transcript) -> TurnLine:
    felt = turn.sentiment if turn.speaker == "customer" else None
    return TurnLine(
        side=turn.speaker,
        start=turn.start,
        url=url_of(transcript, turn),
        pieces=pieces(turn.shown, turn.spans),
        feeling=feeling(felt),
    )


def _plain(text: str) -> list[Piece]:
    """Text without marks; a run of dots is a hidden number."""
    found: list[Piece] = []
    for part in text.split("●●●●"):
        found += [Piece(text=part)] if part else []
        found.append(Piece(text="●●●●", hidden=True))
    return found[:-1]


def _shown(asked: Asked, name: str, known: Known) -> str:
    value: Any = getattr(asked, name, "")
    if name == "speaker":
        return _(SPEAKERS[value])
    if name == "feeling":
        return _(FEELINGS[value])
    if name == "agent":
        return known.agents.get(value, value)
    if name == "category":
        return known.categories.get(value, value)
    if name != "when":
        return str(value)
    if asked.when:
        return _(dict(PERIODS)[asked.when])
    first = date_text(asked.since) if asked.since else "…"
    last = date_text(asked.until) if asked.until else "…"
    return first if first == last else f"{first} – {last}"
