"""`/speech/figures`: what was found and felt in the calls of a period."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import msgspec

from cxcall.store import call_pages, category_figures, speech_figures
from cxcall.store.call_filters import CallFilter
from cxcall.store.category_figures import Cut
from cxcall.store.survey_figures import Period
from cxcall.web.access import OVERSEERS
from cxcall.web.api.calls import Word
from cxcall.web.api.endpoint import Asked, Endpoint
from cxcall.web.api.scopes import Scope
from cxcall.web.api.wire import Time
from cxcall.web.problems import Problem

Moment = Annotated[datetime, msgspec.Meta(tz=True)]


class FiguresQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Calls begun from `since` to before `until`, of a queue, of an agent (an interface such as PJSIP/1001)."""

    since: Moment
    until: Moment
    queue: Word | None = None
    agent: Word | None = None


class FoundCategory(msgspec.Struct, frozen=True, kw_only=True):
    """A category: `calls` it was found in, their `share` of those heard (0…1), how customers felt in them (−1…+1)."""

    category: str
    calls: int
    share: float | None
    sentiment: float | None
    negative: int
    neutral: int
    positive: int


class SaidCategory(msgspec.Struct, frozen=True, kw_only=True):
    """Something that had to be said: in how many of `n` calls it was."""

    category: str
    said: int
    n: int


class SpeechFigures(msgspec.Struct, frozen=True, kw_only=True):
    """Figures of METRICS over the calls `heard` of those `answered`; shares 0…1, null where nothing tells."""

    answered: int
    heard: int
    sentiment: float | None
    sentiment_n: int
    negative: int
    neutral: int
    positive: int
    talk_share: float | None
    silence_share: float | None
    silences: int
    calls_with_silence: int
    agent_interruptions: int
    customer_interruptions: int
    calls_with_interruption: int
    categories: list[FoundCategory]
    required: list[SaidCategory]
    since: Time
    until: Time


async def get_speech_figures(asked: Asked[FiguresQuery, None]) -> SpeechFigures:
    query = asked.query
    if query.until <= query.since:
        error = {"detail": "until must be after since", "parameter": "until"}
        raise Problem(422, "The period is empty.", errors=[error])
    agents = (query.agent,) if query.agent else ()
    cut = Cut(period=Period(since=query.since, until=query.until), queue=query.queue, agents=agents)
    wanted = CallFilter(
        since=query.since, until=query.until, outcome="answered", queue=query.queue, extension=query.agent
    )
    async with asked.engine.connect() as conn:
        answered = await call_pages.count(conn, wanted, at_most=10_000_000)
        sums = await speech_figures.sums(conn, cut)
        counted = await category_figures.counts(conn, cut)
        moods = await speech_figures.moods(conn, cut)
        required = await category_figures.required(conn, cut)
    return SpeechFigures(
        answered=answered, heard=sums.heard, sentiment=sums.mood, sentiment_n=sums.moods.felt,
        negative=sums.moods.negative, neutral=sums.moods.neutral, positive=sums.moods.positive,
        talk_share=sums.talk_share, silence_share=sums.silence_share, silences=sums.silences,
        calls_with_silence=sums.silent, agent_interruptions=sums.agent_interruptions,
        customer_interruptions=sums.customer_interruptions, calls_with_interruption=sums.interrupted,
        categories=[
            FoundCategory(
                category=one.category_id, calls=one.calls, share=one.share, sentiment=one.mood,
                negative=felt.negative, neutral=felt.neutral, positive=felt.positive,
            )
            for one, felt in ((one, moods[one.category_id]) for one in counted.categories)
        ],
        required=[SaidCategory(category=one.category_id, said=one.said, n=one.n) for one in required],
        since=query.since, until=query.until,
    )  # fmt: skip


ENDPOINTS = (
    Endpoint(
        method="GET", path="/speech/figures", handler=get_speech_figures, summary="Figures of speech in a period",
        tag="speech", scope=Scope.SPEECH_READ, roles=tuple(OVERSEERS), query=FiguresQuery, gives=SpeechFigures,
    ),
)  # fmt: skip
