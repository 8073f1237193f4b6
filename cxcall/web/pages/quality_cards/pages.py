"""/quality/scorecards: the list, the editor that works without scripts, and what was published when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.quality.scorecard import Scorecard
from cxcall.store import categories
from cxcall.store.errors import Conflict
from cxcall.store.quality import scorecards
from cxcall.store.quality.scorecards import KeptScorecard, NoSuchScorecard, NotReady, PublishedVersion
from cxcall.web.access import OVERSEERS, needs, user_of
from cxcall.web.keys import CLOCK, ENGINE
from cxcall.web.pages.agents.shared import CONFLICT, note
from cxcall.web.pages.forms import field as sent
from cxcall.web.pages.quality.shared import in_language
from cxcall.web.pages.quality_cards import form as forms
from cxcall.web.pages.quality_cards.examples import EXAMPLES
from cxcall.web.pages.quality_cards.form import Given
from cxcall.web.pages.quality_cards.words import WRONG
from cxcall.web.presentation import current
from cxcall.web.render import Done, page
from cxcall.web.words import N_
from cxcall.web.words import gettext as _

PATH = "/quality/scorecards"
ONE = PATH + "/{id:[0-9a-f]{20,}}"
DONE = {
    "saved": N_("The draft is saved."),
    "published": N_("Published. Calls are scored by it from now on."),
    "retired": N_("The scorecard is retired. What was scored by it stays."),
    "restored": N_("The scorecard is in use again."),
    "copied": N_("This is the copy. Change it as you like."),
}
RULES = {
    "": N_("by the reviewer"),
    "phrase": N_("yes if this was said"),
    "silence": N_("yes if silence is at most (per cent of the talk)"),
    "interruptions": N_("yes if the agent interrupts at most (times)"),
}
STATES = {"draft": N_("draft"), "published": N_("published"), "retired": N_("retired")}
routes = web.RouteTableDef()


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A scorecard as the list has it. `ahead`: its draft is not what calls are scored by."""

    kept: KeptScorecard
    title: str
    ahead: bool

    @property
    def state(self) -> str:
        return _state(self.kept)

    @property
    def state_text(self) -> str:
        return _(STATES[self.state])

    @property
    def items(self) -> int:
        return sum(1 for _item in self.kept.draft.items())


@dataclass(frozen=True, slots=True, kw_only=True)
class ListView:
    lines: Sequence[Line]

    @property
    def examples(self) -> list[tuple[str, str, Scorecard]]:
        return [(key, in_language(card.title), card) for key, card in EXAMPLES.items()]

    def text(self, title: Mapping[str, str]) -> str:
        return in_language(title)


@dataclass(frozen=True, slots=True, kw_only=True)
class FormView:
    """The editor; `kept` None for a new one. `todo`: what is missing before it can be published, while nothing is
    wrong with what was typed. `unsaved`: what is shown is not kept yet."""

    kept: KeptScorecard | None
    given: Given
    phrases: Sequence[tuple[str, str]]
    todo: Mapping[str, str]
    message: str = ""
    unsaved: bool = False

    @property
    def action(self) -> str:
        return f"{PATH}/{self.kept.id}" if self.kept else f"{PATH}/new"

    @property
    def errors(self) -> dict[str, str]:
        return {name: _(WRONG[misfit]) for name, misfit in self.given.errors.items()}

    @property
    def focus(self) -> str:
        return next(iter(self.given.errors), "") or self.given.focus

    @property
    def state(self) -> str:
        return _state(self.kept) if self.kept else "draft"

    @property
    def state_text(self) -> str:
        return _(STATES[self.state])

    @property
    def known(self) -> frozenset[str]:
        """Categories there are; one that is gone stays chosen until somebody chooses another."""
        return frozenset(id_ for id_, _name in self.phrases)

    @property
    def rules(self) -> list[tuple[str, str]]:
        return [(key, _(word)) for key, word in RULES.items()]

    @property
    def title(self) -> str:
        first, second = (self.given.fa, self.given.en) if current().language == "fa" else (self.given.en, self.given.fa)
        return first or second


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionsView:
    """What was published of a scorecard; with `shown` one of those versions, whole."""

    kept: KeptScorecard
    title: str
    versions: Sequence[PublishedVersion]
    n: int = 0
    shown: Given | None = None
    phrases: Mapping[str, str]

    @property
    def rules(self) -> dict[str, str]:
        return {key: _(word) for key, word in RULES.items()}


