"""An agent's own results: the answers of their callers, what those say over the weeks, and what was said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from aiohttp import web
from markupsafe import Markup
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.store import survey_figures, survey_pages
from cxcall.store.held import Phones, names_of, spells_of
from cxcall.store.survey_answers import ResponseRow
from cxcall.store.survey_figures import Cut, Period
from cxcall.store.survey_pages import CommentFilter, ResponseFilter
from cxcall.web.access import needs, user_of
from cxcall.web.keys import ENGINE, SETTINGS
from cxcall.web.pages import voice_filter, voice_findings, voice_funnel, voice_lines, voice_links, voice_view
from cxcall.web.pages.quality import own
from cxcall.web.pages.quality.own import OwnQuality
from cxcall.web.pages.quality.shared import done
from cxcall.web.pages.voice_filter import Asked, Quick, Span
from cxcall.web.pages.voice_menus import PERIODS
from cxcall.web.pages.voice_tiles import Asking, Measured, of_response, of_score
from cxcall.web.pages.voice_view import Choice, CommentLine, Given, Tile
from cxcall.web.presentation import current
from cxcall.web.render import fragment, page
from cxcall.web.words import gettext as _

PATH = "/desk/results"
USUAL: Quick = "week"
ROWS = 20

routes = web.RouteTableDef()


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerLine:
    """A call with its answers."""

    call_id: str | None
    who: str
    customer_id: str | None
    number: str
    queue: str
    at: datetime
    scores: Sequence[Given]


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultsView:
    """The page. `phoneless`: the agent has no extension yet; `nothing`: what is said when there is no answer."""

    subtitle: str
    period: Sequence[Choice]
    body_url: str
    phoneless: bool = False
    empty: bool = True
    nothing: str = ""
    tiles: Sequence[Tile] = ()
    answers: Sequence[AnswerLine] = ()
    comments: Sequence[CommentLine] = ()
    quality: OwnQuality | None = None

    @property
    def chosen(self) -> str:
        return next((choice.name for choice in self.period if choice.current), "")

    def signed(self, value: float, decimals: int = 0) -> Markup:
        """A number with its sign, kept in its own direction."""
        return voice_view.signed(value, decimals)


@routes.get(PATH)
@needs()
async def results_page(request: web.Request) -> web.Response:
    shown = current()
    async with request.app[ENGINE].connect() as conn:
        theirs = await own.of_agent(conn, user_of(request).id, shown.local(shown.now).date())
    view = replace(await _view(request), quality=theirs)
    return page(request, "my_results.html", view, done=done(request))


@routes.get(PATH + "/body")
@needs()
async def body(request: web.Request) -> web.Response:
    """The results alone, fetched anew every minute."""
    return fragment(request, "my_results_body.html", await _view(request))


async def _view(request: web.Request) -> ResultsView:
    asked = voice_filter.read({"when": request.query.get("when", "")})
    quick = asked.when or USUAL
    shown = current()
    span = voice_filter.span(asked.but(when=quick), shown.now, shown.zone, jalali=shown.calendar == "jalali")
    view = ResultsView(
        subtitle=voice_findings.period(span),
        period=[
            Choice(name=_(text), url=f"{PATH}?when={key}", current=key == quick) for key, text in PERIODS
        ],
        body_url=f"{PATH}/body?when={quick}",
        phoneless=not user_of(request).past_phones,
        nothing=_("No answers yet this week.") if quick == USUAL else _("No answers in this time."),
    )  # fmt: skip
    if view.phoneless:
        return view
    async with request.app[ENGINE].connect() as conn:
        return await _filled(conn, request, view, span)


async def _filled(conn: AsyncConnection, request: web.Request, view: ResultsView, span: Span) -> ResultsView:
    phones = user_of(request).past_phones
    wanted = ResponseFilter(since=span.since, until=span.until, agent=phones)
    rows = await survey_pages.page(conn, wanted, limit=ROWS)
    tiles = await _tiles(conn, phones, span)
    answered = [row for row in rows.rows if row.answers]
    if not answered and not any(tile.n for tile in tiles[:-1]):
        return view
    said = CommentFilter(since=span.since, until=span.until, agent=phones)
    comments = await survey_pages.comments(conn, said, limit=ROWS // 2)
    return ResultsView(
        subtitle=view.subtitle,
        period=view.period,
        body_url=view.body_url,
        empty=False,
        tiles=tiles,
        answers=[_line(row) for row in answered],
        comments=await voice_lines.comments(conn, request.app[SETTINGS], comments.rows),
    )


async def _tiles(conn: AsyncConnection, phones: Phones, span: Span) -> list[Tile]:
    shown = current()
    before = voice_filter.before(span, shown.zone)
    weeks = voice_filter.weeks(span, shown.zone, jalali=shown.calendar == "jalali")
    edges = [weeks[0].since, *(week.until for week in weeks)]
    now, then = await _results(conn, phones, span), await _results(conn, phones, before)
    names = names_of(phones)
    cut = Cut(period=Period(since=span.since, until=span.until), agents=names, held=spells_of(phones))
    mine = Asked(agent=names[0] if len(names) == 1 else "")

    def link(filter_: str) -> str:
        return voice_links.calls_url(mine, span, filter_)

    scored = [
        of_score(
            Measured(
                measure=measure,
                now=now.scores.get(measure, {}),
                before=then.scores.get(measure, {}),
                weeks=await survey_figures.scores_by_edges(conn, measure, edges, cut),
            ),
            link,
        )
        for measure in ("csat", "nps", "ces")
        if measure != "ces" or now.scores.get("ces")
    ]
    asked = voice_funnel.asking(now.funnel)
    return [*scored, of_response(asked, Asking(asked=0, finished=0), (), link)]


async def _results(conn: AsyncConnection, phones: Phones, span: Span) -> survey_figures.AgentResults:
    period = Period(since=span.since, until=span.until)
    return await survey_figures.results_of_agent(conn, phones, period)


def _line(row: ResponseRow) -> AnswerLine:
    response = row.response
    return AnswerLine(
        call_id=response.call_id,
        who=row.customer_name or "",
        customer_id=None,  # the line is one link, to the call
        number=response.number,
        queue=response.queue,
        at=response.offered_at,
        scores=voice_lines.scores(row) or voice_lines.answers(row)[:1],
    )
