"""The voice of the customer read from the store: every figure one count in the database, put together for the page."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.settings import Settings
from cxcall.store import survey_drivers, survey_figures, survey_names, survey_pages, survey_weeks, surveys, tasks
from cxcall.store.survey_figures import Cut, FunnelCount, Period
from cxcall.store.survey_pages import CommentFilter, ResponseFilter
from cxcall.store.surveys import Survey
from cxcall.store.tasks import TaskFilter
from cxcall.surveys import score
from cxcall.surveys.script import Measure
from cxcall.web.dates import date_text
from cxcall.web.pages import (
    voice_figures,
    voice_filter,
    voice_findings,
    voice_funnel,
    voice_lines,
    voice_links,
    voice_menus,
    voice_moves,
    voice_tiles,
)
from cxcall.web.pages.voice_filter import Asked, Span
from cxcall.web.pages.voice_funnel import ByAgent
from cxcall.web.pages.voice_menus import Known
from cxcall.web.pages.voice_tiles import Link, Measured
from cxcall.web.pages.voice_view import AgentLine, Bar, Choice, Menus, Slice, Step, Tile, VoiceView, Week
from cxcall.web.presentation import current
from cxcall.web.queue_titles import titled
from cxcall.web.words import gettext as _

PATH = "/surveys"
COMMENTS = PATH + "/comments"
SHOWN_COMMENTS = 3
MEASURES: tuple[Measure, ...] = ("csat", "nps", "ces")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What one answer of the page reads by: the question, its spans, and what there is to choose from."""

    asked: Asked
    period: Span
    before: Span
    weeks: Sequence[Span]
    known: Known

    @property
    def cut(self) -> Cut:
        return cut_of(self.asked, self.period)

    @property
    def edges(self) -> list[datetime]:
        """Ends of the weeks: one more than there are weeks."""
        return [self.weeks[0].since, *(week.until for week in self.weeks)]

    def link(self, filter_: str, *, queue: str | None = None, agent: str | None = None) -> str:
        """The calls a figure counts."""
        return voice_links.calls_url(self.asked, self.period, filter_, queue=queue, agent=agent)


def reading(asked: Asked, known: Known) -> Reading:
    """The spans of a question, in the reader's calendar."""
    shown = current()
    jalali = shown.calendar == "jalali"
    period = voice_filter.span(asked, shown.now, shown.zone, jalali=jalali)
    return Reading(
        asked=asked,
        period=period,
        before=voice_filter.before(period, shown.zone),
        weeks=voice_filter.weeks(period, shown.zone, jalali=jalali),
        known=known,
    )


def cut_of(asked: Asked, span: Span) -> Cut:
    """The answers of a span that the filters leave."""
    return Cut(
        period=Period(since=span.since, until=span.until),
        queue=asked.queue or None,
        agents=(asked.agent,) if asked.agent else (),
        survey_id=asked.survey or None,
    )


async def known_names(conn: AsyncConnection) -> Known:
    """What there is to choose from."""
    named = {survey.id: survey.name for survey in await surveys.everything(conn, state=None)}
    return Known(queues=await survey_names.queues(conn), agents=await survey_names.agents(conn), surveys=named)