@routes.get(PATH)
@needs(*OVERSEERS)
async def list_page(request: web.Request) -> web.Response:
    async with request.app[ENGINE].connect() as conn:
        lines = [await _line(conn, kept) for kept in await scorecards.everything(conn)]
    view = ListView(lines=sorted(lines, key=lambda line: line.state == "retired"))
    return page(request, "quality_cards/list.html", view, done=_done(request))


@routes.get(PATH + "/new")
@needs(*OVERSEERS)
async def show_new(request: web.Request) -> web.Response:
    card = EXAMPLES.get(request.query.get("example", ""))
    given = forms.of_card(card, 0) if card else forms.changed(Given(), "add-section")
    view = await _form(request, None, replace(given, focus="title.en"))
    return page(request, "quality_cards/form.html", view)


@routes.post(PATH + "/new")
@needs(*OVERSEERS)
async def create(request: web.Request) -> web.StreamResponse:
    return await _sent(request, None)


@routes.get(ONE)
@needs(*OVERSEERS)
async def show(request: web.Request) -> web.Response:
    kept = await _found(request)
    view = await _form(request, kept, forms.of_card(kept.draft, kept.version))
    return page(request, "quality_cards/form.html", view, done=_done(request))


@routes.post(ONE)
@needs(*OVERSEERS)
async def change(request: web.Request) -> web.StreamResponse:
    """Save, publish, or only show the form with a row more, less or elsewhere; 409 when somebody else saved it."""
    return await _sent(request, await _found(request))


async def _sent(request: web.Request, kept: KeptScorecard | None) -> web.StreamResponse:
    form = await request.post()
    given, act = forms.of_form(form), sent(form, "act") or "save"
    if act not in ("save", "publish"):
        view = await _form(request, kept, forms.changed(given, act))
        return page(request, "quality_cards/form.html", replace(view, unsaved=True))
    card, errors = forms.read(given)
    if act == "publish":
        errors = forms.problems(card) | errors
    if errors:
        return await _refused(request, kept, replace(given, errors=forms.in_order(errors, given)), 422)
    try:
        made = await _keep(request, kept, card, given.version, publish=act == "publish")
    except (Conflict, NoSuchScorecard):
        latest = await _found(request)
        return await _refused(request, latest, replace(given, version=latest.version), 409)
    raise web.HTTPSeeOther(f"{PATH}/{made.id}?done={'published' if act == 'publish' else 'saved'}")


async def _keep(
    request: web.Request, kept: KeptScorecard | None, card: Scorecard, version: int, *, publish: bool
) -> KeptScorecard:
    by, now = user_of(request).name, request.app[CLOCK]()
    async with request.app[ENGINE].begin() as conn:
        if kept is None:
            made = await scorecards.create(conn, card, by=by, now=now)
        else:
            made = await scorecards.save(conn, kept.id, card, version=version, by=by, now=now)
        act = "scorecard.create" if kept is None else "scorecard.change"
        await note(request, conn, act, f"scorecard:{made.id}", name=in_language(card.title))
        if publish:
            made = await scorecards.publish(conn, made.id, version=made.version, by=by, now=now)
            await note(request, conn, "scorecard.publish", f"scorecard:{made.id}", published=made.published)
    return made


@routes.post(ONE + "/publish")
@needs(*OVERSEERS)
async def publish(request: web.Request) -> web.StreamResponse:
    """The draft as it is kept; with what is wrong in the editor when it is not ready."""
    kept = await _found(request)
    try:
        async with request.app[ENGINE].begin() as conn:
            made = await scorecards.publish(
                conn, kept.id, version=kept.version, by=user_of(request).name, now=request.app[CLOCK]()
            )
            await note(request, conn, "scorecard.publish", f"scorecard:{kept.id}", published=made.published)
    except NotReady:
        given = forms.of_card(kept.draft, kept.version)
        wrong = forms.in_order(forms.problems(kept.draft), given)
        return await _refused(request, kept, replace(given, errors=wrong), 422)
    except Conflict:
        return await _refused(request, kept, forms.of_card(kept.draft, kept.version), 409)
    raise web.HTTPSeeOther(f"{PATH}/{kept.id}?done=published")


