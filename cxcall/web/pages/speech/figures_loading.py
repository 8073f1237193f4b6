"""The figures of speech read from the store and put together for /speech, its export and the API."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.speech.category import Category
from cxcall.store import call_pages, categories, category_figures, speech_figures, speech_names
from cxcall.store.call_filters import CallFilter
from cxcall.store.category_figures import Counted, RequiredShare, Trend
from cxcall.store.speech_figures import Moods, SpeechSums
from cxcall.web.pages import voice_filter, voice_menus
from cxcall.web.pages.speech.figures_links import PATH, cut_of
from cxcall.web.pages.voice_filter import Asked, Span
from cxcall.web.pages.voice_menus import Known
from cxcall.web.pages.voice_view import Choice, Menus
from cxcall.web.presentation import current

MOST = 10_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Spans:
    """A question's period, the one before it, and the weeks up to its end."""

    period: Span
    before: Span
    weeks: Sequence[Span]


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """All figures of a question. `answered`: calls that were answered, heard or not."""

    asked: Asked
    spans: Spans
    known: Known
    categories: Mapping[str, Category]
    answered: int
    sums: SpeechSums
    before_sums: SpeechSums
    counted: Counted
    before: Counted
    trend: Trend
    moods: Mapping[str, Moods]
    required: Sequence[RequiredShare]
    by_queue: Mapping[str, Mapping[str, RequiredShare]]
    by_agent: Mapping[str, Mapping[str, RequiredShare]]


def spans_of(asked: Asked) -> Spans:
    """In the reader's calendar."""
    shown = current()
    jalali = shown.calendar == "jalali"
    period = voice_filter.span(asked, shown.now, shown.zone, jalali=jalali)
    return Spans(
        period=period,
        before=voice_filter.before(period, shown.zone),
        weeks=voice_filter.weeks(period, shown.zone, jalali=jalali),
    )


async def known_names(conn: AsyncConnection) -> Known:
    """What there is to choose from."""
    return Known(queues=await speech_names.queues(conn), agents=await speech_names.agents(conn), surveys={})


async def load(conn: AsyncConnection, asked: Asked) -> Figures:
    """All figures of a question; each is one look into an index."""
    spans = spans_of(asked)
    cut, past = cut_of(asked, spans.period), cut_of(asked, spans.before)
    edges = [spans.weeks[0].since, *(week.until for week in spans.weeks)]
    answered = CallFilter(
        since=spans.period.since, until=spans.period.until, outcome="answered", queue=asked.queue or None,
        extension=asked.agent or None,
    )  # fmt: skip
    return Figures(
        asked=asked,
        spans=spans,
        known=await known_names(conn),
        categories={kept.id: kept.category for kept in await categories.everything(conn)},
        answered=await call_pages.count(conn, answered, at_most=MOST),
        sums=await speech_figures.sums(conn, cut),
        before_sums=await speech_figures.sums(conn, past),
        counted=await category_figures.counts(conn, cut),
        before=await category_figures.counts(conn, past),
        trend=await category_figures.trend(conn, edges, cut),
        moods=await speech_figures.moods(conn, cut),
        required=await category_figures.required(conn, cut),
        by_queue=await speech_figures.required_by(conn, "queue", cut),
        by_agent=await speech_figures.required_by(conn, "agent", cut),
    )


def menus(asked: Asked, known: Known, path: str, *, picked: Sequence[str] = (), exported: int = 0) -> Menus:
    """The filters above the page; each link keeps the others and what the chart shows."""
    shown = {"show": ",".join(picked)}
    made = voice_menus.menus(asked, known, path, exported=exported)

    def keep(url: str) -> str:
        return f"{url}{'&' if '?' in url else '?'}show={shown['show']}" if picked else url

    def kept(choices: Sequence[Choice]) -> list[Choice]:
        return [dataclasses.replace(choice, url=keep(choice.url)) for choice in choices]

    return dataclasses.replace(
        made, period=kept(made.period), queues=kept(made.queues), agents=kept(made.agents),
        hidden=[*made.hidden, *(shown.items() if picked else ())],
        csv_url=asked.address(PATH + "/export", format="csv"), xlsx_url=asked.address(PATH + "/export", format="xlsx"),
    )  # fmt: skip
