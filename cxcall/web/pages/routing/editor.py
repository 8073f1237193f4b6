"""/admin/routing/rules/ID: one rule of the draft. Its form is the whole rule; each act saves the draft with it, and
with scripts so does typing (queue-editor.ts). A draft somebody else changed is never overwritten unseen."""

from __future__ import annotations

from aiohttp import web

from cxcall.routing.rule import Rule
from cxcall.store.errors import Conflict
from cxcall.web.access import Role, needs, user_of
from cxcall.web.pages.forms import field
from cxcall.web.pages.routing import loading, words
from cxcall.web.pages.routing.acts import Edited, copy_of, edit, with_rule, without_rule
from cxcall.web.pages.routing.form import Sent
from cxcall.web.pages.routing.loading import FORMER, Around, around_of, done_of, new_rule_id, rule_of, seal
from cxcall.web.pages.routing.view import RuleView, rule_view
from cxcall.web.render import fragment, page
from cxcall.web.words import gettext as _

ONE = words.PATH + "/rules/{id:[A-Za-z0-9_.-]{1,80}}"

routes = web.RouteTableDef()


@routes.post(words.PATH + "/rules")
@needs(Role.ADMIN)
async def create(request: web.Request) -> web.StreamResponse:
    """A new rule at the end of the draft, to be written on its page."""
    around = await around_of(request)
    made = Rule(id=new_rule_id(), name="", owner=user_of(request).id)
    try:
        await loading.save(request, around.draft, with_rule(around.draft.rules, made))
    except Conflict:  # somebody saved in this moment: theirs is read anew
        around = await around_of(request)
        await loading.save(request, around.draft, with_rule(around.draft.rules, made))
    raise web.HTTPSeeOther(f"{words.PATH}/rules/{made.id}")


@routes.get(ONE)
@needs(Role.ADMIN)
async def show(request: web.Request) -> web.Response:
    around, rule = await _opened(request)
    return page(request, "routing/rule.html", _view(request, around, Edited(rule=rule)), done=done_of(request))


@routes.post(ONE)
@needs(Role.ADMIN)
async def change(request: web.Request) -> web.StreamResponse:
    """Whatever the form is sent for: `do` says what. All its fields are saved with every act."""
    form = await request.post()
    sent = Sent(
        fields={name: value for name, value in form.items() if isinstance(value, str)},
        picks={name: [one for one in form.getall(name) if isinstance(one, str)] for name in form if ".pick" in name},
    )
    around, rule = await _opened(request)
    edited = edit(rule, sent)
    if field(form, "base") != seal(rule):
        return _again(request, around, edited, words.CONFLICT, 409)
    try:
        await loading.save(
            request, around.draft, with_rule(around.draft.rules, edited.rule),
            noted=not request.headers.get("X-Autosave"),
        )  # fmt: skip
    except Conflict:
        return _again(request, await around_of(request), edited, words.CONFLICT, 409)
    around = await around_of(request)
    if edited.errors:  # what could be read is kept, the rest stands in its fields
        return _again(request, around, edited, words.NOT_SAVED, 422)
    if request.headers.get("X-Fragment"):
        return fragment(request, "routing/flow.html", _view(request, around, edited))
    if sent.fields.get("do") == "apply":  # Ctrl S: saved, and back to the list
        raise web.HTTPSeeOther(f"{words.PATH}?done=saved#rule-{rule.id}")
    raise web.HTTPSeeOther(f"{words.PATH}/rules/{rule.id}?done=saved" + (f"#{edited.focus}" if edited.focus else ""))


@routes.post(ONE + "/{act:remove|copy}")
@needs(Role.ADMIN)
async def act_on(request: web.Request) -> web.StreamResponse:
    around, rule = await _opened(request)
    rules = around.draft.rules
    made = copy_of(rule)
    changed = without_rule(rules, rule.id) if request.match_info["act"] == "remove" else with_rule(rules, made)
    try:
        await loading.save(request, around.draft, changed)
    except Conflict:
        return _again(request, await around_of(request), Edited(rule=rule), words.CONFLICT, 409)
    if request.match_info["act"] == "copy":
        raise web.HTTPSeeOther(f"{words.PATH}/rules/{made.id}")
    raise web.HTTPSeeOther(f"{words.PATH}?done=removed")


async def _opened(request: web.Request) -> tuple[Around, Rule]:
    """The rule the address names. Raises 404."""
    around = await around_of(request)
    rule = rule_of(around.draft.rules, request.match_info["id"])
    if rule is None:
        raise web.HTTPNotFound
    return around, rule


def _again(request: web.Request, around: Around, edited: Edited, message: str, status: int) -> web.StreamResponse:
    """The page with what was typed and what is wrong with it."""
    view = _view(request, around, edited, message=message)
    if request.headers.get("X-Fragment"):  # the flow says by itself that it was not done
        return fragment(request, "routing/flow.html", view)
    return page(request, "routing/rule.html", view, status=status)


def _view(request: web.Request, around: Around, edited: Edited, *, message: str = "") -> RuleView:
    return rule_view(
        around, edited, undo=request.app[FORMER].of(around.draft.version) is not None, message=_(message),
        outdated=message == words.CONFLICT,
    )  # fmt: skip