@routes.post(ONE + "/{act:retire|restore}")
@needs(*OVERSEERS)
async def retire(request: web.Request) -> web.StreamResponse:
    kept, act = await _found(request), request.match_info["act"]
    do = scorecards.retire if act == "retire" else scorecards.restore
    try:
        async with request.app[ENGINE].begin() as conn:
            await do(conn, kept.id, version=kept.version, by=user_of(request).name, now=request.app[CLOCK]())
            await note(request, conn, f"scorecard.{act}", f"scorecard:{kept.id}", name=in_language(kept.draft.title))
    except Conflict:
        raise web.HTTPConflict from None
    raise web.HTTPSeeOther(f"{PATH}?done={'retired' if act == 'retire' else 'restored'}&who={kept.id}")


@routes.post(ONE + "/copy")
@needs(*OVERSEERS)
async def copy(request: web.Request) -> web.StreamResponse:
    kept = await _found(request)
    async with request.app[ENGINE].begin() as conn:
        made = await scorecards.copy(conn, kept.id, by=user_of(request).name, now=request.app[CLOCK]())
        await note(request, conn, "scorecard.copy", f"scorecard:{made.id}", of=kept.id)
    raise web.HTTPSeeOther(f"{PATH}/{made.id}?done=copied")


@routes.get(ONE + "/versions")
@needs(*OVERSEERS)
async def versions(request: web.Request) -> web.Response:
    return page(request, "quality_cards/versions.html", await _versions(request))


@routes.get(ONE + "/versions/{n:[0-9]{1,8}}")
@needs(*OVERSEERS)
async def version(request: web.Request) -> web.Response:
    """One version as it was published."""
    view, n = await _versions(request), int(request.match_info["n"])
    async with request.app[ENGINE].connect() as conn:
        card = await scorecards.published(conn, view.kept.id, n)
    if card is None:
        raise web.HTTPNotFound
    return page(request, "quality_cards/versions.html", replace(view, n=n, shown=forms.of_card(card, n)))


async def _versions(request: web.Request) -> VersionsView:
    kept = await _found(request)
    async with request.app[ENGINE].connect() as conn:
        found = await scorecards.versions(conn, kept.id)
        phrases = dict(await _phrases(conn))
    return VersionsView(kept=kept, title=in_language(kept.draft.title), versions=found, phrases=phrases)


async def _found(request: web.Request) -> KeptScorecard:
    async with request.app[ENGINE].connect() as conn:
        kept = await scorecards.get(conn, request.match_info.get("id", ""))
    if kept is None:
        raise web.HTTPNotFound
    return kept


async def _line(conn: AsyncConnection, kept: KeptScorecard) -> Line:
    ahead = kept.published is not None and await scorecards.published(conn, kept.id, kept.published) != kept.draft
    return Line(kept=kept, title=in_language(kept.draft.title), ahead=ahead)


async def _phrases(conn: AsyncConnection) -> list[tuple[str, str]]:
    return [(id_, in_language(name) or id_) for id_, name in (await categories.names(conn)).items()]


async def _form(request: web.Request, kept: KeptScorecard | None, given: Given) -> FormView:
    async with request.app[ENGINE].connect() as conn:
        phrases = await _phrases(conn)
    todo = {} if kept is None or given.errors else forms.in_order(forms.problems(kept.draft), given)
    return FormView(
        kept=kept, given=given, phrases=phrases, todo={name: _(WRONG[misfit]) for name, misfit in todo.items()}
    )


async def _refused(request: web.Request, kept: KeptScorecard | None, given: Given, status: int) -> web.Response:
    view = replace(await _form(request, kept, given), message=_(CONFLICT) if status == 409 else "", todo={},
                   unsaved=True)  # fmt: skip
    return page(request, "quality_cards/form.html", view, status=status)


def _state(kept: KeptScorecard) -> str:
    return "retired" if kept.retired_at else "draft" if kept.published is None else "published"


def _done(request: web.Request) -> Done | None:
    word, who = request.query.get("done", ""), request.query.get("who", "")
    if word not in DONE:
        return None
    return Done(text=_(DONE[word]), undo=f"{PATH}/{who}/restore" if word == "retired" and who.isalnum() else "")
