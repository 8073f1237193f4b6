"""`/transcripts/search`: full text over all that was said, the newest talks first; agents search their own."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from cxcall.store import speech_search
from cxcall.store.paging import BadCursor
from cxcall.store.speech_search import FoundTalk, FoundTurn, SearchFilter
from cxcall.store.transcripts import Kind
from cxcall.web.api.calls import Word
from cxcall.web.api.endpoint import Asked, Endpoint
from cxcall.web.api.paging import After, Limit, bad_cursor
from cxcall.web.api.scopes import Scope
from cxcall.web.api.wire import Time
from cxcall.web.pages.speech.search_filter import held_to

Mood = Annotated[float, msgspec.Meta(ge=-1, le=1)]


def _about(text: str) -> msgspec.Meta:
    return msgspec.Meta(description=text)


class TranscriptSearch(msgspec.Struct, frozen=True, kw_only=True):
    """What is looked for; all that is given must fit."""

    q: Annotated[
        str,
        msgspec.Meta(max_length=200),
        _about('Words, all of one talk; "words in quotes" next to each other; begin*.'),
    ] = ""
    speaker: Annotated[Literal["customer", "agent"] | None, _about("Who said it.")] = None
    since: Annotated[Time | None, _about("Talks that began at this time or later.")] = None
    until: Annotated[Time | None, _about("Talks that began before this time.")] = None
    queue: Annotated[Word | None, _about("Of calls of this queue.")] = None
    agent: Annotated[Word | None, _about("In which this agent talked, as Asterisk names the phone: PJSIP/1001.")] = None
    kind: Annotated[Kind | None, _about("Calls, spoken comments, uploaded files, voice messages.")] = None
    category: Annotated[Word | None, _about("In which this category was found (its id).")] = None
    mood_min: Annotated[Mood | None, _about("The customer felt so, or better.")] = None
    mood_max: Annotated[Mood | None, _about("The customer felt so, or worse.")] = None
    customer_id: Annotated[Word | None, _about("Of this customer.")] = None
    shown: Annotated[int, msgspec.Meta(ge=1, le=50), _about("Turns given of each talk, at most.")] = 3
    limit: Limit = 50
    after: After | None = None

    def __post_init__(self) -> None:
        if self.since and self.until and self.since > self.until:
            raise ValueError("since must not be later than until")


class FoundSaid(msgspec.Struct, frozen=True, kw_only=True):
    """A turn; `start` and `end` in seconds of the transcript, hidden numbers as ●●●●. `found`: from and to of each
    piece of `text` that was asked for, in characters."""

    n: int
    speaker: str
    start: float
    end: float
    text: str
    found: list[tuple[int, int]]
    sentiment: float | None


class FoundTranscript(msgspec.Struct, frozen=True, kw_only=True):
    """A talk. `more`: further turns with some of the words; `categories`: ids of what was found in it."""

    id: str
    kind: str
    call_id: str | None
    began_at: Time
    server: str
    queue: str
    agent: str
    agent_name: str
    customer_id: str | None
    number: str
    language: str
    sentiment: float | None
    categories: list[str]
    turns: list[FoundSaid]
    more: int


class FoundTranscripts(msgspec.Struct, frozen=True, kw_only=True):
    """A page; `next` is null on the last one."""

    items: list[FoundTranscript]
    next: str | None


async def search_transcripts(asked: Asked[TranscriptSearch, None]) -> FoundTranscripts:
    """Talks in which something was said, newest first, each with its best turns."""
    query, who = asked.query, asked.who
    wanted = SearchFilter(
        text=query.q, speaker=query.speaker, since=query.since, until=query.until, queue=query.queue,
        agents=held_to(query.agent or "", None if who.oversees else who.extensions), kind=query.kind,
        mood_min=query.mood_min, mood_max=query.mood_max, category_id=query.category, customer_id=query.customer_id,
    )  # fmt: skip
    async with asked.engine.connect() as conn:
        try:
            found = await speech_search.page(conn, wanted, limit=query.limit, after=query.after, shown=query.shown)
        except BadCursor as error:
            raise bad_cursor() from error
    return FoundTranscripts(items=[_talk(talk) for talk in found.rows], next=found.next)


def _talk(found: FoundTalk) -> FoundTranscript:
    of = found.transcript
    return FoundTranscript(
        id=of.id, kind=of.kind, call_id=of.call_id, began_at=of.began_at, server=of.server, queue=of.queue,
        agent=of.agent, agent_name=of.agent_name, customer_id=of.customer_id, number=of.number, language=of.language,
        sentiment=of.sentiment, categories=list(found.categories), turns=[_turn(turn) for turn in found.turns],
        more=found.more,
    )  # fmt: skip


def _turn(turn: FoundTurn) -> FoundSaid:
    return FoundSaid(
        n=turn.n, speaker=turn.speaker, start=turn.start, end=turn.end, text=turn.shown, found=list(turn.spans),
        sentiment=turn.sentiment,
    )  # fmt: skip


ENDPOINTS = (
    Endpoint(
        method="GET", path="/transcripts/search", handler=search_transcripts, summary="Search what was said",
        tag="calls", scope=Scope.SPEECH_READ, query=TranscriptSearch, gives=FoundTranscripts,
    ),
)  # fmt: skip
