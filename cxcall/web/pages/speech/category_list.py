"""/speech/categories: what is looked for in calls, with how often it was found; ready-made ones, the archive, and past
calls counted anew."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import msgspec
from aiohttp import web

from cxcall.letters import search_key
from cxcall.speech.category import Category, worded
from cxcall.speech.problems import problems
from cxcall.speech.templates import ready_made
from cxcall.store import categories, category_figures
from cxcall.store.categories import CategoryNameTaken, KeptCategory
from cxcall.store.errors import Conflict
from cxcall.web.access import OVERSEERS, needs, user_of
from cxcall.web.keys import ENGINE
from cxcall.web.pages import voice_filter
from cxcall.web.pages.forms import field
from cxcall.web.pages.speech import category_words as words
from cxcall.web.pages.speech.category_loading import (
    FORMER,
    category_of,
    done_of,
    note_act,
    number_in,
    tell,
)
from cxcall.web.pages.speech.category_view import ListView, Ready, Row
from cxcall.web.pages.speech.category_words import PATH, name_of
from cxcall.web.pages.speech.figures_links import calls_url, cut_of
from cxcall.web.pages.voice_filter import Asked
from cxcall.web.presentation import current
from cxcall.web.recounts import MOST_DAYS, RECOUNTS
from cxcall.web.render import fragment, page
from cxcall.web.searches import Group, Hit
from cxcall.web.words import gettext as _

ONE = PATH + "/{id:[A-Za-z0-9_-]+}"
LATELY = 30
"""Days the list counts."""

routes = web.RouteTableDef()


@routes.get(PATH)
@needs(*OVERSEERS)
async def show(request: web.Request) -> web.Response:
    view = await _view(request, archived=request.query.get("archived") == "1")
    who, done = request.query.get("who", ""), request.query.get("done", "")
    undo = f"{PATH}/{who}/undo" if done in ("archived", "restored") and who.replace("_", "").isalnum() else ""
    return page(request, "speech/categories.html", view, done=done_of(request, undo))


@routes.get(PATH + "/recount")
@needs(*OVERSEERS)
async def progress(request: web.Request) -> web.Response:
    """How far the counting of past calls is, for pages that wait."""
    return fragment(request, "speech/recount.html", ListView(
        rows=(), archived=False, others=0, ready=(), recount=request.app[RECOUNTS].last,
    ))  # fmt: skip


@routes.post(PATH + "/recount")
@needs(*OVERSEERS)
async def recount(request: web.Request) -> web.StreamResponse:
    """Search the calls of the last `days` days with the categories as they are now."""
    form = await request.post()
    days = min(max(1, number_in(field(form, "days")) or LATELY), MOST_DAYS)
    user, now = user_of(request), current().now
    begun = await request.app[RECOUNTS].begin(since=now - timedelta(days=days), days=days, by=user.name)
    if begun:
        async with request.app[ENGINE].begin() as conn:
            await note_act(request, conn, "categories.recount", "categories", days=days)
    raise web.HTTPSeeOther(f"{PATH}?done=recounting")


@routes.post(PATH + "/ready")
@needs(*OVERSEERS)
async def add_ready(request: web.Request) -> web.StreamResponse:
    """Add one ready-made category (`id`), or all that are not there (`id` empty)."""
    wanted = field(await request.post(), "id")
    chosen = [one for one in ready_made() if wanted in ("", one.id)]
    async with request.app[ENGINE].begin() as conn:
        added = await categories.seed(conn, chosen, now=current().now)
        if added:
            await note_act(request, conn, "category.create", f"category:{wanted or 'ready-made'}", added=added)
    tell(request)
    raise web.HTTPSeeOther(f"{PATH}?done={'added' if wanted else 'all_added'}")


@routes.post(ONE + "/{act:archive|restore|duplicate}")
@needs(*OVERSEERS)
async def act_on(request: web.Request) -> web.StreamResponse:
    act, kept = request.match_info["act"], await category_of(request)
    by, now = user_of(request).name, current().now
    async with request.app[ENGINE].begin() as conn:
        if act == "duplicate":
            known = [one.category for one in await categories.everything(conn)]
            copy = msgspec.structs.replace(kept.category, id="", name=_copy_name(kept.category, known))
            made = await categories.create(conn, copy, by=by, now=now)
            await note_act(request, conn, "category.create", f"category:{made.id}", name=name_of(made.category))
            place = f"{PATH}/{made.id}?done=duplicated"
        else:
            place = f"{PATH}?done={act}d&who={kept.id}"
            changed = msgspec.structs.replace(kept.category, enabled=act == "restore")
            try:
                after = await categories.save(conn, changed, version=kept.version, by=by, now=now)
            except (Conflict, CategoryNameTaken):
                raise web.HTTPSeeOther(PATH) from None
            await note_act(request, conn, f"category.{act}", f"category:{kept.id}", name=name_of(kept.category))
            request.app[FORMER].put(after, kept.category)
    tell(request)
    raise web.HTTPSeeOther(place)


@routes.post(ONE + "/undo")
@needs(*OVERSEERS)
async def undo(request: web.Request) -> web.StreamResponse:
    """Take the last change back; nothing happens when somebody changed it since."""
    kept = await category_of(request)
    before = request.app[FORMER].of(kept)
    if before is None:
        raise web.HTTPSeeOther(f"{PATH}/{kept.id}")
    try:
        async with request.app[ENGINE].begin() as conn:
            await categories.save(conn, before, version=kept.version, by=user_of(request).name, now=current().now)
            await note_act(request, conn, "category.change", f"category:{kept.id}", undone=True)
    except (Conflict, CategoryNameTaken):
        raise web.HTTPSeeOther(f"{PATH}/{kept.id}") from None
    tell(request)
    raise web.HTTPSeeOther(f"{PATH}?done=undone")


async def search(request: web.Request, text: str) -> Group | None:
    """Categories by name, for those who may open them."""
    if not user_of(request).oversees or not text:
        return None
    key = search_key(text)
    async with request.app[ENGINE].connect() as conn:
        everything = await categories.everything(conn)
    found = [kept for kept in everything if any(key in search_key(name) for name in kept.category.name.values())][:5]
    hits = [Hit(path=f"{PATH}/{kept.id}", icon="tag", title=name_of(kept.category)) for kept in found]
    return Group(title=_("Categories"), hits=hits)


async def _view(request: web.Request, *, archived: bool) -> ListView:
    shown = current()
    today = shown.local(shown.now).date()
    asked = Asked(since=today - timedelta(days=LATELY - 1), until=today)
    span = voice_filter.span(asked, shown.now, shown.zone, jalali=shown.calendar == "jalali")
    async with request.app[ENGINE].connect() as conn:
        everything = await categories.everything(conn)
        counted = await category_figures.counts(conn, cut_of(asked, span))
    counts = {one.category_id: one.calls for one in counted.categories}
    chosen = [kept for kept in everything if kept.category.enabled != archived]
    rows = [_row(kept, counts.get(kept.id, 0), calls_url(asked, span, category=kept.id)) for kept in chosen]
    return ListView(
        rows=sorted(rows, key=lambda row: row.name.casefold()),
        archived=archived,
        others=len(everything) - len(chosen),
        ready=_ready([kept.category for kept in everything]),
        recount=request.app[RECOUNTS].last,
    )


def _row(kept: KeptCategory, calls: int, url: str) -> Row:
    category = kept.category
    return Row(
        id=kept.id,
        name=name_of(category),
        kind=_(words.SHORT_KINDS[category.kind]),
        tone=category.tone,
        phrases=sum(len(term.phrases) for rule in category.rules for term in (rule.says, rule.then) if term),
        queues=category.queues,
        hint=category.hint is not None,
        alerts=category.alerts,
        calls=calls,
        url=url,
        errors=sum(one.severity == "error" for one in problems(category)),
        updated_at=kept.updated_at,
    )


def _ready(known: Sequence[Category]) -> list[Ready]:
    """Ready-made ones that are neither there by id nor by name."""
    ids, names = {one.id for one in known}, {categories.name_key(one.name) for one in known}
    return [
        Ready(
            id=one.id, name=name_of(one), kind=_(words.SHORT_KINDS[one.kind]),
            examples=", ".join([phrase for rule in one.rules for phrase in rule.says.phrases][:3]),
        )
        for one in ready_made()
        if one.id not in ids and categories.name_key(one.name) not in names
    ]  # fmt: skip


def _copy_name(category: Category, known: Sequence[Category]) -> dict[str, str]:
    taken = {name for one in known for name in one.name.values()}
    n = 2
    while any(f"{name[:95]} {n}" in taken for name in category.name.values()):
        n += 1
    return {code: f"{name[:95]} {n}" for code, name in category.name.items() if worded({code: name}, code)}
