"""Voice of the customer: what callers answered, for supervisors; every figure opens to the calls it counts."""

from __future__ import annotations

from aiohttp import web

from cxcall.store import survey_pages
from cxcall.store.paging import BadCursor, Slice
from cxcall.store.survey_comments import heard
from cxcall.store.survey_pages import CommentRow
from cxcall.web import comment_sound
from cxcall.web.access import OVERSEERS, needs, user_of
from cxcall.web.keys import ENGINE, SETTINGS
from cxcall.web.pages import survey_export, voice_filter, voice_findings, voice_lines, voice_loading, voice_menus
from cxcall.web.pages.voice_filter import Asked
from cxcall.web.pages.voice_loading import COMMENTS, PATH
from cxcall.web.pages.voice_view import CommentsView, VoiceView
from cxcall.web.presentation import current
from cxcall.web.render import fragment, page
from cxcall.web.rights import hears_comment

ROWS = 25

routes = web.RouteTableDef()


@routes.get(PATH)
@needs(*OVERSEERS)
async def voice_page(request: web.Request) -> web.Response:
    return page(request, "voice.html", await _view(request))


@routes.get(PATH + "/body")
@needs(*OVERSEERS)
async def body(request: web.Request) -> web.Response:
    """The figures alone, fetched anew when somebody answers."""
    return fragment(request, "voice_body.html", await _view(request))


@routes.get(PATH + "/export")
@needs(*OVERSEERS)
async def export(request: web.Request) -> web.StreamResponse:
    """The responses asked for with their answers; `format` csv or xlsx."""
    asked = voice_filter.read(request.query)
    wanted = voice_loading.response_filter(asked, _span(asked))
    send = survey_export.send_xlsx if request.query.get("format") == "xlsx" else survey_export.send_csv
    return await send(request, wanted)


@routes.get(COMMENTS)
@needs(*OVERSEERS)
async def comments_page(request: web.Request) -> web.Response:
    """All comments, newest first."""
    asked = voice_filter.read(request.query)
    wanted = voice_loading.comment_filter(asked, _span(asked))
    async with request.app[ENGINE].connect() as conn:
        try:
            found = await survey_pages.comments(conn, wanted, limit=ROWS, after=request.query.get("after"))
        except BadCursor:
            found = await survey_pages.comments(conn, wanted, limit=ROWS)
        known = await voice_loading.known_names(conn)
        view = CommentsView(
            menus=voice_menus.menus(asked, known, COMMENTS),
            subtitle=voice_findings.period(_span(asked)),
            back=asked.address(PATH),
            comments=await voice_lines.comments(conn, request.app[SETTINGS], found.rows),
            count=await survey_pages.count_comments(conn, wanted),
            newer=_place(asked, found, found.previous),
            older=_place(asked, found, found.next),
        )
    return page(request, "voice_comments.html", view)


@routes.get(COMMENTS + "/{response}/{part}")
@needs()
async def sound(request: web.Request) -> web.StreamResponse:
    """What a caller said, in pieces as the player asks for them. Agents hear those about their own calls."""
    user = user_of(request)
    async with request.app[ENGINE].begin() as conn:
        row = await hears_comment(conn, user, request.match_info["response"])
        comment = next((one for one in row.comments if one.part == request.match_info["part"]), None)
        path = comment_sound.path_of(request.app[SETTINGS], comment.file) if comment else None
        if comment is None or path is None:
            raise web.HTTPNotFound
        if user.oversees and comment.listened_at is None:
            await heard(conn, comment.response_id, comment.part, user.name, current().now)
    return web.FileResponse(path, headers={"Content-Type": "audio/wav", "Cache-Control": comment_sound.KEPT})


async def _view(request: web.Request) -> VoiceView:
    asked = voice_filter.read(request.query)
    async with request.app[ENGINE].connect() as conn:
        return await voice_loading.load(conn, request.app[SETTINGS], asked)


def _span(asked: Asked) -> voice_filter.Span:
    shown = current()
    return voice_filter.span(asked, shown.now, shown.zone, jalali=shown.calendar == "jalali")


def _place(asked: Asked, found: Slice[CommentRow], cursor: str | None) -> str:
    return asked.address(COMMENTS, after=cursor) if cursor and found.rows else ""