async def load(conn: AsyncConnection, settings: Settings, asked: Asked) -> VoiceView:
    """The whole page."""
    read = reading(asked, await known_names(conn))
    funnel = await survey_figures.funnel(conn, read.cut)
    exported = await survey_pages.count(conn, response_filter(asked, read.period))
    menus = voice_menus.menus(asked, read.known, PATH, exported=exported)
    if not funnel and not exported:
        return _empty(read, menus, ever=await survey_names.ever(conn))
    measured = {measure: await _measured(conn, read, measure) for measure in MEASURES}
    goal = _goal(await surveys.everything(conn), asked)
    weekly = measured["nps"].by_week
    by_queue = await _queues(conn, read, measured["csat"])
    drivers = voice_moves.moved(await survey_drivers.drivers(conn, "nps", read.cut), read.known.agents)
    wanted = comment_filter(asked, read.period)
    comments = await survey_pages.comments(conn, wanted, limit=SHOWN_COMMENTS)
    counts = measured["nps"].now
    slices = _slices(read, counts)
    return VoiceView(
        menus=menus,
        subtitle=_subtitle(read),
        body_url=asked.address(PATH + "/body"),
        empty=False,
        ever=True,
        tiles=await _tiles(conn, read, measured, funnel),
        weeks=[_week(read, span, one) for span, one in zip(read.weeks, weekly, strict=True)],
        goal=goal,
        finding=voice_findings.trend([span.first for span in read.weeks], weekly, goal),
        slices=slices,
        slices_text=voice_findings.who_answered(*(slice_.share / 100 for slice_ in slices)),
        answered=measured["nps"].score.n,
        queues=by_queue,
        moved=drivers,
        moved_text=voice_findings.drivers(voice_moves.strongest(drivers)),
        steps=await _steps(conn, read, funnel),
        reasons=voice_funnel.reasons(funnel, read.link),
        surveys=_choose_survey(read),
        agents=await _agents(conn, read, measured["csat"]),
        comments=await voice_lines.comments(conn, settings, comments.rows),
        comments_count=await survey_pages.count_comments(conn, wanted),
        comments_url=asked.address(COMMENTS),
    )


def response_filter(asked: Asked, span: Span) -> ResponseFilter:
    """The responses an export holds: those that were asked."""
    return ResponseFilter(
        since=span.since, until=span.until, queue=asked.queue or None, agent=asked.agent or None,
        survey_id=asked.survey or None,
    )  # fmt: skip


def comment_filter(asked: Asked, span: Span) -> CommentFilter:
    """The comments of a question."""
    return CommentFilter(
        since=span.since, until=span.until, queue=asked.queue or None, agent=asked.agent or None,
        survey_id=asked.survey or None,
    )  # fmt: skip


def _empty(read: Reading, menus: Menus, *, ever: bool) -> VoiceView:
    url = read.asked.address(PATH + "/body")
    return VoiceView(menus=menus, subtitle=_subtitle(read), body_url=url, empty=True, ever=ever)


def _subtitle(read: Reading) -> str:
    values = {"days": voice_findings.period(read.period), "before": voice_findings.compared(read.period)}
    return _("Surveys of %(days)s, %(before)s") % values


async def _measured(conn: AsyncConnection, read: Reading, measure: Measure) -> Measured:
    return Measured(
        measure=measure,
        now=await survey_figures.scores(conn, measure, read.cut),
        before=await survey_figures.scores(conn, measure, cut_of(read.asked, read.before)),
        weeks=await survey_figures.scores_by_edges(conn, measure, read.edges, read.cut),
    )


async def _tiles(
    conn: AsyncConnection, read: Reading, measured: dict[Measure, Measured], funnel: Sequence[FunnelCount]
) -> list[Tile]:
    before = await survey_figures.funnel(conn, cut_of(read.asked, read.before))
    weeks = await survey_weeks.asked_by_edges(conn, read.edges, read.cut)
    now = current().now
    owed = TaskFilter(kind="call_back", from_survey=True)
    promised = await tasks.counts(conn, owed, now=now, day_ends=now + timedelta(days=1))
    rate = voice_tiles.of_response(
        voice_funnel.asking(funnel),
        voice_funnel.asking(before),
        [voice_tiles.Asking(asked=asked, finished=finished) for asked, finished in weeks],
        read.link,
    )
    scored = [voice_tiles.of_score(one, read.link) for one in measured.values()]
    return [*scored, rate, voice_tiles.of_call_backs(promised.open, promised.overdue)]


def _goal(active: Sequence[Survey], asked: Asked) -> float | None:
    """The goal of the survey asked for, or the one all surveys that have a goal share."""
    goals = {survey.goal_nps for survey in active if survey.goal_nps is not None and asked.survey in ("", survey.id)}
    return goals.pop() if len(goals) == 1 else None


