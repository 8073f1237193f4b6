"""/speech/categories/ID: the editor. What is typed stays in the form until it is saved; with scripts its match count
follows the typing (category.ts), without them it is asked for by a button of the same form."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from aiohttp import web

from cxcall.letters import tidy
from cxcall.speech.category import Category, Rule, Term
from cxcall.speech.problems import problems
from cxcall.store import articles, categories, lists, speech_names
from cxcall.store.categories import CategoryNameTaken, KeptCategory, NoSuchCategory
from cxcall.store.errors import Conflict
from cxcall.web.access import OVERSEERS, needs, user_of
from cxcall.web.keys import ENGINE
from cxcall.web.pages.prompts_view import LANGUAGE_NAMES
from cxcall.web.pages.speech import category_form, category_sample
from cxcall.web.pages.speech import category_words as words
from cxcall.web.pages.speech.category_form import LONGEST_TEXT, Written
from cxcall.web.pages.speech.category_list import ONE
from cxcall.web.pages.speech.category_loading import FORMER, category_of, done_of, note_act, number_in, tell
from cxcall.web.pages.speech.category_view import EditorView, marked
from cxcall.web.pages.speech.category_words import PATH, choices, name_of
from cxcall.web.presentation import current
from cxcall.web.recounts import RECOUNTS
from cxcall.web.render import fragment, page
from cxcall.web.words import gettext as _

NEW = Category(id="", name={}, rules=(Rule(says=Term(phrases=(), speaker="customer")),))
_DROP = re.compile(r"drop-rule:(\d{1,3})")

routes = web.RouteTableDef()


@routes.get(PATH + "/new")
@needs(*OVERSEERS)
async def show_new(request: web.Request) -> web.Response:
    return page(request, "speech/category.html", await _view(request, None, category_form.written_of(NEW)))


@routes.get(ONE)
@needs(*OVERSEERS)
async def show(request: web.Request) -> web.Response:
    kept = await category_of(request)
    undo = f"{PATH}/{kept.id}/undo" if request.query.get("done") == "saved" else ""
    view = await _view(request, kept, category_form.written_of(kept.category))
    return page(request, "speech/category.html", view, done=done_of(request, undo))


@routes.post(PATH + "/new")
@needs(*OVERSEERS)
async def create(request: web.Request) -> web.StreamResponse:
    return await _acted(request, None)


@routes.post(ONE)
@needs(*OVERSEERS)
async def change(request: web.Request) -> web.StreamResponse:
    return await _acted(request, await category_of(request))


@routes.post(PATH + "/{id:[A-Za-z0-9_-]+}/found")
@needs(*OVERSEERS)
async def found(request: web.Request) -> web.Response:
    """What the form as it is typed would find in the newest calls: a part of the page."""
    kept = None if request.match_info["id"] == "new" else await category_of(request)
    written, sentence, _do, _version = await _sent(request)
    view = await _looked(request, await _view(request, kept, written, sentence=sentence), kept)
    return fragment(request, "speech/category_found.html", view)


async def _acted(request: web.Request, kept: KeptCategory | None) -> web.StreamResponse:
    """Save, or show the form again with another rule, one less, or what it finds."""
    written, sentence, do, version = await _sent(request)
    drop = _DROP.fullmatch(do)
    if do == "add-rule":
        more = written.with_rule().numbered()
        return _again(request, await _view(request, kept, more, sentence=sentence, focus=more.rules[-1]))
    if drop:
        less = written.without_rule(int(drop[1])).numbered()
        return _again(request, await _view(request, kept, less, sentence=sentence, focus=max(less.rules, default=None)))
    if do == "count":
        return _again(request, await _looked(request, await _view(request, kept, written, sentence=sentence), kept))
    view = await _view(request, kept, written, sentence=sentence)
    if view.worst:
        return _again(request, view, message=words.NOT_SAVED, status=422)
    if kept is not None and version != kept.version:
        return _again(request, view, message=words.CONFLICT, status=409)
    try:
        after = await _saved(request, kept, written)
    except CategoryNameTaken:
        wrong = replace(view, errors={**view.errors, "name": words.NAME_TAKEN})
        return _again(request, wrong, message=words.NOT_SAVED, status=409)
    except (Conflict, NoSuchCategory):
        return _again(request, view, message=words.CONFLICT, status=409)
    tell(request)
    raise web.HTTPSeeOther(f"{PATH}/{after.id}?done={'saved' if kept else 'created'}")


async def _saved(request: web.Request, kept: KeptCategory | None, written: Written) -> KeptCategory:
    by, now = user_of(request).name, current().now
    category, _errors = category_form.read(kept.category if kept else NEW, written)
    async with request.app[ENGINE].begin() as conn:
        if kept is None:
            after = await categories.create(conn, category, by=by, now=now)
        else:
            after = await categories.save(conn, category, version=kept.version, by=by, now=now)
        act = "category.create" if kept is None else "category.change"
        await note_act(request, conn, act, f"category:{after.id}", name=name_of(category))
    if kept is not None:
        request.app[FORMER].put(after, kept.category)
    return after


async def _sent(request: web.Request) -> tuple[Written, str, str, int]:
    """The form's fields, the sentence to try, what it is sent for, and the version it is based on."""
    form = await request.post()
    pairs = [(name, value) for name, value in form.items() if isinstance(value, str)]
    fields = dict(pairs)
    do, version = fields.pop("do", "save"), number_in(fields.pop("version", ""))
    sentence = tidy(fields.pop("sentence", ""))[:LONGEST_TEXT]
    pairs = [(name, text) for name, text in pairs if name in fields]
    return category_form.of_form(pairs).numbered(), sentence, do, version


def _again(request: web.Request, view: EditorView, *, message: str = "", status: int = 200) -> web.Response:
    return page(request, "speech/category.html", replace(view, message=_(message) if message else ""), status=status)


async def _looked(request: web.Request, view: EditorView, kept: KeptCategory | None) -> EditorView:
    """The view with what the form finds; nothing is looked for while it has errors."""
    category, _errors = category_form.read(kept.category if kept else NEW, view.written)
    tried = category_sample.tried(category, view.sentence) if view.sentence else None
    if any(one.error for name, one in view.problems if name.startswith("rules")):
        return replace(view, tried=tried)
    before = kept.category if kept else None
    return replace(view, tried=tried, found=await category_sample.look(request, before, category))


async def _view(request: web.Request, kept: KeptCategory | None, written: Written, **more: Any) -> EditorView:
    category, errors = category_form.read(kept.category if kept else NEW, written)
    async with request.app[ENGINE].connect() as conn:
        known = {*await lists.queues(conn), *await speech_names.queues(conn), *written.queues}
        titles = [(one.id, one.title) for one in await articles.everything(conn, enabled=True)]
    fresh = request.method == "GET" and kept is None
    return EditorView(
        id=kept.id if kept else "",
        version=kept.version if kept else 0,
        name=name_of(kept.category) if kept else _("New category"),
        archived=kept is not None and not kept.category.enabled,
        by=kept.updated_by if kept else "",
        updated_at=kept.updated_at if kept else None,
        written=written,
        kinds=choices(words.KINDS),
        tones=choices(words.TONES),
        wheres=choices(words.WHERES),
        speakers=choices(words.SPEAKERS),
        orders=choices(words.ORDERS),
        languages=[(code, _(LANGUAGE_NAMES[code])) for code in category_form.LANGUAGES],
        queues=sorted(queue for queue in known if queue),
        articles=titles,
        recount=request.app[RECOUNTS].last,
        problems=[] if fresh else [marked(one) for one in problems(category)],
        errors=errors,
        **more,
    )
