"""/speech: what calls are about and how they go, for supervisors; every figure opens to the calls it counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.speech.category import Category
from cxcall.store import categories, customers, speech_names, speech_talks
from cxcall.store.paging import BadCursor
from cxcall.store.speech_talks import Talk, Talks
from cxcall.web.access import OVERSEERS, needs
from cxcall.web.keys import ENGINE
from cxcall.web.pages import voice_filter, voice_findings
from cxcall.web.pages.speech import figures_export, figures_loading, figures_page
from cxcall.web.pages.speech.category_words import name_of
from cxcall.web.pages.speech.figures_links import CALLS, PATH, cut_of, talks
from cxcall.web.pages.speech.figures_view import TalkRow, TalksView
from cxcall.web.pages.speech.mood import feeling
from cxcall.web.pages.voice_filter import Asked
from cxcall.web.render import page
from cxcall.web.words import gettext as _

ROWS = 50
MOST_PICKED = 5

routes = web.RouteTableDef()


@routes.get(PATH)
@needs(*OVERSEERS)
async def show(request: web.Request) -> web.Response:
    asked = voice_filter.read(request.query)
    async with request.app[ENGINE].connect() as conn:
        read = await figures_loading.load(conn, asked)
        ever = await speech_names.ever(conn)
    view = figures_page.view(read, picked=_picked(request), ever=ever, sets_up=_has(request, "/admin/speech"))
    return page(request, "speech/figures.html", view)


@routes.get(PATH + "/export")
@needs(*OVERSEERS)
async def export(request: web.Request) -> web.StreamResponse:
    """The table of categories; `format` csv or xlsx."""
    async with request.app[ENGINE].connect() as conn:
        read = await figures_loading.load(conn, voice_filter.read(request.query))
    return await figures_export.send(request, read, xlsx=request.query.get("format") == "xlsx")


@routes.get(CALLS)
@needs(*OVERSEERS)
async def calls(request: web.Request) -> web.Response:
    """The calls behind a figure, newest first; each opens at the second where it was found."""
    asked = voice_filter.read(request.query)
    span = figures_loading.spans_of(asked).period
    wanted = talks(request.query, cut_of(asked, span))
    async with request.app[ENGINE].connect() as conn:
        try:
            found = await speech_talks.page(conn, wanted, limit=ROWS, after=request.query.get("after"))
        except BadCursor:
            found = await speech_talks.page(conn, wanted, limit=ROWS)
        known = {kept.id: kept.category for kept in await categories.everything(conn)}
        names = await _names(conn, found.rows)
        agents = await speech_names.agents(conn)
        total = await speech_talks.count(conn, wanted)

    def place(cursor: str | None) -> str:
        keep = {name: request.query.get(name, "") for name in ("category", "feeling", "marked", "required", "said")}
        return asked.address(CALLS, after=cursor, **keep) if cursor and found.rows else ""

    view = TalksView(
        title=_title(wanted, known),
        about=_about(wanted, asked, agents),
        subtitle=voice_findings.period(span),
        back=asked.address(PATH),
        count=total,
        rows=[_row(talk, names) for talk in found.rows],
        newer=place(found.previous),
        older=place(found.next),
    )
    return page(request, "speech/talks.html", view)


def _picked(request: web.Request) -> list[str]:
    """Categories of the chart: `show=a,b` or the boxes of its form."""
    words = [word.strip()[:100] for value in request.query.getall("show", []) for word in value.split(",")]
    return list(dict.fromkeys(word for word in words if word))[:MOST_PICKED]


def _has(request: web.Request, path: str) -> bool:
    return any(resource.canonical == path for resource in request.app.router.resources())


async def _names(conn: AsyncConnection, rows: Sequence[Talk]) -> dict[str, str]:
    """Names of the customers of a page, by id."""
    found = await customers.many(conn, [row.customer_id for row in rows if row.customer_id])
    return {id_: customer.profile.name for id_, customer in found.items() if customer.profile.name}


def _row(talk: Talk, names: Mapping[str, str]) -> TalkRow:
    at = f"?t={int(talk.start)}" if talk.start is not None else ""
    return TalkRow(
        url=f"/calls/{talk.call_id}{at}" if talk.call_id else "",
        who=names.get(talk.customer_id or "", ""),
        number=talk.number,
        began_at=talk.began_at,
        queue=talk.queue,
        agent=talk.agent_name or talk.agent,
        feeling=feeling(talk.sentiment),
        at=talk.start,
        quote=talk.quote or "",
    )


def _title(wanted: Talks, known: Mapping[str, Category]) -> str:
    if wanted.category_id is not None:
        return name_of(known.get(wanted.category_id))
    if wanted.required_id is not None:
        texts = {True: _("Said: %(what)s"), False: _("Not said: %(what)s"), None: _("Had to be said: %(what)s")}
        return texts[wanted.said] % {"what": name_of(known.get(wanted.required_id))}
    if wanted.marked == "silence":
        return _("Calls with a silence over 3 s")
    if wanted.marked == "interruption":
        return _("Calls with an interruption")
    return _("Negative calls") if wanted.feeling == "negative" else _("Calls heard")


def _about(wanted: Talks, asked: Asked, agents: Mapping[str, str]) -> list[str]:
    """What else narrows the list."""
    feelings = {"negative": _("Negative"), "neutral": _("Neutral"), "positive": _("Positive")}
    told = [feelings.get(wanted.feeling or "", ""), asked.queue, agents.get(asked.agent, asked.agent)]
    return [text for text in told if text]