def _week(read: Reading, span: Span, one: score.Score) -> Week:
    url = voice_links.calls_url(read.asked, span, "nps")
    return Week(span=span, label=date_text(span.first, year=False), score=one, url=url)


def _slices(read: Reading, counts: voice_figures.Counts) -> list[Slice]:
    promoters, passives, detractors = voice_figures.parts_of_nps(counts)
    whole = (promoters + passives + detractors) or 1
    link = read.link
    return [
        Slice(name=_("Promoters 9–10"), kind="good", n=promoters, share=100 * promoters / whole, x=0.0,
              url=link("nps:9-10")),
        Slice(name=_("Passive 7–8"), kind="mid", n=passives, share=100 * passives / whole,
              x=100 * promoters / whole, url=link("nps:7-8")),
        Slice(name=_("Detractors 0–6"), kind="bad", n=detractors, share=100 * detractors / whole,
              x=100 * (promoters + passives) / whole, url=link("nps:0-6")),
    ]  # fmt: skip


async def _queues(conn: AsyncConnection, read: Reading, all_of_them: Measured) -> list[Bar]:
    found = await survey_figures.scores_by_queue(conn, "csat", read.cut)
    bars = []
    for queue, counts in found.items():
        one = score.csat(counts)
        bars.append(
            Bar(
                name=titled(queue) or _("without a queue"),
                share=None if one.value is None else one.value / 100,
                n=one.n,
                url=read.link("csat", queue=queue),
                few=one.few,
                behind=voice_figures.is_behind(one, all_of_them.score),
            )
        )
    return sorted(bars, key=lambda bar: (bar.few, -(bar.share or 0.0), bar.name))


def _survey_of_questions(read: Reading) -> str:
    """The survey whose questions are steps of the funnel: the one asked for, or the only one."""
    if read.asked.survey:
        return read.asked.survey
    return next(iter(read.known.surveys)) if len(read.known.surveys) == 1 else ""


async def _steps(conn: AsyncConnection, read: Reading, funnel: Sequence[FunnelCount]) -> Sequence[Step]:
    chosen = _survey_of_questions(read)
    survey = await surveys.get(conn, chosen) if chosen else None
    if survey is None:
        return voice_funnel.steps(funnel, (), read.link)
    counts = await survey_figures.parts(conn, dataclasses.replace(read.cut, survey_id=survey.id))
    live = await surveys.script_of(conn, survey.id, survey.published) if survey.published else survey.draft
    asked = read.asked.but(survey=survey.id)

    def link(filter_: str) -> str:
        of = asked if filter_.startswith("part:") else read.asked
        return voice_links.calls_url(of, read.period, filter_)

    return voice_funnel.steps(funnel, voice_funnel.questions(live, counts), link)


def _choose_survey(read: Reading) -> list[Choice]:
    if _survey_of_questions(read):
        return []
    return [
        Choice(name=name, url=read.asked.but(survey=id_).address(PATH) + "#funnel", current=False)
        for id_, name in read.known.surveys.items()
    ]


async def _agents(
    conn: AsyncConnection, read: Reading, all_of_them: Measured
) -> Sequence[AgentLine]:  # fmt: skip
    funnel = await survey_figures.funnel_by_agent(conn, read.cut)
    csat = await survey_figures.scores_by_agent(conn, "csat", read.cut)
    nps = await survey_figures.scores_by_agent(conn, "nps", read.cut)
    agents = {*funnel, *csat, *nps}
    known = ByAgent(
        names=read.known.agents,
        funnel=funnel,
        csat=csat,
        nps=nps,
        links={agent: _link_of(read, agent) for agent in agents},
        own={agent: read.asked.but(agent=agent).address(PATH) for agent in agents},
    )
    return voice_funnel.agents(known, all_of_them.score)


def _link_of(read: Reading, agent: str) -> Link:
    return lambda filter_: read.link(filter_, agent=agent)
