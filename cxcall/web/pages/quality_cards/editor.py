"""/quality/scorecards/ID: the editor. It works without scripts: its buttons change the form, which is kept when it is
saved. With scripts (queue-editor.ts) the draft is kept while one types, and what differs is put in place."""

from __future__ import annotations

from dataclasses import replace

from aiohttp import web
from markupsafe import escape

from cxcall.quality.examples import EXAMPLES
from cxcall.quality.scorecard import Scorecard
from cxcall.store.errors import Conflict
from cxcall.store.quality import scorecards
from cxcall.store.quality.scorecards import KeptScorecard
from cxcall.web import filters
from cxcall.web.access import OVERSEERS, needs, user_of
from cxcall.web.keys import CLOCK, ENGINE
from cxcall.web.pages.agents.shared import note
from cxcall.web.pages.forms import field as sent
from cxcall.web.pages.quality.shared import in_language
from cxcall.web.pages.quality_cards import form as forms
from cxcall.web.pages.quality_cards import rows, told
from cxcall.web.pages.quality_cards.form import Given
from cxcall.web.pages.quality_cards.listing import done_of, list_of
from cxcall.web.pages.quality_cards.shared import ONE, PATH, found, phrases
from cxcall.web.pages.quality_cards.view import FormView
from cxcall.web.pages.quality_cards.words import WRONG
from cxcall.web.pages.quality_kept import saved_by
from cxcall.web.render import fragment, page
from cxcall.web.words import N_
from cxcall.web.words import gettext as _

TOO_MANY = N_("“%(name)s” has more items than a page can change (%(most)s). Change it over the API, or make two of it.")
routes = web.RouteTableDef()


@routes.get(PATH + "/new")
@needs(*OVERSEERS)
async def show_new(request: web.Request) -> web.Response:
    card = EXAMPLES.get(request.query.get("example", ""))
    given = forms.of_card(card, 0) if card else rows.changed(Given(), "add-section")
    view = await _view(request, None, replace(given, focus="title.en"))
    return page(request, "quality_cards/form.html", view)


@routes.post(PATH + "/new")
@needs(*OVERSEERS)
async def create(request: web.Request) -> web.StreamResponse:
    return await _sent(request, None)


@routes.get(ONE)
@needs(*OVERSEERS)
async def show(request: web.Request) -> web.Response:
    kept = await found(request)
    if sum(1 for _item in kept.draft.items()) > forms.MOST:
        message = escape(_(TOO_MANY)) % {"name": in_language(kept.draft.title), "most": filters.number(forms.MOST)}
        return page(request, "quality_cards/list.html", await list_of(request, message))
    view = await _view(request, kept, forms.of_card(kept.draft, kept.version))
    return page(request, "quality_cards/form.html", view, done=done_of(request))


@routes.post(ONE)
@needs(*OVERSEERS)
async def change(request: web.Request) -> web.StreamResponse:
    """Save, publish, or only show the form with a row more, less or elsewhere; 409 when somebody else saved it."""
    return await _sent(request, await found(request))


async def _sent(request: web.Request, kept: KeptScorecard | None) -> web.StreamResponse:
    form = await request.post()
    given, act = forms.of_form(form), sent(form, "do") or "save"
    if request.headers.get("X-Fragment"):
        return await _typed(request, kept, rows.changed(given, act), act)
    if act not in ("save", "apply"):
        view = await _view(request, kept, rows.changed(given, act))
        return page(request, "quality_cards/form.html", replace(view, unsaved=True))
    card, errors = forms.read(given)
    if act == "apply":
        errors = forms.problems(card) | errors
    if errors:
        view = await _view(request, kept, replace(given, errors=forms.in_order(errors, given)))
        return page(request, "quality_cards/form.html", replace(view, unsaved=True), status=422)
    try:
        made = await _keep(request, kept, card, given.version, publish=act == "apply")
    except Conflict:
        return page(request, "quality_cards/form.html", await _refused(request, given), status=409)
    raise web.HTTPSeeOther(f"{PATH}/{made.id}?done={'published' if act == 'apply' else 'saved'}")


async def _typed(request: web.Request, kept: KeptScorecard | None, given: Given, act: str) -> web.StreamResponse:
    """The form as the script sent it, kept if it can be. Over what somebody else saved it is kept only by the button
    that says so."""
    by_button = act == "save" and not request.headers.get("X-Autosave")
    card, errors = forms.read(given)
    if errors:
        view = await _view(request, kept, replace(given, errors=forms.in_order(errors, given)))
        return _part(request, replace(view, unsaved=True))
    if given.outdated and not by_button:
        return _part(request, await _refused(request, given))
    try:
        made = await _keep(request, kept, card, given.version, noted=by_button)
    except Conflict:
        return _part(request, await _refused(request, given))
    return _part(request, await _view(request, made, replace(given, version=made.version, outdated=False)))


def _part(request: web.Request, view: FormView) -> web.Response:
    return fragment(request, "quality_cards/editor.html", view)


async def _keep(
    request: web.Request, kept: KeptScorecard | None, card: Scorecard, version: int, *, publish: bool = False,
    noted: bool = True,
) -> KeptScorecard:  # fmt: skip
    """Raises `Conflict`. What is kept already, letter by letter, is not written again."""
    by, now = user_of(request).name, request.app[CLOCK]()
    if kept is not None and not publish and (kept.version, kept.draft) == (version, card):
        return kept
    async with request.app[ENGINE].begin() as conn:
        if kept is None:
            made = await scorecards.create(conn, card, by=by, now=now)
        else:
            made = await scorecards.save(conn, kept.id, card, version=version, by=by, now=now)
        if noted or kept is None:
            act = "scorecard.create" if kept is None else "scorecard.change"
            await note(request, conn, act, f"scorecard:{made.id}", name=in_language(card.title))
        if publish:
            made = await scorecards.publish(conn, made.id, version=made.version, by=by, now=now)
            await note(request, conn, "scorecard.publish", f"scorecard:{made.id}", published=made.published)
    return made


async def _refused(request: web.Request, given: Given) -> FormView:
    """What was typed beside what somebody else saved meanwhile."""
    latest = await found(request)
    view = await _view(request, latest, replace(given, version=latest.version, outdated=True))
    theirs = told.told(latest.draft, view.card, dict(view.phrases))
    message = saved_by(latest.updated_by, latest.updated_at)
    return replace(view, message=message, theirs=theirs, todo={}, unsaved=True)


async def _view(request: web.Request, kept: KeptScorecard | None, given: Given) -> FormView:
    async with request.app[ENGINE].connect() as conn:
        known = await phrases(conn)
        before = None
        if kept is not None and kept.published is not None:
            before = await scorecards.published(conn, kept.id, kept.published)
    card, _errors = forms.read(given)
    todo = {} if kept is None or given.errors else forms.in_order(forms.problems(card), given)
    return FormView(
        kept=kept, given=given, card=card, phrases=known, todo={name: _(WRONG[one]) for name, one in todo.items()},
        changes=told.told(before, card, dict(known)) if before is not None else [],
    )  # fmt: skip
